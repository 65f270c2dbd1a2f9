# SPDX-License-Identifier: Apache-2.0
"""conn.log, dns.log, http.log, ssl.log, quic.log and ssh.log of Zeek's own tests."""

import collections
import os
import re

import against_tshark
import captures
import tshark
import zeek_baselines

PROTOCOLS = {"tcp": 6, "udp": 17, "icmp": 1}
# What Zeek calls a service and we an app; the others we do not speak.
APPS = {"http": {"http"}, "dns": {"dns", "mdns", "llmnr", "nbns"}, "ssl": {"tls", "dtls"},
        "quic": {"quic"}, "ssh": {"ssh"}, "ntp": {"ntp"}, "smtp": {"smtp"}, "ftp": {"ftp"},
        "irc": {"irc"}, "mqtt": {"mqtt"}, "socks": {"socks"}, "ldap_tcp": {"ldap"},
        "ldap_udp": {"ldap"}, "krb": {"krb5"}, "krb_tcp": {"krb5"}, "rdp": {"rdp"}, "rfb": {"rfb"},
        "smb": {"smb"}, "dce_rpc": {"dcerpc"}, "mysql": {"mysql"}, "postgresql": {"pgsql"},
        "redis": {"redis"}, "sip": {"sip"}, "dhcp": {"dhcp"}, "snmp": {"snmp"},
        "syslog": {"syslog"}, "pop3": {"pop3"}, "imap": {"imap"}, "xmpp": {"xmpp"},
        "websocket": {"http"}, "bittorrent": {"bittorrent"}, "ipsec": {"ike"}}
# Languages that go on in TLS when asked to.
STARTTLS = {"smtp", "imap", "pop3", "xmpp", "ldap", "pgsql", "mysql", "ftp", "irc", "rdp"}
CLAIM_HOST_IS_ADDRESS = 2
NAMELESS = {"", "other", "random", "icmp"}  # apps that name no language that Zeek has a word for
ANSWERS = {"S0": {1}, "REJ": {2}, "SF": {3}, "S1": {3}, "S2": {3}, "S3": {3}, "RSTR": {2, 3},
           "RSTO": {3}}
TUNNELS = {4, 41, 47}
# Tests whose script has Zeek drop packets or key connections otherwise.
TOLD_OTHERWISE = {"core/pcap/dynamic-filter.zeek",
                  "scripts/base/frameworks/netcontrol/packetfilter.zeek",
                  "scripts/base/protocols/ftp/gridftp.test",
                  "scripts/policy/frameworks/conn_key/vlan_fivetuple.zeek",
                  "scripts/policy/frameworks/conn_key/vlan_fivetuple_lookup_connection.zeek"}


def cell(row, column):
    text = row.get(column, "-")
    return "" if text in ("-", "(empty)") else text


def key_of(row, talk):
    """The pair of a row; without a protocol column, that of our flow with these ends."""
    src, dst = row["id.orig_h"], row["id.resp_h"]
    sport, dport = int(row["id.orig_p"]), int(row["id.resp_p"])
    proto = PROTOCOLS.get(row.get("proto", ""), 0)
    if proto == 1 and ":" in src:
        proto = 58
    if row.get("ip_proto", "-").isdigit():
        proto = int(row["ip_proto"])
    for p in (proto,) if proto else (6, 17):
        key = captures.pair_key(p, src, sport, dst, dport)
        if key in talk.flows or proto:
            return key
    return captures.pair_key(6, src, sport, dst, dport)


def bad_pairs(frames):
    """Address pairs with ports of frames that a reader of checksums drops."""
    bad = set()
    for frame in frames:
        if not tshark.is_bad_sum(frame):
            continue
        ends = list(zip(frame.all("ip.src") + frame.all("ipv6.src"),
                        frame.all("ip.dst") + frame.all("ipv6.dst")))
        ports = ([(int(a), int(b)) for layer in ("tcp", "udp") for a, b in
                  zip(frame.all(layer + ".srcport"), frame.all(layer + ".dstport"))] or [(0, 0)])
        for src, dst in ends:
            for sport, dport in ports:
                bad.add(captures.pair_key(0, src, sport, dst, dport)[1:])
            bad.add(captures.pair_key(0, src, 0, dst, 0)[1:])
    return bad


def why_turned(key, flows):
    """Why the two may see another side begin."""
    if not flows:
        return None
    if key[0] == 17:
        return "UDP whose server is heard first"
    return "TCP joined in the middle" if key[0] == 6 and flows[0]["out_flags"] & 2 == 0 else None


def touches(key, bad):
    """Has one of the dropped frames to do with this pair?"""
    proto, (a, _), (b, _) = key
    return key[1:] in bad or (proto not in (6, 17) and ((min(a, b), 0), (max(a, b), 0)) in bad)


class Zeek:
    def __init__(self, score, folder, dump, shark):
        self.score, self.folder, self.dump, self.shark = score, folder, dump, shark
        self.bad = {}
        self.shark_says = {}

    def capture(self, run):
        return os.path.join(self.folder, "testing", "btest", "Traces", run.capture)

    def dropped(self, run):
        path = self.capture(run)
        if path not in self.bad:
            self.bad[path] = bad_pairs(self.shark.frames(path))
        return self.bad[path] if run.checks_sums else set()

    def third_word(self, run):
        """What tshark says of the capture: copies, packets, bytes, pairs with fragments."""
        path = self.capture(run)
        if path not in self.shark_says:
            frames = list(self.shark.frames(path))
            self.shark_says[path] = (tshark.copies(frames), *against_tshark.innermost(frames))
        return self.shark_says[path]

    def why_count(self, run, way, ours, theirs, column):
        """`ours` and `theirs`: packets, and what differs in `column` 0 (packets) or 1 (bytes)."""
        copies, *counts, fragments = self.third_word(run)
        if 0 < theirs[0] - ours[0] <= copies[way]:
            return "copies, which we count once"
        if (way[0], way[2]) in fragments:
            return "fragments, whose headers we count, too"
        return "tshark counts what we do" if counts[column][way] == ours[column] else None

    def run(self):
        talks = ZeekTalk(self.score)
        for test, path, kind, runs in zeek_baselines.baselines(self.folder,
                                                               captures.index(self.folder)):
            rows = list(zeek_baselines.rows(path))
            why = self.cannot_compare(test, rows, runs)
            if why:
                self.score.leave_out("zeek " + kind, why, max(len(rows), 1))
                continue
            left = rows
            for run in runs:
                talk = self.dump(self.capture(run))
                mine = [row for row in left if run is runs[-1] or key_of(row, talk) in talk.flows]
                left = [row for row in left if row not in mine]
                if kind == "conn":
                    self.conn(test, mine, run, talk)
                else:
                    getattr(talks, kind)(mine, run, talk)

    def cannot_compare(self, test, rows, runs):
        """Why this log says nothing of its capture as it is, or None."""
        if not rows:
            return "log without columns or rows"
        if any(not os.path.exists(self.capture(run)) for run in runs):
            return "capture not there"
        if test in TOLD_OTHERWISE or any(run.filtered for run in runs):
            return "Zeek was told to drop packets or to split by VLAN"
        if rows and not ("id.orig_h" in rows[0] and "id.orig_p" in rows[0]):
            only = [pair for run in runs for pair in self.dump(self.capture(run)).flows]
            if len(rows) > 1 or len(only) > 1:
                return "log without addresses"
            for pair in only:
                flow = self.dump(self.capture(runs[0])).flows[pair][0]
                rows[0].update({"id.orig_h": flow["src"], "id.orig_p": str(flow["sport"]),
                                "id.resp_h": flow["dst"], "id.resp_p": str(flow["dport"])})
        return None

    def conn(self, test, rows, run, talk):
        by_key = collections.defaultdict(list)
        for row in rows:
            by_key[key_of(row, talk)].append(row)
        dropped = self.dropped(run)
        for key, mine in by_key.items():
            if key[0] == 132:
                self.score.leave_out("zeek conn", "SCTP, of which Zeek reads no ports", len(mine))
                continue
            if touches(key, dropped):
                self.score.leave_out("zeek conn", "packets with a bad checksum, which Zeek drops",
                                     len(mine))
                continue
            self.conversation(test, key, mine, run, talk)
        for key in talk.flows:
            if key in by_key or touches(key, dropped) or key[0] == 132:
                continue
            if key[0] in TUNNELS:
                self.score.leave_out("zeek conn", "outside of a tunnel, which Zeek has no row for")
            else:
                self.score.compare("zeek conn", "conversation", "there", "not there",
                                   (f"{run.capture} {test}", key))

    def conversation(self, test, key, rows, run, talk):
        where = f"{run.capture} {test}", key
        flows = talk.flows.get(key, [])
        sums = talk.sums(key)
        compare = self.score.compare
        compare("zeek conn", "conversation", "there" if flows else "not there", "there", where)
        compare("zeek conn", "how often", len(flows), len(rows), where,
                "late packets after the end" if 0 < len(flows) < len(rows) else None)
        first = flows[0] if flows else {"src": "", "sport": 0}
        orig = rows[0]["id.orig_h"], int(rows[0]["id.orig_p"])
        compare("zeek conn", "initiator", (first["src"], first["sport"]), orig, where,
                why_turned(key, flows))
        theirs = collections.defaultdict(lambda: collections.Counter())
        for row in rows:
            for side, other in (("orig", "resp"), ("resp", "orig")):
                end = row[f"id.{side}_h"], int(row[f"id.{side}_p"])
                for column in ("pkts", "ip_bytes", "bytes"):
                    if row.get(f"{side}_{column}", "-").isdigit():
                        theirs[end][column] += int(row[f"{side}_{column}"])
        for i, (column, field) in enumerate((("pkts", "packets"), ("ip_bytes", "bytes"))):
            for end in sums:
                other = key[2] if end == key[1] else key[1]
                if column in theirs[end]:
                    pair = theirs[end]["pkts"], theirs[end]["ip_bytes"]
                    compare("zeek conn", field, sums[end][i] if flows else None,
                            theirs[end][column], where,
                            flows and self.why_count(run, (*end, *other), sums[end], pair, i))
        self.service(where, rows, flows, run)
        if len(rows) == 1:
            self.single(where, rows[0], flows)

    def service(self, where, rows, flows, run):
        said = {word for row in rows for word in cell(row, "service").split(",") if word}
        if not said and run.bare:
            self.score.leave_out("zeek conn", "service: Zeek ran bare and named none")
            return
        wanted = set().union(*(APPS.get(word, set()) for word in said))
        ours = {flow["app"] for flow in flows} - {""}
        if said and not wanted:
            self.score.leave_out("zeek conn", "service: a language we do not speak")
            return
        fits = bool(ours & wanted) if wanted else ours <= NAMELESS
        self.score.compare("zeek conn", "service", True if fits else ours, True if fits else said,
                           where)

    def single(self, where, row, flows):
        flow = flows[0] if len(flows) == 1 else None
        state = cell(row, "conn_state")
        if state in ANSWERS:
            ours = flow["answer"] if flow else None
            fits = ours in ANSWERS[state]
            self.score.compare("zeek conn", "answer", True if fits else ours,
                               True if fits else state, where)
        if cell(row, "duration") and "." in row["duration"]:
            theirs = float(row["duration"])
            ours = (flow["last"] - flow["first"]) / 1e9 if flow else -1
            fits = abs(ours - theirs) < 2e-6
            closed = ours > theirs and (set(cell(row, "history")) & set("FfRr") or
                                        "history" not in row)
            self.score.compare("zeek conn", "duration", theirs if fits else ours, theirs, where,
                               "the last ACK, which Zeek leaves out of a connection's duration"
                               if closed else None)


class ZeekTalk:
    """Rows of dns.log, http.log, ssl.log, quic.log and ssh.log beside our claims."""

    def __init__(self, score):
        self.score = score

    def flow_of(self, row, talk):
        """Our first flow for the row's pair, or an empty one."""
        flows = talk.flows.get(key_of(row, talk), [{}])
        return next((flow for flow in flows if flow.get("app")), flows[0])

    def say(self, kind, field, ours, theirs, run, row, why=None):
        ends = " ".join(row[c] for c in ("id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p"))
        return self.score.compare("zeek " + kind, field, ours, theirs, (run.capture, ends), why)

    def dns(self, rows, run, talk):
        ours = collections.defaultdict(list)
        for message in talk.messages["dns"]:
            ours[message["key"], message["id"]].append(message)
        theirs = collections.defaultdict(list)
        for row in rows:
            if cell(row, "opcode_name") not in ("query", ""):
                self.score.leave_out("zeek dns", "no query: " + row["opcode_name"])
                continue
            if "trans_id" in row:
                theirs[key_of(row, talk), int(row["trans_id"])].append(row)
            else:
                self.score.leave_out("zeek dns", "log without transaction ids")
        for key, mine in theirs.items():
            self.look_up(mine, ours.get(key, []), run)

    def look_up(self, rows, messages, run):
        """All rows and all messages of one pair and transaction id."""
        answers = [m for m in messages if m["response"]]
        names = {plain_name(cell(row, "query")) for row in rows} - {""}
        if names:
            self.say("dns", "query", {plain_name(m["query"]) for m in messages} & names or
                     [m["query"] for m in messages], names, run, rows[0])
        types = {int(row["qtype"]) for row in rows if row.get("qtype", "-").isdigit()}
        if types:
            self.say("dns", "type", {m["qtype"] for m in messages if m["query"]} & types, types,
                     run, rows[0])
        codes = {int(row["rcode"]) for row in rows if row.get("rcode", "-").isdigit()}
        if codes and answers:
            self.say("dns", "rcode", {m["rcode"] for m in answers} & codes, codes, run, rows[0])
        told = {a for row in rows for a in cell(row, "answers").split(",") if is_address(a)}
        if cell(rows[0], "answers"):
            self.say("dns", "addresses", {a for m in answers for a in m["addresses"]}, told, run,
                     rows[0])

    def http(self, rows, run, talk):
        seen = collections.Counter()
        for row in rows:
            key = key_of(row, talk)
            exchanges = talk.exchanges(key)
            request, response = (exchanges + [(None, None)] * len(rows))[seen[key]]
            if seen[key] == 0:
                self.first_request(row, self.flow_of(row, talk), run)
            seen[key] += 1
            self.exchange(row, request or {}, response or {}, run)

    def first_request(self, row, flow, run):
        """The flow as a whole is named after its first request."""
        self.say("http", "flow app", flow.get("app"), "http", run, row)
        if cell(row, "host"):
            host = bare_host(row["host"])
            self.say("http", "flow name", bare_host(named(flow, host)), host, run, row)
        if "user_agent" in row:
            self.say("http", "flow agent", flow.get("agent", ""), cut(cell(row, "user_agent")),
                     run, row)

    def exchange(self, row, request, response, run):
        for column, ours in (("method", request.get("method", "")),
                             ("host", request.get("host", "")),
                             ("user_agent", request.get("agent", "")),
                             ("status_code", str(response.get("status", "")))):
            theirs = "" if cell(row, column) == "0" else cell(row, column)
            if column == "host":
                theirs = bare_host(theirs)
            if column in row and (theirs or ours):
                self.say("http", column, ours, cut(theirs), run, row)

    def ssl(self, rows, run, talk):
        for row in rows:
            flow = self.flow_of(row, talk)
            why = {"stun": "DTLS behind STUN"}.get(flow.get("app"))
            if flow.get("app") in STARTTLS:
                why = "TLS after another language (STARTTLS)"
            self.say("ssl", "app", flow.get("app") in ("tls", "dtls", "quic"), True, run, row, why)
            if "server_name" in row:
                name = cell(row, "server_name").lower()
                self.say("ssl", "server name", named(flow, name), name, run, row, why)
            if cell(row, "version") in VERSIONS:
                if flow.get("app") in ("quic", "dtls"):
                    why = "version that a server takes in QUIC or DTLS"
                self.say("ssl", "version", flow.get("tls_taken"), VERSIONS[row["version"]], run,
                         row, why)
            elif cell(row, "version"):
                self.score.leave_out("zeek ssl", "version " + row["version"])

    def quic(self, rows, run, talk):
        for row in rows:
            flow = self.flow_of(row, talk)
            self.say("quic", "app", flow.get("app"), "quic", run, row)
            name = cell(row, "server_name").lower()
            self.say("quic", "server name", named(flow, name), name, run, row)
            self.say("quic", "alpn", flow.get("alpn", ""), cell(row, "client_protocol"), run, row)

    def ssh(self, rows, run, talk):
        for row in rows:
            flow = self.flow_of(row, talk)
            self.say("ssh", "app", flow.get("app"), "ssh", run, row)
            if cell(row, "client"):
                self.say("ssh", "client banner", flow.get("agent"), banner(row["client"]), run, row)


VERSIONS = {"SSLv3": 0x300, "TLSv10": 0x301, "TLSv11": 0x302, "TLSv12": 0x303, "TLSv13": 0x304,
            "DTLSv10": 0xFEFF, "DTLSv12": 0xFEFD}


def is_address(text):
    return re.fullmatch(r"[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*", text) is not None


def plain_name(text):
    """Escapes (ours \\DDD, Zeek's \\xNN) undone, lower case, without the last dot."""
    text = re.sub(r"\\x([0-9a-fA-F]{2})", lambda m: chr(int(m[1], 16)), text)
    text = re.sub(r"\\(\d{3})", lambda m: chr(int(m[1])), text)
    return text.lower().rstrip(".")


def cut(text):
    """We keep 255 bytes, and "?" for what is not printable."""
    text = re.sub(r"\\x[0-9a-fA-F]{2}", "?", text)
    return re.sub(r"[^ -~]", "?", text)[:255]


def banner(text):
    """We keep what follows the version of SSH."""
    return re.sub(r"^SSH-[0-9.]+-", "", text)


def bare_host(text):
    """Without port and brackets, in lower case, as we keep it."""
    text = text.lower()
    bracketed = re.match(r"\[(.*)\]", text)
    return bracketed[1] if bracketed else text.split(":")[0].rstrip(".")


def named(flow, theirs):
    """The name of a flow; an address that stands in for a name is kept as a mark only."""
    if flow.get("claims", 0) & CLAIM_HOST_IS_ADDRESS and is_address(theirs):
        return theirs
    return flow.get("name", "")

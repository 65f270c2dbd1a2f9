# SPDX-License-Identifier: Apache-2.0
"""Compare what the parsers of applications read with what tshark reads.

usage: against_tshark_apps.py BUILDDIR CAPTURE...

DNS messages are compared one by one, HTTP, SSH and SOCKS by what opens each
direction of a TCP stream, protocol names by the first datagram of a direction
or by the stream.  Prints the table of score.py and then the pairs of names
that differ, most frequent first, each with a place to look.
"""

import collections
import re
import subprocess
import sys

import score

FIELDS = """frame.number frame.protocols ip.src ip.dst ipv6.src ipv6.dst tcp.srcport tcp.dstport
udp.srcport udp.dstport tcp.stream tcp.flags dns.id dns.flags.response dns.flags.opcode
dns.flags.rcode dns.qry.type dns.qry.name dns.count.queries dns.count.answers dns.count.auth_rr
dns.count.add_rr dns.a dns.aaaa dns.rr.udp_payload_size http.request.method http.host
http.user_agent http.response.code http.server ssh.protocol ssh.kex.hassh socks.remote_name
socks.dst""".split()
TSHARK = (["tshark", "-n", "-T", "fields", "-E", "aggregator=;"]
          + [word for field in FIELDS for word in ("-e", field)] + ["-r"])
COUNTS = ("dns.count.queries", "dns.count.answers", "dns.count.auth_rr", "dns.count.add_rr")

# tshark's name, where ours is another
NAMES = {"ssl": "tls", "gquic": "quic", "rtmpt": "rtmp", "pop": "pop3", "vnc": "rfb",
         "nbss": "smb", "smb2": "smb", "cldap": "ldap", "kerberos": "krb5", "mongo": "mongodb",
         "resp": "redis", "bt-dht": "bittorrent", "classicstun": "stun", "isakmp": "ike",
         "wg": "wireguard", "memcache": "memcached"}
OURS = set("""dns mdns llmnr tls dtls quic http http2 ssh ntp smtp ftp irc mqtt rtmp socks pop3 imap
telnet rdp rfb smb dcerpc ldap krb5 mysql pgsql tds mongodb redis memcached amqp xmpp sip rtsp
bittorrent stun dhcp snmp syslog nbns ssdp tftp ike wireguard openvpn""".split())


def name_of(protocols):
    """What tshark found above the last TCP or UDP: our name for it, "" for nothing."""
    words = protocols.split(":")
    last = max(i for i, word in enumerate(words) if word in ("tcp", "udp"))
    above = [NAMES.get(word, word) for word in words[last + 1:] if word != "data"]
    return next((word for word in above if word in OURS), above[0] if above else "")


def first(text):
    return text.split(";")[0]


def clean(text):
    return re.sub(r"[^ -~]", "?", text)[:255].strip()


def frames_of(capture):
    said = subprocess.run(TSHARK + [capture], capture_output=True).stdout
    for line in said.decode("utf-8", "replace").split("\n"):
        cells = line.split("\t")
        frame = dict(zip(FIELDS, cells))
        tunnelled = len(cells) != len(FIELDS) or ";" in cells[2] + cells[4] + cells[6] + cells[8]
        if not tunnelled and not re.search("icmp|_ws.malformed", frame["frame.protocols"]):
            yield frame


class Ours:
    def __init__(self, dump, capture):
        said = subprocess.run([dump, capture], capture_output=True).stdout
        self.dns, self.datagrams, self.streams = {}, {}, {}
        for line in said.decode("latin1").split("\n"):
            cells = line.split("\t")
            if cells[0] == "dns":
                self.dns[cells[1]] = cells
            elif cells[0] == "datagram":
                self.datagrams[cells[1]] = cells
            elif cells[0] == "stream":
                self.streams.setdefault(tuple(cells[1:5]), cells)


class Comparison:
    def __init__(self, dump):
        self.dump = dump
        self.total = score.Score()
        self.names = collections.Counter()
        self.places = {}

    def say_name(self, kind, theirs, ours, where):
        if theirs in OURS:
            self.total.compare("tshark", f"name in {kind}", ours, theirs, where, "listed below")
        if theirs != ours and (ours or theirs in OURS):
            self.names[kind, theirs, ours] += 1
            self.places.setdefault((kind, theirs, ours), where)

    def message(self, ours, f, where):
        def same(field, a, b):
            self.total.compare("tshark", "dns " + field, a, b, where)

        same("readable", ours[2] != "malformed", True)
        if ours[2] == "malformed":
            return
        same("id", int(ours[2]), int(f["dns.id"] or "0", 16))
        same("response", ours[3], f["dns.flags.response"])
        same("opcode", ours[4], f["dns.flags.opcode"])
        if f["dns.flags.rcode"]:
            same("rcode", ours[5], f["dns.flags.rcode"])
        if f["dns.qry.name"]:
            same("type", ours[6], first(f["dns.qry.type"]))
            name = re.sub(r"\\\d{3}", "?", ours[7])
            theirs = first(f["dns.qry.name"]).lower()
            theirs = re.sub("[^!-~]", "?", "" if theirs == "<root>" else theirs)
            same("name", name, theirs)
        same("counts", ours[8], ",".join(f[c] or "0" for c in COUNTS))
        if f["dns.rr.udp_payload_size"]:
            same("edns", ours[11], f"1:{int(first(f['dns.rr.udp_payload_size']), 0)}")
        if f["dns.flags.response"] == "1":
            # tshark lists those of all sections, and none of HTTPS records
            theirs = set(filter(None, (f["dns.a"] + ";" + f["dns.aaaa"]).split(";")))
            mine = set(filter(None, ours[12].split(",")))
            rest = any(first(f[c]) not in ("", "0") for c in COUNTS[2:])
            same("addresses", mine <= theirs and (rest or mine == theirs), True)

    def datagram(self, ours, f, ends, where):
        lower_first = int(ends[3]) > int(ends[1])
        name = (ours[7] or ours[6]) if lower_first else (ours[6] or ours[7])
        self.say_name("datagrams", name_of(f["frame.protocols"]), name, where)

    def direction(self, ours, frames, by_client, where):
        claims = dict(cell.split("=", 1) for cell in ours[7:] if "=" in cell)

        def compare(what, key, field, change=first):
            frame = next((f for f in frames if f[field]), None)
            if frame:
                self.total.compare("tshark", what, claims.get(key, ""), change(frame[field]), where)

        if "method" in claims:
            compare("http method", "method", "http.request.method")
            compare("http host", "host", "http.host",
                    lambda h: re.sub(r":\d*$", "", first(h).lower()).strip("[]").rstrip("."))
            compare("http agent", "agent", "http.user_agent", lambda a: clean(first_agent(a)))
        if "status" in claims:
            compare("http status", "status", "http.response.code")
            compare("http server", "server", "http.server", clean)
        compare("ssh banner", "ssh", "ssh.protocol", lambda b: first(b).split("-", 2)[-1])
        if by_client:
            compare("ssh hassh", "hassh", "ssh.kex.hassh")
            compare("socks name", "socks", "socks.remote_name")

    def run(self, capture):
        ours = Ours(self.dump, capture)
        seen, streams = set(), {}
        for f in frames_of(capture):
            where = "/".join(capture.split("/")[-2:]), f["frame.number"]
            src, dst = f["ip.src"] or f["ipv6.src"], f["ip.dst"] or f["ipv6.dst"]
            if f["udp.srcport"]:
                ends = src, f["udp.srcport"], dst, f["udp.dstport"]
                if where[1] in ours.dns and name_of(f["frame.protocols"]) in ("dns", "mdns", "llmnr"):
                    self.message(ours.dns[where[1]], f, where)
                if where[1] in ours.datagrams and ends not in seen:
                    self.datagram(ours.datagrams[where[1]], f, ends, where)
                    seen.add(ends)
            elif f["tcp.stream"]:
                ends = src, f["tcp.srcport"], dst, f["tcp.dstport"]
                stream = streams.setdefault(f["tcp.stream"], {"where": where, "frames": {}})
                stream["frames"].setdefault(ends, []).append(f)
                if "client" not in stream:
                    flags = int(f["tcp.flags"] or "0", 16)
                    stream["client"] = ends[2:] + ends[:2] if flags & 0x12 == 0x12 else ends
                    stream["start"] = flags & 2
        for stream in streams.values():
            self.stream(ours, stream, seen)

    def stream(self, ours, stream, seen):
        client = stream["client"]
        server = client[2:] + client[:2]
        out, back = ours.streams.get(client), ours.streams.get(server)
        if client in seen or not (out or back):
            return
        seen.add(client)
        names = collections.Counter(name_of(f["frame.protocols"])
                                    for fs in stream["frames"].values() for f in fs)
        theirs = next((n for n, _ in names.most_common() if n in OURS), "")
        name = (back and back[6]) or (out and out[5]) or ""
        if not stream["start"]:  # it is a guess who began
            name = name or (back and back[5]) or (out and out[6]) or ""
        self.say_name("streams", theirs, name, stream["where"])
        for ends, said in ((client, out), (server, back)):
            if said:
                self.direction(said, stream["frames"].get(ends, []), ends == client,
                               stream["where"])


def first_agent(agents):
    """Agents hold semicolons, too: two of a kind are taken for one, twice."""
    half = (len(agents) - 1) // 2
    return agents[:half] if agents[half:half + 1] == ";" and agents[:half] == agents[half + 1:] \
        else agents


def main():
    comparison = Comparison(sys.argv[1] + "/conformance/app_dump")
    for capture in sys.argv[2:]:
        comparison.run(capture)
    comparison.total.print_table()
    print(f"\n{'where':<10} {'tshark':<12} {'ours':<12} {'times':>6}  for example")
    for (kind, theirs, ours), count in comparison.names.most_common():
        print(f"{kind:<10} {theirs or '-':<12} {ours or '-':<12} {count:>6}  "
              + " ".join(comparison.places[kind, theirs, ours]))
    comparison.total.write_differences("build/conformance/differences_apps.tsv")


if __name__ == "__main__":
    main()

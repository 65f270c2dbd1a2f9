# SPDX-License-Identifier: Apache-2.0
"""Filters of suricata-verify: how many events with these values did Suricata write?

A filter that asks only for what we say is answered with our count.  One that
asks for more besides is reduced to what we can answer; then we must have at
least as many.
"""

import fnmatch
import ipaddress
import os
import re

import captures
import simple_yaml

PROTO = {6: "TCP", 17: "UDP", 1: "ICMP", 58: "IPv6-ICMP", 132: "SCTP", 47: "GRE", 50: "ESP",
         4: "IP-in-IP", 41: "IPv6"}
VERSIONS = {0x300: "SSLv3", 0x301: "TLSv1", 0x302: "TLS 1.1", 0x303: "TLS 1.2", 0x304: "TLS 1.3"}
# What Suricata calls the protocol of a flow, where we have a word for it; others are "failed".
APPS = {"bittorrent": "bittorrent-dht", "ike": "ike", "krb5": "krb5", "smb": "smb"}
APPS.update((name, name) for name in """tls http dns quic ssh ntp smtp ftp mqtt http2 mdns pop3 imap
            telnet rdp rfb dcerpc ldap pgsql sip dhcp snmp tftp""".split())
FOREIGN = {"doh2", "enip", "nfs", "template", "modbus", "dnp3", "ftp-data", "websocket"}
# Tests whose options have Suricata drop packets, leave events out or change identifiers.
TOLD_OTHERWISE = ("exception-policy-*", "dns-eve-type-filtering", "tcp-fastopen-1[01]-*",
                  "drop-protocol-change", "app-layer-template", "snmp-disabled")
TYPES = {1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 12: "PTR", 15: "MX", 16: "TXT", 28: "AAAA",
         33: "SRV", 10: "NULL", 65: "HTTPS", 255: "ANY"}
CODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}
# Of these alone a filter says nothing that could tell one program from another.
WEAK = {"event_type", "proto", "ip_v"}


def ends(said):
    return {"src_ip": said["src"], "src_port": said["sport"], "dest_ip": said["dst"],
            "dest_port": said["dport"], "proto": PROTO.get(said["proto"], str(said["proto"])),
            "community_id": said["community_id"], "ip_v": 6 if ":" in said["src"] else 4}


def flow_events(flow):
    """The events that Suricata would write for one of our flows."""
    base = ends(flow)
    yield {**base, "event_type": "flow", "app_proto": APPS.get(flow["app"], "failed"),
           "flow.pkts_toserver": flow["out_packets"], "flow.pkts_toclient": flow["in_packets"],
           "tcp.tcp_flags_ts": f"{flow['out_flags']:02x}",
           "tcp.tcp_flags_tc": f"{flow['in_flags']:02x}",
           "tcp.tcp_flags": f"{flow['out_flags'] | flow['in_flags']:02x}",
           "inferred": flow["inferred"], "flow.age": flow["last"] // 10**9 - flow["first"] // 10**9}
    if flow["app"] == "tls":
        yield {**base, "event_type": "tls", "tls.sni": flow.get("name"),
               "tls.version": VERSIONS.get(flow.get("tls_taken") or flow.get("tls_offer")),
               "tls.ja4": flow.get("ja4"),
               "tls.ja3.hash": flow.get("ja3"), "tls.client_alpns[0]": flow.get("alpn")}
    if flow["app"] == "quic":
        yield {**base, "event_type": "quic", "quic.sni": flow.get("name"),
               "quic.ja4": flow.get("ja4"), "quic.ja3.hash": flow.get("ja3")}
    if flow["app"] == "ssh":
        yield {**base, "event_type": "ssh", "ssh.client.hassh.hash": flow.get("hassh")}


def dns_event(message):
    """One message; versions 2 and 3 of the event name it differently."""
    kind = TYPES.get(message["qtype"], message["qtype"])
    event = {**ends(message), "event_type": "dns", "dns.id": message["id"],
             "dns.rrname": message["query"], "dns.rrtype": kind,
             "dns.queries[0].rrname": message["query"], "dns.queries[0].rrtype": kind}
    if message["response"]:
        event["dns.rcode"] = CODES.get(message["rcode"], str(message["rcode"]))
    words = ("answer", "response") if message["response"] else ("query", "request")
    return {**event, "dns.type": words}


def http_events(talk):
    for key in {m["key"]: None for kind in ("request", "response") for m in talk.messages[kind]}:
        for request, response in talk.exchanges(key):
            event = ends(request) if request else turned(ends(response))
            event["event_type"] = "http"
            if request:
                host = f"[{request['host']}]" if ":" in request["host"] else request["host"]
                event.update({"http.hostname": host, "http.http_user_agent":
                              request["agent"], "http.http_method": request["method"]})
            if response:
                event["http.status"] = response["status"]
            yield event


def turned(event):
    """The same with its ends, and what they sent, changed over."""
    event = {**event, "flow.pkts_toserver": event.get("flow.pkts_toclient"),
             "flow.pkts_toclient": event.get("flow.pkts_toserver")}
    return {**event, "src_ip": event["dest_ip"], "src_port": event["dest_port"],
            "dest_ip": event["src_ip"], "dest_port": event["src_port"]}


def plain_address(text):
    """Suricata writes IPv6 in full."""
    return ipaddress.ip_address(text).compressed if ":" in text else text


def fits(event, match):
    for key, wanted in match.items():
        have = event.get(key)
        if isinstance(have, tuple):
            if wanted not in have:
                return False
        elif key in ("src_ip", "dest_ip"):
            if plain_address(str(wanted)) != have:
                return False
        elif str(have).lower() != str(wanted).lower():
            return False
    return True


def seed_of(test):
    """The seed of Community IDs in the configuration beside the test."""
    path = os.path.join(os.path.dirname(test), "suricata.yaml")
    if os.path.exists(path):
        with open(path, errors="replace") as text:
            seed = re.search(r"^\s*community-id-seed:\s*(\d+)", text.read(), re.M)
            return int(seed[1]) if seed else 0
    return 0


ANSWERED = {"flow": {"app_proto", "flow.pkts_toserver", "flow.pkts_toclient", "tcp.tcp_flags",
                     "tcp.tcp_flags_ts", "tcp.tcp_flags_tc", "flow.age"},
            "tls": {"tls.sni", "tls.version", "tls.ja4", "tls.ja3.hash", "tls.client_alpns[0]"},
            "quic": {"quic.sni", "quic.ja4", "quic.ja3.hash"},
            "ssh": {"ssh.client.hassh.hash"},
            "http": {"http.hostname", "http.http_user_agent", "http.http_method", "http.status"},
            "dns": {"dns.id", "dns.rrname", "dns.rrtype", "dns.queries[0].rrname",
                    "dns.queries[0].rrtype", "dns.rcode", "dns.type"}}
COMMON = {"event_type", "src_ip", "src_port", "dest_ip", "dest_port", "proto", "community_id",
          "ip_v"}


class Suricata:
    def __init__(self, score, folder, dump):
        self.score, self.folder, self.dump = score, folder, dump

    def run(self):
        for entry in captures.index(self.folder):
            top = os.path.dirname(self.folder)
            with open(os.path.join(top, entry["expected"]), errors="replace") as text:
                test = simple_yaml.load(text.read())
            filters = [c["filter"] for c in test.get("checks") or [] if isinstance(c, dict) and
                       isinstance(c.get("filter"), dict)]
            paths = [os.path.join(top, c) for c in entry["captures"]]
            why = self.cannot_compare(entry["test"], test, paths)
            for f in filters:
                match = f.get("match") or {}
                kind = match.get("event_type")
                if kind not in ANSWERED:
                    continue
                requires = f.get("requires") or {}
                if why or "lt-version" in requires:
                    self.score.leave_out("suricata " + kind, why or "asked of old versions only")
                else:
                    self.filter(entry["test"], kind, f.get("count"), match,
                                self.dump(paths[0], seed_of(os.path.join(top, entry["expected"]))))

    def cannot_compare(self, name, test, paths):
        if any(fnmatch.fnmatchcase(name, pattern) for pattern in TOLD_OTHERWISE):
            return "Suricata was told to drop, leave out or seed"
        requires = test.get("requires") or {}
        if isinstance(requires, dict) and "lt-version" in requires:
            return "asked of old versions only"
        if len(paths) != 1 or not os.path.exists(paths[0]):
            return "no capture, or several"
        return None

    def filter(self, test, kind, count, match, talk):
        source = "suricata " + kind
        if match.get("app_proto") in FOREIGN:
            self.score.leave_out(source, "a language we do not speak")
            return
        known = {k: v for k, v in match.items() if k in ANSWERED[kind] | COMMON}
        exact = len(known) == len(match)
        if not set(known) - WEAK or not isinstance(count, int) or (count == 0 and not exact):
            unknown = sorted(set(match) - set(known))
            self.score.leave_out(source, "asks for what we do not say: " +
                                 re.sub(r"\[\d+\].*", "", unknown[0]) if unknown else "too weak")
            return
        events = [e for flows in talk.flows.values() for flow in flows for e in flow_events(flow)]
        events += http_events(talk)
        events += [dns_event(m) for m in talk.messages["dns"]]
        ours = sum(fits(event, known) for event in events)
        if ours < count:  # Suricata takes who is heard first for the client, unless it knows better
            ours = max(ours, sum(fits(turned(event), known) for event in events
                                 if event["event_type"] == "flow" and event["inferred"]))
        if not exact:
            ours = min(ours, count)
        self.score.compare(source, "count" if exact else "at least", ours, count, (test, known))

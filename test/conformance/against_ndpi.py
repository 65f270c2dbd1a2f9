# SPDX-License-Identifier: Apache-2.0
"""nDPI's expected results: the protocol of each flow, and what it read in hellos and requests."""

import collections
import os
import re

import against_zeek
import captures

PROTO = {"TCP": 6, "UDP": 17, "ICMP": 1, "ICMPV6": 58, "SCTP": 132}
# nDPI's name of a protocol and ours; the others are languages that we do not speak.
APPS = {"HTTP": "http", "HTTP_Proxy": "http", "HTTP_Connect": "http", "TLS": "tls", "DNS": "dns",
        "QUIC": "quic", "MDNS": "mdns", "LLMNR": "llmnr", "DTLS": "dtls", "SSH": "ssh",
        "NTP": "ntp", "ICMP": "icmp", "ICMPV6": "icmp", "SMTP": "smtp", "FTP_CONTROL": "ftp",
        "IRC": "irc", "MQTT": "mqtt", "RTMP": "rtmp", "SOCKS": "socks", "Mining": "stratum",
        "HTTP2": "http2", "POP3": "pop3", "IMAP": "imap", "Telnet": "telnet", "RDP": "rdp",
        "VNC": "rfb", "SMBv1": "smb", "SMBv23": "smb", "DCERPC": "dcerpc", "LDAP": "ldap",
        "Kerberos": "krb5", "MySQL": "mysql", "PostgreSQL": "pgsql", "MsSQL-TDS": "tds",
        "MongoDB": "mongodb", "RESP": "redis", "Memcached": "memcached", "AMQP": "amqp",
        "Jabber": "xmpp", "SIP": "sip", "RTSP": "rtsp", "BitTorrent": "bittorrent",
        "STUN": "stun", "DHCP": "dhcp", "SNMP": "snmp", "Syslog": "syslog", "NetBIOS": "nbns",
        "SSDP": "ssdp", "TFTP": "tftp", "IPSec": "ike", "WireGuard": "wireguard",
        "OpenVPN": "openvpn"}
# nDPI's own name for these in TLS.
IN_TLS = {"IMAPS": "imap", "POPS": "pop3", "SMTPS": "smtp", "FTPS": "ftp"}
LINE = re.compile(r"\s*\d+\s+(\S+) (\S+) (<->|->) (\S+) (?:\[VLAN: \d+\])?(\[proto: .*)$")


def end_of(text):
    address, _, port = text.rpartition(":")
    return address.strip("[]"), int(port)


def fair_ja4(ours, theirs):
    """JA4 without the parts that nDPI forms otherwise than FoxIO: (ours, theirs, what differs).

    The letter for the server name, which nDPI takes for more than its presence; the two
    letters of ALPN, where nDPI takes the first two; the sum of no extensions.
    """
    left = []
    if len(ours) == 36 and len(theirs) == 36:
        for at, width, what in ((3, 1, "letter for the server name"), (8, 2, "letters of ALPN")):
            if ours[at:at + width] != theirs[at:at + width]:
                left.append(what)
            ours, theirs = (t[:at] + "." * width + t[at + width:] for t in (ours, theirs))
        if ours.endswith("000000000000") and theirs.endswith("e3b0c44298fc"):
            left.append("sum of no extensions")
            ours, theirs = ours[:-12], theirs[:-12]
    return ours, theirs, left


def written_like(end, talk):
    """nDPI drops a lone zero from IPv6 text ("1:0:2" becomes "1::2"): our end that it means."""
    for key in talk.flows:
        for ours in key[1:]:
            port_fits = ours[1] == end[1] or key[0] == 58
            if port_fits and ":" in end[0] and ours[0].replace(":0:", "::") == end[0]:
                return ours[0], end[1]
    return end


def flows_of(path):
    """{tags and tuple} of each flow line."""
    with open(path, errors="replace") as lines:
        for line in lines:
            row = LINE.match(line.rstrip("\n"))
            if not row or row[1] not in PROTO or ":" not in row[2] or ":" not in row[4]:
                if re.match(r"\s+\d+\s+\S+ \S+ (<->|->) ", line):
                    yield None
                continue
            tags = re.findall(r"\[([^\[\]]*)\]", row[5])
            words = dict(tag.split(": ", 1) for tag in tags if ": " in tag)
            counts = re.search(r"\[(\d+) pkts/\d+ bytes <?-> (\d+) pkts/\d+ bytes\]", row[5])
            yield {"proto": PROTO[row[1]], "src": end_of(row[2]), "dst": end_of(row[4]),
                   "words": words, "packets": (int(counts[1]), int(counts[2])) if counts else None}


class Ndpi:
    def __init__(self, score, folder, dump, judged):
        self.score, self.folder, self.dump = score, folder, dump
        self.judged = read_judgements(judged)

    def run(self):
        for entry in captures.index(self.folder):
            path = os.path.join(os.path.dirname(self.folder), entry["capture"])
            if not entry["expected"] or not os.path.exists(path):
                self.score.leave_out("ndpi", "capture without expectation")
                continue
            talk = self.dump(path)
            for flow in flows_of(os.path.join(os.path.dirname(self.folder), entry["expected"])):
                if flow:
                    self.flow(os.path.basename(path), flow, talk)
                else:
                    self.score.leave_out("ndpi", "IP protocol without ports")

    def flow(self, name, flow, talk):
        flow["src"], flow["dst"] = (written_like(end, talk) for end in (flow["src"], flow["dst"]))
        icmp = flow["proto"] in (1, 58)
        key = captures.pair_key(flow["proto"], *flow["src"], *flow["dst"])
        if icmp:  # nDPI puts nothing in the place of ports
            ours = [f for k, fs in talk.flows.items() for f in fs if k[0] == flow["proto"] and
                    {k[1][0], k[2][0]} == {flow["src"][0], flow["dst"][0]}]
        else:
            ours = talk.flows.get(key, [])
        where = name, " ".join(map(str, (*flow["src"], *flow["dst"])))
        self.score.compare("ndpi", "conversation", bool(ours), True, where)
        self.protocol(where, flow, ours)
        self.claims(where, flow["words"], ours)

    def protocol(self, where, flow, ours):
        proto = flow["words"]["proto"].split("/", 1)[-1].split(".")[0]
        if flow["words"].get("Confidence", "DPI") not in ("DPI", "DPI (cache)", "DPI (partial)",
                                                          "DPI (partial cache)", "Unknown"):
            self.score.leave_out("ndpi", "protocol guessed from port or address")
            return
        if proto == "NetBIOS" and 138 in (flow["src"][1], flow["dst"][1]):
            proto = "NetBIOS datagrams"
        wanted = {APPS[proto]} if proto in APPS else set()
        if proto in IN_TLS:
            wanted = {"tls", IN_TLS[proto]}
        said = {f["app"] for f in ours} - {"", "random", "other"}
        fits = bool(wanted & said) if wanted else not said
        theirs = proto if wanted or proto == "Unknown" else "not ours: " + proto
        self.score.compare("ndpi", "protocol", theirs if fits else ",".join(sorted(said)) or "none",
                           theirs, where,
                           self.judged.get(where) or self.judged.get((where[0], "*")))

    def claims(self, where, words, ours):
        flow = next((f for f in ours if f["app"]), ours[0] if ours else {})
        for word, field in (("JA3C", "ja3"), ("JA4", "ja4"), ("HASSH-C", "hassh")):
            if word in words:
                ours, theirs = flow.get(field, ""), words[word].lower()
                if field == "ja4":
                    ours, theirs, left = fair_ja4(ours, theirs)
                    for what in left:
                        self.score.leave_out("ndpi", "nDPI's JA4 is not FoxIO's: " + what)
                self.score.compare("ndpi", field, ours, theirs, where)
        proto = words["proto"].split("/", 1)[-1].split(".")[0]
        if "Hostname/SNI" in words and proto in ("TLS", "QUIC", "DTLS", "HTTP"):
            theirs = words["Hostname/SNI"].lower()
            self.score.compare("ndpi", "server name or host", against_zeek.named(flow, theirs),
                               theirs, where)
        if "User-Agent" in words and proto == "HTTP":
            theirs = against_zeek.cut(words["User-Agent"])
            ours = flow.get("agent", "")
            if theirs and ours.startswith(theirs) and ours != theirs:
                self.score.leave_out("ndpi", "nDPI cuts an agent where its packet ends")
            else:
                self.score.compare("ndpi", "user agent", ours, theirs, where)
        if "(Advertised) ALPNs" in words:
            self.score.compare("ndpi", "alpn", flow.get("alpn", ""),
                               words["(Advertised) ALPNs"].split(";")[0], where)


def read_judgements(path):
    """{(capture, flow or "*"): class} from capture, flow, ours, theirs, who is right, reason."""
    words = {"us": "judged: we are right", "ndpi": "judged: nDPI is right",
             "both": "judged: both are right, on different layers", "neither": "judged: nobody is"}
    judged = {}
    with open(path) as lines:
        for line in lines:
            cells = line.rstrip("\n").split("\t")
            if len(cells) == 6 and not line.startswith("#"):
                judged[cells[0], cells[1]] = words[cells[4]]
    return judged

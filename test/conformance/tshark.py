# SPDX-License-Identifier: Apache-2.0
"""What tshark says of a capture: fields of each frame and conversation statistics.

tshark is slow to start, so what it said is kept and read again.
"""

import collections
import hashlib
import os
import re
import subprocess

FIELDS = """frame.number frame.len frame.cap_len frame.time_epoch frame.protocols
ip.src ip.dst ip.len ip.proto ip.id ip.checksum ip.ttl ip.flags.mf ip.frag_offset ip.checksum.status
ipv6.src ipv6.dst ipv6.plen tcp.srcport tcp.dstport tcp.len tcp.seq_raw tcp.flags
tcp.checksum tcp.checksum.status udp.srcport udp.dstport udp.length udp.checksum
udp.checksum.status icmp.checksum.status icmpv6.checksum.status
dns.id dns.flags.response dns.flags.rcode dns.qry.name dns.qry.type dns.a dns.aaaa
tls.handshake.type tls.handshake.extensions_server_name tls.handshake.ja3
tls.handshake.extensions_alpn_str http.request.method http.host http.user_agent
http.response.code ssh.protocol""".split()
CONVERSATIONS = ("tcp", "udp", "ip", "ipv6", "sctp")
COMMAND = (["tshark", "-n", "-o", "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE",
            "-o", "ip.check_checksum:TRUE", "-T", "fields", "-E", "aggregator=;"]
           + [word for field in FIELDS for word in ("-e", field)]
           + [word for kind in CONVERSATIONS for word in ("-z", "conv," + kind)])


class Frame(dict):
    def all(self, field):
        return self[field].split(";") if self.get(field) else []

    def first(self, field):
        return self[field].split(";")[0] if self.get(field) else ""


class Tshark:
    def __init__(self, folder):
        self.folder = folder
        os.makedirs(folder, exist_ok=True)

    def text(self, capture):
        words = "\0".join(COMMAND + capture.split("/")[-4:] + [str(os.path.getsize(capture))])
        kept = os.path.join(self.folder, hashlib.sha256(words.encode()).hexdigest()[:24])
        if not os.path.exists(kept):
            fresh = f"{kept}.{os.getpid()}"
            with open(fresh, "wb") as out:
                subprocess.run(COMMAND + ["-r", capture], stdout=out, stderr=subprocess.DEVNULL)
            os.rename(fresh, kept)
        with open(kept, encoding="utf-8", errors="replace", newline="\n") as said:
            return said.read().split("\n")

    def frames(self, capture):
        for line in self.text(capture):
            if line.startswith("====="):
                return
            cells = line.split("\t")
            if len(cells) == len(FIELDS):
                yield Frame(zip(FIELDS, cells))

    def conversations(self, capture):
        """(kind, end a, end b, frames b to a, frames a to b, seconds)"""
        kind = None
        for line in self.text(capture):
            heading = re.match(r"(TCP|UDP|IPv4|IPv6|SCTP) Conversations", line)
            if heading:
                kind = heading.group(1)
            row = re.match(r"(\S+)\s+<->\s+(\S+)\s+(\d+) .*?(?:bytes|[kMG]B)\s+(\d+) .*?\s"
                           r"([\d.]+)$", line)
            if kind and row:
                yield kind, row[1], row[2], int(row[3]), int(row[4]), float(row[5])


def is_bad_sum(frame):
    """Would a reader that verifies checksums drop this frame?  Cut frames cannot be judged."""
    return any("0" in frame.all(layer + ".checksum.status")
               for layer in ("ip", "tcp", "udp", "icmp", "icmpv6"))


def copies(frames):
    """Counter of packets that another tap brought again, by (src, sport, dst, dport).

    Everything that a copy has in common is compared, of the innermost packet, the time to
    live apart; two within 20 ms are one.  Ends without ports are counted as (src, 0, dst, 0).
    """
    last, found = {}, collections.Counter()
    for frame in frames:
        what = tuple(frame[field].split(";")[-1] for field in COPY_FIELDS)
        when = float(frame["frame.time_epoch"] or 0)
        ends = list(zip(frame.all("ip.src") + frame.all("ipv6.src"),
                        frame.all("ip.dst") + frame.all("ipv6.dst")))
        ports = [(int(a), int(b)) for layer in ("tcp", "udp") for a, b in
                 zip(frame.all(layer + ".srcport"), frame.all(layer + ".dstport"))] + [(0, 0)]
        again = ends and what in last and abs(when - last[what]) <= 0.0201
        if not again:
            last[what] = when
        else:
            found.update({(src, a, dst, b) for src, dst in ends for a, b in ports})
    return found


COPY_FIELDS = """ip.src ip.dst ip.len ip.id ipv6.src ipv6.dst ipv6.plen
tcp.srcport tcp.dstport tcp.seq_raw tcp.flags tcp.checksum udp.srcport udp.dstport
udp.length udp.checksum""".split()

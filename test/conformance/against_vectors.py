# SPDX-License-Identifier: Apache-2.0
"""Community IDs that Zeek's tests expect, of captures and of tuples made up for them.

The spec's other vectors and those of JA3 are in test/unit.
"""

import os
import re
import struct
import tempfile

import captures

TUPLE = re.compile(r"orig_h=(\S+), orig_p=(\d+)/\w+, resp_h=(\S+), resp_p=(\d+)/\w+, proto=(\d+)")


def packet(proto, src, sport, dst, dport):
    """A raw IP packet of these ends; ports of ICMP are type and code."""
    address = [bytes(map(int, a.split("."))) if "." in a else
               b"".join(int(part, 16).to_bytes(2, "big") for part in a.split(":"))
               for a in (src, dst)]
    if proto == 6:
        body = struct.pack(">HHIIBBHHH", sport, dport, 0, 0, 0x50, 2, 0, 0, 0)
    elif proto == 17:
        body = struct.pack(">HHHH", sport, dport, 8, 0)
    else:
        body = struct.pack(">BBHI", sport, dport if proto not in (1, 58) else 0, 0, 0)
    if len(address[0]) == 4:
        return struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), 1, 0, 64, proto, 0) + \
            b"".join(address) + body
    return struct.pack(">IHBB", 6 << 28, len(body), proto, 64) + b"".join(address) + body


def write_capture(path, data):
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))
        out.write(struct.pack("<IIII", 1, 0, len(data), len(data)) + data)


class Vectors:
    def __init__(self, score, zeek_folder, dump):
        self.score, self.dump = score, dump
        self.base = os.path.join(zeek_folder, "testing", "btest")

    def run(self):
        expected = os.path.join(self.base, "Baseline", "bifs.community_id.run-pcaps")
        for name in sorted(os.listdir(expected)):
            path = os.path.join(self.base, "Traces", "communityid", name[: -len(".out")])
            with open(os.path.join(expected, name)) as lines:
                for line in lines:
                    self.of_capture(path, line)
        with open(os.path.join(self.base, "Baseline", "bifs.community_id.v1", "out")) as lines:
            for line in lines:
                self.of_tuple(line)

    def of_capture(self, path, line):
        ends, wanted = TUPLE.search(line), re.search(r"1:\S+=", line)
        if not ends or not wanted:
            return
        if ends[5] == "132":
            self.score.leave_out("community id", "SCTP, of which Zeek reads no ports")
            return
        key = captures.pair_key(int(ends[5]), ends[1], int(ends[2]), ends[3], int(ends[4]))
        ours = [flow["community_id"] for flow in self.dump(path).flows.get(key, [{}])][:1]
        self.score.compare("community id", "of captures", ours, [wanted[0]],
                           (os.path.basename(path), key))

    def of_tuple(self, line):
        ends, wanted = TUPLE.search(line), re.search(r"expected '(\S*)'", line)
        seed = re.search(r"seed=(\d+)", line)
        if not ends or not wanted or not seed:
            return
        if int(ends[5]) > 255 or (ends[5] == "1" and ":" in ends[1]):
            self.score.leave_out("community id", "tuple that no packet has")
            return
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "one.pcap")
            write_capture(path, packet(int(ends[5]), ends[1], int(ends[2]), ends[3], int(ends[4])))
            flows = [f for fs in self.dump(path, int(seed[1])).flows.values() for f in fs]
        self.score.compare("community id", "of tuples", [f["community_id"] for f in flows],
                           [wanted[1]], (line.strip(), ""))

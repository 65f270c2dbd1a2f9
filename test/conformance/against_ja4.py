# SPDX-License-Identifier: Apache-2.0
"""The JA4 project's captures with what its Python and Rust programs say of them."""

import json
import os
import re

import against_zeek
import captures

PROTO = {"tcp": 6, "udp": 17}


def python_says(path):
    """Streams of the Python program's JSON: JA4.1 is the first hello of a stream."""
    with open(path) as text:
        for stream in json.load(text):
            yield {"src": stream["src"], "dst": stream["dst"], "sport": int(stream["srcport"]),
                   "dport": int(stream["dstport"]), "ja4": stream.get("JA4.1"),
                   "name": stream.get("domain", "") if "JA4.1" in stream else None,
                   "hassh": stream.get("ssh_extras", {}).get("hassh"),
                   "agent": stream.get("ssh_extras", {}).get("ssh_protocol_client")}


def rust_says(path):
    """Streams of the Rust program's snapshot, which is YAML of one shape."""
    names = {"src": "src", "dst": "dst", "src_port": "sport", "dst_port": "dport", "ja4": "ja4",
             "tls_server_name": "name", "hassh": "hassh", "ssh_protocol_client": "agent",
             "transport": "transport"}
    stream = None
    with open(path, errors="replace") as lines:
        for line in lines:
            field = re.match(r"(- |  |    )(\w+): (.*)$", line.rstrip("\n"))
            if line.startswith("- "):
                if stream:
                    yield stream
                stream = {}
            if field and stream is not None and field[2] in names:
                stream[names[field[2]]] = field[3].strip('"\'')
    if stream:
        yield stream


class Ja4:
    def __init__(self, score, folder, dump):
        self.score, self.folder, self.dump = score, folder, dump

    def run(self):
        for name in captures.listed(self.folder):
            path = os.path.join(os.path.dirname(self.folder), name)
            base = os.path.basename(name)
            self.program("ja4 python", base, path, python_says,
                         f"python/test/testdata/{base}.json")
            self.program("ja4 rust", base, path, rust_says,
                         f"rust/ja4/src/snapshots/ja4__insta@{base}.snap")

    def program(self, source, base, path, reader, expected):
        expected = os.path.join(self.folder, expected)
        if not os.path.exists(expected):
            self.score.leave_out(source, "capture without expectation")
            return
        talk = self.dump(path)
        for stream in reader(expected):
            self.stream(source, base, stream, talk)

    def stream(self, source, base, stream, talk):
        ends = stream["src"], int(stream["sport"]), stream["dst"], int(stream["dport"])
        protos = [PROTO[stream["transport"]]] if "transport" in stream else [6, 17]
        flows = [flow for p in protos for flow in talk.flows.get(captures.pair_key(p, *ends), [])]
        flow = next((f for f in flows if f.get("ja4") or f.get("hassh")), flows[0] if flows else {})
        where = base, "{} {} {} {}".format(*ends)
        asked = 0
        for field in ("ja4", "name", "hassh", "agent"):
            if stream.get(field) is not None:
                asked += 1
                theirs = against_zeek.banner(stream[field].replace("null", ""))
                self.score.compare(source, field, flow.get(field, ""), theirs, where)
        if not asked:
            self.score.leave_out(source, "stream with nothing that we say: JA4H, JA4L, JA4T")

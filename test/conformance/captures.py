# SPDX-License-Identifier: Apache-2.0
"""Captures of other projects, unpacked once, and what we say of each."""

import collections
import itertools
import json
import os
import subprocess

PORTLESS = {1, 58}  # ICMP and ICMPv6: type and code stand in the place of ports


def unpack(archive, into):
    """Unpack NAME.tar.zst below `into` unless that was done; the folder, or None."""
    name = os.path.basename(archive)[: -len(".tar.zst")]
    stamp = os.path.join(into, name + ".unpacked")
    if not os.path.exists(archive):
        return None
    if not os.path.exists(stamp):
        os.makedirs(into, exist_ok=True)
        subprocess.run(["tar", "--zstd", "-xf", archive, "-C", into], check=True)
        open(stamp, "w").close()
    return os.path.join(into, name)


def index(folder):
    """The lines of the archive's index; paths in it start at `folder`'s parent."""
    with open(os.path.join(folder, "index.jsonl")) as lines:
        return [json.loads(line) for line in lines]


def listed(folder):
    """The captures of the index that are there, each once."""
    names = {}
    for entry in index(folder):
        for name in entry.get("captures") or [entry["capture"]]:
            if os.path.exists(os.path.join(os.path.dirname(folder), name)):
                names[name] = None
    return list(names)


def pair_key(proto, src, sport, dst, dport):
    """The same for both directions."""
    ends = sorted([(src, sport), (dst, dport)])
    return proto, ends[0], ends[1]


class Talk:
    """What talk_dump says of one capture."""

    def __init__(self, lines, complaint):
        self.complaint = complaint
        self.flows = collections.defaultdict(list)  # pair_key -> flows, in order of start
        self.messages = collections.defaultdict(list)  # kind -> messages
        for line in lines:
            said = json.loads(line)
            key = pair_key(said["proto"], said["src"], said["sport"], said["dst"], said["dport"])
            said["key"] = key
            if said["kind"] == "flow":
                self.flows[key].append(said)
            else:
                self.messages[said["kind"]].append(said)
        for flows in self.flows.values():
            flows.sort(key=lambda flow: flow["first"])

    def exchanges(self, key):
        """[(request, response), ...] of a pair, in order; None where there is none."""
        requests, responses = ([m for m in self.messages[kind] if m["key"] == key]
                               for kind in ("request", "response"))
        responses = [m for m in responses if m["status"] != 100]
        return list(itertools.zip_longest(requests, responses))

    def sums(self, key):
        """Counters of a pair by sender: {end: [packets, bytes, payload]}."""
        total = {key[1]: [0, 0, 0], key[2]: [0, 0, 0]}
        for flow in self.flows.get(key, ()):
            for way, end in (("out", (flow["src"], flow["sport"])),
                             ("in", (flow["dst"], flow["dport"]))):
                for i, what in enumerate(("packets", "bytes", "payload")):
                    total[end][i] += flow[f"{way}_{what}"]
        return total


class Dumper:
    def __init__(self, program):
        self.program = program
        self.kept = {}

    def __call__(self, path, seed=0):
        """The seed is that of Community IDs."""
        if (path, seed) not in self.kept:
            run = subprocess.run([self.program, path, str(seed)], capture_output=True, text=True)
            if run.returncode not in (0, 1):
                raise RuntimeError(f"{path}: talk_dump ended with {run.returncode}: {run.stderr}")
            self.kept[path, seed] = Talk(run.stdout.splitlines(), run.stderr.strip())
        return self.kept[path, seed]

# SPDX-License-Identifier: Apache-2.0
"""tshark's conversation statistics and the lengths that it reads in IP headers."""

import collections
import re

import captures
import tshark

PROTO = {"TCP": 6, "UDP": 17, "SCTP": 132}


def end_of(text):
    """10.0.0.1:80 or 2001:db8::1:80, the port last."""
    address, _, port = text.rpartition(":")
    return address.strip("[]"), int(port)


def own_layers(frame):
    """(src, dst, bytes, is fragment) of each IP header that is no quotation in an ICMP error."""
    stack = re.split(r":icmp(?:v6)?(?::|$)", frame["frame.protocols"])[0].split(":")
    layers = []
    for name, length, extra in (("ip", "ip.len", 0), ("ipv6", "ipv6.plen", 40)):
        count = stack.count(name)
        fragments = [mf == "1" or at not in ("0", "") for mf, at in
                     zip(frame.all("ip.flags.mf"), frame.all("ip.frag_offset"))]
        found = list(zip(frame.all(name + ".src"), frame.all(name + ".dst"), frame.all(length)))
        for i, (src, dst, size) in enumerate(found[:count]):
            fragment = "ipv6.fraghdr" in stack
            if name == "ip":
                fragment = i < len(fragments) and fragments[i]
            layers.append((src, dst, int(size) + extra, fragment))
    return layers


def innermost(frames):
    """Packets and IP bytes by (src, sport, dst, dport), and those with fragments."""
    packets, size, fragments = collections.Counter(), collections.Counter(), set()
    for frame in frames:
        layers = own_layers(frame)
        if not layers:
            continue
        src, dst, length, fragment = layers[-1]
        last = "tcp" if ":tcp" in frame["frame.protocols"] else "udp"
        ports = list(zip(frame.all(last + ".srcport"), frame.all(last + ".dstport")))
        sport, dport = map(int, ports[-1]) if ports else (0, 0)
        packets[src, sport, dst, dport] += 1
        size[src, sport, dst, dport] += length
        if fragment:
            fragments |= {(src, dst), (dst, src)}
    return packets, size, fragments


class Sums:
    """Packets and bytes by sender and receiver, and what makes a pair special."""

    def __init__(self):
        self.packets = collections.Counter()
        self.bytes = collections.Counter()
        self.fragments = set()

    def of_flows(self, talk):
        for flows in talk.flows.values():
            for flow in flows:
                for way, ends in (("out", ("src", "dst")), ("in", ("dst", "src"))):
                    pair = flow[ends[0]], flow[ends[1]]
                    self.packets[pair] += flow[way + "_packets"]
                    self.bytes[pair] += flow[way + "_bytes"]
        return self

    def of_frames(self, frames):
        for frame in frames:
            for src, dst, length, fragment in own_layers(frame):
                self.packets[src, dst] += 1
                self.bytes[src, dst] += length
                if fragment:
                    self.fragments |= {(src, dst), (dst, src)}
        return self


class TsharkConversations:
    def __init__(self, score, dump, shark):
        self.score, self.dump, self.shark = score, dump, shark

    def run(self, name, path):
        talk = self.dump(path)
        frames = list(self.shark.frames(path))
        copies = tshark.copies(frames)
        self.odd = odd_pairs(frames)
        self.transport(name, path, talk, copies)
        self.addresses(name, path, talk, copies)

    def transport(self, name, path, talk, copies):
        theirs = collections.defaultdict(collections.Counter)
        for kind, a, b, b_to_a, a_to_b, _ in self.shark.conversations(path):
            if kind in PROTO:
                one, two = end_of(a), end_of(b)
                key = captures.pair_key(PROTO[kind], *one, *two)
                theirs[key][one] += a_to_b
                theirs[key][two] += b_to_a
        for key, counts in theirs.items():
            sums = talk.sums(key)
            for end in {key[1], key[2]}:
                other = key[2] if end == key[1] else key[1]
                self.score.compare("tshark conversations", "packets", sums[end][0], counts[end],
                                   (name, f"{key} from {end}"),
                                   why(sums[end][0], counts[end], copies[(*end, *other)]) or
                                   self.odd.get((end[0], other[0])))
        for key in talk.flows:
            if key[0] in PROTO.values() and key not in theirs:
                self.score.compare("tshark conversations", "packets", "there", "not there",
                                   (name, key), self.odd.get((key[1][0], key[2][0])))

    def addresses(self, name, path, talk, copies):
        ours = Sums().of_flows(talk)
        theirs = Sums().of_frames(self.shark.frames(path))
        for pair in sorted(set(ours.packets) | set(theirs.packets)):
            if pair in theirs.fragments:
                self.score.leave_out("tshark addresses",
                                     "fragments, which tshark counts one by one", 2)
            elif ours.packets[pair] or theirs.packets[pair]:
                where = name, " > ".join(pair)
                reason = why(ours.packets[pair], theirs.packets[pair],
                             copies[pair[0], 0, pair[1], 0]) or self.odd.get(pair)
                self.score.compare("tshark addresses", "packets", ours.packets[pair],
                                   theirs.packets[pair], where, reason)
                self.score.compare("tshark addresses", "bytes", ours.bytes[pair],
                                   theirs.bytes[pair], where, reason)


ODD = (("_ws.malformed", "packets that are broken"), ("_ws.short", "packets that are cut"),
       ("ipv6.routing", "IPv6 routing header: tshark takes the last hop for the destination"),
       ("ipv6.dstopts", "IPv6 home address: tshark takes it for the sender"))


def odd_pairs(frames):
    """{(src, dst): why tshark and we may see it differently}, both ways."""
    odd = {}
    for frame in frames:
        stack = frame["frame.protocols"]
        for word, reason in ODD:
            cut = word == "_ws.short" and frame["frame.cap_len"] != frame["frame.len"]
            if word in stack or cut:
                for src, dst in zip(frame.all("ip.src") + frame.all("ipv6.src"),
                                    frame.all("ip.dst") + frame.all("ipv6.dst")):
                    odd.setdefault((src, dst), reason)
                    odd.setdefault((dst, src), reason)
    return odd


def why(ours, theirs, copies):
    return "copies, which we count once" if 0 < theirs - ours <= copies else None

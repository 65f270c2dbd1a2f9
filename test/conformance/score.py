# SPDX-License-Identifier: Apache-2.0
"""Counts agreements by source and field, and keeps every disagreement with its class.

A field is compared when both programs read the record that it belongs to; a
record that only one of them has disagrees in all its fields.  What is not
compared is left out under a class that says why, and counted.  A disagreement
of an explained class counts like any other: the explanation is in README.md.
"""

import collections
import fnmatch

UNEXPLAINED = "unexplained"
# Where two programs differ because they mean to: such fields are no comparison.
NO_COMPARISON = {
    "copies, which we count once",
    "link type that we do not read",
    "the last ACK, which Zeek leaves out of a connection's duration",
    "tunnel that we do not open: AYIYA",
    "tunnel that we do not open: CAPWAP",
    "tunnel that we do not open: PIM register",
    "tunnel that we do not open: Cisco metadata in GRE",
    "tunnel on a port that tshark does not open",
    "link header that we do not read: Arista's",
    "packets quoted in another protocol",
    "judged: both are right, on different layers",
    "QUIC before RFC 9000",
    "HTTP/2, of which we read no requests",
    "TLS that Zeek was given the keys of",
    "tunnel that we do not open: Aruba's GRE",
    "Teredo bubbles, which Zeek has no row for",
    "Zeek was told to keep its timers",
}


def read_explained(path):
    """[(source, field, capture, record, class)] of patterns; the first that fits counts."""
    with open(path) as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines if not line.startswith("#")]
    return [tuple(row) for row in rows if len(row) == 5]


class Score:
    def __init__(self, explained=()):
        self.explained = explained
        self.total = collections.Counter()
        self.same = collections.Counter()
        self.left_out = collections.Counter()  # (source, class) -> fields
        self.classes = collections.Counter()  # (source, field, class)
        self.differences = []  # source, field, class, capture, record, ours, theirs

    def compare(self, source, field, ours, theirs, where, why=None):
        """`where` is (capture, record).  `why`: the class, should they differ."""
        key = source, field
        if ours == theirs:
            self.total[key] += 1
            self.same[key] += 1
            return True
        why = why or self.by_hand(source, field, *map(str, where))
        if why in NO_COMPARISON:
            self.leave_out(source, why)
            return False
        self.total[key] += 1
        self.classes[source, field, why] += 1
        self.differences.append((source, field, why, *where, str(ours), str(theirs)))
        return False

    def by_hand(self, *difference):
        for *patterns, why in self.explained:
            if all(map(fnmatch.fnmatchcase, difference, patterns)):
                return why
        return UNEXPLAINED

    def leave_out(self, source, why, count=1):
        self.left_out[source, why] += count

    def share(self):
        total = sum(self.total.values())
        return sum(self.same.values()) / total if total else 1.0

    def print_table(self):
        row = "{:<22} {:<24} {:>9} {:>9} {:>8}  {}"
        print(row.format("source", "field", "compared", "agree", "percent", "differ because"))
        for key in self.total:
            total, same = self.total[key], self.same[key]
            why = [f"{c} {n}" for (s, f, c), n in self.classes.most_common() if (s, f) == key]
            percent = f"{100 * same / total:.2f}"
            print(row.format(*key, total, same, percent, ", ".join(why)).rstrip())
        print(row.format("all", "", sum(self.total.values()), sum(self.same.values()),
                         f"{100 * self.share():.2f}", ""))
        print("\nnot compared:")
        for (source, why), count in sorted(self.left_out.items()):
            print(f"  {source:<22} {count:>8}  {why}")

    def write_differences(self, path):
        with open(path, "w") as out:
            print("source\tfield\tclass\tcapture\trecord\tours\ttheirs", file=out)
            for d in self.differences:
                print(*(" ".join(str(x).split("\t")).replace("\n", " ") for x in d), sep="\t",
                      file=out)

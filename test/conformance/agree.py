# SPDX-License-Identifier: Apache-2.0
"""Compare what we say of other people's captures with what other programs say.

usage: agree.py BUILDDIR SHARED [SOURCE...]
"""

import os
import sys

import against_ja4
import against_ndpi
import against_suricata
import against_tshark
import against_vectors
import against_zeek
import captures
import score
import tshark

SOURCES = ("vectors", "zeek", "suricata", "ja4", "ndpi", "tshark")
TSHARK_ARCHIVES = ("ja4", "zeek-traces", "ndpi", "tcpdump")


def run_tshark(total, archives, work, dump, shark):
    check = against_tshark.TsharkConversations(total, dump, shark)
    for archive in TSHARK_ARCHIVES:
        folder = captures.unpack(os.path.join(archives, archive + ".tar.zst"),
                                 os.path.join(work, "data"))
        for name in captures.listed(folder):
            check.run(name, os.path.join(work, "data", name))
    dev = os.path.join(archives, "..", "dev")
    for name in sorted(os.listdir(dev)):
        if ".pcap" in name:
            check.run(name, os.path.join(dev, name))


def main():
    build, shared = sys.argv[1:3]
    wanted = sys.argv[3:] or SOURCES
    here = os.path.dirname(os.path.abspath(__file__))
    work = os.path.join(build, "..", "conformance")
    archives = os.path.join(shared, "data", "conformance")
    if not os.path.isdir(archives):
        print(f"skipped: {archives} is not there (set WATERTIGHT_SHARED)")
        return
    dump = captures.Dumper(os.path.join(build, "conformance", "talk_dump"))
    shark = tshark.Tshark(os.path.join(work, "tshark"))
    total = score.Score(score.read_explained(os.path.join(here, "explained.tsv")))

    def folder(name):
        return captures.unpack(os.path.join(archives, name + ".tar.zst"),
                               os.path.join(work, "data"))

    if "vectors" in wanted:
        against_vectors.Vectors(total, folder("zeek-traces"), dump).run()
    if "zeek" in wanted:
        against_zeek.Zeek(total, folder("zeek-traces"), dump, shark).run()
    if "suricata" in wanted:
        against_suricata.Suricata(total, folder("suricata-verify"), dump).run()
    if "ja4" in wanted:
        against_ja4.Ja4(total, folder("ja4"), dump).run()
    if "ndpi" in wanted:
        against_ndpi.Ndpi(total, folder("ndpi"), dump, os.path.join(here, "ndpi_judged.tsv")).run()
    if "tshark" in wanted:
        run_tshark(total, archives, work, dump, shark)
    total.print_table()
    total.write_differences(os.path.join(work, "differences.tsv"))


if __name__ == "__main__":
    main()

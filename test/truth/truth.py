#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Judge Watertight on captures and logs whose truth is known.

    truth.py WATERTIGHT DUMP_CALLS DATADIR

For each data set: the place of every malicious pair in Watertight's list, and
beside it the place that two other rules give the same pair on the same calls:

  cv     rank by the coefficient of variation of the gaps (0.5 s and more,
         at least 4 calls): the smaller, the more suspect; alarm below 0.3
  score  a four-part beacon score (timing skew and dispersion, sizes, histogram
         of the day, duration; a quarter each), with the formulas of RITA 5;
         alarm at 0.7 (its "medium")

A line's place is one more than the number of findings above it that belong to no
malicious line: what is true does not push down what else is true.  A case speaks
for its whole family, so every host and destination that it names is found at its
place.  The mean of 1/place is taken over all lines that call home or carry data
out; LEFT_OUT tells which do not, EXPLAINED why some of the others are not found.

For benign sets: findings of medium severity or more, and alarms of the others.
Exit status 0 if every line is found or explained, the mean is 0.9 or more and no
benign set has more than two cases.
"""
import json, math, statistics, subprocess, sys
from collections import defaultdict

# Neither a call-home nor a carrier of data.
LEFT_OUT = {
    "ddos": "a flood against somebody, which calls nobody home",
    "scan": "a search of the Internet, which calls nobody home",
    "delivery": "one download of what was to be installed, from a place that was looked up",
}
# What calls home and still is not found, and why it cannot be.
EXPLAINED = {
    "loader-post": "eleven tries within minutes, by name, at port 80, among 1,800 pairs of an active host",
    "exfil-smtp": "one mail of 1.8 kB, to a mail server that was looked up, as any mail would be",
}
LEAST_MEAN, MOST_BENIGN = 0.9, 2
ASKED = ("medium", "high", "critical")
PROTO = {"tcp": 6, "udp": 17, "icmp": 1}


def cv(calls):
    gaps = [b - a for a, b in zip(calls, calls[1:]) if b - a >= 0.5]
    if len(gaps) < 3:
        return None
    return statistics.pstdev(gaps) / statistics.mean(gaps)


def median(v):
    return statistics.median(v) if v else 0.0


def half_score(values, default):
    """Bowley skew and median absolute deviation of a list, as one number from 0 to 1."""
    v = sorted(values)
    n = len(v)
    q1, q2, q3 = median(v[: n // 2]), median(v), median(v[(n + 1) // 2:])
    skew = 0.0
    if q3 - q1 >= 10 and q2 != q1 and q2 != q3:
        skew = (q1 + q3 - 2 * q2) / (q3 - q1)
    mad = median([abs(x - q2) for x in v])
    spread = (q2 - mad) / q2 if q2 >= 1 else default
    return round((1 - abs(skew) + max(spread, 0)) / 2, 3)


def longest_run(bars):
    best = run = 0
    for b in bars + bars:
        run = run + 1 if b else 0
        best = max(best, run)
    return min(best, len(bars))


def beacon_score(rows, first, last):
    """rows: (seconds, bytes out); first, last: of the data set."""
    first = max(first, last - 86400)
    rows = [(math.floor(t), b) for t, b in rows if t >= first]
    times = [t for t, _ in rows]
    if len(set(times)) < 4 or last <= first:
        return None
    gaps = [b - a for a, b in zip(times, times[1:]) if b > a]
    if len(gaps) < 3:
        return None
    timing = half_score(gaps, 1.0)
    sizes = half_score([b for _, b in rows], 0.0)
    bars = [0] * 24
    for t in times:
        bars[min(23, max(0, int((t - first) / ((last - first) / 24))))] += 1
    c = statistics.pstdev(bars) / statistics.mean(bars)
    even = 0.0 if c > 1 else round(1 - c, 3)
    used = sum(1 for b in bars if b)
    bimodal = 0.0
    if used >= 11:
        width = math.ceil(max(bars) * 0.05)
        seen = defaultdict(int)
        for b in bars:
            if b:
                seen[b // width] += 1
        top = sorted(seen.values(), reverse=True) + [0]
        bimodal = min(1.0, round((top[0] + top[1]) / max(used - 1, 1), 3))
    duration = 0.0
    if used >= 6:
        cover = min(1.0, math.ceil((times[-1] - times[0]) / (last - first) * 1000) / 1000)
        steady = min(1.0, math.ceil(longest_run(bars) / 12 * 1000) / 1000)
        duration = max(cover, steady)
    return round(0.25 * timing + 0.25 * sizes + 0.25 * duration + 0.25 * max(even, bimodal), 3)


def calls_of(dump, home, path):
    groups = defaultdict(list)
    out = subprocess.run([dump, ",".join(home), path], capture_output=True, text=True).stdout
    for line in out.splitlines():
        host, dst, port, proto, start, _, sent, _ = line.split()
        groups[(host, dst, int(port), int(proto))].append((int(start) / 1000, int(sent)))
    return groups


def rivals(groups):
    """(key -> rank) by cv and by score, and how many alarms each raises."""
    if not groups:
        return {}, {}, 0, 0
    first = min(r[0][0] for r in groups.values())
    last = max(r[-1][0] for r in groups.values())
    by_cv = sorted((c, k) for k, r in groups.items() if (c := cv([t for t, _ in r])) is not None)
    by_score = sorted(((-s, k) for k, r in groups.items()
                       if (s := beacon_score(r, first, last)) is not None))
    return ({k: i + 1 for i, (_, k) in enumerate(by_cv)},
            {k: i + 1 for i, (_, k) in enumerate(by_score)},
            sum(1 for c, _ in by_cv if c < 0.3), sum(1 for s, _ in by_score if -s >= 0.7))


def scan(program, home, path):
    command = [program, "scan", "--quiet", "--all", "--format", "json"]
    for net in home:
        command += ["--home", net]
    run = subprocess.run(command + [path], capture_output=True, text=True)
    if run.returncode not in (0, 1, 4):
        print("  READ ERROR", path, run.returncode, run.stderr.strip())
    findings = [json.loads(line) for line in run.stdout.splitlines()]
    return [f for f in findings if f["event_type"] == "alert"], run.returncode in (0, 1, 4)


def matches(finding, wrong):
    w = finding["watertight"]
    if wrong["src"] not in w["hosts"] and wrong["src"] != w["host"]:
        return False
    if w["grouping"] in ("name", "domain") and finding.get("dest_ip") == wrong["dst"]:
        return True
    return any(d.get("ip") == wrong["dst"] and d["proto"].lower() == wrong["proto"]
               and (not wrong.get("port") or d.get("port") == wrong["port"])
               for d in w["destinations"])


def show(rank):
    return str(rank) if rank else "-"


def place_of(wrong, findings, true_ranks):
    """(place, finding) or (0, {})."""
    for f in findings:
        if matches(f, wrong):
            rank = f["watertight"]["rank"]
            return rank - sum(1 for r in true_ranks if r < rank), f["watertight"]
    return 0, {}


def judge_malicious(entry, findings, cv_rank, score_rank, totals):
    """True if every line is found or explained."""
    met = True
    true_ranks = {f["watertight"]["rank"] for f in findings
                  if any(matches(f, wrong) for wrong in entry["malicious"])}
    for wrong in entry["malicious"]:
        place, w = place_of(wrong, findings, true_ranks)
        kind = wrong["kind"]
        key = (wrong["src"], wrong["dst"], int(wrong.get("port") or 0), PROTO.get(wrong["proto"], 0))
        note = ""
        if kind in LEFT_OUT:
            note = "(left out: %s)" % LEFT_OUT[kind]
        else:
            totals["ranks"].append(1 / place if place else 0)
            totals["asked"] += w.get("severity") in ASKED
            if not place:
                note = "(explained: %s)" % EXPLAINED[kind] if kind in EXPLAINED else "(NOT FOUND)"
                met = met and kind in EXPLAINED
        print("  %-28s %-30s %-16s>%-21s %5s  %-8s %6s %7s  %4s %5s %s" % (
            entry["file"][:28], kind, wrong["src"][:16], "%s:%s" % (wrong["dst"], key[2]),
            show(place), w.get("severity", "-"), w.get("score_db", "-"),
            "%.0f s" % w["period_s"] if "period_s" in w else "-",
            show(cv_rank.get(key)), show(score_rank.get(key)), note))
    return met


def main():
    program, dump, data = sys.argv[1:4]
    totals, failed = {"ranks": [], "asked": 0}, []
    print("  %-28s %-30s %-38s %5s  %-8s %6s %7s  %4s %5s" % (
        "data set", "kind", "pair", "place", "severity", "score", "period", "cv", "score"))
    benign = []
    for line in open(data + "/truth.jsonl"):
        entry = json.loads(line)
        if entry["format"] == "suricata-eve":
            continue
        path = data + "/" + entry["file"]
        findings, read = scan(program, entry["home_net"], path)
        cv_rank, score_rank, cv_alarms, score_alarms = rivals(calls_of(dump, entry["home_net"], path))
        ok = read
        if entry["benign"]:
            cases = [f["watertight"] for f in findings
                     if f["watertight"]["severity"] in ASKED]
            benign.append((entry["file"], cases, len(findings), cv_alarms, score_alarms))
            ok = ok and len(cases) <= MOST_BENIGN
        else:
            ok = judge_malicious(entry, findings, cv_rank, score_rank, totals) and ok
        if not ok:
            failed.append(entry["file"])
    print("\n  %-28s %16s %8s %10s %12s" % ("benign set", "medium or more", "listed", "cv < 0.3", "score >= 0.7"))
    for name, cases, listed, cv_alarms, score_alarms in benign:
        print("  %-28s %16d %8d %10d %12d" % (name, len(cases), listed, cv_alarms, score_alarms))
        for w in cases:
            print("      #%d %s %s %s > %s %s: %s" % (w["rank"], w["severity"], w["kind"], w["host"], w["destination"],
                                             ",".join(w["names"]), "; ".join("%+.1f %s" % (e["db"], e["name"])
                                                                 for e in w["evidence"] + w["against"])))
    mean, lines = statistics.mean(totals["ranks"]), len(totals["ranks"])
    print("\n  %d lines call home or carry data: %d found, %d of them at medium severity or more; mean reciprocal rank %.3f" % (
        lines, sum(1 for r in totals["ranks"] if r), totals["asked"], mean))
    if mean < LEAST_MEAN:
        failed.append("mean reciprocal rank")
    print("  not met: %s" % (", ".join(failed) or "none"))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

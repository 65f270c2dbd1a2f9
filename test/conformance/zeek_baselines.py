# SPDX-License-Identifier: Apache-2.0
"""Which Zeek log was written from which capture, under which options.

A test of Zeek is a little shell script: `zeek -r CAPTURE` writes conn.log and
others, which are moved, cut and glued before they are compared with baselines.
Following those few commands tells the captures behind each baseline.
"""

import collections
import os
import re
import shlex

LOGS = ("conn", "dns", "http", "ssl", "quic", "ssh")
HEADER_NAMES = {  # tests that rename columns
    "src": "id.orig_h", "src_port": "id.orig_p", "dst": "id.resp_h", "dst_port": "id.resp_p",
    "src_ip": "id.orig_h", "dst_ip": "id.resp_h", "id_orig_h": "id.orig_h",
    "id_orig_p": "id.orig_p", "id_resp_h": "id.resp_h", "id_resp_p": "id.resp_p",
}

Run = collections.namedtuple("Run", "capture bare checks_sums filtered")


def run_of(command):
    """The Run that a zeek command line stands for, or None."""
    capture = re.search(r"\$\{?TRACES\}?/([^\s>|<]+)", command)
    if not re.search(r"(^|\s)zeek(\s|$)", command) or not capture:
        return None
    options = command.split()
    return Run(capture.group(1), "-b" in options, "-C" not in options and "-bC" not in options,
               "-f" in options or "Filter" in command)


def follow(script):
    """{file name: [(log kind, Run), ...]} after the test's commands."""
    files, compared = {}, {}
    for line in re.findall(r"@TEST-EXEC:\s*(.*)", script):
        for command in re.split(r"&&|;", line):
            diff = re.search(r"btest-diff\s+(\S+)", command)
            if diff and diff[1] in files:
                compared[diff[1]] = files[diff[1]]  # as it is now
            run = run_of(command)
            if run:
                for kind in LOGS:
                    files[kind + ".log"] = [(kind, run)]
            else:
                follow_file(files, command)
    return {**files, **compared}


def follow_file(files, command):
    if "|" in command:  # what a pipe's end writes still comes from its beginning
        command = command.split("|")[0] + command[command.find(">"):] * (">" in command)
    append = ">>" in command
    moved = re.match(r"\s*(?:mv|cp)\s+(?:-\w\s+)?(\S+)\s+(\S+)\s*$", command)
    if moved:
        source, target = moved.groups()
        if source in files:
            files[target] = files[source]
        return
    target = re.search(r">>?\s*(\S+)", command)
    if not target or target.group(1).startswith("&"):
        return
    sources = [w for w in re.findall(r"[\w.-]+", command[: target.start()]) if w in files]
    if sources:
        before = files.get(target.group(1), []) if append else []
        files[target.group(1)] = before + [run for s in sources for run in files[s]]


def rows(path):
    """Records as {column: text}; columns are named by Zeek's header or by zeek-cut's."""
    columns = None
    with open(path, errors="replace") as lines:
        for line in lines:
            line = line.rstrip("\n")
            cells = line.split("\t")
            if line.startswith("#fields\t"):
                columns = [HEADER_NAMES.get(c, c) for c in cells[1:]]
            elif line.startswith("#") or not line:
                continue
            elif cells[0] in ("ts", "uid", "id.orig_h") and len(cells) > 1:
                columns = [HEADER_NAMES.get(c, c) for c in cells]
            elif columns and len(cells) == len(columns):
                yield dict(zip(columns, cells))


def baselines(folder, entries):
    """(test, path, kind, [Run, ...]) for each log that can be read back."""
    seen = set()
    base = os.path.join(folder, "testing", "btest")
    for entry in entries:
        for test in entry["tests"]:
            if not test["baseline_dir"] or test["test"] in seen:
                continue
            seen.add(test["test"])
            with open(os.path.join(base, test["test"]), errors="replace") as script:
                files = follow(script.read())
            for name in sorted(os.listdir(os.path.join(base, test["baseline_dir"]))):
                made = files.get(name, [])
                if made and len({kind for kind, run in made}) == 1:
                    path = os.path.join(base, test["baseline_dir"], name)
                    yield test["test"], path, made[0][0], [run for kind, run in made]

# SPDX-License-Identifier: Apache-2.0
"""Reads the YAML that test.yaml files are written in: nested maps and lists, scalars, no tricks."""

import re


def scalar(text):
    text = text.strip()
    quoted = re.match(r"\"((?:[^\"\\]|\\.)*)\"|'([^']*)'", text)
    if quoted:
        return quoted[1].replace('\\"', '"').replace("\\\\", "\\") if quoted[1] is not None \
            else quoted[2]
    text = re.sub(r"\s+#.*$", "", text)
    if text.startswith("[") and text.endswith("]"):
        return [scalar(part) for part in text[1:-1].split(",") if part.strip()]
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    return {"true": True, "false": False, "null": None, "": None}.get(text.lower(), text)


def lines_of(text):
    """(indent, content), with "- " at the start of a line taken as a line of its own."""
    for line in text.splitlines():
        line = line.expandtabs(2)
        if not line.strip() or line.lstrip().startswith("#") or line.strip() == "---":
            continue
        indent, content = len(line) - len(line.lstrip()), line.strip()
        while content.startswith("- ") or content == "-":
            yield indent, "-"
            rest = content[1:].lstrip()
            indent += len(content) - len(rest)
            content = rest
        if content:
            yield indent, content


class Reader:
    def __init__(self, text):
        self.lines = list(lines_of(text))
        self.at = 0

    def value(self, least):
        """What is indented by `least` or more from here on."""
        if self.at == len(self.lines) or self.lines[self.at][0] < least:
            return None
        indent, content = self.lines[self.at]
        if content == "-":
            return self.items(indent)
        if key_of(content):
            return self.entries(indent)
        self.at += 1
        return scalar(content)

    def items(self, indent):
        found = []
        while self.at < len(self.lines) and self.lines[self.at] == (indent, "-"):
            self.at += 1
            found.append(self.value(indent + 1))
        return found

    def entries(self, indent):
        found = {}
        while self.at < len(self.lines):
            here, content = self.lines[self.at]
            key = key_of(content)
            if here != indent or not key:
                if here > indent:  # a block of text: not needed
                    self.at += 1
                    continue
                break
            self.at += 1
            name, rest = key
            if rest:
                found[name] = scalar(rest + self.continued(indent))
            elif self.at < len(self.lines) and self.lines[self.at] == (indent, "-"):
                found[name] = self.items(indent)
            else:
                found[name] = self.value(indent + 1)
        return found


    def continued(self, indent):
        """What a plain scalar goes on with in deeper lines that are nothing else."""
        text = ""
        while (self.at < len(self.lines) and self.lines[self.at][0] > indent
               and self.lines[self.at][1] != "-" and not key_of(self.lines[self.at][1])):
            text += " " + self.lines[self.at][1]
            self.at += 1
        return text


def key_of(content):
    """(name, rest) of "name: rest", or None."""
    if content == "-":
        return None
    match = re.match(r"(\"[^\"]*\"|'[^']*'|[^\s\"'\[{][^:]*?):(?:\s+(.*))?$", content)
    if not match:
        return None
    rest = (match[2] or "").strip()
    return match[1].strip("\"'"), "" if rest.startswith("#") else rest


def load(text):
    return Reader(text).value(0) or {}

#!/usr/bin/env python3
"""Says how many lines of each component its tests run, and fails where it is fewer than 95 of 100.

usage: report.py SUMMARY.json [--files]

SUMMARY.json is what `gcovr --json-summary` writes. With --files, the files that have lines nobody
ran come first, those with the most at the end.
"""

import argparse
import collections
import json
import sys

REQUIRED = 0.95


class Lines:
    """How many there are, and how many were run."""

    def __init__(self):
        self.run = 0
        self.total = 0

    def add(self, file):
        self.run += file["line_covered"]
        self.total += file["line_total"]

    def enough(self):
        return self.run >= REQUIRED * self.total

    def text(self):
        return f"{100 * self.run / self.total:5.1f} %  {self.run} of {self.total}"


def component_of(path):
    """lib/smb2/messages/negotiate.cc is of lib/smb2."""
    return "/".join(path.split("/")[:2])


def components_of(files):
    found = collections.defaultdict(Lines)
    for file in files:
        if file["line_total"] > 0:
            found[component_of(file["filename"])].add(file)
    return found


def missing(file):
    return file["line_total"] - file["line_covered"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("summary")
    parser.add_argument("--files", action="store_true", help="file by file as well")
    arguments = parser.parse_args()
    with open(arguments.summary, encoding="utf-8") as file:
        files = json.load(file)["files"]
    components = components_of(files)
    if not components:
        sys.exit(f"coverage: nothing is measured in {arguments.summary}")
    if arguments.files:
        for file in sorted(filter(missing, files), key=missing):
            print(f"{file['line_covered']:5} of {file['line_total']:5}  {file['filename']}")
    for name, lines in sorted(components.items()):
        print(f"{name:22}{lines.text()}{'' if lines.enough() else '  too few'}")
    few = [name for name, lines in components.items() if not lines.enough()]
    if few:
        sys.exit(f"coverage: fewer than 95 of 100 lines are run in {', '.join(sorted(few))}")


if __name__ == "__main__":
    main()

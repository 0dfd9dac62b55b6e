#!/usr/bin/env python3
"""libepa-sspi exports the functions of its headers under one version, and nothing else.

usage: exports_test.py LIBRARY HEADER...
"""

import re
import subprocess
import sys

VERSION = "EPA_SSPI_1"
DECLARED = re.compile(r"\b(epa_\w+)\(")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def declared(headers):
    names = set()
    for header in headers:
        with open(header, encoding="utf-8") as stream:
            names |= set(DECLARED.findall(COMMENT.sub("", stream.read())))
    return names


def exported(library):
    listing = subprocess.run(["nm", "-D", "--defined-only", library], capture_output=True,
                             text=True, check=True)
    return {line.split()[-1] for line in listing.stdout.splitlines()}


def main():
    expected = {f"{name}@@{VERSION}" for name in declared(sys.argv[2:])} | {VERSION}
    found = exported(sys.argv[1])
    for name in sorted(found - expected):
        print(f"exported, but not declared: {name}", file=sys.stderr)
    for name in sorted(expected - found):
        print(f"declared, but not exported: {name}", file=sys.stderr)
    print(f"{len(found)} symbols")
    return 0 if found == expected and len(found) > 40 else 1


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""A library exports the functions of its headers under one version, and nothing else; and it needs no
library of Samba's.

usage: exports_test.py LIBRARY VERSION PREFIX HEADER...

PREFIX: what the symbols of EPA_SSPI_DECLARE begin with. Without one, functions that the headers
declare as epa_* are not the library's.
"""

import re
import subprocess
import sys

PREFIXED = re.compile(r"\b(epa_\w+)\(")
BOTH = re.compile(r"\bEPA_SSPI_DECLARE\(\w+,\s*(?!name\b)(\w+),")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def declared(headers, prefix):
    names = set()
    for header in headers:
        with open(header, encoding="utf-8") as stream:
            text = COMMENT.sub("", stream.read())
        names |= {prefix + name for name in BOTH.findall(text)}
        if prefix:
            names |= set(PREFIXED.findall(text))
    return names


def exported(library):
    listing = subprocess.run(["nm", "-D", "--defined-only", library], capture_output=True,
                             text=True, check=True)
    return {line.split()[-1] for line in listing.stdout.splitlines()}


def needs_samba(library):
    listing = subprocess.run(["readelf", "-d", library], capture_output=True, text=True, check=True)
    return "wbclient" in listing.stdout


def main():
    library, version, prefix, *headers = sys.argv[1:]
    expected = {f"{name}@@{version}" for name in declared(headers, prefix)} | {version}
    found = exported(library)
    for name in sorted(found - expected):
        print(f"exported, but not declared: {name}", file=sys.stderr)
    for name in sorted(expected - found):
        print(f"declared, but not exported: {name}", file=sys.stderr)
    if needs_samba(library):
        print("needs libwbclient", file=sys.stderr)
        return 1
    print(f"{len(found)} symbols")
    return 0 if found == expected and len(found) > 80 else 1


if __name__ == "__main__":
    sys.exit(main())

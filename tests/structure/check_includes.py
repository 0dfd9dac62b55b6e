#!/usr/bin/env python3
"""Arrows only point down: no room includes a higher floor or a sibling on its own.

usage: check_includes.py ROOT
"""

import os
import re
import sys

from source_tree import project_files, read_text, report

FLOORS = {
    "base": 0,
    "crypto": 1, "asn1": 1,
    "core": 2,
    "tls": 3, "audit_json": 3, "registry": 3, "realm": 3,
    "ntlm": 4, "kerberos": 4, "negotiate": 4, "http": 4, "telnet": 4, "smb2": 4, "sasl": 4,
    "defaults": 5,
    "sspi": 6,
    "tools": 7, "examples": 7, "bench": 7,
}
TOP_ROOMS = {"tools", "examples", "bench"}
SOURCE = re.compile(r"\.(c|cc|h)$")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)
# Libraries that users of the public headers need not have.
PRIVATE_SYSTEM_HEADER = re.compile(r"^(openssl|krb5|gssapi|nlohmann|boost)([/.]|$)|^idn2\.h$")


def room_of(path):
    """The room a path of the tree, or the text of an include, belongs to; None outside."""
    parts = path.split("/")
    if parts[0] == "include":
        parts = parts[1:]
    if parts[0] in TOP_ROOMS:
        return parts[0]
    if parts[0] in ("lib", "providers", "epa") and len(parts) > 2:
        return parts[1]
    return None


def violations_in(path, text):
    room = room_of(path)
    is_public = path.startswith("include/")
    for quote, target in INCLUDE.findall(text):
        where = f"{path}: #include {target}: "
        if is_public and PRIVATE_SYSTEM_HEADER.match(target):
            yield where + "a public header must not need this library"
        if target.startswith("absl/") or (quote == "<" and room_of(target) is None):
            continue
        target_room = room_of(target)
        if target_room is None:
            yield where + "not a path from the root of the tree to a room"
        elif target_room not in FLOORS:
            yield where + f"unknown room {target_room}"
        elif is_public and not target.startswith("epa/"):
            yield where + "a public header includes public headers only"
        elif room == "examples" and not target.startswith(("epa/", "examples/")):
            yield where + "examples use the public headers only"
        elif target_room != room and FLOORS[target_room] >= FLOORS[room]:
            direction = "sideways" if FLOORS[target_room] == FLOORS[room] else "upwards"
            yield where + f"{direction}, from {room} to {target_room}"


def check(root):
    violations = []
    checked = 0
    for path in project_files(root):
        room = room_of(path) if SOURCE.search(path) else None
        if room is None:
            continue
        checked += 1
        if room not in FLOORS:
            violations.append(f"{path}: unknown room {room}")
            continue
        violations += violations_in(path, read_text(root, path) or "")
    if checked == 0:
        violations.append(f"{os.path.abspath(root)}: no source file found")
    return violations


if __name__ == "__main__":
    sys.exit(report(check(sys.argv[1])))

#!/usr/bin/env python3
"""What a public C++ header declares leaves the shared library; nothing else does.

Sources are compiled with hidden visibility, so each header says for itself that its declarations
are public. Headers of the C interface are exported by the list of their library.

usage: check_exports.py ROOT
"""

import os
import re
import sys

from source_tree import project_files, read_text, report

PUSH = "#pragma GCC visibility push(default)"
POP = "#pragma GCC visibility pop"
INCLUDE = re.compile(r"^[ \t]*#[ \t]*include\b")
CXX = re.compile(r"^namespace ", re.MULTILINE)


def violations_in(path, text):
    if not CXX.search(text):
        return
    lines = text.splitlines()
    if lines.count(PUSH) != 1 or lines.count(POP) != 1 or lines.index(POP) < lines.index(PUSH):
        yield f"{path}: needs one '{PUSH}' after its includes and one '{POP}' before its end"
    elif any(INCLUDE.match(line) for line in lines[lines.index(PUSH):]):
        yield f"{path}: an include below '{PUSH}' would export what it declares"


def check(root):
    violations = []
    checked = 0
    for path in project_files(root):
        if path.startswith("include/epa/") and path.endswith(".h"):
            checked += 1
            violations += violations_in(path, read_text(root, path) or "")
    if checked == 0:
        violations.append(f"{os.path.abspath(root)}: no public header found")
    return violations


if __name__ == "__main__":
    sys.exit(report(check(sys.argv[1])))

#!/usr/bin/env python3
"""Tracked files name no place on somebody's machine, postpone nothing, have no fences and nothing
that a supported compiler does not take; tests make no files beside their own temporary folder.

usage: check_text.py ROOT
"""

import re
import sys

from source_tree import project_files, read_text, report

# Written so that this file does not match.
PATTERNS = (
    (re.compile(r"(?<![\w.])/(?:[w]ork|[r]oot|[h]ome)/\w"), "a machine's path"),
    (re.compile(r"\.\./[s]hared\b"), "a path outside the tree"),
    (re.compile(r"\b(?:[T]ODO|[F]IXME)\b"), "postponed work"),
    # The preset tsan silences the warning about them.
    (re.compile(r"\batomic_thread_[f]ence\b"), "what the thread sanitizer cannot see"),
    # Its result is a view, which clang 14 does not make of libstdc++'s headers.
    (re.compile(r"\branges::[s]earch\b"), "what clang 14 does not compile"),
)
# Names that others can guess, and be there first, are no names for a test's files.
TEMPORARY = re.compile(r"\btemp_[d]irectory_path\b|\b[T]empDir\(|/t[m]p/\w")
TEMPORARY_FOLDER = "tests/support/temporary_folder.h"
# Captured bytes as text may spell anything.
EXEMPT = ("tests/data/", "fuzz/corpus/")


def check(root):
    violations = []
    for path in project_files(root):
        text = None if path.startswith(EXEMPT) else read_text(root, path)
        if text is None:
            continue
        patterns = PATTERNS
        if path.startswith(("tests/", "fuzz/")) and path != TEMPORARY_FOLDER:
            patterns += ((TEMPORARY, "a temporary file beside " + TEMPORARY_FOLDER),)
        for number, line in enumerate(text.splitlines(), start=1):
            for pattern, meaning in patterns:
                if pattern.search(line):
                    violations.append(f"{path}:{number}: {meaning}: {line.strip()}")
    return violations


if __name__ == "__main__":
    sys.exit(report(check(sys.argv[1])))

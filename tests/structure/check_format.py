#!/usr/bin/env python3
"""Every C and C++ source is as clang-format writes it.

usage: check_format.py ROOT CLANG_FORMAT
"""

import subprocess
import sys

from source_tree import project_files, report


def check(root, clang_format):
    sources = [path for path in project_files(root) if path.endswith((".c", ".cc", ".h"))]
    if not sources:
        return [f"{root}: no source file found"]
    outcome = subprocess.run([clang_format, "--dry-run", "-Werror", *sources], cwd=root,
                             capture_output=True, text=True, check=False)
    violations = sorted({line for line in outcome.stderr.splitlines() if ": error:" in line})
    if outcome.returncode != 0 and not violations:
        violations = [outcome.stderr]
    return violations


if __name__ == "__main__":
    sys.exit(report(check(sys.argv[1], sys.argv[2])))

"""The files of the project, as the checks in this folder see them."""

import os
import subprocess
import sys

SKIPPED = {".git", ".cache", "build", "__pycache__"}


def project_files(root):
    """Paths relative to `root`: what git tracks, or everything where this is no work tree."""
    if os.path.exists(os.path.join(root, ".git")):
        # Whoever owns the tree: a list is no danger.
        listing = subprocess.run(["git", "-c", "safe.directory=*", "-C", root, "ls-files", "-z"],
                                 capture_output=True, check=False)
        if listing.returncode == 0:
            names = listing.stdout.decode().split("\0")
            return sorted(n for n in names if n and os.path.isfile(os.path.join(root, n)))
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [f for f in folders if f not in SKIPPED]
        found += [os.path.relpath(os.path.join(folder, n), root) for n in names
                  if n not in SKIPPED]  # in a git work tree .git is a file
    return sorted(found)


def read_text(root, path):
    """The content, or None for a file that is not text."""
    with open(os.path.join(root, path), "rb") as stream:
        content = stream.read()
    if b"\0" in content:
        return None
    return content.decode("utf-8", errors="replace")


def report(violations):
    """Prints one line for each; the exit status."""
    for violation in violations:
        print(violation, file=sys.stderr)
    print(f"{len(violations)} violations")
    return 1 if violations else 0

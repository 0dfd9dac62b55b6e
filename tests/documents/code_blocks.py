"""The code blocks of README and docs: what they are written in, and where they are."""

import glob
import os
import re
from typing import NamedTuple

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
# What a block's first line may say after its fence. `sh` is run by documents_commands_test.py, with
# "elsewhere" only looked through: it needs root, another machine or minutes. `apache` and `nginx` are
# started by interop_apache_module_test.py and its sister, `logrotate` by logrotate_test.py. `text` is for pictures and output.
KINDS = ("text", "sh", "sh elsewhere", "c", "cpp", "cmake", "reg", "ini", "json", "apache", "nginx",
         "logrotate")


class Block(NamedTuple):
    document: str
    line: int
    kind: str
    text: str

    def __str__(self):
        return f"{self.document}:{self.line}"


def documents():
    paths = [os.path.join(SOURCE, name) for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")]
    return sorted(paths + glob.glob(os.path.join(SOURCE, "docs/*.md")))


def blocks(*kinds):
    """All blocks of these kinds, or of all, in their order."""
    found = []
    for path in documents():
        with open(path, encoding="utf-8") as file:
            text = file.read()
        name = os.path.relpath(path, SOURCE)
        for match in re.finditer(r"^```([^\n]*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
            found.append(Block(name, text.count("\n", 0, match.start()) + 1, match[1], match[2]))
    return [block for block in found if not kinds or block.kind in kinds]


def indented_blocks():
    """Blocks that say nothing of what they are: `document:line` of each."""
    found = []
    for path in documents():
        with open(path, encoding="utf-8") as file:
            lines = file.read().split("\n")
        fenced = False
        for number, line in enumerate(lines, start=1):
            fenced ^= line.startswith("```")
            if not fenced and re.match(r" {4}\S", line) and lines[number - 2] == "":
                found.append(f"{os.path.relpath(path, SOURCE)}:{number}")
    return found

"""What the documents say of settings is what the table says, and their configurations are right.

With --write, the documents are written anew.
"""

import os
import re
import subprocess
import sys
import tempfile
import unittest

DOCS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs")
TOOL = os.environ.get("EPA_SETTINGS_TEXT")
# The document, the form of the table in it, and what stands before and behind it there.
TABLES = (
    ("configuration.md", "markdown", "<!-- settings -->\n", "<!-- end of settings -->\n"),
    ("man/epa.conf.5", "mdoc", '.\\" settings\n', '.\\" end of settings\n'),
)


def read(name):
    with open(os.path.join(DOCS, name), encoding="utf-8") as file:
        return file.read()


def table(form):
    return subprocess.run([TOOL, form], check=True, capture_output=True, text=True).stdout


def parts(text, before, behind):
    head, rest = text.split(before)
    body, tail = rest.split(behind)
    return head + before, body, behind + tail


def write():
    for name, form, before, behind in TABLES:
        head, _, tail = parts(read(name), before, behind)
        with open(os.path.join(DOCS, name), "w", encoding="utf-8") as file:
            file.write(head + table(form) + tail)


class DocumentsTest(unittest.TestCase):
    def test_tables_are_those_of_the_code(self):
        for name, form, before, behind in TABLES:
            with self.subTest(name):
                _, body, _ = parts(read(name), before, behind)
                self.assertEqual(body, table(form), "run documents_test.py --write")

    def check(self, text):
        with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
            file.write(text)
            file.flush()
            return subprocess.run([TOOL, "check", file.name], capture_output=True, text=True,
                                  check=False)

    def test_configurations_in_the_documents_are_right(self):
        found = re.findall(r"^```ini\n(.*?)^```$", read("configuration.md") + read("gss.md") + read("sasl.md"),
                           re.M | re.S)
        found += re.findall(r"^\.Bd -literal[^\n]*\n(.*?)^\.Ed$", read("man/epa.conf.5"), re.M | re.S)
        self.assertGreater(len(found), 1)
        for text in found:
            self.assertEqual(self.check(text).stderr, "", text)

    def test_the_check_can_fail(self):
        self.assertIn(":1 ", self.check("[htpp]\n").stderr)


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        write()
    else:
        unittest.main()

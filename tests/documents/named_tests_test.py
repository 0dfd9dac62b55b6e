"""Each line of docs/deviations.md names tests that hold it, and they exist."""

import glob
import os
import re
import unittest

from code_blocks import SOURCE


def rows(document):
    """The cells of each row of its tables, heads left out."""
    with open(os.path.join(SOURCE, document), encoding="utf-8") as file:
        lines = file.read().split("\n")
    for number, line in enumerate(lines):
        is_head = number + 1 < len(lines) and lines[number + 1].startswith("|---")
        if line.startswith("|") and not line.startswith("|---") and not is_head:
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))]


def tests_of_the_tree():
    found = set()
    for path in glob.glob(os.path.join(SOURCE, "tests/**/*.cc"), recursive=True):
        with open(path, encoding="utf-8") as file:
            found.update(".".join(match) for match in
                         re.findall(r"^TEST(?:_[FP])?\((\w+),\s*(\w+)\)", file.read(), re.MULTILINE))
    return found


class DeviationsTest(unittest.TestCase):
    def test_every_line_names_tests_that_exist(self):
        there = tests_of_the_tree()
        lines = list(rows("docs/deviations.md"))
        self.assertGreater(len(lines), 40)
        for subject, *_, tests in lines:
            with self.subTest(subject):
                self.assertRegex(tests, r"\A`\w+\.\w+`(, `\w+\.\w+`)*\Z")
                for name in re.findall(r"`([^`]+)`", tests):
                    self.assertIn(name, there)


if __name__ == "__main__":
    unittest.main()

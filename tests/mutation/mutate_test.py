#!/usr/bin/env python3
"""Mutants change one operator of the code, and nothing of comments, strings and directives."""

import unittest

import mutate


def mutated(line):
    """All that becomes of a line."""
    found = []
    for pattern, replacement in mutate.REPLACEMENTS:
        for match in mutate.re.finditer(pattern, mutate.code_of(line)):
            found.append(mutate.Mutant("lib/core/a.cc", 0, line, match.start(), match.end(),
                                       replacement).mutated)
    return found


class MutantsTest(unittest.TestCase):

    def test_each_operator_is_changed_alone(self):
        self.assertEqual(mutated("if (a == b && c < d) {"),
                         ["if (a != b && c < d) {", "if (a == b && c <= d) {",
                          "if (a == b || c < d) {"])
        self.assertEqual(mutated("  return !done;"), [])
        self.assertEqual(mutated("if (!done) {"), ["if (done) {"])
        self.assertEqual(mutated("bool ready = false;"), ["bool ready = true;"])

    def test_what_is_no_code_stays(self):
        for line in ("// a == b", "#if A == B", '  Say("a == b");', "std::vector<int> a;",
                     "out << a;", "a->b();"):
            self.assertEqual(mutated(line), [], line)
        self.assertEqual(mutated("x = y;  // true"), [])

    def test_every_component_has_tests(self):
        for mutant in mutate.all_mutants(""):
            self.assertIn(mutant.component(), mutate.TESTS)

    def test_known_equivalents_are_of_this_tree(self):
        with open(mutate.os.path.join(mutate.os.path.dirname(mutate.__file__), "equivalents.txt"),
                  encoding="utf-8") as file:
            known = [line.rstrip("\n") for line in file if not line.startswith("#")]
        everything = {mutant.text() for path in mutate.tracked_files() if path.endswith(".cc")
                      and any(path.startswith(folder + "/") for folder in mutate.TESTS)
                      for mutant in mutate.mutants_of(path)}
        for text in known:
            self.assertIn(text, everything)


if __name__ == "__main__":
    unittest.main()

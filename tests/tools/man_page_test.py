"""docs/man/epa.1 has every command and every option that --help has, and no other."""

import os
import re
import unittest

import epa_command
from epa_command import run

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/man/epa.1")


def help_of(*words):
    return run(*words, "--help").stdout


def commands_of_help():
    table = help_of().split("\n\n")[2]
    return [re.split(r"\s{2,}", line.strip())[0] for line in table.splitlines()]


def options_of_help(command):
    """Pairs of an option and what it takes; --help itself is every command's."""
    found = re.findall(r"^  --([\w-]+)(?: (\S+))?(?:  +|$)", help_of(*command.split()), re.MULTILINE)
    return sorted(pair for pair in found if pair[0] != "help")


def sections_of_page():
    """Below each command's heading: its options, and the names of those that are as another's."""
    with open(PAGE, encoding="utf-8") as file:
        page = file.read()
    commands = re.search(r"^\.Sh COMMANDS$(.*?)^\.Sh ", page, re.MULTILINE | re.DOTALL)[1]
    sections = re.split(r"^\.Ss (.*)$", commands, flags=re.MULTILINE)[1:]
    item = re.compile(r"^\.It Fl -([\w-]+)(?: Ar (\S+))?$", re.MULTILINE)
    taken = re.compile(r"^It takes$(.*?)^\.Bl", re.MULTILINE | re.DOTALL)
    found = {}
    for command, text in zip(sections[::2], sections[1::2]):
        names = taken.search(text)
        found[command] = (item.findall(text),
                          re.findall(r"^\.Fl -([\w-]+)", names[1], re.MULTILINE) if names else [])
    return found


class ManPageTest(unittest.TestCase):
    def test_it_has_the_commands_in_their_order(self):
        commands = commands_of_help()
        self.assertIn("demo", commands)
        self.assertEqual(list(sections_of_page()), commands)

    def test_it_has_the_options_of_each_command(self):
        for command, (options, names) in sections_of_page().items():
            with self.subTest(command):
                self.assertTrue(options)
                expected = options_of_help(command)
                elsewhere = [option for option in expected if option[0] in names]
                self.assertEqual(sorted(options + elsewhere), expected)
                self.assertEqual(sorted(names), sorted(name for name, _ in elsewhere))


if __name__ == "__main__":
    epa_command.main()

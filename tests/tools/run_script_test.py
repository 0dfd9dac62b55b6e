"""./run says what is wrong in one line before anything takes long, and knows the command's options."""

import os
import re
import shutil
import subprocess

import epa_command

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
# What the script and its stand-ins call; nothing else is on their PATH.
PROGRAMS = ("awk", "bash", "basename", "cat", "dirname", "env", "mkdir", "nproc", "tail", "tee")


class RunScriptTest(epa_command.EpaTestCase):
    """In a tree and on a machine that have nothing; each program that is called leaves its name."""

    def setUp(self):
        self.tree = os.path.join(self.directory.name, self._testMethodName)
        os.makedirs(os.path.join(self.tree, "bin"))
        shutil.copy(os.path.join(SOURCE, "run"), self.tree)
        for name in PROGRAMS:
            os.symlink(shutil.which(name), os.path.join(self.tree, "bin", name))
        self.stand_in("id", "echo 1000")
        self.stand_in("dpkg-query", "exit 1")
        self.stand_in("cmake", "echo cmake >>called")

    def stand_in(self, name, text):
        path = os.path.join(self.tree, "bin", name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"#!{shutil.which('bash')}\n{text}\n")
        os.chmod(path, 0o755)

    def run_script(self, *arguments):
        return subprocess.run(
            [shutil.which("bash"), os.path.join(self.tree, "run"), *arguments],
            env={"PATH": os.path.join(self.tree, "bin")}, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=60, check=False)

    def called(self):
        path = os.path.join(self.tree, "called")
        if not os.path.exists(path):
            return []
        with open(path, encoding="utf-8") as file:
            return file.read().split()

    def assert_one_line(self, result, *words):
        self.assertEqual(result.returncode, 2, result.stderr)
        self.assertEqual(result.stdout, "")
        self.assertRegex(result.stderr, r"\Arun: [^\n]+\n\Z")
        for word in words:
            self.assertIn(word, result.stderr)

    def test_packages_are_missing_and_there_is_no_sudo(self):
        for command in ("demo", "test", "bench", "load", "fuzz", "package"):
            with self.subTest(command):
                self.assert_one_line(self.run_script(command), "libkrb5-dev",
                                     "./run packages " + command)
        self.assertEqual(self.called(), [])

    def test_sudo_that_lets_nobody_in(self):
        self.stand_in("sudo", "echo 'alice is not in the sudoers file' >&2; exit 1")
        self.assert_one_line(self.run_script("demo"), "libkrb5-dev")

    def test_what_apt_get_says_is_in_a_file(self):
        self.stand_in("sudo", '[ "$1" = -n ] && shift; exec "$@"')
        self.stand_in("apt-get", 'for i in {1..60}; do echo "Setting up package-$i"; done\n'
                                 'echo "E: no room"; [ "$2" = update ]')
        self.stand_in("true", "exit 0")
        result = self.run_script("demo")
        self.assertEqual(result.returncode, 2, result.stderr)
        lines = result.stderr.splitlines()
        self.assertIn("libkrb5-dev", lines[0])
        self.assertEqual(lines[1:-1], ["run:   Setting up package-25",
                                       "run:   Setting up package-50"] * 2)
        self.assertEqual(lines[-1], "run: apt-get install failed; the end of build/apt.log: "
                                    "E: no room")
        with open(os.path.join(self.tree, "build/apt.log"), encoding="utf-8") as log:
            self.assertEqual(log.read().count("package-7\n"), 2)

    def test_options_are_checked_first(self):
        self.stand_in("dpkg-query", "echo dpkg-query >>called; exit 1")
        for arguments in (("demo", "--bogus"), ("demo", "--dir"), ("demo", "--server", "iis"), ("test", "--bogus"),
                          ("bench", "--bogus"), ("load", "--bogus"), ("load", "--seconds=soon"),
                          ("load", "--certificate=paper"), ("mutate", "0"), ("mutate", "--seed"),
                          ("mutate", "5", "--under", "nowhere"), ("coverage", "--bogus"), ("fuzz", "--seconds"), ("fuzz", "no-such-fuzzer"),
                          ("package", "--bogus"), ("packages", "bogus"), ("bogus",)):
            with self.subTest(arguments):
                self.assert_one_line(self.run_script(*arguments), arguments[-1])
        self.assertEqual(self.called(), [])

    def test_help_builds_nothing(self):
        for arguments in ((), ("--help",), ("demo", "--help"), ("test", "-h")):
            result = self.run_script(*arguments)
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertIn("usage: ./run COMMAND", result.stdout)
        self.assertEqual(self.called(), [])

    def test_the_options_of_the_demonstration_are_those_of_the_command(self):
        text = epa_command.run("demo", "--help").stdout
        usage = re.search(r"^usage: epa demo (.*)$", text, re.MULTILINE)[1]
        self.assert_one_line(self.run_script("demo", "--bogus"), f"it takes {usage}\n")

    def test_a_tree_that_cannot_be_written(self):
        self.stand_in("dpkg-query", "echo installed")
        with open(os.path.join(self.tree, "build"), "w", encoding="utf-8"):
            pass
        os.chmod(os.path.join(self.tree, "build"), 0o400)
        self.assert_one_line(self.run_script("demo"), "cannot write to", "/build")
        self.assertEqual(self.called(), [])


if __name__ == "__main__":
    epa_command.main()

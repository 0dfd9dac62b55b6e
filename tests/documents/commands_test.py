"""The commands of README and docs do what they say, literally: only port numbers are exchanged.

Blocks of one document are run after each other in one empty folder. A command whose comment says
"refused" ends with exit status 1, any other with 0; one that goes on in the background says where it
listens before the next one runs.
"""

import json
import os
import re
import select
import shlex
import subprocess
import time
import unittest

import code_blocks
import epa_command
from code_blocks import SOURCE
from epa_command import EPA, PATIENCE, ReservedPort

MARK = "documents-test-mark"
# Programs that run elsewhere: nothing here could show that they work.
ELSEWHERE = {"./run", "apt-get", "cmake", "ctest", "gcovr", "git", "install", "journalctl", "ldapsearch",
             "net", "sudo", "systemctl"}


def commands(text):
    """Logical lines, without those that hold nothing but a comment."""
    joined = re.sub(r"\\\n\s*", "", text)
    return [line for line in joined.split("\n") if line.strip() and not line.startswith("#")]


def words_of(command):
    """Of each simple command in the line."""
    found = [[]]
    lexer = shlex.shlex(command, posix=True, punctuation_chars="&|;")
    lexer.whitespace_split = True
    for word in lexer:
        if set(word) <= set("&|;"):
            found.append([])
        else:
            found[-1].append(word)
    return [words for words in found if words]


class Shell:
    """bash that is given one line after the other."""

    def __init__(self, directory):
        reader, self._writer = os.pipe()
        self._process = subprocess.Popen(
            ["bash", f"/proc/self/fd/{reader}"], cwd=directory, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, pass_fds=[reader],
            env={**os.environ, "PATH": os.path.dirname(EPA) + ":" + os.environ["PATH"]})
        os.close(reader)
        self._unread = b""

    def close(self):
        self._write("kill $(jobs -p); wait\n")
        os.close(self._writer)
        self._process.communicate()

    def run(self, line):
        """The exit status, and what it wrote."""
        self._write(f"{line}\nprintf '{MARK} %d\\n' $?\n")
        before, match = self._read_to(MARK + r" (\d+)\n")
        return int(match[1]), before

    def start(self, line):
        """In the background, up to where it listens."""
        self._write(line + "\n")
        self._read_to(r"listening on \S+\n")

    def _write(self, text):
        os.write(self._writer, text.encode())

    def _read_to(self, pattern):
        deadline = time.monotonic() + PATIENCE
        while True:
            text = self._unread.decode("utf-8", errors="replace")
            match = re.search(pattern, text)
            if match is not None:
                self._unread = text[match.end():].encode()
                return text[:match.start()], match
            ready, _, _ = select.select([self._process.stdout], [], [],
                                        max(deadline - time.monotonic(), 0))
            piece = os.read(self._process.stdout.fileno(), 65536) if ready else b""
            if not piece:
                raise AssertionError("the shell says only: " + text)
            self._unread += piece


class CommandsTest(epa_command.EpaTestCase):
    def test_every_block_says_what_it_is(self):
        for block in code_blocks.blocks():
            self.assertIn(block.kind, code_blocks.KINDS, block)
        self.assertEqual(code_blocks.indented_blocks(), [])

    def test_documents_have_commands(self):
        with_commands = {block.document for block in code_blocks.blocks("sh")}
        self.assertLessEqual({"README.md", "docs/settings.md", "docs/smb.md"}, with_commands)

    def test_the_commands_work(self):
        for document in sorted({block.document for block in code_blocks.blocks("sh")}):
            with self.subTest(document):
                self.run_document(document)

    def run_document(self, document):
        directory = self.path(document.replace("/", "-"))
        os.mkdir(directory)
        texts = [block.text for block in code_blocks.blocks("sh") if block.document == document]
        ports = {}
        self.addCleanup(lambda: [port.close() for port in ports.values()])
        for number in re.findall(r"--listen \S+:(\d+)", "\n".join(texts)):
            ports.setdefault(number, ReservedPort())
        shell = Shell(directory)
        try:
            for text in texts:
                for line in commands(text):
                    for number, port in ports.items():
                        line = re.sub(rf"\b{number}\b", str(port.number), line)
                    self.run_line(shell, document, line)
        finally:
            shell.close()

    def run_line(self, shell, document, line):
        command, _, comment = line.partition("  #")
        if command.rstrip().endswith("&"):
            shell.start(command)
            return
        status, text = shell.run(command)
        expected = 1 if "refused" in comment else 0
        self.assertEqual(status, expected, f"{document}: {line}\n{text}")

    def test_registry_files_are_read(self):
        for number, block in enumerate(code_blocks.blocks("reg")):
            text = block.text
            if "Registry Editor" not in text:
                text = "Windows Registry Editor Version 5.00\n" + text
            result = epa_command.run("settings", self.write(f"{number}.reg", text))
            self.assertEqual(result.returncode, 0, f"{block}: {result.stderr}")


class ElsewhereTest(unittest.TestCase):
    """What is not run here is at least there."""

    def commands(self):
        for block in code_blocks.blocks("sh elsewhere"):
            for line in commands(block.text):
                for words in words_of(line.partition("  #")[0]):
                    yield block, words

    def test_they_are_about_known_programs(self):
        for block, words in self.commands():
            self.assertTrue(words[0] in ELSEWHERE | {"epa"} or words[0].startswith("build/"),
                            f"{block}: {words}")

    def test_options_of_epa(self):
        for block, words in self.commands():
            if words[0] == "epa":
                kind = words[1:3] if words[1] in ("serve", "login", "accounts") else words[1:2]
                known = epa_command.run(*kind, "--help").stdout
                for word in words[1:]:
                    if word.startswith("--"):
                        self.assertRegex(known, rf"\n  {word.partition('=')[0]} ", f"{block}: {words}")

    def test_commands_of_run(self):
        usage = subprocess.run(["bash", os.path.join(SOURCE, "run"), "help"], check=True,
                               capture_output=True, text=True, timeout=60).stdout
        for block, words in self.commands():
            if words[0] == "./run":
                self.assertRegex(usage, rf"\n  {words[1]} ", f"{block}: {words}")
                for word in words[2:]:
                    if word.startswith("--"):
                        self.assertIn(word, usage, f"{block}: {words}")

    def test_presets(self):
        with open(os.path.join(SOURCE, "CMakePresets.json"), encoding="utf-8") as file:
            presets = json.load(file)
        names = {preset["name"] for preset in presets["configurePresets"]}
        for block, words in self.commands():
            for option, value in zip(words, words[1:]):
                if option == "--preset":
                    self.assertIn(value, names, f"{block}: {words}")

    def test_packages_to_build_with(self):
        with open(os.path.join(SOURCE, "run"), encoding="utf-8") as file:
            needed = re.search(r"^build_packages=\((.*?)\)", file.read(),
                               re.MULTILINE | re.DOTALL)[1].split()
        listed = [words[words.index("install") + 1:] for _, words in self.commands()
                  if "apt-get" in words and "cmake" in words]
        self.assertEqual([sorted(names) for names in listed], [sorted(needed)])


if __name__ == "__main__":
    epa_command.main()

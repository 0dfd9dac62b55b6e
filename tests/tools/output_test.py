"""What cannot be written is said, nothing gets the number of a standard descriptor, and a terminal
keeps its echo."""

import contextlib
import os
import pty
import select
import signal
import subprocess
import termios
import time

import epa_command
from epa_command import EPA, PATIENCE, USER, json_lines, run

TOKEN = "NTLM TlRMTVNTUAABAAAAB4IIogAAAAAAAAAAAAAAAAAAAAAKAGFKAAAADw=="
NTLM_IS_REPORTED = """Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\MSV1_0]
"RestrictSendingNTLMTraffic"=dword:1
"""


def run_with(redirection, *arguments):
    """Runs the command with what a shell writes as a redirection."""
    return subprocess.run(["sh", "-c", f'exec "$@" {redirection}', "-", EPA, *arguments],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
                          check=False)


class OutputTest(epa_command.EpaTestCase):
    def assertFault(self, result, words):
        self.assertEqual(result.returncode, 3, result.stderr)
        self.assertEqual(result.stdout, "")
        self.assertRegex(result.stderr, r"\Aepa: [^\n]*" + words + r"[^\n]*\n\Z")

    def test_a_full_disk_is_a_fault_of_every_command(self):
        self.write("settings.reg", NTLM_IS_REPORTED)
        for arguments in (["--help"], ["--version"], ["serve", "--help"], ["decode", "--help"],
                          ["decode", TOKEN], ["decode", TOKEN, "--json"],
                          ["binding", self.path("server.pem")],
                          ["settings", self.path("settings.reg")]):
            with self.subTest(arguments):
                self.assertEqual(run(*arguments).returncode, 0)
                self.assertFault(run_with(">/dev/full", *arguments),
                                 "standard output: No space left on device")
                self.assertFault(run_with(">&-", *arguments), "standard output")

    def test_a_helper_that_cannot_answer_is_a_fault(self):
        helper = ["helper", "--helper-protocol=squid-2.5-ntlmssp", "--service", self.path("absent")]
        result = subprocess.run(["sh", "-c", 'echo YR | exec "$@" >/dev/full', "-", EPA, *helper],
                                capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(result.returncode, 3)
        self.assertRegex(result.stderr, r"cannot write to standard output: No space left on device\n\Z")

    def test_wrong_usage_stays_wrong_usage(self):
        self.assertUsageError(run_with(">/dev/full", "decode", "no such token"), "epa: ")

    def test_a_file_that_does_not_fit_is_a_fault(self):
        with self.share() as server:
            self.assertEqual(run(*self.share_login(server, "--get", "big")).stdout, "x" * 1_000_000)
            for arguments in (["--get", "big"], ["--list"], ["--json"]):
                with self.subTest(arguments):
                    self.assertFault(run_with(">/dev/full", *self.share_login(server, *arguments)),
                                     "No space left on device")

    def test_a_refusal_that_nobody_can_read_is_a_fault(self):
        with self.server() as server:
            self.assertRefused(self.login(server, password="wrong-password"))
            self.assertFault(
                run_with(">/dev/full", "login", "https", f"https://{server.address}/", "--user",
                         USER, "--password-file", self.path("wrong-password"), "--ca",
                         self.path("server.pem")), "standard output")

    def test_an_event_that_cannot_be_written_is_a_fault(self):
        settings = self.write("settings.reg", NTLM_IS_REPORTED)
        with self.server() as server:
            result = self.login(server, "--registry", settings, "--audit", self.path("told"))
            self.assertLoggedIn(result)
            self.assertTrue(json_lines(self.path("told")))
            result = self.login(server, "--registry", settings, "--audit", "/dev/full")
            self.assertEqual(result.returncode, 3)
            self.assertRegex(result.stderr, r"\Aepa: audit events are lost: [^\n]*\n\Z")
            self.assertLoggedIn(self.login(server, "--audit", "/dev/full"))

    def test_a_server_that_cannot_say_where_it_listens_does_not_serve(self):
        for redirection in (">/dev/full", ">&-"):
            self.assertFault(run_with(redirection, *self.server_arguments()), "standard output")

    @contextlib.contextmanager
    def share(self):
        folder = self.path("share")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "big"), "w", encoding="ascii") as file:
            file.write("x" * 1_000_000)
        with self.serving(["serve", "smb", "--share", f"docs={folder}", "--accounts",
                           self.path("accounts")]) as server:
            yield server

    def share_login(self, server, *options):
        return ["login", "smb", f"//{server.address}/docs", "--user", USER, "--password-file",
                self.path("password"), *options]


class StandardDescriptorsTest(epa_command.EpaTestCase):
    def test_no_file_gets_their_numbers(self):
        """Whatever is closed, what is written for people is not in the audit file."""
        for closed in ("2>&-", "<&- 2>&-"):
            audit = self.path("audit " + closed)
            starter = ["sh", "-c", f'exec "$@" {closed}', "-"]
            with self.subTest(closed), \
                    self.serving(self.server_arguments("--audit", audit, "--extended-protection",
                                                       "0"), starter) as server:
                self.assertLoggedIn(self.login(server))
            self.assertEqual([event["outcome"] for event in json_lines(audit)], ["accepted"])

    def test_none_is_needed(self):
        self.assertEqual(run_with("<&- >&- 2>&-", "--version").returncode, 3)
        self.assertEqual(run_with("<&- 2>&-", "--version").returncode, 0)


class PasswordPromptTest(epa_command.EpaTestCase):
    @contextlib.contextmanager
    def asking(self, server):
        """A login that asks on a terminal: its process, and the terminal's other end."""
        process, terminal = pty.fork()
        if process == 0:
            os.execv(EPA, [EPA, "login", "https", f"https://{server.address}/", "--user", USER,
                           "--ca", self.path("server.pem")])
        try:
            self.read_until(terminal, b"Password of")
            self.assertFalse(self.echoes(terminal))
            yield process, terminal
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(process, 0)
            os.close(terminal)

    def read_until(self, terminal, words):
        text = b""
        while words not in text:
            self.assertTrue(select.select([terminal], [], [], PATIENCE)[0], text)
            try:
                text += os.read(terminal, 4096)
            except OSError:
                self.fail(f"the end came before {words}: {text}")
        return text

    @staticmethod
    def echoes(terminal):
        return termios.tcgetattr(terminal)[3] & termios.ECHO != 0

    def wait(self, process, options=0):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            number, status = os.waitpid(process, os.WNOHANG | options)
            if number == process:
                return status
            time.sleep(0.02)
        return self.fail("the command neither ends nor stops")

    def test_the_password_is_taken_and_not_shown(self):
        with self.server() as server, self.asking(server) as (process, terminal):
            os.write(terminal, epa_command.PASSWORD.encode() + b"\n")
            shown = self.read_until(terminal, b"accepted")
            self.assertNotIn(epa_command.PASSWORD.encode(), shown)
            self.assertTrue(self.echoes(terminal))
            self.assertEqual(os.waitstatus_to_exitcode(self.wait(process)), 0)

    def test_whatever_ends_it_the_echo_is_back(self):
        with self.server() as server:
            for number, key in ((signal.SIGINT, b"\x03"), (signal.SIGQUIT, b"\x1c"),
                                (signal.SIGTERM, None)):
                with self.subTest(number), self.asking(server) as (process, terminal):
                    if key is None:
                        os.kill(process, number)
                    else:
                        os.write(terminal, key)
                    self.assertEqual(os.waitstatus_to_exitcode(self.wait(process)), -number)
                    self.assertTrue(self.echoes(terminal))


if __name__ == "__main__":
    epa_command.main()

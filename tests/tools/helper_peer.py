"""Front ends, helpers and clients of `epa serve helper`, for tests."""

import contextlib
import os
import re
import select
import signal
import subprocess

import epa_command
from epa_command import EPA, PATIENCE

HELPER = os.path.join(os.path.dirname(EPA), "epa-helper")
TOKENS = os.environ["EPA_LOGIN_TOKENS"]


class Lines:
    """A child that is written to and read from by lines."""

    def __init__(self, arguments, **options):
        self.process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        bufsize=0, **options)
        self._unread = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()

    def write(self, text):
        self.process.stdin.write(text.encode("latin-1"))

    def read(self):
        while b"\n" not in self._unread:
            ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
            piece = os.read(self.process.stdout.fileno(), 65536) if ready else b""
            if not piece:
                raise AssertionError(f"nothing but {self._unread!r}")
            self._unread += piece
        line, _, self._unread = self._unread.partition(b"\n")
        return line.decode("latin-1")

    def ask(self, line):
        self.write(line + "\n")
        return self.read()


class Client:
    """Makes the tokens of a login by `package`."""

    def __init__(self, test, package="NTLM", certificate="", target_name="", password="password"):
        self._lines = Lines([TOKENS, package, epa_command.USER, test.path(password), certificate,
                             target_name])
        self.first = self._lines.read()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._lines.__exit__()

    def answer(self, challenge):
        return self._lines.ask(challenge)

    def begin(self, helper, extras=""):
        """The challenge in the helper's answer."""
        answer = helper.ask(f"YR {self.first}{extras}")
        words = answer.split(" ")
        if words[0] != "TT":
            raise AssertionError(answer)
        return words[1]

    def log_in(self, helper, extras=""):
        """What the helper says in the end."""
        return helper.ask(f"KK {self.answer(self.begin(helper, extras))}{extras}")


class HelperTestCase(epa_command.EpaTestCase):
    @property
    def socket(self):
        return self.path("socket")

    @contextlib.contextmanager
    def service(self, *options, starter=(), **popen):
        """A running `epa serve helper`."""
        process = subprocess.Popen(
            [*starter, EPA, "serve", "helper", "--listen", "unix:" + self.socket, "--accounts",
             self.path("accounts"), *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, **popen)
        try:
            ready, _, _ = select.select([process.stdout], [], [], PATIENCE)
            self.assertTrue(ready, "the service says nothing")
            line = process.stdout.readline()
            self.assertTrue(re.fullmatch(r"listening on unix:\S+\n", line),
                            line + (process.stderr.read() if not line else ""))
            yield process
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                self.assertEqual(process.wait(PATIENCE), 0)
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()

    def helper(self, protocol="squid-2.5-ntlmssp", **options):
        return Lines([HELPER, "--helper-protocol=" + protocol, "--service", self.socket],
                     **options)

"""What the tests of the epa command share: certificates, accounts, running it."""

import contextlib
import json
import os
import re
import resource
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

EPA = os.environ["EPA_COMMAND"]
USER = "DEMO\\alice"
PASSWORD = "correct horse"
PATIENCE = 20
# What a bound on memory is multiplied by under a sanitizer.
MEMORY_FACTOR = int(os.environ.get("EPA_MEMORY_FACTOR", "1"))


def run(*arguments, stdin=""):
    """Runs `epa ARGUMENTS` to its end; standard input is not a terminal."""
    return subprocess.run([EPA, *arguments], input=stdin, capture_output=True, text=True,
                          timeout=60, start_new_session=True, check=False)


class EpaTestCase(unittest.TestCase):
    """Files of a small site in a directory of its own."""

    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory(prefix="epa-test-")
        cls.addClassCleanup(cls.directory.cleanup)
        cls.make_certificate("server", "rsa:2048")
        cls.write("accounts", f"DEMO:alice:{PASSWORD}\n")
        cls.write("password", PASSWORD + "\n")
        cls.write("wrong-password", "not the password\n")

    @classmethod
    def path(cls, name):
        return os.path.join(cls.directory.name, name)

    @classmethod
    def write(cls, name, text):
        with open(cls.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return cls.path(name)

    @classmethod
    def write_octets(cls, name, octets):
        with open(cls.path(name), "wb") as file:
            file.write(octets)
        return cls.path(name)

    @classmethod
    def make_certificate(cls, name, key, *options):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", key, *options, "-nodes", "-days", "1",
             "-keyout", cls.path(name + ".key"), "-out", cls.path(name + ".pem"),
             "-subj", "/CN=" + name, "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
            check=True, capture_output=True, timeout=60)

    def assertUsageError(self, result, *words):
        """Exit status 2, nothing on standard output, one clear line on standard error."""
        self.assertEqual(result.returncode, 2, result.stderr)
        if "--json" in result.args:
            self.assertEqual(list(json.loads(result.stdout)), ["error"])
        else:
            self.assertEqual(result.stdout, "")
        self.assertRegex(result.stderr, r"\Aepa: [^\n]+\n\Z")
        for word in words:
            self.assertIn(word, result.stderr)

    def server_arguments(self, *options):
        return ["serve", "https", "--cert", self.path("server.pem"), "--key",
                self.path("server.key"), "--accounts", self.path("accounts"), *options]

    @contextlib.contextmanager
    def server(self, *options):
        """A running server; on exit it must end with status 0 after SIGTERM."""
        with self.serving(self.server_arguments(*options)) as server:
            yield server

    @contextlib.contextmanager
    def serving(self, arguments, starter=(), **options):
        """`starter` are words in front of the command, `options` are subprocess.Popen's."""
        process = subprocess.Popen([*starter, EPA, *arguments], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, **options)
        try:
            ready, _, _ = select.select([process.stdout], [], [], PATIENCE)
            self.assertTrue(ready, "the server says nothing")
            line = process.stdout.readline()
            match = re.fullmatch(r"listening on (127\.0\.0\.1:(\d+))\n", line)
            self.assertIsNotNone(match, line + (process.stderr.read() if not line else ""))
            yield Server(process, match[1], int(match[2]))
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(PATIENCE), 0)
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()

    def assertEndsQuickly(self, attempt):
        """`attempt` starts a server and returns `seconds_to_end` of it.

        A machine may be busy elsewhere for a second, but hardly each time.
        """
        if not any(attempt() < 1 for _ in range(3)):
            self.fail("the end takes longer than a second")

    def seconds_to_end(self, server):
        """From SIGTERM on, to the end with status 0."""
        begin = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        self.assertEqual(server.process.wait(PATIENCE), 0)
        return time.monotonic() - begin

    def login(self, server, *options, password="password", scheme="https"):
        trust = ["--ca", self.path("server.pem")] if scheme.lower() == "https" else []
        return run("login", "https", f"{scheme}://{server.address}/", "--user", USER,
                   "--password-file", self.path(password), *trust, *options)

    def assertLoggedIn(self, result):
        self.assertEqual(result.returncode, 0, result.stderr)

    def assertRefused(self, result):
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        self.assertRegex(result.stderr, r"\Aepa: [^\n]+\n\Z")


class ReservedPort:
    """A TCP port of 127.0.0.1 that nobody else is given until close().

    Connections are refused until a server listens there that sets SO_REUSEADDR, as nearly all do.
    """

    def __init__(self):
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", 0))
        self.number = self._socket.getsockname()[1]

    def close(self):
        self._socket.close()


class Server:
    def __init__(self, process, address, port):
        self.process = process
        self.address = address
        self.port = port

    def resident_octets(self):
        """Of its memory."""
        with open(f"/proc/{self.process.pid}/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * resource.getpagesize()


def allow_descriptors(count):
    """To this process, and what it starts."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(count, 1024), hard))


def json_lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def main():
    unittest.main(argv=[sys.argv[0], "-v"])

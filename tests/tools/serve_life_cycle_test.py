"""`epa serve` over time: settings that change, files that move, limits, what its operator is told."""

import contextlib
import os
import re
import resource
import select
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time

import epa_command
import helper_peer
from epa_command import MEMORY_FACTOR, PATIENCE, json_lines, run
from https_client import request, tls_client

GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
NEGOTIATE = ("GET / HTTP/1.1\r\nHost: x\r\nAuthorization: NTLM "
             "TlRMTVNTUAABAAAAB4IIogAAAAAAAAAAAAAAAAAAAAAKAGFKAAAADw==\r\n\r\n")
AUTHORIZED = "GET / HTTP/1.1\r\nHost: x\r\nAuthorization: NTLM {}\r\n\r\n"
NTLM_TRAFFIC = """Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\MSV1_0]
"RestrictReceivingNTLMTraffic"=dword:{}
"""
# docs/operating.md: a connection before its first octet, and one that is logged in and silent.
SILENT_OCTETS = 4 * 1024
LOGGED_IN_OCTETS = 24 * 1024
# What systemd says to a service whose standard error is the journal.
TO_THE_JOURNAL = 'export JOURNAL_STREAM=$(stat -L -c %d:%i /proc/self/fd/2); exec "$@"'
# Passes on descriptor 3 what is named first.
PASS_ON = 'exec 3<&"$1"; shift; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"'


class LifeCycleTestCase(epa_command.EpaTestCase):
    def setUp(self):
        self._unread = ""

    def hear(self, server, words):
        """Waits for a line of standard error with these words."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            line = self._next_line(server.process.stderr.fileno())
            if not line:
                break
            if words in line:
                return line
        return self.fail(f"nothing about {words!r}")

    def lines_to_the_end(self, server):
        """What else a server says on standard error until it has ended."""
        server.process.send_signal(signal.SIGTERM)
        self.assertEqual(server.process.wait(PATIENCE), 0)
        lines = []
        while line := self._next_line(server.process.stderr.fileno()):
            lines.append(line)
        return lines

    def _next_line(self, descriptor):
        while "\n" not in self._unread:
            if not select.select([descriptor], [], [], PATIENCE)[0]:
                return ""
            more = os.read(descriptor, 65536).decode()
            if not more:
                return ""
            self._unread += more
        line, _, self._unread = self._unread.partition("\n")
        return line

    def hang_up(self, server):
        server.process.send_signal(signal.SIGHUP)
        return self.hear(server, "settings")

    def certificate_of(self, server):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as client:
            with context.wrap_socket(client) as tls:
                return tls.getpeercert(binary_form=True)


class ReloadTest(LifeCycleTestCase):
    def test_settings_are_read_again_and_bad_ones_change_nothing(self):
        certificate = self.path("reloaded.pem")
        key = self.path("reloaded.key")
        accounts = self.write("reloaded-accounts", "DEMO:bob:other password\n")
        shutil.copy(self.path("server.pem"), certificate)
        shutil.copy(self.path("server.key"), key)
        with self.serving(["serve", "https", "--cert", certificate, "--key", key, "--accounts",
                           accounts]) as server:
            self.assertRefused(self.login(server))
            self.write("reloaded-accounts", "no account\n")
            self.assertIn("stay as they were", self.hang_up(server))
            self.write("reloaded-accounts", f"DEMO:alice:{epa_command.PASSWORD}\n")
            self.assertIn("read again", self.hang_up(server))
            self.assertLoggedIn(self.login(server))

    def test_the_audit_file_is_opened_anew_for_open_connections_too(self):
        audit = self.path("rotated-audit")
        with self.server("--audit", audit) as server:
            self.assertLoggedIn(self.login(server))
            with tls_client(server, self.path("server.pem")) as client:
                self.assertIn(b" 401 ", head_of(client, GET))
                os.rename(audit, audit + ".1")
                self.hang_up(server)
                head_of(client, NEGOTIATE)
            self.assertLoggedIn(self.login(server))
        self.assertEqual([event["outcome"] for event in json_lines(audit + ".1")], ["accepted"])
        self.assertEqual(sorted(event["outcome"] for event in json_lines(audit)),
                         ["abandoned", "accepted"])

    def test_an_audit_file_that_cannot_be_opened_changes_nothing(self):
        directory = tempfile.mkdtemp(dir=self.directory.name)
        audit = os.path.join(directory, "audit")
        with self.server("--audit", audit) as server:
            os.rename(directory, directory + ".away")
            self.assertIn("stay as they were", self.hang_up(server))
            self.assertLoggedIn(self.login(server))
        self.assertEqual(len(json_lines(os.path.join(directory + ".away", "audit"))), 1)

    def test_certificates_are_read_again_when_they_change(self):
        self.make_certificate("renewed", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
        certificate = self.path("changing.pem")
        key = self.path("changing.key")
        shutil.copy(self.path("server.pem"), certificate)
        shutil.copy(self.path("server.key"), key)
        with self.serving(["serve", "https", "--cert", certificate, "--key", key, "--accounts",
                           self.path("accounts")]) as server:
            before = self.certificate_of(server)
            for name, target in (("renewed.key", key), ("renewed.pem", certificate)):
                os.replace(shutil.copy(self.path(name), self.path("next")), target)
            self.hear(server, "certificates changed")
            self.assertNotEqual(self.certificate_of(server), before)
            result = run("login", "https", f"https://{server.address}/", "--user",
                         epa_command.USER, "--password-file", self.path("password"), "--ca",
                         self.path("renewed.pem"))
            self.assertLoggedIn(result)

    def test_accounts_are_read_again_when_they_change(self):
        accounts = self.write("changing-accounts", "DEMO:bob:other password\n")
        with self.serving(["serve", "https", "--cert", self.path("server.pem"), "--key",
                           self.path("server.key"), "--accounts", accounts]) as server:
            self.assertRefused(self.login(server))
            os.replace(self.write("next", "no account\n"), accounts)
            self.assertIn(accounts, self.hear(server, "accounts stay as they were"))
            os.replace(self.write("next", f"DEMO:alice:{epa_command.PASSWORD}\n"), accounts)
            self.hear(server, "accounts changed and were read again")
            self.assertLoggedIn(self.login(server))

    def test_windows_settings_are_read_again(self):
        settings = self.write("settings.reg", NTLM_TRAFFIC.format(2))
        with self.server("--registry", settings) as server:
            self.assertRefused(self.login(server))
            self.write("settings.reg", NTLM_TRAFFIC.format(0))
            self.assertIn("read again", self.hang_up(server))
            self.assertLoggedIn(self.login(server))

    def test_a_session_outlives_a_change_of_settings(self):
        with self.server() as server:
            context = ssl.create_default_context(cafile=self.path("server.pem"))
            context.check_hostname = False
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as client:
                with context.wrap_socket(client) as tls:
                    self.assertIn(b" 401 ", head_of(tls, GET))
                    session = tls.session
            self.hang_up(server)
            with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as client:
                with context.wrap_socket(client, session=session) as tls:
                    self.assertTrue(tls.session_reused)
                    self.assertIn(b" 401 ", head_of(tls, GET))


class OperatorTest(LifeCycleTestCase):
    def test_counts_are_told_when_asked_for_and_in_the_end(self):
        with self.server() as server:
            self.assertLoggedIn(self.login(server))
            self.assertRefused(self.login(server, password="wrong-password"))
            server.process.send_signal(signal.SIGUSR1)
            self.assertRegex(self.hear(server, "connections:"), "1 accepted, 1 refused")
            self.assertRegex(self.lines_to_the_end(server)[-1], "2 in all, .* 1 accepted, 1 refused")

    def test_what_weakens_a_server_is_told(self):
        for options, word in ((("--extended-protection", "0"), "mode 0"),
                              (("--flag", "no-service-name-check", "--flag", "nothing-to-check"),
                               "nothing to check"),
                              (("--audit-only", "--audit", self.path("audit")), "audit-only: logins")):
            with self.subTest(word), self.server(*options) as server:
                self.hear(server, word)

    def test_the_journal_is_told_how_grave_it_is(self):
        with self.serving(self.server_arguments("--extended-protection", "0"),
                          ["sh", "-c", TO_THE_JOURNAL, "-"]) as server:
            self.assertRegex(self.hear(server, "mode 0"), r"\A<4>epa: warning: ")
            self.assertRegex(self.lines_to_the_end(server)[-1], r"\A<6>epa: connections: ")

    def test_no_level_where_it_is_no_journal(self):
        with self.server("--extended-protection", "0") as server:
            self.assertRegex(self.hear(server, "mode 0"), r"\Aepa: warning: ")
        with self.server("--max-connections", "100") as server:
            self.assertEqual(len(self.lines_to_the_end(server)), 1)

    def test_lost_audit_events_are_told_once(self):
        with self.server("--audit", "/dev/full") as server:
            for _ in range(3):
                self.assertLoggedIn(self.login(server))
            lines = self.lines_to_the_end(server)
        self.assertEqual(sum("audit events are lost" in line for line in lines), 1)
        self.assertIn("3 audit events lost", lines[-1])

    def test_a_limit_that_is_reached_is_told_and_a_wait_ends(self):
        with self.server("--max-connections-per-address", "2") as server, \
                contextlib.ExitStack() as stack:
            clients = [stack.enter_context(
                socket.create_connection(("127.0.0.1", server.port), PATIENCE)) for _ in range(3)]
            # Two workers take them in either order.
            ended, _, _ = select.select(clients, [], [], PATIENCE)
            self.assertEqual([client.recv(1) for client in ended], [b""])
            self.assertLoggedIn(self.login(server))
            self.hear(server, "--max-connections-per-address")

    def test_without_descriptors_those_who_wait_make_room(self):
        with self.server("--workers", "1") as server, contextlib.ExitStack() as stack:
            resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (40, 40))
            for _ in range(60):
                stack.enter_context(socket.create_connection(("127.0.0.1", server.port), PATIENCE))
            self.assertLoggedIn(self.login(server))
            self.hear(server, "out of descriptors")

    def test_who_does_not_log_in_in_time_is_sent_away(self):
        with self.server("--login-time", "1") as server, \
                socket.create_connection(("127.0.0.1", server.port), PATIENCE) as silent, \
                tls_client(server, self.path("server.pem")) as asking:
            begin = time.monotonic()
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                while head_of(asking, GET) and time.monotonic() - begin < PATIENCE:
                    time.sleep(0.2)
            self.assertEqual(silent.recv(1), b"")
            self.assertLess(time.monotonic() - begin, PATIENCE)
            self.assertRegex(self.lines_to_the_end(server)[-1], "2 too slow")

    def test_nobody_asks_for_ever_without_a_login(self):
        with self.server() as server:
            for text, most in ((GET, 32), (NEGOTIATE, 9)):
                with self.subTest(text), tls_client(server, self.path("server.pem")) as client:
                    answers = 0
                    while answers < 100 and b"Connection: close" not in head_of(client, text):
                        answers += 1
                    self.assertLess(answers, most)
                    self.assertGreater(answers, 2)


class MemoryTest(LifeCycleTestCase):
    def test_a_connection_before_its_first_octet(self):
        count = 1000
        epa_command.allow_descriptors(2 * count)
        with self.server("--workers", "1") as server, contextlib.ExitStack() as stack:
            self.assertLoggedIn(self.login(server))
            before = server.resident_octets()
            for _ in range(count):
                stack.enter_context(socket.create_connection(("127.0.0.1", server.port), PATIENCE))
            self.assertLoggedIn(self.login(server))  # behind them
            self.assertLess(server.resident_octets() - before, count * SILENT_OCTETS * MEMORY_FACTOR)

    def test_a_connection_that_is_logged_in_and_silent(self):
        count = 100
        with self.server("--workers", "1", "--extended-protection", "0") as server, \
                contextlib.ExitStack() as stack:
            for number in range(2 * count):
                if number == count:
                    before = server.resident_octets()
                self.log_in(stack.enter_context(tls_client(server, self.path("server.pem"))))
            self.assertLess(server.resident_octets() - before,
                            count * LOGGED_IN_OCTETS * MEMORY_FACTOR)

    def log_in(self, client):
        with helper_peer.Client(self) as tokens:
            head = head_of(client, AUTHORIZED.format(tokens.first)).decode()
            challenge = re.search(r"^WWW-Authenticate: NTLM (\S+)\r$", head, re.MULTILINE)[1]
            self.assertIn(b" 200 ", head_of(client, AUTHORIZED.format(tokens.answer(challenge))))


class ServiceManagerTest(LifeCycleTestCase):
    def test_it_hears_of_every_stage(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(self.path("notify"))
            manager.settimeout(PATIENCE)
            environment = {**os.environ, "NOTIFY_SOCKET": self.path("notify")}
            with self.serving(self.server_arguments(), env=environment) as server:
                self.assertEqual(manager.recv(1000), b"READY=1")
                self.assertIn(b"STATUS=connections:", manager.recv(1000))
                self.hang_up(server)
                said = [manager.recv(1000) for _ in range(2)]
                self.assertRegex(said[0], rb"\ARELOADING=1\nMONOTONIC_USEC=\d+\Z")
                self.assertEqual(said[1], b"READY=1")
                server.process.send_signal(signal.SIGTERM)
                self.assertEqual(server.process.wait(PATIENCE), 0)
                self.assertEqual(manager.recv(1000), b"STOPPING=1")

    def test_a_socket_that_was_passed_on_is_served(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            starter = ["sh", "-c", PASS_ON, "-", str(listener.fileno())]
            with self.serving(self.server_arguments(), starter,
                              pass_fds=[listener.fileno()]) as server:
                self.assertEqual(server.port, listener.getsockname()[1])
                self.assertLoggedIn(self.login(server))
            # Who connects now waits for the next one that serves it.
            socket.create_connection(listener.getsockname(), PATIENCE).close()

    def test_a_passed_socket_and_an_address_are_one_too_many(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            done = subprocess.run(
                ["sh", "-c", PASS_ON, "-", str(listener.fileno()), epa_command.EPA,
                 *self.server_arguments("--listen", "127.0.0.1:0")],
                pass_fds=[listener.fileno()], capture_output=True, text=True, timeout=PATIENCE,
                check=False)
        self.assertUsageError(done, "--listen")


class HangTest(LifeCycleTestCase):
    """Nothing that an operator can name as a file stops the server, or keeps it from ending."""

    def test_a_pipe_is_no_file(self):
        os.mkfifo(self.path("pipe"))
        for option in ("--cert", "--key", "--accounts", "--keytab"):
            with self.subTest(option):
                arguments = {"--cert": self.path("server.pem"), "--key": self.path("server.key"),
                             "--accounts": self.path("accounts"), option: self.path("pipe")}
                result = run("serve", "https", *[word for pair in arguments.items()
                                                 for word in pair])
                self.assertUsageError(result, "pipe")

    def test_a_file_that_becomes_a_pipe_changes_nothing(self):
        files = {"--cert": self.path("server.pem"), "--key": self.path("server.key"),
                 "--accounts": self.path("accounts"),
                 "--registry": self.write("quiet.reg", NTLM_TRAFFIC.format(0))}
        for option, file in files.items():
            with self.subTest(option):
                path = shutil.copy(file, self.path("becomes-a-pipe" + option))
                arguments = [word for pair in {**files, option: path}.items() for word in pair]
                with self.serving(["serve", "https", *arguments]) as server:
                    os.mkfifo(self.path("a-pipe"))
                    os.replace(self.path("a-pipe"), path)
                    self.assertIn("stay as they were", self.hang_up(server))
                    self.assertLoggedIn(self.login(server))

    def test_an_audit_pipe_that_nobody_empties_stops_nobody(self):
        os.mkfifo(self.path("audit-pipe"))
        reader = os.open(self.path("audit-pipe"), os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        with self.server("--audit", self.path("audit-pipe")) as server:
            fill(self.path("audit-pipe"))
            for _ in range(3):
                self.assertLoggedIn(self.login(server))
            self.assertIn("audit events are lost", self.hear(server, "audit events are lost"))

    def test_standard_error_that_nobody_reads_stops_nobody(self):
        with self.server("--audit", "-") as server:
            fill(f"/proc/{server.process.pid}/fd/2")
            for _ in range(3):
                self.assertLoggedIn(self.login(server))


def head_of(client, text):
    """Of the answer; empty at the end of the connection."""
    return request(client, text)[0]


def fill(pipe):
    """Writes to a pipe until it takes no more."""
    writer = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writer, b"x" * 4096)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writer, b"x")
    os.close(writer)


if __name__ == "__main__":
    epa_command.main()

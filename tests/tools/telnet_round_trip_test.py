"""`epa serve telnet` and `epa login telnet` against each other, and against hostile clients."""

import contextlib
import json
import os
import select
import signal
import socket
import ssl
import threading
import time

import epa_command
from epa_command import json_lines, run

IAC_DO_AUTHENTICATION = bytes.fromhex("fffd25")
WILL_AUTHENTICATION = bytes.fromhex("fffb25")
SEND_NTLM = bytes.fromhex("fffa25010f00fff0")
REJECT = bytes.fromhex("fffa25020f0004fff0")
REFUSAL = b"This server is for authenticated logins (NTLM).\r\n"
# IS NTLM NEGOTIATE with a 40-octet NEGOTIATE_MESSAGE of Windows 8.1 ([MS-TNAP] 2.2).
NEGOTIATE = bytes.fromhex(
    "fffa25000f000028000000020000004e544c4d5353500001000000978208e200000000000000000000000000000000"
    "060380250000000ffff0")
SPN = "TELNET/127.0.0.1"


class TelnetTestCase(epa_command.EpaTestCase):
    def telnet_server(self, *options, spn=SPN):
        return self.serving(["serve", "telnet", "--accounts", self.path("accounts"), "--spn", spn,
                             *options])

    def tls_server(self, *options):
        return self.serving(["serve", "telnet", "--accounts", self.path("accounts"), "--scenario",
                             "tls", "--cert", self.path("server.pem"), "--key",
                             self.path("server.key"), *options])

    def log_in(self, server, *options, password="password"):
        return run("login", "telnet", server.address, "--user", epa_command.USER,
                   "--password-file", self.path(password), *options)

    def log_in_over_tls(self, server, *options):
        return self.log_in(server, "--tls", "--ca", self.path("server.pem"), *options)


class ModesTest(TelnetTestCase):
    def outcomes(self, mode, logins):
        audit = self.path("audit-" + mode)
        with self.telnet_server("--extended-protection", mode, "--audit", audit) as server:
            codes = [self.log_in(server, *options).returncode for options in logins]
        return codes, [event["reason"] for event in json_lines(audit)]

    LOGINS = (("--binding", "omit"), ("--spn", ""), (), ("--spn", "telnet/127.0.0.1"),
              ("--spn", "TELNET/elsewhere.example"))

    def test_legacy_compares_nothing(self):
        codes, reasons = self.outcomes("0", self.LOGINS)
        self.assertEqual(codes, [0, 0, 0, 0, 0])
        self.assertEqual(reasons, ["legacy_mode"] * 5)

    def test_allow_forgives_silence_only(self):
        codes, reasons = self.outcomes("1", self.LOGINS)
        self.assertEqual(codes, [0, 0, 0, 0, 1])
        self.assertEqual(reasons[-1], "service_name_mismatch")

    def test_require_wants_the_right_name(self):
        codes, reasons = self.outcomes("2", self.LOGINS)
        self.assertEqual(codes, [1, 1, 0, 0, 1])
        self.assertEqual(reasons[0], "service_name_missing")
        self.assertEqual(reasons[2:], ["service_name_matched"] * 2 + ["service_name_mismatch"])

    def test_the_registry_sets_the_mode_and_an_option_wins_over_it(self):
        settings = self.write("telnet.reg", "Windows Registry Editor Version 5.00\r\n\r\n"
                              "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\TelnetServer\\1.0]\r\n"
                              '"ExtendedProtection"=dword:00000001\r\n')
        with self.telnet_server("--registry", settings) as server:
            self.assertLoggedIn(self.log_in(server, "--binding", "omit"))
            self.assertRefused(self.log_in(server, "--spn", "TELNET/elsewhere.example"))
        with self.telnet_server("--registry", settings, "--extended-protection", "2") as server:
            self.assertRefused(self.log_in(server, "--binding", "omit"))

    def test_require_is_the_default(self):
        with self.telnet_server() as server:
            self.assertRefused(self.log_in(server, "--binding", "omit"))

    def test_audit_only_refuses_nothing_because_of_the_policy(self):
        with self.telnet_server("--audit-only", "--audit", "-") as server:
            result = self.log_in(server, "--spn", "TELNET/elsewhere.example", "--json")
            self.assertLoggedIn(result)
            protection = json.loads(result.stdout)["server_says"]["extended_protection"]
            self.assertEqual(protection["decision"], "reported")
            self.assertRefused(self.log_in(server, password="wrong-password"))

    def test_wrong_password(self):
        for mode in ("0", "1", "2"):
            with self.telnet_server("--extended-protection", mode) as server:
                self.assertRefused(self.log_in(server, password="wrong-password"))


class TlsTest(TelnetTestCase):
    def test_the_channel_is_bound(self):
        with self.tls_server() as server:
            result = self.log_in_over_tls(server, "--json")
            self.assertLoggedIn(result)
            report = json.loads(result.stdout)
            self.assertEqual(report["server_says"]["extended_protection"]["reason"],
                             "binding_matched")
            binding = json.loads(run("binding", "--json", self.path("server.pem")).stdout)
            self.assertEqual(report["binding"]["token"], binding["token"])
            for said in ("none", "omit"):
                self.assertRefused(self.log_in_over_tls(server, "--binding", said))

    def test_a_certificate_that_is_not_trusted_is_our_refusal(self):
        with self.tls_server() as server:
            result = self.log_in(server, "--tls")
        self.assertRefused(result)
        self.assertIn("not trusted", result.stderr)

    def test_clients_that_mean_another_protocol_are_refused(self):
        context = ssl.create_default_context(cafile=self.path("server.pem"))
        context.set_alpn_protocols(["http/1.1"])
        with self.tls_server() as server:
            with socket.create_connection(("127.0.0.1", server.port), 10) as plain:
                with self.assertRaises(ssl.SSLError):
                    context.wrap_socket(plain, server_hostname="localhost")

    def test_an_idle_tls_client_does_not_delay_the_end(self):
        context = ssl.create_default_context(cafile=self.path("server.pem"))

        def attempt():
            with self.tls_server() as server:
                with socket.create_connection(("127.0.0.1", server.port), 10) as plain:
                    with context.wrap_socket(plain, server_hostname="localhost") as client:
                        self.assertEqual(client.recv(100), IAC_DO_AUTHENTICATION)
                        return self.seconds_to_end(server)

        self.assertEndsQuickly(attempt)


class ReportTest(TelnetTestCase):
    def test_json(self):
        with self.telnet_server() as server:
            result = self.log_in(server, "--json")
        self.assertLoggedIn(result)
        self.assertEqual(result.stderr, "")
        self.assertEqual(json.loads(result.stdout), {
            "accepted": True, "address": server.address, "tls": False, "package": "NTLM",
            "server_says": {
                "user": "alice", "domain": "DEMO", "package": "NTLM",
                "extended_protection": {"mode": "require", "binding": "explicit_none",
                                        "target_name": SPN, "target_name_voucher": "client",
                                        "decision": "accepted",
                                        "reason": "service_name_matched"}},
            "binding": {"said": "none"}, "target_name": SPN})

    def test_json_of_a_refusal(self):
        with self.telnet_server() as server:
            result = self.log_in(server, "--json", "--spn", "TELNET/elsewhere.example")
        self.assertRefused(result)
        report = json.loads(result.stdout)
        self.assertFalse(report["accepted"])
        self.assertTrue(report["refusal"])

    def test_for_people(self):
        with self.telnet_server() as server:
            result = self.log_in(server)
        self.assertIn(epa_command.USER, result.stdout)
        self.assertIn("NTLM in the clear", result.stdout)

    def test_usage(self):
        accounts = ("--accounts", self.path("accounts"))
        self.assertUsageError(run("serve", "telnet", *accounts), "--spn")
        self.assertUsageError(run("serve", "telnet", "--spn", SPN), "--accounts")
        self.assertUsageError(run("serve", "telnet", *accounts, "--spn", SPN, "--scenario", "tls"),
                              "--cert")
        self.assertUsageError(run("login", "telnet"), "HOST:PORT")
        self.assertUsageError(run("login", "telnet", "localhost", "--user", "a"), "localhost")
        self.assertUsageError(run("login", "telnet", "localhost:1", "--ca", "x"), "--tls")
        for command in ("serve", "login"):
            self.assertIn("usage: epa " + command + " telnet", run(command, "telnet",
                                                                   "--help").stdout)

    def test_a_server_that_is_not_there_is_a_fault(self):
        with contextlib.closing(epa_command.ReservedPort()) as unused:
            result = run("login", "telnet", f"127.0.0.1:{unused.number}", "--user",
                         epa_command.USER, "--password-file", self.path("password"))
        self.assertEqual(result.returncode, 3, result.stderr)

    def test_a_server_without_our_login_gets_no_password(self):
        with scripted_server(b"login: ") as (port, heard):
            result = run("login", "telnet", f"127.0.0.1:{port}", "--user", epa_command.USER,
                         "--password-file", self.path("password"))
        self.assertRefused(result)
        self.assertIn("asked for no login", result.stderr)
        self.assertEqual(bytes(heard), b"")

    def test_a_server_with_other_types_is_answered_null(self):
        with scripted_server(IAC_DO_AUTHENTICATION +
                             bytes.fromhex("fffa2501020202000700fff0")) as (port, heard):
            result = run("login", "telnet", f"127.0.0.1:{port}", "--user", epa_command.USER,
                         "--password-file", self.path("password"))
        self.assertRefused(result)
        self.assertEqual(bytes(heard), WILL_AUTHENTICATION + bytes.fromhex("fffa25000000fff0"))


class ShellTest(TelnetTestCase):
    """After a login of the command's own, which the test relays."""

    def test_lines_of_every_ending_and_size(self):
        with self.telnet_server() as server, self.logged_in(server) as client:
            client.sendall(b"whoami\n")
            self.assertEqual(json.loads(line_of(client))["user"], "alice")
            client.sendall(b"whoami\r\0whozz\x7f\bami\r\n")
            self.assertEqual(json.loads(line_of(client))["user"], "alice")
            self.assertEqual(json.loads(line_of(client))["user"], "alice")
            client.sendall(b"x" * 5000 + b"\r\n")
            self.assertIn(b"too long", line_of(client))
            client.sendall(b"rm -rf /\r\n\r\n" + b"\xff\xff\r\n")
            self.assertIn(b"No such command", line_of(client))
            self.assertIn(b"No such command", line_of(client))
            client.sendall(b"exit\r\nwhoami\r\n")
            self.assertIn(b"Goodbye", line_of(client))
            self.assertEqual(client.recv(100), b"")

    def test_an_answer_for_each_of_many_lines_at_once(self):
        with self.telnet_server() as server, self.logged_in(server) as client:
            client.sendall(b"whoami\n" * 500 + b"exit\n")
            lines = read_to_end(client).splitlines()
        self.assertEqual(len(lines), 501)
        self.assertEqual(len(set(lines[:500])), 1)

    def test_a_session_ends_quickly_with_the_server(self):
        def attempt():
            with self.telnet_server() as server, self.logged_in(server):
                return self.seconds_to_end(server)

        self.assertEndsQuickly(attempt)

    @contextlib.contextmanager
    def logged_in(self, server):
        """A connection on which `epa login` logged in, taken over before it says a word."""
        with relay_of_a_login(self, server) as client:
            self.assertIn(b"Logged in", line_of(client))
            yield client


class RobustnessTest(TelnetTestCase):
    def connect(self, server):
        return socket.create_connection(("127.0.0.1", server.port), 20)

    def test_nobody_gets_in_without_a_login(self):
        for first in (bytes.fromhex("fffc25"), WILL_AUTHENTICATION +
                      bytes.fromhex("fffa25000000fff0"), WILL_AUTHENTICATION + NEGOTIATE * 2):
            with self.telnet_server() as server, self.connect(server) as client:
                client.sendall(first + b"whoami\r\n")
                answer = read_to_end(client)
                self.assertTrue(answer.endswith(REFUSAL), answer)
                self.assertNotIn(b"user", answer)

    def test_the_frames_of_the_specification(self):
        with self.telnet_server() as server, self.connect(server) as client:
            self.assertEqual(receive(client, 3), IAC_DO_AUTHENTICATION)
            client.sendall(WILL_AUTHENTICATION)
            self.assertEqual(receive(client, len(SEND_NTLM)), SEND_NTLM)
            client.sendall(NEGOTIATE)
            challenge = receive(client, 7)
            self.assertEqual(challenge, bytes.fromhex("fffa25020f0001"))
            client.sendall(NEGOTIATE)
            self.assertTrue(read_to_end(client).endswith(REJECT + REFUSAL))

    def test_garbage_then_a_good_login(self):
        with self.telnet_server("--workers", "1") as server:
            for garbage in (b"", b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 4001, b"\xff\xfa" * 2000,
                            WILL_AUTHENTICATION + bytes.fromhex("fffa2500") + b"A" * 1000000,
                            bytes.fromhex("fffa2700") + b"USER\x01-froot" * 10000,
                            os.urandom(100000)):
                with self.connect(server) as client:
                    with contextlib.suppress(ConnectionError):  # it need not listen to the end
                        client.sendall(garbage)
            self.assertLoggedIn(self.log_in(server))

    def test_1000_half_open_connections_do_not_stop_a_login_and_stay_within_their_memory(self):
        epa_command.allow_descriptors(2048)
        with self.telnet_server("--workers", "1") as server, contextlib.ExitStack() as stack:
            self.assertLoggedIn(self.log_in(server))
            before = server.resident_octets()
            # As far as each gets: nothing, half a login, and nearly a whole sub-negotiation.
            for stage in range(1000):
                client = stack.enter_context(self.connect(server))
                client.sendall((b"", WILL_AUTHENTICATION, WILL_AUTHENTICATION + NEGOTIATE,
                                WILL_AUTHENTICATION + bytes.fromhex("fffa2500") + b"A" * 16000)
                               [stage % 4])
            begin = time.monotonic()
            self.assertLoggedIn(self.log_in(server))
            self.assertLess(time.monotonic() - begin, 25)  # the others are sent away after 30
            self.assertLess(server.resident_octets() - before,
                            1000 * 64 * 1024 * epa_command.MEMORY_FACTOR)
            # Less than the time for a goodbye, which nobody gets who is not logged in.
            self.assertLess(self.seconds_to_end(server), 2)

    def test_slow_clients_and_clients_that_do_not_listen_stop_nobody(self):
        with self.telnet_server("--workers", "1") as server, contextlib.ExitStack() as stack:
            deaf = stack.enter_context(self.connect(server))
            deaf.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                for _ in range(1000):  # questions to which nobody takes the answers
                    deaf.send(bytes.fromhex("fffd06") * 20000)
            slow = stack.enter_context(self.connect(server))
            for octet in WILL_AUTHENTICATION + NEGOTIATE[:20]:
                slow.sendall(bytes([octet]))
            self.assertLoggedIn(self.log_in(server))

    def test_each_termination_signal_ends_it_with_status_0(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.telnet_server() as server:
                server.process.send_signal(number)
                self.assertEqual(server.process.wait(epa_command.PATIENCE), 0)


def receive(client, size):
    received = b""
    while len(received) < size:
        more = client.recv(size - len(received))
        if not more:
            break
        received += more
    return received


def read_to_end(client):
    received = b""
    while True:
        more = client.recv(65536)
        if not more:
            return received
        received += more


def line_of(client):
    line = b""
    while not line.endswith(b"\n"):
        octet = client.recv(1)
        if not octet:
            break
        line += octet
    return line


@contextlib.contextmanager
def scripted_server(greeting):
    """A server of one client: it says its greeting and keeps what it hears; (port, heard)."""
    heard = bytearray()

    def serve(listener):
        client, _ = listener.accept()
        with client:
            client.sendall(greeting)
            client.shutdown(socket.SHUT_WR)
            heard.extend(read_to_end(client))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        yield listener.getsockname()[1], heard
        thread.join()


@contextlib.contextmanager
def relay_of_a_login(test, server):
    """Relays `epa login telnet` to the server up to ACCEPT; yields the server's connection."""
    accept = bytes.fromhex("fffa25020f0003fff0")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        command = threading.Thread(target=run, args=(
            "login", "telnet", f"127.0.0.1:{port}", "--user", epa_command.USER, "--password-file",
            test.path("password"), "--spn", SPN))
        command.start()
        with socket.create_connection(("127.0.0.1", server.port), 20) as upstream:
            with listener.accept()[0] as downstream:
                other = {upstream: downstream, downstream: upstream}
                said = b""
                while not said.endswith(accept):
                    ready, _, _ = select.select(list(other), [], [], 20)
                    test.assertTrue(ready, "the login does not go on")
                    octet = ready[0].recv(1)
                    test.assertTrue(octet, "the login ended")
                    other[ready[0]].sendall(octet)
                    said += octet if ready[0] is upstream else b""
            yield upstream
        command.join()


if __name__ == "__main__":
    epa_command.main()

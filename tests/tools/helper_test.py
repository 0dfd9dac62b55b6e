"""`epa helper` and `epa serve helper` as front ends use them, and what becomes of faults."""

import contextlib
import os
import re
import resource
import signal
import socket
import stat
import subprocess
import time

import epa_command
from epa_command import EPA, MEMORY_FACTOR, PATIENCE, json_lines
from helper_peer import HELPER, Client, HelperTestCase, Lines

PACKAGES = {"squid-2.5-ntlmssp": "NTLM", "gss-spnego": "Negotiate"}
# Absent, an explicit none, this certificate, another one.
OUTCOMES = {"0": (True, True, True, True), "1": (True, False, True, False),
            "2": (False, False, True, False)}
UNAVAILABLE = "BH the service cannot be reached"
FAULT = "BH NT_STATUS_INTERNAL_ERROR"


class ModesTest(HelperTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_certificate("other", "rsa:2048")

    def test_bindings(self):
        channels = ("", "-", self.path("server.pem"), self.path("other.pem"))
        for mode, expected in OUTCOMES.items():
            audit = self.path("audit-" + mode)
            with self.service("--cert", self.path("server.pem"), "--extended-protection", mode,
                              "--audit", audit):
                for protocol, package in PACKAGES.items():
                    with self.subTest(mode=mode, protocol=protocol), self.helper(protocol) as helper:
                        answers = []
                        for channel in channels:
                            with Client(self, package, channel) as client:
                                answers.append(client.log_in(helper, " 192.0.2.7 50001"))
                        self.assertEqual([answer.startswith("AF ") for answer in answers],
                                         list(expected), answers)
                        for answer in answers:
                            if answer.startswith("AF "):
                                self.assertTrue(answer.endswith(" DEMO\\alice"), answer)
                            else:
                                self.assertRegex(answer, r"\ANA( \S+)? NT_STATUS_LOGON_FAILURE\Z")
            events = json_lines(audit)
            self.assertEqual([event["binding"] for event in events],
                             ["absent", "explicit_none", "matched", "mismatched"] * 2)
            self.assertEqual({event["connection"] for event in events}, {"192.0.2.7 50001"})

    def test_names_where_there_is_no_channel(self):
        with self.service("--scenario", "clear", "--spn", "HTTP/proxy.example.com"):
            with self.helper() as helper:
                for name, accepted in (("HTTP/proxy.example.com", True), ("HTTP/elsewhere", False),
                                       ("", False)):
                    with Client(self, target_name=name, certificate="-") as client:
                        self.assertEqual(client.log_in(helper).startswith("AF "), accepted, name)

    def test_wrong_password(self):
        with self.service("--cert", self.path("server.pem"), "--extended-protection", "0"):
            with self.helper() as helper, Client(self, password="wrong-password") as client:
                self.assertEqual(client.log_in(helper), "NA NT_STATUS_LOGON_FAILURE")

    def test_settings_that_cannot_be_used(self):
        for options, words in (([], ("--cert",)),
                               (["--scenario", "clear"], ("--spn",)),
                               (["--cert", self.path("accounts")], ("--cert",)),
                               (["--cert", self.path("server.pem"), "--key", "x"], ("--key",)),
                               (["--cert", self.path("server.pem"), "--socket-mode", "999"],
                                ("--socket-mode",)),
                               (["--cert", self.path("server.pem"), "--socket-group", "no-such"],
                                ("no-such",)),
                               (["--cert", self.path("server.pem"), "--listen", "127.0.0.1:0"],
                                ("--listen",))):
            with self.subTest(options):
                self.assertUsageError(
                    epa_command.run("serve", "helper", "--accounts", self.path("accounts"),
                                    *options), *words)


class DialogueTest(HelperTestCase):
    def bound_service(self, *options, **popen):
        return self.service("--cert", self.path("server.pem"), *options, **popen)

    def client(self, package="NTLM"):
        return Client(self, package, self.path("server.pem"))

    def test_one_helper_for_all_clients(self):
        """As Dovecot has it: nothing but the challenge tells the logins apart."""
        for protocol, package in PACKAGES.items():
            with self.subTest(protocol), self.bound_service(), self.helper(protocol) as helper:
                with contextlib.ExitStack() as stack:
                    clients = [stack.enter_context(self.client(package)) for _ in range(3)]
                    challenges = [client.begin(helper) for client in clients]
                    for client, challenge in reversed(list(zip(clients, challenges))):
                        answer = helper.ask("KK " + client.answer(challenge))
                        self.assertTrue(answer.startswith("AF "), answer)

    def test_a_service_that_is_not_there_and_one_that_comes_back(self):
        with self.helper(stderr=subprocess.PIPE) as helper, self.client() as client:
            self.assertEqual(helper.ask("YR " + client.first), UNAVAILABLE)
            self.assertEqual(helper.ask("KK " + client.first), UNAVAILABLE)
            with self.bound_service():
                with self.client() as another:
                    self.assertEqual(another.log_in(helper), "AF DEMO\\alice")
                challenge = client.begin(helper)
            self.assertEqual(helper.ask("KK " + client.answer(challenge)), UNAVAILABLE)
            with self.bound_service():
                with self.client() as half:
                    challenge = half.begin(helper)
                    answer = half.answer(challenge)
            with self.bound_service(), self.client() as another:
                # The first message finds the old connection closed, and the login lost with it.
                self.assertEqual(helper.ask("KK " + answer), UNAVAILABLE)
                self.assertEqual(helper.ask("KK " + answer), FAULT)
                self.assertEqual(another.log_in(helper), "AF DEMO\\alice")
            with self.bound_service(), self.client() as another:
                # What begins a login is said again to the new one.
                self.assertEqual(another.log_in(helper), "AF DEMO\\alice")
            helper.process.stdin.close()
            complaints = helper.process.stderr.read().decode()
        self.assertEqual(complaints.count("\n"), complaints.count("cannot be reached"))
        self.assertLessEqual(complaints.count("\n"), 3)

    def test_a_helper_that_dies_leaves_its_logins(self):
        audit = self.path("audit-killed")
        with self.bound_service("--audit", audit):
            with self.helper() as helper, self.client() as client:
                client.begin(helper)
                helper.process.kill()
                deadline = time.monotonic() + PATIENCE
                while not json_lines(audit) and time.monotonic() < deadline:
                    time.sleep(0.01)
            self.assertEqual([event["outcome"] for event in json_lines(audit)], ["abandoned"])
            with self.helper() as helper, self.client() as client:
                self.assertEqual(client.log_in(helper), "AF DEMO\\alice")

    def test_a_login_has_its_time(self):
        audit = self.path("audit-late")
        with self.bound_service("--audit", audit, "--login-time", "1"):
            with self.helper() as helper, self.client() as client:
                answer = client.answer(client.begin(helper))
                deadline = time.monotonic() + PATIENCE
                while not json_lines(audit) and time.monotonic() < deadline:
                    time.sleep(0.01)
                self.assertEqual(helper.ask("KK " + answer), "NA NT_STATUS_LOGON_FAILURE")
            self.assertEqual([event["reason"] for event in json_lines(audit)],
                             ["abandoned", "unexpected_message"])

    def test_helpers_stay_when_settings_change(self):
        self.make_certificate("next", "rsa:2048")
        configuration = self.write("epa.conf", "[helper]\ncert = server.pem\n")
        with self.service("--config", configuration) as service, self.helper() as helper:
            with self.client() as client:
                self.assertEqual(client.log_in(helper), "AF DEMO\\alice")
            with Client(self, certificate=self.path("next.pem")) as client:
                self.assertTrue(client.log_in(helper).startswith("NA"))
            self.write("epa.conf", "[helper]\ncert = next.pem\n")
            service.send_signal(signal.SIGHUP)
            deadline = time.monotonic() + PATIENCE
            answer = ""
            while not answer.startswith("AF") and time.monotonic() < deadline:
                with Client(self, certificate=self.path("next.pem")) as client:
                    answer = client.log_in(helper)
            self.assertEqual(answer, "AF DEMO\\alice")
            # The one before counts on, for a while.
            with self.client() as client:
                self.assertEqual(client.log_in(helper), "AF DEMO\\alice")

    def test_lines_that_are_none(self):
        with self.bound_service(), self.helper(stderr=subprocess.DEVNULL) as helper:
            for line, answer in (("", FAULT), ("GK", FAULT), ("YR", "NA NT_STATUS_LOGON_FAILURE"),
                                 ("YR \0\xff", "NA NT_STATUS_LOGON_FAILURE"),
                                 ("YR " + "A" * 200_000, UNAVAILABLE),
                                 ("YR " + "A" * 60_000, "NA NT_STATUS_LOGON_FAILURE")):
                self.assertEqual(helper.ask(line), answer, line[:20])
            with self.client() as client:
                self.assertEqual(client.log_in(helper), "AF DEMO\\alice")
            helper.write("YR A")  # the end of the input in the middle of a line
            helper.process.stdin.close()
            self.assertEqual(helper.process.wait(PATIENCE), 0)

    def test_ntlm_server_1(self):
        with self.bound_service(), self.helper("ntlm-server-1") as helper:
            helper.write("LANMAN-Challenge: 0123456789abcdef\nUsername: alice\n")
            self.assertEqual(helper.ask("NT-Response: 00\n."), "Authenticated: No")
            self.assertEqual(helper.read(), "Authentication-Error: Logon failure")
            self.assertEqual(helper.read(), ".")


class ProgramTest(HelperTestCase):
    def test_options(self):
        for arguments in ([], ["--helper-protocol=basic"], ["--helper-protocol"], ["-x"],
                          ["--helper-protocol=gss-spnego", "--require-membership-of=Users"],
                          ["--helper-protocol=gss-spnego", "--service", "x" * 200]):
            for command in ([HELPER], [EPA, "helper"]):
                done = subprocess.run([*command, *arguments], input="YR AAAA\n", text=True,
                                      capture_output=True, timeout=PATIENCE, check=False)
                self.assertEqual((done.returncode, done.stdout), (2, ""), arguments)
                self.assertRegex(done.stderr, r"\Aepa-helper: [^\n]+\n\Z")

    def test_epa_helper_is_the_same(self):
        with Lines([EPA, "helper", "--helper-protocol", "gss-spnego", "--service", self.socket],
                   stderr=subprocess.DEVNULL) as helper:
            self.assertEqual(helper.ask("YR AAAA"), UNAVAILABLE)
            self.assertEqual(os.readlink(f"/proc/{helper.process.pid}/exe"), HELPER)

    def test_a_helper_is_small(self):
        if MEMORY_FACTOR > 1:
            return  # a sanitizer has libraries and memory of its own
        needed = subprocess.run(["readelf", "--dynamic", HELPER], check=True, capture_output=True,
                                text=True, timeout=PATIENCE).stdout
        libraries = re.findall(r"NEEDED.*\[(.*)\]", needed)
        self.assertEqual(libraries, ["libc.so.6"])
        with self.service("--cert", self.path("server.pem")), self.helper() as helper:
            with Client(self, certificate=self.path("server.pem")) as client:
                client.log_in(helper)
            with open(f"/proc/{helper.process.pid}/smaps_rollup", encoding="ascii") as file:
                private = int(re.search(r"^Private_Dirty: +(\d+) kB$", file.read(), re.M)[1])
        self.assertLess(private, 256)


class SocketTest(HelperTestCase):
    OPTIONS = ("--scenario", "clear", "--spn", "HTTP/proxy.example.com")

    def test_it_has_the_permissions_that_were_said(self):
        group = subprocess.run(["id", "-gn"], check=True, capture_output=True, text=True,
                               timeout=PATIENCE).stdout.strip()
        for options, mode in (([], 0o660), (["--socket-mode", "600"], 0o600),
                              (["--socket-mode", "0666", "--socket-group", group], 0o666)):
            with self.service(*self.OPTIONS, *options, umask=0o077):
                status = os.stat(self.socket)
                self.assertTrue(stat.S_ISSOCK(status.st_mode))
                self.assertEqual(stat.S_IMODE(status.st_mode), mode)
            self.assertFalse(os.path.exists(self.socket))

    def test_it_takes_the_place_of_a_dead_one_alone(self):
        with self.service(*self.OPTIONS) as service:
            self.assertUsageError(
                epa_command.run("serve", "helper", "--accounts", self.path("accounts"), "--listen",
                                "unix:" + self.socket, *self.OPTIONS), "cannot listen on unix:")
            service.kill()
            service.wait(PATIENCE)
        self.assertTrue(os.path.exists(self.socket))
        with self.service(*self.OPTIONS):
            pass
        self.write("socket", "not a socket\n")
        self.assertUsageError(
            epa_command.run("serve", "helper", "--accounts", self.path("accounts"), "--listen",
                            "unix:" + self.socket, *self.OPTIONS), "cannot listen on unix:")
        os.remove(self.socket)

    def test_a_thousand_logins_half_way_cost_little(self):
        limits = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (limits[1], limits[1]))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, limits)
        with self.service(*self.OPTIONS) as service, contextlib.ExitStack() as stack:
            with Client(self) as client:
                line = f"epa-helper 1 squid-2.5-ntlmssp\nYR {client.first}\n".encode()

            def begin():
                connection = stack.enter_context(socket.socket(socket.AF_UNIX))
                connection.settimeout(PATIENCE)
                connection.connect(self.socket)
                connection.sendall(line)
                self.assertTrue(connection.recv(4096).startswith(b"TT "))

            def resident():
                with open(f"/proc/{service.pid}/status", encoding="ascii") as file:
                    return int(re.search(r"^RssAnon:\s+(\d+) kB$", file.read(), re.M)[1])

            for _ in range(20):
                begin()
            before = resident()
            for _ in range(1000):
                begin()
            self.assertLess(resident() - before, 4096 * MEMORY_FACTOR)


if __name__ == "__main__":
    epa_command.main()

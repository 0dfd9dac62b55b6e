"""`epa serve smb` and `epa login smb` against each other, and against hostile clients."""

import contextlib
import json
import os
import signal
import socket
import struct
import time

import epa_command
import smb_peer
from smb_peer import CONTENT, DIALECTS, GUESTS, silent_connections

# What 1,000 half-open connections may add to the server, in KiB: each holds less than 80 KiB, and
# silent ones far less.
HALF_OPEN_KIB = 1000 * 16 * epa_command.MEMORY_FACTOR
FULL_BUFFERS_KIB = 1000 * 80 * epa_command.MEMORY_FACTOR


class LoginTest(smb_peer.SmbTestCase):
    def test_every_dialect_signed_and_encrypted(self):
        with self.site() as site:
            for dialect in DIALECTS:
                with self.subTest(dialect=dialect):
                    report = self.report(site, "--dialect", dialect, "--list")
                    self.assertEqual(report["dialect"], dialect)
                    self.assertIsNotNone(report["signing"])
                    self.assertEqual(sorted(entry["name"] for entry in report["files"]),
                                     [".", "..", "hello.txt", "sub"])
            for dialect in ("3.0", "3.0.2", "3.1.1"):
                with self.subTest(dialect=dialect, encrypted=True):
                    report = self.report(site, "--dialect", dialect, "--encryption", "required")
                    self.assertIsNotNone(report["encryption"])

    def report(self, site, *options):
        result = self.login_smb(site.port, "--json", *options)
        self.assertLoggedIn(result)
        self.assertEqual(result.stderr, "")
        report = json.loads(result.stdout)
        self.assertTrue(report["accepted"])
        self.assertEqual(report["package"], "NTLM")
        self.assertEqual(report["session"], "user")
        return report

    def test_get_writes_the_file_and_nothing_else(self):
        with self.site() as site:
            result = self.login_smb(site.port, "--get", "hello.txt")
            self.assertLoggedIn(result)
            self.assertEqual(result.stdout, CONTENT)
            self.assertEqual(self.login_smb(site.port, "--get", "sub/inner.txt").stdout, "inner\n")
            for name in ("missing", "way-out", "../share/hello.txt", "sub"):
                with self.subTest(name=name):
                    self.assertRefused(self.login_smb(site.port, "--get", name))

    def test_people_see_it_without_colour_outside_a_terminal(self):
        with self.site() as site:
            result = self.login_smb(site.port, "--list")
        self.assertLoggedIn(result)
        self.assertIn("3.1.1", result.stdout)
        self.assertIn("hello.txt", result.stdout)
        self.assertNotIn("\x1b", result.stdout)

    def test_reports_what_our_token_said_as_other_logins_do(self):
        with self.site("--extended-protection", "1") as site:
            said = self.report(site)
            self.assertEqual((said["binding"], said["target_name"]),
                             ({"said": "none"}, "cifs/127.0.0.1"))
            silent = self.report(site, "--binding", "omit")
            self.assertEqual(silent["binding"], {"said": "nothing"})
            self.assertNotIn("target_name", silent)
            refused = self.login_smb(site.port, "--json", "--spn", "cifs/elsewhere.example")
            self.assertEqual(json.loads(refused.stdout)["target_name"], "cifs/elsewhere.example")

    def test_the_name_decides(self):
        verdicts = {
            # level: what becomes of our name, another's, none.
            "0": (True, True, True),
            "1": (True, False, True),
            "2": (True, False, False),
        }
        for level, expected in verdicts.items():
            with self.subTest(level=level), self.site("--extended-protection", level) as site:
                results = [self.login_smb(site.port, *options)
                           for options in ((), ("--spn", "cifs/elsewhere.example"),
                                           ("--binding", "omit"))]
                self.assertEqual(tuple(result.returncode == 0 for result in results), expected)
                for event in site.new_events():
                    self.assertEqual("windows_event" in event, event["outcome"] == "refused")

    def test_other_classes_and_forms_of_our_name_are_not_ours(self):
        with self.site("--extended-protection", "1") as site:
            for name in ("HOST/127.0.0.1", "cifs/127.0.0.1:445", "cifs/127.0.0.1@REALM",
                         "cifs/127.0.0.1/x"):
                with self.subTest(name=name):
                    self.assertRefused(self.login_smb(site.port, "--spn", name))
            self.assertLoggedIn(self.login_smb(site.port, "--spn", "CIFS/LOCALHOST"))

    def test_audit_only_lets_in_and_tells(self):
        with self.site("--audit-only") as site:
            self.assertLoggedIn(self.login_smb(site.port, "--spn", "cifs/elsewhere.example"))
            self.assert_events(site, ("accepted", "service_name_mismatch"))

    def test_an_administrators_settings_decide_unless_an_option_does(self):
        parameters = ("[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\LanManServer\\"
                      "Parameters]")
        alias = "elsewhere.example".encode("utf-16-le") + b"\0\0\0\0"
        lax = self.write("lax.reg", "Windows Registry Editor Version 5.00\n\n" + parameters +
                         '\n"SmbServerNameHardeningLevel"=dword:00000000\n')
        names = self.write("names.reg", "Windows Registry Editor Version 5.00\n\n" + parameters +
                           '\n"SrvAllowedServerNames"=hex(7):' + alias.hex(",") + "\n")
        for options, accepted in ((("--registry", lax), True),
                                  (("--registry", lax, "--extended-protection", "2"), False),
                                  (("--registry", names), True)):
            with self.subTest(options=options), self.site(*options) as site:
                result = self.login_smb(site.port, "--spn", "cifs/elsewhere.example")
                self.assertEqual(result.returncode == 0, accepted, result.stderr)

    def test_wrong_password_and_wrong_share(self):
        with self.site() as site:
            result = self.login_smb(site.port, "--json", password="wrong-password")
            self.assertRefused(result)
            report = json.loads(result.stdout)
            self.assertFalse(report["accepted"])
            self.assertEqual((report["status"], report["status_name"]),
                             ("0xc000006d", "STATUS_LOGON_FAILURE"))
            self.assertEqual(result.stderr,
                             "epa: the server refused the login: STATUS_LOGON_FAILURE (0xc000006d): "
                             "the user name or the password is wrong\n")
            self.assertEqual(report["refusal"], result.stderr[len("epa: "):-1])
            self.assertRefused(self.login_smb(site.port, share="other"))

    def test_a_guest_session_is_refused_unless_allowed_and_nothing_has_to_be_signed(self):
        with self.site(*GUESTS) as site:
            def guest(*options):
                result = self.login_smb(site.port, "--json", *options, user="nobody-we-know")
                report = json.loads(result.stdout)
                return result, report, [event["id"] for event in report["events"]]

            for options, events in (((), [31017]), (("--signing", "optional"), [31017]),
                                    (("--insecure-guest", "allow"), [31018, 31017])):
                with self.subTest(options=options):
                    result, report, told = guest(*options)
                    self.assertRefused(result)
                    self.assertEqual((report["win32_error"], report["hresult"],
                                      report["reason"]),
                                     (1272, "0x80070035", "guest_refused"))
                    for said in ("policy" if "--signing" in options or not options else "sign",
                                 "error 1272, 0x80070035", "You can't access this shared folder"):
                        self.assertIn(said, result.stderr)
                    self.assertEqual(told, events)
            result, report, told = guest("--insecure-guest", "allow", "--signing", "optional",
                                         "--list")
            self.assertLoggedIn(result)
            self.assertEqual(told, [31018, 31022])
            self.assertEqual((report["session"], report["signing"], report["encryption"]),
                             ("guest", None, None))
            self.assertIn("hello.txt", [entry["name"] for entry in report["files"]])
            self.assertLoggedIn(self.login_smb(site.port))
            self.assertRefused(self.login_smb(site.port, password="wrong-password"))

    def test_a_refusal_of_our_own_side_says_why(self):
        """The package refuses, not the server: NTLM is denied by an administrator's setting."""
        denied = self.write("denied.reg", "REGEDIT4\n[HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa"
                            "\\MSV1_0]\n\"RestrictSendingNTLMTraffic\"=dword:2\n")
        with self.site() as site:
            result = self.login_smb(site.port, "--json", "--registry", denied)
            self.assertRefused(result)
            self.assertEqual(json.loads(result.stdout)["reason"], "client_policy_forbids")
            self.assertRegex(result.stderr, r"\Aepa: [^\n]*RestrictSendingNTLMTraffic[^\n]*\n\Z")

    def test_guests_are_let_in_only_with_what_they_need(self):
        for options, word in ((GUESTS[:2], "--extended-protection"),
                              ((*GUESTS[:4], "--extended-protection", "2"), "0 or 1"),
                              ((*GUESTS[:2], *GUESTS[4:]), "--signing optional"),
                              ((*GUESTS, "--encryption", "required"), "encryption"),
                              (("--map-to-guest", "everyone"), "'everyone'")):
            with self.subTest(options=options):
                self.assertUsageError(epa_command.run(*self.serve_arguments(
                    "--accounts", self.path("accounts"), *options)), word)
        self.assertUsageError(epa_command.run(*self.serve_arguments(
            "--keytab", self.path("accounts"), *GUESTS)), "--accounts")

    def test_no_dialect_in_common(self):
        with self.site("--dialect", "3.1.1") as site:
            self.assertRefused(self.login_smb(site.port, "--dialect", "2.1"))

    def test_package_ntlm_alone(self):
        with self.site("--package", "NTLM") as site:
            self.assertLoggedIn(self.login_smb(site.port, "--package", "NTLM"))

    def test_nobody_listens(self):
        with contextlib.closing(epa_command.ReservedPort()) as unused:
            self.assertEqual(self.login_smb(unused.number).returncode, 3)

    def test_bad_usage(self):
        for options in (("serve", "smb"), ("serve", "smb", "--share", "docs"),
                        ("serve", "smb", "--share", "docs=/nonexistent", "--accounts",
                         self.path("accounts")),
                        self.serve_arguments(), self.serve_arguments("--dialect", "1.0"),
                        ("login", "smb"), ("login", "smb", "//127.0.0.1"),
                        ("login", "smb", "//127.0.0.1/a/b"), ("login", "smb", "127.0.0.1/a")):
            with self.subTest(options=options):
                result = epa_command.run(*options)
                self.assertEqual(result.returncode, 2, result.stdout)
                self.assertRegex(result.stderr, r"\Aepa: [^\n]+\n\Z")


class RobustnessTest(smb_peer.SmbTestCase):
    def memory(self, site):
        """Of the server, in KiB."""
        with open(f"/proc/{site.server.process.pid}/status", encoding="ascii") as status:
            for line in status:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1])
        return self.fail("no VmRSS")

    def test_garbage_then_a_good_login(self):
        with self.site("--workers", "1") as site:
            negotiate = smb1_negotiate()
            for garbage in (b"", b"GET / HTTP/1.1\r\n\r\n", b"\0\xff\xff\xff", b"\0\0\0\0" * 100,
                            frame(b"\xfeSMB"), frame(b"\xfeSMB" + b"\0" * 60),
                            frame(b"\xfeSMB" + b"\xff" * 2000), frame(b"\xfdSMB" + b"\0" * 60),
                            frame(negotiate[:20]), frame(negotiate) * 3, os.urandom(3000),
                            frame(os.urandom(3000))):
                with socket.create_connection(("127.0.0.1", site.port), 20) as client:
                    with contextlib.suppress(ConnectionError):
                        client.sendall(garbage)
                        client.shutdown(socket.SHUT_WR)
                        while client.recv(65536):
                            pass
            self.assertLoggedIn(self.login_smb(site.port))
            self.assertEqual(site.server.process.poll(), None)

    def test_1000_half_open_connections_do_not_block_a_good_login(self):
        with self.site("--workers", "1") as site:
            self.assertLoggedIn(self.login_smb(site.port))
            before = self.memory(site)
            with silent_connections(site.port, 1000) as clients:
                for client in clients[::2]:
                    client.sendall(frame(smb1_negotiate()))
                for client in clients[::2]:
                    self.assertEqual(client.recv(4)[:1], b"\0")
                for client in clients[1::2]:
                    client.sendall(b"\0\0\1\0\xfeSMB")  # the beginning of a message
                self.assertLoggedIn(self.login_smb(site.port))
                self.assertLess(self.memory(site) - before, HALF_OPEN_KIB)

    def test_1000_full_buffers_stay_within_the_stated_bound(self):
        # One octet less than what is announced, and announced as much as is taken before a login.
        almost = b"\0\1\0\0" + b"\xfeSMB" + b"\0" * (65536 - 5)
        with self.site("--workers", "1") as site:
            before = self.memory(site)
            with silent_connections(site.port, 1000) as clients:
                for client in clients:
                    client.sendall(almost)
                self.assertLoggedIn(self.login_smb(site.port))
                self.assertLess(self.memory(site) - before, FULL_BUFFERS_KIB)

    def test_a_client_that_does_not_read_does_not_hold_back_others(self):
        echo = frame(smb1_negotiate())
        with self.site("--workers", "1") as site, \
                socket.create_connection(("127.0.0.1", site.port), 20) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.setblocking(False)
            with contextlib.suppress(BlockingIOError, ConnectionError):
                for _ in range(1000):
                    client.send(echo)
            self.assertLoggedIn(self.login_smb(site.port))

    def test_a_message_octet_by_octet(self):
        with self.site("--workers", "1") as site, \
                socket.create_connection(("127.0.0.1", site.port), 20) as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for octet in frame(smb1_negotiate()):
                client.sendall(bytes([octet]))
            self.assertEqual(client.recv(8)[4:], b"\xfeSMB")

    def test_each_termination_signal_ends_it_at_once_with_status_0(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.site() as site, silent_connections(site.port, 3) as clients:
                clients[0].sendall(frame(smb1_negotiate()))  # a login that is half-way
                clients[0].recv(4)
                started = time.monotonic()
                site.server.process.send_signal(number)
                self.assertEqual(site.server.process.wait(epa_command.PATIENCE), 0)
                self.assertLess(time.monotonic() - started, 4)


def frame(message):
    return struct.pack(">I", len(message)) + message


def smb1_negotiate():
    """What many clients send first: an SMB1 NEGOTIATE that offers SMB 2 ([MS-SMB2] 3.3.5.3.1)."""
    dialects = b"\x02NT LM 0.12\0\x02SMB 2.002\0\x02SMB 2.???\0"
    return (b"\xffSMB\x72" + b"\0" * 4 + b"\x18\x53\xc8" + b"\0" * 12 + b"\xff\xff\xfe\xff" +
            b"\0" * 4 + b"\0" + struct.pack("<H", len(dialects)) + dialects)


if __name__ == "__main__":
    smb_peer.main()

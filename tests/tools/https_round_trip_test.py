"""`epa serve https` and `epa login https` against each other, and against hostile clients."""

import base64
import contextlib
import json
import os
import re
import signal
import socket
import ssl
import struct

import epa_command
from epa_command import json_lines, run
from https_client import request, tls_client


class ModesTest(epa_command.EpaTestCase):
    def outcomes(self, mode):
        """What comes of the three things a client can say about its channel."""
        audit = self.path("audit-" + mode)
        with self.server("--extended-protection", mode, "--audit", audit) as server:
            codes = [self.login(server, "--binding", binding).returncode
                     for binding in ("omit", "none", "auto")]
        return codes, [event["reason"] for event in json_lines(audit)]

    def test_legacy_compares_nothing(self):
        for mode in ("0", "legacy"):
            codes, reasons = self.outcomes(mode)
            self.assertEqual(codes, [0, 0, 0])
            self.assertEqual(reasons, ["legacy_mode"] * 3)

    def test_allow_forgives_silence_only(self):
        codes, reasons = self.outcomes("1")
        self.assertEqual(codes, [0, 1, 0])
        self.assertEqual(
            reasons, ["binding_missing_allowed", "binding_explicitly_none", "binding_matched"])

    def test_require_wants_the_right_binding(self):
        codes, reasons = self.outcomes("2")
        self.assertEqual(codes, [1, 1, 0])
        self.assertEqual(reasons,
                         ["binding_missing", "binding_explicitly_none", "binding_matched"])

    def test_require_is_the_default(self):
        with self.server() as server:
            self.assertRefused(self.login(server, "--binding", "omit"))

    def test_audit_only_refuses_nothing_because_of_the_policy(self):
        with self.server("--audit-only", "--audit", "-") as server:
            result = self.login(server, "--binding", "omit", "--json")
            self.assertLoggedIn(result)
            protection = json.loads(result.stdout)["server_says"]["extended_protection"]
            self.assertEqual(protection["decision"], "reported")
            self.assertEqual(protection["reason"], "binding_missing")
            self.assertRefused(self.login(server, password="wrong-password"))

    def test_wrong_password(self):
        for mode in ("0", "1", "2"):
            with self.server("--extended-protection", mode) as server:
                self.assertRefused(self.login(server, password="wrong-password"))


class ReportTest(epa_command.EpaTestCase):
    def test_json_says_who_and_what_was_bound(self):
        with self.server() as server:
            result = self.login(server, "--json")
        self.assertLoggedIn(result)
        self.assertEqual(result.stderr, "")
        report = json.loads(result.stdout)
        self.assertTrue(report["accepted"])
        self.assertEqual(report["package"], "NTLM")
        self.assertEqual(report["scheme"], "Negotiate")
        self.assertEqual(report["server_says"], {
            "user": "alice", "domain": "DEMO", "package": "NTLM",
            "extended_protection": {"mode": "require", "binding": "matched",
                                    "target_name": "HTTP/127.0.0.1",
                                    "target_name_voucher": "client", "decision": "accepted",
                                    "reason": "binding_matched"}})
        binding = json.loads(run("binding", "--json", self.path("server.pem")).stdout)
        self.assertEqual(report["binding"]["type"], "tls-server-end-point")
        self.assertEqual(report["binding"]["token"], binding["token"])

    def test_json_of_a_refusal(self):
        with self.server() as server:
            result = self.login(server, "--json", "--binding", "none")
        self.assertRefused(result)
        report = json.loads(result.stdout)
        self.assertFalse(report["accepted"])
        self.assertEqual(report["status"], 401)
        self.assertTrue(report["refusal"])

    def test_people_see_it_without_colour_outside_a_terminal(self):
        with self.server() as server:
            result = self.login(server)
        self.assertIn(epa_command.USER, result.stdout)
        self.assertIn("tls-server-end-point", result.stdout)
        self.assertNotIn("\x1b", result.stdout)

    def test_what_a_server_says_cannot_steer_the_terminal(self):
        accounts = self.write("strange-accounts", f"DEMO:al\u009b2Jice:{epa_command.PASSWORD}\n")
        arguments = ["serve", "https", "--cert", self.path("server.pem"), "--key",
                     self.path("server.key"), "--accounts", accounts]
        with self.serving(arguments) as server:
            result = run("login", "https", f"https://{server.address}/", "--user",
                         "DEMO\\al\u009b2Jice", "--password-file", self.path("password"), "--ca",
                         self.path("server.pem"))
        self.assertLoggedIn(result)
        self.assertIn("DEMO\\al\\x9b2Jice", result.stdout)
        self.assertNotIn("\u009b", result.stdout)

    def test_package_ntlm_offers_and_uses_its_scheme_alone(self):
        with self.server("--package", "NTLM") as server:
            result = self.login(server, "--json")
            self.assertEqual(json.loads(result.stdout)["scheme"], "NTLM")
            with self.tls(server) as client:
                head, _ = request(client, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        self.assertEqual(head.count(b"WWW-Authenticate"), 1)

    @contextlib.contextmanager
    def tls(self, server):
        with tls_client(server, self.path("server.pem")) as client:
            yield client


class ScenarioTest(epa_command.EpaTestCase):
    def test_clear_is_decided_by_the_service_name(self):
        arguments = ["serve", "https", "--scenario", "clear", "--accounts",
                     self.path("accounts"), "--spn", "HTTP/127.0.0.1"]
        with self.serving(arguments) as server:
            self.assertLoggedIn(self.login(server, scheme="http"))
            self.assertRefused(self.login(server, "--spn", "HTTP/elsewhere.example",
                                          scheme="http"))

    def test_behind_a_proxy_any_binding_and_our_name(self):
        with self.server("--scenario", "proxy", "--spn", "HTTP/127.0.0.1") as server:
            result = self.login(server, "--json")
            self.assertLoggedIn(result)
            self.assertEqual(
                json.loads(result.stdout)["server_says"]["extended_protection"]["reason"],
                "service_name_matched")
            self.assertRefused(self.login(server, "--spn", "HTTP/elsewhere.example"))
            self.assertRefused(self.login(server, "--binding", "none"))

    def test_several_certificates_each_with_its_own_binding(self):
        self.make_certificate("ec", "ec", "-pkeyopt", "ec_paramgen_curve:P-384", "-sha384")
        with self.server("--cert", self.path("ec.pem"), "--key",
                         self.path("ec.key")) as server:
            tokens = set()
            for name in ("server", "ec"):
                with tls_client(server, self.path(name + ".pem"), name) as client:
                    self.assertIn(b" 401 ", request(client, GET)[0])
                    tokens.add(client.getpeercert(binary_form=True))
            self.assertEqual(len(tokens), 2)

    def test_a_certificate_that_is_not_trusted_is_our_refusal(self):
        with self.server() as server:
            result = run("login", "https", f"https://{server.address}/", "--user",
                         epa_command.USER, "--password-file", self.path("password"))
        self.assertRefused(result)
        self.assertIn("not trusted", result.stderr)


class UndefinedHashTest(epa_command.EpaTestCase):
    """Ed25519: RFC 5929 defines no hash, and peers disagree."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_certificate("ed", "ed25519")

    def arguments(self, mode, *options):
        return ["serve", "https", "--cert", self.path("ed.pem"), "--key", self.path("ed.key"),
                "--accounts", self.path("accounts"), "--extended-protection", mode, *options]

    def reach(self, server, *options):
        return run("login", "https", f"https://{server.address}/", "--user", epa_command.USER,
                   "--password-file", self.path("password"), "--ca", self.path("ed.pem"),
                   "--json", *options)

    def test_mode_2_does_not_start(self):
        for options in ([], ["--undefined-hash", "fail"]):
            self.assertUsageError(run(*self.arguments("2", *options)), "ED25519", "ed.pem")
        self.assertUsageError(run(*self.arguments("1", "--undefined-hash", "fail")), "ED25519")

    def test_mode_1_warns_and_serves(self):
        for options in ([], ["--undefined-hash", "unbound"]):
            with self.serving(self.arguments("1", *options)) as server:
                self.assertRefused(self.reach(server))  # our client must not say "no channel"
                result = self.reach(server, "--undefined-hash", "unbound")
                self.assertLoggedIn(result)
                self.assertEqual(json.loads(result.stdout)["binding"], {"said": "nothing"})
                warning = server.process.stderr.readline()
                self.assertRegex(warning, r"\Aepa: warning: .*ed\.pem.*ED25519.*\n\Z")

    def test_mode_0_says_nothing_about_it(self):
        with self.serving(self.arguments("0")) as server:
            self.assertLoggedIn(self.reach(server, "--binding", "omit"))
            server.process.send_signal(signal.SIGTERM)
            self.assertNotIn("ed.pem", server.process.stderr.read())

    def test_sha256_binds_those_who_agree(self):
        with self.serving(self.arguments("2", "--undefined-hash", "sha256")) as server:
            result = self.reach(server, "--undefined-hash", "sha256")
            self.assertLoggedIn(result)
            self.assertEqual(json.loads(result.stdout)["binding"]["said"], "bound")
            self.assertRefused(self.reach(server, "--undefined-hash", "unbound"))

    def test_unknown_rule(self):
        self.assertUsageError(run(*self.arguments("1", "--undefined-hash", "md5")), "md5")


class NamesTest(epa_command.EpaTestCase):
    def test_port_rules(self):
        listed = ["--scenario", "clear", "--accounts", self.path("accounts"), "--spn",
                  "HTTP/www.example", "--spn", "HTTP/api.example:8080"]
        for rule, accepted in (([], "tffft"), (["--port-rule", "exact"], "tffft"),
                               (["--port-rule", "ignore"], "ttttt"),
                               (["--port-rule", "if-listed"], "ttfft")):
            with self.serving(["serve", "https", *listed, *rule]) as server:
                outcomes = "".join(
                    "t" if self.login(server, "--spn", name, scheme="http").returncode == 0 else "f"
                    for name in ("HTTP/www.example", "HTTP/www.example:80", "HTTP/api.example",
                                 "HTTP/api.example:81", "HTTP/api.example:8080"))
            self.assertEqual(outcomes, accepted, rule)

    def test_names_that_match_nothing_are_refused(self):
        for name in ("HTTP/w.example@:8080", "HTTP/*.example"):
            self.assertUsageError(run(*self.server_arguments("--spn", name)), name)

    def test_a_name_with_an_umlaut_in_any_spelling(self):
        with self.serving(["serve", "https", "--scenario", "clear", "--accounts",
                           self.path("accounts"), "--spn", "HTTP/bücher.example"]) as server:
            for name in ("HTTP/BÜCHER.example", "http/xn--bcher-kva.example"):
                self.assertLoggedIn(self.login(server, "--spn", name, scheme="http"))

    def test_names_in_the_challenge(self):
        options = ["--netbios-name", "BOX", "--netbios-domain", "CORP", "--dns-name",
                   "box.corp.example", "--dns-domain", "corp.example"]
        with self.server(*options) as server, tls_client(server,
                                                         self.path("server.pem")) as client:
            token = base64.b64encode(b"NTLMSSP\0" + struct.pack("<II", 1, 0xA2088207) + bytes(24))
            head, _ = request(client, GET.replace(
                "\r\n\r\n", f"\r\nAuthorization: NTLM {token.decode()}\r\n\r\n"))
        challenge = re.search(rb"WWW-Authenticate: NTLM (\S+)", head)[1].decode()
        pairs = json.loads(run("decode", "--json", challenge).stdout)["av_pairs"]
        names = {pair["name"]: pair.get("value") for pair in pairs}
        self.assertEqual([names["MsvAvNbComputerName"], names["MsvAvNbDomainName"],
                          names["MsvAvDnsComputerName"], names["MsvAvDnsDomainName"]],
                         ["BOX", "CORP", "box.corp.example", "corp.example"])


class HttpTest(epa_command.EpaTestCase):
    def answer(self, server, text):
        with tls_client(server, self.path("server.pem")) as client:
            return request(client, text)[0]

    def test_hostile_requests_are_answered_or_dropped(self):
        with self.server() as server:
            self.assertIn(b" 400 ", self.answer(server, "NONSENSE\r\n\r\n"))
            self.assertIn(b" 431 ",
                          self.answer(server, "GET / HTTP/1.1\r\nA: " + "x" * 70000))
            self.assertIn(b" 413 ", self.answer(
                server, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n"))
            self.assertIn(b" 401 ", self.answer(server, "GET /other HTTP/1.1\r\nHost: x\r\n\r\n"))
            self.assertIn(b" 400 ", self.answer(
                server, "GET / HTTP/1.1\r\nHost: x\r\nAuthorization: NTLM !!!\r\n\r\n"))
            self.assertLoggedIn(self.login(server))

    def test_a_body_is_drained_and_the_connection_goes_on(self):
        body = "x" * 100000
        post = f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        with self.server() as server, tls_client(server, self.path("server.pem")) as client:
            self.assertIn(b" 401 ", request(client, post)[0])
            self.assertIn(b" 401 ", request(client, GET)[0])

    def test_expect_100_continue(self):
        with self.server() as server, tls_client(server, self.path("server.pem")) as client:
            head, _ = request(client, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"
                                      "Expect: 100-continue\r\n\r\n")
            self.assertIn(b" 100 ", head)
            self.assertIn(b" 401 ", request(client, "x")[0])

    def test_head_has_no_body(self):
        with self.server() as server, tls_client(server, self.path("server.pem")) as client:
            head, rest = request(client, "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertIn(b" 401 ", head)
            self.assertEqual(rest, b"")

    def test_http2_alone_is_not_spoken(self):
        with self.server() as server, self.assertRaises(ssl.SSLError):
            self.protocol_chosen(server, "h2")

    def test_http10_is_served_without_a_protocol_name(self):
        with self.server() as server:
            self.assertEqual(self.protocol_chosen(server, "http/1.1", "http/1.0"), "http/1.1")
            self.assertIsNone(self.protocol_chosen(server, "http/1.0"))
            self.assertIsNone(self.protocol_chosen(server, "h2", "http/1.0"))

    def protocol_chosen(self, server, *offered):
        context = ssl.create_default_context(cafile=self.path("server.pem"))
        context.set_alpn_protocols(list(offered))
        with socket.create_connection(("127.0.0.1", server.port), 10) as plain:
            with context.wrap_socket(plain, server_hostname="localhost") as client:
                self.assertIn(b" 401 ", request(client, GET)[0])
                return client.selected_alpn_protocol()


class RobustnessTest(epa_command.EpaTestCase):
    def test_garbage_connections_then_a_good_login(self):
        with self.server("--workers", "1") as server:
            for garbage in (b"", b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\xff\xff" + b"\0" * 600,
                            os.urandom(2000)):
                with socket.create_connection(("127.0.0.1", server.port), 10) as client:
                    client.sendall(garbage)
            self.assertLoggedIn(self.login(server))

    def test_200_half_open_connections_do_not_block_a_good_login(self):
        with self.server("--workers", "1") as server, contextlib.ExitStack() as stack:
            for _ in range(200):
                stack.enter_context(socket.create_connection(("127.0.0.1", server.port), 10))
            half_open = stack.enter_context(tls_client(server, self.path("server.pem")))
            half_open.sendall(b"GET / HTT")
            self.assertLoggedIn(self.login(server))

    def test_each_termination_signal_ends_it_with_status_0(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.server() as server:
                server.process.send_signal(number)
                self.assertEqual(server.process.wait(epa_command.PATIENCE), 0)

    def test_an_open_exchange_is_finished_before_the_end(self):
        with self.server() as server, tls_client(server, self.path("server.pem")) as client:
            self.assertIn(b" 401 ", request(client, GET)[0])
            client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n"
                           b"Expect: 100-continue\r\n\r\n")
            self.assertIn(b" 100 ", client.recv(1000))
            server.process.send_signal(signal.SIGTERM)
            self.wait_until_refused(server.port)
            head, _ = request(client, "ab")
            self.assertIn(b" 401 ", head)
            self.assertIn(b"Connection: close", head)
            self.assertEqual(server.process.wait(epa_command.PATIENCE), 0)

    def test_idle_connections_do_not_delay_the_end(self):
        def attempt():
            with self.server() as server, contextlib.ExitStack() as stack:
                stack.enter_context(socket.create_connection(("127.0.0.1", server.port), 10))
                idle = stack.enter_context(tls_client(server, self.path("server.pem")))
                self.assertIn(b" 401 ", request(idle, GET)[0])
                seconds = self.seconds_to_end(server)
                self.assertEqual(idle.recv(1), b"")  # the server's close_notify: no truncation
                return seconds

        self.assertEndsQuickly(attempt)

    def wait_until_refused(self, port):
        """Until the server takes no more connections."""
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 10).close()
            except (ConnectionRefusedError, ConnectionResetError):
                return  # reset: the listener was closed in the middle


GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"


if __name__ == "__main__":
    epa_command.main()

"""What `epa login https` calls accepted, with servers that say all kinds of things."""

import base64
import json
import struct

import epa_command
from epa_command import run
from scripted_server import ScriptedServer, answer, interim

OFFER = "WWW-Authenticate: NTLM"


def challenge():
    """A CHALLENGE ([MS-NLMP] 2.2.1.2) with a DNS and a NetBIOS name, and the end of the list."""
    def pair(number, text):
        value = text.encode("utf-16-le")
        return struct.pack("<HH", number, len(value)) + value
    info = pair(1, "SERVER") + pair(2, "DOMAIN") + pair(3, "server.example") + bytes(4)
    target = "DOMAIN".encode("utf-16-le")
    head = b"NTLMSSP\0" + struct.pack("<I", 2)
    head += struct.pack("<HHI", len(target), len(target), 56)
    head += struct.pack("<I", 0xE2898235) + b"12345678" + bytes(8)
    head += struct.pack("<HHI", len(info), len(info), 56 + len(target))
    return head + bytes(8) + target + info


CHALLENGE = "WWW-Authenticate: NTLM " + base64.b64encode(challenge()).decode()


class VerdictTestCase(epa_command.EpaTestCase):
    def log_in(self, server, *options):
        result = run("login", "https", server.url, "--user", epa_command.USER, "--package", "NTLM",
                     "--password-file", self.path("password"), "--json", *options)
        return result, json.loads(result.stdout) if result.stdout else None

    def assert_accepted(self, *answers):
        with ScriptedServer(*answers) as server:
            result, report = self.log_in(server)
        self.assertLoggedIn(result)
        self.assertTrue(report["accepted"])
        self.assertIs(report["server_proved"], False)
        return server

    def assert_not_accepted(self, *answers, exit_status=1, words=()):
        with ScriptedServer(*answers) as server:
            result, report = self.log_in(server)
        self.assertEqual(result.returncode, exit_status, result.stdout + result.stderr)
        self.assertRegex(result.stderr, r"\Aepa: [^\n]+\n\Z")
        self.assertFalse(report["accepted"])
        self.assertNotIn("package", report)
        for word in words:
            self.assertIn(word, result.stderr)
        return server


class NtlmVerdictTest(VerdictTestCase):
    def test_the_whole_login_with_an_answer(self):
        for status in (200, 204, 302, 404, 405, 410):
            self.assert_accepted(answer(401, OFFER), answer(401, CHALLENGE), answer(status))

    def test_interim_responses_are_no_answers(self):
        server = self.assert_accepted(
            interim(103) + answer(401, OFFER), interim(100) + interim(102) + answer(401, CHALLENGE),
            interim(103) + answer(200))
        self.assertEqual(len(server.requests), 3)
        self.assertEqual(server.connections, 1)

    def test_an_error_in_reply_to_the_first_message(self):
        for status in (400, 403, 404, 413, 431):
            self.assert_not_accepted(answer(401, OFFER), answer(status), words=[str(status)])

    def test_an_answer_in_reply_to_the_first_message(self):
        for status in (200, 302):
            self.assert_not_accepted(answer(401, OFFER), answer(status))

    def test_a_refusal_of_the_last_message(self):
        for status in (400, 401, 403, 407, 429):
            self.assert_not_accepted(answer(401, OFFER), answer(401, CHALLENGE), answer(status),
                                     words=[str(status)])

    def test_a_server_that_fails(self):
        for answers in ([answer(503)], [answer(401, OFFER), answer(500)],
                        [answer(401, OFFER), answer(401, CHALLENGE), answer(500)]):
            self.assert_not_accepted(*answers, exit_status=3, words=["the server failed (50"])

    def test_no_login_was_asked_for(self):
        self.assert_not_accepted(answer(200), words=["asked for no login"])
        self.assert_not_accepted(answer(403), words=["403"])

    def test_a_connection_that_ends_with_the_offer_is_made_again(self):
        for offer in (answer(401, OFFER, "Connection: close"),
                      answer(401, OFFER).replace("HTTP/1.1", "HTTP/1.0")):
            server = self.assert_accepted(offer, answer(401, CHALLENGE), answer(200))
            self.assertEqual(server.connections, 2)
            self.assertEqual(["Authorization" in head for head in server.requests],
                             [False, True, True])

    def test_a_connection_that_ends_in_the_middle_is_a_refusal(self):
        self.assert_not_accepted(answer(401, OFFER), answer(401, CHALLENGE, "Connection: close"),
                                 words=["ends the connection"])

    def test_one_faulty_challenge_in_a_field_hides_no_other(self):
        self.assert_accepted(answer(401, 'WWW-Authenticate: Basic realm=no quotes, NTLM, Foo "x'),
                             answer(401, CHALLENGE), answer(200))

    def test_padding_of_base64_is_taken_as_it_comes(self):
        for challenge_field in (CHALLENGE.rstrip("="), CHALLENGE + "="):
            self.assert_accepted(answer(401, OFFER), answer(401, challenge_field), answer(200))

    def test_a_response_with_64_kib_of_headers(self):
        cookies = [f"Set-Cookie: c{i}={'x' * 4000}" for i in range(15)]
        self.assert_accepted(answer(401, OFFER, *cookies), answer(401, CHALLENGE, *cookies),
                             answer(200, *cookies))


class AddressTest(VerdictTestCase):
    def test_hosts_of_urls_are_lower_case_and_in_ascii(self):
        result = run("login", "https", "https://BÜCHER.Example.invalid/", "--user", "x",
                     "--password-file", self.path("password"))
        self.assertEqual(result.returncode, 3)
        self.assertIn("https://xn--bcher-kva.example.invalid/", result.stderr)
        self.assertUsageError(run("login", "https", "https://-ü-/", "--user", "x",
                                  "--password-file", self.path("password")), "URL")

    def test_the_default_service_is_that_of_the_host(self):
        with ScriptedServer(answer(401, OFFER), answer(401, CHALLENGE), answer(200)) as server:
            server.url = server.url.replace("127.0.0.1", "LOCALHOST")
            result, report = self.log_in(server)
        self.assertLoggedIn(result)
        self.assertEqual(report["target_name"], "HTTP/localhost")
        self.assertIn("\r\nHost: localhost:", server.requests[0])


if __name__ == "__main__":
    epa_command.main()

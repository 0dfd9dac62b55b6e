"""curl: NTLM without binding or MIC; Negotiate through gss-ntlmssp."""

import re
import subprocess

import interop_peer
from interop_peer import ABSENT, Answer

CURL = interop_peer.program("curl", "curl")


class CurlTest(interop_peer.PeerTestCase):
    def curl(self, site, *options, user=interop_peer.USER, password=interop_peer.PASSWORD):
        """Runs curl; the last Answer, the connections made for it, and what was sent."""
        # In curl's configuration a backslash escapes the next character.
        login = f"{user}:{password}".replace("\\", "\\\\")
        result = subprocess.run(
            [CURL, "-q", "-sSv", "--noproxy", "*", "--cacert", site.ca_file, "--max-time", "20",
             "-K", "-", "-w", "%{stderr}= %{http_code} %{num_connects}\n", *options, site.url],
            input=f'user = "{login}"\n', capture_output=True, text=True, timeout=60, check=False,
            env=interop_peer.gss_environment(self.path("ntlm-user-file")))
        self.assertEqual(result.returncode, 0, result.stderr)
        status, connections = re.findall(r"^= (\d+) (\d+)$", result.stderr, re.M)[-1]
        return Answer(int(status), result.stdout), int(connections), result.stderr

    def log_in(self, *options, **account):
        def login(site):
            answer, connections, _ = self.curl(site, *options, **account)
            self.assertEqual(connections, 1)
            return answer
        return login

    def test_ntlm_binds_nothing(self):
        self.assert_in_all_modes(ABSENT, self.log_in("--ntlm"), mic="absent", user="alice",
                                 domain="DEMO", target_name=None)

    def test_ntlm_where_it_is_all_that_is_offered(self):
        self.assert_in_all_modes(ABSENT, self.log_in("--anyauth"), "--package", "NTLM")

    def test_ntlm_in_tls_1_2(self):
        self.assert_in_all_modes(ABSENT, self.log_in("--ntlm", "--tls-max", "1.2"))

    def test_a_body_follows_the_login(self):
        with self.site("1") as site:
            answer, connections, sent = self.curl(site, "--ntlm", "--data", "hello")
            self.assert_verdict(site, answer, True, "binding_missing_allowed")
        self.assertEqual(connections, 1)
        self.assertEqual(re.findall(r"^> Content-Length: (\d+)", sent, re.M), ["0", "5"])

    def test_a_large_body_of_a_refused_login(self):
        body = self.write("body", "x" * 200000)
        with self.site("2") as site:
            answer, _, _ = self.curl(site, "--ntlm", "--data-binary", "@" + body)
            self.assert_verdict(site, answer, False, "binding_missing")

    def test_one_login_for_all_requests_of_a_connection(self):
        with self.site("1") as site:
            answer, connections, sent = self.curl(
                site, "--ntlm", "-o", self.path("first"), site.url)
            self.assert_verdict(site, answer, True, "binding_missing_allowed")
        self.assertEqual(connections, 0)
        self.assertEqual(len(re.findall(r"^> GET / ", sent, re.M)), 3)

    def test_each_request_logs_in_where_that_is_said(self):
        proxy = ["--scenario", "proxy", "--spn", "HTTP/127.0.0.1"]
        for options, logins in (([], 1), (["--authenticate-each-request"], 2), (proxy, 2),
                                ([*proxy, "--no-authenticate-each-request"], 1)):
            with self.site("0", *options) as site:
                answer, connections, _ = self.curl(site, "--ntlm", "-o", self.path("first"),
                                                   site.url)
                self.assertEqual((answer.status, connections), (200, 0), options)
                self.assertEqual([event["outcome"] for event in site.new_events()],
                                 ["accepted"] * logins, options)

    def test_http_1_0_is_answered(self):
        with self.site("1") as site:
            # Without ALPN, in which some servers have no such protocol to offer.
            answer, _, sent = self.curl(site, "-0", "--no-alpn")
            self.assertEqual(answer.status, 401)
        self.assertIn("GET / HTTP/1.0", sent)

    def test_wrong_password(self):
        self.assert_refused_in_all_modes(self.log_in("--ntlm", password="wrong"),
                                         "wrong_password", claimed_user="alice", identity_verified=False)

    def test_unknown_user(self):
        self.assert_refused_in_all_modes(self.log_in("--ntlm", user="DEMO\\mallory"),
                                         "unknown_user", claimed_user="mallory")

    def test_negotiate_with_gss_ntlmssp(self):
        self.assert_in_all_modes(ABSENT, self.log_in("--negotiate", user="", password=""),
                                 mic="verified", user="alice", domain="DEMO",
                                 target_name="HTTP/127.0.0.1")

    def test_negotiate_with_a_body(self):
        with self.site("1") as site:
            answer, _, _ = self.curl(site, "--negotiate", "--data", "hello", user="", password="")
            self.assert_verdict(site, answer, True, "binding_missing_allowed")

    def test_negotiate_with_a_wrong_password(self):
        self.write("ntlm-user-file", "DEMO:alice:wrong\n")
        self.addCleanup(self.write, "ntlm-user-file", f"DEMO:alice:{interop_peer.PASSWORD}\n")
        self.assert_refused_in_all_modes(self.log_in("--negotiate", user="", password=""),
                                         "wrong_password")


if __name__ == "__main__":
    interop_peer.main()

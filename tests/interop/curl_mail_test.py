"""curl against `epa serve smtp|imap|pop3`: NTLM and GSSAPI, inside TLS from the start and after the
command that begins it. It binds no login of mail, so mode 2 refuses it."""

import subprocess

import sasl_peer
from interop_peer import ABSENT, PASSWORD, program
from kerberos_realm import REALM, KerberosRealm

CURL = program("curl", "curl")
PROTOCOLS = ("smtp", "imap", "pop3")
# A command whose answer says who is logged in.
QUESTIONS = {"smtp": ("/", "HELP"), "imap": ("/", "EXAMINE INBOX"), "pop3": ("/", "UIDL")}
LOGIN_DENIED = 67


class CurlMailTest(sasl_peer.SaslTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.realm = KerberosRealm(cls.directory.name,
                                  ["smtp/localhost", "imap/localhost", "pop/localhost"])
        cls.addClassCleanup(cls.realm.close)
        cls.cache = cls.realm.ticket_cache()

    def curl(self, protocol, port, tls, *options):
        """Whether it was let in, and what was said on the way."""
        path, question = QUESTIONS[protocol]
        scheme = protocol + ("s" if tls == "implicit" else "")
        done = subprocess.run(
            [CURL, "--silent", "--verbose", "--cacert", self.path("server.pem"), "--ssl-reqd",
             "--request", question, *options, f"{scheme}://localhost:{port}{path}"],
            env=self.realm.client_environment(self.cache), capture_output=True, text=True,
            timeout=60, check=False)
        self.assertIn(done.returncode, (0, LOGIN_DENIED), done.stderr)
        return done.returncode == 0, done.stderr

    def ntlm(self, protocol, port, tls, password=PASSWORD):
        return self.curl(protocol, port, tls, "--user", f"DEMO\\alice:{password}",
                         "--login-options", "AUTH=NTLM")

    def gssapi(self, protocol, port, tls):
        # Without a domain in the name it does not even try.
        return self.curl(protocol, port, tls, "--user", f"alice@{REALM}:", "--login-options",
                         "AUTH=GSSAPI")

    def kerberos_options(self):
        return ["--keytab", self.realm.keytab, "--krb5-config", self.realm.configuration]

    def assert_who(self, let_in, answer, user, package):
        if let_in:
            self.assertIn(f'"user":"{user}"', answer)
            self.assertIn(f'"package":"{package}"', answer)
        return let_in

    def test_ntlm(self):
        for protocol in PROTOCOLS:
            for tls in ("implicit", "starttls"):
                self.assert_in_all_modes(
                    protocol, ABSENT,
                    lambda site, protocol=protocol, tls=tls: self.assert_who(
                        *self.ntlm(protocol, site.port, tls), "alice", "NTLM"),
                    tls=tls, package="NTLM", identity_verified=True)

    def test_gssapi(self):
        for protocol in PROTOCOLS:
            for tls in ("implicit", "starttls"):
                self.assert_in_all_modes(
                    protocol, ABSENT,
                    lambda site, protocol=protocol, tls=tls: self.assert_who(
                        *self.gssapi(protocol, site.port, tls), "alice", "Kerberos"),
                    *self.kerberos_options(), tls=tls, package="Kerberos", domain=REALM)

    def test_a_wrong_password(self):
        for protocol in PROTOCOLS:
            with self.subTest(protocol=protocol), self.site(protocol, "0") as site:
                let_in, _ = self.ntlm(protocol, site.port, "implicit", "wrong")
                self.assert_verdict(site, let_in, False, "wrong_password")

    def test_nothing_is_offered_before_tls(self):
        for protocol in PROTOCOLS:
            with self.subTest(protocol=protocol), \
                    self.site(protocol, "0", tls="starttls") as site:
                done = subprocess.run(
                    [CURL, "--silent", "--user", f"DEMO\\alice:{PASSWORD}", "--login-options",
                     "AUTH=NTLM", f"{protocol}://localhost:{site.port}/"],
                    capture_output=True, text=True, timeout=60, check=False)
                self.assertNotEqual(done.returncode, 0)
                self.assertEqual(site.logins(), [])


if __name__ == "__main__":
    sasl_peer.main()

"""Postfix with the plug-in for Cyrus SASL, as docs/sasl.md has it: it tells the plug-in nothing of
its TLS, so the certificate is configured, and its smtpd is in a chroot without rights."""

import os
import re
import smtplib
import ssl
import time

import namespaces

namespaces.enter_namespaces(several_users=True)

# pylint: disable=wrong-import-position
import epa_command
import postfix_server
from interop_peer import ABSENT, EXPLICIT_NONE, MATCHED, MISMATCHED
from kerberos_realm import KerberosRealm
from log_socket import LogSocket
from tls_relay import tls_relay

DOCUMENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/sasl.md")
IMPLICIT_TLS = {"0": 4650, "1": 4651, "2": 4652}
STARTTLS = 5870
# By mechanism: with a password, with tickets.
WAYS = (("NTLM", False), ("GSS-SPNEGO", False), ("GSS-SPNEGO", True), ("GSSAPI", True))


def block(word):
    """The block of the document that begins with the word."""
    with open(DOCUMENT, encoding="utf-8") as file:
        text, = re.findall(rf"^```[^\n]*\n({word}.*?)^```$", file.read(), re.M | re.S)
    return text


def recipe(mode):
    text = block("mech_list")
    return re.sub(r"(epa_extended_protection:) \d", rf"\1 {mode}", text)


class Journal:
    """In the place of systemd's; outside of Postfix's chroot."""

    def __init__(self):
        namespaces.run("mount", "-t", "tmpfs", "-o", "mode=755", "epa", "/run")
        os.makedirs("/run/systemd/journal")
        self._socket = LogSocket("/run/systemd/journal/socket")

    def close(self):
        self._socket.close()

    def entries(self):
        """The events of logins since the last call, as audit files have them."""
        entries = [self._fields(message) for message in self._socket.received()]
        return [entry for entry in entries if entry["outcome"] != "noticed"]

    @staticmethod
    def _fields(entry):
        """Each is a name, a line end, the length in eight octets, the value, a line end."""
        fields = {}
        while entry:
            name, _, rest = entry.partition(b"\n")
            end = 8 + int.from_bytes(rest[:8], "little")
            fields[name.decode().removeprefix("EPA_").lower()] = rest[8:end].decode()
            entry = rest[end + 1:]
        return fields


class CyrusPostfixTest(epa_command.EpaTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_certificate("mallory", "rsa:2048")
        cls.journal = Journal()
        cls.addClassCleanup(cls.journal.close)
        postfix_server.prepare(cls.directory.name, os.environ["EPA_CYRUS_SASL"])
        cls.realm = KerberosRealm(cls.directory.name, ["smtp/localhost"])
        cls.addClassCleanup(cls.realm.close)
        cls.cache = cls.realm.ticket_cache()
        os.environ["KRB5_CONFIG"] = cls.realm.configuration
        for source, name in ((cls.path("server.pem"), "cert.pem"),
                             (cls.path("server.key"), "key.pem"),
                             (cls.path("accounts"), "accounts"),
                             (cls.realm.keytab, "smtp.keytab")):
            postfix_server.install(source, name)
        for mode in IMPLICIT_TLS:
            postfix_server.install(cls.write("sasl.conf", recipe(mode)), f"sasl/mode{mode}.conf")
        postfix_server.install(cls.write("sasl.conf", recipe(1)), "sasl/smtpd.conf")
        namespaces.run("sh", "-c", block("install -d"))
        server = postfix_server.postfix(
            block("smtpd_sasl_auth_enable").splitlines(),
            {STARTTLS: [], **{port: ["smtpd_tls_wrappermode=yes", "smtpd_sasl_path=mode" + mode]
                              for mode, port in IMPLICIT_TLS.items()}})
        server.__enter__()
        cls.addClassCleanup(server.__exit__, None, None, None)

    def setUp(self):
        self.journal.entries()

    def log_in(self, way, url, *options, ca="server", password="password"):
        """What `epa login smtp` says."""
        mechanism, tickets = way
        user = (["--ccache", self.cache, "--krb5-config", self.realm.configuration] if tickets else
                ["--user", epa_command.USER, "--password-file", self.path(password)])
        return epa_command.run("login", "smtp", url, "--mechanism", mechanism, "--ca",
                               self.path(ca + ".pem"), *user, *options)

    def assert_verdict(self, said, way, accepted, **has):
        """Client and audit agree."""
        self.assertEqual(said.returncode == 0, accepted, said.stdout + said.stderr)
        if not accepted:
            self.assertIn("535 5.7.8", said.stderr)
        event, = self.journal.entries()
        self.assertEqual(event["outcome"], "accepted" if accepted else "refused", event)
        self.assertEqual(event["package"], "Kerberos" if way[1] else "NTLM", event)
        self.assertEqual(event["claimed_user"], "alice", event)
        for key, value in has.items():
            self.assertEqual(event[key], value, event)

    def test_in_each_mode(self):
        states = (("auto", MATCHED), ("omit", ABSENT), ("none", EXPLICIT_NONE))
        for mode, port in IMPLICIT_TLS.items():
            for way in WAYS:
                for option, (binding, verdicts) in states:
                    accepted, reason = verdicts[int(mode)]
                    with self.subTest(mode=mode, way=way, binding=binding):
                        said = self.log_in(way, f"smtps://localhost:{port}", "--binding", option)
                        self.assert_verdict(said, way, accepted, binding=binding, reason=reason)

    def test_somebody_in_the_middle(self):
        binding, verdicts = MISMATCHED
        for mode, port in IMPLICIT_TLS.items():
            with tls_relay(self.path("mallory.pem"), self.path("mallory.key"), port,
                           self.path("server.pem")) as middle:
                for way in WAYS:
                    accepted, reason = verdicts[int(mode)]
                    with self.subTest(mode=mode, way=way):
                        said = self.log_in(way, f"smtps://localhost:{middle}", ca="mallory")
                        self.assert_verdict(said, way, accepted, binding=binding, reason=reason)

    def test_after_starttls(self):
        for way in WAYS:
            with self.subTest(way=way):
                said = self.log_in(way, f"smtp://localhost:{STARTTLS}")
                self.assert_verdict(said, way, True, binding="matched")

    def test_nothing_is_offered_without_tls(self):
        with smtplib.SMTP("localhost", STARTTLS, timeout=epa_command.PATIENCE) as client:
            client.ehlo()
            self.assertFalse(client.has_extn("auth"), client.esmtp_features)
            self.assertEqual(client.docmd("AUTH", "NTLM")[0], 503)
            client.starttls(context=ssl.create_default_context(cafile=self.path("server.pem")))
            client.ehlo()
            self.assertEqual(set(client.esmtp_features["auth"].split()),
                             {"GSSAPI", "GSS-SPNEGO", "NTLM"})

    def test_a_new_password_counts_after_a_reload(self):
        way, url = WAYS[0], f"smtps://localhost:{IMPLICIT_TLS['2']}"
        self.write("new-password", "another one\n")
        self.write("new-accounts", "DEMO:alice:another one\n")
        for accounts, password in (("new-accounts", "new-password"), ("accounts", "password")):
            said = self.log_in(way, url, password=password)
            self.assert_verdict(said, way, False, reason="wrong_password")
            postfix_server.install(self.path(accounts), "accounts")
            namespaces.run("postfix", "reload")
            deadline = time.monotonic() + epa_command.PATIENCE
            while self.log_in(way, url, password=password).returncode != 0:
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.1)
            self.journal.entries()


if __name__ == "__main__":
    epa_command.main()

"""`epa login ldap` against the directory of a Samba domain controller, with and without TLS, and
Samba's own client by Kerberos against `epa serve ldap` with a key of that domain. Debian 12's
controller looks at no bindings."""

import json
import logging
import os
import subprocess

import joined_domain

joined_domain.enter_namespaces()

# pylint: disable=wrong-import-position
import sasl_peer
from epa_command import run
from interop_peer import ABSENT, program
from joined_domain import PASSWORD
from samba_domain import REALM, SambaDomain
from tls_relay import tls_relay

LDBSEARCH = program("ldbsearch", "ldb-tools")
HOST = "dc.ad.epa.test"
SERVICE_HOST = "server.ad.epa.test"
KERBEROS_USER = f"alice@{REALM}"
WAYS = (("GSSAPI", KERBEROS_USER, "Kerberos"), ("GSS-SPNEGO", KERBEROS_USER, "Kerberos"),
        ("GSS-SPNEGO", "AD\\alice", "NTLM"), ("NTLM", "AD\\alice", "NTLM"))


class SambaLdapTest(sasl_peer.SaslTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        logging.disable(logging.INFO)
        joined_domain.run("ip", "link", "set", "lo", "up")
        joined_domain.run("mount", "--bind", cls.write(
            "hosts", f"127.0.0.1 localhost {HOST} {SERVICE_HOST}\n"), "/etc/hosts")
        cls.make_certificate("middle", "rsa:2048")
        cls.domain = SambaDomain(cls.directory.name, "kdc ldap", f"""
 tls certfile = {cls.path("server.pem")}
 tls keyfile = {cls.path("server.key")}
 tls cafile = {cls.path("server.pem")}
 ldap server require strong auth = allow_sasl_over_tls
""")
        cls.addClassCleanup(cls.domain.close)
        cls.domain.add_user("alice")
        cls.domain.add_principal("dc$", "ldap/" + HOST)
        cls.keytab = cls.domain.add_service("web", "ldap/" + SERVICE_HOST)
        cls.domain.start(389, 636)
        cls.write("domain-password", PASSWORD + "\n")

    def log_in(self, way, url, *options, password="domain-password"):
        mechanism, user, package = way
        kerberos = ["--krb5-config", self.domain.configuration] if package == "Kerberos" else []
        done = run("login", "ldap", url, "--spn", "ldap/" + HOST, "--mechanism", mechanism,
                   "--user", user, "--password-file", self.path(password), "--json", *kerberos,
                   *options)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        report = json.loads(done.stdout)
        if report["accepted"]:
            self.assertEqual(report["package"], package)
        return report

    def test_layers_without_tls(self):
        for way in WAYS:
            for layer in ("integrity", "confidentiality"):
                report = self.log_in(way, "ldap://localhost", "--tls", "none", "--layer", layer)
                self.assertTrue(report["accepted"], (way, report))
                self.assertEqual(report["layer"], layer)
            report = self.log_in(way, "ldap://localhost", "--tls", "none", "--layer", "none")
            self.assertIn("resultCode 8: ", report["refusal"])

    def test_inside_tls(self):
        """Whatever is bound."""
        for way in WAYS:
            for url in ("ldaps://localhost", "ldap://localhost"):
                for binding in ("auto", "none", "omit"):
                    report = self.log_in(way, url, "--ca", self.path("server.pem"), "--binding",
                                         binding)
                    self.assertTrue(report["accepted"], (way, report))
            report = self.log_in(way, "ldaps://localhost", "--ca", self.path("server.pem"),
                                 "--layer", "confidentiality")
            self.assertIn("resultCode 53: ", report["refusal"])

    def test_somebody_in_the_middle_is_not_noticed(self):
        with tls_relay(self.path("middle.pem"), self.path("middle.key"), 636,
                       self.path("server.pem")) as port:
            for way in WAYS:
                report = self.log_in(way, f"ldaps://localhost:{port}", "--ca",
                                     self.path("middle.pem"))
                self.assertTrue(report["accepted"], (way, report))

    def test_a_wrong_password(self):
        report = self.log_in(WAYS[3], "ldaps://localhost", "--ca", self.path("server.pem"),
                             password="wrong-password")
        self.assertIn("resultCode 49: ", report["refusal"])
        self.assertIn("data 52e", report["refusal"])

    def ldbsearch(self, site, tls, wrapping):
        """Whether it was let in, by Kerberos."""
        scheme = "ldaps" if tls == "implicit" else "ldap"
        configuration = self.write("client.conf", f"""
[global]
 realm = {REALM}
 tls verify peer = ca_only
 tls cafile = {self.path("server.pem")}
 tls priority = NORMAL:-VERS-TLS1.3
 client ldap sasl wrapping = {wrapping}
 private dir = {self.directory.name}
 lock directory = {self.directory.name}
 state directory = {self.directory.name}
 cache directory = {self.directory.name}
""")
        done = subprocess.run(
            [LDBSEARCH, "--configfile=" + configuration, "-H",
             f"{scheme}://{SERVICE_HOST}:{site.port}", "-U", f"{KERBEROS_USER}%{PASSWORD}",
             "--use-kerberos=required", "-s", "base", "-b", ""],
            env={**os.environ, "KRB5_CONFIG": self.domain.configuration}, capture_output=True,
            text=True, timeout=60, check=False)
        self.assertEqual("supportedLDAPVersion: 3" in done.stdout, done.returncode == 0, done)
        return done.returncode == 0

    def test_its_client_by_kerberos(self):
        options = ["--keytab", self.keytab, "--krb5-config", self.domain.configuration]
        self.assert_in_all_modes(
            "ldap", ABSENT, lambda site: self.ldbsearch(site, "implicit", "plain"), *options,
            repeats=True, package="Kerberos", user="alice")
        for wrapping in ("sign", "seal"):
            with self.subTest(wrapping=wrapping), \
                    self.site("ldap", "0", *options, tls="none") as site:
                self.assert_verdict(site, self.ldbsearch(site, "none", wrapping), True,
                                    "legacy_mode", package="Kerberos", user="alice")


if __name__ == "__main__":
    sasl_peer.main()

"""`epa login ldap` against the directory of a Samba domain controller, with and without TLS, and
Samba's own client by Kerberos against `epa serve ldap` with a key of that domain. Debian 12's
controller looks at no bindings."""

import os
import subprocess

import namespaces

namespaces.enter_namespaces()

# pylint: disable=wrong-import-position
import sasl_peer
from interop_peer import ABSENT, program
from samba_domain import PASSWORD, REALM
from samba_ldap_case import KERBEROS_USER, SERVICE_HOST, URLS, WAYS, SambaLdapCase
from tls_relay import tls_relay

LDBSEARCH = program("ldbsearch", "ldb-tools")


class SambaLdapTest(SambaLdapCase):
    strong_auth = "allow_sasl_over_tls"

    def test_layers_without_tls(self):
        self.assert_layers_without_tls()

    def test_inside_tls(self):
        """Whatever is bound."""
        for way in WAYS:
            for url in URLS:
                for binding in ("auto", "none", "omit"):
                    report = self.log_in_over_tls(way, url, "--binding", binding)
                    self.assertTrue(report["accepted"], (way, report))
        self.assert_no_layer_inside_tls()

    def test_somebody_in_the_middle_is_not_noticed(self):
        with tls_relay(self.path("middle.pem"), self.path("middle.key"), 636,
                       self.path("server.pem")) as port:
            for way in WAYS:
                report = self.log_in_over_tls(way, f"ldaps://localhost:{port}",
                                              certificate="middle")
                self.assertTrue(report["accepted"], (way, report))

    def test_a_wrong_password(self):
        report = self.log_in_over_tls(WAYS[3], URLS[0], password="wrong-password")
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

"""OpenLDAP's tools with Cyrus SASL and MIT's Kerberos against `epa serve ldap`. They take localhost
for another name of this machine: it is called by its address."""

import subprocess

import sasl_peer
from interop_peer import ABSENT, MATCHED, MISMATCHED, program
from kerberos_realm import REALM, KerberosRealm

WHOAMI = program("ldapwhoami", "ldap-utils")
SEARCH = program("ldapsearch", "ldap-utils")
MECHANISMS = ("GSSAPI", "GSS-SPNEGO")
# What these tools end with.
INVALID_CREDENTIALS = 49


class LdapsearchTest(sasl_peer.SaslTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.realm = KerberosRealm(cls.directory.name, ["ldap/127.0.0.1"])
        cls.addClassCleanup(cls.realm.close)
        cls.cache = cls.realm.ticket_cache()
        cls.options = ["--keytab", cls.realm.keytab, "--krb5-config", cls.realm.configuration]

    def tool(self, command, site, mechanism, *options, tls="implicit", binding="none",
             max_ssf="0", ciphers="NORMAL"):
        scheme = "ldaps" if tls == "implicit" else "ldap"
        return subprocess.run(
            [command, "-H", f"{scheme}://127.0.0.1:{site.port}", "-Q", "-N", "-Y", mechanism,
             "-O", f"maxssf={max_ssf}", "-o", f"SASL_CBINDING={binding}",
             *(["-ZZ"] if tls == "starttls" else []), *options],
            env={**self.realm.client_environment(self.cache),
                 "LDAPTLS_CACERT": self.path("server.pem"), "LDAPTLS_CIPHER_SUITE": ciphers},
            capture_output=True, text=True, timeout=60, check=False)

    def binds(self, site, mechanism, tls, binding, **more):
        done = self.tool(WHOAMI, site, mechanism, tls=tls, binding=binding, **more)
        self.assertIn(done.returncode, (0, INVALID_CREDENTIALS), done.stderr)
        if done.returncode == 0:
            self.assertEqual(done.stdout, f"u:{REALM}\\alice\n")
        return done.returncode == 0

    def test_bindings(self):
        for mechanism in MECHANISMS:
            for tls in ("implicit", "starttls"):
                for binding, state in (("none", ABSENT), ("tls-endpoint", MATCHED)):
                    self.assert_in_all_modes(
                        "ldap", state,
                        lambda site, mechanism=mechanism, tls=tls, binding=binding: self.binds(
                            site, mechanism, tls, binding),
                        *self.options, tls=tls, package="Kerberos")

    def test_a_binding_of_another_kind_is_another_binding(self):
        """tls-unique is not what directories of Windows' kind compare with; TLS 1.3 has none."""
        for ciphers, state in (("NORMAL:-VERS-TLS1.3", MISMATCHED), ("NORMAL", ABSENT)):
            self.assert_in_all_modes(
                "ldap", state, lambda site, ciphers=ciphers: self.binds(
                    site, "GSSAPI", "implicit", "tls-unique", ciphers=ciphers), *self.options)

    def test_what_a_refused_binding_reads_like(self):
        with self.site("ldap", "2", *self.options) as site:
            done = self.tool(WHOAMI, site, "GSSAPI")
            self.assertEqual(done.returncode, INVALID_CREDENTIALS)
            self.assertIn("data 80090346", done.stderr)
            event = site.logins()[0]
            self.assertEqual(event["windows_event"]["id"], 3039)

    def test_security_layers_without_tls(self):
        for mechanism in MECHANISMS:
            for max_ssf in ("1", "256"):
                with self.subTest(mechanism=mechanism, max_ssf=max_ssf), \
                        self.site("ldap", "0", *self.options, tls="none") as site:
                    done = self.tool(SEARCH, site, mechanism, "-LLL", "-s", "base", "-b", "",
                                     tls="none", max_ssf=max_ssf)
                    self.assertEqual(done.returncode, 0, done.stderr)
                    self.assertIn("supportedSASLMechanisms: GSS-SPNEGO\n", done.stdout)
                    self.assert_verdict(site, True, True, "legacy_mode", package="Kerberos")

    def test_signing_is_required_without_tls(self):
        for mechanism in MECHANISMS:
            with self.subTest(mechanism=mechanism), \
                    self.site("ldap", "0", *self.options, tls="none") as site:
                done = self.tool(WHOAMI, site, mechanism, tls="none")
                self.assertNotEqual(done.returncode, 0, done.stdout)
            with self.subTest(mechanism=mechanism, signing="optional"), \
                    self.site("ldap", "0", *self.options, "--signing", "optional",
                              tls="none") as site:
                done = self.tool(WHOAMI, site, mechanism, tls="none")
                self.assertEqual(done.returncode, 0, done.stderr)

    def test_anonymous_reads_the_root(self):
        with self.site("ldap", "2", *self.options) as site:
            done = subprocess.run(
                [SEARCH, "-H", f"ldaps://127.0.0.1:{site.port}", "-x", "-LLL", "-s", "base", "-b",
                 ""], env={"LDAPTLS_CACERT": self.path("server.pem")}, capture_output=True,
                text=True, timeout=60, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("supportedLDAPVersion: 3\n", done.stdout)
            self.assertEqual(site.logins(), [])


if __name__ == "__main__":
    sasl_peer.main()

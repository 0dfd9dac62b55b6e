"""Samba's LDAP client, which ldbsearch is, against `epa serve ldap`: NTLM inside SPNEGO. It
says that it has no channel, and signs and seals without TLS. With TLS 1.3 it waits for ever, whoever
the server is; with localhost it does not try Kerberos."""

import subprocess

import sasl_peer
from interop_peer import EXPLICIT_NONE, PASSWORD, program

LDBSEARCH = program("ldbsearch", "ldb-tools")


class LdbsearchTest(sasl_peer.SaslTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.write("smb.conf", f"""
[global]
 tls verify peer = ca_only
 tls priority = NORMAL:-VERS-TLS1.3
 tls cafile = {cls.path("server.pem")}
 private dir = {cls.directory.name}
 lock directory = {cls.directory.name}
 state directory = {cls.directory.name}
 cache directory = {cls.directory.name}
""")

    def search(self, site, tls="implicit", wrapping="plain", password=PASSWORD):
        """Whether it was let in."""
        scheme = "ldaps" if tls == "implicit" else "ldap"
        done = subprocess.run(
            [LDBSEARCH, "--configfile=" + self.path("smb.conf"), "-H",
             f"{scheme}://127.0.0.1:{site.port}", "-U", f"DEMO\\alice%{password}",
             "--use-kerberos=off", "--option=client ldap sasl wrapping=" + wrapping, "-s", "base",
             "-b", ""], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual("supportedLDAPVersion: 3" in done.stdout, done.returncode == 0, done)
        return done.returncode == 0

    def test_bindings(self):
        self.assert_in_all_modes("ldap", EXPLICIT_NONE, self.search, package="NTLM", user="alice")

    def test_layers_without_tls(self):
        for wrapping in ("sign", "seal"):
            with self.subTest(wrapping=wrapping), self.site("ldap", "0", tls="none") as site:
                self.assert_verdict(site, self.search(site, "none", wrapping), True,
                                    "legacy_mode", package="NTLM")

    def test_a_wrong_password(self):
        with self.site("ldap", "0") as site:
            self.assert_verdict(site, self.search(site, password="wrong"), False,
                                "wrong_password")


if __name__ == "__main__":
    sasl_peer.main()

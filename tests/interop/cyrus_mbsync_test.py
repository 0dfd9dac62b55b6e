"""mbsync with the plug-in for Cyrus SASL against `epa serve imap`: NTLM version 2 in the place of
Debian's version 1, and Kerberos. mbsync tells the plug-in nothing of its TLS."""

import os
import subprocess

import sasl_peer
from interop_peer import ABSENT, PASSWORD, program
from kerberos_realm import REALM, KerberosRealm

PLUGIN = os.environ["EPA_CYRUS_SASL"]
MBSYNC = program("mbsync", "isync")


class CyrusMbsyncTest(sasl_peer.SaslTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.realm = KerberosRealm(cls.directory.name, ["imap/localhost"])
        cls.addClassCleanup(cls.realm.close)
        cls.cache = cls.realm.ticket_cache()
        cls.options = ["--keytab", cls.realm.keytab, "--krb5-config", cls.realm.configuration,
                       "--package", "Negotiate", "--package", "NTLM", "--package", "Kerberos"]

    def reads(self, site, mechanism, tickets):
        """Whether it was let in."""
        folder = self.path("mail")
        os.makedirs(folder, exist_ok=True)
        configuration = self.write("mbsyncrc", f"""
IMAPStore far
Host localhost
Port {site.port}
User alice
Pass "{PASSWORD}"
SSLType IMAPS
SystemCertificates no
CertificateFile {self.path("server.pem")}
AuthMechs {mechanism}

MaildirStore near
Path {folder}/
Inbox {folder}/INBOX

Channel all
Far :far:
Near :near:
""")
        environment = {**self.realm.client_environment(self.cache if tickets else "/nonexistent"),
                       "HOME": self.directory.name, "SASL_PATH": os.path.dirname(PLUGIN)}
        done = subprocess.run([MBSYNC, "-c", configuration, "-l", "all"], env=environment,
                              capture_output=True, text=True, timeout=60, check=False)
        return done.returncode == 0

    def test_in_each_mode(self):
        for mechanism, tickets in (("GSSAPI", True), ("GSS-SPNEGO", True), ("GSS-SPNEGO", False),
                                   ("NTLM", False)):
            with self.subTest(mechanism=mechanism, tickets=tickets):
                self.assert_in_all_modes(
                    "imap", ABSENT,
                    lambda site, how=(mechanism, tickets): self.reads(site, *how), *self.options,
                    user="alice", domain=REALM if tickets else "DEMO",
                    package="Kerberos" if tickets else "NTLM")


if __name__ == "__main__":
    sasl_peer.main()

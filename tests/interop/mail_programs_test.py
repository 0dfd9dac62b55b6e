"""Mail programs of Debian against `epa serve smtp|imap`: mutt, neomutt, msmtp, mbsync and swaks. Their
Kerberos binds nothing, their NTLM is NTLMv1."""

import os
import pty
import select
import subprocess
import time

import sasl_peer
from interop_peer import ABSENT, PASSWORD, program
from kerberos_realm import PATIENCE, REALM, KerberosRealm

MSMTP = program("msmtp", "msmtp")
MBSYNC = program("mbsync", "isync")
SWAKS = program("swaks", "swaks")
READERS = [program("mutt", "mutt"), program("neomutt", "neomutt")]
MESSAGE = "Subject: test\n\nText\n"
# What sysexits.h calls EX_NOPERM: msmtp's authentication failed.
NO_PERMISSION = 77


class MailProgramsTest(sasl_peer.SaslTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.realm = KerberosRealm(cls.directory.name, ["smtp/localhost", "imap/localhost"])
        cls.addClassCleanup(cls.realm.close)
        cls.cache = cls.realm.ticket_cache()
        cls.options = ["--keytab", cls.realm.keytab, "--krb5-config", cls.realm.configuration]

    @property
    def environment(self):
        return {**self.realm.client_environment(self.cache), "HOME": self.directory.name,
                "TERM": "vt100", "EMAIL": "alice@example.com"}

    def run_program(self, *arguments, stdin=""):
        return subprocess.run(arguments, input=stdin, env=self.environment, capture_output=True,
                              text=True, timeout=60, check=False)

    def in_all_modes_with_kerberos(self, protocol, login, **more):
        """`login(site, tls)`, which returns whether it was let in."""
        for tls in ("implicit", "starttls"):
            self.assert_in_all_modes(
                protocol, ABSENT, lambda site, tls=tls: login(site, tls), *self.options, tls=tls,
                package="Kerberos", user="alice", domain=REALM, **more)

    def assert_ntlm1_is_refused(self, protocol, login):
        with self.subTest(protocol=protocol), self.site(protocol, "0") as site:
            self.assert_verdict(site, login(site), False, "ntlm_v1_refused", package="NTLM")

    def msmtp(self, site, tls, method="gssapi"):
        """Whether it was let in. The server takes no mail."""
        configuration = self.write("msmtprc", f"""
host localhost
port {site.port}
tls on
tls_starttls {"on" if tls == "starttls" else "off"}
tls_trust_file {self.path("server.pem")}
auth {method}
user alice
password "{PASSWORD}"
from alice@example.com
""")
        os.chmod(configuration, 0o600)  # it takes no other
        done = self.run_program(MSMTP, "--file=" + configuration, "bob@example.com",
                                stdin=MESSAGE)
        self.assertNotEqual(done.returncode, 0)
        return done.returncode != NO_PERMISSION

    def test_msmtp(self):
        self.in_all_modes_with_kerberos("smtp", self.msmtp)
        self.assert_ntlm1_is_refused("smtp", lambda site: self.msmtp(site, "implicit", "ntlm"))

    def mbsync(self, site, tls, mechanism="GSSAPI"):
        folder = self.path("mail")
        os.makedirs(folder, exist_ok=True)
        kind = "IMAPS" if tls == "implicit" else "STARTTLS"
        configuration = self.write("mbsyncrc", f"""
IMAPStore far
Host localhost
Port {site.port}
User alice
Pass "{PASSWORD}"
SSLType {kind}
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
        done = self.run_program(MBSYNC, "-c", configuration, "-l", "all")
        return done.returncode == 0

    def test_mbsync(self):
        self.in_all_modes_with_kerberos("imap", self.mbsync)
        self.assert_ntlm1_is_refused("imap", lambda site: self.mbsync(site, "implicit", "NTLM"))

    def swaks(self, site):
        done = self.run_program(
            SWAKS, "--server", f"localhost:{site.port}", "--tls-on-connect", "--auth", "NTLM",
            "--auth-user", "alice", "--auth-password", PASSWORD, "--auth-extra", "DOMAIN=DEMO",
            "--quit-after", "AUTH")
        return done.returncode == 0

    def test_swaks(self):
        self.assert_ntlm1_is_refused("smtp", self.swaks)

    def reader_file(self, **settings):
        lines = {"ssl_force_tls": "yes", "ssl_starttls": "yes",
                 "ssl_ca_certificates_file": self.path("server.pem"), "folder": self.directory.name,
                 "record": "", **settings}
        return self.write("muttrc", "".join(f'set {name}="{value}"\n'
                                            for name, value in lines.items()))

    def sends(self, reader, site, tls):
        """Whether it was let in. The server takes no mail."""
        scheme = "smtps" if tls == "implicit" else "smtp"
        configuration = self.reader_file(smtp_url=f"{scheme}://alice@localhost:{site.port}/")
        done = self.run_program(reader, "-n", "-F", configuration, "-s", "test",
                                "bob@example.com", stdin="Text\n")
        denied = "authentication failed" in done.stderr
        self.assertNotEqual(denied, "This server has no mailboxes" in done.stderr, done.stderr)
        return not denied

    def test_readers_send(self):
        for reader in READERS:
            self.in_all_modes_with_kerberos(
                "smtp", lambda site, tls, reader=reader: self.sends(reader, site, tls))

    def reads(self, reader, site, tls):
        """Whether it was let in, on a terminal of its own."""
        scheme = "imaps" if tls == "implicit" else "imap"
        configuration = self.reader_file(imap_authenticators="gssapi")
        parent, child = pty.openpty()
        process = subprocess.Popen(
            [reader, "-n", "-F", configuration, "-f",
             f"{scheme}://alice@localhost:{site.port}/INBOX", "-e", 'push "<exit>"'],
            stdin=child, stdout=child, stderr=child, env=self.environment, start_new_session=True)
        os.close(child)
        screen = self.read_screen(parent, process)
        denied = b"authentication failed" in screen
        self.assertNotEqual(denied, b"[Msgs:0]" in screen, screen)
        return not denied

    def read_screen(self, terminal, process):
        """All that it writes, to its end."""
        screen = b""
        deadline = time.monotonic() + PATIENCE
        while select.select([terminal], [], [], max(0, deadline - time.monotonic()))[0]:
            try:
                screen += os.read(terminal, 4096)
            except OSError:  # it closed its end
                break
        else:
            process.kill()
        os.close(terminal)
        self.assertEqual(process.wait(PATIENCE), 0, screen)
        return screen

    def test_readers_read(self):
        for reader in READERS:
            # neomutt has two ways to do GSSAPI, and tries both.
            self.in_all_modes_with_kerberos(
                "imap", lambda site, tls, reader=reader: self.reads(reader, site, tls),
                repeats=True)


if __name__ == "__main__":
    sasl_peer.main()

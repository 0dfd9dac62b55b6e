"""`epa login imap` and `epa login pop3` against Dovecot with MIT's Kerberos, which binds nothing and
names a size where it offers no security layer."""

import getpass
import grp
import json
import os

import epa_command
from interop_peer import program
from kerberos_realm import (PASSWORD, REALM, KerberosRealm, start_server, stop_server,
                            wait_for_port)

DOVECOT = program("/usr/sbin/dovecot", "dovecot-imapd")
PROTOCOLS = ("imap", "pop3")


class DovecotTest(epa_command.EpaTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.realm = KerberosRealm(cls.directory.name, ["imap/localhost", "pop/localhost"])
        cls.addClassCleanup(cls.realm.close)
        cls.write("realm-password", PASSWORD + "\n")
        cls.ports = {name: epa_command.ReservedPort()
                     for name in ("imap", "imaps", "pop3", "pop3s")}
        for port in cls.ports.values():
            cls.addClassCleanup(port.close)
        dovecot = start_server([DOVECOT, "-F", "-c", cls.configuration()], cls.realm.environment)
        cls.addClassCleanup(stop_server, dovecot)
        for port in cls.ports.values():
            wait_for_port(port.number, dovecot)

    @classmethod
    def configuration(cls):
        """For a user without rights: nothing in it needs root."""
        user, group = getpass.getuser(), grp.getgrgid(os.getgid()).gr_name
        listeners = "".join(f"""
service {name}-login {{
  chroot =
  inet_listener {name} {{
    address = 127.0.0.1
    port = {cls.ports[name].number}
  }}
  inet_listener {name}s {{
    address = 127.0.0.1
    port = {cls.ports[name + "s"].number}
    ssl = yes
  }}
}}
""" for name in PROTOCOLS)
        return cls.write("dovecot.conf", f"""
protocols = {" ".join(PROTOCOLS)}
base_dir = {cls.path("dovecot")}
state_dir = {cls.path("dovecot-state")}
log_path = {cls.path("dovecot.log")}
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
mail_location = maildir:{cls.path("mail")}
ssl = yes
ssl_cert = <{cls.path("server.pem")}
ssl_key = <{cls.path("server.key")}
ssl_client_ca_dir =
disable_plaintext_auth = yes
auth_mechanisms = gssapi gss-spnego
auth_krb5_keytab = {cls.realm.keytab}
auth_gssapi_hostname = localhost
auth_realms = {REALM}
auth_failure_delay = 0
passdb {{
  driver = static
  args = nopassword=y
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={cls.path("mail")}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
import_environment = $import_environment KRB5_CONFIG={cls.realm.configuration} KRB5RCACHENAME=none:
{listeners}""")

    def log_in(self, protocol, tls, *options, password="realm-password"):
        scheme = protocol + ("s" if tls == "implicit" else "")
        done = epa_command.run(
            "login", protocol, f"{scheme}://localhost:{self.ports[scheme].number}", "--user",
            f"alice@{REALM}", "--password-file", self.path(password), "--krb5-config",
            self.realm.configuration, "--ca", self.path("server.pem"), "--json", *options)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        return json.loads(done.stdout)

    def test_gssapi(self):
        for protocol in PROTOCOLS:
            for tls in ("implicit", "starttls"):
                for mutual in ([], ["--no-mutual"]):
                    with self.subTest(protocol=protocol, tls=tls, mutual=mutual):
                        report = self.log_in(protocol, tls, "--mechanism", "GSSAPI", *mutual)
                        self.assertTrue(report["accepted"], report)
                        self.assertEqual(report["package"], "Kerberos")

    def test_its_gss_spnego_goes_on_as_gssapi_does(self):
        """With RFC 4752's negotiation of a layer, which GSS-SPNEGO has with nobody else."""
        for protocol in PROTOCOLS:
            with self.subTest(protocol=protocol):
                report = self.log_in(protocol, "implicit", "--mechanism", "GSS-SPNEGO")
                self.assertFalse(report["accepted"], report)
                self.assertIn("a challenge after the last one", report["refusal"])

    def test_another_identity_is_refused(self):
        for protocol in PROTOCOLS:
            with self.subTest(protocol=protocol):
                report = self.log_in(protocol, "implicit", "--mechanism", "GSSAPI", "--authzid",
                                     "bob")
                self.assertFalse(report["accepted"], report)


if __name__ == "__main__":
    epa_command.main()

"""ldap3 against `epa serve ldap`: NTLM by Sicily, where Debian's version binds nothing, and Kerberos,
which it binds to the server's certificate."""

import os
import ssl
import sys
import time

import sasl_peer
from epa_command import PATIENCE
from interop_peer import ABSENT, MODES, PASSWORD, module
from kerberos_realm import REALM, KerberosRealm

# Debian's OpenSSL has no MD4 for hashlib, and its PyCryptodome another name than ldap3 looks for.
for part in ("", ".Hash", ".Hash.MD4"):
    sys.modules["Crypto" + part] = module("Cryptodome" + part, "python3-pycryptodome")
ldap3 = module("ldap3", "python3-ldap3")


class Ldap3Test(sasl_peer.SaslTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.realm = KerberosRealm(cls.directory.name, ["ldap/localhost"])
        cls.addClassCleanup(cls.realm.close)
        # Of this process, which is the client.
        os.environ["KRB5_CONFIG"] = cls.realm.configuration
        os.environ["KRB5CCNAME"] = "FILE:" + cls.realm.ticket_cache()
        cls.options = ["--keytab", cls.realm.keytab, "--krb5-config", cls.realm.configuration]

    def binds(self, site, tls="implicit", password=PASSWORD):
        """Whether it was let in."""
        settings = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=self.path("server.pem"))
        server = ldap3.Server("localhost", port=site.port, use_ssl=tls == "implicit", tls=settings,
                              get_info=ldap3.NONE)
        connection = ldap3.Connection(server, user="DEMO\\alice", password=password,
                                      authentication=ldap3.NTLM)
        if tls == "starttls":
            connection.start_tls()
        let_in = connection.bind()
        self.answer = connection.result  # pylint: disable=attribute-defined-outside-init
        if let_in:
            self.assertEqual(connection.extend.standard.who_am_i(), "u:DEMO\\alice")
        connection.unbind()
        return let_in

    def test_all_modes(self):
        for tls in ("implicit", "starttls"):
            self.assert_in_all_modes("ldap", ABSENT,
                                     lambda site, tls=tls: self.binds(site, tls), "--sicily",
                                     tls=tls, package="NTLM")

    def bind_with_ticket(self, port, tls):
        """Who it is then. It fails by itself where no security layer is offered: it compares octets
        with a text."""
        settings = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=self.path("server.pem"))
        server = ldap3.Server("localhost", port=port, use_ssl=tls == "implicit", tls=settings,
                              get_info=ldap3.NONE)
        connection = ldap3.Connection(server, authentication=ldap3.SASL,
                                      sasl_mechanism=ldap3.KERBEROS)
        if tls == "starttls":
            connection.start_tls()
        return connection.bind() and connection.extend.standard.who_am_i()

    def test_kerberos_without_tls(self):
        with self.site("ldap", "0", *self.options, "--signing", "optional", tls="none") as site:
            self.assertEqual(self.bind_with_ticket(site.port, "none"), f"u:{REALM}\\alice")
            self.assert_verdict(site, True, True, "legacy_mode", package="Kerberos")

    def test_kerberos_inside_tls(self):
        """It binds rightly, and gives up at the offer of no layer."""
        for tls in ("implicit", "starttls"):
            for mode in MODES:
                with self.subTest(mode=mode, tls=tls), \
                        self.site("ldap", mode, *self.options, tls=tls) as site:
                    with self.assertRaisesRegex(ldap3.core.exceptions.LDAPCommunicationError,
                                                "max buffer size must be 0"):
                        self.bind_with_ticket(site.port, tls)
                    event = self.wait_for_login(site)
                    self.assertEqual((event["outcome"], event["binding"]),
                                     ("abandoned", "matched"), event)

    def wait_for_login(self, site):
        deadline = time.monotonic() + PATIENCE
        while not (events := site.logins()):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        return events[0]

    def test_a_wrong_password(self):
        with self.site("ldap", "0", "--sicily") as site:
            self.assertFalse(self.binds(site, password="wrong"))
            self.assertIn("data 52e", self.answer["message"])
            self.assert_verdict(site, False, False, "wrong_password")


if __name__ == "__main__":
    sasl_peer.main()

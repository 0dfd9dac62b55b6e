"""ldap3 against `epa serve ldap`: NTLM by Sicily. Debian's version binds nothing."""

import ssl
import sys

import sasl_peer
from interop_peer import ABSENT, PASSWORD, module

# Debian's OpenSSL has no MD4 for hashlib, and its PyCryptodome another name than ldap3 looks for.
for part in ("", ".Hash", ".Hash.MD4"):
    sys.modules["Crypto" + part] = module("Cryptodome" + part, "python3-pycryptodome")
ldap3 = module("ldap3", "python3-ldap3")


class Ldap3Test(sasl_peer.SaslTestCase):
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

    def test_a_wrong_password(self):
        with self.site("ldap", "0", "--sicily") as site:
            self.assertFalse(self.binds(site, password="wrong"))
            self.assertIn("data 52e", self.answer["message"])
            self.assert_verdict(site, False, False, "wrong_password")


if __name__ == "__main__":
    sasl_peer.main()

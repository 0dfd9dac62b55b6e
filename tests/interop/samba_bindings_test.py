"""`epa login ldap` against the directory of a Samba 4.22 domain controller, which demands signing without TLS and
the right binding inside TLS."""

import namespaces
import newer_samba

newer_samba.fetch()
namespaces.enter_namespaces()
newer_samba.take_its_place()

# pylint: disable=wrong-import-position
import samba

import sasl_peer
from samba_ldap_case import URLS, WAYS, SambaLdapCase
from tls_relay import tls_relay

# Why our client says it was refused.
ABSENT = "the client sent no channel binding"
NONE = "the client says that it had no TLS channel"
WRONG = "the client bound its login to another TLS channel"


class SambaBindingsTest(SambaLdapCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        assert samba.version.startswith("4.22."), samba.version

    def assert_refused(self, report, why):
        self.assertFalse(report["accepted"], report)
        self.assertIn(why, report["refusal"])
        # Samba's form of Windows' answer.
        self.assertIn("resultCode 49: 80090346: LdapErr: ", report["refusal"])

    def test_layers_without_tls(self):
        self.assert_layers_without_tls()

    def test_inside_tls(self):
        for way in WAYS:
            for url in URLS:
                with self.subTest(way=way, url=url):
                    report = self.log_in_over_tls(way, url)
                    self.assertTrue(report["accepted"], report)
                    self.assertEqual(report["server_says"]["authorization_identity"],
                                     "u:AD\\alice")
                    for binding, why in (("none", NONE), ("omit", ABSENT)):
                        self.assert_refused(self.log_in_over_tls(way, url, "--binding", binding),
                                            why)
        self.assert_no_layer_inside_tls()

    def test_a_wrong_password_is_told_from_a_wrong_binding(self):
        report = self.log_in_over_tls(WAYS[3], URLS[0], password="wrong-password")
        self.assertFalse(report["accepted"], report)
        self.assertIn("data 52e", report["refusal"])

    def test_somebody_in_the_middle(self):
        with tls_relay(self.path("middle.pem"), self.path("middle.key"), 636,
                       self.path("server.pem")) as port:
            for way in WAYS:
                with self.subTest(way=way):
                    self.assert_refused(
                        self.log_in_over_tls(way, f"ldaps://localhost:{port}",
                                             certificate="middle"), WRONG)


if __name__ == "__main__":
    sasl_peer.main()

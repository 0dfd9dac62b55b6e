"""`epa login https` against Apache with mod_auth_gssapi.

It checks no bindings, whatever we send.
"""

import contextlib
import json
import os
import urllib.parse

import epa_command
from apache_server import ApacheServer
from kerberos_realm import REALM, KerberosRealm


class ApacheTest(epa_command.EpaTestCase):

    @contextlib.contextmanager
    def apache(self, files, settings, environment):
        server = ApacheServer(self.path("server.pem"), self.path("server.key"), files, settings,
                              environment)
        with contextlib.closing(server):
            yield server

    def login_to(self, server, *options):
        return epa_command.run("login", "https", server.url, "--ca", self.path("server.pem"),
                               "--json", *options)

    def assertLoggedInAs(self, result, user, package, scheme="Negotiate"):
        self.assertLoggedIn(result)
        report = json.loads(result.stdout)
        self.assertEqual(urllib.parse.unquote(report["server_says"]["user"]), user)
        self.assertEqual(report["package"], package)
        self.assertEqual(report["scheme"], scheme)


class KerberosTest(ApacheTest):
    """MIT's acceptor proves itself to us: mutual authentication is our default."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.realm = KerberosRealm(cls.directory.name, ["HTTP/localhost"])
        cls.addClassCleanup(cls.realm.close)
        cls.cache = cls.realm.ticket_cache()
        cls.realm.add_service("HTTP/elsewhere")

    def kerberos_apache(self):
        return self.apache(
            [self.realm.keytab, self.realm.configuration],
            "GssapiCredStore keytab:{here}/service.keytab\nGssapiAllowedMech krb5",
            {**self.realm.environment, "KRB5_CONFIG": "{here}/krb5.conf"})

    def login_with_ticket(self, server, *options):
        return self.login_to(server, "--ccache", self.cache, "--krb5-config",
                             self.realm.configuration, *options)

    def test_every_kind_of_binding_is_accepted(self):
        with self.kerberos_apache() as server:
            for binding in ("auto", "none", "omit"):
                with self.subTest(binding=binding):
                    self.assertLoggedInAs(
                        self.login_with_ticket(server, "--binding", binding), f"alice@{REALM}",
                        "Kerberos")

    def test_a_ticket_for_another_service_is_refused(self):
        with self.kerberos_apache() as server:
            self.assertRefused(self.login_with_ticket(server, "--spn", "HTTP/elsewhere"))


class NtlmTest(ApacheTest):
    """gss-ntlmssp with one account in a file."""

    def ntlm_apache(self):
        return self.apache([self.path("accounts")], "GssapiAllowedMech ntlmssp",
                           {**os.environ, "NTLM_USER_FILE": "{here}/accounts"})

    def login_with_password(self, server, *options, password="password"):
        return self.login_to(server, "--user", epa_command.USER, "--password-file",
                             self.path(password), *options)

    def test_inside_negotiate(self):
        with self.ntlm_apache() as server:
            for binding in ("auto", "none", "omit"):
                with self.subTest(binding=binding):
                    self.assertLoggedInAs(
                        self.login_with_password(server, "--binding", binding),
                        epa_command.USER, "NTLM")

    def test_raw(self):
        with self.ntlm_apache() as server:
            self.assertLoggedInAs(self.login_with_password(server, "--package", "NTLM"),
                                  epa_command.USER, "NTLM", scheme="NTLM")

    def test_wrong_password(self):
        with self.ntlm_apache() as server:
            self.assertRefused(self.login_with_password(server, password="wrong-password"))


if __name__ == "__main__":
    epa_command.main()

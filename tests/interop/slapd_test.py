"""`epa login ldap` against OpenLDAP's slapd with Cyrus SASL and MIT's Kerberos: every layer, and a
server that refuses a wrong binding and takes none for none, as mode 1."""

import json

import epa_command
from interop_peer import program
from kerberos_realm import (PASSWORD, REALM, KerberosRealm, start_server, stop_server,
                            wait_for_port)
from tls_relay import tls_relay

SLAPD = program("/usr/sbin/slapd", "slapd")


class SlapdTest(epa_command.EpaTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.realm = KerberosRealm(cls.directory.name, ["ldap/localhost"])
        cls.addClassCleanup(cls.realm.close)
        cls.write("realm-password", PASSWORD + "\n")
        cls.make_certificate("other", "rsa:2048")
        cls.ports = [epa_command.ReservedPort() for _ in range(2)]
        for port in cls.ports:
            cls.addClassCleanup(port.close)
        configuration = cls.write("slapd.conf", f"""
include /etc/ldap/schema/core.schema
pidfile {cls.path("slapd.pid")}
sasl-host localhost
sasl-cbinding tls-endpoint
TLSCertificateFile {cls.path("server.pem")}
TLSCertificateKeyFile {cls.path("server.key")}
TLSCACertificateFile {cls.path("server.pem")}
""")
        clear, tls = (port.number for port in cls.ports)
        slapd = start_server([SLAPD, "-d", "0", "-f", configuration, "-h",
                              f"ldap://127.0.0.1:{clear}/ ldaps://127.0.0.1:{tls}/"],
                             {**cls.realm.environment, "KRB5_KTNAME": cls.realm.keytab})
        cls.addClassCleanup(stop_server, slapd)
        wait_for_port(clear, slapd)
        wait_for_port(tls, slapd)

    def log_in(self, url, *options, certificate="server"):
        done = epa_command.run(
            "login", "ldap", url, "--user", f"alice@{REALM}", "--password-file",
            self.path("realm-password"), "--krb5-config", self.realm.configuration,
            *([] if "--tls" in options else ["--ca", self.path(certificate + ".pem")]), "--json",
            *options)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        return json.loads(done.stdout)

    def assert_in(self, report, mechanism):
        self.assertTrue(report["accepted"], report)
        self.assertEqual(report["mechanism"], mechanism)
        self.assertRegex(report["server_says"]["authorization_identity"], "^dn:uid=alice,")

    def test_every_layer_without_tls(self):
        url = f"ldap://localhost:{self.ports[0].number}"
        for mechanism in ("GSSAPI", "GSS-SPNEGO"):
            for layer in ("none", "integrity", "confidentiality"):
                for mutual in ([], ["--no-mutual"]):
                    with self.subTest(mechanism=mechanism, layer=layer, mutual=mutual):
                        self.assert_in(self.log_in(url, "--tls", "none", "--mechanism", mechanism,
                                                   "--layer", layer, *mutual), mechanism)

    def test_bindings_inside_tls(self):
        for url in (f"ldaps://localhost:{self.ports[1].number}",
                    f"ldap://localhost:{self.ports[0].number}"):
            for mechanism in ("GSSAPI", "GSS-SPNEGO"):
                for binding in ("auto", "omit"):
                    with self.subTest(url=url, mechanism=mechanism, binding=binding):
                        self.assert_in(self.log_in(url, "--mechanism", mechanism, "--binding",
                                                   binding), mechanism)

    def test_a_wrong_binding_is_refused(self):
        """Through somebody with another certificate, whom the client trusts."""
        with tls_relay(self.path("other.pem"), self.path("other.key"), self.ports[1].number,
                       self.path("server.pem")) as port:
            for mechanism in ("GSSAPI", "GSS-SPNEGO"):
                with self.subTest(mechanism=mechanism):
                    report = self.log_in(f"ldaps://localhost:{port}", "--mechanism", mechanism,
                                         certificate="other")
                    self.assertFalse(report["accepted"], report)
                    self.assertIn("resultCode 49", report["refusal"])

    def test_a_wrong_authorization_identity_is_refused(self):
        report = self.log_in(f"ldaps://localhost:{self.ports[1].number}", "--mechanism", "GSSAPI",
                             "--authzid", "u:bob")
        self.assertFalse(report["accepted"], report)


if __name__ == "__main__":
    epa_command.main()

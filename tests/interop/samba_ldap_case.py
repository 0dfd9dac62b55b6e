"""What the tests of Samba's directory share: a domain controller, and our client at it. Its ports are
fixed: in namespaces of one's own."""

import json
import logging

import namespaces
import sasl_peer
from epa_command import run
from samba_domain import PASSWORD, REALM, SambaDomain

HOST = "dc.ad.epa.test"
SERVICE_HOST = "server.ad.epa.test"
KERBEROS_USER = f"alice@{REALM}"
WAYS = (("GSSAPI", KERBEROS_USER, "Kerberos"), ("GSS-SPNEGO", KERBEROS_USER, "Kerberos"),
        ("GSS-SPNEGO", "AD\\alice", "NTLM"), ("NTLM", "AD\\alice", "NTLM"))
URLS = ("ldaps://localhost", "ldap://localhost")


class SambaLdapCase(sasl_peer.SaslTestCase):
    # Of smb.conf, "ldap server require strong auth".
    strong_auth = "yes"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        logging.disable(logging.INFO)
        namespaces.run("ip", "link", "set", "lo", "up")
        namespaces.run("mount", "--bind", cls.write(
            "hosts", f"127.0.0.1 localhost {HOST} {SERVICE_HOST}\n"), "/etc/hosts")
        cls.make_certificate("middle", "rsa:2048")
        cls.domain = SambaDomain(cls.directory.name, "kdc ldap", f"""
 tls certfile = {cls.path("server.pem")}
 tls keyfile = {cls.path("server.key")}
 tls cafile = {cls.path("server.pem")}
 ldap server require strong auth = {cls.strong_auth}
""")
        cls.addClassCleanup(cls.domain.close)
        cls.domain.add_user("alice")
        cls.domain.add_principal("dc$", "ldap/" + HOST)
        cls.keytab = cls.domain.add_service("web", "ldap/" + SERVICE_HOST)
        cls.domain.start(389, 636)
        cls.write("domain-password", PASSWORD + "\n")

    def log_in(self, way, url, *options, password="domain-password"):
        mechanism, user, package = way
        kerberos = ["--krb5-config", self.domain.configuration] if package == "Kerberos" else []
        done = run("login", "ldap", url, "--spn", "ldap/" + HOST, "--mechanism", mechanism,
                   "--user", user, "--password-file", self.path(password), "--json", *kerberos,
                   *options)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        report = json.loads(done.stdout)
        if report["accepted"]:
            self.assertEqual(report["package"], package)
        return report

    def log_in_over_tls(self, way, url, *options, certificate="server", **more):
        return self.log_in(way, url, "--ca", self.path(certificate + ".pem"), *options, **more)

    def assert_layers_without_tls(self):
        for way in WAYS:
            for layer in ("integrity", "confidentiality"):
                report = self.log_in(way, "ldap://localhost", "--tls", "none", "--layer", layer)
                self.assertTrue(report["accepted"], (way, report))
                self.assertEqual(report["layer"], layer)
            report = self.log_in(way, "ldap://localhost", "--tls", "none", "--layer", "none")
            self.assertIn("resultCode 8: ", report["refusal"])

    def assert_no_layer_inside_tls(self):
        for way in WAYS:
            report = self.log_in_over_tls(way, URLS[0], "--layer", "confidentiality")
            self.assertIn("resultCode 53: ", report["refusal"])

"""curl with a Kerberos ticket against `epa serve https`.

Debian 12's curl 7.88 sends the checksum's sixteen zero octets and does not say that it knows of
bindings: it binds nothing and claims nothing.
"""

import json
import subprocess

import epa_command
from kerberos_realm import REALM, KerberosRealm


class CurlKerberosTest(epa_command.EpaTestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.realm = KerberosRealm(cls.directory.name, ["HTTP/localhost"])
        cls.addClassCleanup(cls.realm.close)
        cls.cache = cls.realm.ticket_cache()

    def kerberos_server(self, mode, audit):
        return self.serving([
            "serve", "https", "--cert", self.path("server.pem"), "--key",
            self.path("server.key"), "--keytab", self.realm.keytab, "--krb5-config",
            self.realm.configuration, "--extended-protection", mode, "--audit", audit])

    def curl(self, server, *options, environment=None):
        """The status and the body of the last response."""
        done = subprocess.run(
            ["curl", "--silent", "--negotiate", "--user", ":", "--cacert",
             self.path("server.pem"), "--resolve", f"localhost:{server.port}:127.0.0.1",
             "--write-out", "\n%{http_code}", *options, f"https://localhost:{server.port}/"],
            env=environment or self.realm.client_environment(self.cache), capture_output=True,
            text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        body, _, status = done.stdout.rpartition("\n")
        return int(status), body

    def outcome(self, mode):
        audit = self.path("audit-" + mode)
        with self.kerberos_server(mode, audit) as server:
            status, body = self.curl(server)
        events = epa_command.json_lines(audit)
        self.assertEqual(len(events), 1)
        return status, body, events[0]["reason"]

    def test_logged_in_without_a_binding_where_none_is_required(self):
        for mode, reason in (("0", "legacy_mode"), ("1", "binding_missing_allowed")):
            with self.subTest(mode=mode):
                status, body, audited = self.outcome(mode)
                self.assertEqual(status, 200)
                self.assertEqual(audited, reason)
                report = json.loads(body)
                self.assertEqual(report["user"], "alice")
                self.assertEqual(report["domain"], REALM)
                self.assertEqual(report["package"], "Kerberos")
                self.assertEqual(report["extended_protection"]["binding"], "absent")

    def test_refused_where_a_binding_is_required(self):
        status, _, audited = self.outcome("2")
        self.assertEqual(status, 401)
        self.assertEqual(audited, "binding_missing")

    def test_nobody_without_a_ticket(self):
        environment = self.realm.client_environment(self.path("no-cache"))
        with self.kerberos_server("0", self.path("audit-nobody")) as server:
            status, _ = self.curl(server, environment=environment)
        self.assertEqual(status, 401)


if __name__ == "__main__":
    epa_command.main()

"""`epa serve https` and `epa login https` by Kerberos and Negotiate, with a KDC of our own."""

import json
import os

import epa_command
from epa_command import json_lines, run
from kerberos_realm import PASSWORD, REALM, KerberosRealm

USER = f"alice@{REALM}"


class KerberosTestCase(epa_command.EpaTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        os.mkdir(cls.path("kdc"))
        os.environ["KRB5RCACHEDIR"] = cls.directory.name
        cls.realm = KerberosRealm(cls.path("kdc"), ["HTTP/localhost"])
        cls.addClassCleanup(cls.realm.close)
        cls.cache = cls.realm.ticket_cache()
        cls.write("realm-password", PASSWORD + "\n")
        # One account for both packages.
        cls.write("accounts", f"DEMO:alice:{epa_command.PASSWORD}\n{REALM}:alice:{PASSWORD}\n")

    def kerberos_server(self, *options):
        """Knows tickets and no accounts."""
        return self.serving(["serve", "https", "--cert", self.path("server.pem"), "--key",
                             self.path("server.key"), "--keytab", self.realm.keytab, *options])

    def both_server(self, *options):
        return self.server("--keytab", self.realm.keytab, *options)

    def ask(self, server, *options):
        return run("login", "https", f"https://localhost:{server.port}/", "--ca",
                   self.path("server.pem"), "--krb5-config", self.realm.configuration, "--json",
                   *options)

    def with_ticket(self, server, *options):
        return self.ask(server, "--ccache", self.cache, *options)

    def with_password(self, server, *options, user=USER, password="realm-password"):
        return self.ask(server, "--user", user, "--password-file", self.path(password), *options)

    def assertCarriedBy(self, result, package, scheme="Negotiate"):
        self.assertLoggedIn(result)
        report = json.loads(result.stdout)
        self.assertEqual((report["package"], report["scheme"]), (package, scheme))
        self.assertEqual(report["server_says"]["package"], package)


class ModesTest(KerberosTestCase):
    def outcomes(self, server_options, login_options):
        """Exit statuses and reasons for a client that is silent, says none, and binds."""
        all_codes, all_reasons = [], []
        for mode in ("0", "1", "2"):
            audit = self.path("audit")
            with self.both_server("--extended-protection", mode, "--audit", audit,
                                  *server_options) as server:
                all_codes.append([self.with_ticket(server, "--binding", binding,
                                                   *login_options).returncode
                                  for binding in ("omit", "none", "auto")])
            events = json_lines(audit)
            os.unlink(audit)
            self.assertEqual({event["package"] for event in events}, {"Kerberos"})
            all_reasons.append([event["reason"] for event in events])
        return all_codes, all_reasons

    def assertPublished(self, outcomes):
        codes, reasons = outcomes
        self.assertEqual(codes, [[0, 0, 0], [0, 1, 0], [1, 1, 0]])
        self.assertEqual(reasons, [
            ["legacy_mode"] * 3,
            ["binding_missing_allowed", "binding_explicitly_none", "binding_matched"],
            ["binding_missing", "binding_explicitly_none", "binding_matched"]])

    def test_kerberos(self):
        self.assertPublished(self.outcomes(["--package", "Kerberos"], ["--package", "Kerberos"]))

    def test_negotiate(self):
        self.assertPublished(self.outcomes([], []))


class PackagesTest(KerberosTestCase):
    def test_report_says_who_and_by_what(self):
        with self.kerberos_server() as server:
            result = self.with_ticket(server)
        self.assertCarriedBy(result, "Kerberos")
        says = json.loads(result.stdout)["server_says"]
        self.assertEqual((says["user"], says["domain"]), ("alice", REALM))
        self.assertEqual(says["extended_protection"], {
            "mode": "require", "binding": "matched", "target_name": "HTTP/localhost",
            "target_name_voucher": "client", "decision": "accepted", "reason": "binding_matched"})

    def test_a_pac_that_names_the_account_may_be_demanded(self):
        audit = self.path("audit-pac")
        with self.kerberos_server("--require-pac", "--audit", audit) as server:
            self.assertRefused(self.with_ticket(server))
        event = epa_command.json_lines(audit)[0]
        # MIT's KDC signs a PAC, but does not name the account in it.
        self.assertEqual((event["reason"], event["pac"]), ("pac_required", "verified"))
        self.assertEqual((event["claimed_user"], event["claimed_domain"]), ("alice", REALM))
        self.assertNotIn("user", event)

    def test_people_see_the_principal(self):
        with self.kerberos_server() as server:
            result = run("login", "https", f"https://localhost:{server.port}/", "--ca",
                         self.path("server.pem"), "--ccache", self.cache, "--krb5-config",
                         self.realm.configuration)
        self.assertIn(USER, result.stdout)
        self.assertIn("Kerberos", result.stdout)

    def test_password_gets_a_ticket(self):
        with self.both_server() as server:
            self.assertCarriedBy(self.with_password(server), "Kerberos")
            self.assertCarriedBy(self.with_password(server, "--package", "Kerberos"), "Kerberos")

    def test_wrong_password_is_refused_before_the_server_sees_it(self):
        audit = self.path("unseen")
        with self.both_server("--audit", audit) as server:
            result = self.with_password(server, "--package", "Kerberos",
                                        password="wrong-password")
        self.assertRefused(result)
        self.assertIn("password", result.stderr)
        self.assertEqual(json_lines(audit), [])

    def test_ntlm_takes_over_where_there_is_no_ticket(self):
        with self.both_server() as server:
            self.assertCarriedBy(self.with_password(server, user=epa_command.USER,
                                                    password="password"), "NTLM")
            self.assertCarriedBy(self.with_password(server, "--spn", "HTTP/unknown.example"),
                                 "NTLM")

    def test_ntlm_takes_over_where_the_server_has_no_keytab(self):
        with self.server() as server:
            self.assertCarriedBy(self.with_password(server), "NTLM")

    def test_package_kerberos_takes_no_ntlm(self):
        with self.both_server("--package", "Kerberos") as server:
            self.assertRefused(self.with_password(server, user=epa_command.USER,
                                                  password="password"))
            self.assertCarriedBy(self.with_ticket(server), "Kerberos")

    def test_package_ntlm_takes_no_kerberos(self):
        with self.both_server("--package", "NTLM") as server:
            self.assertRefused(self.with_ticket(server))
            self.assertCarriedBy(self.with_password(server), "NTLM", "NTLM")

    def test_both_named_are_both_there(self):
        with self.both_server("--package", "Kerberos", "--package", "NTLM") as server:
            self.assertCarriedBy(self.with_ticket(server, "--package", "Kerberos"), "Kerberos")
            self.assertCarriedBy(self.with_password(server, "--package", "NTLM"), "NTLM", "NTLM")

    def test_unknown_realm_is_a_fault_of_the_back_end(self):
        with self.kerberos_server() as server:
            result = self.with_password(server, "--package", "Kerberos",
                                        user="alice@ELSEWHERE.EXAMPLE")
        self.assertEqual(result.returncode, 3)
        self.assertRegex(result.stderr, r"\Aepa: [^\n]+ELSEWHERE.EXAMPLE[^\n]+\n\Z")


if __name__ == "__main__":
    epa_command.main()

"""`epa serve https` and `epa login https` by Kerberos and Negotiate, with a KDC of our own."""

import base64
import json
import os
import subprocess

import epa_command
from epa_command import json_lines, run
from kcm_server import KcmServer
from kerberos_realm import PASSWORD, REALM, KerberosRealm, fill_cache
from scripted_server import ScriptedServer, answer

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
        knows_realm = "--ccache" in options or any("@" in option for option in options)
        realm = ["--krb5-config", self.realm.configuration] if knows_realm else []
        return run("login", "https", f"https://localhost:{server.port}/", "--ca",
                   self.path("server.pem"), "--json", *realm, *options)

    def with_scripted(self, server, *options):
        return run("login", "https", server.url, "--spn", "HTTP/localhost", "--krb5-config",
                   self.realm.configuration, "--json", *options)

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
            serve = self.kerberos_server if "Kerberos" in server_options else self.both_server
            with serve("--extended-protection", mode, "--audit", audit, *server_options) as server:
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
        with self.kerberos_server("--package", "Kerberos") as server:
            self.assertRefused(self.with_password(server, user=epa_command.USER,
                                                  password="password"))
            self.assertCarriedBy(self.with_ticket(server), "Kerberos")

    def test_package_ntlm_takes_no_kerberos(self):
        with self.server("--package", "NTLM") as server:
            self.assertRefused(self.with_ticket(server))
            self.assertCarriedBy(self.with_password(server), "NTLM", "NTLM")

    def test_both_named_are_both_there(self):
        with self.both_server("--package", "Kerberos", "--package", "NTLM") as server:
            self.assertCarriedBy(self.with_ticket(server, "--package", "Kerberos"), "Kerberos")
            self.assertCarriedBy(self.with_password(server, "--package", "NTLM"), "NTLM", "NTLM")

    def test_wrong_password_is_not_tried_again_by_ntlm(self):
        audit = self.path("untouched")
        with self.both_server("--audit", audit) as server:
            result = self.with_password(server, password="wrong-password")
        self.assertRefused(result)
        self.assertEqual(json.loads(result.stdout)["reason"], "wrong_password")
        self.assertEqual(json_lines(audit), [])

    def test_what_the_kdc_says_of_an_account_is_the_end(self):
        self.realm.add_user("expired", "-pwexpire", "yesterday")
        self.realm.add_user("disabled", "-allow_tix")
        with self.both_server() as server:
            for user, reason in (("expired", "password_expired"), ("disabled", "account_disabled")):
                result = self.with_password(server, user=f"{user}@{REALM}")
                self.assertRefused(result)
                self.assertEqual(json.loads(result.stdout)["reason"], reason)

    def test_what_kerberos_said_is_kept_when_ntlm_takes_over(self):
        audit_of_ntlm = self.write("audit-outgoing.reg", """Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\MSV1_0]
"RestrictSendingNTLMTraffic"=dword:00000001
""")
        audit = self.path("outgoing")
        with self.both_server() as server:
            result = self.with_password(server, "--spn", "HTTP/unknown.example", "--registry",
                                        audit_of_ntlm, "--audit", audit)
        self.assertCarriedBy(result, "NTLM")
        said = json.loads(result.stdout)["passed_over"]
        self.assertRegex(said, r"\AKerberos: .*not found in Kerberos database")
        self.assertIn(said, json_lines(audit)[0]["detail"])
        with self.both_server() as server:
            self.assertNotIn("passed_over", json.loads(self.with_password(server).stdout))

    def test_realm_in_lower_case(self):
        with self.kerberos_server() as server:
            result = self.with_password(server, user=f"alice@{REALM.lower()}")
        self.assertCarriedBy(result, "Kerberos")
        self.assertEqual(json.loads(result.stdout)["server_says"]["domain"], REALM)

    def test_scheme_kerberos_is_taken_where_it_is_all_that_is_offered(self):
        with ScriptedServer(answer(401, "WWW-Authenticate: Kerberos"), answer(200)) as server:
            result = self.with_scripted(server, "--ccache", self.cache, "--no-mutual")
        self.assertLoggedIn(result)
        self.assertEqual(json.loads(result.stdout)["scheme"], "Kerberos")
        self.assertIn("\r\nAuthorization: Kerberos YII", server.requests[1])

    def test_unknown_realm_is_a_fault_of_the_back_end(self):
        with self.kerberos_server() as server:
            result = self.with_password(server, "--package", "Kerberos",
                                        user="alice@ELSEWHERE.EXAMPLE")
        self.assertEqual(result.returncode, 3)
        self.assertRegex(result.stderr, r"\Aepa: [^\n]+ELSEWHERE.EXAMPLE[^\n]+\n\Z")


# What every service made with gokrb5 sends: accept-completed, and no AP-REP.
NO_PROOF = "WWW-Authenticate: Negotiate oRQwEqADCgEAoQsGCSqGSIb3EgECAg=="
OFFER = "WWW-Authenticate: Negotiate"


def der(tag, *contents):
    body = b"".join(contents)
    assert len(body) < 128
    return bytes([tag, len(body)]) + body


def refusal_with_error(number):
    """A NegTokenResp that rejects, with a KRB-ERROR of this number in it (RFC 4120 5.9.1)."""
    def integer(tag, value):
        return der(0xa0 | tag, der(2, bytes([value])))
    name = der(0xa0 | 10, der(0x30, integer(0, 2), der(0xa1, der(0x30, der(0x1b, b"HTTP")))))
    error = der(0x7e, der(0x30, integer(0, 5), integer(1, 30),
                          der(0xa4, der(0x18, b"20260101000000Z")), integer(5, 0),
                          integer(6, number), der(0xa9, der(0x1b, b"X")), name))
    krb5 = bytes.fromhex("06092a864886f712010202")
    token = der(0x60, krb5, b"\x03\x00", error)
    resp = der(0xa1, der(0x30, der(0xa0, der(0x0a, b"\x02")), der(0xa1, krb5),
                         der(0xa2, der(0x04, token))))
    return OFFER + " " + base64.b64encode(resp).decode()


class ServersProofTest(KerberosTestCase):
    def outcome(self, *last, options=()):
        with ScriptedServer(answer(401, OFFER), answer(*last)) as server:
            result = self.with_scripted(server, "--ccache", self.cache, *options)
        return result, json.loads(result.stdout)

    def test_without_it_a_login_has_failed_whatever_the_header_says(self):
        for fields in ([NO_PROOF], []):
            result, report = self.outcome(200, *fields)
            self.assertRefused(result)
            self.assertEqual(report["reason"], "mutual_authentication_failed", fields)

    def test_who_does_without_it_hears_so(self):
        for fields in ([NO_PROOF], []):
            result, report = self.outcome(200, *fields, options=["--no-mutual"])
            self.assertLoggedIn(result)
            self.assertEqual((report["package"], report["server_proved"]), ("Kerberos", False))

    def test_who_gets_it_hears_so(self):
        with self.kerberos_server() as server:
            for options, proved in (([], True), (["--no-mutual"], False)):
                result = self.with_ticket(server, *options)
                self.assertCarriedBy(result, "Kerberos")
                self.assertIs(json.loads(result.stdout)["server_proved"], proved)

    def test_error_in_a_refusal_is_told(self):
        result, report = self.outcome(401, refusal_with_error(37))
        self.assertRefused(result)
        self.assertIn("Clock skew too great", result.stderr)
        self.assertEqual(report["reason"], "refused_by_peer")

    def test_error_status_without_it_is_a_refusal(self):
        for status in (400, 403, 431):
            result, report = self.outcome(status)
            self.assertRefused(result)
            self.assertEqual(report["reason"], "refused_by_peer")
            self.assertIn(str(status), result.stderr)


class CacheKindsTest(KerberosTestCase):
    def assert_taken(self, cache):
        with self.kerberos_server() as server:
            self.assertCarriedBy(self.ask(server, "--ccache", cache), "Kerberos")

    def test_file_with_and_without_its_kind(self):
        self.assert_taken(self.cache)
        self.assert_taken("FILE:" + self.cache)

    def test_directory(self):
        os.mkdir(self.path("collection"))
        cache = "DIR:" + self.path("collection")
        fill_cache(self.realm.configuration, cache, USER, PASSWORD)
        self.assert_taken(cache)

    def test_daemon(self):
        daemon = KcmServer(self.directory.name)
        self.addCleanup(daemon.close)
        configuration = self.path("kcm.conf")
        with open(self.realm.configuration, encoding="utf-8") as file:
            text = file.read()
        self.write("kcm.conf", text.replace("[libdefaults]",
                                            f"[libdefaults]\n kcm_socket = {daemon.path}"))
        fill_cache(configuration, "KCM:12345", USER, PASSWORD)
        with self.kerberos_server() as server:
            self.assertCarriedBy(
                run("login", "https", f"https://localhost:{server.port}/", "--ca",
                    self.path("server.pem"), "--krb5-config", configuration, "--json", "--ccache",
                    "KCM:12345"), "Kerberos")

    def test_kernel_keyring(self):
        cache = "KEYRING:user:epa-test"
        try:
            fill_cache(self.realm.configuration, cache, USER, PASSWORD)
        except RuntimeError as error:
            # A kernel, or a container, without keyrings: then the cache is named as the fault.
            self.assertIn("keyring", str(error).lower())
            with self.kerberos_server() as server:
                self.assertUsageError(self.ask(server, "--ccache", cache), cache)
            return
        self.addCleanup(subprocess.run, ["kdestroy", "-q", "-c", cache], check=True)
        self.assert_taken(cache)

    def test_unknown_kind_is_an_error_of_usage(self):
        with self.kerberos_server() as server:
            self.assertUsageError(self.ask(server, "--ccache", "NOSUCHKIND:x"), "NOSUCHKIND:x")
            self.assertUsageError(self.ask(server, "--ccache", "FILE:/no/such"), "/no/such")


if __name__ == "__main__":
    epa_command.main()

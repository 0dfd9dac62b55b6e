"""Apache with mod_auth_gssapi and the plug-in: what comes of logins, and the audit's event of each."""

import json
import os
import subprocess
import urllib.parse
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import epa_command
import gss_plugin
from gss_apache_case import KERBEROS, NTLM, GssApacheCase
from kerberos_realm import PASSWORD, REALM


def curl_version():
    said = subprocess.run(["curl", "--version"], capture_output=True, text=True, check=True)
    return said.stdout.split()[1]


class ApacheTest(GssApacheCase):
    def login(self, server, certificate, *options):
        return epa_command.run("login", "https", server.url, "--ca",
                               self.path(certificate + ".pem"), "--json", *options)

    def with_ticket(self, server, binding, certificate="server"):
        return self.login(server, certificate, "--ccache", self.cache, "--krb5-config",
                          self.realm.configuration, "--binding", binding)

    def with_password(self, server, binding, package="Negotiate", certificate="server"):
        return self.login(server, certificate, "--user", epa_command.USER, "--password-file",
                          self.path("password"), "--binding", binding, "--package", package)

    def assert_verdict(self, result, accepted, user, package):
        """Client and audit agree."""
        event = self.the_event()
        self.assertEqual((event["outcome"], event["package"], event["user"]),
                         ("accepted" if accepted else "refused", package, "alice"), event)
        if not accepted:
            return self.assertRefused(result)
        self.assertLoggedIn(result)
        said = json.loads(result.stdout)["server_says"]["user"]
        return self.assertEqual(urllib.parse.unquote(said), user)

    def test_kerberos_in_each_mode(self):
        # bound, explicit none, absent
        for mode, verdicts in (("0", (True, True, True)), ("1", (True, False, True)),
                               ("2", (True, False, False))):
            with self.apache(mode, KERBEROS) as server:
                for binding, accepted in zip(("auto", "none", "omit"), verdicts):
                    with self.subTest(mode=mode, binding=binding):
                        self.assert_verdict(self.with_ticket(server, binding), accepted,
                                            f"alice@{REALM}", "Kerberos")

    def test_ntlm_in_each_mode(self):
        for mode, verdicts in (("0", (True, True, True)), ("1", (True, False, True)),
                               ("2", (True, False, False))):
            with self.apache(mode, NTLM) as server:
                for binding, accepted in zip(("auto", "none", "omit"), verdicts):
                    for package in ("Negotiate", "NTLM"):
                        with self.subTest(mode=mode, binding=binding, package=package):
                            self.assert_verdict(self.with_password(server, binding, package),
                                                accepted, epa_command.USER, "NTLM")

    def test_kerberos_beside_ntlm(self):
        with self.apache("2", NTLM) as server:
            for binding, accepted in (("auto", True), ("omit", False)):
                with self.subTest(binding=binding):
                    self.assert_verdict(self.with_ticket(server, binding), accepted,
                                        f"alice@{REALM}", "Kerberos")

    def test_a_server_in_the_middle(self):
        """What a client bound to mallory's certificate sends arrives at a server that has another:
        here Apache itself has mallory's, and the configuration says server's."""
        for mode, accepted in (("0", True), ("1", False), ("2", False)):
            for settings, login in ((KERBEROS, self.with_ticket), (NTLM, self.with_password)):
                with self.subTest(mode=mode, settings=settings), \
                        self.apache(mode, settings, certificate="mallory") as server:
                    result = login(server, "auto", certificate="mallory")
                    self.assertEqual(result.returncode, 0 if accepted else 1, result.stderr)
                    event = self.the_event()
                    self.assertEqual((event["outcome"], event["binding"]),
                                     ("accepted" if accepted else "refused", "mismatched"), event)

    def test_basic_authentication_is_let_in_where_the_configuration_says_so(self):
        settings = KERBEROS + "\nGssapiBasicAuth On\nGssapiBasicAuthMech krb5"
        for lines, status in (("", "401"), ("own-logins = yes\n", "200")):
            with self.subTest(lines), self.apache("2", settings, lines=lines) as server:
                self.assertEqual(
                    self.status_for_curl(server, "--basic", "--user", f"alice:{PASSWORD}"), status)

    def test_curl(self):
        """Debian 12's says nothing of its channel; with 8.14, of its backports and Debian 13, what
        was said to mallory is refused."""
        binds = not curl_version().startswith("7.")
        verdicts = {"server": ("200", "200", "200" if binds else "401"),
                    "mallory": ("200", "401" if binds else "200", "401")}
        for certificate, statuses in verdicts.items():
            for mode, status in zip(("0", "1", "2"), statuses):
                with self.subTest(mode=mode, certificate=certificate), \
                        self.apache(mode, KERBEROS, certificate=certificate) as server:
                    self.assertEqual(
                        self.status_for_curl(server, "--negotiate", "--user", ":",
                                             certificate=certificate), status)
                    self.assertEqual(self.the_event()["outcome"],
                                     "accepted" if status == "200" else "refused")

    def test_many_logins_at_once(self):
        """In several threads of several processes: one event of each."""
        packages = {"Kerberos": ("--negotiate", "--user", ":"),
                    "NTLM": ("--ntlm", "--user", f"{epa_command.USER}:{epa_command.PASSWORD}")}
        logins = 60
        with self.apache("1", NTLM) as server, ThreadPoolExecutor(8) as threads:
            statuses = threads.map(
                lambda package: self.status_for_curl(server, *packages[package]),
                list(packages) * logins)
            self.assertEqual(set(statuses), {"200"})
            heard = Counter((event["package"], event["outcome"]) for event in self.events())
        self.assertEqual(heard, {(package, "accepted"): logins for package in packages})

    def status_for_curl(self, server, *options, certificate="server"):
        result = subprocess.run(
            ["curl", "--silent", "--output", os.devnull, "--write-out", "%{http_code}", "--cacert",
             self.path(certificate + ".pem"), *options, server.url],
            env=self.realm.client_environment(self.cache), capture_output=True, text=True,
            timeout=60, check=True)
        return result.stdout


if __name__ == "__main__":
    gss_plugin.main()

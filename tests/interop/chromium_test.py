"""Chromium, headless, against `epa serve https` or the web server that EPA_WEB_SERVER names.

With NTLM it binds; with Kerberos it sends the checksum's sixteen zero octets, which claim nothing.
"""

import contextlib
import json
import os

import epa_command
import interop_peer
from chromium_browser import HOST, ChromiumBrowser
from kerberos_realm import REALM, KerberosRealm

MODES = ("0", "1", "2")


class ChromiumTest(epa_command.EpaTestCase):

    @contextlib.contextmanager
    def browser_and_servers(self, environment, *options):
        """A server for each mode and a browser, which ends first: it keeps connections."""
        with contextlib.ExitStack() as stack:
            servers = {mode: stack.enter_context(self.site(mode, *options)) for mode in MODES}
            yield stack.enter_context(contextlib.closing(ChromiumBrowser(environment))), servers

    @contextlib.contextmanager
    def site(self, mode, *options):
        if "EPA_WEB_SERVER" in os.environ:
            with interop_peer.module_site(mode, self.path("server"), *options) as site:
                yield site
            return
        with self.serving(["serve", "https", "--cert", self.path("server.pem"), "--key",
                           self.path("server.key"), "--extended-protection", mode, "--audit",
                           self.path("audit-" + mode), *options]) as server:
            yield interop_peer.Site(server.port, self.path("server.pem"),
                                    self.path("audit-" + mode))

    def test_ntlm_binds_and_is_accepted_in_every_mode(self):
        with self.browser_and_servers(os.environ, "--accounts", self.path("accounts"),
                                      "--package", "NTLM") as (browser, servers):
            for mode, reason in zip(MODES, ("legacy_mode", "binding_matched", "binding_matched")):
                with self.subTest(mode=mode):
                    status, body = browser.get(servers[mode].port, epa_command.USER,
                                               epa_command.PASSWORD)
                    self.assertEqual(status, 200)
                    report = json.loads(body)
                    self.assertEqual(report["user"], "alice")
                    self.assertEqual(report["package"], "NTLM")
                    self.assertEqual(report["extended_protection"]["binding"], "matched")
                    event = servers[mode].new_events()[-1]
                    self.assertEqual(event["target_name"], f"HTTP/{HOST}:{servers[mode].port}")
                    self.assertEqual(event["reason"], reason)

    def test_ntlm_with_a_wrong_password(self):
        with self.browser_and_servers(os.environ, "--accounts", self.path("accounts"),
                                      "--package", "NTLM") as (browser, servers):
            status, _ = browser.get(servers["0"].port, epa_command.USER, "not the password")
        self.assertEqual(status, 401)

    def test_kerberos_binds_nothing_and_is_refused_where_it_must(self):
        realm = KerberosRealm(self.directory.name, ["HTTP/" + HOST])
        self.addCleanup(realm.close)
        with self.browser_and_servers(
                realm.client_environment(realm.ticket_cache()), "--keytab", realm.keytab,
                "--krb5-config", realm.configuration, "--package", "Negotiate") as (browser, servers):
            browser.wait_for_kerberos(servers["0"].port)
            for mode, reason in (("0", "legacy_mode"), ("1", "binding_missing_allowed")):
                with self.subTest(mode=mode):
                    status, body = browser.get(servers[mode].port)
                    self.assertEqual(status, 200)
                    report = json.loads(body)
                    self.assertEqual(report["user"], "alice")
                    self.assertEqual(report["domain"], REALM)
                    self.assertEqual(report["package"], "Kerberos")
                    self.assertEqual(report["extended_protection"]["binding"], "absent")
                    self.assertEqual(servers[mode].new_events()[-1]["reason"], reason)
            self.assertEqual(browser.get(servers["2"].port)[0], 401)
            self.assertEqual(servers["2"].new_events()[-1]["reason"], "binding_missing")


if __name__ == "__main__":
    epa_command.main()

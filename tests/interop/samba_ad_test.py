"""Tickets of an Active Directory domain: what we read in their PAC is what the directory says."""

import json
import logging
import os
import subprocess

import epa_command
from samba_domain import DOMAIN_LOCAL, GLOBAL, REALM, UNIVERSAL, SambaDomain

SERVICE = "HTTP/localhost"
# "Authentication authority asserted identity": the user proved the password to the KDC
# ([MS-DTYP] 2.4.2.4).
ASSERTED_IDENTITY = "S-1-18-1"


class SambaAdTest(epa_command.EpaTestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        logging.disable(logging.INFO)
        cls.domain = SambaDomain(cls.directory.name)
        cls.addClassCleanup(cls.domain.close)
        cls.domain.add_user("alice")
        cls.domain.add_user("bob")
        cls.domain.add_group("engineers", GLOBAL, ["alice"])
        cls.domain.add_group("builders", UNIVERSAL, ["engineers"])
        cls.domain.add_group("readers", DOMAIN_LOCAL, ["builders"])
        cls.domain.add_group("outsiders", GLOBAL, ["bob"])
        cls.domain.add_computer("root")
        cls.domain.add_user("mallory")
        cls.domain.set_principal_name("mallory", "daemon")
        cls.keytab = cls.domain.add_service("web", SERVICE)
        cls.domain.start()
        cls.caches = {user: cls.domain.ticket_cache(user)
                      for user in ("alice", "bob", "root", "daemon")}

    def ticket_of(self, user):
        done = subprocess.run(
            [os.environ["EPA_TICKET_READER"], self.domain.configuration, self.caches[user],
             self.keytab, SERVICE], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_names_and_the_users_own_sid(self):
        for user in ("alice", "bob"):
            with self.subTest(user=user):
                ticket = self.ticket_of(user)
                self.assertTrue(ticket["has_verified_pac"])
                self.assertEqual(ticket["principal"], f"{user}@{REALM}")
                self.assertEqual(ticket["logon_name"], user)
                self.assertEqual(ticket["logon_domain"], "AD")
                self.assertEqual(ticket["user_sid"], self.domain.sid(user))

    def test_an_account_is_the_directorys_whatever_name_its_ticket_bears(self):
        """CVE-2020-25717, CVE-2020-25719."""
        for asked_for, account in (("root", "root$"), ("daemon", "mallory")):
            with self.subTest(asked_for=asked_for):
                ticket = self.ticket_of(asked_for)
                self.assertEqual(ticket["principal"], f"{asked_for}@{REALM}")
                self.assertEqual((ticket["user"], ticket["domain"]), (account, "AD"))
                self.assertEqual(ticket["user_sid"], self.domain.sid(account))

    def test_groups_are_the_directorys_with_those_of_groups(self):
        # But for the aliases of each machine (S-1-5-32-...), which no ticket carries.
        for user, groups in (("alice", ("engineers", "builders", "readers", "Domain Users")),
                             ("bob", ("outsiders", "Domain Users"))):
            with self.subTest(user=user):
                expected = [self.domain.sid(group) for group in groups]
                self.assertCountEqual(self.ticket_of(user)["group_sids"],
                                      [*expected, ASSERTED_IDENTITY])
                self.assertCountEqual(
                    expected, [sid for sid in self.domain.token_groups(user)
                               if not sid.startswith("S-1-5-32-")])

    def test_login_with_the_binding_and_the_pac_that_the_server_requires(self):
        with self.serving(["serve", "https", "--cert", self.path("server.pem"), "--key",
                           self.path("server.key"), "--keytab", self.keytab, "--require-pac",
                           "--krb5-config", self.domain.configuration]) as server:
            url = f"https://localhost:{server.port}/"
            result = epa_command.run("login", "https", url, "--ca", self.path("server.pem"),
                                     "--ccache", self.caches["alice"], "--krb5-config",
                                     self.domain.configuration, "--json")
        self.assertLoggedIn(result)
        says = json.loads(result.stdout)["server_says"]
        self.assertEqual(says["user"], "alice")
        self.assertEqual(says["domain"], "AD")
        self.assertEqual(says["package"], "Kerberos")
        self.assertEqual(says["extended_protection"]["binding"], "matched")


if __name__ == "__main__":
    epa_command.main()

"""NTLM logins of a domain's users, verified by winbindd and a domain controller."""

import json
import time

import joined_domain

joined_domain.enter_namespaces()

import epa_command  # pylint: disable=wrong-import-position
from joined_domain import PASSWORD, JoinedDomain  # pylint: disable=wrong-import-position

PATIENCE = 120


class WinbindTest(epa_command.EpaTestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.write("password", PASSWORD + "\n")
        cls.domain = JoinedDomain(cls.directory.name)
        cls.addClassCleanup(cls.domain.close)
        for user in ("alice", "disabled", "new", "expired"):
            cls.domain.tool("user", "create", user, PASSWORD)
        cls.domain.tool("user", "disable", "disabled")
        cls.domain.tool("user", "setpassword", "new", "--newpassword=" + PASSWORD,
                        "--must-change-at-next-login")
        cls.domain.tool("user", "setexpiry", "expired", "--days=-1")
        cls.domain.tool("group", "add", "staff")
        cls.domain.tool("group", "addmembers", "staff", "alice")
        cls.wait_for(lambda: cls.try_out("CORP\\alice").returncode == 0)

    @classmethod
    def wait_for(cls, condition):
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError(cls.try_out("CORP\\alice").stderr)
            time.sleep(0.2)

    @classmethod
    def try_out(cls, user, password="password"):
        return epa_command.run("accounts", "test", user, "--accounts", "winbind:",
                               "--password-file", cls.path(password), "--json")

    def serve(self, mode):
        return self.serving(["serve", "https", "--cert", self.path("server.pem"), "--key",
                             self.path("server.key"), "--accounts", "winbind:",
                             "--extended-protection", mode, "--audit", self.path("audit")])

    def log_in(self, server, *options, user="CORP\\alice", password="password"):
        return epa_command.run("login", "https", f"https://{server.address}/", "--user", user,
                               "--password-file", self.path(password), "--ca",
                               self.path("server.pem"), "--json", *options)

    def test_the_account_is_the_directorys(self):
        for user in ("CORP\\alice", "corp.epa.test\\ALICE", "alice@corp.epa.test", "alice"):
            with self.subTest(user=user):
                result = self.try_out(user)
                self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
                report = json.loads(result.stdout)
                self.assertEqual((report["domain"], report["user"]), ("CORP", "alice"))
                self.assertEqual(report["dns_domain"], "corp.epa.test")
                self.assertEqual(report["user_sid"], self.domain.sid("alice"))
                self.assertIn(self.domain.tool("group", "show", "staff", "--attributes=objectSid")
                              .split("objectSid: ", 1)[1].split()[0], report["group_sids"])
                self.assertEqual(len(report["group_sids"]), len(set(report["group_sids"])))

    def test_each_refusal_has_its_reason(self):
        for user, password, reason in (("alice", "wrong-password", "wrong_password"),
                                       ("nobody", "password", "unknown_user"),
                                       ("disabled", "password", "account_disabled"),
                                       ("new", "password", "password_must_change"),
                                       ("expired", "password", "account_expired")):
            with self.subTest(user=user):
                result = self.try_out("CORP\\" + user, password)
                self.assertEqual(result.returncode, 1, result.stderr)
                self.assertEqual(json.loads(result.stdout)["reason"], reason)

    def test_modes_decide_as_for_any_account(self):
        for mode, silent in (("0", 0), ("1", 0), ("2", 1)):
            with self.subTest(mode=mode), self.serve(mode) as server:
                result = self.log_in(server)
                self.assertEqual(result.returncode, 0, result.stderr)
                says = json.loads(result.stdout)["server_says"]
                self.assertEqual((says["domain"], says["user"]), ("CORP", "alice"))
                self.assertEqual(self.log_in(server, "--binding", "omit").returncode, silent)
                self.assertEqual(self.log_in(server, password="wrong-password").returncode, 1)

    def test_without_the_controller_nobody_gets_in_and_with_it_everybody_does(self):
        with self.serve("2") as server:
            self.assertEqual(self.log_in(server).returncode, 0)
            self.domain.stop_controller()
            self.assertNotEqual(self.log_in(server).returncode, 0)
            faults = [event for event in epa_command.json_lines(self.path("audit"))
                      if event["outcome"] == "fault"]
            self.assertTrue(faults)
            self.assertEqual(faults[0]["reason"], "authority_unavailable")
            self.domain.start_controller()
            self.wait_for(lambda: self.log_in(server).returncode == 0)


if __name__ == "__main__":
    epa_command.main()

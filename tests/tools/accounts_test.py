"""`epa accounts test`: a password verified as a server would."""

import json
import os

import epa_command


class AccountsTest(epa_command.EpaTestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.write("other", "OTHER:alice:something else\nOTHER:bob:secret\n:carol:secret\n")
        cls.write("secret", "secret\n")

    def try_out(self, user, *accounts, password="password"):
        options = [part for where in accounts for part in ("--accounts", where)]
        return epa_command.run("accounts", "test", user, "--password-file", self.path(password),
                               "--json", *options)

    def test_the_right_password(self):
        result = self.try_out("demo\\ALICE", self.path("accounts"))
        self.assertEqual(result.returncode, 0, result.stderr)
        report = json.loads(result.stdout)
        self.assertTrue(report["accepted"])
        self.assertEqual((report["domain"], report["user"]), ("DEMO", "alice"))
        self.assertFalse(report["local"])
        self.assertGreaterEqual(report["milliseconds"], 0)

    def test_refusals_have_their_reason(self):
        for user, password, reason in (("DEMO\\alice", "wrong-password", "wrong_password"),
                                       ("DEMO\\mallory", "password", "unknown_user")):
            result = self.try_out(user, self.path("accounts"), password=password)
            self.assertEqual(result.returncode, 1, result.stderr)
            self.assertEqual(json.loads(result.stdout)["reason"], reason)

    def test_files_are_asked_in_their_order(self):
        both = ("file:" + self.path("accounts"), self.path("other"))
        for user, password, code in (("DEMO\\alice", "password", 0), ("OTHER\\bob", "secret", 0),
                                     ("alice", "password", 0), ("OTHER\\alice", "password", 1)):
            result = self.try_out(user, *both, password=password)
            self.assertEqual(result.returncode, code, user + result.stdout + result.stderr)

    def test_an_account_without_a_domain_is_local(self):
        report = json.loads(self.try_out("ANY\\carol", self.path("other"),
                                         password="secret").stdout)
        self.assertTrue(report["local"])
        self.assertNotEqual(report["domain"], "ANY")

    def test_what_is_missing_is_named(self):
        self.assertUsageError(self.try_out("alice"), "--accounts")
        self.assertUsageError(self.try_out("alice", self.path("absent")), "absent")
        result = epa_command.run("accounts", "test", "--accounts", self.path("accounts"))
        self.assertUsageError(result, "user")

    def test_a_machine_that_is_in_no_domain_is_a_fault(self):
        """Where winbindd runs, it may know the machine; nobody logs in with a made-up password."""
        runs = os.path.exists("/run/samba/winbindd/pipe")
        result = self.try_out("alice", "winbind:")
        self.assertIn(result.returncode, (1, 3) if runs else (3,))
        self.assertIn("winbind", result.stderr if result.returncode == 3 else "winbind")


if __name__ == "__main__":
    epa_command.main()

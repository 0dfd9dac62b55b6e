"""`epa demo`: every cell matches, and it leaves nothing behind."""

import glob
import json
import os

import epa_command
from epa_command import run


class DemoTest(epa_command.EpaTestCase):
    def test_every_cell_matches_the_published_truth_table(self):
        result = run("demo", "--json")
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        report = json.loads(result.stdout)
        self.assertEqual(report["matching"], report["total"])
        self.assertEqual(len(report["cells"]), report["total"])
        seen = {(cell["package"], cell["scheme"], cell["state"], cell["relayed"], cell["mode"])
                for cell in report["cells"]}
        ways = (("NTLM", "NTLM"), ("NTLM", "Negotiate"), ("Kerberos", "Negotiate"))
        for package, scheme in ways:
            for mode in (0, 1, 2):
                for state in ("absent", "explicit_none", "matching", "mismatching",
                              "wrong_password"):
                    self.assertIn((package, scheme, state, False, mode), seen)
                for state in ("absent", "mismatching"):
                    self.assertIn((package, scheme, state, True, mode), seen)
        self.assertLess({"ntlm_v1", "foreign_ticket", "replay"},
                        {cell["state"] for cell in report["cells"]})
        for cell in report["cells"]:
            self.assertTrue(cell["matches"], cell)
            if cell["relayed"] and cell["mode"] == 2:
                self.assertFalse(cell["accepted"], cell)

    def test_the_table_for_people_ends_with_the_count(self):
        result = run("demo")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertRegex(result.stdout.splitlines()[-1],
                         r"\A(\d+) of \1 cells match the published truth table\Z")

    def test_nothing_is_left_behind(self):
        directory = self.path("tmp")
        os.mkdir(directory)
        os.environ["TMPDIR"] = directory
        self.addCleanup(os.environ.pop, "TMPDIR")
        self.assertEqual(run("demo", "--json").returncode, 0)
        self.assertEqual(glob.glob(directory + "/*"), [])

    def test_a_kept_directory_serves_by_hand(self):
        kept = self.path("kept")
        self.assertEqual(run("demo", "--json", "--dir", kept).returncode, 0)
        arguments = ["serve", "https", "--cert", kept + "/server.pem", "--key",
                     kept + "/server.key", "--accounts", kept + "/accounts", "--keytab",
                     kept + "/kdc/service.keytab"]
        with self.serving(arguments) as server:
            result = run("login", "https", f"https://{server.address}/", "--user",
                         epa_command.USER, "--password-file", kept + "/password", "--ca",
                         kept + "/ca.pem")
            self.assertLoggedIn(result)
            # The KDC is gone, but the cache has the ticket.
            result = run("login", "https", f"https://localhost:{server.port}/", "--ccache",
                         kept + "/ccache", "--ca", kept + "/ca.pem", "--json")
        self.assertLoggedIn(result)
        self.assertEqual(json.loads(result.stdout)["package"], "Kerberos")
        secrets = [os.path.join(kept, name)
                   for name in ("server.key", "attacker.key", "password", "accounts")]
        for secret in secrets:
            os.chmod(secret, 0o644)
        self.assertEqual(run("demo", "--json", "--dir", kept).returncode, 0)
        for secret in secrets:
            self.assertEqual(os.stat(secret).st_mode & 0o777, 0o600, secret)

    def test_files_of_others_are_left_alone(self):
        directory = self.path("site")
        os.mkdir(directory)
        with open(directory + "/server.key", "w", encoding="ascii") as key:
            key.write("mine")
        self.assertUsageError(run("demo", "--dir", directory), directory)
        with open(directory + "/server.key", encoding="ascii") as key:
            self.assertEqual(key.read(), "mine")
        self.assertEqual(os.listdir(directory), ["server.key"])

    def test_a_directory_that_cannot_be_made(self):
        self.assertUsageError(run("demo", "--dir", self.path("accounts") + "/demo"), "demo")


if __name__ == "__main__":
    epa_command.main()

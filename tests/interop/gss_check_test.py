"""`epa gss check`: whether the plug-in is there, and what it would demand."""

import json
import os
import subprocess

import epa_command
import gss_plugin


class CheckTest(gss_plugin.GssCase):
    def check(self, configuration, service="http", mechanisms=gss_plugin.MECHANISMS, options=()):
        path = self.write("epa.conf", configuration)
        environment = {**os.environ, "KRB5_KTNAME": "", "NTLM_USER_FILE": "",
                       "GSS_MECH_CONFIG": mechanisms}
        return subprocess.run(
            [epa_command.EPA, "gss", "check", service, "--config", path, *options],
            env=environment, capture_output=True, text=True, timeout=60, check=False)

    def configured(self, mode, *lines):
        return self.configuration(mode, "accounts = accounts", *lines)

    def test_what_it_would_demand(self):
        result = self.check(self.configured("2"), options=["--json"])
        self.assertEqual(result.returncode, 0, result.stderr)
        report = json.loads(result.stdout)
        self.assertTrue(report["loaded"])
        self.assertTrue(report["enforces"])
        (service,) = report["services"]
        self.assertEqual(service["section"], "[http]")
        self.assertEqual((service["rule"], service["mode"]), ("certificate", "require"))
        self.assertEqual(service["certificates"], [{
            "path": self.path("server.pem"), "application_data": self.binding("server")}])

    def test_for_people(self):
        result = self.check(self.configured("1"))
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertRegex(result.stdout, r"plug-in +loaded")
        self.assertRegex(result.stdout, r"certificate +\S*server.pem")

    def test_what_demands_nothing(self):
        for configuration in (self.configured("0"), self.configured("2", "audit-only = yes"),
                              self.configured("2", "gss = off")):
            result = self.check(configuration)
            self.assertEqual(result.returncode, 1, result.stdout)
            self.assertRegex(result.stderr, r"\Aepa: [^\n]+\n\Z")

    def test_what_is_not_loaded(self):
        self.write("none.conf", "")
        result = self.check(self.configured("2"), mechanisms=self.path("none.conf"))
        self.assertEqual(result.returncode, 1, result.stdout)
        self.assertIn("did not load the plug-in", result.stderr)

    def test_what_refuses_everything(self):
        result = self.check(self.configured("2").replace("server.pem", "missing.pem"))
        self.assertEqual(result.returncode, 1, result.stdout)
        self.assertIn("missing.pem", result.stderr)

    def test_a_service_that_is_not_there(self):
        self.assertEqual(self.check(self.configured("2"), service="imap").returncode, 1)

    def test_unreadable_input(self):
        result = self.check("[http]\nno-such-setting = 1\n")
        self.assertUsageError(result, "no-such-setting")

    def test_the_environment_of_a_process(self):
        self.write("none.conf", "")
        process = subprocess.Popen(["sleep", "60"], env={
            "GSS_MECH_CONFIG": gss_plugin.MECHANISMS, "PATH": os.environ["PATH"]})
        try:
            result = self.check(self.configured("2"), mechanisms=self.path("none.conf"),
                                options=["--process", str(process.pid)])
        finally:
            process.kill()
            process.wait()
        self.assertEqual(result.returncode, 0, result.stderr)


if __name__ == "__main__":
    epa_command.main()

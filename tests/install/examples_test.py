"""The examples are built from the installed package, and Python logs in with its C interface."""

import glob
import json
import os
import subprocess
import sys

import epa_command
import installed
from installed import PREFIX, SOURCE

EXAMPLES = os.path.join(SOURCE, "examples")


class PythonTest(epa_command.EpaTestCase):
    def python_login(self, port, *options, password="password"):
        library, = glob.glob(PREFIX + "/lib*/**/libepa-sspi.so.1", recursive=True)
        return subprocess.run(
            [sys.executable, "-B", EXAMPLES + "/sspi_login.py", f"https://localhost:{port}/",
             epa_command.USER, self.path(password), "--ca", self.path("server.pem"), "--library",
             library, *options], capture_output=True, text=True, timeout=60, check=False)

    def test_python_logs_in_to_the_installed_server(self):
        with self.server("--extended-protection", "2") as server:
            result = self.python_login(server.port)
            self.assertEqual(result.returncode, 0, result.stderr)
            answer = json.loads(result.stdout)
            self.assertEqual(answer["user"], "alice")
            self.assertEqual(answer["extended_protection"]["binding"], "matched")
            self.assertEqual(self.python_login(server.port, "--unbound").returncode, 1)
            self.assertEqual(self.python_login(server.port, password="wrong-password").returncode,
                             1)
        with self.server("--extended-protection", "0") as server:
            self.assertEqual(self.python_login(server.port, "--unbound").returncode, 0)


class BuildTest(installed.InstalledTestCase):
    def test_the_examples_are_a_project_of_their_own(self):
        build = self.cmake(EXAMPLES)
        for program in ("event_loop_server", "https_server", "sspi_client", "sspi_server"):
            result = subprocess.run([os.path.join(build, program)], capture_output=True, text=True,
                                    timeout=20, check=False)
            self.assertEqual(result.returncode, 2)
            self.assertIn("usage: " + program, result.stderr)


if __name__ == "__main__":
    installed.main()

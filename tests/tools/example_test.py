"""examples/https_server.cc works as its comment says."""

import os
import subprocess

import epa_command

EXAMPLE = os.environ["EPA_EXAMPLE_HTTPS_SERVER"]


class ExampleTest(epa_command.EpaTestCase):
    def test_a_client_that_binds_gets_in_and_another_does_not(self):
        process = subprocess.Popen(
            [EXAMPLE, self.path("server.pem"), self.path("server.key"), self.path("accounts"),
             "0"], stdout=subprocess.PIPE, text=True)
        try:
            address = process.stdout.readline().removeprefix("listening on ").strip()
            server = epa_command.Server(process, address, int(address.rpartition(":")[2]))
            self.assertLoggedIn(self.login(server))
            self.assertRefused(self.login(server, "--binding", "omit"))
            self.assertRefused(self.login(server, password="wrong-password"))
        finally:
            process.kill()
            process.communicate()

    def test_usage(self):
        result = subprocess.run([EXAMPLE], capture_output=True, text=True, timeout=20, check=False)
        self.assertEqual(result.returncode, 2)
        self.assertIn("usage", result.stderr)


if __name__ == "__main__":
    epa_command.main()

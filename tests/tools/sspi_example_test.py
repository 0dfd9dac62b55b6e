"""examples/sspi_client.c and sspi_server.c log in to each other; the server wants a binding."""

import contextlib
import os
import subprocess

import epa_command

SERVER = os.environ["EPA_EXAMPLE_SSPI_SERVER"]
CLIENT = os.environ["EPA_EXAMPLE_SSPI_CLIENT"]


class SspiExampleTest(epa_command.EpaTestCase):
    @contextlib.contextmanager
    def example_server(self):
        process = subprocess.Popen(
            [SERVER, self.path("server.pem"), self.path("server.key"), self.path("accounts"), "0"],
            stdout=subprocess.PIPE, text=True)
        try:
            address = process.stdout.readline().removeprefix("listening on ").strip()
            yield process, address
        finally:
            process.kill()
            process.communicate()

    def client(self, address, *options, password="password"):
        return subprocess.run(
            [CLIENT, address, self.path("server.pem"), "HOST/localhost", epa_command.USER,
             self.path(password), *options],
            capture_output=True, text=True, timeout=20, check=False)

    def test_a_client_that_binds_gets_in_and_others_do_not(self):
        with self.example_server() as (server, address):
            for _ in range(2):
                result = self.client(address)
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertEqual(result.stdout, f"hello, {epa_command.USER}\n")
                # CLIENT_SUPPORT and VALID_MATCHED
                self.assertEqual(server.stdout.readline(),
                                 f"accepted {epa_command.USER}, bindings 0x11\n")

            result = self.client(address, "--unbound")
            self.assertEqual((result.returncode, result.stdout), (1, ""), result.stderr)
            # SEC_E_BAD_BINDINGS; CLIENT_SUPPORT, ABSENT and NOTVALID_MISSING
            self.assertEqual(server.stdout.readline(), "refused 0x80090346, bindings 0x0B\n")

            result = self.client(address, password="wrong-password")
            self.assertEqual((result.returncode, result.stdout), (1, ""), result.stderr)
            self.assertEqual(server.stdout.readline(), "refused 0x8009030C, bindings 0x00\n")

    def test_usage(self):
        for program in (SERVER, CLIENT):
            result = subprocess.run([program], capture_output=True, text=True, timeout=20,
                                    check=False)
            self.assertEqual(result.returncode, 2)
            self.assertIn("usage", result.stderr)


if __name__ == "__main__":
    epa_command.main()

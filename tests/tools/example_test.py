"""The example servers work as their comments say."""

import concurrent.futures
import contextlib
import os
import socket
import ssl
import subprocess

import epa_command

HTTPS_SERVER = os.environ["EPA_EXAMPLE_HTTPS_SERVER"]
EVENT_LOOP_SERVER = os.environ["EPA_EXAMPLE_EVENT_LOOP_SERVER"]


class ExampleTest(epa_command.EpaTestCase):
    @contextlib.contextmanager
    def example(self, *command):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            address = process.stdout.readline().removeprefix("listening on ").strip()
            yield epa_command.Server(process, address, int(address.rpartition(":")[2]))
            self.assertIsNone(process.poll())
        finally:
            process.kill()
            process.communicate()

    def test_a_client_that_binds_gets_in_and_another_does_not(self):
        with self.example(HTTPS_SERVER, self.path("server.pem"), self.path("server.key"),
                          self.path("accounts"), "0") as server:
            self.assertLoggedIn(self.login(server))
            self.assertRefused(self.login(server, "--binding", "omit"))
            self.assertRefused(self.login(server, password="wrong-password"))

    def test_one_thread_serves_logins_that_wait_for_a_directory(self):
        self.write("secret", "secret\n")
        with self.example(EVENT_LOOP_SERVER, self.path("server.pem"), self.path("server.key"),
                          "0") as server, concurrent.futures.ThreadPoolExecutor(4) as clients:
            for result in clients.map(lambda _: self.login(server, password="secret"), range(8)):
                self.assertLoggedIn(result)
            self.assertRefused(self.login(server, "--binding", "omit", password="secret"))
            self.assertRefused(self.login(server, password="wrong-password"))
            self.assertLoggedIn(self.login(server, password="secret"))

    def test_a_client_that_hangs_up_takes_no_other_with_it(self):
        tls = ssl.create_default_context(cafile=self.path("server.pem"))

        def connect():
            raw = socket.create_connection(("127.0.0.1", server.port), timeout=20)
            return tls.wrap_socket(raw, server_hostname="127.0.0.1")

        with self.example(EVENT_LOOP_SERVER, self.path("server.pem"), self.path("server.key"),
                          "0") as server, connect() as client:
            connect().close()  # without TLS's farewell
            client.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            self.assertIn(b" 401 ", client.recv(100))

    def test_usage(self):
        for program in (HTTPS_SERVER, EVENT_LOOP_SERVER):
            result = subprocess.run([program], capture_output=True, text=True, timeout=20,
                                    check=False)
            self.assertEqual(result.returncode, 2)
            self.assertIn("usage", result.stderr)


if __name__ == "__main__":
    epa_command.main()

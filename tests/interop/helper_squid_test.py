"""Squid with `epa helper`, as docs/helper.md has it: NTLM and Negotiate, modes, and the audit."""

import base64
import contextlib
import getpass
import http.server
import os
import socket
import subprocess
import threading

import helper_recipe
import interop_peer
from epa_command import PATIENCE, ReservedPort, json_lines
from helper_peer import Client, HelperTestCase
from kerberos_realm import start_server, stop_server, wait_for_port

SQUID = interop_peer.program("/usr/sbin/squid", "squid")
CURL = interop_peer.program("curl", "curl")
# What does not belong in a recipe: a private instance that keeps nothing.
PRIVATE = """
http_port 127.0.0.1:{port}
cache_effective_user {user}
pid_filename none
cache_log {directory}/cache.log
access_log {directory}/access.log
cache deny all
cache_mem 8 MB
netdb_filename none
pinger_enable off
coredump_dir {directory}
shutdown_lifetime 0 seconds
"""
SPN = "HTTP/proxy.example.com"


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):  # pylint: disable=invalid-name
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"page\n")

    def log_message(self, *_):  # pylint: disable=arguments-differ
        pass


class Proxied:
    """A client's connection to the proxy."""

    def __init__(self, port, url):
        self._socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self._file = self._socket.makefile("rb")
        self._url = url

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._file.close()
        self._socket.close()

    def send(self, scheme, token):
        """The status, and what the proxy says behind the scheme's name."""
        self._socket.sendall(f"GET {self._url} HTTP/1.1\r\nHost: origin\r\nConnection: keep-alive"
                             f"\r\nProxy-Connection: keep-alive\r\n"
                             f"Proxy-Authorization: {scheme} {token}\r\n\r\n".encode())
        status = int(self._file.readline().split()[1])
        size, said = 0, ""
        while (line := self._file.readline().decode().strip()):
            name, _, value = line.partition(": ")
            if name.lower() == "content-length":
                size = int(value)
            if name.lower() == "proxy-authenticate" and value.startswith(scheme + " "):
                said = value.split(" ")[1]
        self._file.read(size)
        return status, said


class SquidTest(HelperTestCase):
    def setUp(self):
        super().setUp()
        self.audit = self.path(self.id() + ".audit")
        self.origin = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
        thread = threading.Thread(target=self.origin.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.origin.server_close)
        self.addCleanup(self.origin.shutdown)
        self.url = f"http://127.0.0.1:{self.origin.server_address[1]}/"

    @contextlib.contextmanager
    def proxy(self, *options):
        recipe = helper_recipe.block("auth_param ntlm").replace(
            "/usr/bin/epa-helper", helper_recipe.program_of(self))
        port = ReservedPort()
        self.addCleanup(port.close)
        configuration = self.write("squid.conf", recipe + PRIVATE.format(
            port=port.number, user=getpass.getuser(), directory=self.directory.name))
        with self.service("--scenario", "clear", "--spn", SPN, "--audit", self.audit, *options):
            server = start_server([SQUID, "-N", "-f", configuration], {})
            try:
                wait_for_port(port.number, server)
                yield port.number
            finally:
                stop_server(server)

    def log_in(self, port, scheme, **client):
        package = {"NTLM": "NTLM", "Negotiate": "Negotiate"}[scheme]
        with Client(self, package, certificate="-", **client) as user:
            with Proxied(port, self.url) as proxied:
                status, challenge = proxied.send(scheme, user.first)
                self.assertEqual(status, 407)
                status, _ = proxied.send(scheme, user.answer(challenge))
                return status

    def test_modes(self):
        for mode, expected in (("0", (200, 200, 200)), ("1", (200, 200, 407)),
                               ("2", (200, 407, 407))):
            with self.subTest(mode=mode), self.proxy("--extended-protection", mode) as port:
                for scheme in ("NTLM", "Negotiate"):
                    names = (SPN, "", "HTTP/elsewhere.example.com")
                    self.assertEqual(tuple(self.log_in(port, scheme, target_name=name)
                                           for name in names), expected, scheme)

    def test_the_audit_has_the_clients_address(self):
        with self.proxy() as port:
            self.assertEqual(self.log_in(port, "NTLM", target_name=SPN), 200)
            self.assertEqual(self.log_in(port, "NTLM", target_name=SPN, password="wrong-password"),
                             407)
        events = json_lines(self.audit)
        self.assertEqual([event["outcome"] for event in events], ["accepted", "refused"])
        for event in events:
            address, client_port, *_ = event["connection"].split(" ")
            self.assertEqual(address, "127.0.0.1")
            self.assertGreater(int(client_port), 0)
        with open(self.path("access.log"), encoding="utf-8") as log:
            self.assertRegex(log.read(), r"TCP_MISS/200 \d+ GET \S+ DEMO\S{0,3}alice ")

    def test_interleaved_logins(self):
        with self.proxy() as port, contextlib.ExitStack() as stack:
            logins = []
            for _ in range(4):
                client = stack.enter_context(Client(self, certificate="-", target_name=SPN))
                proxied = stack.enter_context(Proxied(port, self.url))
                logins.append((client, proxied, proxied.send("NTLM", client.first)[1]))
            for client, proxied, challenge in reversed(logins):
                self.assertEqual(proxied.send("NTLM", client.answer(challenge))[0], 200)

    def test_curl(self):
        for mode, expected in (("1", "200"), ("2", "407")):
            with self.subTest(mode=mode), self.proxy("--extended-protection", mode) as port:
                done = subprocess.run(
                    [CURL, "-q", "-sS", "-o", os.devnull, "-w", "%{http_code}", "--max-time", "20",
                     "--noproxy", "", "-x", f"http://127.0.0.1:{port}", "--proxy-ntlm", "-K", "-",
                     self.url],
                    input='proxy-user = "DEMO\\\\alice:correct horse"\n', capture_output=True,
                    text=True, timeout=60, check=False)
                self.assertEqual(done.stdout, expected, done.stderr)

    def test_without_its_service_nobody_gets_in(self):
        with self.proxy("--extended-protection", "0") as port:
            self.assertEqual(self.log_in(port, "NTLM"), 200)
            os.remove(self.socket)
            with Client(self) as client, Proxied(port, self.url) as proxied:
                # Helpers that are connected go on; the next ones have no service.
                statuses = [proxied.send("NTLM", client.first)[0] for _ in range(3)]
            self.assertEqual(set(statuses), {407})

    def test_what_is_no_token(self):
        with self.proxy("--extended-protection", "0") as port:
            for scheme in ("NTLM", "Negotiate"):
                for token in ("!", "AAAA", base64.b64encode(b"NTLMSSP\0\3\0\0\0").decode()):
                    with Proxied(port, self.url) as proxied:
                        self.assertEqual(proxied.send(scheme, token)[0], 407)
            self.assertEqual(self.log_in(port, "NTLM"), 200)


if __name__ == "__main__":
    interop_peer.main()

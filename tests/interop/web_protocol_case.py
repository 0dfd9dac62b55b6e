"""What HTTP and TLS leave to strangers, tried on web servers with their modules."""

import contextlib
import http.client
import json
import ssl
import time

import epa_command
from wire_client import Backend, Bridge, ProxyClient, SharingProxy, WireClient, unfinished_login

LARGE = b"x" * (10 << 20)
SMUGGLED = b"GET /app/smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"
# Requests that two readers may take for different ones: fields, and the octets after them.
AMBIGUOUS = (
    (b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n" + SMUGGLED),
    (b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", b"0\r\n\r\n" + SMUGGLED),
    (b"Content-Length: 0\r\nContent-Length: %d\r\n" % len(SMUGGLED), SMUGGLED),
    (b"Content-Length: +0\r\n", SMUGGLED),
    (b"Content-Length: 0, 0\r\n", SMUGGLED),
    (b"Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n" + SMUGGLED),
    (b"Transfer-Encoding: identity, chunked\r\n", b"0\r\n\r\n" + SMUGGLED),
    (b"Transfer-Encoding : chunked\r\n", b"0\r\n\r\n" + SMUGGLED),
    (b"Transfer-Encoding:\x0bchunked\r\n", b"0\r\n\r\n" + SMUGGLED),
    (b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", b"0\r\n\r\n" + SMUGGLED),
    (b"Transfer-Encoding: chunked\r\n", b"0x0\r\n\r\n" + SMUGGLED),
    (b"Transfer-Encoding: chunked\r\n", b"-1\r\n\r\n" + SMUGGLED),
    (b"Transfer-Encoding: chunked\r\n", b"10000000000000000\r\n\r\n" + SMUGGLED),
    (b"Transfer-Encoding: chunked\r\n", b"0\r\n\r\n" + SMUGGLED),
)


def read_to_end(secure):
    received = b""
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        while octets := secure.recv(65536):
            received += octets
    return received


class TlsTests:
    """A login is bound to the certificate of its connection, however that came about."""

    def test_resumed_sessions(self):
        server = self.modes_server()
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with self.subTest(version=version):
                first = self.wire(server, version=version)
                self.assertEqual(first.log_in("/mode2/page")[1].status, 200)
                again = self.wire(server, resumes=first)
                self.assertTrue(again.connection.sock.session_reused)
                # The session is no login.
                self.assertEqual(again.ask("/mode2/page").status, 401)
                self.assertEqual(again.log_in("/mode2/page", bound=False)[1].status, 401)
                self.assertEqual(again.log_in("/mode2/page")[1].status, 200)

    def test_each_name_has_its_certificate(self):
        server = self.modes_server(certificates=[("localhost", [self.path("server")]),
                                                 ("second.test", [self.path("attacker")])])
        first = self.wire(server)
        second = self.wire(server, ca_file=self.path("attacker.pem"), name="second.test")
        self.assertNotEqual(first.certificate(), second.certificate())
        for client, other in ((first, second), (second, first)):
            refused = client.log_in("/mode2/page", certificate=other.certificate())[1]
            self.assertEqual(refused.status, 401)
            self.assertEqual(server.events("/mode2/")[-1]["reason"], "binding_mismatch")
            self.assertEqual(client.log_in("/mode2/page")[1].status, 200)

    def test_the_name_in_a_request_changes_no_certificate(self):
        server = self.modes_server(certificates=[("localhost", [self.path("server")]),
                                                 ("second.test", [self.path("attacker")])])
        other = self.wire(server, ca_file=self.path("attacker.pem"), name="second.test")
        answers = self.wire(server).log_in("/mode2/page", certificate=other.certificate(),
                                           headers={"Host": f"second.test:{server.port}"})
        self.assertNotIn(200, [answer.status for answer in answers if answer is not None])

    def probe(self, port, place, true_certificate, **options):
        """What those who look for servers to relay to find out."""
        def accepts(**login):
            with WireClient(port, **options) as client:
                return client.log_in(place, **login)[1].status == 200

        self.assertTrue(accepts(certificate=true_certificate))
        if accepts(certificate=b"another certificate"):
            return "DISABLED"
        return "ALLOWED" if accepts(bound=False) else "REQUIRED"

    def test_what_a_probe_finds(self):
        server = self.modes_server()
        certificate = self.wire(server).certificate()
        bridge = Bridge(self.path("attacker.pem"), self.path("attacker.key"), server.port)
        with contextlib.closing(bridge):
            for port, ca_file in ((server.port, "server.pem"), (bridge.port, "attacker.pem")):
                self.assertEqual(
                    [self.probe(port, f"/mode{mode}/page", certificate, ca_file=self.path(ca_file))
                     for mode in (0, 1, 2)], ["DISABLED", "ALLOWED", "REQUIRED"])


class MessageTests:
    """An unfinished login does nothing, whatever a request looks like."""

    def proxied(self, settings=None, **options):
        """A server in front of a server that keeps what it is asked."""
        backend = Backend()
        self.stack.callback(backend.close)
        server = self.web_server({"/app/": {"extended-protection": "2", **(settings or {})}},
                                 backend=backend.port, **options).start()
        return backend, server

    def send_unread(self, client, octets):
        """All that comes back, to the end of the connection."""
        secure = client.connection.sock
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            secure.sendall(octets)
        return read_to_end(secure)

    def test_a_large_body(self):
        backend, server = self.proxied(place_settings=self.server_class.LARGE_BODIES)
        client = self.wire(server)
        first, second = client.log_in("/app/form", method="POST", body=LARGE)
        self.assertEqual((first.status, second.status), (401, 200))
        self.assertEqual([len(body) for _, _, _, body in backend.requests], [len(LARGE)])
        self.assertEqual(backend.requests[0][3], LARGE)

    def test_a_body_that_ends_early(self):
        backend, server = self.proxied()
        client = self.wire(server)
        secure = client.connection.sock
        secure.sendall(f"POST /app/form HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n"
                       f"Authorization: {unfinished_login()}\r\n\r\n".encode() + b"x" * 1000)
        secure.close()
        self.assertEqual(self.wire(server).log_in("/app/")[1].status, 200)
        self.assertEqual([path for _, path, _, _ in backend.requests], ["/app/"])

    def test_requests_behind_an_unfinished_login(self):
        backend, server = self.proxied()
        received = self.send_unread(
            self.wire(server),
            f"POST /app/form HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(SMUGGLED)}\r\n"
            f"Authorization: {unfinished_login()}\r\n\r\n".encode() + SMUGGLED +
            b"GET /app/next HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        self.assertEqual(received.count(b"HTTP/1.1 401 "), 2, received)
        self.assertEqual(backend.requests, [])

    def test_ambiguous_requests(self):
        backend, server = self.proxied()
        for fields, body in AMBIGUOUS:
            request = b"POST /app/form HTTP/1.1\r\nHost: localhost\r\n%s" % fields
            closing = b"GET /app/last HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            with self.subTest(fields=fields, body=body):
                self.send_unread(self.wire(server), request + b"Authorization: " +
                                 unfinished_login().encode() + b"\r\n\r\n" + body + closing)
                self.assertEqual(backend.requests, [])
                # With a login, each request that goes on is one that was answered.
                client = self.wire(server)
                self.assertEqual(client.log_in("/app/login")[1].status, 200)
                answers = self.send_unread(client, request + b"\r\n" + body + closing)
                served = len(backend.requests) - 1
                self.assertEqual(answers.count(b"HTTP/1.1 200 "), served, answers)
                for method, path, _, received in backend.requests[1:]:
                    self.assertIn((method, path, received), (
                        ("POST", "/app/form", b""), ("GET", "/app/smuggled", b""),
                        ("GET", "/app/last", b"")))
                backend.requests.clear()

    def test_what_is_asked_for_a_body(self):
        backend, server = self.proxied()
        client = self.wire(server)
        secure = client.connection.sock
        secure.sendall(b"POST /app/form HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
                       b"Content-Length: 3\r\nConnection: close\r\nAuthorization: " +
                       unfinished_login().encode() + b"\r\n\r\n")
        received = b""
        while b"HTTP/1.1 401 " not in received:
            octets = secure.recv(65536)
            self.assertTrue(octets, received)
            received += octets
        self.assertIn(b"WWW-Authenticate: NTLM TlRM", received + read_to_end(secure))
        self.assertEqual(backend.requests, [])

    def test_credentials_behind_the_body(self):
        backend, server = self.proxied()
        received = self.send_unread(
            self.wire(server),
            b"POST /app/form HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
            b"Trailer: Authorization\r\nConnection: close\r\n\r\n3\r\nabc\r\n0\r\nAuthorization: " +
            unfinished_login().encode() + b"\r\n\r\n")
        self.assertIn(b"HTTP/1.1 401 ", received)
        self.assertIn(b"WWW-Authenticate: NTLM\r\n", received)
        self.assertEqual(backend.requests, [])

    def test_http_1_0(self):
        server = self.modes_server(plain_pages=True)
        client = self.wire(server)
        # pylint: disable=protected-access
        client.connection._http_vsn, client.connection._http_vsn_str = 10, "HTTP/1.0"
        keeps = {"Host": "localhost", "Connection": "keep-alive"}
        first, second = client.log_in("/mode2/page", headers=keeps)
        self.assertEqual((first.status, second.status), (401, 200))
        self.assertEqual(client.ask("/mode2/page", headers=keeps).status, 200)
        # Without a word, the first answer ends the connection, and the login with it.
        other = self.wire(server)
        other.connection._http_vsn, other.connection._http_vsn_str = 10, "HTTP/1.0"
        self.assertTrue(other.ask("/mode2/page", unfinished_login(),
                                  headers={"Host": "localhost"}).closes)
        self.assertEqual([event["user"] for event in server.events("/mode2/")
                          if event["outcome"] == "accepted"], ["alice"])


class SharedConnectionTests:
    """A proxy's connection carries many users' requests."""

    def proxy_client(self, proxy):
        client = ProxyClient(proxy.port)
        self.stack.callback(client.connection.close)
        return client

    def sharing_proxy(self, server):
        proxy = SharingProxy(server.port, self.path("server.pem"))
        self.stack.callback(proxy.close)
        return proxy

    def test_whoever_binds_is_not_taken_for_the_proxy(self):
        server = self.modes_server()
        proxy = self.sharing_proxy(server)
        client = self.proxy_client(proxy)
        refused = client.log_in("/mode2/page", certificate=b"of the proxy's own TLS")[1]
        self.assertEqual(refused.status, 401)
        self.assertEqual(client.log_in("/mode2/page", bound=False)[1].status, 401)

    def test_each_request_logs_in_for_itself(self):
        server = self.web_server({"/a/": {"scenario": "proxy", "spn": "HTTP/www.example.com",
                                          "extended-protection": "0"}}).start()
        proxy = self.sharing_proxy(server)
        alice, stranger = self.proxy_client(proxy), self.proxy_client(proxy)
        for _ in range(2):
            self.assertEqual(alice.log_in("/a/page", bound=False)[1].status, 200)
            self.assertEqual(stranger.ask("/a/page").status, 401)
        self.assertEqual(alice.ask("/a/page").status, 401)
        # Nor is a login half-way whoever comes between its messages.
        self.assertEqual(alice.ask("/a/page", unfinished_login()).status, 401)
        self.assertEqual(stranger.ask("/a/page").status, 401)


class WorkerTests:
    """A process that dies takes its own connections along, and no others."""

    def worker_of(self, client, server):
        """Which worker has the server's end of a connection."""
        with open("/proc/net/tcp", encoding="ascii") as table:
            rows = [line.split() for line in table][1:]
        inodes = {row[9] for row in rows
                  if [int(row[place].rpartition(":")[2], 16) for place in (1, 2)] ==
                  [server.port, client.local_port]}
        for worker in server.workers():
            if inodes & server.sockets_of(worker):
                return worker
        return None

    def test_a_worker_that_is_killed_loses_its_own(self):
        server = self.modes_server(**self.server_class.TWO_WORKERS)
        by_worker = {}
        deadline = time.monotonic() + epa_command.PATIENCE
        while len(by_worker) < 2:
            self.assertLess(time.monotonic(), deadline, "one worker takes all")
            client = self.wire(server)
            self.assertEqual(client.log_in("/mode2/page")[1].status, 200)
            by_worker.setdefault(self.worker_of(client, server), []).append(client)
        self.assertNotIn(None, by_worker)
        victim, *others = by_worker
        server.kill(victim)
        for client in by_worker[victim]:
            with self.assertRaises((OSError, http.client.HTTPException)):
                client.ask("/mode2/page")
        for other in others:
            for client in by_worker[other]:
                answer = client.ask("/mode2/page")
                self.assertEqual((answer.status, json.loads(answer.body)["user"]), (200, "alice"))
        self.assertLoggedIn(self.log_in(server.port, "/mode2/page"))

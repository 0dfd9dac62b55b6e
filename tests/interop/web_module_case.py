"""What the modules of all web servers must do: the same tests for each."""

import concurrent.futures
import contextlib
import fcntl
import functools
import glob
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

import epa_command
import interop_peer
from interop_peer import (ABSENT, EXPLICIT_NONE, MATCHED, MISMATCHED, MODES, PASSWORD,
                          USER)
from kerberos_realm import KerberosRealm, wait_for_port
from wire_client import Backend, Bridge, ProxyClient, WireClient  # pylint: disable=unused-import

interop_peer.module("gssapi", "python3-gssapi")
SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
# Every setting that can be wrong by itself, with words of the one line that says so.
BAD_SETTINGS = (
    ("extended-protection", "3", "expected 0, 1, 2, legacy, allow or require"),
    ("extended-protection", "Require", "expected 0, 1, 2, legacy, allow or require"),
    ("scenario", "https", "expected tls, proxy or clear"),
    ("package", "Basic", "expected Negotiate, NTLM or Kerberos"),
    ("flag", "none", "expected proxy-cohosting"),
    ("port-rule", "any", "expected exact, ignore or if-listed"),
    ("require-mic", "maybe", "expected yes or no"),
    ("audit-only", "1", "expected yes or no"),
    ("undefined-hash", "md5", "expected fail, unbound or sha256"),
    ("user-name", "dn", "expected full, principal or plain"),
    ("windows", "95", "expected"),
    ("accounts", "/nonexistent/accounts", "/nonexistent/accounts"),
    ("accounts", "winbind", "winbind"),
    ("keytab", "/nonexistent/keytab", "/nonexistent/keytab"),
    ("registry", "/nonexistent/a.reg", "/nonexistent/a.reg"),
    ("krb5-config", "/nonexistent/krb5.conf", "of use with"),
    ("spn", "HTTP/www.example.com", "not compared"),
    ("exclusive-key", "yes", "of use with"),
)


# Prints a token for the server.
DELEGATION = """
import base64, gssapi
name = gssapi.Name("HTTP@localhost", gssapi.NameType.hostbased_service)
context = gssapi.SecurityContext(name=name, usage="initiate",
                                 flags=gssapi.RequirementFlag.delegate_to_peer)
print(base64.b64encode(context.step()).decode())
"""


def processes_with_files_in(folder):
    found = []
    for path in glob.glob("/proc/[0-9]*/fd/*"):
        with contextlib.suppress(OSError):
            if os.readlink(path).startswith(folder + "/"):
                found.append(path)
    return found


class WebModuleCase(epa_command.EpaTestCase):
    """`server_class` is what is tested."""

    server_class = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_certificate("attacker", "rsa:2048")
        cls.make_certificate("ec", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
        # Nobody but who starts the server may read them.
        os.chmod(cls.path("accounts"), 0o600)

    def setUp(self):
        super().setUp()
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)

    def web_server(self, places, common=None, certificates=None, **options):
        common = {"accounts": self.path("accounts"), "package": ["Negotiate", "NTLM"],
                  "user-name": "plain", **(common or {})}
        certificates = certificates or [("localhost", [self.path("server")])]
        server = self.server_class(places, common, certificates, **options)
        self.stack.callback(server.close)
        return server

    def modes_server(self, **options):
        """/mode0/, /mode1/ and /mode2/."""
        return self.web_server({f"/mode{mode}/": {"extended-protection": mode} for mode in MODES},
                               **options).start()

    def wire(self, server, **options):
        return self.stack.enter_context(
            WireClient(server.port, options.pop("ca_file", self.path("server.pem")), **options))

    def log_in(self, port, place, *options, ca_file="server", user=USER, password="password"):
        return epa_command.run("login", "https", f"https://localhost:{port}{place}", "--json",
                               "--user", user, "--password-file", self.path(password), "--ca",
                               self.path(ca_file + ".pem"), *options)

    def assert_cell(self, server, place, result, accepted, reason, **event_has):
        """Client, page and audit agree."""
        event = server.events(place)[-1]
        self.assertEqual((event["outcome"], event["reason"]),
                         ("accepted" if accepted else "refused", reason), event)
        for key, value in event_has.items():
            self.assertEqual(event.get(key), value, (key, event))
        self.assertEqual(result.returncode, 0 if accepted else 1, result.stderr)
        if accepted:
            said = json.loads(result.stdout)["server_says"]
            self.assertEqual(said["user"], event["user"])
            self.assertEqual(said["domain"], event["domain"])
            self.assertEqual(said["package"], event["package"])
            self.assertEqual(said["extended_protection"]["binding"], event["binding"])
            self.assertEqual(said["extended_protection"]["reason"], reason)

    def assert_row(self, server, state, log_in, **event_has):
        """`log_in(place)` is one state of a client, in each mode."""
        binding, verdicts = state
        for mode, (accepted, reason) in zip(MODES, verdicts):
            place = f"/mode{mode}/"
            with self.subTest(mode=mode, binding=binding):
                before = len(server.events(place))
                result = log_in(place)
                self.assertEqual(len(server.events(place)), before + 1,
                                 result.stderr + server.error_log())
                self.assert_cell(server, place, result, accepted, reason, binding=binding,
                                 **event_has)


class MatrixCase:
    """Each way to log in, with each thing a client can say of its channel, in each mode."""

    def assert_matrix(self, server, log_in, **event_has):
        for binding, state in (("auto", MATCHED), ("none", EXPLICIT_NONE), ("omit", ABSENT)):
            self.assert_row(server, state, lambda place, binding=binding: log_in(
                server.port, place, "--binding", binding), **event_has)
        bridge = Bridge(self.path("attacker.pem"), self.path("attacker.key"), server.port)
        with contextlib.closing(bridge):
            self.assert_row(server, MISMATCHED, lambda place: log_in(
                bridge.port, place, ca_file="attacker"), **event_has)
            self.assert_row(server, ABSENT, lambda place: log_in(
                bridge.port, place, "--binding", "omit", ca_file="attacker"), **event_has)


class NtlmMatrixTests(MatrixCase):
    def test_ntlm(self):
        server = self.modes_server()
        for package in ("NTLM", "Negotiate"):
            self.assert_matrix(
                server, lambda *arguments, package=package, **options: self.log_in(
                    *arguments, "--package", package, **options), package="NTLM",
                domain="DEMO", user="alice")
        for place in server.places:
            result = self.log_in(server.port, place, password="wrong-password")
            self.assert_cell(server, place, result, False, "wrong_password")


class KerberosMatrixTests(MatrixCase):
    def realm(self):
        realm = KerberosRealm(tempfile.mkdtemp(dir=self.directory.name), ["HTTP/localhost"])
        self.stack.callback(realm.close)
        os.chmod(realm.keytab, 0o600)
        return realm

    def kerberos_server(self):
        """A server, and what `epa login` needs to log in with a ticket."""
        realm = self.realm()
        server = self.web_server(
            {f"/mode{mode}/": {"extended-protection": mode} for mode in MODES},
            {"keytab": realm.keytab, "krb5-config": realm.configuration})
        return server.start(), ["--ccache", realm.ticket_cache(), "--krb5-config",
                                realm.configuration]

    def log_in_with_ticket(self, ticket, port, place, *options, ca_file="server"):
        return epa_command.run("login", "https", f"https://localhost:{port}{place}", "--json",
                               "--ca", self.path(ca_file + ".pem"), *ticket, *options)

    def test_kerberos(self):
        server, ticket = self.kerberos_server()
        self.assert_matrix(server, functools.partial(self.log_in_with_ticket, ticket),
                           package="Kerberos", user="alice")

    def delegating_login(self, realm):
        """The credentials of alice, who delegates her tickets."""
        with open(realm.configuration, "a", encoding="utf-8") as file:
            file.write("\n[libdefaults]\n forwardable = true\n")
        done = subprocess.run(
            [sys.executable, "-c", DELEGATION], capture_output=True, text=True, timeout=60,
            check=False, env=realm.client_environment(realm.ticket_cache()))
        self.assertEqual(done.returncode, 0, done.stderr)
        return "Negotiate " + done.stdout.strip()

    def test_delegated_tickets_last_as_long_as_their_connection(self):
        realm = self.realm()
        # The server's own user must be able to write there.
        folder = tempfile.mkdtemp(prefix="epa-tickets-")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        os.chmod(folder, 0o1777)
        server = self.web_server(
            {"/with/": {"delegated-credentials": folder}, "/without/": {}},
            {"keytab": realm.keytab, "krb5-config": realm.configuration,
             "extended-protection": "1"}).start()
        refused = self.wire(server).ask("/with/page", "Negotiate " + "YIIB" * 10)
        self.assertNotEqual(refused.status, 200)
        self.assertEqual(self.wire(server).ask("/without/page", self.delegating_login(realm)).status,
                         200)
        self.assertEqual(os.listdir(folder), [])

        client = self.wire(server)
        names = set()
        for credentials in (self.delegating_login(realm), None):
            answer = client.ask("/with/page", credentials)
            self.assertEqual(answer.status, 200, server.error_log())
            names.add(json.loads(answer.body)["credential_cache"])
        (name,) = names
        path = name.removeprefix("FILE:")
        self.assertEqual(os.listdir(folder), [os.path.basename(path)])
        self.assertEqual(os.path.dirname(path), folder)
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        listed = subprocess.run([interop_peer.program("klist", "krb5-user"), "-c", name],
                                capture_output=True, text=True, timeout=60, check=False,
                                env=realm.client_environment(path))
        self.assertIn("Default principal: alice@", listed.stdout, listed.stderr)
        client.connection.close()
        deadline = time.monotonic() + epa_command.PATIENCE
        while os.listdir(folder):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)

        # Who delegates nothing is told of nothing, and where tickets cannot be written nobody logs in.
        ticket = ["--ccache", realm.ticket_cache(), "--krb5-config", realm.configuration]
        self.assertLoggedIn(self.log_in_with_ticket(ticket, server.port, "/with/page"))
        os.rmdir(folder)
        answer = self.wire(server).ask("/with/page", self.delegating_login(realm))
        self.assertEqual(answer.status, 403)
        self.assertIn("cannot write a credential cache", server.error_log())

    def await_waiter(self, file):
        """Until somebody waits for a lock of the file."""
        inode = f":{os.fstat(file.fileno()).st_ino} "
        deadline = time.monotonic() + epa_command.PATIENCE
        while True:
            with open("/proc/locks", encoding="ascii") as locks:
                if any("->" in line and inode in line for line in locks):
                    return
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)

    def test_a_login_that_waits_holds_up_nobody(self):
        server, ticket = self.kerberos_server()
        self.assertLoggedIn(self.log_in_with_ticket(ticket, server.port, "/mode2/page"))
        # Who writes to the replay cache waits for its lock.
        with open(server.path("replays/cache"), "r+b") as cache, \
                concurrent.futures.ThreadPoolExecutor() as threads:
            fcntl.lockf(cache, fcntl.LOCK_EX)
            waiting = [threads.submit(self.log_in_with_ticket, ticket, server.port, "/mode2/page")
                       for _ in range(3)]
            other = self.wire(server)
            try:
                self.await_waiter(cache)
                for _ in range(20):
                    self.assertEqual(other.log_in("/mode2/page")[1].status, 200)
                self.assertEqual([login.done() for login in waiting], [False] * 3)
            finally:
                fcntl.lockf(cache, fcntl.LOCK_UN)
            for login in waiting:
                self.assertLoggedIn(login.result())


class ConnectionTests:
    """A login is its connection's, and one user's."""

    def test_one_login_serves_all_requests_of_its_connection(self):
        server = self.modes_server()
        client = self.wire(server)
        first, second = client.log_in("/mode2/page")
        self.assertEqual((first.status, second.status), (401, 200))
        self.assertEqual(second.headers["Persistent-Auth"], "true")
        for _ in range(1000):
            answer = client.ask("/mode2/page")
            self.assertEqual(answer.status, 200)
            self.assertEqual(json.loads(answer.body)["user"], "alice")
        self.assertEqual(len(server.events("/mode2/")), 1)
        # Nobody is logged in on another connection.
        other = self.wire(server).ask("/mode2/page")
        self.assertEqual(other.status, 401)
        self.assertEqual(other.challenges(), ["Negotiate", "NTLM"])

    def test_a_login_by_other_rules_does_not_count(self):
        server = self.modes_server()
        client = self.wire(server)
        self.assertEqual(client.log_in("/mode0/page", bound=False)[1].status, 200)
        self.assertEqual(client.ask("/mode2/page").status, 401)
        self.assertEqual(client.log_in("/mode2/page", bound=False)[1].status, 401)
        self.assertEqual(client.ask("/mode0/page").status, 200)
        self.assertEqual(client.log_in("/mode2/page", bound=True)[1].status, 200)

    def test_a_second_user_is_refused_and_the_connection_closed(self):
        self.write("accounts", f"DEMO:alice:{PASSWORD}\nDEMO:bob:{PASSWORD}\n")
        self.addCleanup(self.write, "accounts", f"DEMO:alice:{PASSWORD}\n")
        server = self.modes_server()
        for place in ("/mode2/page", "/mode1/page"):
            client = self.wire(server)
            self.assertEqual(client.log_in("/mode2/page")[1].status, 200)
            refused = client.log_in(place, user="bob")[1]
            self.assertEqual((refused.status, refused.closes), (401, True))
            self.assertEqual(server.events(place[:-4])[-1]["reason"], "connection_owner_differs")

    def test_an_index_and_a_path_that_leads_to_it_are_one_login(self):
        server = self.modes_server()
        client = self.wire(server)
        first, second = client.log_in("/mode2/")
        self.assertEqual((first.status, second.status), (401, 200))
        self.assertEqual(json.loads(second.body)["user"], "alice")
        self.assertEqual(len(server.events("/mode2/")), 1)
        self.assertEqual(client.log_in("/mode2/nowhere")[1].status, 404)

    def test_requests_in_one_piece(self):
        server = self.modes_server()
        client = self.wire(server)
        self.assertEqual(client.log_in("/mode2/page")[1].status, 200)
        secure = client.connection.sock
        secure.sendall(b"GET /mode2/page HTTP/1.1\r\nHost: localhost\r\n\r\n" * 5 +
                       b"GET /mode2/page HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        received = b""
        while octets := secure.recv(65536):
            received += octets
        self.assertEqual(received.count(b"HTTP/1.1 200"), 6)

    def test_malformed_credentials(self):
        server = self.modes_server()
        for credentials in ("NTLM !", "NTLM TlRM, Negotiate TlRM", "NTLM TlRM TlRM"):
            self.assertEqual(self.wire(server).ask("/mode2/page", credentials).status, 400,
                             credentials)
            self.assertEqual(server.events("/mode2/")[-1]["reason"], "malformed_token")
        client = self.wire(server)
        for credentials in ("Basic YTpi", "NTLM", "Bearer x"):
            self.assertEqual(client.ask("/mode2/page", credentials).status, 401, credentials)

    def test_certificates_by_name_and_by_key(self):
        hosts = [("localhost", [self.path("server"), self.path("ec")]),
                 ("second.test", [self.path("attacker")])]
        server = self.modes_server(certificates=hosts)
        for ca_file, ciphers in (("server", "ECDHE-RSA-AES256-GCM-SHA384"),
                                 ("ec", "ECDHE-ECDSA-AES256-GCM-SHA384")):
            client = self.wire(server, ca_file=self.path(ca_file + ".pem"), ciphers=ciphers)
            self.assertEqual(client.log_in("/mode2/page")[1].status, 200, ca_file)
        with self.subTest("by name"):
            done = subprocess.run(
                ["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", "-servername",
                 "second.test"], input="", capture_output=True, text=True, timeout=60, check=False)
            self.assertIn("CN = attacker", done.stdout)
        # What the client of one name binds, another name's connection does not take.
        bridge = Bridge(self.path("attacker.pem"), self.path("attacker.key"), server.port)
        with contextlib.closing(bridge):
            self.assertRefused(self.log_in(bridge.port, "/mode2/page", ca_file="attacker"))

    def test_http_2_comes_back_with_http_1_1(self):
        server = self.modes_server(protocols="h2 http/1.1")
        done = subprocess.run(
            [interop_peer.program("curl", "curl"), "--silent", "--verbose", "--http2", "--ntlm",
             "--user", f"DEMO\\alice:{PASSWORD}", "--cacert", self.path("server.pem"), "--output",
             "-", "--write-out", "\n%{http_code} %{http_version}", "--noproxy", "*",
             server.url("/mode1/page")], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.stdout.splitlines()[-1], "200 1.1", done.stderr)
        self.assertIn("HTTP_1_1_REQUIRED", done.stderr)
        self.assertIn("http_1_1_required", [event["reason"] for event in server.events("/mode1/")])


class BackendTests:
    """What is behind the server sees who logged in, and never with what."""

    def proxied(self, **settings):
        backend = Backend()
        self.stack.callback(backend.close)
        server = self.web_server({"/app/": {"extended-protection": "2", **settings}},
                                 backend=backend.port).start()
        return backend, server

    def test_identity_goes_on_and_credentials_stay(self):
        backend, server = self.proxied()
        client = self.wire(server)
        body = b"x" * 100_000
        for _ in range(2):
            _, answer = client.log_in("/app/form", method="POST", body=body,
                                      headers={"X-Remote-User": "mallory"})
            self.assertEqual(answer.status, 200)
        # A body that comes with an unfinished login goes nowhere.
        self.assertEqual(len(backend.requests), 2)
        for method, path, headers, received in backend.requests:
            self.assertEqual((method, path, received), ("POST", "/app/form", body))
            self.assertEqual(headers.get_all("X-Remote-User"), ["alice"])
            self.assertFalse(headers.get("Authorization"))

    def test_a_name_in_a_header_is_no_login(self):
        backend, server = self.proxied()
        answer = self.wire(server).ask("/app/", headers={"X-Remote-User": "alice"})
        self.assertEqual(answer.status, 401)
        self.assertEqual(backend.requests, [])

    def test_expect_100_continue_and_chunks(self):
        backend, server = self.proxied()
        client = self.wire(server)
        self.assertEqual(client.log_in("/app/")[1].status, 200)
        secure = client.connection.sock
        secure.sendall(b"POST /app/c HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
                       b"Transfer-Encoding: chunked\r\n\r\n")
        self.assertTrue(secure.recv(100).startswith(b"HTTP/1.1 100 "))
        secure.sendall(b"3\r\nabc\r\n0\r\nAuthorization: NTLM TlRM\r\n\r\n")
        self.assertTrue(secure.recv(100).startswith(b"HTTP/1.1 200 "))
        self.assertEqual(backend.requests[-1][1], "/app/c")

    def test_a_protocol_that_the_connection_is_upgraded_to(self):
        backend, server = self.proxied()
        client = self.wire(server)
        self.assertEqual(client.log_in("/app/")[1].status, 200)
        secure = client.connection.sock
        secure.sendall(b"GET /app/socket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
                       b"Upgrade: websocket\r\n\r\n")
        self.assertTrue(secure.recv(1000).startswith(b"HTTP/1.1 101 "))
        secure.sendall(b"hello")
        self.assertEqual(secure.recv(100), b"hello")
        self.assertEqual(backend.requests[-1][2]["X-Remote-User"], "alice")

    def test_each_request_is_authenticated_where_connections_are_shared(self):
        backend, server = self.proxied(**{"authenticate-each-request": "yes"})
        client = self.wire(server)
        self.assertEqual(client.log_in("/app/")[1].status, 200)
        self.assertEqual(client.ask("/app/").status, 401)
        self.assertEqual(len(backend.requests), 1)


class OperationTests:
    """Configurations, and what becomes of them."""

    def test_bad_settings_are_one_line(self):
        for name, value, expected in BAD_SETTINGS:
            with self.subTest(name=name, value=value):
                server = self.web_server({"/a/": {name: value}})
                checked = server.check()
                directive = server.directive(name, value).split()[0]
                self.assertNotEqual(checked.returncode, 0)
                lines = [line for line in checked.stderr.splitlines() if expected in line]
                self.assertEqual(len(lines), 1, checked.stderr)
                self.assertIn(directive, lines[0])

    def test_settings_of_servers_of_their_own_are_no_directives(self):
        for name, value in (("cert", self.path("server.pem")), ("listen", "127.0.0.1:0"),
                            ("workers", "2"), ("share", "a=/")):
            server = self.web_server({"/a/": {name: value}})
            self.assertNotEqual(server.check().returncode, 0, name)

    def test_a_place_without_accounts_is_refused_at_start(self):
        server = self.web_server({"/a/": {"extended-protection": "2"}}, {"accounts": []})
        checked = server.check()
        self.assertNotEqual(checked.returncode, 0)
        self.assertIn(server.directive("accounts", "x").split()[0], checked.stderr)

    def test_settings_of_a_file(self):
        self.write("epa.conf", "[common]\naccounts = accounts\n[http]\nextended-protection = 0\n"
                               "[http intranet]\nextended-protection = 2\n")
        server = self.web_server(
            {"/first/": {"configuration": self.path("epa.conf")},
             "/second/": {"configuration": self.path("epa.conf"), "service": "intranet"}},
            {"accounts": [], "package": []}).start()
        self.assertLoggedIn(self.log_in(server.port, "/first/", "--binding", "omit"))
        self.assertRefused(self.log_in(server.port, "/second/", "--binding", "omit"))
        self.assertLoggedIn(self.log_in(server.port, "/second/"))
        self.write("epa.conf", "[http]\nextended-protection = 9\n")
        self.assertIn("epa.conf:2: extended-protection '9'", server.check().stderr)

    def test_reload(self):
        server = self.modes_server()
        client = self.wire(server)
        self.assertEqual(client.log_in("/mode2/page")[1].status, 200)
        self.make_certificate("server", "rsa:2048")
        server.reload()
        self.assertLoggedIn(self.log_in(server.port, "/mode2/page"))
        self.assertEqual(self.wire(server).log_in("/mode1/page")[1].status, 200)

    def test_a_reload_takes_no_login_along(self):
        server = self.modes_server()
        first, second = self.wire(server).log_in("/mode2/page", between=server.reload_under_way)
        self.assertEqual((first.status, first.closes), (401, False))
        # The process that served it ends.
        self.assertEqual((second.status, second.closes), (200, True))

    def test_clear_and_tls_are_told_apart(self):
        server = self.web_server({"/a/": {"scenario": "clear", "extended-protection": "0"},
                                  "/b/": {"extended-protection": "1"}}).start()
        with socket.create_connection(("127.0.0.1", server.plain_port), 20) as client:
            client.sendall(b"GET /b/page HTTP/1.0\r\n\r\n")
            self.assertIn(b" 500 ", client.recv(100))
        self.assertIn("has no TLS", server.error_log())
        with socket.create_connection(("127.0.0.1", server.plain_port), 20) as client:
            client.sendall(b"GET /a/page HTTP/1.0\r\n\r\n")
            self.assertIn(b" 401 ", client.recv(100))


class ReloadTests:
    """`RELOADS` of them, while some ask and some log in."""

    RELOADS = 10

    def ask(self, server):
        with WireClient(server.port, self.path("server.pem")) as client:
            self.assertEqual(client.ask("/mode2/page").status, 401)

    def log_in_and_ask(self, server):
        """A connection may end between two requests, a login between its messages hardly ever does."""
        with WireClient(server.port, self.path("server.pem")) as client:
            with contextlib.suppress(ConnectionError, http.client.NotConnected):
                answers = client.log_in("/mode2/page")
                self.assertEqual([answer.status for answer in answers], [401, 200])
                self.assertEqual(client.ask("/mode2/page").status, 200)

    def test_reloads_lose_no_request(self):
        server = self.modes_server()
        stop = threading.Event()

        done = {self.ask: 0, self.log_in_and_ask: 0}

        def until_stopped(act):
            while not stop.is_set():
                act(server)
                done[act] += 1

        begin = time.monotonic()
        reloads = 0
        with concurrent.futures.ThreadPoolExecutor() as threads:
            clients = [threads.submit(until_stopped, act) for act in done]
            try:
                while reloads < self.RELOADS or (min(done.values()) < 10 and not any(
                        client.done() for client in clients)):
                    server.begin_reload()
                    reloads += 1
            finally:
                stop.set()
            for client in clients:
                client.result()
        logins = sum(event["outcome"] == "accepted" for event in server.events("/mode2/"))
        print(f"{reloads} reloads in {time.monotonic() - begin:.0f} s; {done[self.ask]} requests, "
              f"{logins} logins on {done[self.log_in_and_ask]} connections", flush=True)
        self.assertGreater(logins, done[self.log_in_and_ask] / 2)


class DocumentTests:
    """What the documents and examples have is tried as it stands there."""

    def test_the_configuration_of_the_document(self):
        name = self.server_class.NAME
        with open(os.path.join(SOURCE, f"docs/{name}.md"), encoding="utf-8") as document:
            block, = re.findall(rf"^```{name}\n(.*?)^```$", document.read(), re.M | re.S)
        os.mkdir(self.path("document-kdc"))
        realm = KerberosRealm(self.path("document-kdc"), ["HTTP/localhost"])
        self.stack.callback(realm.close)
        backend = Backend()
        self.stack.callback(backend.close)
        block = re.sub(r"^LoadModule .*\n", "", block)
        for before, after in ((r"/etc/\w+/epa-accounts", self.path("accounts")),
                              (r"/etc/\w+/http.keytab", realm.keytab),
                              (r"/var/log/\w+/epa.json", self.path("document-audit")),
                              (r"127.0.0.1:8000", f"127.0.0.1:{backend.port}")):
            block = re.sub(before, after, block)
        server = self.web_server({}, {"accounts": [], "package": [], "user-name": []},
                                 host_settings=block, settings="" if name == "apache" else block)
        os.makedirs(server.path("pages/private"))
        server.write("pages/private/page", "{}")
        server.start()
        self.assertLoggedIn(self.log_in(server.port, "/private/page"))
        self.assertRefused(self.log_in(server.port, "/private/page", "--binding", "omit"))
        self.assertEqual([event["outcome"] for event in
                          epa_command.json_lines(self.path("document-audit"))],
                         ["accepted", "refused"])

    def test_the_directives_of_the_document_exist(self):
        name = self.server_class.NAME
        with open(os.path.join(SOURCE, f"docs/{name}.md"), encoding="utf-8") as document:
            text = document.read()
        # Counters of mod_status are no directives.
        text = re.sub(r"^`mod_status` counts.*?\n\n", "", text, flags=re.DOTALL | re.MULTILINE)
        words = set(re.findall(r"`(Epa\w+|auth_epa_\w+)", text))
        self.assertGreater(len(words), 5)
        for word in words:
            server = self.web_server({"/a/": {}}, place_settings=word)
            self.assertNotRegex(server.check().stderr, "(?i)invalid command|unknown directive")

    def test_the_example(self):
        name = self.server_class.NAME
        port = epa_command.ReservedPort()
        self.stack.callback(port.close)
        process = subprocess.Popen(
            [os.path.join(SOURCE, "examples", name, "run"), str(port.number),
             os.environ[f"EPA_{name.upper()}_MODULE"]], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        try:
            folder = os.path.dirname(process.stdout.readline().split()[-1])
            wait_for_port(port.number, process)
            self.write("example-password", "secret\n")
            for binding, status in (("auto", 0), ("omit", 1)):
                result = epa_command.run(
                    "login", "https", f"https://localhost:{port.number}/private/index", "--user",
                    "EXAMPLE\\alice", "--password-file", self.path("example-password"), "--ca",
                    folder + "/cert.pem", "--binding", binding)
                self.assertEqual(result.returncode, status, result.stderr)
        finally:
            process.terminate()
            _, errors = process.communicate(timeout=epa_command.PATIENCE)
        self.assertFalse(os.path.exists(folder))
        self.assertIn('"outcome":"accepted"', errors)

    def test_the_demonstration(self):
        name = self.server_class.NAME
        # The server's own user must be able to pass.
        folder = tempfile.mkdtemp(prefix="epa-demo-test-")
        self.addCleanup(shutil.rmtree, folder)
        result = epa_command.run("demo", "--json", "--dir", folder, "--server", name, "--module",
                                 os.environ[f"EPA_{name.upper()}_MODULE"])
        self.assertEqual(processes_with_files_in(folder), [])
        report = json.loads(result.stdout)
        self.assertEqual([cell for cell in report["cells"] if not cell["matches"]], [])
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertGreater(report["total"], 100)


main = epa_command.main

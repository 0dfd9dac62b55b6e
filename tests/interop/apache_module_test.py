"""mod_auth_epa in Apache httpd."""

import contextlib
import os
import re
import unittest

import web_module_case
import web_protocol_case
from interop_peer import program
from module_server import ApacheServer
from web_module_case import WebModuleCase

program("/usr/sbin/apache2", "apache2-bin")


class ApacheCase(WebModuleCase):
    server_class = ApacheServer


class MatrixTest(ApacheCase, web_module_case.NtlmMatrixTests):
    pass


class ConnectionTest(ApacheCase, web_module_case.ConnectionTests):
    def test_every_model_of_processes(self):
        for mpm in ("prefork", "worker"):
            with self.subTest(mpm=mpm):
                server = self.modes_server(mpm=mpm)
                self.assertEqual(self.wire(server).log_in("/mode2/page")[1].status, 200)
                answers = self.wire(server).log_in("/mode2/page", between=server.reload_under_way)
                self.assertEqual([answer.status for answer in answers], [401, 200])

    def test_a_login_that_begins_when_its_process_ends(self):
        for mpm in ("event", "prefork", "worker"):
            with self.subTest(mpm=mpm):
                server = self.modes_server(mpm=mpm)
                client = self.wire(server)
                server.reload_under_way()
                answers = client.log_in("/mode2/page")
                self.assertEqual([(answer.status, answer.closes) for answer in answers],
                                 [(401, False), (200, True)])
            self.assertEqual(self.wire(server).log_in("/mode2/page", bound=False)[1].status, 401)

    def test_subrequests_and_error_pages_use_no_token(self):
        settings = "ErrorDocument 404 /mode2/page\n"
        server = self.modes_server(settings=settings)
        with open(server.path("pages/mode2/both"), "w", encoding="utf-8") as page:
            page.write('<!--#include virtual="/mode2/page" --><!--#include virtual="/mode0/page" -->')
        client = self.wire(server)
        answer = client.log_in("/mode2/both")[1]
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.body.count(b'"alice"'), 1)
        self.assertEqual(len(server.events("/mode2/")), 1)
        answer = client.log_in("/mode2/nowhere")[1]
        self.assertEqual((answer.status, answer.body.count(b'"alice"')), (404, 1), answer.body)


class TlsTest(ApacheCase, web_protocol_case.TlsTests):
    pass


class MessageTest(ApacheCase, web_protocol_case.MessageTests):
    pass


class SharedConnectionTest(ApacheCase, web_protocol_case.SharedConnectionTests):
    pass


class WorkerTest(ApacheCase, web_protocol_case.WorkerTests):
    pass


class BackendTest(ApacheCase, web_module_case.BackendTests):
    def test_a_proxy_asks_for_logins_of_its_own(self):
        backend = web_module_case.Backend()
        self.stack.callback(backend.close)
        server = self.web_server({"/a/": {}}, settings="""
ProxyRequests On
<Proxy *>
  AuthType EPA
  EpaScenario clear
  EpaExtendedProtection 0
  Require valid-user
</Proxy>
""").start()
        client = web_module_case.ProxyClient(server.plain_port)
        with contextlib.closing(client.connection):
            url = f"http://127.0.0.1:{backend.port}/far"
            refused = client.ask(url)
            self.assertEqual(refused.status, 407)
            self.assertEqual(refused.headers.get_all("Proxy-Authenticate"), ["Negotiate", "NTLM"])
            first, second = client.log_in(url, bound=False, field="Proxy-Authorization")
            self.assertEqual((first.status, second.status), (407, 200))
            self.assertEqual(client.ask(url).status, 200)
        self.assertEqual(len(backend.requests), 2)
        for _, _, headers, _ in backend.requests:
            self.assertIsNone(headers.get("Proxy-Authorization"))


class OperationTest(ApacheCase, web_module_case.OperationTests):
    def test_sections_stand_on_their_server_alone(self):
        server = self.web_server({"/a/": {"extended-protection": "0"}, "/a/b/": {"audit-only": "no"}})
        server.start()
        self.assertLoggedIn(self.log_in(server.port, "/a/page", "--binding", "omit"))
        self.assertRefused(self.log_in(server.port, "/a/b/page", "--binding", "omit"))

    def test_what_mod_status_says(self):
        server = self.modes_server(**{**self.server_class.TWO_WORKERS, "protocols": "h2 http/1.1"},
                                   host_settings="<Location /status>\nSetHandler server-status\n"
                                                 "</Location>")
        first, second = self.wire(server), self.wire(server)
        self.assertEqual(first.log_in("/mode2/page")[1].status, 200)
        self.assertEqual(first.ask("/mode2/page").status, 200)
        self.assertEqual(second.ask("/mode2/page", "NTLM !").status, 400)
        self.assertEqual(self.wire(server).ask("/mode2/page").status, 401)
        said = self.wire(server).ask("/status?auto").body
        for line in (b"EpaServed: 2", b"EpaChallenged: 2", b"EpaMalformed: 1",
                     b"EpaHttp11Required: 0", b"EpaFaults: 0"):
            self.assertIn(line, said)
        self.assertIn(b"<dt>EpaServed: 2</dt>", self.wire(server).ask("/status").body)

    def test_what_administrators_come_from(self):
        with open(os.path.join(web_module_case.SOURCE, "docs/apache.md"),
                  encoding="utf-8") as document:
            words = set(re.findall(r"`(Gssapi\w+)", document.read()))
        with open("/usr/lib/apache2/modules/mod_auth_gssapi.so", "rb") as module:
            directives = module.read()
        self.assertEqual(words, {word.decode() for word in
                                 re.findall(rb"\0(Gssapi[A-Z]\w+)(?=\0)", directives)})

    def test_required_groups(self):
        for require in ("epa-sid S-1-5-32-544", "epa-group S-1-5-32-544"):
            server = self.web_server({"/a/": {}}, require="Require " + require).start()
            client = self.wire(server)
            answer = client.log_in("/a/page")[1]
            self.assertEqual(answer.status, 401, require)
            self.assertEqual(answer.challenges(), ["Negotiate", "NTLM"])
        server = self.web_server({"/a/": {}}, require="Require epa-sid administrators")
        self.assertIn("Require 'administrators': expected security identifiers",
                      server.check().stderr)

    @unittest.skipIf(os.getuid() != 0, "nobody but root changes users")
    def test_secrets_are_read_as_root(self):
        server = self.modes_server()
        self.assertEqual(os.stat(self.path("accounts")).st_mode & 0o077, 0)
        self.assertLoggedIn(self.log_in(server.port, "/mode2/page"))
        for worker in server.workers():
            self.assertNotEqual(os.stat(f"/proc/{worker}").st_uid, 0)


if __name__ == "__main__":
    web_module_case.main()

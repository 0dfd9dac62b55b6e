"""ngx_http_auth_epa_module in nginx."""

import os
import unittest

import web_module_case
import web_protocol_case
from interop_peer import program
from module_server import NginxServer
from web_module_case import WebModuleCase

program("/usr/sbin/nginx", "nginx")


class NginxCase(WebModuleCase):
    server_class = NginxServer


class MatrixTest(NginxCase, web_module_case.NtlmMatrixTests):
    pass


class ConnectionTest(NginxCase, web_module_case.ConnectionTests):
    def test_error_pages_use_no_token(self):
        server = self.modes_server(settings="error_page 404 /mode2/page;")
        client = self.wire(server)
        answer = client.log_in("/mode2/nowhere")[1]
        self.assertEqual((answer.status, answer.body.count(b'"alice"')), (404, 1))
        self.assertEqual(len(server.events("/mode2/")), 1)

    def test_a_subrequest_for_what_nobody_logged_in_to_is_refused(self):
        server = self.modes_server(settings="""
location /open/ { ssi on; ssi_types *; }
location /asked/ { auth_request /mode2/page; ssi off; }
""")
        for folder in ("open", "asked"):
            os.makedirs(server.path("pages/" + folder))
            server.write(f"pages/{folder}/page", "[<!--# include virtual=\"/mode2/page\" -->]")
        server.write("pages/mode2/both", "[<!--# include virtual=\"/mode2/page\" -->"
                                         "<!--# include virtual=\"/mode0/page\" -->]")
        client = self.wire(server)
        self.assertNotIn(b"user", client.ask("/open/page").body)
        self.assertEqual(client.ask("/asked/page").status, 403)
        answer = client.log_in("/mode2/both")[1]
        self.assertEqual((answer.status, answer.body.count(b'"alice"')), (200, 1))

    def test_satisfy_any(self):
        for rule, status in (("allow all;", 200), ("deny all;", 401)):
            server = self.modes_server(place_settings="satisfy any; " + rule)
            client = self.wire(server)
            answer = client.ask("/mode2/page")
            self.assertEqual(answer.status, status)
            self.assertEqual(answer.challenges(), [] if status == 200 else ["Negotiate", "NTLM"])
            if status == 401:
                self.assertEqual(client.log_in("/mode2/page")[1].status, 200)


class TlsTest(NginxCase, web_protocol_case.TlsTests):
    pass


class MessageTest(NginxCase, web_protocol_case.MessageTests):
    pass


class SharedConnectionTest(NginxCase, web_protocol_case.SharedConnectionTests):
    pass


class WorkerTest(NginxCase, web_protocol_case.WorkerTests):
    pass


class BackendTest(NginxCase, web_module_case.BackendTests):
    pass


class OperationTest(NginxCase, web_module_case.OperationTests):
    def test_blocks_inherit_as_nginx_does(self):
        server = self.web_server({"/a/": {"extended-protection": "0"}},
                                 settings="location /a/b/ { auth_epa off; }").start()
        os.makedirs(server.path("pages/a/b"))
        server.write("pages/a/b/page", "open")
        self.assertEqual(self.wire(server).ask("/a/b/page").status, 200)
        self.assertEqual(self.wire(server).ask("/a/page").status, 401)

    @unittest.skipIf(os.getuid() != 0, "nobody but root changes users")
    def test_secrets_are_read_as_root(self):
        server = self.modes_server()
        self.assertEqual(os.stat(self.path("accounts")).st_mode & 0o077, 0)
        self.assertLoggedIn(self.log_in(server.port, "/mode2/page"))
        for worker in server.workers():
            self.assertNotEqual(os.stat(f"/proc/{worker}").st_uid, 0)


if __name__ == "__main__":
    web_module_case.main()

"""What `epa serve https` makes of the framing of requests: nothing that is no header's credential
logs in, and no octet of a body becomes a request."""

import base64
import json
import struct

import epa_command
from https_client import read_response, request, tls_client

# [MS-NLMP] 2.2.1.1: just enough of a NEGOTIATE for a challenge in answer.
NEGOTIATE = base64.b64encode(
    b"NTLMSSP\0" + struct.pack("<II", 1, 0xA2088205) + bytes(24)).decode()
NTLM = f"Authorization: NTLM {NEGOTIATE}\r\n"
POST = "POST / HTTP/1.1\r\nHost: x\r\n"
GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"


class FramingTestCase(epa_command.EpaTestCase):
    def client(self, server):
        return tls_client(server, self.path("server.pem"))

    def assert_refused_and_closed(self, server, text, status):
        """Exactly one answer comes, whatever follows."""
        with self.client(server) as client:
            client.sendall((text + GET * 3).encode("latin-1"))
            head, _ = read_response(client)
            self.assertEqual(head.split()[1], str(status).encode(), text)
            self.assertEqual(client.recv(1), b"", text)


class TransferEncodingTest(FramingTestCase):
    def test_a_body_without_a_certain_end_is_400(self):
        bad = ["gzip", "chunked, identity", "identity", "chunked;q=1", "gzip, chunked, gzip",
               "chunked, chunked", "xchunked", "\x0bchunked", "", ","]
        with self.server() as server:
            for coding in bad:
                self.assert_refused_and_closed(
                    server, f"{POST}Transfer-Encoding: {coding}\r\n\r\n0\r\n\r\n", 400)
            for field in ("Transfer-Encoding: gzip\r\nTransfer-Encoding: identity\r\n",
                          "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
                          "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n",
                          "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n",
                          "Content-Length: 0\r\nTransfer-Encoding: gzip\r\n",
                          "Content-Length: 0\r\nContent-Length: 5\r\n"):
                self.assert_refused_and_closed(server, f"{POST}{field}\r\n0\r\n\r\n", 400)

    def test_http_1_0_has_no_transfer_encoding(self):
        with self.server() as server:
            self.assert_refused_and_closed(
                server, "POST / HTTP/1.0\r\nConnection: keep-alive\r\n"
                        "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400)

    def test_a_coding_that_is_not_implemented_is_501(self):
        with self.server() as server:
            for field in ("Transfer-Encoding: gzip, chunked\r\n",
                          "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n"):
                self.assert_refused_and_closed(server, f"{POST}{field}\r\n0\r\n\r\n", 501)

    def test_chunks_are_a_body(self):
        with self.server() as server:
            for coding in ("chunked", "Chunked", " chunked\t", ",chunked"):
                with self.client(server) as client:
                    self.assertIn(b" 401 ", request(
                        client, f"{POST}Transfer-Encoding: {coding}\r\n\r\n"
                                f"3\r\nabc\r\n0\r\n\r\n")[0])
                    self.assertIn(b" 401 ", request(client, GET)[0])


class CredentialsTest(FramingTestCase):
    def test_credentials_in_a_trailer_are_none(self):
        with self.server() as server, self.client(server) as client:
            head, _ = request(client, POST + "Transfer-Encoding: chunked\r\nTrailer: Authorization"
                              "\r\n\r\n1\r\nx\r\n0\r\n" + NTLM + "\r\n")
            self.assertIn(b" 401 ", head)
            self.assertNotIn(b"WWW-Authenticate: NTLM ", head)
            # The same in the header is a login's beginning.
            head, _ = request(client, GET.replace("\r\n\r\n", "\r\n" + NTLM + "\r\n"))
            self.assertIn(b"WWW-Authenticate: NTLM TlRM", head)

    def test_a_trailer_does_not_add_to_the_header(self):
        with self.server() as server, self.client(server) as client:
            head, _ = request(client, POST + NTLM + "Transfer-Encoding: chunked\r\n\r\n0\r\n" +
                              NTLM + "\r\n")
            self.assertIn(b"WWW-Authenticate: NTLM TlRM", head)

    def test_the_largest_ticket_of_windows_fits(self):
        token = base64.b64encode(b"\x60" * 48000).decode()
        with self.server() as server, self.client(server) as client:
            head, _ = request(client, GET.replace(
                "\r\n\r\n", f"\r\nAuthorization: Negotiate {token}\r\n\r\n"))
            self.assertIn(b" 401 ", head)


class TargetTest(FramingTestCase):
    def test_the_query_is_no_part_of_the_path(self):
        with self.server() as server:
            for path, status in (("/", 200), ("/?x", 200), ("?x", 200), ("/?/y", 200), ("/x", 404)):
                result = epa_command.run(
                    "login", "https", f"https://{server.address}{path}", "--user",
                    epa_command.USER, "--password-file", self.path("password"), "--ca",
                    self.path("server.pem"), "--json")
                self.assertEqual(json.loads(result.stdout)["status"], status, path)

    def test_absolute_form_is_understood(self):
        with self.server() as server:
            for target in ("https://localhost/?x", "https://localhost", "HTTPS://x:1?y"):
                with self.client(server) as client:
                    self.assertIn(b" 401 ", request(
                        client, f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n")[0])

    def test_a_host_is_named_once(self):
        with self.server() as server:
            for text in ("GET / HTTP/1.1\r\n\r\n",
                         "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
                         "GET / HTTP/1.0\r\nHost: x\r\nHost: x\r\n\r\n"):
                self.assert_refused_and_closed(server, text, 400)
            with self.client(server) as client:
                self.assertIn(b" 401 ", request(client, "GET / HTTP/1.0\r\n\r\n")[0])


if __name__ == "__main__":
    epa_command.main()

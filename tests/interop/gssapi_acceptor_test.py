"""`epa login` against a server whose acceptor is python3-gssapi with gss-ntlmssp, or the plug-in."""

import base64
import contextlib
import hashlib
import http.server
import json
import os
import ssl
import threading

import epa_command
import interop_peer
from gssapi_peer import NTLM, SPNEGO, GssTestCase, bindings, gssapi

PATIENCE = 20
# The plug-in's mechanism refuses who says that there is no channel, in front of one.
OURS = "EPA_GSS_OURS" in os.environ
UNBOUND = ("omit",) if OURS else ("none", "omit")


class Acceptor:
    """What a server does with tokens, and what it saw."""

    def __init__(self, scheme, mechanism, channel_bindings, must_be_bound):
        self.scheme = scheme
        self.mechanism = mechanism
        self.channel_bindings = channel_bindings
        self.must_be_bound = must_be_bound
        self.tokens = []
        self.users = []
        self.flags = []
        self.errors = []

    def new_context(self):
        credentials = gssapi.Credentials(usage="accept", mechs=[self.mechanism])
        return gssapi.SecurityContext(creds=credentials, usage="accept",
                                      channel_bindings=self.channel_bindings)

    def step(self, context, token):
        """The next token, or None, and whether the login is accepted by it."""
        self.tokens.append(token)
        answer = None
        try:
            answer = context.step(token)
            # Where the step failed and made a token all the same, the failure comes here.
            if not context.complete:
                return answer, False
        except gssapi.exceptions.GSSError as error:
            self.errors.append(error)
            return answer, False
        # Not target_name: gss-ntlmssp has none for python3-gssapi, which then crashes. It counts
        # the NUL at the end of a name as part of it.
        self.users.append(str(context.initiator_name).rstrip("\0"))
        self.flags.append(context.actual_flags)
        return answer, (not self.must_be_bound or
                        gssapi.RequirementFlag.channel_bound in context.actual_flags)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = PATIENCE
    # Of the connection, as each has a handler of its own.
    context = None

    def log_message(self, format, *args):  # pylint: disable=redefined-builtin
        pass

    def do_GET(self):  # pylint: disable=invalid-name
        acceptor = self.server.acceptor
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        answer, accepted = None, False
        if scheme == acceptor.scheme and token:
            self.context = self.context or acceptor.new_context()
            answer, accepted = acceptor.step(self.context, base64.b64decode(token))
        self.send_response(200 if accepted else 401)
        if answer:
            self.send_header("WWW-Authenticate",
                             f"{acceptor.scheme} {base64.b64encode(answer).decode()}")
        elif not accepted:
            self.send_header("WWW-Authenticate", acceptor.scheme)
        self.send_header("Content-Length", "0")
        self.end_headers()


class AcceptorTestCase(GssTestCase):
    scheme = None
    mechanism = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_certificate("mallory", "rsa:2048")

    def bindings_of(self, certificate):
        with open(self.path(certificate + ".pem"), encoding="ascii") as file:
            der = ssl.PEM_cert_to_DER_cert(file.read())
        return bindings(hashlib.sha256(der).digest())

    @contextlib.contextmanager
    def gss_server(self, channel_bindings, must_be_bound=False, certificate="server"):
        """A TLS server with `certificate`; its address and its Acceptor."""
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.acceptor = Acceptor(self.scheme, self.mechanism, channel_bindings, must_be_bound)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path(certificate + ".pem"), self.path(certificate + ".key"))
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_address[1]}", server.acceptor
        finally:
            server.shutdown()
            thread.join(PATIENCE)
            server.server_close()

    def epa_login(self, address, *options, certificate="server", password="password"):
        return epa_command.run("login", "https", f"https://{address}/", "--user",
                               interop_peer.USER, "--password-file", self.path(password), "--ca",
                               self.path(certificate + ".pem"), "--json", *options)


class AcceptorCases:
    """For each way to carry NTLM."""

    def test_matching_binding(self):
        with self.gss_server(self.bindings_of("server"), must_be_bound=True) as (address, peer):
            result = self.epa_login(address)
        self.assertLoggedIn(result)
        report = json.loads(result.stdout)
        self.assertEqual((report["scheme"], report["package"]), (self.scheme, "NTLM"))
        self.assertEqual(peer.errors, [])
        self.assertEqual(peer.users, [interop_peer.USER])
        self.assertIn(gssapi.RequirementFlag.channel_bound, peer.flags[0])
        self.assertIn("HTTP/127.0.0.1".encode("utf-16-le"), peer.tokens[-1])

    def test_the_target_name_it_was_told(self):
        with self.gss_server(self.bindings_of("server")) as (address, peer):
            self.assertLoggedIn(self.epa_login(address, "--spn", "HTTP/www.example.com"))
        self.assertIn("HTTP/www.example.com".encode("utf-16-le"), peer.tokens[-1])

    def test_a_client_without_binding_is_let_in_unbound(self):
        for binding in UNBOUND:
            with self.subTest(binding=binding), \
                    self.gss_server(self.bindings_of("server")) as (address, peer):
                self.assertLoggedIn(self.epa_login(address, "--binding", binding))
                self.assertEqual(peer.users, [interop_peer.USER])
                self.assertNotIn(gssapi.RequirementFlag.channel_bound, peer.flags[0])

    def test_a_server_that_requires_a_binding_refuses_a_client_without(self):
        for binding in UNBOUND:
            with self.subTest(binding=binding), \
                    self.gss_server(self.bindings_of("server"), True) as (address, peer):
                self.assertRefused(self.epa_login(address, "--binding", binding))
                self.assertEqual(peer.users, [interop_peer.USER])

    def test_a_client_that_says_that_there_is_no_channel(self):
        with self.gss_server(self.bindings_of("server")) as (address, peer):
            result = self.epa_login(address, "--binding", "none")
        self.assertEqual(result.returncode, 1 if OURS else 0)
        self.assertEqual(peer.users, [] if OURS else [interop_peer.USER])

    def test_a_server_that_binds_nothing_lets_a_bound_client_in(self):
        with self.gss_server(None) as (address, peer):
            self.assertLoggedIn(self.epa_login(address))
        self.assertNotIn(gssapi.RequirementFlag.channel_bound, peer.flags[0])

    def test_tokens_relayed_from_another_certificates_server(self):
        # What the acceptor of "server" gets from one who lured the client to his own server.
        with self.gss_server(self.bindings_of("server"),
                             certificate="mallory") as (address, peer):
            self.assertRefused(self.epa_login(address, certificate="mallory"))
        self.assertEqual(len(peer.errors), 1)
        self.assertEqual(peer.users, [])

    def test_wrong_password(self):
        with self.gss_server(self.bindings_of("server")) as (address, peer):
            self.assertRefused(self.epa_login(address, password="wrong-password"))
        self.assertEqual(len(peer.errors), 1)
        self.assertEqual(peer.users, [])


class RawNtlmTest(AcceptorCases, AcceptorTestCase):
    scheme = "NTLM"
    mechanism = NTLM


class SpnegoTest(AcceptorCases, AcceptorTestCase):
    """Which ends with the acceptor's MIC over the list of mechanisms, by keys both ends made."""

    scheme = "Negotiate"
    mechanism = SPNEGO

    def test_integrity_is_agreed(self):
        with self.gss_server(self.bindings_of("server")) as (address, peer):
            self.assertLoggedIn(self.epa_login(address))
        self.assertIn(gssapi.RequirementFlag.integrity, peer.flags[0])


if __name__ == "__main__":
    interop_peer.main()

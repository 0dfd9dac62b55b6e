"""Clients of web servers that do as a test says: NTLM by hand, a bridge between two TLS connections,
and a server behind a proxy."""

import base64
import contextlib
import hashlib
import http.client
import http.server
import select
import socket
import ssl
import struct
import threading

import interop_peer
from epa_command import PASSWORD, PATIENCE

ntlm = interop_peer.module("impacket.ntlm", "python3-impacket")
CHANNEL_BINDINGS = 10  # MsvAvChannelBindings, [MS-NLMP] 2.2.2.1


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()
        self.closes = response.will_close

    def challenges(self):
        return self.headers.get_all("WWW-Authenticate", [])

    def token(self, scheme):
        for challenge in self.challenges() + self.headers.get_all("Proxy-Authenticate", []):
            name, _, token = challenge.partition(" ")
            if name == scheme and token:
                return base64.b64decode(token)
        return None


class WireClient:
    """One connection."""

    def __init__(self, port, ca_file, name="localhost", ciphers=None, version=None, resumes=None):
        """`ciphers` are of TLS 1.2. `resumes` is a client whose session goes on."""
        if resumes is not None:
            self.context = resumes.context
        else:
            self.context = ssl.create_default_context(cafile=ca_file)
            # `ca_file` is the server's own certificate.
            self.context.check_hostname = False
            if ciphers is not None:
                self.context.set_ciphers(ciphers)
                version = ssl.TLSVersion.TLSv1_2
            if version is not None:
                self.context.minimum_version = self.context.maximum_version = version
        self.connection = http.client.HTTPSConnection(name, port, timeout=PATIENCE,
                                                      context=self.context)
        plain = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.local_port = plain.getsockname()[1]
        self.connection.sock = self.context.wrap_socket(
            plain, server_hostname=name,
            session=None if resumes is None else resumes.connection.sock.session)
        # A connection that the server ended is not opened anew.
        self.connection.auto_open = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def ask(self, path, credentials=None, method="GET", body=None, headers=None,
            field="Authorization"):
        fields = dict(headers or {})
        if credentials is not None:
            fields[field] = credentials
        self.connection.request(method, path, body=body, headers=fields)
        return Answer(self.connection.getresponse())

    def certificate(self):
        """The server's, in DER."""
        return self.connection.sock.getpeercert(binary_form=True)

    @staticmethod
    def bindings(certificate):
        """The token of a certificate that is signed with SHA-256 (RFC 5929 4.1)."""
        data = b"tls-server-end-point:" + hashlib.sha256(certificate).digest()
        return hashlib.md5(bytes(16) + struct.pack("<I", len(data)) + data).digest()

    def log_in(self, path, user="alice", password=PASSWORD, bound=True, scheme="NTLM",
               certificate=None, between=lambda: None, **request):
        """The answers to both messages, and what happens `between` them. `certificate`: to bind another one, in DER."""
        if bound and certificate is None:
            certificate = self.certificate()
        negotiate = ntlm.getNTLMSSPType1("WS", "DEMO", True, use_ntlmv2=True)
        first = self.ask(path, credential(scheme, negotiate.getData()), **request)
        token = first.token(scheme)
        if token is None:
            return first, None
        between()
        challenge = token
        if bound:
            challenge = with_binding(token, self.bindings(certificate))
        authenticate, _ = ntlm.getNTLMSSPType3(negotiate, challenge, user, password,
                                               "DEMO", use_ntlmv2=True)
        return first, self.ask(path, credential(scheme, authenticate.getData()), **request)


def unfinished_login():
    """The credentials of a login's first message."""
    return credential("NTLM", ntlm.getNTLMSSPType1("WS", "DEMO", True, use_ntlmv2=True).getData())


def with_binding(challenge, binding):
    """A challenge that asks for what impacket is to answer: it sends what it was sent."""
    length, _, offset = struct.unpack_from("<HHI", challenge, 40)  # [MS-NLMP] 2.2.1.2
    pairs = ntlm.AV_PAIRS(challenge[offset:offset + length])
    pairs[CHANNEL_BINDINGS] = binding
    info = pairs.getData()
    fields = struct.pack("<HHI", len(info), len(info), len(challenge))
    return challenge[:40] + fields + challenge[48:] + info


class ProxyClient(WireClient):
    """A connection to a proxy, without TLS."""

    def __init__(self, port):  # pylint: disable=super-init-not-called
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self.connection.connect()
        self.connection.auto_open = 0


def credential(scheme, token):
    return f"{scheme} {base64.b64encode(token).decode()}"


def pass_on(one, other):
    """What either side of two TLS connections sends, until one ends. One thread: OpenSSL's
    connections do not stand two."""
    one.setblocking(False)
    other.setblocking(False)
    while True:
        waiting = True
        for source, target in ((one, other), (other, one)):
            try:
                octets = source.recv(65536)
            except ssl.SSLWantReadError:
                continue
            if not octets:
                return
            waiting = False
            target.setblocking(True)
            target.sendall(octets)
            target.setblocking(False)
        if waiting and not select.select([one, other], [], [], PATIENCE)[0]:
            return


class Listener:
    """Serves each connection on a thread of its own; ends with close()."""

    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve_quietly, args=(client,), daemon=True).start()

    def _serve_quietly(self, client):
        with client, contextlib.suppress(OSError, ssl.SSLError):
            self.serve(client)

    def close(self):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


class Bridge(Listener):
    """Who sits in the middle: ends TLS with a certificate of its own and passes all on."""

    def __init__(self, certificate, key, server_port):
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, key)
        self._server_port = server_port
        super().__init__()

    def serve(self, client):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        plain = socket.create_connection(("127.0.0.1", self._server_port), PATIENCE)
        with self._context.wrap_socket(client, server_side=True) as victim, \
                context.wrap_socket(plain, server_hostname="localhost") as server:
            pass_on(victim, server)


class SharingProxy(Listener):
    """A reverse proxy that sends what all of its clients ask over one connection of its own."""

    def __init__(self, server_port, ca_file):
        self._upstream = WireClient(server_port, ca_file)
        self._turn = threading.Lock()
        super().__init__()

    def serve(self, client):
        with client.makefile("rwb") as stream:
            while request := stream.readline():
                headers = http.client.parse_headers(stream)
                with self._turn:
                    answer = self._upstream.ask(request.split()[1].decode(),
                                                headers.get("Authorization"))
                fields = "".join(f"WWW-Authenticate: {challenge}\r\n"
                                 for challenge in answer.challenges())
                stream.write(f"HTTP/1.1 {answer.status} -\r\n{fields}Content-Length: "
                             f"{len(answer.body)}\r\n\r\n".encode() + answer.body)
                stream.flush()

    def close(self):
        super().close()
        self._upstream.connection.close()


class Backend:
    """The server behind a proxy: keeps what it was asked, and speaks an upgraded protocol."""

    def __init__(self):
        self.requests = []
        backend = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):  # pylint: disable=invalid-name
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                backend.requests.append((self.command, self.path, self.headers, body))
                if self.headers.get("Upgrade", "") == "websocket":
                    self.send_response(101)
                    self.send_header("Upgrade", "websocket")
                    self.send_header("Connection", "Upgrade")
                    self.end_headers()
                    while octets := self.connection.recv(65536):
                        self.connection.sendall(octets)
                    return
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            do_POST = do_GET  # pylint: disable=invalid-name

            def log_message(self, *_):  # pylint: disable=arguments-differ
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

#!/usr/bin/env python3
"""Logs in to an HTTPS server by Negotiate with libepa-sspi and nothing else than Python's library.

usage: sspi_login.py URL USER PASSWORD_FILE [--ca CA.pem] [--library PATH] [--unbound]

USER is DOMAIN\\user. Prints what the server answers. Exit status 1 when the login is refused, which
--unbound shows: a client that binds nothing is one that was lured elsewhere, to a strict server.
"""

import argparse
import base64
import ctypes
import hashlib
import http.client
import ssl
import sys
import urllib.parse

SEC_E_OK = 0
SEC_I_CONTINUE_NEEDED = 0x00090312
SECPKG_CRED_OUTBOUND = 2
SECBUFFER_TOKEN, SECBUFFER_CHANNEL_BINDINGS = 2, 14
SECURITY_NATIVE_DREP = 0x10
SEC_WINNT_AUTH_IDENTITY_ANSI = 1


class SecHandle(ctypes.Structure):
    _fields_ = [("lower", ctypes.c_void_p), ("upper", ctypes.c_void_p)]


class SecBuffer(ctypes.Structure):
    _fields_ = [("size", ctypes.c_uint32), ("type", ctypes.c_uint32), ("data", ctypes.c_void_p)]


class SecBufferDesc(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("count", ctypes.c_uint32),
                ("buffers", ctypes.POINTER(SecBuffer))]


class AuthIdentity(ctypes.Structure):
    _fields_ = [("user", ctypes.c_char_p), ("user_length", ctypes.c_uint32),
                ("domain", ctypes.c_char_p), ("domain_length", ctypes.c_uint32),
                ("password", ctypes.c_char_p), ("password_length", ctypes.c_uint32),
                ("flags", ctypes.c_uint32)]


class ChannelBindings(ctypes.Structure):
    """SEC_CHANNEL_BINDINGS; the application data follows it."""
    _fields_ = [(name, ctypes.c_uint32) for name in (
        "initiator_type", "initiator_length", "initiator_offset", "acceptor_type",
        "acceptor_length", "acceptor_offset", "application_length", "application_offset")]


def describe(*buffers):
    return SecBufferDesc(0, len(buffers), (SecBuffer * len(buffers))(*buffers))


def buffer_of(kind, octets):
    """A SecBuffer and the memory it points to, which has to be kept."""
    memory = ctypes.create_string_buffer(octets, len(octets))
    return SecBuffer(len(octets), kind, ctypes.cast(memory, ctypes.c_void_p)), memory


def endpoint_bindings(certificate):
    """tls-server-end-point (RFC 5929 4.1) of a certificate that is signed with SHA-256 or less."""
    data = b"tls-server-end-point:" + hashlib.sha256(certificate).digest()
    header = ChannelBindings(application_length=len(data),
                             application_offset=ctypes.sizeof(ChannelBindings))
    return bytes(header) + data


class Client:
    """A login as one user to one target."""

    def __init__(self, library, user, password, target, bindings):
        self.sspi = ctypes.CDLL(library)
        self.target = target.encode()
        self.bindings = bindings
        self.context = None
        self.credentials = SecHandle()
        domain, _, name = user.encode().rpartition(b"\\")
        identity = AuthIdentity(name, len(name), domain, len(domain), password, len(password),
                                SEC_WINNT_AUTH_IDENTITY_ANSI)
        self.check(self.sspi.epa_AcquireCredentialsHandleA(
            None, b"Negotiate", SECPKG_CRED_OUTBOUND, None, ctypes.byref(identity), None, None,
            ctypes.byref(self.credentials), None))

    @staticmethod
    def check(status, *others):
        status &= 0xFFFFFFFF
        if status not in (SEC_E_OK, *others):
            sys.exit(f"sspi_login: 0x{status:08X}")
        return status

    def step(self, token):
        """Our next token, after the server's."""
        inputs = [buffer_of(SECBUFFER_TOKEN, token)] if token else []
        if self.bindings:
            inputs.append(buffer_of(SECBUFFER_CHANNEL_BINDINGS, self.bindings))
        answer, memory = buffer_of(SECBUFFER_TOKEN, bytes(65536))
        received, sent = describe(*(buffer for buffer, _ in inputs)), describe(answer)
        made = self.context or SecHandle()
        attributes = ctypes.c_uint32()
        self.check(self.sspi.epa_InitializeSecurityContextA(
            ctypes.byref(self.credentials), self.context and ctypes.byref(self.context),
            self.target, 0, 0, SECURITY_NATIVE_DREP, ctypes.byref(received), 0, ctypes.byref(made),
            ctypes.byref(sent), ctypes.byref(attributes), None), SEC_I_CONTINUE_NEEDED)
        self.context = made
        return memory.raw[:sent.buffers[0].size]

    def close(self):
        if self.context:
            self.sspi.epa_DeleteSecurityContext(ctypes.byref(self.context))
        self.sspi.epa_FreeCredentialsHandle(ctypes.byref(self.credentials))


def log_in(connection, path, client):
    """The answer to GET once the server has let us in, or its refusal."""
    fields = {}
    while True:
        connection.request("GET", path, headers=fields)
        response = connection.getresponse()
        body = response.read()
        offers = dict(offer.partition(" ")[::2]
                      for offer in response.headers.get_all("WWW-Authenticate", []))
        text = offers.get("Negotiate")
        # A server that refuses begins anew, without a token.
        if response.status != 401 or text is None or (fields and not text):
            return response.status, body
        token = client.step(base64.b64decode(text))
        fields = {"Authorization": "Negotiate " + base64.b64encode(token).decode()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url")
    parser.add_argument("user")
    parser.add_argument("password_file")
    parser.add_argument("--ca", help="PEM certificates to trust; default: the system's")
    parser.add_argument("--library", default="libepa-sspi.so.1")
    parser.add_argument("--unbound", action="store_true", help="bind nothing")
    options = parser.parse_args()
    url = urllib.parse.urlsplit(options.url)
    with open(options.password_file, "rb") as file:
        password = file.readline().rstrip(b"\r\n")
    connection = http.client.HTTPSConnection(
        url.hostname, url.port, context=ssl.create_default_context(cafile=options.ca))
    connection.connect()
    certificate = connection.sock.getpeercert(binary_form=True)
    client = Client(options.library, options.user, password, "HTTP/" + url.hostname,
                    None if options.unbound else endpoint_bindings(certificate))
    status, body = log_in(connection, url.path or "/", client)
    client.close()
    connection.close()
    if status != 200:
        sys.exit(f"sspi_login: the server answers {status}")
    print(body.decode())


if __name__ == "__main__":
    main()

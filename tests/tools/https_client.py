"""A TLS connection to a server of a test, and HTTP on it as it is written."""

import contextlib
import socket
import ssl


@contextlib.contextmanager
def tls_client(server, ca_file, name="localhost"):
    context = ssl.create_default_context(cafile=ca_file)
    context.check_hostname = False
    if name == "ec":
        context.set_ciphers("ECDHE-ECDSA-AES256-GCM-SHA384")
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    elif name == "server":
        context.set_ciphers("ECDHE-RSA-AES256-GCM-SHA384")
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    with socket.create_connection(("127.0.0.1", server.port), 10) as plain:
        with context.wrap_socket(plain, server_hostname="localhost",
                                 suppress_ragged_eofs=False) as client:
            yield client


def read_response(client):
    """The head of the next response and what came after it."""
    response = b""
    while b"\r\n\r\n" not in response:
        received = client.recv(65536)
        if not received:
            break
        response += received
    head, _, rest = response.partition(b"\r\n\r\n")
    return head, rest


def request(client, text):
    """Sends text; the head of the response and what came after it."""
    client.sendall(text.encode("latin-1"))
    return read_response(client)

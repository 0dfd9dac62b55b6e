"""Somebody in the middle: ends TLS with a certificate of its own, and passes on what it hears inside
TLS to the server."""

import contextlib
import select
import socket
import ssl
import threading

from epa_command import PATIENCE


@contextlib.contextmanager
def tls_relay(certificate, key, target, trusted):
    """Its port, while it runs; `target` is the server's, whose certificate is `trusted`."""
    listener = socket.create_server(("127.0.0.1", 0))
    outside = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    outside.load_cert_chain(certificate, key)
    inside = ssl.create_default_context(cafile=trusted)

    def serve():
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with contextlib.suppress(OSError), client, socket.create_connection(
                    ("127.0.0.1", target), PATIENCE) as server:
                client.settimeout(PATIENCE)
                with outside.wrap_socket(client, server_side=True) as heard, \
                        inside.wrap_socket(server, server_hostname="localhost") as said:
                    relay(heard, said)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        # A listener that somebody waits on is woken by its end of reading.
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(PATIENCE)


def relay(client, server):
    """Until either ends."""
    other = {client: server, server: client}
    for one in other:
        one.setblocking(False)
    while ready := select.select(list(other), [], [], PATIENCE)[0]:
        for one in ready:
            with contextlib.suppress(ssl.SSLWantReadError):
                octets = one.recv(16384)
                if not octets:
                    return
                other[one].sendall(octets)

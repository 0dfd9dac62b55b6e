"""An HTTP client that carries whatever tokens a test makes, on one connection."""

import base64
import http.client
import ssl

import interop_peer

PATIENCE = 20


class TokenClient:
    def __init__(self, site, scheme):
        self._scheme = scheme
        self._connection = http.client.HTTPSConnection(
            "127.0.0.1", site.port, timeout=PATIENCE,
            context=ssl.create_default_context(cafile=site.ca_file))
        self._connection.connect()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._connection.close()

    def certificate(self):
        """The server's, in DER."""
        return self._connection.sock.getpeercert(binary_form=True)

    def send(self, token):
        """Sends a token; the answer, and the token in it or None."""
        self._connection.request("GET", "/", headers={
            "Authorization": f"{self._scheme} {base64.b64encode(token).decode()}"})
        response = self._connection.getresponse()
        body = response.read()
        for challenge in response.headers.get_all("WWW-Authenticate", []):
            scheme, _, token = challenge.partition(" ")
            if scheme == self._scheme and token:
                return interop_peer.Answer(response.status, body), base64.b64decode(token)
        return interop_peer.Answer(response.status, body), None

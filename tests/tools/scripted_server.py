"""An HTTP server that answers what a test tells it to, request by request."""

import socket
import threading


class ScriptedServer:
    """Gives the n-th request the n-th answer, over all connections; "close" among them ends one.

    `requests` has the heads of the requests, `connections` how many were made.
    """

    def __init__(self, *answers):
        self._answers = list(answers)
        self.requests = []
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/"
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._listener.close()

    def _serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            with connection:
                self._converse(connection)

    def _converse(self, connection):
        while self._answers:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                received = connection.recv(65536)
                if not received:
                    return
                head += received
            self.requests.append(head.decode("latin-1"))
            answer = self._answers.pop(0)
            connection.sendall(answer.encode("latin-1"))
            if "Connection: close" in answer or answer.startswith("HTTP/1.0"):
                return


def answer(status, *fields, body=""):
    """One response, whole."""
    head = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *fields]
    return "\r\n".join(head) + "\r\n\r\n" + body


def interim(status):
    return f"HTTP/1.1 {status} X\r\nLink: </x>\r\n\r\n"

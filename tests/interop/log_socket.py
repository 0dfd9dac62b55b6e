"""Where programs send what they log."""

import contextlib
import os
import socket


class LogSocket:
    """Anybody may write to it. Ends with close()."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.bind(path)
        os.chmod(path, 0o666)

    def close(self):
        self._socket.close()

    def received(self):
        """The messages since the last call."""
        messages = []
        with contextlib.suppress(BlockingIOError):
            while True:
                messages.append(self._socket.recv(1 << 18))
        return messages

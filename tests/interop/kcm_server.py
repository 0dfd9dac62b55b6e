"""A credential cache daemon: KCM's protocol as far as MIT's kinit and libkrb5 need it."""

import os
import socket
import struct
import threading

NO_CACHE = -1765328189  # KRB5_FCC_NOFILE
UNSUPPORTED = -1765328188  # KRB5_FCC_INTERNAL
(INITIALIZE, DESTROY, STORE, GET_PRINCIPAL, CREDENTIAL_UUIDS, CREDENTIAL_BY_UUID, SET_FLAGS,
 CACHE_UUIDS, DEFAULT_CACHE, GET_OFFSET, SET_OFFSET) = 4, 5, 6, 8, 9, 10, 12, 18, 20, 22, 23


class KcmServer:
    """Listens at `path` until close(). Principals and credentials stay as the clients wrote them."""

    def __init__(self, directory):
        self.path = os.path.join(directory, "kcm")
        self._caches = {}
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.path)
        self._listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with client, client.makefile("rb") as stream:
            while len(size := stream.read(4)) == 4:
                request = stream.read(struct.unpack(">I", size)[0])
                # The version's two octets, the operation, the name of the cache.
                operation = struct.unpack(">H", request[2:4])[0]
                name, _, rest = request[4:].partition(b"\0")
                code, answer = self._answer(operation, name, rest)
                # A code of the transport stands before the message, which begins with its own.
                client.sendall(struct.pack(">Iii", len(answer) + 4, 0, code) + answer)

    def _answer(self, operation, name, rest):
        if operation == INITIALIZE:
            self._caches[name] = (rest, [])
            return 0, b""
        if operation == DEFAULT_CACHE:
            return 0, b"default\0"
        if operation == CACHE_UUIDS:
            return 0, b""
        if operation not in (DESTROY, STORE, GET_PRINCIPAL, CREDENTIAL_UUIDS, CREDENTIAL_BY_UUID,
                             SET_FLAGS, GET_OFFSET, SET_OFFSET):
            return UNSUPPORTED, b""
        if name not in self._caches:
            return NO_CACHE, b""
        principal, credentials = self._caches[name]
        if operation == STORE:
            credentials.append(rest)
        elif operation == DESTROY:
            del self._caches[name]
        elif operation == GET_PRINCIPAL:
            return 0, principal
        elif operation == CREDENTIAL_UUIDS:
            return 0, b"".join(struct.pack(">QQ", 0, i) for i in range(len(credentials)))
        elif operation == CREDENTIAL_BY_UUID:
            return 0, credentials[struct.unpack(">QQ", rest)[1]]
        elif operation == GET_OFFSET:
            return 0, struct.pack(">i", 0)
        return 0, b""

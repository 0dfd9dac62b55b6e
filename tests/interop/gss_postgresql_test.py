"""PostgreSQL's logins by GSS-API over TLS, and the plug-in, as docs/gss.md has it."""

import contextlib
import os
import socket
import ssl
import struct
import subprocess

import gss_plugin
from epa_command import ReservedPort
from gss_document import blocks, recipe
from interop_peer import program
from kerberos_realm import start_server, stop_server, wait_for_port

FOLDER = "/usr/lib/postgresql/15/bin/"
PLACES = (("/etc/postgresql/15/main/server.pem", "server.pem"),
          ("/etc/postgresql/15/main/postgres.keytab", "service.keytab"),
          ("extended-protection = 2\n", ""), ("audit = journal", "audit = audit.jsonl"))
SETTINGS = """listen_addresses = '127.0.0.1'
unix_socket_directories = ''
ssl = on
ssl_cert_file = '{here}/server.pem'
ssl_key_file = '{here}/server.key'
krb_server_keyfile = 'FILE:{here}/service.keytab'
fsync = off
"""


class Client:
    """A client of version 3 of its protocol: TLS, then GSS-API's tokens in messages."""

    GSS, GSS_CONTINUE, DONE = 7, 8, 0

    def __init__(self, port, ca_file):
        plain = socket.create_connection(("127.0.0.1", port), timeout=60)
        plain.sendall(struct.pack(">II", 8, 80877103))  # SSLRequest
        if plain.recv(1) != b"S":
            raise RuntimeError("no TLS")
        self._socket = ssl.create_default_context(cafile=ca_file).wrap_socket(
            plain, server_hostname="localhost")

    def close(self):
        self._socket.close()

    def _receive(self, size):
        octets = b""
        while len(octets) < size:
            more = self._socket.recv(size - len(octets))
            if not more:
                raise EOFError
            octets += more
        return octets

    def _message(self):
        kind, size = struct.unpack(">cI", self._receive(5))
        return kind, self._receive(size - 4)

    def log_in(self, token):
        """Whether the client's first token lets it in."""
        body = struct.pack(">I", 196608) + b"user\0alice\0database\0postgres\0\0"
        self._socket.sendall(struct.pack(">I", len(body) + 4) + body)
        kind, body = self._message()
        if (kind, body) != (b"R", struct.pack(">I", self.GSS)):
            raise RuntimeError(f"{kind} {body}")
        self._socket.sendall(struct.pack(">cI", b"p", len(token) + 4) + token)
        while True:
            kind, body = self._message()
            if kind == b"E":
                return False
            if (kind, body[:4]) == (b"R", struct.pack(">I", self.DONE)):
                return True
            if (kind, body[:4]) != (b"R", struct.pack(">I", self.GSS_CONTINUE)):
                raise RuntimeError(f"{kind} {body}")


class PostgresqlTest(gss_plugin.GssPluginCase):
    services = ["postgres/localhost"]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        os.chmod(cls.path("server.key"), 0o600)
        data = cls.path("data")
        cls.run_program("initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync")
        cls.write("data/pg_hba.conf", "".join(blocks("text", "PostgreSQL")))
        with open(cls.path("data/postgresql.conf"), "a", encoding="ascii") as file:
            file.write(SETTINGS.replace("{here}", cls.directory.name))
        # Nobody else may be in yet: the user is made without a server.
        subprocess.run([program(FOLDER + "postgres", "postgresql-15"), "--single", "-D", data,
                        "postgres"], input="create role alice login;\n", text=True, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    @staticmethod
    def run_program(name, *arguments):
        subprocess.run([program(FOLDER + name, "postgresql-15"), *arguments], check=True,
                       stdout=subprocess.DEVNULL)

    @contextlib.contextmanager
    def postgres(self, mode):
        self.heard = 0
        with contextlib.suppress(FileNotFoundError):
            os.remove(self.path("audit.jsonl"))
        self.write("epa.conf", recipe("service database", PLACES) +
                   f"extended-protection = {mode}\n")
        port = ReservedPort()
        process = start_server([program(FOLDER + "postgres", "postgresql-15"), "-D",
                                self.path("data"), "-p", str(port.number)],
                               self.server_environment(None, EPA_CONF=self.path("epa.conf")))
        try:
            wait_for_port(port.number, process)
            self.eventually(lambda: self.is_ready(port.number))
            yield port.number
        finally:
            stop_server(process)
            port.close()

    @staticmethod
    def is_ready(port):
        return subprocess.run([program(FOLDER + "pg_isready", "postgresql-15"), "-q", "-h",
                               "127.0.0.1", "-p", str(port)], check=False).returncode == 0

    def with_token(self, port, binding, **client):
        token = self.first_token(binding and self.binding(binding), target="postgres@localhost",
                                 **client)
        with contextlib.closing(Client(port, self.path("server.pem"))) as connection:
            return connection.log_in(bytes.fromhex(token))

    def with_psql(self, port, protection="gssencmode=disable"):
        """libpq binds nothing."""
        return subprocess.run(
            [program("psql", "postgresql-client-15"), "-X", "-At", "-c", "select current_user",
             f"host=localhost hostaddr=127.0.0.1 port={port} user=alice dbname=postgres "
             f"sslmode=verify-full sslrootcert={self.path('server.pem')} {protection}"],
            env=self.realm.client_environment(self.cache), capture_output=True, text=True,
            timeout=60, check=False)

    def check(self, accepted, expected, binding):
        event = self.the_event()
        self.assertEqual(accepted, expected, event)
        self.assertEqual(event["outcome"], "accepted" if expected else "refused", event)
        self.assertEqual(event["binding"], binding, event)
        self.assertEqual(event["user"], "alice")

    def test_in_each_mode(self):
        # A client that was lured to mallory has bound mallory's certificate.
        clients = (("matched", "server", {}, (True, True, True)),
                   ("mismatched", "another", {}, (True, False, False)),
                   ("mismatched", "mallory", {}, (True, False, False)),
                   ("explicit_none", None, {"aware": True}, (True, False, False)),
                   ("absent", None, {}, (True, True, False)))
        for index, mode in enumerate(("0", "1", "2")):
            with self.postgres(mode) as port:
                for seen, binding, client, verdicts in clients:
                    with self.subTest(mode=mode, seen=seen, binding=binding):
                        self.check(self.with_token(port, binding, **client), verdicts[index], seen)
                with self.subTest(mode=mode, client="psql"):
                    result = self.with_psql(port)
                    self.check(result.returncode == 0, mode != "2", "absent")
                    self.assertEqual(result.stdout, "alice\n" if mode != "2" else "")

    def test_gssapis_own_encryption(self):
        """There is no certificate: mode 2 lets nobody begin it."""
        with self.postgres("2") as port:
            result = self.with_psql(port, "gssencmode=require")
            self.check(result.returncode == 0, False, "absent")


if __name__ == "__main__":
    gss_plugin.main()

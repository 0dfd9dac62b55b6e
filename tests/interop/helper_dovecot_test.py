"""Dovecot with `epa helper`, as docs/helper.md has it: IMAP over TLS, NTLM with bindings."""

import base64
import contextlib
import getpass
import grp
import os
import re
import socket
import ssl
import subprocess

import helper_recipe
import interop_peer
from epa_command import PATIENCE, ReservedPort, json_lines, run
from helper_peer import Client, HelperTestCase
from kerberos_realm import start_server, stop_server, wait_for_port

DOVECOT = interop_peer.program("/usr/sbin/dovecot", "dovecot-imapd")
CURL = interop_peer.program("curl", "curl")
# What does not belong in a recipe: a private instance of an ordinary user.
PRIVATE = """
base_dir = {directory}/run
log_path = {directory}/dovecot.log
mail_location = maildir:{directory}/mail/%n
protocols = imap
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={directory}/home/%n
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
  }}
}}
"""


class Imap:
    """A client's connection."""

    def __init__(self, port, ca_file):
        plain = socket.create_connection(("127.0.0.1", port), PATIENCE)
        context = ssl.create_default_context(cafile=ca_file)
        self._socket = context.wrap_socket(plain, server_hostname="localhost")
        self._file = self._socket.makefile("rb")
        self._file.readline()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._file.close()
        self._socket.close()

    def begin(self, client):
        """The challenge."""
        self._send("a AUTHENTICATE NTLM")
        self._read()
        self._send(client.first)
        return self._read().removeprefix("+ ")

    def go_on(self, answer):
        """Whether the server lets the client in."""
        self._send(answer)
        while not (line := self._read()).startswith("a "):
            pass
        return line.startswith("a OK")

    def _send(self, line):
        self._socket.sendall(line.encode() + b"\r\n")

    def _read(self):
        return self._file.readline().decode().strip()


class DovecotTest(HelperTestCase):
    @contextlib.contextmanager
    def server(self, *options):
        recipe = helper_recipe.block("auth_use_winbind").replace(
            "/usr/bin/epa-helper", helper_recipe.program_of(self))
        recipe = recipe.replace("/etc/ssl/mail.pem", self.path("server.pem")).replace(
            "/etc/ssl/private/mail.key", self.path("server.key"))
        port = ReservedPort()
        self.addCleanup(port.close)
        configuration = self.write("dovecot.conf", recipe + PRIVATE.format(
            directory=self.directory.name, user=getpass.getuser(), uid=os.getuid(),
            gid=os.getgid(), group=grp.getgrgid(os.getgid()).gr_name, port=port.number))
        os.makedirs(self.path("run"), exist_ok=True)
        self.audit = self.path(self.id() + ".audit")
        with self.service("--cert", self.path("server.pem"), "--audit", self.audit, *options):
            server = start_server([DOVECOT, "-F", "-c", configuration], {})
            try:
                wait_for_port(port.number, server)
                yield port.number
            finally:
                stop_server(server)

    def log_in(self, port, certificate, **client):
        with Client(self, certificate=certificate, **client) as user:
            with Imap(port, self.path("server.pem")) as imap:
                return imap.go_on(user.answer(imap.begin(user)))

    def test_modes(self):
        self.make_certificate("other", "rsa:2048")
        for mode, expected in (("0", [True, True, True, True]), ("1", [True, False, True, False]),
                               ("2", [False, False, True, False])):
            with self.subTest(mode=mode), self.server("--extended-protection", mode) as port:
                channels = ("", "-", self.path("server.pem"), self.path("other.pem"))
                self.assertEqual([self.log_in(port, channel) for channel in channels], expected)
                self.assertEqual([event["binding"] for event in json_lines(self.audit)],
                                 ["absent", "explicit_none", "matched", "mismatched"])
                os.remove(self.audit)

    def test_interleaved_logins(self):
        """Dovecot has one helper for all, and does not say whose token it passes on."""
        with self.server() as port, contextlib.ExitStack() as stack:
            logins = []
            for _ in range(2):
                client = stack.enter_context(Client(self, certificate=self.path("server.pem")))
                imap = stack.enter_context(Imap(port, self.path("server.pem")))
                logins.append((client, imap, imap.begin(client)))
            for client, imap, challenge in reversed(logins):
                self.assertTrue(imap.go_on(client.answer(challenge)))
            # One after the other begins and another one fails in between.
            first = stack.enter_context(Client(self, certificate=self.path("server.pem")))
            imap = stack.enter_context(Imap(port, self.path("server.pem")))
            challenge = imap.begin(first)
            self.assertFalse(self.log_in(port, self.path("server.pem"),
                                         password="wrong-password"))
            self.assertTrue(imap.go_on(first.answer(challenge)))

    def test_another_clients_challenge(self):
        with self.server("--extended-protection", "0") as port, contextlib.ExitStack() as stack:
            client = stack.enter_context(Client(self))
            imap = stack.enter_context(Imap(port, self.path("server.pem")))
            challenge = imap.begin(client)
            with Imap(port, self.path("server.pem")) as thief:
                with Client(self, password="wrong-password") as other:
                    thief.begin(other)
                    self.assertFalse(thief.go_on(other.answer(challenge)))
            # It was spent on the wrong answer, and cannot be answered again.
            self.assertFalse(imap.go_on(client.answer(challenge)))
            self.assertTrue(self.log_in(port, ""))

    def test_our_client(self):
        states = (("omit", interop_peer.ABSENT), ("none", interop_peer.EXPLICIT_NONE),
                  ("auto", interop_peer.MATCHED))
        for mode in interop_peer.MODES:
            with self.server("--extended-protection", mode) as port:
                for option, (binding, verdicts) in states:
                    accepted, reason = verdicts[int(mode)]
                    with self.subTest(mode=mode, binding=binding):
                        done = run("login", "imap", f"imaps://localhost:{port}", "--mechanism",
                                   "NTLM", "--user", interop_peer.USER, "--password-file",
                                   self.path("password"), "--ca", self.path("server.pem"),
                                   "--binding", option)
                        self.assertEqual(done.returncode == 0, accepted, done.stderr)
                        event = json_lines(self.audit)[-1]
                        self.assertEqual((event["binding"], event["reason"]), (binding, reason))
                os.remove(self.audit)

    def test_curl(self):
        for mode, accepted in (("1", True), ("2", False)):
            with self.subTest(mode=mode), self.server("--extended-protection", mode) as port:
                done = subprocess.run(
                    [CURL, "-q", "-sS", "--noproxy", "*", "--cacert", self.path("server.pem"),
                     "--max-time", "20", "--login-options", "AUTH=NTLM", "-K", "-",
                     f"imaps://localhost:{port}/"],
                    input='user = "DEMO\\\\alice:correct horse"\n', capture_output=True, text=True,
                    timeout=60, check=False)
                self.assertEqual(done.returncode == 0, accepted, done.stderr)
                reason, = [event["reason"] for event in json_lines(self.audit)]
                self.assertTrue(re.match("binding_missing", reason), reason)
                os.remove(self.audit)

    def test_what_is_no_token(self):
        with self.server("--extended-protection", "0") as port:
            for token in (b"", b"A", b"NTLMSSP\0\3\0\0\0"):
                with Imap(port, self.path("server.pem")) as imap, Client(self) as client:
                    imap.begin(client)
                    self.assertFalse(imap.go_on(base64.b64encode(token).decode()))
            self.assertTrue(self.log_in(port, ""))


if __name__ == "__main__":
    interop_peer.main()

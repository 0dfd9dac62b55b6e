"""Postfix's smtpd, which is in a chroot when clients log in, and the plug-in, as docs/gss.md has it."""

import contextlib
import os
import re

import namespaces

namespaces.enter_namespaces(several_users=True)
namespaces.run("ip", "link", "set", "lo", "up")

# pylint: disable=wrong-import-position
import epa_command
import gss_plugin
import postfix_server
from gss_document import blocks, recipe
from interop_peer import ABSENT, EXPLICIT_NONE, MATCHED, MISMATCHED
from tls_relay import tls_relay

PORT = 4650
PLACES = (("/etc/ssl/certs/mail.pem", "server.pem"), ("/etc/postfix/smtp.keytab", "service.keytab"))


class PostfixTest(gss_plugin.GssPluginCase):
    services = ["smtp/localhost"]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        postfix_server.prepare(cls.directory.name)
        postfix_server.install(cls.realm.keytab, "smtp.keytab")
        postfix_server.install(cls.write("smtpd.conf", cls.block("mech_list")), "sasl/smtpd.conf")

    @staticmethod
    def block(word):
        """The block of the document that begins with the word."""
        text, = (block for kind in ("text", "sh elsewhere") for block in
                 blocks(kind, "Dovecot, Postfix") if block.startswith(word))
        return text

    @contextlib.contextmanager
    def postfix(self, mode):
        self.heard = 0
        with contextlib.suppress(FileNotFoundError):
            os.remove(self.path("audit.jsonl"))
        self.write("epa.conf", recipe("smtp", PLACES) +
                   f"extended-protection = {mode}\naudit = audit.jsonl\n")
        # Here the plug-in and its configuration are not where a package puts them.
        environment = (f" EPA_CONF={self.path('epa.conf')}"
                       f" GSS_MECH_CONFIG={gss_plugin.MECHANISMS}")
        settings = re.sub(r"(import_environment =.*)", r"\1" + environment,
                          self.block("smtpd_sasl_auth_enable")).splitlines()
        with postfix_server.postfix(
                [*settings, "smtpd_tls_cert_file=" + self.path("server.pem"),
                 "smtpd_tls_key_file=" + self.path("server.key")],
                {PORT: ["smtpd_tls_wrappermode=yes"]}):
            namespaces.run("sh", "-c", self.block("install"))
            yield

    def log_in(self, binding, port=PORT, certificate="server"):
        return epa_command.run(
            "login", "smtp", f"smtps://localhost:{port}", "--mechanism", "GSSAPI", "--ca",
            self.path(certificate + ".pem"), "--ccache", self.cache, "--krb5-config",
            self.realm.configuration, "--binding", binding)

    def check(self, said, binding, accepted, reason):
        event = self.the_event()
        self.assertEqual(said.returncode == 0, accepted, (said.stdout + said.stderr, event))
        self.assertEqual((event["binding"], event["reason"], event["user"]),
                         (binding, reason, "alice"), event)

    def test_in_each_mode(self):
        clients = (("auto", MATCHED), ("omit", ABSENT), ("none", EXPLICIT_NONE))
        for index, mode in enumerate(("0", "1", "2")):
            with self.postfix(mode):
                for option, (binding, verdicts) in clients:
                    with self.subTest(mode=mode, binding=binding):
                        self.check(self.log_in(option), binding, *verdicts[index])
                binding, verdicts = MISMATCHED
                with self.subTest(mode=mode, binding=binding), tls_relay(
                        self.path("mallory.pem"), self.path("mallory.key"), PORT,
                        self.path("server.pem")) as middle:
                    said = self.log_in("auto", middle, "mallory")
                    self.check(said, binding, *verdicts[index])
                self.assertTrue(self.in_a_chroot())

    @staticmethod
    def in_a_chroot():
        """Whether each process of smtpd is where the configuration is not."""
        roots = []
        for process in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(FileNotFoundError):
                with open(f"/proc/{process}/comm", encoding="ascii") as name:
                    if name.read() == "smtpd\n":
                        roots.append(os.readlink(f"/proc/{process}/root"))
        return bool(roots) and set(roots) == {postfix_server.SPOOL}


if __name__ == "__main__":
    gss_plugin.main()

"""slapd and ldapwhoami with the plug-in for Cyrus SASL, as docs/sasl.md has it, and without."""

import contextlib
import os
import re
import subprocess

import epa_command
import slapd_server
from interop_peer import program
from kerberos_realm import KerberosRealm
from tls_relay import tls_relay

PLUGIN = os.environ["EPA_CYRUS_SASL"]
SECTION = """[ldap]
executable = slapd
gss = application
keytab = service.keytab
accounts = accounts
package = Negotiate
package = NTLM
package = Kerberos
audit = audit.jsonl
extended-protection = {mode}
"""
# What a client's own programs have: Debian's plug-ins, or ours before them.
CLIENTS = {"ours": ("GSSAPI", "GSS-SPNEGO", "NTLM"), "Debian's": ("GSSAPI", "GSS-SPNEGO")}


class CyrusSlapdTest(epa_command.EpaTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_certificate("mallory", "rsa:2048")
        # OpenLDAP's clients take "localhost" for this host's own name.
        cls.realm = KerberosRealm(cls.directory.name, ["ldap/127.0.0.1"])
        cls.addClassCleanup(cls.realm.close)
        cls.cache = cls.realm.ticket_cache()
        cls.write("accounts", "EXAMPLE:alice:secret-alice\n")

    @staticmethod
    def plugins(ours):
        """Of a process with our plug-in alone, or with Debian's."""
        return {"SASL_PATH": os.path.dirname(PLUGIN)} if ours else {}

    @contextlib.contextmanager
    def slapd(self, mode):
        """Its two addresses; mode None: without the plug-in."""
        self.heard = 0
        with contextlib.suppress(FileNotFoundError):
            os.remove(self.path("audit.jsonl"))
        self.write("epa.conf", SECTION.format(mode=mode or 2))
        environment = {**os.environ, "EPA_CONF": self.path("epa.conf"),
                       "KRB5_CONFIG": self.realm.configuration,
                       "KRB5_KTNAME": "FILE:" + self.realm.keytab, "KRB5RCACHENAME": "none:",
                       **self.plugins(mode is not None)}
        with slapd_server.slapd(self, environment) as ports:
            yield ports

    def who_am_i(self, address, client, mech, binding, certificate="server"):
        tickets = self.realm.client_environment(self.cache)
        environment = {**tickets, "LDAPTLS_CACERT": self.path(certificate + ".pem"),
                       **self.plugins(client == "ours")}
        tls = address.startswith("ldaps:")
        return subprocess.run(
            [program("ldapwhoami", "ldap-utils"), "-Q", "-N", "-Y", mech, "-H", address,
             "-U", "EXAMPLE\\alice", "-w", "secret-alice", "-o", f"SASL_CBINDING={binding}",
             # Debian's asks for a layer inside TLS, which this server refuses as controllers do.
             *(["-O", "maxssf=0"] if tls and client != "ours" else [])],
            env=environment, capture_output=True, text=True, timeout=60, check=False)

    def assert_login(self, accepted, *arguments, **options):
        result = self.who_am_i(*arguments, **options)
        self.assertEqual(result.returncode == 0, accepted, result.stdout + result.stderr)
        if accepted:
            self.assertRegex(result.stdout, re.compile("uid=alice", re.IGNORECASE))
        else:
            self.assertIn("Invalid credentials (49)", result.stderr)

    def assert_event(self, accepted, binding):
        events = epa_command.json_lines(self.path("audit.jsonl"))[self.heard:]
        self.heard += len(events)
        self.assertEqual([event["outcome"] for event in events],
                         ["accepted" if accepted else "refused"], events)
        self.assertEqual(events[0]["binding"], binding, events)
        self.assertEqual(events[0]["user"], "alice", events)

    def test_in_each_mode(self):
        for mode, unbound in (("0", True), ("1", True), ("2", False)):
            with self.slapd(mode) as (clear, tls):
                for client, mechs in CLIENTS.items():
                    for mech in mechs:
                        with self.subTest(mode=mode, client=client, mech=mech):
                            secure = f"ldaps://127.0.0.1:{tls}"
                            self.assert_login(True, secure, client, mech, "tls-endpoint")
                            self.assert_event(True, "matched")
                            self.assert_login(unbound, secure, client, mech, "none")
                            self.assert_event(unbound, "absent")
                            # With a security layer, of which slapd's messages are made.
                            self.assert_login(True, f"ldap://127.0.0.1:{clear}", client, mech,
                                              "none")
                            self.heard += 1

    def test_somebody_in_the_middle(self):
        for mode, accepted in (("0", True), ("1", False), ("2", False)):
            with self.slapd(mode) as (_, tls), \
                    tls_relay(self.path("mallory.pem"), self.path("mallory.key"), tls,
                              self.path("server.pem")) as port:
                for client, mechs in CLIENTS.items():
                    for mech in mechs:
                        with self.subTest(mode=mode, client=client, mech=mech):
                            self.assert_login(accepted, f"ldaps://127.0.0.1:{port}", client, mech,
                                              "tls-endpoint", certificate="mallory")
                            self.assert_event(accepted, "mismatched")

    def test_without_the_plugin_an_absent_binding_is_let_in(self):
        with self.slapd(None) as (_, tls):
            self.assert_login(True, f"ldaps://127.0.0.1:{tls}", "Debian's", "GSSAPI", "none")
            self.assertFalse(os.path.exists(self.path("audit.jsonl")))


if __name__ == "__main__":
    epa_command.main()

"""slapd, which serves with and without TLS at once, and the plug-in, as docs/gss.md has it."""

import contextlib
import os
import re
import subprocess

import gss_plugin
import slapd_server
from gss_document import recipe
from interop_peer import program

PLACES = (("/usr/sbin/slapd", "slapd"), ("/etc/ldap/ldap.keytab", "service.keytab"),
          ("extended-protection = 2\n", ""), ("audit = journal", "audit = audit.jsonl"))


class SlapdTest(gss_plugin.GssPluginCase):
    # OpenLDAP's clients take "localhost" for this host's own name.
    services = ["ldap/127.0.0.1"]

    @contextlib.contextmanager
    def slapd(self, mode):
        self.heard = 0
        with contextlib.suppress(FileNotFoundError):
            os.remove(self.path("audit.jsonl"))
        self.write("epa.conf", recipe("ldap", PLACES) + f"extended-protection = {mode}\n")
        environment = self.server_environment(None, EPA_CONF=self.path("epa.conf"))
        with slapd_server.slapd(self, environment) as (clear, tls):
            yield f"ldap://127.0.0.1:{clear}", f"ldaps://127.0.0.1:{tls}"

    def who_am_i(self, address, mech="GSSAPI", binding="tls-endpoint"):
        environment = {**self.realm.client_environment(self.cache),
                       "LDAPTLS_CACERT": self.path("server.pem")}
        return subprocess.run(
            [program("ldapwhoami", "ldap-utils"), "-Q", "-N", "-Y", mech, "-H", address,
             "-o", f"SASL_CBINDING={binding}"],
            env=environment, capture_output=True, text=True, timeout=60, check=False)

    def assert_verdict(self, result, accepted):
        self.assertEqual(result.returncode == 0, accepted, result.stdout + result.stderr)
        if accepted:
            self.assertRegex(result.stdout, re.compile("uid=alice", re.IGNORECASE))

    def test_in_each_mode(self):
        for mode, unbound in (("0", True), ("1", True), ("2", False)):
            with self.slapd(mode) as (clear, tls):
                for mech in ("GSSAPI", "GSS-SPNEGO"):
                    for address, binding, accepted in ((tls, "tls-endpoint", True),
                                                       (tls, "none", unbound),
                                                       (clear, "none", True)):
                        with self.subTest(mode=mode, mech=mech, address=address,
                                          binding=binding):
                            self.assert_verdict(self.who_am_i(address, mech, binding), accepted)
                            event = self.the_event()
                            self.assertEqual(event["outcome"],
                                             "accepted" if accepted else "refused", event)
                            self.assertEqual(event["user"], "alice")


if __name__ == "__main__":
    gss_plugin.main()

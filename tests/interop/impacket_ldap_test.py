"""impacket's LDAP client against `epa serve ldap`: NTLM by Sicily, Kerberos by GSS-SPNEGO. Debian's
version binds nothing."""

import os
import socket
import subprocess
import unittest.mock

import sasl_peer
from interop_peer import ABSENT, PASSWORD, module, program
from kerberos_realm import REALM, KerberosRealm

ldap = module("impacket.ldap.ldap", "python3-impacket")


class ImpacketLdapTest(sasl_peer.SaslTestCase):
    def binds(self, site, scheme, choice, password=PASSWORD):
        return self.logs_in(site, scheme, "127.0.0.1", lambda connection: connection.login(
            "alice", password, "DEMO", authenticationChoice=choice))

    def logs_in(self, site, scheme, host, login):
        """Whether it was let in."""
        find = socket.getaddrinfo

        def find_ours(host, _, *rest, **more):
            return find(host, site.port, *rest, **more)

        with unittest.mock.patch("socket.getaddrinfo", find_ours):
            connection = ldap.LDAPConnection(f"{scheme}://{host}")
            try:
                return login(connection)
            except ldap.LDAPSessionError as error:
                self.refusal = str(error)  # pylint: disable=attribute-defined-outside-init
                return False
            finally:
                connection.close()

    def test_sicily_in_all_modes(self):
        self.assert_in_all_modes("ldap", ABSENT,
                                 lambda site: self.binds(site, "ldaps", "sicilyNegotiate"),
                                 "--sicily", package="NTLM")

    def test_kerberos_in_all_modes(self):
        # It takes the ticket from the cache: a KDC it would ask on port 88.
        realm = KerberosRealm(self.directory.name, ["ldap/localhost"])
        self.addCleanup(realm.close)
        cache = realm.ticket_cache()
        subprocess.run([program("kvno", "krb5-user"), "ldap/localhost"],
                       env=realm.client_environment(cache), check=True, capture_output=True,
                       timeout=60)
        with unittest.mock.patch.dict(os.environ, {"KRB5CCNAME": cache}):
            self.assert_in_all_modes(
                "ldap", ABSENT, lambda site: self.logs_in(
                    site, "ldaps", "localhost", lambda connection: connection.kerberosLogin(
                        "alice", "", REALM, useCache=True)),
                "--keytab", realm.keytab, "--krb5-config", realm.configuration,
                package="Kerberos", user="alice", domain=REALM)

    def test_sicily_is_off_unless_asked_for(self):
        with self.site("ldap", "0") as site:
            # It takes the refusal for a challenge.
            with self.assertRaisesRegex(Exception, "NTLMSSP"):
                self.binds(site, "ldaps", "sicilyNegotiate")
            self.assertEqual(site.logins(), [])

    def test_a_refusal_tells_the_binding_from_the_password(self):
        with self.site("ldap", "2", "--sicily") as site:
            self.assertFalse(self.binds(site, "ldaps", "sicilyNegotiate"))
            self.assertIn("data 80090346", self.refusal)
            self.assertFalse(self.binds(site, "ldaps", "sicilyNegotiate", "wrong"))
            self.assertIn("data 52e", self.refusal)

    def test_signing_is_required_without_tls(self):
        with self.site("ldap", "0", "--sicily", tls="none") as site:
            self.assertFalse(self.binds(site, "ldap", "sicilyNegotiate"))
            self.assert_verdict(site, False, False, "security_layer_required")


if __name__ == "__main__":
    sasl_peer.main()

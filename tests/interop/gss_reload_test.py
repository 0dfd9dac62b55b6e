"""What the plug-in reads again in a process that goes on: certificates, accounts, keytab, settings."""

import contextlib
import os

import epa_command
import gss_plugin
from apache_server import ApacheServer
from gss_plugin import MECHANISMS, NTLM


class ReloadTest(gss_plugin.GssPluginCase):
    def replace(self, name, octets):
        """As an administrator's programs do: a whole file takes the place of another."""
        self.write("new", "")
        with open(self.path("new"), "wb") as file:
            file.write(octets)
        os.replace(self.path("new"), self.path(name))

    def octets_of(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def use_certificate(self, name):
        self.replace("current.pem", self.octets_of(name + ".pem"))

    def accepts(self, server, certificate):
        return server.ask(do="accept", bindings=None, token=self.first_token(
            certificate and self.binding(certificate)))["complete"]

    def test_a_certificate_is_replaced_and_the_old_one_counts_for_a_time(self):
        for seconds, old_counts in (("3600", True), ("0", False)):
            with self.subTest(seconds):
                self.use_certificate("server")
                server = self.server(self.configuration(
                    "2", f"certificate-roll-over = {seconds}", certificates=("current",)))
                self.assertTrue(self.accepts(server, "server"))
                self.assertFalse(self.accepts(server, "another"))
                self.use_certificate("another")
                self.eventually(lambda: self.accepts(server, "another"))
                self.assertEqual(self.accepts(server, "server"), old_counts)
                self.assertFalse(self.accepts(server, "mallory"))
                self.assertFalse(self.accepts(server, None))

    def running(self):
        """A process that reads all of its files from time to time."""
        self.replace("current.keytab", self.octets_of("service.keytab"))
        self.use_certificate("server")
        server = self.server(self.configuration(
            "2", "certificate-roll-over = 0", "keytab = current.keytab",
            certificates=("current",)))
        self.assertTrue(self.accepts(server, "server"))
        return server

    def check_that_nothing_changes(self, server, name, octets):
        """A file that cannot be used: what was read before it counts, and no more."""
        self.replace(name, octets)
        # It has looked at all of its files when it has seen two changes of another one.
        for certificate in ("another", "server"):
            self.use_certificate(certificate)
            self.eventually(lambda: self.accepts(server, certificate))
        self.assertFalse(self.accepts(server, "another"))
        self.assertFalse(self.accepts(server, None))

    def test_settings_that_are_cut_off(self):
        server = self.running()
        lenient = self.octets_of("epa.conf").replace(b"protection = 2", b"protection = 1")
        self.check_that_nothing_changes(server, "epa.conf", lenient[:-1])
        self.replace("epa.conf", lenient)
        self.eventually(lambda: self.accepts(server, None))

    def test_a_keytab_that_is_cut_off(self):
        server = self.running()
        good = self.octets_of("current.keytab")
        self.check_that_nothing_changes(server, "current.keytab", good[:-5])
        # A process that begins with it refuses.
        begun = self.server(self.configuration("2", "keytab = current.keytab"))
        self.assertFalse(self.accepts(begun, "server"))
        self.replace("current.keytab", good)
        self.eventually(lambda: self.accepts(begun, "server"))

    def test_a_new_account(self):
        self.write("current", "DEMO:somebody:else\n")
        server = self.server(self.configuration("0", "accounts = current"))
        client = self.worker({**os.environ, "GSS_MECH_CONFIG": MECHANISMS,
                              "EPA_CONF": self.path("no-such.conf"),
                              "NTLM_USER_FILE": self.path("accounts")})
        self.assertFalse(self.ntlm_login(client, server))
        self.replace("current", self.octets_of("accounts"))
        self.eventually(lambda: self.ntlm_login(client, server))

    @staticmethod
    def ntlm_login(client, server):
        token, answer = None, {"token": None}
        for new in (True, False):
            token = client.ask(do="initiate", mech=NTLM, target="HTTP@localhost", bindings=None,
                               token=answer["token"], new=new)["token"]
            answer = server.ask(do="accept", bindings=None, token=token, new=new)
        return answer["complete"]


class ApacheReloadTest(gss_plugin.GssPluginCase):
    """The same for Apache's children, which are other users' processes than who read it first."""

    CONFIGURATION = """[http]
executable = apache2
cert = current.pem
certificate-roll-over = 0
keytab = service.keytab
krb5-config = krb5.conf
extended-protection = 2
"""

    def test_a_certificate_is_replaced_while_apache_runs(self):
        self.write("epa.conf", self.CONFIGURATION)
        with open(self.path("another.pem"), encoding="ascii") as file:
            self.write("current.pem", file.read())
        environment = {**self.realm.environment, "KRB5_CONFIG": "{here}/krb5.conf",
                       "GSS_MECH_CONFIG": MECHANISMS, "EPA_CONF": "{here}/epa.conf"}
        files = [self.realm.keytab, self.realm.configuration, self.path("current.pem"),
                 self.path("epa.conf")]
        server = ApacheServer(self.path("server.pem"), self.path("server.key"), files,
                              "GssapiCredStore keytab:{here}/service.keytab\n"
                              "GssapiAllowedMech krb5", environment)
        with contextlib.closing(server):
            self.assertEqual(self.log_in(server), 1)
            with open(self.path("server.pem"), "rb") as certificate:
                server.replace("current.pem", certificate.read())
            self.eventually(lambda: self.log_in(server) == 0)

    def log_in(self, server):
        return epa_command.run(
            "login", "https", server.url, "--ca", self.path("server.pem"), "--ccache", self.cache,
            "--krb5-config", self.realm.configuration).returncode


if __name__ == "__main__":
    gss_plugin.main()

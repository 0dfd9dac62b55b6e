"""Apache with mod_auth_gssapi, which knows nothing of extended protection, and the plug-in.

Its configuration is that of docs/gss.md.
"""

import contextlib
import json
import os
import subprocess
import urllib.parse

import epa_command
import gss_plugin
from apache_server import ApacheServer
from gss_document import blocks, replaced
from gss_plugin import MECHANISMS
from kerberos_realm import PASSWORD, REALM

# What stands in the document, and what has its place here.
PLACES = (("/usr/sbin/apache2", "apache2"), ("/etc/ssl/certs/web.pem", "server.pem"),
          ("keytab = /etc/apache2/http.keytab", "keytab = service.keytab"),
          ("keytab:/etc/apache2/http.keytab", "keytab:{here}/service.keytab"),
          ("winbind:", "accounts"), ("extended-protection = 2\n", ""), ("audit = journal\n", ""))
LINES = "krb5-config = krb5.conf\nextended-protection = {mode}\n"


def without_type(settings):
    return settings.replace("AuthType GSSAPI\n", "").replace("Require valid-user\n", "")


CONFIGURATION, CONFIGURATION_WITH_NTLM = (
    replaced(block, PLACES) for block in blocks("ini", "Apache"))
KERBEROS, NTLM = (without_type(replaced(block, PLACES)) for block in blocks("text", "Apache"))


def curl_version():
    said = subprocess.run(["curl", "--version"], capture_output=True, text=True, check=True)
    return said.stdout.split()[1]


class ApacheTest(gss_plugin.GssPluginCase):
    @contextlib.contextmanager
    def apache(self, mode, settings, certificate="server", lines=""):
        configuration = CONFIGURATION if settings.startswith(KERBEROS) else CONFIGURATION_WITH_NTLM
        self.write("epa.conf", configuration + LINES.format(mode=mode) + lines)
        environment = {**self.realm.environment, "KRB5_CONFIG": "{here}/krb5.conf",
                       "GSS_MECH_CONFIG": MECHANISMS, "EPA_CONF": "{here}/epa.conf"}
        files = [self.realm.keytab, self.realm.configuration, self.path("server.pem"),
                 self.path("accounts"), self.path("epa.conf")]
        server = ApacheServer(self.path(certificate + ".pem"), self.path(certificate + ".key"),
                              files, settings, environment)
        with contextlib.closing(server):
            yield server

    def login(self, server, certificate, *options):
        return epa_command.run("login", "https", server.url, "--ca",
                               self.path(certificate + ".pem"), "--json", *options)

    def with_ticket(self, server, binding, certificate="server"):
        return self.login(server, certificate, "--ccache", self.cache, "--krb5-config",
                          self.realm.configuration, "--binding", binding)

    def with_password(self, server, binding, package="Negotiate", certificate="server"):
        return self.login(server, certificate, "--user", epa_command.USER, "--password-file",
                          self.path("password"), "--binding", binding, "--package", package)

    def assert_verdict(self, result, accepted, user):
        if not accepted:
            return self.assertRefused(result)
        self.assertLoggedIn(result)
        said = json.loads(result.stdout)["server_says"]["user"]
        return self.assertEqual(urllib.parse.unquote(said), user)

    def test_kerberos_in_each_mode(self):
        # bound, explicit none, absent
        for mode, verdicts in (("0", (True, True, True)), ("1", (True, False, True)),
                               ("2", (True, False, False))):
            with self.apache(mode, KERBEROS) as server:
                for binding, accepted in zip(("auto", "none", "omit"), verdicts):
                    with self.subTest(mode=mode, binding=binding):
                        self.assert_verdict(self.with_ticket(server, binding), accepted,
                                            f"alice@{REALM}")

    def test_ntlm_in_each_mode(self):
        for mode, verdicts in (("1", (True, False, True)), ("2", (True, False, False))):
            with self.apache(mode, NTLM) as server:
                for binding, accepted in zip(("auto", "none", "omit"), verdicts):
                    for package in ("Negotiate", "NTLM"):
                        with self.subTest(mode=mode, binding=binding, package=package):
                            self.assert_verdict(self.with_password(server, binding, package),
                                                accepted, epa_command.USER)

    def test_a_server_in_the_middle(self):
        """What a client bound to mallory's certificate sends arrives at a server that has another:
        here Apache itself has mallory's, and the configuration says server's."""
        for mode, accepted in (("0", True), ("1", False), ("2", False)):
            for settings, login in ((KERBEROS, self.with_ticket), (NTLM, self.with_password)):
                with self.subTest(mode=mode, settings=settings), \
                        self.apache(mode, settings, certificate="mallory") as server:
                    result = login(server, "auto", certificate="mallory")
                    self.assertEqual(result.returncode, 0 if accepted else 1, result.stderr)

    def test_basic_authentication_is_let_in_where_the_configuration_says_so(self):
        settings = KERBEROS + "\nGssapiBasicAuth On\nGssapiBasicAuthMech krb5"
        for lines, status in (("", "401"), ("own-logins = yes\n", "200")):
            with self.subTest(lines), self.apache("2", settings, lines=lines) as server:
                self.assertEqual(
                    self.status_for_curl(server, "--basic", "--user", f"alice:{PASSWORD}"), status)

    def test_curl(self):
        """Debian 12's says nothing of its channel; with 8.14, of its backports and Debian 13, what
        was said to mallory is refused."""
        binds = not curl_version().startswith("7.")
        verdicts = {"server": ("200", "200", "200" if binds else "401"),
                    "mallory": ("200", "401" if binds else "200", "401")}
        for certificate, statuses in verdicts.items():
            for mode, status in zip(("0", "1", "2"), statuses):
                with self.subTest(mode=mode, certificate=certificate), \
                        self.apache(mode, KERBEROS, certificate=certificate) as server:
                    self.assertEqual(
                        self.status_for_curl(server, "--negotiate", "--user", ":",
                                             certificate=certificate), status)

    def status_for_curl(self, server, *options, certificate="server"):
        result = subprocess.run(
            ["curl", "--silent", "--output", os.devnull, "--write-out", "%{http_code}", "--cacert",
             self.path(certificate + ".pem"), *options, server.url],
            env=self.realm.client_environment(self.cache), capture_output=True, text=True,
            timeout=60, check=True)
        return result.stdout


if __name__ == "__main__":
    gss_plugin.main()

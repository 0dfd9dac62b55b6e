"""Apache with mod_auth_gssapi, which knows nothing of extended protection, and the plug-in.

Its configuration is that of docs/gss.md.
"""

import contextlib

import gss_plugin
from apache_server import ApacheServer
from gss_document import blocks, replaced

# What stands in the document, and what has its place here.
PLACES = (("/usr/sbin/apache2", "apache2"), ("/etc/ssl/certs/web.pem", "server.pem"),
          ("keytab = /etc/apache2/http.keytab", "keytab = service.keytab"),
          ("keytab:/etc/apache2/http.keytab", "keytab:{here}/service.keytab"),
          ("winbind:", "accounts"), ("extended-protection = 2\n", ""), ("audit = journal\n", ""))
LINES = "krb5-config = krb5.conf\naudit = audit.jsonl\nextended-protection = {mode}\n"


def without_type(settings):
    return settings.replace("AuthType GSSAPI\n", "").replace("Require valid-user\n", "")


CONFIGURATION, CONFIGURATION_WITH_NTLM = (
    replaced(block, PLACES) for block in blocks("ini", "Apache"))
KERBEROS, NTLM = (without_type(replaced(block, PLACES)) for block in blocks("text", "Apache"))


class GssApacheCase(gss_plugin.GssPluginCase):
    @contextlib.contextmanager
    def apache(self, mode, settings, certificate="server", lines=""):
        configuration = CONFIGURATION if settings.startswith(KERBEROS) else CONFIGURATION_WITH_NTLM
        self.write("epa.conf", configuration + LINES.format(mode=mode) + lines)
        environment = {**self.realm.environment, "KRB5_CONFIG": "{here}/krb5.conf",
                       "GSS_MECH_CONFIG": gss_plugin.MECHANISMS, "EPA_CONF": "{here}/epa.conf"}
        files = [self.realm.keytab, self.realm.configuration, self.path("server.pem"),
                 self.path("accounts"), self.path("epa.conf")]
        server = ApacheServer(self.path(certificate + ".pem"), self.path(certificate + ".key"),
                              files, settings, environment)
        self.heard = 0
        self.audit_path = server.path("audit.jsonl")
        with contextlib.closing(server):
            yield server

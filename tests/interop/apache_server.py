"""Apache httpd with mod_auth_gssapi over TLS, a private instance on a loopback port."""

import os
import shutil
import tempfile

from epa_command import ReservedPort
from interop_peer import program
from kerberos_realm import start_server, stop_server, wait_for_port

MODULES = ("mpm_event", "authn_core", "authz_core", "authz_user", "auth_gssapi", "include", "ssl")

INCLUDES = """
  Options +Includes
  SetOutputFilter INCLUDES
"""


class ApacheServer:
    """Says at `url` who is logged in, in JSON; ends with close().

    The server's unprivileged user gets copies of `files`, in the directory that "{here}" stands
    for in `settings` and in the values of `environment`. A plain page says nothing.
    `server_settings` are not about the pages.
    """

    def __init__(self, certificate, key, files, settings, environment, plain_page=False,
                 server_settings=""):
        self._directory = tempfile.mkdtemp(prefix="epa-apache-")
        self._port = ReservedPort()
        self.port = self._port.number
        self.url = f"https://localhost:{self._port.number}/who"
        os.chmod(self._directory, 0o755)
        os.mkdir(self.path("pages"), 0o755)
        for file in files:
            os.chmod(shutil.copy(file, self._directory), 0o644)
        self._write("pages/who", '{"user": "<!--#echo encoding="url" var="REMOTE_USER" -->"}\n')
        self._write("httpd.conf", self._configuration(certificate, key, settings, plain_page,
                                                     server_settings))
        self._process = start_server(
            [program("/usr/sbin/apache2", "apache2-bin"), "-f", self.path("httpd.conf"),
             "-D", "FOREGROUND"],
            {name: self._filled(value) for name, value in environment.items()})
        try:
            wait_for_port(self._port.number, self._process)
        except RuntimeError:
            self.close()
            raise

    def path(self, name):
        """Of a file in its directory."""
        return os.path.join(self._directory, name)

    def processes(self):
        """The numbers of the server's processes as of now."""
        path = f"/proc/{self._process.pid}/task/{self._process.pid}/children"
        with open(path, encoding="ascii") as children:
            return [self._process.pid, *(int(child) for child in children.read().split())]

    def replace(self, name, octets):
        """Another file takes the place of one of `files`."""
        with open(self.path("new"), "wb") as file:
            file.write(octets)
        os.chmod(self.path("new"), 0o644)
        os.replace(self.path("new"), self.path(name))

    def close(self):
        stop_server(self._process)
        self._port.close()
        shutil.rmtree(self._directory)

    def _configuration(self, certificate, key, settings, plain_page, server_settings):
        modules = "\n".join(
            f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so" for name in MODULES)
        return f"""
{modules}
ServerName localhost
ServerRoot {self._directory}
DefaultRuntimeDir {self._directory}
PidFile {self.path("httpd.pid")}
ErrorLog {self.path("error.log")}
User www-data
Group www-data
Listen 127.0.0.1:{self._port.number}
DocumentRoot {self.path("pages")}
{server_settings}
SSLEngine on
SSLCertificateFile {certificate}
SSLCertificateKeyFile {key}
<Directory {self.path("pages")}>
  AuthType GSSAPI
  AuthName test
  GssapiConnectionBound On
  {self._filled(settings)}
  Require valid-user
  {"" if plain_page else INCLUDES}
</Directory>
"""

    def _filled(self, text):
        return text.replace("{here}", self._directory)

    def _write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.path(name), 0o644)

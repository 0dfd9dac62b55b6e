"""A real web server with this project's module: a private instance on a loopback port."""

import contextlib
import glob
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

from epa_command import PATIENCE, ReservedPort
from kerberos_realm import start_server, stop_server, wait_for_port

# What a page says of its reader, with a place for each of the module's variables.
PAGE = """{"user": "%(user)s", "domain": "%(domain)s", "package": "%(package)s",
 "sids": "%(sids)s", "credential_cache": "%(credential_cache)s",
 "extended_protection": {"binding": "%(binding)s", "reason": "%(reason)s"}}
"""
FACTS = ("user", "domain", "package", "binding", "reason", "sids", "credential_cache")


class ModuleServer:
    """Starts with `start`, ends with close().

    `common` are settings of all places, `places` the settings of each path: names and values are
    those of the one table, a list of values is said several times. A place named "/mode2/" has the
    pages index.html and page, and the audit file audit-mode2. `certificates` are the name and the
    files of each virtual host; the first is for all who ask for none of them.
    Options of all servers: environment, plain_pages, log_level.
    """

    def __init__(self, places, common, certificates, **options):
        self.directory = tempfile.mkdtemp(prefix="epa-web-")
        self.places = places
        self.common = common
        self.certificates = certificates
        self.options = options
        self.log_level = options.get("log_level", "info")
        self._port = ReservedPort()
        self.port = self._port.number
        # The same pages without TLS.
        self._plain_port = ReservedPort()
        self.plain_port = self._plain_port.number
        self._process = None
        os.chmod(self.directory, 0o755)
        # For the server's unprivileged user.
        os.mkdir(self.path("replays"))
        os.chmod(self.path("replays"), 0o777)
        for place in places:
            os.makedirs(self.path("pages" + place), exist_ok=True)
            for page in ("index.html", "page"):
                self.write("pages" + place + page, self.page())

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.path(name), 0o644)

    def audit_path(self, place):
        return self.path("audit-" + place.strip("/").replace("/", "-"))

    def events(self, place):
        with open(self.audit_path(place), encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def settings_of(self, place):
        settings = dict(self.places[place])
        settings.setdefault("audit", self.audit_path(place))
        return settings

    def directives(self, settings):
        lines = []
        for name, values in settings.items():
            for value in values if isinstance(values, list) else [values]:
                lines.append(self.directive(name, value))
        return "\n".join(lines)

    def url(self, place):
        return f"https://localhost:{self.port}{place}"

    def start(self):
        self.write(self.configuration_name, self.configuration())
        environment = self.options.get(
            "environment", {**os.environ, "KRB5RCACHENAME": "file2:" + self.path("replays/cache")})
        self._process = start_server(self.command(), environment)
        try:
            for port in (self.port, self.plain_port):
                wait_for_port(port, self._process)
        except RuntimeError as error:
            raise RuntimeError(f"{error}: {self.error_log()}\n{self.check().stderr}") from None
        # A signal before that would end it.
        self._await(self.workers, "the server does not serve")
        return self

    def error_log(self):
        try:
            with open(self.path("error.log"), encoding="utf-8") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def check(self):
        """What the server says of its configuration without starting."""
        self.write(self.configuration_name, self.configuration())
        return subprocess.run(self.check_command(), capture_output=True, text=True, timeout=60,
                              check=False)

    def reload(self):
        """As an administrator does, and until none of the processes that were there serves."""
        before = self.workers()
        self.begin_reload()
        self._await(lambda: not self.workers() & before, "the server is not reloaded")

    def begin_reload(self):
        """Until there is a process that was not there: others may still serve."""
        before = self.workers()
        self._process.send_signal(self.RELOAD)
        self._await(lambda: self.workers() - before, "the server is not reloaded")

    def reload_under_way(self):
        """A reload, until those that served before take no connections; who has one may go on."""
        before = self.workers()
        self.begin_reload()
        listening = self._listening_sockets()
        self._await(lambda: not any(listening & self.sockets_of(worker) for worker in before),
                    "a process goes on taking connections")

    def _await(self, condition, complaint):
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > deadline:
                raise RuntimeError(f"{complaint}: {self.error_log()[-3000:]}")
            time.sleep(0.02)

    def process_id(self):
        return self._process.pid

    def workers(self):
        path = f"/proc/{self._process.pid}/task/{self._process.pid}/children"
        with open(path, encoding="ascii") as children:
            return {int(child) for child in children.read().split()}

    @staticmethod
    def sockets_of(worker):
        """The inodes of a worker's sockets."""
        inodes = set()
        for link in glob.glob(f"/proc/{worker}/fd/*"):
            with contextlib.suppress(OSError):
                inodes.update(re.findall(r"socket:\[(\d+)\]", os.readlink(link)))
        return inodes

    def _listening_sockets(self):
        """Their inodes."""
        with open("/proc/net/tcp", encoding="ascii") as table:
            rows = [line.split() for line in table]
        ports = {f"{port:04X}" for port in (self.port, self.plain_port)}
        return {row[9] for row in rows[1:] if row[3] == "0A" and row[1].rpartition(":")[2] in ports}

    def kill(self, worker):
        """Ends it without a word, and waits until another one is there for it."""
        before = self.workers()
        os.kill(worker, signal.SIGKILL)
        self._await(lambda: worker not in self.workers() and len(self.workers()) >= len(before),
                    "nobody takes the place of a worker")

    def close(self):
        if self._process is not None:
            stop_server(self._process)
        self._port.close()
        self._plain_port.close()
        shutil.rmtree(self.directory)


class ApacheServer(ModuleServer):
    """Options: mpm, protocols, backend (a port), settings and host_settings as they are."""

    NAME = "apache"
    RELOAD = signal.SIGUSR1
    LARGE_BODIES = ""
    POSTS_TO_FILES = ""
    TWO_WORKERS = {"settings": """
StartServers 2
ServerLimit 2
ThreadLimit 8
ThreadsPerChild 8
MinSpareThreads 16
MaxRequestWorkers 16
"""}
    MODULES = ("authn_core", "authz_core", "authz_user", "dir", "headers", "http2", "include",
               "proxy", "proxy_http", "proxy_connect", "ssl", "status")
    configuration_name = "httpd.conf"

    def page(self):
        variables = {fact: "EPA_" + fact.upper() for fact in FACTS}
        variables["credential_cache"] = "KRB5CCNAME"
        return PAGE % {fact: f'<!--#echo encoding="none" var="{name}" -->'
                       for fact, name in variables.items()}

    def directive(self, name, value):
        words = "".join(word[0].upper() + word[1:] for word in name.split("-"))
        return f'Epa{words} "{value}"'

    def command(self):
        return ["/usr/sbin/apache2", "-f", self.path(self.configuration_name), "-D", "FOREGROUND"]

    def check_command(self):
        return ["/usr/sbin/apache2", "-t", "-f", self.path(self.configuration_name)]

    def handling(self, place):
        if "plain_pages" in self.options:
            return ""
        if "backend" not in self.options:
            return "Options +Includes\n  SetOutputFilter INCLUDES"
        return (f"ProxyPass http://127.0.0.1:{self.options['backend']}{place} upgrade=websocket\n"
                "  RequestHeader set X-Remote-User expr=%{REMOTE_USER}")

    def configuration(self):
        modules = "\n".join(
            f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so"
            for name in ("mpm_" + self.options.get("mpm", "event"), *self.MODULES))
        locations = "\n".join(f"""
<Location {place}>
  {self.directives(self.settings_of(place))}
  AuthType EPA
  AuthName test
  {self.options.get("require", "Require valid-user")}
  {self.options.get("place_settings", "")}
  {self.handling(place)}
</Location>
""" for place in self.places)
        hosts = "\n".join(f"""
<VirtualHost 127.0.0.1:{self.port}>
  ServerName {name}
  DocumentRoot {self.path("pages")}
  Protocols {self.options.get("protocols", "http/1.1")}
  SSLEngine on
{"".join(f"  SSLCertificateFile {file}.pem{chr(10)}  SSLCertificateKeyFile {file}.key{chr(10)}"
         for file in files)}
  {self.options.get("host_settings", "")}
</VirtualHost>
""" for name, files in self.certificates)
        return f"""
{modules}
LoadModule auth_epa_module {os.environ["EPA_APACHE_MODULE"]}
ServerName localhost
ServerRoot {self.directory}
DefaultRuntimeDir {self.directory}
PidFile {self.path("httpd.pid")}
ErrorLog {self.path("error.log")}
LogLevel {self.log_level}
User www-data
Group www-data
StartServers 1
MaxKeepAliveRequests 0
Listen 127.0.0.1:{self.port}
Listen 127.0.0.1:{self.plain_port}
DocumentRoot {self.path("pages")}
<Directory {self.directory}>
  Require all granted
</Directory>
DirectoryIndex index.html
{self.directives(self.common)}
{self.options.get("settings", "")}
{locations}
{hosts}
"""


class NginxServer(ModuleServer):
    """Options: workers, connections (of each), protocols, backend (a port), settings of each server, place_settings."""

    NAME = "nginx"
    RELOAD = signal.SIGHUP
    POSTS_TO_FILES = "error_page 405 =200 $uri;"
    LARGE_BODIES = "client_max_body_size 16m;"
    TWO_WORKERS = {"workers": 2}
    configuration_name = "nginx.conf"

    def page(self):
        return PAGE % {fact: f'<!--# echo encoding="none" default="" var="epa_{fact}" -->'
                       for fact in FACTS}

    def directive(self, name, value):
        return f'auth_epa_{name.replace("-", "_")} "{value}";'

    def command(self):
        return ["/usr/sbin/nginx", "-p", self.directory, "-e", self.path("error.log"), "-c",
                self.path(self.configuration_name)]

    def check_command(self):
        return ["/usr/sbin/nginx", "-t", "-p", self.directory, "-e", "stderr", "-c",
                self.path(self.configuration_name)]

    def handling(self, place):
        if "plain_pages" in self.options:
            return ""
        if "backend" not in self.options:
            return "ssi on; ssi_types *; index index.html;"
        return f"""
proxy_pass http://127.0.0.1:{self.options["backend"]}{place};
proxy_http_version 1.1;
proxy_set_header Upgrade $http_upgrade;
proxy_set_header Connection $epa_test_connection;
proxy_set_header X-Remote-User $epa_user;
"""

    def configuration(self):
        places = "\n".join(f"""
location {place} {{
  auth_epa on;
  {self.directives(self.settings_of(place))}
  {self.handling(place)}
  {self.options.get("place_settings", "")}
}}
""" for place in self.places)
        http_2 = "http2" if "h2" in self.options.get("protocols", "") else ""
        hosts = "\n".join(f"""
server {{
  listen 127.0.0.1:{self.port} ssl {http_2};
  {f"listen 127.0.0.1:{self.plain_port};" if index == 0 else ""}
  server_name {name};
  root {self.path("pages")};
{"".join(f"  ssl_certificate {file}.pem;{chr(10)}  ssl_certificate_key {file}.key;{chr(10)}"
         for file in files)}
  {places}
  {self.options.get("settings", "")}
}}
""" for index, (name, files) in enumerate(self.certificates))
        temporary = "\n".join(f"{kind}_temp_path {self.path(kind)};" for kind in (
            "client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        user = "user www-data;" if os.getuid() == 0 else ""
        return f"""
load_module {os.environ["EPA_NGINX_MODULE"]};
{user}
daemon off;
env KRB5RCACHENAME;
worker_processes {self.options.get("workers", 1)};
pid {self.path("nginx.pid")};
error_log {self.path("error.log")} {self.log_level};
events {{ worker_connections {self.options.get("connections", 512)}; }}
http {{
  access_log off;
  keepalive_requests 10000;
  ssl_protocols TLSv1.2 TLSv1.3;
  default_type text/plain;
  {temporary}
  map $http_upgrade $epa_test_connection {{ default ""; websocket Upgrade; }}
  {self.directives(self.common)}
  {hosts}
}}
"""


SERVERS = {server.NAME: server for server in (ApacheServer, NginxServer)}

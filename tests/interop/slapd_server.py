"""slapd on two addresses of one process: ldap:// without TLS, and ldaps://."""

import contextlib

from epa_command import ReservedPort
from interop_peer import program
from kerberos_realm import start_server, stop_server, wait_for_port

SETTINGS = """include /etc/ldap/schema/core.schema
pidfile {here}/slapd.pid
TLSCertificateFile {here}/server.pem
TLSCertificateKeyFile {here}/server.key
sasl-host 127.0.0.1
sasl-realm EPA.TEST
sasl-cbinding tls-endpoint
modulepath /usr/lib/ldap
moduleload back_null
database null
suffix "dc=test"
"""


@contextlib.contextmanager
def slapd(case, environment):
    """Its two ports; the files of `case`, an EpaTestCase, hold certificate and settings."""
    settings = case.write("slapd.conf", SETTINGS.replace("{here}", case.directory.name))
    ports = [ReservedPort(), ReservedPort()]
    process = start_server(
        [program("/usr/sbin/slapd", "slapd"), "-d", "0", "-f", settings, "-h",
         f"ldap://127.0.0.1:{ports[0].number}/ ldaps://127.0.0.1:{ports[1].number}/"],
        environment)
    try:
        for port in ports:
            wait_for_port(port.number, process)
        yield ports[0].number, ports[1].number
    finally:
        stop_server(process)
        for port in ports:
            port.close()

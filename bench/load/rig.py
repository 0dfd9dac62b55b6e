"""What `./run load` has of servers, and how it asks them."""

import json
import os
import statistics
import subprocess

from apache_server import ApacheServer
from kerberos_realm import REALM, KerberosRealm

PASSWORD = "Correct.Horse.1"
SERVICE = "HTTP/localhost"
PATIENCE = 30

# Otherwise Apache closes connections with a login half-way when it has many.
ROOM_FOR_ALL = """
StartServers 2
ThreadLimit 128
ThreadsPerChild 128
MinSpareThreads 128
MaxSpareThreads 256
MaxRequestWorkers 256
MaxKeepAliveRequests 0
"""


class Programs:
    def __init__(self, epa, epa_load):
        self.epa = epa
        self.epa_load = epa_load


class Site:
    """Files that all servers here use."""

    def __init__(self, directory, certificate):
        self.directory = directory
        self.realm = KerberosRealm(directory, [SERVICE])
        self.cache = "FILE:" + self.realm.ticket_cache()
        key = {"rsa": ["rsa:2048"], "ecdsa": ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]}
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", *key[certificate], "-nodes", "-days", "1",
             "-keyout", self.path("server.key"), "-out", self.path("server.pem"), "-subj",
             "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
            check=True, capture_output=True)
        with open(self.path("accounts"), "w", encoding="utf-8") as accounts:
            accounts.write(f"DEMO:alice:{PASSWORD}\n")

    def path(self, name):
        return os.path.join(self.directory, name)

    def close(self):
        self.realm.close()


class Apache:
    def __init__(self, site, mechanism):
        self.name = "Apache + mod_auth_gssapi"
        self.path = "/who"
        if mechanism == "NTLM":
            files, settings = [site.path("accounts")], "GssapiAllowedMech ntlmssp"
            environment = {**os.environ, "NTLM_USER_FILE": "{here}/accounts",
                           "NETBIOS_COMPUTER_NAME": "WEB", "NETBIOS_DOMAIN_NAME": "DEMO"}
        else:
            files = [site.realm.keytab, site.realm.configuration]
            settings = ("GssapiCredStore keytab:{here}/service.keytab\n"
                        "GssapiAllowedMech krb5")
            environment = {**site.realm.environment, "KRB5_CONFIG": "{here}/krb5.conf"}
        # A page without anything to work out: the login is what is measured.
        settings += "\nGssapiSSLonly Off"
        self._server = ApacheServer(site.path("server.pem"), site.path("server.key"), files,
                                    settings, environment, plain_page=True,
                                    server_settings=ROOM_FOR_ALL)
        self.port = self._server.port

    @property
    def processes(self):
        return self._server.processes()

    def close(self):
        self._server.close()


def processor_seconds(processes):
    """Of these processes and of their children that have ended."""
    ticks = 0
    for process in processes:
        with open(f"/proc/{process}/stat", encoding="ascii") as stat:
            ticks += sum(int(field) for field in stat.read().rpartition(")")[2].split()[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def words(site, scheme, requests=1):
    """Scheme, name and account of a client, as epa_load takes them."""
    user, secret = {"NTLM": ("DEMO\\alice", PASSWORD),
                    "Negotiate": (f"alice@{REALM}", site.cache),
                    "Anonymous": (str(requests), "-")}[scheme]
    return [scheme, SERVICE, user, secret]


def run_logins(programs, server, site, scheme, clients, seconds=0.0, count=0, pause=0,
               what="logins", path=None, requests=1):
    before = processor_seconds(server.processes)
    done = subprocess.run(
        [programs.epa_load, what, str(server.port), path or server.path,
         *words(site, scheme, requests), str(clients), str(seconds), str(count), str(pause)],
        capture_output=True, text=True, timeout=seconds + 120, check=False,
        env={**site.realm.environment})
    if done.returncode != 0:
        raise RuntimeError("epa_load: " + done.stderr)
    figures = json.loads(done.stdout)
    # Less than the kernel counts is not nothing.
    figures["server_seconds"] = max(processor_seconds(server.processes) - before,
                                    1 / os.sysconf("SC_CLK_TCK"))
    return figures


def medians(pairs):
    return [statistics.median(values) for values in zip(*pairs)]

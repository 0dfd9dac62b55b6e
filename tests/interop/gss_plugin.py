"""Processes that load the GSS-API plug-in, and what their audit says."""

import hashlib
import json
import os
import ssl
import subprocess
import sys
import time

import epa_command
import interop_peer
from kerberos_realm import KerberosRealm

# With the plug-in's two lines.
MECHANISMS = os.environ["EPA_GSS_MECHANISMS"]
KRB5 = "1.2.840.113554.1.2.2"
SPNEGO = "1.3.6.1.5.5.2"
NTLM = "1.3.6.1.4.1.311.2.2.10"
WORKER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "gss_worker.py")
# As epa.conf names the workers.
EXECUTABLE = os.path.realpath(sys.executable)

interop_peer.module("gssapi", "python3-gssapi")


class Worker:
    """A gss_worker.py; ends with close()."""

    def __init__(self, environment, prefix=()):
        self._process = subprocess.Popen(
            [*prefix, sys.executable, "-B", WORKER], env=environment, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True)

    def ask(self, **request):
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self):
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(60)


class GssCase(epa_command.EpaTestCase):
    """Workers, certificates' bindings, and a configuration with its audit."""

    audit_path = None  # where it is not in the test's folder

    def binding(self, certificate):
        """What clients of that certificate's server bind, in hexadecimal."""
        with open(self.path(certificate + ".pem"), encoding="ascii") as file:
            der = ssl.PEM_cert_to_DER_cert(file.read())
        return (b"tls-server-end-point:" + hashlib.sha256(der).digest()).hex()

    def worker(self, environment, prefix=()):
        """`prefix`: of its command."""
        worker = Worker(environment, prefix)
        self.addCleanup(worker.close)
        return worker

    def configuration(self, mode, *lines, certificates=("server",), section="http"):
        """Of a service that is this interpreter's, with a new audit."""
        audit = self.path("audit.jsonl")
        if os.path.exists(audit):
            os.remove(audit)
        self.heard = 0
        certificate_lines = [f"cert = {name}.pem" for name in certificates]
        return "\n".join([f"[{section}]", f"executable = {EXECUTABLE}",
                          f"extended-protection = {mode}", "audit = audit.jsonl",
                          *certificate_lines, *lines]) + "\n"

    def events(self):
        return epa_command.json_lines(self.audit_path or self.path("audit.jsonl"))

    def the_event(self):
        """The one since the last call, or since the configuration was made."""
        events = self.events()[self.heard:]
        self.heard += len(events)
        self.assertEqual(len(events), 1, events)
        return events[0]

    def eventually(self, condition):
        deadline = time.monotonic() + epa_command.PATIENCE
        while not condition():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)


class GssPluginCase(GssCase):
    """A realm, its services, and certificates: server's, another's, mallory's."""

    services = ["HTTP/localhost", "ldap/localhost"]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name in ("another", "mallory"):
            cls.make_certificate(name, "rsa:2048")
        cls.realm = KerberosRealm(cls.directory.name, cls.services)
        cls.addClassCleanup(cls.realm.close)
        cls.cache = cls.realm.ticket_cache()
        # One that says that it knows of bindings, as Windows does.
        with open(cls.realm.configuration, encoding="utf-8") as file:
            aware = file.read().replace("[libdefaults]",
                                        "[libdefaults]\n client_aware_channel_bindings = true")
        cls.write("aware.conf", aware)
        cls.clients = {}

    @classmethod
    def client(cls, aware):
        """One for all tests."""
        if aware not in cls.clients:
            environment = cls.realm.client_environment(cls.cache)
            if aware:
                environment["KRB5_CONFIG"] = cls.path("aware.conf")
            cls.clients[aware] = Worker(environment)
            cls.addClassCleanup(cls.clients[aware].close)
        return cls.clients[aware]

    def first_token(self, bindings, mech=KRB5, aware=False, target="HTTP@localhost", demand=False):
        answer = self.client(aware).ask(do="initiate", mech=mech, target=target,
                                        bindings=bindings, token=None, demand=demand)
        return answer["token"]

    def server_environment(self, configuration, **more):
        """Of a process with the plug-in and that epa.conf; null: none."""
        environment = {**os.environ, "GSS_MECH_CONFIG": MECHANISMS,
                       "KRB5_CONFIG": self.realm.configuration,
                       "KRB5_KTNAME": "FILE:" + self.realm.keytab, "KRB5RCACHENAME": "none:"}
        path = self.path("epa.conf")
        if configuration is None:
            path = self.path("no-such.conf")
        else:
            self.write("epa.conf", configuration)
        return {**environment, "EPA_CONF": path, **more}

    def server(self, configuration, **more):
        return self.worker(self.server_environment(configuration, **more))


main = epa_command.main

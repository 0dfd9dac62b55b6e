"""A realm of one's own: MIT's krb5kdc on a loopback port, its files in one directory."""

import os
import socket
import subprocess
import time

from epa_command import ReservedPort
from interop_peer import program

REALM = "EPA.TEST"
PASSWORD = "Correct.Horse.1"
PATIENCE = 20


class KerberosRealm:
    """Has the user alice and the given services; ends with close()."""

    def __init__(self, directory, services):
        self.directory = directory
        self._port = ReservedPort()
        self.configuration = write_client_configuration(directory, REALM, self._port.number)
        # TCP alone: a port of UDP cannot be reserved.
        self._write("kdc.conf", f"""
[kdcdefaults]
 kdc_listen = ""
 kdc_tcp_listen = 127.0.0.1:{self._port.number}
[realms]
 {REALM} = {{
  database_name = {self.path("principal")}
  key_stash_file = {self.path("stash")}
  acl_file = {self.path("acl")}
 }}
[logging]
 kdc = FILE:{self.path("kdc.log")}
""")
        self.environment = {**os.environ, "KRB5_CONFIG": self.configuration,
                            "KRB5_KDC_PROFILE": self.path("kdc.conf"),
                            "KRB5RCACHENAME": "none:"}
        self.keytab = self.path("service.keytab")
        self._run(program("/usr/sbin/kdb5_util", "krb5-kdc"), "create", "-s", "-r", REALM,
                  "-P", "master")
        commands = [f"addprinc -pw {PASSWORD} alice"]
        for service in services:
            commands += [f"addprinc -randkey {service}", f"ktadd -k {self.keytab} {service}"]
        self._administer(*commands)
        self._kdc = start_server([program("/usr/sbin/krb5kdc", "krb5-kdc"), "-n",
                                  "-r", REALM], self.environment)
        wait_for_port(self._port.number, self._kdc)

    def close(self):
        stop_server(self._kdc)
        self._port.close()

    def path(self, name):
        return os.path.join(self.directory, name)

    def add_service(self, name):
        """A service whose key nobody has."""
        self._administer(f"addprinc -randkey {name}")

    def add_user(self, name, *options):
        """A user with everybody's password."""
        self._administer(" ".join(["addprinc", "-pw", PASSWORD, *options, name]))

    def ticket_cache(self):
        """A new credential cache with alice's ticket-granting ticket; the file's path."""
        return get_ticket(self.configuration, self.directory, f"alice@{REALM}", PASSWORD)

    def client_environment(self, cache):
        return {**os.environ, "KRB5_CONFIG": self.configuration, "KRB5CCNAME": "FILE:" + cache}

    def _administer(self, *commands):
        self._run(program("/usr/sbin/kadmin.local", "krb5-admin-server"), "-r", REALM,
                  text="\n".join(commands) + "\n")

    def _write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def _run(self, *arguments, text=""):
        done = subprocess.run(arguments, input=text, env=self.environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
                              check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{arguments[0]}: {done.stdout}")


def write_client_configuration(directory, realm, port):
    """A krb5.conf for everything on this machine; its path.

    Requests go over TCP, to the reserved port: MIT knows the first of those limits, Heimdal, which
    Samba's programs have, the second.
    """
    path = os.path.join(directory, "krb5.conf")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"""
[libdefaults]
 default_realm = {realm}
 dns_lookup_kdc = false
 dns_lookup_realm = false
 dns_canonicalize_hostname = false
 rdns = false
 udp_preference_limit = 1
 large_message_size = 1
 qualify_shortname = ""
 default_rcache_name = file2:{directory}/replays
[realms]
 {realm} = {{
  kdc = 127.0.0.1:{port}
 }}
""")
    return path


def get_ticket(configuration, directory, principal, password):
    """A new credential cache in this directory; the file's path."""
    cache = os.path.join(directory, "cache-" + principal.partition("@")[0])
    fill_cache(configuration, "FILE:" + cache, principal, password)
    return cache


def fill_cache(configuration, cache, principal, password):
    """Puts a ticket-granting ticket into the cache of that full name."""
    done = subprocess.run([program("kinit", "krb5-user"), "-c", cache, principal],
                          input=password + "\n",
                          env={**os.environ, "KRB5_CONFIG": configuration}, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
                          check=False)
    if done.returncode != 0:
        raise RuntimeError("kinit: " + done.stdout)


def start_server(arguments, environment):
    """Runs it until stop_server, or until this process dies."""
    return subprocess.Popen(["setpriv", "--pdeathsig", "TERM", *arguments], env=environment,
                            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL, start_new_session=True)


def stop_server(process):
    process.terminate()
    process.wait(PATIENCE)


def wait_for_port(port, process, address="127.0.0.1"):
    """Until `process` accepts connections."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection((address, port), PATIENCE).close()
            return
        except ConnectionRefusedError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{process.args} does not start") from None
            time.sleep(0.01)

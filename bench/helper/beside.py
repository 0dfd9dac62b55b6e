#!/usr/bin/python3
"""Logins through `epa helper` beside Samba's ntlm_auth, both with local accounts.

usage: beside.py BUILD_FOLDER

Behind the one stands `epa serve helper` with a file of accounts, behind the other winbindd of a
standalone server, whose pipe has a fixed place: so all is in a mount namespace. Needs Debian's
winbind and samba (./run packages), and a build with -DEPA_BUILD_BENCHMARKS=ON.
"""

import os
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(sys.argv[1])
EPA = os.path.join(BUILD, "tools/epa/epa")
HELPER = os.path.join(BUILD, "tools/epa/epa-helper")
os.environ["EPA_COMMAND"] = EPA
sys.path += [os.path.join(ROOT, "tests/interop"), os.path.join(ROOT, "tests/tools")]

# pylint: disable=wrong-import-position
from interop_peer import program
from joined_domain import PIPES, enter_namespaces
from kerberos_realm import start_server, stop_server

# Samba's accounts are those of the system, too; this one is there in the namespace.
USER = "root"
DOMAIN = "BENCH"
PASSWORD = "Correct.Horse.1"
PATIENCE = 30


class StandaloneServer:
    """winbindd with one account of its own; ends with close()."""

    def __init__(self, folder):
        self._folder = folder
        for name in ("private", "lock", "state", "cache", "ncalrpc", "log"):
            os.mkdir(self.path(name))
        self.configuration = self.path("smb.conf")
        with open(self.configuration, "w", encoding="ascii") as file:
            file.write(f"""[global]
 workgroup = EPA
 netbios name = {DOMAIN}
 server role = standalone server
 interfaces = lo
 private dir = {self.path("private")}
 lock directory = {self.path("lock")}
 state directory = {self.path("state")}
 cache directory = {self.path("cache")}
 pid directory = {folder}
 ncalrpc dir = {self.path("ncalrpc")}
 log file = {self.path("log/%m")}
""")
        subprocess.run([program("/usr/bin/pdbedit", "samba"), "-s", self.configuration, "-a", "-t",
                        "-u", USER], input=f"{PASSWORD}\n{PASSWORD}\n", text=True, check=True,
                       stdout=subprocess.DEVNULL)
        self._winbindd = start_server([program("/usr/sbin/winbindd", "winbind"), "-F",
                                       "--no-process-group", "-s", self.configuration], os.environ)
        wait_until(self._answers)

    def path(self, name):
        return os.path.join(self._folder, name)

    def close(self):
        stop_server(self._winbindd)

    def _answers(self):
        return subprocess.run([program("/usr/bin/ntlm_auth", "winbind"),
                               "--configfile=" + self.configuration, "--username=" + USER,
                               "--domain=" + DOMAIN, "--password=" + PASSWORD],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              check=False).returncode == 0


def wait_until(condition):
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("a server does not start")
        time.sleep(0.1)


def start_service(folder):
    """`epa serve helper`, with the path of its socket."""
    accounts, socket = os.path.join(folder, "accounts"), os.path.join(folder, "helper.sock")
    with open(accounts, "w", encoding="ascii") as file:
        file.write(f"{DOMAIN}:{USER}:{PASSWORD}\n")
    service = start_server([EPA, "serve", "helper", "--accounts", accounts, "--scenario", "clear",
                            "--spn", "HTTP/localhost", "--flag", "allow-dotless-spn", "--listen",
                            "unix:" + socket], os.environ)
    wait_until(lambda: os.path.exists(socket))
    return service, socket


def main():
    enter_namespaces()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "epa", "/run"], check=True)
    os.makedirs(PIPES, mode=0o755)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        samba = StandaloneServer(folder)
        service, socket = start_service(folder)
        done = subprocess.run([os.path.join(BUILD, "bench/epa_helper_logins"), HELPER, socket,
                               samba.configuration, USER, DOMAIN],
                              input=PASSWORD + "\n", text=True, check=False)
        stop_server(service)
        samba.close()
        return done.returncode


if __name__ == "__main__":
    sys.exit(main())

"""winbindd of a standalone server with one account, for benchmarks that log in with local accounts.

Its pipe has a fixed place, so all is in a mount namespace. Needs Debian's winbind and samba.
"""

import os
import subprocess
import time

from interop_peer import program
from joined_domain import PIPES
from kerberos_realm import start_server, stop_server
from namespaces import enter_namespaces

# Samba's accounts are those of the system, too; this one is there in the namespace.
USER = "root"
DOMAIN = "BENCH"
PASSWORD = "Correct.Horse.1"
PATIENCE = 30


def enter_place_of_pipe(several_users=False):
    """Starts this program again in namespaces of its own, and makes room for winbindd's pipe."""
    enter_namespaces(several_users)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "epa", "/run"], check=True)
    os.makedirs(PIPES, mode=0o755)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


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

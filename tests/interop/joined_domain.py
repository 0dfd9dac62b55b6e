"""An Active Directory domain with a member that has joined it, in namespaces of their own.

Samba's domain controller and winbindd keep fixed ports and fixed pipes, so the test that uses them
runs in a network, a mount and a process namespace; nothing of them is seen outside, and all ends
with it.
"""

import contextlib
import os
import signal
import subprocess
import sys

import ldb
from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB

from interop_peer import program
from kerberos_realm import get_ticket, start_server, stop_server, wait_for_port

REALM = "CORP.EPA.TEST"
DOMAIN = "CORP"
PASSWORD = "Correct.Horse.1"
CONTROLLER = "10.99.0.1"
MEMBER = "10.99.0.2"
PIPES = "/run/samba/winbindd"
INSIDE = "EPA_INSIDE_JOINED_DOMAIN"


def enter_namespaces():
    """Starts this program again in namespaces of its own, unless it is there already."""
    if INSIDE in os.environ:
        return
    os.environ[INSIDE] = "1"
    as_root = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    os.execvp("unshare", ["unshare", *as_root, "--net", "--mount", "--pid", "--fork",
                          "--mount-proc", "--kill-child", sys.executable, "-B", *sys.argv])


class JoinedDomain:
    """Ends with close(), or with the namespaces."""

    def __init__(self, directory):
        self._directory = directory
        self._controller = None
        for address in (CONTROLLER, MEMBER):
            self._run("ip", "address", "add", address + "/32", "dev", "lo")
        self._run("ip", "link", "set", "lo", "up")
        for folder in ("dc", "dc-pipes", "member-pipes", "member/private", "member/lock",
                       "member/state", "member/cache"):
            os.makedirs(self.path(folder), mode=0o755)
        os.makedirs(PIPES, exist_ok=True)
        self._bind("hosts", "/etc/hosts", f"127.0.0.1 localhost\n{CONTROLLER} dc.corp.epa.test dc\n"
                                          f"{MEMBER} member.corp.epa.test member\n")
        self._bind("resolv.conf", "/etc/resolv.conf", f"nameserver {CONTROLLER}\n")
        os.environ["KRB5_CONFIG"] = self._write("krb5.conf", f"""
[libdefaults]
 default_realm = {REALM}
 dns_lookup_realm = false
 dns_canonicalize_hostname = false
 rdns = false
 default_rcache_name = file2:{self.path("replays")}
[realms]
 {REALM} = {{
  kdc = {CONTROLLER}
 }}
[domain_realm]
 .corp.epa.test = {REALM}
""")
        self._provision()
        self.start_controller()
        self._run("mount", "--bind", self.path("member-pipes"), PIPES)
        self._write("member/smb.conf", f"""
[global]
 netbios name = MEMBER
 workgroup = {DOMAIN}
 realm = {REALM}
 security = ads
 interfaces = {MEMBER}
 bind interfaces only = yes
 private dir = {self.path("member/private")}
 lock directory = {self.path("member/lock")}
 state directory = {self.path("member/state")}
 cache directory = {self.path("member/cache")}
 pid directory = {self.path("member")}
 log file = {self.path("member/log")}
 idmap config * : backend = tdb
 idmap config * : range = 10000-20000
""")
        self._run("net", "ads", "join", "-U", "administrator%" + PASSWORD, "-s",
                  self.path("member/smb.conf"), "--no-dns-updates", "-S", "dc.corp.epa.test")
        self._winbindd = None
        self.start_winbindd()

    def close(self):
        self.stop_winbindd()
        self.stop_controller()

    def start_winbindd(self):
        self._winbindd = start_server(
            [program("/usr/sbin/winbindd", "winbind"), "-F", "--no-process-group",
             "--debug-stdout", "-s", self.path("member/smb.conf")], os.environ)

    def stop_winbindd(self):
        stop_server(self._winbindd)

    @contextlib.contextmanager
    def frozen_winbindd(self):
        """It and its children take connections and say nothing."""
        os.killpg(self._winbindd.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(self._winbindd.pid, signal.SIGCONT)

    def path(self, name):
        return os.path.join(self._directory, name)

    def start_controller(self):
        # Its own winbindd has pipes of its own.
        script = f'mount --bind "{self.path("dc-pipes")}" {PIPES}; exec "$@"'
        self._controller = start_server(
            ["unshare", "--mount", "sh", "-c", script, "sh", program("/usr/sbin/samba", "samba"),
             "-F", "-M", "prefork", "--debug-stdout", "-s", self.path("dc/etc/smb.conf")],
            os.environ)
        wait_for_port(389, self._controller, CONTROLLER)

    def stop_controller(self):
        stop_server(self._controller)

    def tool(self, *arguments):
        """samba-tool on the controller's database; what it prints."""
        return self._run("samba-tool", *arguments, "-H", self.path("dc/private/sam.ldb"), "-s",
                         self.path("dc/etc/smb.conf"))

    def sid(self, account, kind="user"):
        return self.attribute(account, "objectSid", kind)

    def attribute(self, account, name, kind="user"):
        shown = self.tool(kind, "show", account, "--attributes=" + name)
        return shown.split(name + ": ", 1)[1].split()[0]

    def set_attribute(self, account, name, value):
        """In the controller's database; `value` in text or octets."""
        parameters = LoadParm()
        parameters.load(self.path("dc/etc/smb.conf"))
        database = SamDB(url=self.path("dc/private/sam.ldb"), session_info=system_session(),
                         lp=parameters)
        found = database.search(expression=f"(sAMAccountName={account})", attrs=["dn"])
        change = ldb.Message(found[0].dn)
        change[name] = ldb.MessageElement(value, ldb.FLAG_MOD_REPLACE, name)
        database.modify(change)

    def add_service(self, account, principal):
        """An account with this service principal; the path of its keytab."""
        self.tool("user", "create", account, PASSWORD)
        self.set_attribute(account, "servicePrincipalName", principal)
        self.set_attribute(account, "msDS-SupportedEncryptionTypes", "24")  # [MS-KILE] 2.2.7: AES
        keytab = self.path(account + ".keytab")
        self._run("samba-tool", "domain", "exportkeytab", keytab, "--principal=" + principal, "-s",
                  self.path("dc/etc/smb.conf"))
        return keytab

    def ticket_cache(self, user):
        return get_ticket(os.environ["KRB5_CONFIG"], self._directory, f"{user}@{REALM}", PASSWORD)

    def _provision(self):
        self._run("samba-tool", "domain", "provision", "--realm=" + REALM, "--domain=" + DOMAIN,
                  "--adminpass=" + PASSWORD, "--server-role=dc", "--dns-backend=SAMBA_INTERNAL",
                  "--host-name=dc", "--host-ip=" + CONTROLLER, "--targetdir=" + self.path("dc"),
                  "--option=interfaces=" + CONTROLLER, "--option=bind interfaces only=yes",
                  "--option=pid directory=" + self.path("dc"),
                  "--option=ncalrpc dir=" + self.path("dc/ncalrpc"),
                  "--option=log file=" + self.path("dc/log"))
        self._remove_forwarder()

    def _remove_forwarder(self):
        """It is the controller itself, which would ask itself again for every name it does not know."""
        path = self.path("dc/etc/smb.conf")
        with open(path, encoding="utf-8") as file:
            lines = [line for line in file if "dns forwarder" not in line]
        self._write("dc/etc/smb.conf", "".join(lines))

    def _write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def _bind(self, name, place, text):
        self._run("mount", "--bind", self._write(name, text), place)

    @staticmethod
    def _run(*arguments):
        done = subprocess.run(arguments, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{arguments}: {done.stdout}{done.stderr}")
        return done.stdout

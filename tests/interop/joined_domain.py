"""An Active Directory domain with a member that has joined it, in namespaces of their own.

Samba's domain controller and winbindd keep fixed ports and fixed pipes, so the test that uses them
runs in a network, a mount and a process namespace; nothing of them is seen outside, and all ends
with it.
"""

import contextlib
import os
import signal

import ldb
from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB

from interop_peer import program
from kerberos_realm import get_ticket, start_server, stop_server, wait_for_port
from namespaces import run

REALM = "CORP.EPA.TEST"
DOMAIN = "CORP"
TRUSTED_DOMAIN = "OTHER"
PASSWORD = "Correct.Horse.1"
CONTROLLER = "10.99.0.1"
MEMBER = "10.99.0.2"
TRUSTED_CONTROLLER = "10.99.0.3"
PIPES = "/run/samba/winbindd"


class Controller:
    """The controller HOST of DOMAIN.epa.test at an address of its own; all its files in one folder."""

    def __init__(self, folder, host, domain, address):
        self._folder = folder
        self._address = address
        self._process = None
        self.realm = f"{domain}.EPA.TEST"
        os.makedirs(self.path("pipes"), mode=0o755)
        run("samba-tool", "domain", "provision", "--realm=" + self.realm, "--domain=" + domain,
            "--adminpass=" + PASSWORD, "--server-role=dc", "--dns-backend=SAMBA_INTERNAL",
            "--host-name=" + host, "--host-ip=" + address, "--targetdir=" + folder,
            "--option=interfaces=" + address, "--option=bind interfaces only=yes",
            "--option=pid directory=" + folder, "--option=ncalrpc dir=" + self.path("ncalrpc"),
            "--option=log file=" + self.path("log"))
        self.forward_to(None)

    def path(self, name):
        return os.path.join(self._folder, name)

    @property
    def configuration(self):
        return self.path("etc/smb.conf")

    def forward_to(self, address):
        """Whom it asks about names of others, once it starts; at first itself, again and again."""
        with open(self.configuration, encoding="utf-8") as file:
            lines = [line for line in file if "dns forwarder" not in line]
        if address is not None:
            lines.insert(lines.index("[global]\n") + 1, f"dns forwarder = {address}\n")
        with open(self.configuration, "w", encoding="utf-8") as file:
            file.writelines(lines)

    def start(self):
        # Its own winbindd has pipes of its own.
        script = f'mount --bind "{self.path("pipes")}" {PIPES}; exec "$@"'
        self._process = start_server(
            ["unshare", "--mount", "sh", "-c", script, "sh", program("/usr/sbin/samba", "samba"),
             "-F", "-M", "prefork", "--debug-stdout", "-s", self.configuration], os.environ)
        wait_for_port(389, self._process, self._address)

    def stop(self):
        stop_server(self._process)

    def tool(self, *arguments):
        """samba-tool on its database; what it prints."""
        return run("samba-tool", *arguments, "-H", self.path("private/sam.ldb"), "-s",
                   self.configuration)

    def set_attribute(self, account, name, value):
        """In its database; `value` in text or octets."""
        parameters = LoadParm()
        parameters.load(self.configuration)
        database = SamDB(url=self.path("private/sam.ldb"), session_info=system_session(),
                         lp=parameters)
        found = database.search(expression=f"(sAMAccountName={account})", attrs=["dn"])
        change = ldb.Message(found[0].dn)
        change[name] = ldb.MessageElement(value, ldb.FLAG_MOD_REPLACE, name)
        database.modify(change)


class JoinedDomain:
    """Ends with close(), or with the namespaces."""

    def __init__(self, directory):
        self._directory = directory
        self._trusted = None
        for address in (CONTROLLER, MEMBER, TRUSTED_CONTROLLER):
            run("ip", "address", "add", address + "/32", "dev", "lo")
        run("ip", "link", "set", "lo", "up")
        for folder in ("member-pipes", "member/private", "member/lock", "member/state",
                       "member/cache"):
            os.makedirs(self.path(folder), mode=0o755)
        os.makedirs(PIPES, exist_ok=True)
        self._bind("hosts", "/etc/hosts", f"127.0.0.1 localhost\n{CONTROLLER} dc.corp.epa.test dc\n"
                                          f"{MEMBER} member.corp.epa.test member\n"
                                          f"{TRUSTED_CONTROLLER} dc2.other.epa.test dc2\n")
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
        self._controller = Controller(self.path("dc"), "dc", DOMAIN, CONTROLLER)
        self.start_controller()
        run("mount", "--bind", self.path("member-pipes"), PIPES)
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
        run("net", "ads", "join", "-U", "administrator%" + PASSWORD, "-s",
            self.path("member/smb.conf"), "--no-dns-updates", "-S", "dc.corp.epa.test")
        self._winbindd = None
        self.start_winbindd()

    def close(self):
        self.stop_winbindd()
        self.stop_controller()
        if self._trusted is not None:
            self._trusted.stop()

    def start_winbindd(self):
        self._winbindd = self._winbindd_of("member")

    @contextlib.contextmanager
    def winbindd_of_a_workgroup(self):
        """That of a machine which was never joined, in the place of the member's."""
        for folder in ("alone/private", "alone/lock", "alone/state", "alone/cache"):
            os.makedirs(self.path(folder), mode=0o755, exist_ok=True)
        self._write("alone/smb.conf", f"""
[global]
 netbios name = MEMBER
 workgroup = WORKGROUP
 private dir = {self.path("alone/private")}
 lock directory = {self.path("alone/lock")}
 state directory = {self.path("alone/state")}
 cache directory = {self.path("alone/cache")}
 pid directory = {self.path("alone")}
 log file = {self.path("alone/log")}
""")
        process = self._winbindd_of("alone")
        try:
            yield
        finally:
            stop_server(process)

    def _winbindd_of(self, folder):
        return start_server(
            [program("/usr/sbin/winbindd", "winbind"), "-F", "--no-process-group",
             "--debug-stdout", "-s", self.path(folder + "/smb.conf")], os.environ)

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
        self._controller.start()

    def stop_controller(self):
        self._controller.stop()

    def trust_another_domain(self):
        """Makes a second domain whose users may log in at the member; its controller."""
        self.stop_controller()
        self._controller.forward_to(TRUSTED_CONTROLLER)
        self._trusted = Controller(self.path("dc2"), "dc2", TRUSTED_DOMAIN, TRUSTED_CONTROLLER)
        self._trusted.start()
        self.start_controller()
        run("samba-tool", "domain", "trust", "create", self._trusted.realm, "--type=external",
            "--direction=both", "--create-location=both", "-U",
            f"administrator@{self._trusted.realm}%{PASSWORD}", "-s",
            self._controller.configuration)
        self.stop_winbindd()  # it looks for trusts when it starts
        self.start_winbindd()
        return self._trusted

    def tool(self, *arguments):
        return self._controller.tool(*arguments)

    def set_attribute(self, account, name, value):
        self._controller.set_attribute(account, name, value)

    def sid(self, account, kind="user"):
        return self.attribute(account, "objectSid", kind)

    def attribute(self, account, name, kind="user"):
        shown = self.tool(kind, "show", account, "--attributes=" + name)
        return shown.split(name + ": ", 1)[1].split()[0]

    def add_service(self, account, principal):
        """An account with this service principal; the path of its keytab."""
        self.tool("user", "create", account, PASSWORD)
        self.set_attribute(account, "servicePrincipalName", principal)
        self.set_attribute(account, "msDS-SupportedEncryptionTypes", "24")  # [MS-KILE] 2.2.7: AES
        keytab = self.path(account + ".keytab")
        run("samba-tool", "domain", "exportkeytab", keytab, "--principal=" + principal, "-s",
            self._controller.configuration)
        return keytab

    def ticket_cache(self, user):
        return get_ticket(os.environ["KRB5_CONFIG"], self._directory, f"{user}@{REALM}", PASSWORD)

    def _write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def _bind(self, name, place, text):
        run("mount", "--bind", self._write(name, text), place)

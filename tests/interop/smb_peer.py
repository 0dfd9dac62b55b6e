"""What the tests of SMB with other people's programs share: our server, Samba's, and smbclient."""

import contextlib
import os
import resource
import signal
import socket
import subprocess
import tempfile

import epa_command
import interop_peer
from epa_command import ReservedPort
from interop_peer import program
from kerberos_realm import wait_for_port

DIALECTS = ("2.0.2", "2.1", "3.0", "3.0.2", "3.1.1")
SAMBA_DIALECTS = {"2.0.2": "SMB2_02", "2.1": "SMB2_10", "3.0": "SMB3_00", "3.0.2": "SMB3_02",
                  "3.1.1": "SMB3_11"}
CONTENT = "read over SMB\n" * 10000
# What a server needs that lets guests in.
GUESTS = ("--map-to-guest", "bad-user", "--signing", "optional", "--extended-protection", "1")
# An account of every Debian machine: Samba's users have to be users of the machine.
SAMBA_USER = "daemon"


class SmbSite(interop_peer.AuditedSite):
    """A running `epa serve smb`."""

    def __init__(self, server, audit):
        super().__init__(audit)
        self.server = server
        self.port = server.port


class SmbTestCase(epa_command.EpaTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        os.makedirs(cls.path("share/sub"))
        cls.write("share/hello.txt", CONTENT)
        cls.write("share/sub/inner.txt", "inner\n")
        os.symlink("/etc/passwd", cls.path("share/way-out"))

    def serve_arguments(self, *options):
        return ["serve", "smb", "--share", "docs=" + self.path("share"), *options]

    @contextlib.contextmanager
    def site(self, *options, accounts=True):
        if accounts:
            options = ("--accounts", self.path("accounts"), *options)
        with tempfile.NamedTemporaryFile(dir=self.directory.name) as audit:
            with self.serving(self.serve_arguments("--audit", audit.name, *options)) as server:
                yield SmbSite(server, audit.name)

    def login_smb(self, port, *options, host="127.0.0.1", share="docs", user=epa_command.USER,
                  password="password"):
        return epa_command.run("login", "smb", f"//{host}:{port}/{share}", "--user", user,
                               "--password-file", self.path(password), *options)

    def assert_events(self, site, *expected):
        """Each login's outcome and reason."""
        events = site.new_events()
        self.assertEqual([(event["outcome"], event["reason"]) for event in events],
                         list(expected), events)
        return events


class SmbClient:
    """smbclient with a configuration of its own, so that the machine's does not count."""

    def __init__(self, directory):
        self._directory = directory
        self._configuration = os.path.join(directory, "smbclient.conf")
        with open(self._configuration, "w", encoding="utf-8") as file:
            file.write(f"""
[global]
 workgroup = DEMO
 private dir = {directory}
 lock directory = {directory}
 state directory = {directory}
 cache directory = {directory}
""")

    def run(self, port, command, *options, host="127.0.0.1", environment=None):
        return subprocess.run(
            [program("smbclient", "smbclient"), f"//{host}/docs", "-I", "127.0.0.1", "-p",
             str(port), "-s", self._configuration, "-c", command, *options],
            capture_output=True, text=True, timeout=60, check=False, cwd=self._directory,
            stdin=subprocess.DEVNULL, env=environment or os.environ)

    def ask_for_shares(self, port):
        """By the pipe srvsvc: what `smbclient -L` asks too, which hides the answer."""
        return subprocess.run(
            [program("rpcclient", "smbclient"), "127.0.0.1", "-p", str(port), "-s",
             self._configuration, "--use-kerberos=off", "-U",
             f"{epa_command.USER}%{epa_command.PASSWORD}", "-c", "netshareenum"],
            capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL)

    def log_in(self, port, command, *options, password=epa_command.PASSWORD, host="127.0.0.1"):
        """As DEMO\\alice, by NTLM."""
        return self.run(port, command, "--use-kerberos=off", "-U", f"DEMO\\alice%{password}",
                        *options, host=host)


def exactly(dialect):
    name = SAMBA_DIALECTS[dialect]
    return [f"--option=client min protocol={name}", f"--option=client max protocol={name}"]


class Samba:
    """Samba's smbd on a loopback port, its files in one directory; ends with close()."""

    def __init__(self, directory, password, settings=""):
        self._port = ReservedPort()
        self.port = self._port.number
        self.user = SAMBA_USER
        self._directory = directory
        configuration = os.path.join(directory, "smb.conf")
        os.makedirs(os.path.join(directory, "share"), exist_ok=True)
        with open(os.path.join(directory, "share", "hello.txt"), "w", encoding="utf-8") as file:
            file.write(CONTENT)
        with open(configuration, "w", encoding="utf-8") as file:
            file.write(f"""
[global]
 smb ports = {self.port}
 interfaces = 127.0.0.1
 bind interfaces only = yes
 disable netbios = yes
 server min protocol = SMB2_02
 private dir = {directory}
 lock directory = {directory}
 state directory = {directory}
 cache directory = {directory}
 pid directory = {directory}
 ncalrpc dir = {directory}/ncalrpc
 log file = {directory}/log
 passdb backend = smbpasswd:{directory}/accounts
 load printers = no
 disable spoolss = yes
{settings}
[docs]
 path = {directory}/share
 read only = yes
 guest ok = yes
""")
        self._add_account(configuration, password)
        # A group of its own: a child for each connection and some helpers go with it.
        self._process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", program("/usr/sbin/smbd", "samba"), "--foreground",
             "--no-process-group", "--configfile", configuration],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True)
        wait_for_port(self.port, self._process)

    def _add_account(self, configuration, password):
        done = subprocess.run(
            [program("smbpasswd", "samba-common-bin"), "-c", configuration, "-s", "-a", SAMBA_USER],
            input=f"{password}\n{password}\n", text=True, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=60, check=False)
        if done.returncode != 0:
            raise RuntimeError("smbpasswd: " + done.stdout)

    def close(self):
        os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait(epa_command.PATIENCE)
        self._port.close()


@contextlib.contextmanager
def silent_connections(port, count):
    # Shells usually allow 1,024 descriptors where the system allows more.
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(socket.create_connection(("127.0.0.1", port), 20))
               for _ in range(count)]


main = interop_peer.main

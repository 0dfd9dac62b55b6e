"""What the tests of SMB with other people's programs share: our server, Samba's, and smbclient."""

import contextlib
import os
import pwd
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
# A user of every Debian machine, for an smbd that root starts.
USER_BESIDE_ROOT = "daemon"


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


def samba_user():
    """Samba's users are users of the machine, and without root's rights smbd can become no other.

    None of this machine's accounts gets in: the password is that of the accounts file alone.
    """
    return pwd.getpwnam(USER_BESIDE_ROOT) if os.getuid() == 0 else pwd.getpwuid(os.getuid())


def nt_hash(password):
    """In capital hexadecimal digits; Python's own MD4 is gone where OpenSSL's default one is."""
    done = subprocess.run(
        [program("openssl", "openssl"), "dgst", "-provider", "legacy", "-provider", "default",
         "-md4", "-r"], input=password.encode("utf-16-le"), capture_output=True, timeout=60,
        check=True)
    return done.stdout.split()[0].decode("ascii").upper()


class Samba:
    """Samba's smbd on a loopback port, its files in one directory; ends with close()."""

    def __init__(self, directory, password, settings=""):
        self._port = ReservedPort()
        self.port = self._port.number
        account = samba_user()
        self.user = account.pw_name
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
 guest account = {account.pw_name}
 load printers = no
 disable spoolss = yes
{settings}
[docs]
 path = {directory}/share
 read only = yes
 guest ok = yes
""")
        # smbpasswd(5); the command smbpasswd adds accounts for root alone.
        with open(os.path.join(directory, "accounts"), "w", encoding="utf-8") as file:
            file.write(f"{account.pw_name}:{account.pw_uid}:{'X' * 32}:{nt_hash(password)}:"
                       "[U          ]:LCT-00000001:\n")
        # A group of its own: a child for each connection and some helpers go with it.
        self._process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", program("/usr/sbin/smbd", "samba"), "--foreground",
             "--no-process-group", "--log-basename", directory, "--configfile", configuration],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True)
        wait_for_port(self.port, self._process)

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

"""OpenSSH's server, whose logins by GSS-API have no certificate: it stays as it is, unless somebody
configures it."""

import contextlib
import getpass
import os
import socket
import subprocess

import gss_plugin
from epa_command import ReservedPort
from interop_peer import program
from kerberos_realm import PASSWORD, REALM, get_ticket, start_server, stop_server, wait_for_port

SSHD = """ListenAddress 127.0.0.1
HostKey {here}/host_key
PidFile none
GSSAPIAuthentication yes
GSSAPIStrictAcceptorCheck no
PasswordAuthentication no
PubkeyAuthentication no
KbdInteractiveAuthentication no
UsePAM no
"""


class SshdTest(gss_plugin.GssPluginCase):
    services = ["host/localhost", "host/" + socket.gethostname()]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Without being root it lets in nobody but who started it.
        cls.user = getpass.getuser()
        cls.realm.add_user(cls.user)
        cls.users_cache = get_ticket(cls.realm.configuration, cls.directory.name,
                                     f"{cls.user}@{REALM}", PASSWORD)
        subprocess.run([program("ssh-keygen", "openssh-client"), "-q", "-t", "ed25519", "-N", "",
                        "-f", cls.path("host_key")], check=True)
        cls.write("sshd_config", SSHD.replace("{here}", cls.directory.name))

    @contextlib.contextmanager
    def sshd(self, configuration):
        port = ReservedPort()
        environment = self.server_environment(configuration)
        process = start_server([program("/usr/sbin/sshd", "openssh-server"), "-D", "-f",
                                self.path("sshd_config"), "-p", str(port.number)], environment)
        try:
            wait_for_port(port.number, process)
            yield port.number
        finally:
            stop_server(process)
            port.close()

    def log_in(self, port):
        """Whether the user is in, whatever then becomes of his session."""
        done = subprocess.run(
            [program("ssh", "openssh-client"), "-v", "-F", "none", "-p", str(port), "-o",
             "GSSAPIAuthentication=yes", "-o", "PreferredAuthentications=gssapi-with-mic", "-o",
             "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=" + os.devnull,
             f"{self.user}@localhost", "true"],
            env=self.realm.client_environment(self.users_cache), stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=60, check=False)
        self.assertIn("gssapi-with-mic", done.stderr)
        return "Authenticated to localhost" in done.stderr

    def test_that_it_stays_as_it_is(self):
        other = self.configuration("2").replace(gss_plugin.EXECUTABLE, "/usr/sbin/apache2")
        for name, configuration in (("another program's", other), ("no file", None)):
            with self.subTest(name), self.sshd(configuration) as port:
                self.assertTrue(self.log_in(port))
                self.assertFalse(os.path.exists(self.path("audit.jsonl")))

    def test_that_its_clients_bind_nothing(self):
        for mode, accepted in (("1", True), ("2", False)):
            configuration = self.configuration(mode).replace(
                gss_plugin.EXECUTABLE, "/usr/sbin/sshd")
            with self.subTest(mode), self.sshd(configuration) as port:
                self.assertEqual(self.log_in(port), accepted)
                event = self.events()[0]
                self.assertEqual(event["outcome"], "accepted" if accepted else "refused")
                self.assertEqual((event["binding"], event["user"]), ("absent", self.user))


if __name__ == "__main__":
    gss_plugin.main()

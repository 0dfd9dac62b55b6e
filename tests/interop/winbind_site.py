"""What the tests of winbindd's accounts share: a domain with its users, and servers of ours."""

import contextlib
import json
import os
import subprocess
import tempfile
import time

import epa_command
import interop_peer
from joined_domain import PASSWORD, JoinedDomain

PATIENCE = 120
DOMAIN_ACCOUNTS = ("winbind:",)


class WinbindTestCase(interop_peer.PeerTestCase):
    """Has the user alice, of the group staff."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.write("password", PASSWORD + "\n")
        cls.domain = JoinedDomain(cls.directory.name)
        cls.addClassCleanup(cls.domain.close)
        cls.domain.tool("user", "create", "alice", PASSWORD)
        cls.domain.tool("group", "add", "staff")
        cls.domain.tool("group", "addmembers", "staff", "alice")
        cls.wait_for(lambda: cls.try_out("CORP\\alice").returncode == 0)

    @classmethod
    def wait_for(cls, condition):
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError(cls.try_out("CORP\\alice").stderr)
            time.sleep(0.2)

    @classmethod
    def try_out(cls, user, password="password"):
        return epa_command.run("accounts", "test", user, "--accounts", "winbind:",
                               "--password-file", cls.path(password), "--json")

    @contextlib.contextmanager
    def site(self, mode, *options, accounts=DOMAIN_ACCOUNTS, certificate="server"):
        ca_file = self.path(certificate + ".pem")
        sources = [part for source in accounts for part in ("--accounts", source)]
        with tempfile.NamedTemporaryFile(dir=self.directory.name) as audit:
            with self.serving(["serve", "https", "--cert", ca_file, "--key",
                               self.path(certificate + ".key"), *sources, "--extended-protection",
                               mode, "--audit", audit.name, *options]) as server:
                site = interop_peer.Site(server.port, ca_file, audit.name)
                site.process = server.process
                yield site

    def log_in(self, site, *options, user="CORP\\alice", password="password"):
        return epa_command.run("login", "https", site.url, "--user", user, "--password-file",
                               self.path(password), "--ca", site.ca_file, "--json", *options)

    def log_in_with_ticket(self, site, cache, *options):
        return epa_command.run("login", "https", f"https://localhost:{site.port}/", "--ccache",
                               cache, "--krb5-config", os.environ["KRB5_CONFIG"], "--ca",
                               site.ca_file, "--json", *options)

    def ticket_of(self, cache, keytab, service):
        done = subprocess.run(
            [os.environ["EPA_TICKET_READER"], os.environ["KRB5_CONFIG"], cache, keytab, service],
            capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

"""Thunderbird, headless, against `epa serve imap`: Kerberos, which binds nothing."""

import json
import os
import signal
import subprocess
import tempfile
import time

import sasl_peer
from interop_peer import ABSENT, program
from kerberos_realm import REALM, KerberosRealm

THUNDERBIRD = program("thunderbird", "thunderbird")
CERTUTIL = program("certutil", "libnss3-tools")
PATIENCE = 120
# As its settings count: Kerberos (GSSAPI), and how TLS begins.
GSSAPI = 5
SOCKET_TYPES = {"implicit": 3, "starttls": 2}
# Of a program that tells nobody of itself, asks nothing and looks for mail when it starts.
SETTINGS = {
    "app.donation.eoy.version.viewed": 999,
    "app.update.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "mail.account.account1.identities": "id1",
    "mail.account.account1.server": "server1",
    "mail.account.account2.server": "server2",
    "mail.accountmanager.accounts": "account1,account2",
    "mail.accountmanager.defaultaccount": "account1",
    "mail.accountmanager.localfoldersserver": "server2",
    "mail.identity.id1.useremail": "alice@localhost",
    "mail.identity.id1.valid": True,
    "mail.inappnotifications.enabled": False,
    "mail.provider.suppress_dialog_on_startup": True,
    "mail.server.server1.authMethod": GSSAPI,
    "mail.server.server1.check_new_mail": True,
    "mail.server.server1.hostname": "localhost",
    "mail.server.server1.login_at_startup": True,
    "mail.server.server1.type": "imap",
    "mail.server.server1.userName": "alice",
    "mail.server.server2.hostname": "Local Folders",
    "mail.server.server2.type": "none",
    "mail.server.server2.userName": "nobody",
    "mail.startup.enabledMailCheckOnce": True,
    "mailnews.start_page.enabled": False,
    "network.manage-offline-status": False,
    "offline.autoDetect": False,
    "offline.startup_state": 2,  # on line
}


class ThunderbirdTest(sasl_peer.SaslTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # It takes no certificate of an authority for a server's, and trusts none but through one.
        cls.make_certificate("authority", "rsa:2048")
        cls.make_certificate("server", "rsa:2048", "-config", "/dev/null", "-addext",
                             "basicConstraints=critical,CA:FALSE", "-CA",
                             cls.path("authority.pem"), "-CAkey", cls.path("authority.key"))
        cls.realm = KerberosRealm(cls.directory.name, ["imap/localhost"])
        cls.addClassCleanup(cls.realm.close)
        cls.cache = cls.realm.ticket_cache()

    def write_profile(self, folder, port, tls):
        database = ["-d", "sql:" + folder]
        for arguments in (["-N", "--empty-password"],
                          ["-A", "-n", "authority", "-t", "C,,", "-i",
                           self.path("authority.pem")]):
            subprocess.run([CERTUTIL, *arguments, *database], check=True, timeout=60)
        settings = {**SETTINGS, "mail.server.server1.port": port,
                    "mail.server.server1.socketType": SOCKET_TYPES[tls]}
        with open(os.path.join(folder, "prefs.js"), "w", encoding="utf-8") as file:
            file.writelines(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n"
                            for name, value in settings.items())

    def first_login(self, site, tls):
        """The event of the first login of a Thunderbird that starts."""
        with tempfile.TemporaryDirectory(dir=self.directory.name) as folder:
            self.write_profile(folder, site.port, tls)
            process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", THUNDERBIRD, "--headless", "--no-remote",
                 "--profile", folder, "-mail"],
                env={**self.realm.client_environment(self.cache), "HOME": folder},
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                start_new_session=True)
            try:
                return self.wait_for_event(site, process)
            finally:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def wait_for_event(self, site, process):
        deadline = time.monotonic() + PATIENCE
        while not (events := site.logins()):
            self.assertIsNone(process.poll(), "Thunderbird ends")
            self.assertLess(time.monotonic(), deadline, "Thunderbird does not log in")
            time.sleep(0.1)
        return events[0]

    def test_kerberos_in_all_modes(self):
        binding, verdicts = ABSENT
        for tls in SOCKET_TYPES:
            for mode, (accepted, reason) in enumerate(verdicts):
                with self.subTest(mode=mode, tls=tls), \
                        self.site("imap", str(mode), "--keytab", self.realm.keytab, "--krb5-config",
                                  self.realm.configuration, tls=tls) as site:
                    event = self.first_login(site, tls)
                    self.assertEqual((event["outcome"], event["reason"], event["binding"]),
                                     (sasl_peer.OUTCOMES[accepted], reason, binding), event)
                    self.assertEqual((event["package"], event["user"], event["domain"]),
                                     ("Kerberos", "alice", REALM), event)


if __name__ == "__main__":
    sasl_peer.main()

"""`epa login smb` against impacket's server, which grants no NTLM signing and signs SMB all the same."""

import json
import os
import subprocess
import sys

import epa_command
import smb_peer
from kerberos_realm import wait_for_port
from smb_peer import CONTENT

SERVER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "impacket_smbserver.py")


class ImpacketServerTest(smb_peer.SmbTestCase):
    def setUp(self):
        reserved = epa_command.ReservedPort()
        self.addCleanup(reserved.close)
        self.port = reserved.number
        log = self.enterContext(open(self.path("impacket.log"), "w", encoding="utf-8"))
        server = subprocess.Popen(
            [sys.executable, "-B", SERVER, str(self.port), self.path("share"), "alice",
             epa_command.PASSWORD], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        wait_for_port(self.port, server)

    def test_logs_in_reads_and_lists(self):
        for options, signing in (((), "HMAC-SHA256"), (("--signing", "optional"), None)):
            with self.subTest(options=options):
                result = self.login_smb(self.port, "--list", "--json", *options)
                self.assertLoggedIn(result)
                report = json.loads(result.stdout)
                self.assertEqual(report["dialect"], "2.0.2")
                self.assertEqual(report["session"], "user")
                self.assertEqual(report["package"], "NTLM")
                self.assertEqual(report["signing"], signing)
                self.assertIn("hello.txt", [entry["name"] for entry in report["files"]])
        content = self.login_smb(self.port, "--get", "hello.txt")
        self.assertEqual((content.returncode, content.stdout), (0, CONTENT), content.stderr)

    def test_a_wrong_password_is_refused(self):
        self.assertRefused(self.login_smb(self.port, password="wrong-password"))


if __name__ == "__main__":
    smb_peer.main()

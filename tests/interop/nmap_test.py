"""nmap's scripts ask `epa serve smb`, `epa serve telnet` and `epa serve https` what they are."""

import re
import subprocess

import smb_peer
from interop_peer import program

NMAP = program("nmap", "nmap")


class NmapTest(smb_peer.SmbTestCase):
    def scan(self, port, *scripts):
        """What the scripts print; "+" makes them run on a port that is not their service's."""
        result = subprocess.run(
            [NMAP, "-n", "-Pn", "-sT", "-p", str(port), "--script",
             ",".join("+" + script for script in scripts), "--script-args", f"smbport={port}",
             "127.0.0.1"],
            capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        return result.stdout

    def test_smb_dialects_and_signing(self):
        for options, dialects, signing in (
                ((), "202 210 300 302 311", "Message signing enabled and required"),
                (("--signing", "optional", "--dialect", "2.1", "--dialect", "3.0"), "210 300",
                 "Message signing enabled but not required")):
            with self.subTest(options=options), self.site(*options) as site:
                shown = self.scan(site.port, "smb-protocols", "smb2-security-mode", "smb2-time")
                listed = re.search(r"smb-protocols: \n\|   dialects: \n((?:\|[ _]+\w+\n)+)", shown)
                self.assertIsNotNone(listed, shown)
                self.assertEqual(listed[1].replace("|", " ").replace("_", " ").split(),
                                 dialects.split())
                self.assertIn(signing, shown)
                self.assertIn("smb2-time", shown)

    def test_telnet_names(self):
        """The script begins with IS, without WILL."""
        arguments = ["serve", "telnet", "--accounts", self.path("accounts"), "--spn",
                     "TELNET/127.0.0.1"]
        with self.serving(arguments) as server:
            # nmap does not undo the doubling of IAC, so a challenge that has one is misread.
            for _ in range(5):
                shown = self.scan(server.port, "telnet-ntlm-info")
                if re.search(r"NetBIOS_Computer_Name: \S+\n", shown):
                    break
            self.assertRegex(shown, r"Target_Name: \S+\n")
            self.assertRegex(shown, r"NetBIOS_Computer_Name: \S+\n")

    def test_http_names(self):
        arguments = ["serve", "https", "--cert", self.path("server.pem"), "--key",
                     self.path("server.key"), "--accounts", self.path("accounts"),
                     "--netbios-name", "WEB", "--netbios-domain", "DEMO", "--dns-name",
                     "web.demo.example"]
        with self.serving(arguments) as server:
            shown = self.scan(server.port, "http-ntlm-info")
        for name, value in (("Target_Name", "DEMO"), ("NetBIOS_Domain_Name", "DEMO"),
                            ("NetBIOS_Computer_Name", "WEB"),
                            ("DNS_Computer_Name", "web.demo.example")):
            self.assertIn(f"{name}: {value}\n", shown)


if __name__ == "__main__":
    smb_peer.main()

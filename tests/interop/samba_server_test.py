"""`epa login smb` against Samba's smbd: every dialect, and a real guest session."""

import json
import os

import smb_peer
from smb_peer import CONTENT, DIALECTS, Samba

SIGNING = {"2.0.2": {"HMAC-SHA256"}, "2.1": {"HMAC-SHA256"}, "3.0": {"AES-CMAC"},
           "3.0.2": {"AES-CMAC"}, "3.1.1": {"AES-CMAC", "AES-GMAC"}}

WORKSTATION = ("Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\SYSTEM\\"
               "CurrentControlSet\\Services\\LanmanWorkstation\\Parameters]\n")


class SambaServerTest(smb_peer.SmbTestCase):
    def samba(self, name, settings):
        os.makedirs(self.path(name))
        os.chmod(self.directory.name, 0o755)  # Samba becomes the user who logs in
        samba = Samba(self.path(name), smb_peer.epa_command.PASSWORD, settings)
        self.addCleanup(samba.close)
        return samba

    def log_in(self, samba, *options, user=None, password="password"):
        return self.login_smb(samba.port, *options, user=user or samba.user, password=password)

    def test_every_dialect_signed_and_encrypted(self):
        samba = self.samba("samba", "server signing = mandatory")
        for dialect in DIALECTS:
            with self.subTest(dialect=dialect):
                result = self.log_in(samba, "--dialect", dialect, "--list", "--json")
                self.assertLoggedIn(result)
                report = json.loads(result.stdout)
                self.assertEqual(report["dialect"], dialect)
                self.assertEqual(report["session"], "user")
                self.assertEqual(report["package"], "NTLM")
                self.assertIn(report["signing"], SIGNING[dialect])
                self.assertEqual(report["events"], [])
                self.assertIn("hello.txt", [entry["name"] for entry in report["files"]])
                content = self.log_in(samba, "--dialect", dialect, "--get", "hello.txt")
                self.assertEqual(content.stdout, CONTENT, content.stderr)
        for dialect in ("3.0", "3.0.2", "3.1.1"):
            with self.subTest(dialect=dialect, encrypted=True):
                result = self.log_in(samba, "--dialect", dialect, "--encryption", "required",
                                     "--json")
                self.assertLoggedIn(result)
                self.assertIn(json.loads(result.stdout)["encryption"][:8], ("AES-128-", "AES-256-"))
        self.assertRefused(self.log_in(samba, password="wrong-password"))

    def test_windows_settings_allow_a_guest_session(self):
        samba = self.samba("settings", "map to guest = Bad User")
        allow = self.write("allow.reg", WORKSTATION + '"AllowInsecureGuestAuth"=dword:00000001\n'
                           '"RequireSecuritySignature"=dword:00000000\n')
        unsigned = ("--signing", "optional")
        for options, accepted in ((("--registry", allow), True),
                                  (("--registry", allow, "--signing", "required"), False),
                                  (("--registry", allow, "--insecure-guest", "block"), False),
                                  # A product's default weakens no signing.
                                  (("--windows", "windows10-1709/home"), False),
                                  (("--windows", "windows10-1709/home", *unsigned), True),
                                  (("--windows", "windows10-1709/enterprise", *unsigned), False)):
            with self.subTest(options=options):
                result = self.log_in(samba, *options, user="nobody-we-know")
                self.assertEqual(result.returncode, 0 if accepted else 1, result.stderr)

    def test_a_guest_session_is_refused_unless_allowed_and_nothing_has_to_be_signed(self):
        samba = self.samba("guests", "map to guest = Bad User")
        for dialect in DIALECTS:
            with self.subTest(dialect=dialect):
                def guest(*options):
                    result = self.log_in(samba, "--dialect", dialect, "--json", *options,
                                         user="nobody-we-know")
                    return result, json.loads(result.stdout)

                for options in ((), ("--signing", "optional"), ("--insecure-guest", "allow")):
                    result, report = guest(*options)
                    self.assertRefused(result)
                    self.assertEqual(report["win32_error"], 1272)
                    self.assertEqual(report["hresult"], "0x80070035")
                    rejected = report["events"][-1]
                    self.assertEqual(rejected["id"], 31017)
                    self.assertEqual(rejected["data"]["UserName"], "nobody-we-know")
                    self.assertEqual(rejected["data"]["ServerName"], "\\127.0.0.1")

                result, report = guest("--insecure-guest", "allow", "--signing", "optional")
                self.assertLoggedIn(result)
                self.assertEqual(report["session"], "guest")
                self.assertIsNone(report["signing"])
                self.assertIsNone(report["encryption"])
                self.assertEqual([event["id"] for event in report["events"]], [31018, 31022])


if __name__ == "__main__":
    smb_peer.main()

"""smbclient logs in to `epa serve smb` and reads a file, in every dialect."""

import os
import tempfile

import epa_command
import smb_peer
from kerberos_realm import KerberosRealm
from smb_peer import CONTENT, DIALECTS, GUESTS, SmbClient, exactly

REALM_HOST = "files.epa.test"


class SmbclientTest(smb_peer.SmbTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.client = SmbClient(cls.directory.name)

    def assert_reads(self, result, name="got"):
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        with open(self.path(name), encoding="utf-8") as file:
            self.assertEqual(file.read(), CONTENT)
        os.remove(self.path(name))

    def test_reads_a_file_in_every_dialect_with_signing_required(self):
        for dialect in DIALECTS:
            # The server has no other dialect, so it was this one.
            with self.subTest(dialect=dialect), self.site("--dialect", dialect) as site:
                result = self.client.log_in(site.port, "get hello.txt got",
                                            "--client-protection=sign", *exactly(dialect))
                self.assert_reads(result)
                self.assert_events(site, ("accepted", "service_name_matched"))

    def test_begins_with_smb1(self):
        """SMB1's NEGOTIATE leads to SMB 2, and below 3.1.1 its validation confirms that."""
        for greatest in DIALECTS:
            with self.subTest(greatest=greatest), self.site() as site:
                self.assert_reads(self.client.log_in(
                    site.port, "get hello.txt got", "--option=client min protocol=NT1",
                    f"--option=client max protocol={smb_peer.SAMBA_DIALECTS[greatest]}"))
                self.assert_events(site, ("accepted", "service_name_matched"))

    def test_reads_a_file_encrypted(self):
        for dialect in ("3.0", "3.0.2", "3.1.1"):
            with self.subTest(dialect=dialect), \
                    self.site("--dialect", dialect, "--encryption", "required") as site:
                self.assert_reads(self.client.log_in(
                    site.port, "get hello.txt got", "--client-protection=encrypt",
                    *exactly(dialect)))

    def test_encryption_required_refuses_old_dialects(self):
        with self.site("--encryption", "required") as site:
            result = self.client.log_in(site.port, "ls", *exactly("2.1"))
            self.assertNotEqual(result.returncode, 0, result.stdout)

    def test_lists_and_walks_the_share(self):
        with self.site() as site:
            result = self.client.log_in(site.port, "ls; cd sub; ls; allinfo inner.txt")
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
            self.assertIn("hello.txt", result.stdout)
            self.assertIn("inner.txt", result.stdout)
            self.assertNotIn("way-out", result.stdout)

    def test_neither_leaves_the_share_nor_changes_it(self):
        with self.site() as site:
            for command in ("get way-out got", "put hello.txt new", "rm hello.txt", "mkdir new",
                            "rename hello.txt other"):
                with self.subTest(command=command):
                    self.write("hello.txt", "to send\n")
                    result = self.client.log_in(site.port, command)
                    self.assertIn("NT_STATUS_", result.stdout + result.stderr)
        self.assertEqual(sorted(os.listdir(self.path("share"))), ["hello.txt", "sub", "way-out"])

    def test_a_list_of_shares_is_refused_for_there_are_no_pipes(self):
        with self.site() as site:
            result = self.client.ask_for_shares(site.port)
            self.assertEqual(result.returncode, 1)
            self.assertIn("srvsvc. Error was NT_STATUS_OBJECT_NAME_NOT_FOUND", result.stderr)
            listed = self.client.log_in(site.port, "", "-L", "127.0.0.1")
            self.assertIn("Sharename", listed.stdout)
            self.assertNotIn("docs", listed.stdout)
            self.assertIn("hello.txt", self.client.log_in(site.port, "ls").stdout)

    def test_the_wrong_server_is_refused_from_level_1_on(self):
        for level, verdict in (("0", ("accepted", "legacy_mode")),
                               ("1", ("refused", "service_name_mismatch")),
                               ("2", ("refused", "service_name_mismatch"))):
            with self.subTest(level=level), self.site("--extended-protection", level) as site:
                result = self.client.log_in(site.port, "ls", host="elsewhere.example")
                self.assertEqual(result.returncode == 0, level == "0", result.stdout)
                event = self.assert_events(site, verdict)[0]
                self.assertEqual(event["target_name"], "cifs/elsewhere.example")
                if level != "0":
                    self.assertIn("NT_STATUS_ACCESS_DENIED", result.stdout + result.stderr)
                    self.assertEqual(event["windows_event"]["id"], 5168)
                    self.assertEqual(event["windows_event"]["data"]["SpnName"],
                                     "cifs/elsewhere.example")

    def test_an_alias_is_accepted_when_it_is_configured(self):
        with self.site("--spn", "cifs/elsewhere.example") as site:
            self.assert_reads(self.client.log_in(site.port, "get hello.txt got",
                                                 host="elsewhere.example"))

    def test_wrong_password(self):
        with self.site() as site:
            result = self.client.log_in(site.port, "ls", password="not the password")
            self.assertNotEqual(result.returncode, 0)
            self.assertIn("NT_STATUS_LOGON_FAILURE", result.stdout + result.stderr)
            self.assert_events(site, ("refused", "wrong_password"))

    def test_anonymous_is_refused(self):
        with self.site() as site:
            result = self.client.run(site.port, "ls", "-N", "-U", "%", "--use-kerberos=off")
            self.assertNotEqual(result.returncode, 0)
            self.assertNotIn("hello.txt", result.stdout)

    def test_whom_no_account_knows_is_a_guest_where_guests_are_let_in(self):
        with self.site(*GUESTS) as site:
            for dialect in DIALECTS:
                with self.subTest(dialect=dialect):
                    self.assert_reads(self.client.run(
                        site.port, "get hello.txt got", "--use-kerberos=off", "-U", "guest%",
                        *exactly(dialect)))
                    event = self.assert_events(site, ("accepted", "guest_allowed"))[0]
                    self.assertEqual((event["identity"], event["claimed_user"]), ("guest", "guest"))
            known = self.client.log_in(site.port, "ls", password="not the password")
            self.assertIn("NT_STATUS_LOGON_FAILURE", known.stdout + known.stderr)
            self.assert_events(site, ("refused", "wrong_password"))
            anonymous = self.client.run(site.port, "ls", "-N", "-U", "%", "--use-kerberos=off")
            self.assertIn("NT_STATUS_LOGON_FAILURE", anonymous.stdout + anonymous.stderr)
            self.assert_events(site, ("refused", "anonymous_refused"))
        with self.site("--signing", "optional", "--extended-protection", "1") as site:
            result = self.client.run(site.port, "ls", "-U", "guest%", "--use-kerberos=off")
            self.assertIn("NT_STATUS_LOGON_FAILURE", result.stdout + result.stderr)
            self.assert_events(site, ("refused", "unknown_user"))

    def realm(self):
        directory = tempfile.mkdtemp(dir=self.directory.name)
        realm = KerberosRealm(directory, [f"cifs/{REALM_HOST}"])
        self.addCleanup(realm.close)
        return realm, realm.client_environment(realm.ticket_cache())

    def kerberos_site(self, realm, *options):
        return self.site("--keytab", realm.keytab, "--krb5-config", realm.configuration, "--spn",
                         "cifs/" + REALM_HOST, *options, accounts=False)

    def run_with_ticket(self, site, environment, *options):
        return self.client.run(
            site.port, "get hello.txt got", "--use-kerberos=required",
            "--use-krb5-ccache=" + environment["KRB5CCNAME"], *options, host=REALM_HOST,
            environment=environment)

    def test_kerberos_in_every_dialect(self):
        realm, environment = self.realm()
        with self.kerberos_site(realm, "--exclusive-key") as site:
            for dialect in DIALECTS:
                with self.subTest(dialect=dialect):
                    self.assert_reads(self.run_with_ticket(site, environment, *exactly(dialect)))
                    event = self.assert_events(site, ("accepted", "service_name_matched"))[0]
                    self.assertEqual(event["package"], "Kerberos")
                    self.assertEqual(event["user"], "alice")
                    self.assertEqual(event["target_name_voucher"], "exclusive_key")

    def test_a_ticket_alone_does_not_vouch_for_its_service(self):
        realm, environment = self.realm()
        with self.kerberos_site(realm) as site:
            result = self.run_with_ticket(site, environment)
            self.assertIn("NT_STATUS_", result.stdout + result.stderr)
            event = self.assert_events(site, ("refused", "service_name_not_vouched_for"))[0]
            self.assertEqual((event["target_name"], event["target_name_voucher"]),
                             ("cifs/" + REALM_HOST, "nobody"))
        with self.kerberos_site(realm, "--extended-protection", "1") as site:
            self.assert_reads(self.run_with_ticket(site, environment))
            event = self.assert_events(site, ("accepted", "service_name_missing_allowed"))[0]
            self.assertEqual(event["reason_if_required"], "service_name_not_vouched_for")


if __name__ == "__main__":
    smb_peer.main()

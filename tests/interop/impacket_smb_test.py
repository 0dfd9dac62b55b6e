"""impacket logs in to `epa serve smb`: no MIC, a name from our own challenge, no binding."""

import contextlib
import io
import unittest.mock

import epa_command
import interop_peer
import smb_peer
from smb_peer import CONTENT

smb3 = interop_peer.module("impacket.smb3", "python3-impacket")
ntlm = interop_peer.module("impacket.ntlm", "python3-impacket")
smbconnection = interop_peer.module("impacket.smbconnection", "python3-impacket")

# Debian's impacket knows no 3.0.2, and what it signs in 3.1.1 Samba does not take either.
DIALECTS = {"2.0.2": smb3.SMB2_DIALECT_002, "2.1": smb3.SMB2_DIALECT_21,
            "3.0": smb3.SMB2_DIALECT_30}


class ImpacketSmbTest(smb_peer.SmbTestCase):
    @contextlib.contextmanager
    def connection(self, site, dialect=None, password=epa_command.PASSWORD):
        connection = smbconnection.SMBConnection("127.0.0.1", "127.0.0.1", sess_port=site.port,
                                                 preferredDialect=dialect)
        try:
            connection.login("alice", password, "DEMO")
            yield connection
        finally:
            connection.close()

    def test_reads_and_lists_in_every_dialect_with_signing_required(self):
        for name, dialect in DIALECTS.items():
            with self.subTest(dialect=name), self.site("--dialect", name) as site, \
                    self.connection(site, dialect) as connection:
                self.assertEqual(connection.getDialect(), dialect)
                self.assertTrue(connection.isSigningRequired())
                content = io.BytesIO()
                connection.getFile("docs", "hello.txt", content.write)
                self.assertEqual(content.getvalue().decode("ascii"), CONTENT)
                names = [entry.get_longname() for entry in connection.listPath("docs", "*")]
                self.assertEqual(sorted(names), [".", "..", "hello.txt", "sub"])
                event = self.assert_events(site, ("accepted", "service_name_matched"))[0]
                self.assertEqual(event["mic"], "absent")

    def test_wrong_password(self):
        with self.site() as site:
            with self.assertRaisesRegex(smbconnection.SessionError, "STATUS_LOGON_FAILURE"):
                with self.connection(site, password="wrong"):
                    pass
            self.assert_events(site, ("refused", "wrong_password"))

    def test_logs_in_again_on_its_session(self):
        """As clients do whose tickets end; with another user's password it keeps what it has."""
        self.write("two-accounts", "DEMO:alice:%s\nDEMO:bob:secret\n" % epa_command.PASSWORD)
        for name, dialect in DIALECTS.items():
            with self.subTest(dialect=name), \
                    self.site("--dialect", name, "--accounts", self.path("two-accounts"),
                              accounts=False) as site, self.connection(site, dialect) as connection:
                session = connection.getSMBServer()._Session  # pylint: disable=protected-access
                kept = dict(session)
                for user, password, accepted in (("alice", epa_command.PASSWORD, True),
                                                 ("alice", "wrong", False),
                                                 ("bob", "secret", False)):
                    self.assertEqual(self.log_in_again(connection, user, password), accepted)
                    # impacket takes the new login's keys, and the session keeps the first one's.
                    session.update(kept)
                    content = io.BytesIO()
                    connection.getFile("docs", "hello.txt", content.write)
                    self.assertEqual(content.getvalue().decode("ascii"), CONTENT)
                self.assert_events(site, ("accepted", "service_name_matched"),
                                   ("accepted", "service_name_matched"),
                                   ("refused", "wrong_password"),
                                   ("refused", "connection_owner_differs"))

    @staticmethod
    def log_in_again(connection, user, password):
        try:
            connection.login(user, password, "DEMO")
            return True
        except smbconnection.SessionError:
            return False

    def test_3_1_1_without_signatures(self):
        with self.site("--dialect", "3.1.1", "--signing", "optional") as site, \
                self.connection(site, smb3.SMB2_DIALECT_311) as connection:
            self.assertEqual(connection.getDialect(), smb3.SMB2_DIALECT_311)
            self.assert_events(site, ("accepted", "service_name_matched"))

    def test_the_name_of_another_server_is_refused(self):
        # By itself it names whatever server the challenge does.
        set_pair = ntlm.AV_PAIRS.__setitem__

        def elsewhere(pairs, key, value):
            if key == ntlm.NTLMSSP_AV_TARGET_NAME:
                value = "cifs/elsewhere.example".encode("utf-16-le")
            set_pair(pairs, key, value)

        with self.site() as site, \
                unittest.mock.patch.object(ntlm.AV_PAIRS, "__setitem__", elsewhere):
            with self.assertRaisesRegex(smbconnection.SessionError, "STATUS_ACCESS_DENIED"):
                with self.connection(site):
                    pass
            event = self.assert_events(site, ("refused", "service_name_mismatch"))[0]
            self.assertEqual(event["windows_event"]["id"], 5168)


if __name__ == "__main__":
    smb_peer.main()

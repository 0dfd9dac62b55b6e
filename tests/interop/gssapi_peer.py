"""What both ends of python3-gssapi with gss-ntlmssp share."""

import os

import interop_peer

gssapi = interop_peer.module("gssapi", "python3-gssapi")

NTLM = gssapi.OID.from_int_seq("1.3.6.1.4.1.311.2.2.10")
SPNEGO = gssapi.OID.from_int_seq("1.3.6.1.5.5.2")
if NTLM not in gssapi.raw.indicate_mechs():
    interop_peer.missing("the GSS-API mechanism NTLM", "gss-ntlmssp")


def bindings(certificate_hash):
    """Those of a certificate, by its hash (RFC 5929 4.1)."""
    return gssapi.raw.ChannelBindings(
        application_data=b"tls-server-end-point:" + certificate_hash)


class GssTestCase(interop_peer.PeerTestCase):
    """gss-ntlmssp in this process finds its accounts in NTLM_USER_FILE."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        before = dict(os.environ)
        os.environ.update(interop_peer.gss_environment(cls.path("ntlm-user-file")))
        cls.addClassCleanup(cls.restore_environment, before)

    @staticmethod
    def restore_environment(before):
        os.environ.clear()
        os.environ.update(before)

    def set_ntlm_user_file(self, text):
        """For this test."""
        path = self.path("ntlm-user-file")
        with open(path, encoding="utf-8") as file:
            before = file.read()
        self.addCleanup(self.write, "ntlm-user-file", before)
        self.write("ntlm-user-file", text)

"""impacket: no MIC, no binding, and a target name of another service."""

import interop_peer
import token_client
from interop_peer import ABSENT

ntlm = interop_peer.module("impacket.ntlm", "python3-impacket")


class ImpacketTest(interop_peer.PeerTestCase):
    def log_in(self, user="alice", domain="DEMO", password=interop_peer.PASSWORD, alter=None):
        """`alter` changes the fields of the AUTHENTICATE message."""
        def login(site):
            with token_client.TokenClient(site, "NTLM") as client:
                negotiate = ntlm.getNTLMSSPType1("WS", domain, True, use_ntlmv2=True)
                answer, challenge = client.send(negotiate.getData())
                self.assertEqual(answer.status, 401)
                self.computer = self.computer_name(challenge)
                authenticate, _ = ntlm.getNTLMSSPType3(negotiate, challenge, user, password,
                                                       domain, use_ntlmv2=True)
                if alter is not None:
                    alter(authenticate)
                answer, token = client.send(authenticate.getData())
                self.assertIsNone(token)
                return answer
        return login

    @staticmethod
    def computer_name(challenge):
        pairs = ntlm.AV_PAIRS(ntlm.NTLMAuthChallenge(challenge)["TargetInfoFields"])
        return pairs[ntlm.NTLMSSP_AV_HOSTNAME][1].decode("utf-16-le")

    def test_neither_binding_nor_mic(self):
        self.assert_in_all_modes(ABSENT, self.log_in(), mic="absent", user="alice",
                                 domain="DEMO", workstation="WS")

    def test_its_target_name_is_cifs_and_the_name_in_our_challenge(self):
        with self.site("1") as site:
            answer = self.log_in()(site)
            self.assert_verdict(site, answer, True, "binding_missing_allowed",
                                target_name="cifs/" + self.computer, target_name_voucher="client")

    def test_a_target_name_of_ours_is_required_where_names_decide(self):
        with self.site("2", "--scenario", "proxy", "--spn", "HTTP/127.0.0.1") as site:
            self.assert_verdict(site, self.log_in()(site), False, "binding_missing")

    def test_spellings_of_one_account(self):
        for user, domain in (("ALICE", "demo"), ("alice", ""), ("alice@DEMO", ""),
                             ("DEMO\\alice", "")):
            with self.subTest(user=user, domain=domain), self.site("1") as site:
                self.assert_verdict(site, self.log_in(user, domain)(site), True,
                                    "binding_missing_allowed", user="alice",
                                    domain="DEMO", claimed_user=user)

    def test_without_an_lm_response(self):
        def empty(authenticate):
            authenticate["lanman"] = b""
        with self.site("1") as site:
            self.assert_verdict(site, self.log_in(alter=empty)(site), True,
                                "binding_missing_allowed")

    def test_wrong_password(self):
        self.assert_refused_in_all_modes(self.log_in(password="wrong"), "wrong_password",
                                         claimed_user="alice", identity_verified=False)

    def test_ntlmv1(self):
        def old(authenticate):
            authenticate["ntlm"] = authenticate["lanman"]
        self.assert_refused_in_all_modes(self.log_in(alter=old), "ntlm_v1_refused")


if __name__ == "__main__":
    interop_peer.main()

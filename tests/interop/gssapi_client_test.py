"""python3-gssapi with gss-ntlmssp as the client: any binding that a test wants."""

import hashlib

import interop_peer
import token_client
from gssapi_peer import NTLM, SPNEGO, GssTestCase, bindings, gssapi
from interop_peer import ABSENT, MATCHED, MISMATCHED


def right(certificate):
    return bindings(hashlib.sha256(certificate).digest())


def wrong(certificate):
    return bindings(hashlib.sha256(certificate + b"another").digest())


def nothing(_):
    return None


class GssClientTestCase(GssTestCase):
    def log_in(self, scheme, mechanism, binding, user=interop_peer.USER):
        """`binding` makes the client's bindings of the server's certificate."""
        def login(site):
            with token_client.TokenClient(site, scheme) as client:
                name = gssapi.Name(user, gssapi.NameType.user)
                credentials = gssapi.Credentials(name=name, usage="initiate", mechs=[mechanism])
                context = gssapi.SecurityContext(
                    name=gssapi.Name("HTTP@127.0.0.1", gssapi.NameType.hostbased_service),
                    creds=credentials, mech=mechanism, usage="initiate",
                    channel_bindings=binding(client.certificate()))
                return self.exchange(client, context)
        return login

    def exchange(self, client, context):
        answer, token = client.send(context.step())
        while answer.status == 401 and token is not None:
            answer, token = client.send(context.step(token))
        if token is not None:
            self.assertIsNone(context.step(token))
        if answer.status == 200:
            self.assertTrue(context.complete)
        return answer


class RawNtlmTest(GssClientTestCase):
    def test_right_binding(self):
        self.assert_in_all_modes(MATCHED, self.log_in("NTLM", NTLM, right), user="alice",
                                 domain="DEMO", target_name="HTTP/127.0.0.1",
                                 matched_binding="tls-server-end-point")

    def test_no_binding(self):
        self.assert_in_all_modes(ABSENT, self.log_in("NTLM", NTLM, nothing))

    def test_wrong_binding(self):
        self.assert_in_all_modes(MISMATCHED, self.log_in("NTLM", NTLM, wrong))

    def test_without_spnego_in_the_negotiate_header(self):
        self.assert_in_all_modes(MATCHED, self.log_in("Negotiate", NTLM, right))

    def test_wrong_password(self):
        self.set_ntlm_user_file("DEMO:alice:wrong\n")
        self.assert_refused_in_all_modes(self.log_in("NTLM", NTLM, right), "wrong_password",
                                         claimed_user="alice", identity_verified=False)

    def test_names_and_passwords_of_all_languages(self):
        account = "DÉMO:żółw:пароль 密碼\n"
        self.set_ntlm_user_file(account)
        self.write("accounts", account)
        self.addCleanup(self.write, "accounts", f"DEMO:alice:{interop_peer.PASSWORD}\n")
        with self.site("2") as site:
            answer = self.log_in("NTLM", NTLM, right, user="DÉMO\\żółw")(site)
            self.assert_verdict(site, answer, True, "binding_matched", user="żółw",
                                domain="DÉMO")


class SpnegoTest(GssClientTestCase):
    """Around NTLM, whose keys then also protect the list of mechanisms, both ways."""

    def test_right_binding(self):
        self.assert_in_all_modes(MATCHED, self.log_in("Negotiate", SPNEGO, right), mic="verified",
                                 user="alice", domain="DEMO", target_name="HTTP/127.0.0.1",
                                 matched_binding="tls-server-end-point")

    def test_no_binding(self):
        self.assert_in_all_modes(ABSENT, self.log_in("Negotiate", SPNEGO, nothing),
                                 mic="verified")

    def test_wrong_binding(self):
        self.assert_in_all_modes(MISMATCHED, self.log_in("Negotiate", SPNEGO, wrong),
                                 mic="verified")

    def test_wrong_password(self):
        self.set_ntlm_user_file("DEMO:alice:wrong\n")
        self.assert_refused_in_all_modes(self.log_in("Negotiate", SPNEGO, right),
                                         "wrong_password")


if __name__ == "__main__":
    interop_peer.main()

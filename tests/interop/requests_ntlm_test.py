"""Python's requests-ntlm: binds the connection's certificate, with its own reading of RFC 5929."""

import interop_peer
from interop_peer import ABSENT, MATCHED, PASSWORD, USER, Answer

requests = interop_peer.module("requests", "python3-requests")
requests_ntlm = interop_peer.module("requests_ntlm", "python3-requests-ntlm")
# requests-ntlm 1.1 needs MD4, which OpenSSL's legacy provider has. Only python-cryptography's
# OpenSSL binding loads it, and requests-ntlm itself imports that for send_cbt=True alone.
interop_peer.module("cryptography.hazmat.bindings.openssl.binding", "python3-cryptography")


class RequestsNtlmTest(interop_peer.PeerTestCase):
    def session(self, site, user=USER, password=PASSWORD, send_cbt=True):
        session = requests.Session()
        session.trust_env = False
        session.verify = site.ca_file
        session.auth = requests_ntlm.HttpNtlmAuth(user, password, send_cbt=send_cbt)
        return session

    def log_in(self, **account):
        def login(site):
            with self.session(site, **account) as session:
                response = session.get(site.url, timeout=20)
                return Answer(response.status_code, response.text)
        return login

    def test_binding(self):
        self.assert_in_all_modes(MATCHED, self.log_in(), mic="verified", user="alice",
                                 domain="DEMO", target_name=None,
                                 matched_binding="tls-server-end-point")

    def test_no_binding(self):
        self.assert_in_all_modes(ABSENT, self.log_in(send_cbt=False), mic="verified",
                                 user="alice", domain="DEMO")

    def test_the_hash_is_that_of_the_certificate(self):
        for name, key in (
                ("sha1", ("rsa:2048", "-sha1")),
                ("sha384", ("ec", "-pkeyopt", "ec_paramgen_curve:P-384", "-sha384")),
                ("sha512", ("ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-sha512"))):
            with self.subTest(certificate=name):
                self.make_certificate(name, *key)
                with self.site("2", certificate=name) as site:
                    self.assert_verdict(site, self.log_in()(site), True, "binding_matched")

    def test_wrong_password(self):
        self.assert_refused_in_all_modes(self.log_in(password="wrong"), "wrong_password",
                                         claimed_user="alice", identity_verified=False)

    def test_one_login_for_all_requests_of_a_connection(self):
        with self.site("2") as site, self.session(site) as session:
            for _ in range(3):
                response = session.post(site.url, data="hello", timeout=20)
                self.assertEqual(response.status_code, 200)
            self.assert_verdict(site, Answer(200, response.text), True, "binding_matched")


if __name__ == "__main__":
    interop_peer.main()

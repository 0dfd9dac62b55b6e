"""wget: NTLMv1 and nothing else, refused by its name."""

import re
import subprocess

import interop_peer
from interop_peer import Answer

WGET = interop_peer.program("wget", "wget")
AUTHENTICATION_FAILED = 6


class WgetTest(interop_peer.PeerTestCase):
    def log_in(self, user, password=interop_peer.PASSWORD):
        def login(site):
            # Not on the command line, where every user of the machine reads it.
            configuration = self.write("wgetrc", f"user = {user}\npassword = {password}\n")
            result = subprocess.run(
                [WGET, "--config", configuration, "--no-proxy", "--no-hsts", "--tries=1",
                 "--timeout=20", "--ca-certificate", site.ca_file, "-S", "-O", "-", site.url],
                capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual(result.returncode, AUTHENTICATION_FAILED, result.stderr)
            return Answer(int(re.findall(r"HTTP/1\.1 (\d+)", result.stderr)[-1]), result.stdout)
        return login

    def test_ntlmv1(self):
        # A name of even and one of odd length: wget announces Unicode and sends OEM names, so
        # that the odd one is no text at all.
        for user in ("DEMO\\alice", "DEMO\\alicia", "alice"):
            with self.subTest(user=user):
                self.assert_refused_in_all_modes(self.log_in(user), "ntlm_v1_refused",
                                                 identity_verified=False)

    def test_the_password_is_not_looked_at(self):
        self.assert_refused_in_all_modes(self.log_in("DEMO\\alice", "wrong"), "ntlm_v1_refused")


if __name__ == "__main__":
    interop_peer.main()

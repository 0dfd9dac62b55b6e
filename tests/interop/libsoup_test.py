"""libsoup 3 on a machine with winbind.

It has ntlm_auth begin, in case winbindd remembers the user. That fails once the challenge is there,
so libsoup begins again on the same connection, with the program's password and messages of its own.
"""

import os
import subprocess
import sys

import interop_peer
from interop_peer import ABSENT, MODES, PASSWORD, USER, Answer

CLIENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "libsoup_client.py")
# libsoup knows it by its path.
interop_peer.program("/usr/bin/ntlm_auth", "winbind")


class LibsoupTest(interop_peer.PeerTestCase):
    def log_in(self, site, password=PASSWORD):
        environment = {name: value for name, value in os.environ.items()
                       if name not in ("NTLMUSER", "SOUP_NTLM_AUTH_DEBUG")}
        done = subprocess.run(
            [sys.executable, "-B", CLIENT, site.url, site.ca_file, USER], input=password,
            env=environment, capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        status, _, body = done.stdout.partition("\n")
        return Answer(int(status), body)

    def assert_begun_again(self, site, answer, accepted, reason):
        """One login is left, on the connection of the one that counts."""
        left, event = site.new_events()
        self.assertEqual(left["outcome"], "abandoned", left)
        self.assertEqual(left["connection"], event["connection"])
        self.assertEqual((event["outcome"], event["reason"]),
                         ("accepted" if accepted else "refused", reason), event)
        self.assertEqual(answer.status, 200 if accepted else 401)
        self.assertEqual(event["claimed_user"], "alice")

    def test_begins_again_with_the_password(self):
        binding, verdicts = ABSENT
        for mode, (accepted, reason) in zip(MODES, verdicts):
            with self.subTest(mode=mode), self.site(mode) as site:
                answer = self.log_in(site)
                self.assert_begun_again(site, answer, accepted, reason)
                if accepted:
                    self.assertEqual(answer.report["user"], "alice")
                    self.assertEqual(answer.report["extended_protection"]["binding"], binding)

    def test_wrong_password(self):
        with self.site("1") as site:
            self.assert_begun_again(site, self.log_in(site, "wrong"), False, "wrong_password")


if __name__ == "__main__":
    interop_peer.main()

"""Debian's inetutils-telnet: it knows Kerberos alone, is answered correctly, and does not get in."""

import os
import pty
import re
import select
import subprocess
import time

import interop_peer

TELNET = interop_peer.program("inetutils-telnet", "inetutils-telnet")
REFUSAL = "This server is for authenticated logins (NTLM)."
PATIENCE = 30


class InetutilsTelnetTest(interop_peer.PeerTestCase):
    def session(self, *options, first_word=""):
        """Runs the client on a terminal of its own against a fresh server; what it showed.

        With "-" for the first word the client begins the negotiation of its own options.
        """
        arguments = ["serve", "telnet", "--accounts", self.path("accounts"), "--spn",
                     "TELNET/127.0.0.1"]
        with self.serving(arguments) as server:
            # `toggle` shows the options as they are negotiated.
            self.write(".telnetrc", "default\n\ttoggle options\n")
            environment = {**os.environ, "HOME": self.path(""), "TERM": "dumb",
                           "KRB5_CONFIG": "/dev/null"}
            terminal, line = pty.openpty()
            try:
                client = subprocess.Popen([TELNET, *options, "--", "127.0.0.1",
                                           first_word + str(server.port)],
                                          stdin=line, stdout=line, stderr=line, env=environment,
                                          start_new_session=True)
                os.close(line)
                os.write(terminal, b"whoami\r")
                return self.shown_until_the_end(terminal, client)
            finally:
                os.close(terminal)

    def shown_until_the_end(self, terminal, client):
        shown = b""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            ready, _, _ = select.select([terminal], [], [], 1)
            try:
                more = os.read(terminal, 4096) if ready else b""
            except OSError:  # how a terminal says that its last user is gone
                more = b""
            shown += more
            if not more and client.poll() is not None:
                return shown.decode("ascii", "replace")
        client.kill()
        client.wait()
        return self.fail("the client does not end: " + repr(shown))

    def assert_refused(self, shown):
        self.assertIn(REFUSAL, shown)
        self.assertIn("Connection closed by foreign host.", shown)
        self.assertNotIn('"user"', shown)

    def test_without_authentication_it_is_refused(self):
        shown = self.session("-K")
        self.assert_refused(shown)
        self.assertIn("RCVD DO AUTHENTICATION", shown)
        self.assertIn("SENT WONT AUTHENTICATION", shown)

    def test_its_offer_to_authenticate_is_answered_with_ntlm_which_it_lacks(self):
        shown = self.session("-a")
        self.assert_refused(shown)
        self.assertIn("SENT WILL AUTHENTICATION", shown)
        self.assertRegex(shown, r"RCVD IAC SB AUTHENTICATION SEND 15 ")
        self.assertRegex(shown, r"SENT IAC SB AUTHENTICATION IS NULL")

    def test_every_option_of_its_own_is_answered(self):
        shown = self.session("-a", first_word="-")
        self.assert_refused(shown)
        offered = set(re.findall(r"SENT WILL (.*?)\r", shown)) - {"AUTHENTICATION"}
        asked = set(re.findall(r"SENT DO (.*?)\r", shown))
        self.assertIn("NEW-ENVIRON", offered, shown)
        self.assertEqual(offered, set(re.findall(r"RCVD DONT (.*?)\r", shown)))
        self.assertEqual(asked, set(re.findall(r"RCVD (?:WILL|WONT) (.*?)\r", shown)))
        self.assertIn("RCVD WILL SUPPRESS GO AHEAD", shown)


if __name__ == "__main__":
    interop_peer.main()

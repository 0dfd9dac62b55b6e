"""Chromium's NTLM, whose first message has 32 octets, at Apache with mod_auth_gssapi and the plug-in."""

import contextlib
import json
import os
import urllib.parse

import epa_command
import gss_plugin
from chromium_browser import ChromiumBrowser
from gss_apache_case import NTLM, GssApacheCase


class ChromiumTest(GssApacheCase):
    def log_in(self, server):
        """In a browser that has not been there. The status, and whom the page names."""
        with contextlib.closing(ChromiumBrowser(os.environ)) as browser:
            status, text = browser.get(server.port, epa_command.USER, epa_command.PASSWORD, "who")
        return status, urllib.parse.unquote(json.loads(text)["user"]) if status == 200 else None

    def check(self, certificate, mode, accepted, binding):
        with self.apache(mode, NTLM, certificate=certificate) as server:
            status, user = self.log_in(server)
            event = self.the_event()
        self.assertEqual((status, user), (200, epa_command.USER) if accepted else (401, None), event)
        self.assertEqual((event["package"], event["binding"], event["outcome"]),
                         ("NTLM", binding, "accepted" if accepted else "refused"), event)

    def test_in_each_mode(self):
        for certificate, binding, verdicts in (("server", "matched", (True, True, True)),
                                               ("mallory", "mismatched", (True, False, False))):
            for mode, accepted in zip(("0", "1", "2"), verdicts):
                with self.subTest(mode=mode, binding=binding):
                    self.check(certificate, mode, accepted, binding)


if __name__ == "__main__":
    gss_plugin.main()

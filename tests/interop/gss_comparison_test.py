"""Every call of GSS-API comes to the same with and without the plug-in, but those listed."""

import json
import os
import re
import subprocess
import sys

import gss_plugin
from gss_plugin import KRB5, MECHANISMS, SPNEGO
from kerberos_realm import PASSWORD, REALM, fill_cache

CALLS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "gss_calls.py")
UNAUTHORIZED = 0x000f0000
UNAVAILABLE = 0x00100000
INTERPOSER = "2.25.1867539283"
# GSS-API takes a context's name for one of the interposer, and so for another than one that was made
# for the mechanism without a login.
NAMES_OF_CONTEXTS = (f"{KRB5} without credentials: attributes",
                     f"{KRB5} with credentials: attributes")
UNEQUAL_NAMES = (f"{KRB5} without credentials: names", f"{KRB5} with credentials: names")


class ComparisonTest(gss_plugin.GssPluginCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with open(cls.realm.configuration, encoding="utf-8") as file:
            forwarding = cls.write("forwarding.conf", file.read().replace(
                "[libdefaults]", "[libdefaults]\n forwardable = true"))
        fill_cache(forwarding, "FILE:" + cls.path("forwardable"), f"alice@{REALM}", PASSWORD)

    def results(self, mechanisms):
        environment = {**self.server_environment(
            self.configuration("1", "gss = application", certificates=())),
                       "KRB5CCNAME": "FILE:" + self.path("forwardable"), "GSS_MECH_CONFIG": mechanisms}
        done = subprocess.run(
            [sys.executable, "-B", CALLS, self.binding("server"), self.directory.name, PASSWORD],
            env=environment, capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        # Of minor codes the texts are the same, not the numbers: docs/gss.md.
        return json.loads(re.sub(r"Minor \(\d+\)", "Minor", done.stdout))

    def test_calls(self):
        with open(MECHANISMS, encoding="ascii") as file:
            interposer = [line for line in file if "interposer" in line]
        self.write("interposer.conf", "".join(interposer))
        self.write("none.conf", "")
        without = self.results(self.path("none.conf"))
        with_it = self.results(self.path("interposer.conf"))
        self.assertEqual(list(with_it), list(without))
        self.take_answers_about_users(without, with_it)
        self.assertGreater(len(without), 140)
        for call, result in without.items():
            with self.subTest(call):
                if call in UNEQUAL_NAMES:  # docs/gss.md
                    self.assertEqual((result["equal"], with_it[call]["equal"]), (True, False))
                    result["equal"] = False
                if call in NAMES_OF_CONTEXTS:  # likewise
                    self.assertEqual((result["mech"], with_it[call]["mech"]), (KRB5, INTERPOSER))
                    result["mech"] = INTERPOSER
                self.assertEqual(with_it[call], result)
        self.assertEqual(self.heard_logins(), ["accepted"] * 18)

    def take_answers_about_users(self, without, with_it):
        """Without the plug-in MIT answers for names of SPNEGO's logins alone: docs/gss.md."""
        call = f"{KRB5}: others"
        for user, answer in (("alice", [1, 0]), ("bob", [0, UNAUTHORIZED])):
            self.assertEqual(without[call].pop(user), [0, UNAVAILABLE])
            self.assertEqual(with_it[call].pop(user), answer)
            self.assertEqual(without[f"{SPNEGO}: others"][user], answer)

    def heard_logins(self):
        return [event["outcome"] for event in self.events()]


if __name__ == "__main__":
    gss_plugin.main()

"""The plug-in's NTLM mechanism: both roles, and gss-ntlmssp at the other end."""

import os

import epa_command
import gss_plugin
from gss_plugin import MECHANISMS, NTLM, SPNEGO
from interop_peer import ABSENT, MATCHED, MISMATCHED

MODES = ("0", "1", "2")
SESSION_KEY = "1.2.840.113554.1.2.2.5.5"
SASL_SSF = "1.2.840.113554.1.2.2.5.15"
DATA = b"a message \0 of some length".hex()


class NtlmCase(gss_plugin.GssCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name in ("another", "mallory"):
            cls.make_certificate(name, "rsa:2048")

    def environment(self, ours=True, accounts="accounts", **more):
        environment = {**os.environ, "KRB5_CONFIG": "/dev/null", "KRB5CCNAME": "FILE:/nonexistent",
                       "KRB5_KTNAME": "FILE:/nonexistent", "EPA_CONF": self.path("no-such.conf"),
                       "NTLM_USER_FILE": self.path(accounts)}
        environment.pop("GSS_MECH_CONFIG", None)
        if ours:
            environment["GSS_MECH_CONFIG"] = MECHANISMS
        return {**environment, **more}

    def ours(self, **more):
        return self.worker(self.environment(**more))

    def theirs(self, **more):
        return self.worker(self.environment(ours=False, **more))

    def configured(self, configuration):
        self.write("epa.conf", configuration)
        return self.ours(EPA_CONF=self.path("epa.conf"), NTLM_USER_FILE="")

    def login(self, client, server, mech=NTLM, binds=None, given=None):
        """The server's last answer."""
        token, new, answer = None, True, {}
        while not answer.get("complete"):
            said = client.ask(do="initiate", mech=mech, target="HTTP@localhost", bindings=binds,
                              token=token, new=new)
            token = said.get("token")
            if token is None:
                return {"client": said}
            answer = server.ask(do="accept", bindings=given, token=token, new=new)
            token, new = answer.get("token"), False
            if token is None:
                break
        if token is not None:  # SPNEGO's last, for the client
            client.ask(do="initiate", mech=mech, target="HTTP@localhost", bindings=binds,
                       token=token, new=False)
        return answer


class PeersTest(NtlmCase):
    """Who talks to whom, and with what around it."""

    def for_all_pairs(self, check):
        for mech in (NTLM, SPNEGO):
            for name, client, server in (("ours", self.ours, self.ours),
                                         ("our client", self.ours, self.theirs),
                                         ("our server", self.theirs, self.ours)):
                with self.subTest(mech=mech, pair=name):
                    check(mech, client(), server())

    def test_logins_and_messages_of_both_directions(self):
        def check(mech, client, server):
            answer = self.login(client, server, mech)
            self.assertTrue(answer.get("complete"), answer)
            self.assertEqual(answer["user"].rstrip("\0"), "DEMO\\alice")
            for sender, receiver, role, other in ((client, server, "initiate", "accept"),
                                                  (server, client, "accept", "initiate")):
                for _ in range(3):
                    wrapped = sender.ask(do="wrap", of=role, octets=DATA)["octets"]
                    self.assertNotIn(DATA, wrapped)
                    self.assertEqual(
                        receiver.ask(do="unwrap", of=other, octets=wrapped), {"octets": DATA})
                mic = sender.ask(do="mic", of=role, octets=DATA)["octets"]
                self.assertEqual(receiver.ask(do="verify", of=other, octets=DATA, mic=mic),
                                 {"verified": True})
            keys = [end.ask(do="inquire", of=role, oid=SESSION_KEY)
                    for end, role in ((client, "initiate"), (server, "accept"))]
            self.assertEqual(keys[0]["data"][0], keys[1]["data"][0])
            self.assertEqual(len(keys[0]["data"][0]), 32)

        self.for_all_pairs(check)

    def test_bindings_and_what_says_so(self):
        bound = self.binding("server")
        def check(mech, client, server):
            answer = self.login(client, server, mech, binds=bound, given=bound)
            self.assertTrue(answer.get("bound"), answer)

        self.for_all_pairs(check)

    def test_a_login_bound_elsewhere(self):
        def check(mech, client, server):
            answer = self.login(client, server, mech, binds=self.binding("mallory"),
                                given=self.binding("server"))
            self.assertFalse(answer.get("complete"), answer)
            # gss-ntlmssp calls it a bad token.
            self.assertRegex(answer["error"], "BindingsError|InvalidToken")

        self.for_all_pairs(check)

    def test_altered_messages(self):
        client, server = self.ours(), self.ours()
        self.assertTrue(self.login(client, server)["complete"])
        wrapped = bytearray.fromhex(client.ask(do="wrap", of="initiate", octets=DATA)["octets"])
        wrapped[-1] ^= 1
        self.assertIn("error", server.ask(do="unwrap", of="accept", octets=wrapped.hex()))

    def test_a_wrong_password(self):
        self.write("wrong", "DEMO:alice:not the password\n")
        answer = self.login(self.ours(accounts="wrong"), self.ours())
        self.assertIn("error", answer)

    def test_strength(self):
        client, server = self.ours(), self.ours()
        self.login(client, server)
        self.assertEqual(server.ask(do="inquire", of="accept", oid=SASL_SSF),
                         {"data": ["00000080"]})


class MessagesTest(NtlmCase):
    def test_raw_32_octets_are_enough(self):
        negotiate = "4e544c4d5353500001000000978208e2" + "00" * 16
        answer = self.ours().ask(do="accept", bindings=None, token=negotiate)
        self.assertTrue(answer["token"].startswith("4e544c4d5353500002000000"), answer)

    def test_what_is_no_message(self):
        for token in ("4e544c4d53535000", "4e544c4d5353500003000000" + "00" * 60,
                      "4e544c4d5353500001000000", "ff" * 100):
            with self.subTest(token):
                self.assertIn("error", self.ours().ask(do="accept", bindings=None, token=token))


class NamesTest(NtlmCase):
    def test_forms(self):
        worker = self.ours()
        for text, kind, shown in (("DEMO\\alice", "user", "DEMO\\alice"),
                                  ("alice@demo.test", "user", "demo.test\\alice"),
                                  ("alice", "user", "alice"),
                                  ("HTTP@web.demo.test", "service", "HTTP@web.demo.test")):
            with self.subTest(text):
                answer = worker.ask(do="name", text=text, type=kind, mech=NTLM)
                self.assertEqual(answer["text"], shown, answer)
                if kind == "user":
                    self.assertEqual(answer["again"], shown)
                    self.assertTrue(answer["equal"])


class NobodysTest(NtlmCase):
    def test_without_accounts_there_are_no_credentials(self):
        worker = self.ours(NTLM_USER_FILE="")
        self.assertIn(NTLM, worker.ask(do="mechs")["mechs"])
        for request in ({"do": "initiate", "mech": NTLM, "target": "HTTP@localhost",
                         "bindings": None, "token": None},
                        {"do": "accept", "bindings": None,
                         "token": "4e544c4d5353500001000000978208e2" + "00" * 16}):
            self.assertIn("error", worker.ask(**request))


class MatrixTest(NtlmCase):
    """A process that epa.conf names."""

    def test_certificate(self):
        states = ((self.binding("server"), MATCHED), (self.binding("another"), MISMATCHED),
                  (self.binding("mallory"), MISMATCHED), (None, ABSENT))
        client = self.ours()
        for index, mode in enumerate(MODES):
            server = self.configured(self.configuration(mode, "accounts = accounts"))
            for mech in (NTLM, SPNEGO):
                for binds, (binding, verdicts) in states:
                    with self.subTest(mech=mech, mode=mode, binding=binding):
                        accepted, reason = verdicts[index]
                        answer = self.login(client, server, mech, binds=binds)
                        event = self.the_event()
                        self.assertEqual(bool(answer.get("complete")), accepted, answer)
                        self.assertEqual(event["reason"], reason, event)
                        self.assertEqual(event["binding"], binding)
                        self.assertEqual(event["package"], "NTLM")
                        self.assertEqual(event["user"], "alice")

    def test_a_configuration_that_cannot_be_used(self):
        server = self.configured(self.configuration("2", "accounts = missing"))
        self.assertIn("error", self.login(self.ours(), server, binds=self.binding("server")))


if __name__ == "__main__":
    epa_command.main()

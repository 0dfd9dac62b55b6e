"""Extended protection of MIT's Kerberos mechanism in a process that knows nothing of it."""

import os
import shutil

import gss_plugin
from gss_plugin import KRB5, SPNEGO, GssPluginCase
from interop_peer import ABSENT, EXPLICIT_NONE, MATCHED, MISMATCHED
from kerberos_realm import REALM

MODES = ("0", "1", "2")


class MatrixTest(GssPluginCase):
    """What a client says, in each mode: the verdict, and one audit event."""

    def client_states(self):
        """The name, what its token is made of, and what is to come of it in each mode."""
        return (
            ("this certificate", {"bindings": self.binding("server")}, MATCHED),
            ("another certificate", {"bindings": self.binding("another")}, MISMATCHED),
            ("lured to mallory", {"bindings": self.binding("mallory")}, MISMATCHED),
            ("absent", {"bindings": None}, ABSENT),
            ("explicit none", {"bindings": None, "aware": True}, EXPLICIT_NONE))

    def check(self, server, request, mech, expected, given):
        binding, (accepted, reason) = expected
        answer = server.ask(do="accept", bindings=given, token=self.first_token(
            mech=mech, **request))
        event = self.the_event()
        self.assertEqual(answer["complete"], accepted, (answer, event))
        self.assertEqual(event["outcome"], "accepted" if accepted else "refused", event)
        self.assertEqual(event["reason"], reason, event)
        self.assertEqual(event["binding"], binding, event)
        self.assertEqual(event["package"], "Kerberos")
        self.assertEqual(event["user"], "alice")
        if accepted:
            self.assertEqual(answer["user"], f"alice@{REALM}")
            self.assertEqual(answer["bound"], binding == "matched", answer)
        else:
            self.assertEqual(answer["error"], "BadChannelBindingsError", answer)

    def check_all(self, mechs, *lines, given=None, **options):
        for mode_index, mode in enumerate(MODES):
            server = self.server(self.configuration(mode, *lines, **options))
            for mech in mechs:
                for name, request, (binding, verdicts) in self.client_states():
                    with self.subTest(mech=mech, mode=mode, client=name):
                        self.check(server, request, mech, (binding, verdicts[mode_index]), given)

    def test_certificate(self):
        self.check_all((KRB5, SPNEGO))

    def test_application(self):
        """The program gives the bindings: they count."""
        self.check_all((KRB5,), "gss = application", given=self.binding("server"),
                       certificates=())

    def test_application_that_gives_none(self):
        for request in ({"bindings": None}, {"bindings": self.binding("server")}):
            with self.subTest(request):
                server = self.server(self.configuration("2", "gss = application",
                                                        certificates=()))
                answer = server.ask(do="accept", bindings=None,
                                    token=self.first_token(**request))
                self.assertTrue(answer["complete"], answer)
                self.assertEqual(self.the_event()["mode"], "legacy")

    def test_what_the_program_gives_wins_over_the_certificate(self):
        server = self.server(self.configuration("2"))
        answer = server.ask(do="accept", bindings=self.binding("another"),
                            token=self.first_token(self.binding("server")))
        self.assertFalse(answer["complete"])
        self.assertEqual(self.the_event()["reason"], "binding_mismatch")


class CertificatesTest(GssPluginCase):
    def test_any_of_several_and_the_audit_says_which(self):
        for certificate in ("server", "another"):
            with self.subTest(certificate):
                server = self.server(
                    self.configuration("2", certificates=("server", "another")))
                answer = server.ask(do="accept", bindings=None,
                                    token=self.first_token(self.binding(certificate)))
                self.assertTrue(answer["complete"], answer)
                self.assertTrue(answer["bound"], answer)
                self.assertIn(certificate + ".pem", self.the_event()["detail"])

    def test_none_of_several(self):
        server = self.server(self.configuration("2", certificates=("server", "another")))
        answer = server.ask(do="accept", bindings=None,
                            token=self.first_token(self.binding("mallory")))
        self.assertFalse(answer["complete"])
        self.assertEqual(self.the_event()["reason"], "binding_mismatch")


class ReplayTest(GssPluginCase):
    def test_kerberos_refuses_the_second_and_the_audit_says_so(self):
        server = self.server(self.configuration("2"),
                             KRB5RCACHENAME="file2:" + self.path("replays"))
        token = self.first_token(self.binding("server"))
        self.assertTrue(server.ask(do="accept", bindings=None, token=token)["complete"])
        self.assertFalse(server.ask(do="accept", bindings=None, token=token)["complete"])
        first, second = self.events()
        self.assertEqual(first["outcome"], "accepted")
        self.assertEqual((second["outcome"], second["reason"]), ("refused", "ticket_invalid"))


class WaysAroundTest(GssPluginCase):
    """Tokens that are no less Kerberos, but not as most clients say it."""

    def accept(self, token, **more):
        server = self.server(self.configuration("2"))
        return server.ask(do="accept", bindings=None, token=token, **more)

    @staticmethod
    def reframed(token, oid):
        """The token with another mechanism's identifier."""
        octets = bytes.fromhex(token)
        start = 2 + (octets[1] & 0x7f if octets[1] & 0x80 else 0)
        body = octets[start + 2 + octets[start + 1]:]
        inner = bytes([6, len(oid)]) + oid + body
        return (b"\x60\x82" + len(inner).to_bytes(2, "big") + inner).hex()

    def test_unbound_tokens_in_every_frame_are_refused(self):
        token = self.first_token(None)
        krb5 = bytes.fromhex("2a864886f712010202")
        frames = {
            "microsoft": bytes.fromhex("2a864882f712010202"),
            "old": bytes.fromhex("2b05010502"),
            "iakerb": bytes.fromhex("2b0601050205"),
            "the interposer's own": bytes.fromhex("6986fac1c653") + krb5,
        }
        for name, oid in frames.items():
            with self.subTest(name):
                self.assertFalse(self.accept(self.reframed(token, oid))["complete"])
        with self.subTest("the message alone"):
            octets = bytes.fromhex(token)
            at = octets.index(krb5) + len(krb5)
            self.assertFalse(self.accept(octets[at + 2:].hex())["complete"])

    def test_bound_tokens_in_the_frame_of_windows_are_accepted(self):
        token = self.reframed(self.first_token(self.binding("server")),
                              bytes.fromhex("2a864882f712010202"))
        # GSS-API takes it with a credential for that mechanism alone.
        answer = self.accept(token, mechs=["1.2.840.48018.1.2.2"])
        self.assertTrue(answer["complete"], (answer, self.events()))

    def test_what_is_no_token(self):
        for token in ("", "60", "6082ffff", "00" * 40):
            with self.subTest(token):
                self.assertFalse(self.accept(token)["complete"])


class FailClosedTest(GssPluginCase):
    def assert_refused(self, server):
        answer = server.ask(do="accept", bindings=None,
                            token=self.first_token(self.binding("server")))
        self.assertFalse(answer["complete"], answer)

    def test_a_configuration_that_cannot_be_used(self):
        good = self.configuration("2")
        cases = {
            "a setting that is unknown": good + "no-such-setting = 1\n",
            "a mode that is none": good.replace("= 2", "= 3"),
            "cut off": good[:-1],
            "cut off before it names a program": good[:12],
            "no certificate": good.replace("server.pem", "missing.pem"),
            "no keytab": good + "keytab = missing\n",
            "no folder for the audit": good.replace("audit.jsonl", "no/such/folder"),
        }
        for name, configuration in cases.items():
            with self.subTest(name):
                self.assert_refused(self.server(configuration))

    def test_a_configuration_that_cannot_be_read(self):
        os.mkdir(self.path("folder"))
        self.assert_refused(self.server(self.configuration("2"), EPA_CONF=self.path("folder")))

    def test_a_service_that_the_environment_names_and_nobody_wrote(self):
        self.assert_refused(self.server(self.configuration("2"), EPA_SERVICE="http elsewhere"))

    def test_a_name_that_no_section_accepts(self):
        self.assert_refused(self.server(self.configuration("2", "acceptor = ldap")))

    def test_without_its_engine(self):
        alone = self.path("libepa-gss.so")
        with open(gss_plugin.MECHANISMS, encoding="ascii") as file:
            lines = [line.split() for line in file if "interposer" in line]
        shutil.copy(lines[0][2], alone)
        self.write("alone.conf", f"{lines[0][0]} {lines[0][1]} {alone} <interposer>\n")
        self.assert_refused(self.server(self.configuration("2"),
                                        GSS_MECH_CONFIG=self.path("alone.conf")))

    def test_a_mistake_that_is_mended(self):
        good = self.configuration("2")
        server = self.server(good.replace("server.pem", "missing.pem"))
        self.assert_refused(server)
        self.write("epa.conf", good)
        self.eventually(lambda: server.ask(
            do="accept", bindings=None,
            token=self.first_token(self.binding("server")))["complete"])

    def test_a_certificate_that_goes_away_still_counts(self):
        shutil.copy(self.path("server.pem"), self.path("passing.pem"))
        server = self.server(self.configuration("2", certificates=("passing",)))
        for _ in range(2):
            answer = server.ask(do="accept", bindings=None,
                                token=self.first_token(self.binding("server")))
            self.assertTrue(answer["complete"], answer)
            if os.path.exists(self.path("passing.pem")):
                os.remove(self.path("passing.pem"))


class WhoseProcessTest(GssPluginCase):
    def accepts_unbound(self, server):
        return server.ask(do="accept", bindings=None, token=self.first_token(None))["complete"]

    def test_nobodys(self):
        for name, configuration in (
                ("no file", None),
                ("another program", self.configuration("2").replace(
                    gss_plugin.EXECUTABLE, "/usr/sbin/other")),
                ("off", self.configuration("2", "gss = off"))):
            with self.subTest(name):
                self.assertTrue(self.accepts_unbound(self.server(configuration)))

    def test_by_the_programs_name(self):
        name = os.path.basename(gss_plugin.EXECUTABLE)
        configuration = self.configuration("2").replace(gss_plugin.EXECUTABLE, name)
        self.assertFalse(self.accepts_unbound(self.server(configuration)))

    def test_by_the_environment(self):
        configuration = self.configuration("2", section="http intranet").replace(
            gss_plugin.EXECUTABLE, "/usr/sbin/other")
        self.assertFalse(self.accepts_unbound(
            self.server(configuration, EPA_SERVICE="http intranet")))

    def test_by_the_acceptor(self):
        configuration = (self.configuration("2", "acceptor = HTTP") +
                         f"[service rest]\nexecutable = {gss_plugin.EXECUTABLE}\ngss = off\n")
        server = self.server(configuration)
        self.assertFalse(self.accepts_unbound(server))
        answer = server.ask(do="accept", bindings=None,
                            token=self.first_token(None, target="ldap@localhost"))
        self.assertTrue(answer["complete"], answer)


if __name__ == "__main__":
    gss_plugin.main()

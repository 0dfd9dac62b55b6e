"""What the tests of SASL with other people's programs share: a mail or LDAP server of ours."""

import contextlib
import tempfile

import epa_command
from interop_peer import MODES, AuditedSite

# What ends a login, by what its audit event says.
OUTCOMES = {True: "accepted", False: "refused"}


class SaslSite(AuditedSite):
    """A running `epa serve smtp|imap|pop3|ldap`."""

    def __init__(self, server, audit):
        super().__init__(audit)
        self.port = server.port

    def logins(self):
        """The events of logins since the last call."""
        return [event for event in self.new_events() if event["outcome"] != "noticed"]


class SaslTestCase(epa_command.EpaTestCase):
    @contextlib.contextmanager
    def site(self, protocol, mode, *options, tls="implicit", certificate="server"):
        """With the account DEMO\\alice."""
        with tempfile.NamedTemporaryFile(dir=self.directory.name) as audit:
            keys = [] if tls == "none" else ["--cert", self.path(certificate + ".pem"), "--key",
                                             self.path(certificate + ".key")]
            with self.serving(["serve", protocol, "--tls", tls, *keys, "--accounts",
                               self.path("accounts"), "--extended-protection", mode, "--audit",
                               audit.name, *options]) as server:
                yield SaslSite(server, audit.name)

    def assert_verdict(self, site, said_accepted, accepted, reason, repeats=False, **event_has):
        """Client and audit agree: one login, this verdict, this reason. `repeats`: the client may
        try again what was refused."""
        events = site.logins()
        if not repeats or accepted:
            self.assertEqual(len(events), 1, events)
        self.assertTrue(events)
        for event in events:
            self.assertEqual(said_accepted, accepted, event)
            self.assertEqual(event["outcome"], OUTCOMES[accepted], event)
            self.assertEqual(event["reason"], reason, event)
            for key, value in event_has.items():
                self.assertEqual(event.get(key), value, (key, event))

    def assert_in_all_modes(self, protocol, state, login, *options, tls="implicit", **event_has):
        """`login(site)`, which returns whether it was let in, says `state` about its channel."""
        binding, verdicts = state
        for mode, (accepted, reason) in zip(MODES, verdicts):
            with self.subTest(protocol=protocol, mode=mode, tls=tls), \
                    self.site(protocol, mode, *options, tls=tls) as site:
                self.assert_verdict(site, login(site), accepted, reason, binding=binding,
                                    **event_has)


main = epa_command.main

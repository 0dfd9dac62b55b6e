"""What the tests with other people's programs share: a server in each mode and what it reports."""

import contextlib
import importlib
import json
import os
import shutil
import sys
import tempfile

import epa_command
from epa_command import PASSWORD, USER  # pylint: disable=unused-import

MODES = ("0", "1", "2")

# What a client says about its channel: what the server finds, and its verdict in each mode.
ABSENT = ("absent", ((True, "legacy_mode"), (True, "binding_missing_allowed"),
                     (False, "binding_missing")))
EXPLICIT_NONE = ("explicit_none", ((True, "legacy_mode"), (False, "binding_explicitly_none"),
                                   (False, "binding_explicitly_none")))
MATCHED = ("matched", ((True, "legacy_mode"), (True, "binding_matched"),
                       (True, "binding_matched")))
MISMATCHED = ("mismatched", ((True, "legacy_mode"), (False, "binding_mismatch"),
                             (False, "binding_mismatch")))


def missing(what, package):
    sys.exit(f"{what} is missing: install the Debian package {package} (./run test does)")


def program(name, package):
    return shutil.which(name) or missing(f"the program {name}", package)


def module(name, package):
    try:
        return importlib.import_module(name)
    except ImportError:
        return missing(f"the module {name} of {sys.executable}", package)


class Answer:
    """What a client got in the end."""

    def __init__(self, status, body):
        self.status = status
        self.report = json.loads(body) if status == 200 else None


class AuditedSite:
    """A running server of ours and its audit file."""

    def __init__(self, audit):
        self._audit = audit
        self._read = 0

    def new_events(self):
        """The events since the last call."""
        events = epa_command.json_lines(self._audit)
        fresh = events[self._read:]
        self._read = len(events)
        return fresh


class Site(AuditedSite):
    """A running `epa serve https`."""

    def __init__(self, port, ca_file, audit):
        super().__init__(audit)
        self.port = port
        self.url = f"https://127.0.0.1:{port}/"
        self.ca_file = ca_file


def settings_of(options):
    """`--spn NAME --audit-only --no-require-mic`, as a configuration has it."""
    settings = {}
    name = None
    for option in options:
        if option.startswith("--no-"):
            settings[option.removeprefix("--no-")] = "off"
        elif option.startswith("--"):
            name = option.removeprefix("--")
            settings[name] = "on"
        else:
            settings[name] = option
    return settings


@contextlib.contextmanager
def module_site(mode, certificate, *options):
    """The web server that EPA_WEB_SERVER names; `options` are those of `epa serve https`."""
    server_class = importlib.import_module("module_server").SERVERS[os.environ["EPA_WEB_SERVER"]]
    server = server_class(
        {"/": {"package": ["Negotiate", "NTLM"], "user-name": "plain",
               "extended-protection": mode, **settings_of(options)}},
        {}, [("localhost", [certificate])], place_settings=server_class.POSTS_TO_FILES)
    with contextlib.closing(server):
        server.start()
        yield Site(server.port, certificate + ".pem", server.audit_path("/"))


class PeerTestCase(epa_command.EpaTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The account as gss-ntlmssp reads it.
        cls.write("ntlm-user-file", f"DEMO:alice:{PASSWORD}\n")

    @contextlib.contextmanager
    def site(self, mode, *options, certificate="server"):
        """`epa serve https`, or the web server that EPA_WEB_SERVER names, with its module."""
        if "EPA_WEB_SERVER" in os.environ:
            with module_site(mode, self.path(certificate), "--accounts", self.path("accounts"),
                             *options) as site:
                yield site
            return
        ca_file = self.path(certificate + ".pem")
        with tempfile.NamedTemporaryFile(dir=self.directory.name) as audit:
            with self.serving(["serve", "https", "--cert", ca_file, "--key",
                               self.path(certificate + ".key"), "--accounts",
                               self.path("accounts"), "--extended-protection", mode, "--audit",
                               audit.name, *options]) as server:
                yield Site(server.port, ca_file, audit.name)

    def assert_verdict(self, site, answer, accepted, reason, **event_has):
        """Client and audit agree: one login, this verdict, this reason."""
        events = site.new_events()
        self.assertEqual(len(events), 1, events)
        event = events[0]
        self.assertEqual(answer.status, 200 if accepted else 401, event)
        self.assertEqual(event["outcome"], "accepted" if accepted else "refused")
        self.assertEqual(event["reason"], reason, event)
        for key, value in event_has.items():
            self.assertEqual(event.get(key), value, (key, event))
        if accepted:
            protection = answer.report["extended_protection"]
            self.assertEqual(answer.report["user"], event["user"])
            self.assertEqual(protection["binding"], event["binding"])
            self.assertEqual(protection["reason"], reason)

    def assert_in_all_modes(self, state, login, *options, certificate="server", **event_has):
        """`login(site)`, which returns an Answer, says `state` about its channel."""
        binding, verdicts = state
        for mode, (accepted, reason) in zip(MODES, verdicts):
            with self.subTest(mode=mode), self.site(mode, *options,
                                                    certificate=certificate) as site:
                self.assert_verdict(site, login(site), accepted, reason, binding=binding,
                                    package="NTLM", identity_verified=True, **event_has)

    def assert_refused_in_all_modes(self, login, reason, **event_has):
        """Whatever the mode; then the server still serves others."""
        for mode in MODES:
            with self.subTest(mode=mode), self.site(mode) as site:
                self.assert_verdict(site, login(site), False, reason, **event_has)
                self.assertLoggedIn(epa_command.run(
                    "login", "https", site.url, "--user", USER, "--password-file",
                    self.path("password"), "--ca", site.ca_file))


def gss_environment(user_file):
    """For a process that logs in through gss-ntlmssp; no Kerberos of the machine gets in."""
    return {**os.environ, "NTLM_USER_FILE": user_file, "KRB5_CONFIG": "/dev/null",
            "KRB5CCNAME": "FILE:/nonexistent"}


main = epa_command.main

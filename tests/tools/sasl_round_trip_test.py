"""`epa serve smtp|imap|pop3|ldap` and `epa login` of the same against each other, and against
hostile clients and servers."""

import json
import socket
import ssl
import threading

import epa_command
import sasl_peer
from epa_command import run
from interop_peer import ABSENT, EXPLICIT_NONE, MATCHED, MISMATCHED
from kerberos_realm import PASSWORD as REALM_PASSWORD
from kerberos_realm import REALM, KerberosRealm
from tls_relay import tls_relay

MAIL = ("smtp", "imap", "pop3")
PROTOCOLS = (*MAIL, "ldap")
# What begins TLS, and what the server says first and then.
START_TLS = {"smtp": (b"STARTTLS\r\n", b"220 2.0.0 Begin TLS\r\n"),
             "imap": (b"a STARTTLS\r\n", b"a OK Begin TLS\r\n"),
             "pop3": (b"STLS\r\n", b"+OK Begin TLS\r\n")}
LDAP_START_TLS = bytes.fromhex("301d02010177188016") + b"1.3.6.1.4.1.1466.20037"
ANONYMOUS_BIND = bytes.fromhex("300c020101600702010304008000")


class RoundTripCase(sasl_peer.SaslTestCase):
    def log_in(self, protocol, site, *options, tls="implicit", user=epa_command.USER,
               password="password"):
        """The report of `epa login`, and its exit status."""
        scheme = protocol + ("s" if tls == "implicit" else "")
        trust = ["--tls", "none"] if tls == "none" else ["--ca", self.path("server.pem")]
        done = run("login", protocol, f"{scheme}://localhost:{site.port}", "--user", user,
                   "--password-file", self.path(password), *trust, "--json", *options)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        report = json.loads(done.stdout)
        self.assertEqual(report["accepted"], done.returncode == 0)
        return report

    def connect(self, site):
        connection = socket.create_connection(("127.0.0.1", site.port), epa_command.PATIENCE)
        self.addCleanup(connection.close)
        return connection

    def read_line(self, connection):
        line = b""
        while not line.endswith(b"\n"):
            octet = connection.recv(1)
            if not octet:
                break
            line += octet
        return line

    def assert_closed(self, connection):
        try:
            while connection.recv(4096):
                pass
        except ConnectionResetError:
            pass


class ModesTest(RoundTripCase):
    def test_every_protocol_with_every_binding(self):
        for protocol in PROTOCOLS:
            for tls in ("implicit", "starttls"):
                for binding, state in (("auto", MATCHED), ("none", EXPLICIT_NONE),
                                       ("omit", ABSENT)):
                    self.assert_in_all_modes(
                        protocol, state,
                        lambda site, protocol=protocol, tls=tls, binding=binding: self.log_in(
                            protocol, site, "--binding", binding, tls=tls)["accepted"],
                        tls=tls)

    def test_every_mechanism(self):
        for protocol in PROTOCOLS:
            for mechanism in ("GSS-SPNEGO", "NTLM"):
                with self.subTest(protocol=protocol, mechanism=mechanism), \
                        self.site(protocol, "2") as site:
                    report = self.log_in(protocol, site, "--mechanism", mechanism)
                    self.assertTrue(report["accepted"])
                    self.assertEqual(report["mechanism"], mechanism)
                    self.assertEqual(report["package"], "NTLM")
                    self.assertEqual(report["binding"]["said"], "bound")
                    self.assert_verdict(site, True, True, "binding_matched")

    def test_a_wrong_password(self):
        for protocol in PROTOCOLS:
            with self.subTest(protocol=protocol), self.site(protocol, "2") as site:
                report = self.log_in(protocol, site, password="wrong-password")
                self.assertFalse(report["accepted"])
                self.assert_verdict(site, False, False, "wrong_password")

    def test_sicily(self):
        for tls in ("implicit", "starttls"):
            for binding, state in (("auto", MATCHED), ("none", EXPLICIT_NONE), ("omit", ABSENT)):
                self.assert_in_all_modes(
                    "ldap", state, lambda site, tls=tls, binding=binding: self.log_in(
                        "ldap", site, "--sicily", "--binding", binding, tls=tls)["accepted"],
                    "--sicily", tls=tls, package="NTLM")
        for layer in ("integrity", "confidentiality"):
            with self.subTest(layer=layer), self.site("ldap", "0", "--sicily", tls="none") as site:
                report = self.log_in("ldap", site, "--sicily", "--layer", layer, tls="none")
                self.assertTrue(report["accepted"], report)
                self.assertEqual(report["mechanism"], "Sicily")
                self.assertEqual(report["server_says"]["authorization_identity"], "u:DEMO\\alice")

    def test_sicily_where_there_is_none(self):
        with self.site("ldap", "0") as site:
            self.assertIn("resultCode 7", self.log_in("ldap", site, "--sicily")["refusal"])
            for options in (["--mechanism", "GSS-SPNEGO"], ["--package", "Kerberos"]):
                done = run("login", "ldap", f"ldaps://localhost:{site.port}", "--user",
                           "alice@EPA.TEST", "--password-file", self.path("password"), "--sicily",
                           *options)
                self.assertEqual(done.returncode, 2)
                self.assertIn("--sicily is of use with NTLM only", done.stderr)

    def test_what_servers_say(self):
        with self.site("ldap", "2") as site:
            says = self.log_in("ldap", site)["server_says"]
            self.assertEqual(says, {"authorization_identity": "u:DEMO\\alice"})
        for protocol in MAIL:
            with self.site(protocol, "2") as site:
                self.assertTrue(self.log_in(protocol, site)["server_says"]["capabilities"])

    def test_a_directorys_words_for_a_refusal(self):
        with self.site("ldap", "2") as site:
            report = self.log_in("ldap", site, "--binding", "omit")
            self.assertIn("resultCode 49: 80090346:", report["refusal"])
            self.assertEqual(site.logins()[0]["windows_event"]["id"], 3039)

    def test_mode_0_of_a_directory_is_reported(self):
        with self.site("ldap", "0") as site:
            for _ in range(2):
                self.assertTrue(self.log_in("ldap", site)["accepted"])
            events = site.new_events()
            self.assertEqual([event["outcome"] for event in events],
                             ["noticed", "accepted", "accepted"])
            self.assertEqual(events[0]["windows_event"]["id"], 3041)

    def test_the_registrys_mode(self):
        registry = self.write("ldap.reg", "Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_"
                              "MACHINE\\SYSTEM\\CurrentControlSet\\Services\\NTDS\\Parameters]\n"
                              '"LdapEnforceChannelBinding"=dword:00000001\n')
        audit = self.path("audit-registry")
        with self.serving(["serve", "ldap", "--cert", self.path("server.pem"), "--key",
                           self.path("server.key"), "--accounts", self.path("accounts"),
                           "--registry", registry, "--audit", audit]) as server:
            site = sasl_peer.SaslSite(server, audit)
            self.assertTrue(self.log_in("ldap", site, "--binding", "omit")["accepted"])
            self.assertEqual(site.logins()[0]["mode"], "allow")


class MiddleTest(RoundTripCase):
    """Somebody whom the client's TLS trusts passes its login on to the server."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_certificate("middle", "rsa:2048")

    def test_refused_where_bindings_count(self):
        for protocol in PROTOCOLS:
            self.assert_in_all_modes(protocol, MISMATCHED,
                                     lambda site, protocol=protocol: self.relayed(protocol, site))

    def relayed(self, protocol, site):
        with tls_relay(self.path("middle.pem"), self.path("middle.key"), site.port,
                       self.path("server.pem")) as port:
            done = run("login", protocol, f"{protocol}s://localhost:{port}", "--user",
                       epa_command.USER, "--password-file", self.path("password"), "--ca",
                       self.path("middle.pem"), "--json")
        self.assertIn(done.returncode, (0, 1), done.stderr)
        return done.returncode == 0


class LayersTest(RoundTripCase):
    def test_every_layer_without_tls(self):
        for mechanism in ("GSS-SPNEGO", "NTLM"):
            for layer in ("integrity", "confidentiality"):
                with self.subTest(mechanism=mechanism, layer=layer), \
                        self.site("ldap", "0", tls="none") as site:
                    report = self.log_in("ldap", site, "--mechanism", mechanism, "--layer", layer,
                                         tls="none")
                    self.assertTrue(report["accepted"], report)
                    self.assertEqual(report["layer"], layer)
                    self.assertEqual(report["server_says"]["authorization_identity"],
                                     "u:DEMO\\alice")

    def test_no_layer_without_tls_is_refused_unless_signing_is_optional(self):
        with self.site("ldap", "0", tls="none") as site:
            report = self.log_in("ldap", site, "--layer", "none", tls="none")
            self.assertIn("resultCode 8: 00002028:", report["refusal"])
            self.assert_verdict(site, False, False, "security_layer_required")
        with self.site("ldap", "0", "--signing", "optional", tls="none") as site:
            self.assertTrue(self.log_in("ldap", site, "--layer", "none", tls="none")["accepted"])

    def test_a_layer_inside_tls_is_refused(self):
        with self.site("ldap", "2") as site:
            report = self.log_in("ldap", site, "--layer", "confidentiality")
            self.assertIn("resultCode 48: 00002029:", report["refusal"])
            self.assert_verdict(site, False, False, "security_layer_forbidden")

    def test_logins_before_tls_where_they_are_asked_for(self):
        options = ["--clear-logins", "--flag", "no-service-name-check", "--flag",
                   "nothing-to-check"]
        with self.site("ldap", "2", *options, tls="starttls") as site:
            self.assertTrue(self.log_in("ldap", site, tls="none")["accepted"])
            self.assert_verdict(site, True, True, "service_name_not_checked")
            self.assertTrue(self.log_in("ldap", site, tls="starttls")["accepted"])
            self.assert_verdict(site, True, True, "binding_matched")

    def test_what_a_layer_does_not_cover_ends_the_connection(self):
        with self.site("ldap", "0", tls="none") as site:
            connection = self.connect(site)
            connection.sendall(ANONYMOUS_BIND + b"\x30\x84\xff\xff\xff\xff")
            connection.shutdown(socket.SHUT_WR)
            self.assert_closed(connection)


class KerberosTest(RoundTripCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.realm = KerberosRealm(cls.directory.name, ["smtp/localhost", "imap/localhost",
                                                       "pop/localhost", "ldap/localhost"])
        cls.addClassCleanup(cls.realm.close)
        cls.write("realm-password", REALM_PASSWORD + "\n")

    def log_in_as(self, protocol, site, *options, **more):
        return self.log_in(protocol, site, "--krb5-config", self.realm.configuration, *options,
                           user=f"alice@{REALM}", password="realm-password", **more)

    def test_every_protocol(self):
        options = ["--keytab", self.realm.keytab, "--krb5-config", self.realm.configuration]
        for protocol in PROTOCOLS:
            for mechanism in ("GSSAPI", "GSS-SPNEGO"):
                for mutual in ([], ["--no-mutual"]):
                    with self.subTest(protocol=protocol, mechanism=mechanism, mutual=mutual), \
                            self.site(protocol, "2", *options) as site:
                        report = self.log_in_as(protocol, site, "--mechanism", mechanism, *mutual)
                        self.assertTrue(report["accepted"], report)
                        self.assertEqual(report["server_proved"], not mutual)
                        self.assert_verdict(site, True, True, "binding_matched",
                                            package="Kerberos")

    def test_every_layer_of_a_directory(self):
        options = ["--keytab", self.realm.keytab, "--krb5-config", self.realm.configuration]
        for mechanism in ("GSSAPI", "GSS-SPNEGO"):
            for layer in ("integrity", "confidentiality"):
                with self.subTest(mechanism=mechanism, layer=layer), \
                        self.site("ldap", "0", *options, tls="none") as site:
                    report = self.log_in_as("ldap", site, "--mechanism", mechanism, "--layer",
                                            layer, tls="none")
                    self.assertTrue(report["accepted"], report)
                    self.assertEqual(report["server_says"]["authorization_identity"],
                                     f"u:{REALM}\\alice")

    def test_nobody_acts_as_somebody_else(self):
        options = ["--keytab", self.realm.keytab, "--krb5-config", self.realm.configuration]
        for protocol in PROTOCOLS:
            with self.subTest(protocol=protocol), self.site(protocol, "2", *options) as site:
                for name, accepted, reason in (("alice", True, "binding_matched"),
                                               ("bob", False, "authorization_refused")):
                    report = self.log_in_as(protocol, site, "--mechanism", "GSSAPI", "--authzid",
                                            name)
                    self.assert_verdict(site, report["accepted"], accepted, reason)


class StartTlsTest(RoundTripCase):
    def start(self, protocol, site):
        connection = self.connect(site)
        self.read_line(connection)
        return connection

    def test_octets_behind_the_command_end_the_connection(self):
        """CVE-2011-0411: they were never protected."""
        for protocol, (command, answer) in START_TLS.items():
            with self.subTest(protocol=protocol), \
                    self.site(protocol, "0", tls="starttls") as site:
                connection = self.start(protocol, site)
                connection.sendall(command + b"NOOP\r\n")
                self.assertEqual(self.read_line(connection), answer)
                self.assert_closed(connection)
        with self.site("ldap", "0", tls="starttls") as site:
            connection = self.connect(site)
            connection.sendall(LDAP_START_TLS + ANONYMOUS_BIND)
            self.assert_closed(connection)

    def test_the_offer_is_another_inside_tls(self):
        context = ssl.create_default_context(cafile=self.path("server.pem"))
        with self.site("smtp", "2", tls="starttls") as site:
            connection = self.start("smtp", site)
            connection.sendall(b"EHLO client\r\n")
            before = connection.recv(4096)
            self.assertIn(b"STARTTLS", before)
            self.assertNotIn(b"AUTH", before)
            connection.sendall(b"AUTH NTLM\r\n")
            self.assertTrue(self.read_line(connection).startswith(b"538 5.7.11 "))
            connection.sendall(START_TLS["smtp"][0])
            self.assertEqual(self.read_line(connection), START_TLS["smtp"][1])
            with context.wrap_socket(connection, server_hostname="localhost") as inside:
                inside.sendall(b"EHLO client\r\n")
                after = inside.recv(4096)
                self.assertIn(b"AUTH GSS-SPNEGO NTLM", after)
                self.assertNotIn(b"STARTTLS", after)
                inside.sendall(b"STARTTLS\r\n")
                self.assertTrue(inside.recv(4096).startswith(b"503 "))

    def test_a_server_that_goes_on_behind_its_answer_is_refused(self):
        """The same from the other side: what it says before TLS could be anybody's."""
        dialogue = [(b"220 x\r\n", b"EHLO"), (b"250-x\r\n250 STARTTLS\r\n", b"STARTTLS"),
                    (b"220 go\r\n250 AUTH PLAIN\r\n", b"")]
        self.assert_client_leaves("smtp", dialogue)

    def test_a_server_without_tls_is_not_shown_anything(self):
        self.assert_client_leaves("smtp", [(b"220 x\r\n", b"EHLO"),
                                           (b"250-x\r\n250 AUTH NTLM\r\n", b"")])
        self.assert_client_leaves("imap", [(b"* OK x\r\n", b"CAPABILITY"),
                                           (b"* CAPABILITY AUTH=NTLM\r\nc OK\r\n", b"")])
        self.assert_client_leaves("pop3", [(b"+OK x\r\n", b"CAPA"),
                                           (b"+OK\r\nSASL NTLM\r\n.\r\n", b"")])

    def assert_client_leaves(self, protocol, dialogue):
        """It ends with status 1 and has not begun a login."""
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        heard = []

        def serve():
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(epa_command.PATIENCE)
                for say, until in dialogue:
                    connection.sendall(say)
                    line = b"-"
                    while until and line and until not in line:
                        line = self.read_line(connection)
                        heard.append(line)
                heard.append(connection.recv(4096))

        thread = threading.Thread(target=serve)
        thread.start()
        done = run("login", protocol, f"{protocol}://127.0.0.1:{listener.getsockname()[1]}",
                   "--user", epa_command.USER, "--password-file", self.path("password"))
        thread.join(epa_command.PATIENCE)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertNotIn(b"TlRMTVNT", b"".join(heard))


class HostileClientsTest(RoundTripCase):
    def dialogue(self, protocol, site, lines):
        """The first word or code of each answer."""
        context = ssl.create_default_context(cafile=self.path("server.pem"))
        with socket.create_connection(("127.0.0.1", site.port), epa_command.PATIENCE) as plain, \
                context.wrap_socket(plain, server_hostname="localhost") as connection:
            self.read_line(connection)
            answers = []
            for line in lines:
                connection.sendall(line + b"\r\n")
                answers.append(self.read_line(connection).rstrip(b"\r\n").decode())
            return answers

    def test_nothing_but_a_login_gets_in(self):
        cases = {
            "smtp": ([b"MAIL FROM:<a>", b"HELP", b"AUTH", b"AUTH PLAIN AA==", b"AUTH NTLM =",
                      b"AUTH NTLM ====", b"NOOP"],
                     ["530", "530", "501", "504", "535", "501", "250"]),
            "imap": ([b"a SELECT INBOX", b"b LOGIN x y", b"c AUTHENTICATE PLAIN", b"d XYZZY", b"*",
                      b"e AUTHENTICATE NTLM {5}", b"f NOOP"],
                     ["a NO", "b NO", "c NO", "d NO", "* BAD", "e BAD", "f OK"]),
            "pop3": ([b"STAT", b"USER x", b"AUTH PLAIN", b"AUTH NTLM =", b"XYZZY"],
                     ["-ERR"] * 5),
        }
        for protocol, (lines, expected) in cases.items():
            with self.subTest(protocol=protocol), self.site(protocol, "0") as site:
                answers = self.dialogue(protocol, site, lines)
                for line, answer, begins in zip(lines, answers, expected):
                    self.assertTrue(answer.startswith(begins), (line, answer))

    def test_giving_up_again_and_again_leaves_nothing_behind(self):
        for protocol in MAIL:
            tag = b"a AUTHENTICATE NTLM" if protocol == "imap" else b"AUTH NTLM"
            with self.subTest(protocol=protocol), self.site(protocol, "0") as site:
                answers = self.dialogue(protocol, site, [tag, b"*", tag, b"* "])
                self.assertIn("ancelled", answers[1])
                self.assertIn("ancelled", answers[3])
                self.assertTrue(self.log_in(protocol, site)["accepted"])

    def test_a_line_without_an_end(self):
        for protocol in MAIL:
            tag = b"a AUTHENTICATE NTLM" if protocol == "imap" else b"AUTH NTLM"
            with self.subTest(protocol=protocol), self.site(protocol, "0") as site:
                answers = self.dialogue(protocol, site, [tag, b"A" * 200_000])
                self.assertIn("too long", answers[1])

    def test_ldap_messages_that_are_none(self):
        context = ssl.create_default_context(cafile=self.path("server.pem"))
        with self.site("ldap", "0") as site:
            for octets in (b"\x30\x80\x02\x01\x01\x60\x00\x00\x00", b"\x30\x84\xff\xff\xff\xff",
                           b"GET / HTTP/1.1\r\n\r\n", b"\x30\x03\x02\x01\x00",
                           b"\x30\x05\x02\x01\x01\x42\x00"):
                with self.subTest(octets=octets), \
                        socket.create_connection(("127.0.0.1", site.port),
                                                 epa_command.PATIENCE) as plain, \
                        context.wrap_socket(plain, server_hostname="localhost") as connection:
                    connection.sendall(octets)
                    self.assertEqual(connection.recv(4096), b"")
            self.assertTrue(self.log_in("ldap", site)["accepted"])


class UsageTest(RoundTripCase):
    def test_settings_that_contradict_each_other(self):
        keys = ["--cert", self.path("server.pem"), "--key", self.path("server.key")]
        accounts = ["--accounts", self.path("accounts")]
        for options, words in (
                ([*keys, "--tls", "none", "--scenario", "tls"], ["--tls", "none"]),
                (["--tls", "starttls", "--scenario", "clear"], ["--tls", "clear"]),
                ([*keys, "--clear-logins"], ["--clear-logins", "starttls"]),
                ([*keys, "--tls", "sometimes"], ["implicit, starttls or none"]),
                ([*keys, "--tls", "starttls", "--clear-logins"], ["--clear-logins", "names"])):
            for protocol in PROTOCOLS:
                with self.subTest(options=options, protocol=protocol):
                    self.assertUsageError(run("serve", protocol, *accounts, *options), *words)

    def test_addresses_and_mechanisms(self):
        for options, words in ((["http://localhost"], ["smtp://"]), (["localhost"], ["smtp://"]),
                               (["smtps://localhost", "--tls", "none"], ["--tls"]),
                               (["smtp://localhost", "--tls", "always"], ["starttls or none"]),
                               (["smtp://localhost", "--mechanism", "PLAIN"], ["GSSAPI"]),
                               (["smtp://localhost", "--mechanism", "GSSAPI"], ["credentials"]),
                               ([], ["a URL is needed"])):
            with self.subTest(options=options):
                self.assertUsageError(run("login", "smtp", *options, "--user", epa_command.USER,
                                          "--password-file", self.path("password")), *words)


if __name__ == "__main__":
    epa_command.main()

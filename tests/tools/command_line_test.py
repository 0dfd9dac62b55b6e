"""What every command has in common: one document with --json, versions, help, colours, messages."""

import json
import os
import pty
import re
import socket
import subprocess

import epa_command
from epa_command import EPA, USER, ReservedPort, run

JSON_COMMANDS = (("demo",), ("login", "https"), ("login", "smb"), ("login", "telnet"),
                 ("login", "smtp"), ("login", "imap"), ("login", "pop3"), ("login", "ldap"),
                 ("decode",), ("binding",), ("accounts", "test"), ("gss", "check"), ("settings",))


def run_on_terminal(arguments, environment):
    """What the command writes to a terminal."""
    outer, inner = pty.openpty()
    with os.fdopen(outer, "rb", buffering=0) as terminal:
        with subprocess.Popen([EPA, *arguments], stdout=inner, stdin=subprocess.DEVNULL,
                              env={**os.environ, **environment}):
            os.close(inner)
            text = b""
            try:
                while piece := terminal.read(4096):
                    text += piece
            except OSError:  # the other end is closed
                pass
    return text.decode("utf-8")


class OneDocumentTest(epa_command.EpaTestCase):
    def assert_one_document(self, result, status):
        self.assertEqual(result.returncode, status, result.stderr)
        document = json.loads(result.stdout)
        if status != 0:
            self.assertRegex(result.stderr, r"\Aepa: [^\n]+\n\Z")
        return document

    def assert_error(self, result, status):
        document = self.assert_one_document(result, status)
        self.assertEqual(result.stderr, "epa: " + document["error"]["reason"] + "\n")

    def test_these_are_all_commands_that_have_it(self):
        overview = run("--help").stdout.split("\n\n")[2]
        commands = [re.split(r"\s{2,}", line.strip())[0] for line in overview.splitlines()]
        self.assertEqual({command for command in commands
                          if "  --json " in run(*command.split(), "--help").stdout},
                         {" ".join(words) for words in JSON_COMMANDS})

    def test_wrong_usage(self):
        for words in JSON_COMMANDS:
            for more in (["--json", "--frobnicate"], ["--frobnicate", "--json"],
                         ["--json", "--json"]):
                with self.subTest(words=words, more=more):
                    self.assert_error(run(*words, *more), 2)

    def test_unusable_input(self):
        absent = self.path("absent")
        for arguments in (["demo", "--dir", self.path("accounts") + "/demo"],
                          ["login", "https", "https://localhost/", "--user", USER,
                           "--password-file", absent],
                          ["login", "smb", "//localhost/docs"],
                          ["login", "telnet", "localhost"],
                          ["decode", "no such token"], ["decode", ""],
                          ["binding", absent], ["binding", "http://localhost/"],
                          ["accounts", "test", "alice", "--accounts", absent],
                          ["gss", "check", "http", "--config", absent],
                          ["settings", absent]):
            with self.subTest(arguments):
                self.assert_error(run(*arguments, "--json"), 2)

    def test_a_server_that_cannot_be_had_is_a_fault_of_every_command(self):
        with_password = ["--user", USER, "--password-file", self.path("password")]
        port = ReservedPort()
        self.addCleanup(port.close)
        here = f"localhost:{port.number}"
        for where in (here, "no-such-host.invalid:1"):
            for arguments in (["login", "https", f"https://{where}/", *with_password],
                              ["login", "smb", f"//{where}/docs", *with_password],
                              ["login", "telnet", where, *with_password],
                              ["binding", f"https://{where}/"]):
                with self.subTest(arguments):
                    self.assert_error(run(*arguments, "--json"), 3)

    def test_a_certificate_that_nobody_vouches_for(self):
        self.make_certificate("stranger", "rsa:2048")
        with self.server() as server:
            self.assert_error(run("login", "https", f"https://{server.address}/", "--user", USER,
                                  "--password-file", self.path("password"), "--ca",
                                  self.path("stranger.pem"), "--json"), 1)

    def test_reports_of_refusals_stay_the_only_document(self):
        with self.server() as server:
            refused = self.login(server, "--json", password="wrong-password")
        self.assertIs(self.assert_one_document(refused, 1)["accepted"], False)
        malformed = self.assert_one_document(run("decode", "--json", "4e544c4d53535000"), 2)
        self.assertEqual(malformed["kind"], "ntlm")
        self.assertIn("offset", malformed["error"])


class PeopleTest(epa_command.EpaTestCase):
    def test_version(self):
        for words in (("--version",), ("version",)):
            result = run(*words)
            self.assertEqual(result.returncode, 0)
            self.assertRegex(result.stdout, r"\Aepa \d+\.\d+\.\d+\n\Z")

    def test_help_by_every_name(self):
        for words in ((), ("serve",), ("accounts",), ("serve", "https"), ("decode",)):
            text = run(*words, "--help").stdout
            self.assertIn("usage: epa", text)
            for other in ((*words, "-h"), ("help", *words)):
                result = run(*other)
                self.assertEqual((result.returncode, result.stdout, result.stderr), (0, text, ""))
        self.assertUsageError(run("help", "frobnicate"), "frobnicate")
        self.assertIn("epa accounts test --help", run("accounts", "--help").stdout)

    def test_colours_on_terminals_that_take_them(self):
        for environment, coloured in (({"TERM": "xterm", "NO_COLOR": ""}, True),
                                      ({"TERM": "xterm", "NO_COLOR": "1"}, False),
                                      ({"TERM": "dumb", "NO_COLOR": ""}, False)):
            with self.subTest(environment):
                text = run_on_terminal(["--help"], environment)
                self.assertIn("usage: epa", text)
                self.assertEqual("\x1b[" in text, coloured, text)
        self.assertNotIn("\x1b", run("--help").stdout)

    def test_the_scheme_of_a_url_has_no_case(self):
        with self.server() as server:
            self.assertLoggedIn(self.login(server, scheme="HTTPS"))
            binding = run("binding", f"Https://{server.address}/")
            self.assertEqual(binding.returncode, 0, binding.stderr)

    def test_a_password_file_with_a_byte_order_mark(self):
        self.write_octets("marked", b"\xef\xbb\xbf" + epa_command.PASSWORD.encode() + b"\r\n")
        with self.server() as server:
            self.assertLoggedIn(self.login(server, password="marked"))
        for name, octets in (("utf16", "\ufeffsecret\r\n".encode("utf-16-le")),
                             ("utf16-big", "\ufeffsecret\n".encode("utf-16-be"))):
            result = run("login", "https", "https://localhost/", "--user", USER,
                         "--password-file", self.write_octets(name, octets))
            self.assertUsageError(result, name, "UTF-16")
        self.assertUsageError(run("login", "https", "https://localhost/", "--user", USER,
                                  "--password-file",
                                  self.write_octets("mark-alone", b"\xef\xbb\xbf\n")),
                              "no password in", "mark-alone")


class MessagesTest(epa_command.EpaTestCase):
    def refuse(self, arguments, *words):
        self.assertUsageError(run(*arguments), *words)

    def test_the_option_that_helps(self):
        self.refuse(self.server_arguments("--scenario", "proxy", "--spn", "HTTP/server"),
                    "--flag allow-dotless-spn", "HTTP/server")
        result = run(*self.server_arguments("--scenario", "proxy", "--spn", "no spn"))
        self.assertNotIn("--flag", result.stderr)

    def test_options_of_this_command_alone(self):
        accounts = ["--accounts", self.path("accounts")]
        for arguments in (["serve", "telnet", "--spn", "TELNET/host.example"],
                          ["serve", "telnet", "--spn", "TELNET/host.example", *accounts,
                           "--package", "Kerberos"],
                          ["login", "telnet", "localhost:23"],
                          ["login", "telnet", "localhost:23", "--user", USER, "--package",
                           "Kerberos"]):
            with self.subTest(arguments):
                result = run(*arguments)
                self.assertUsageError(result)
                known = run(*arguments[:2], "--help").stdout
                for option in re.findall(r"--[a-z][\w-]*", result.stderr):
                    self.assertIn(f"  {option} ", known, result.stderr)

    def test_which_input_is_no_token(self):
        self.refuse(["decode", "typo.bin"], "typo.bin", "no file")
        # What could be read is printed, then what is wrong where.
        words = run("decode", self.write("words", "no token at all\n"))
        self.assertEqual(words.returncode, 2)
        self.assertIn("words:", words.stderr)
        self.refuse(["decode", "-"], "standard input")
        # It could be base64, but it is a path.
        result = run("decode", "captures/typo")
        self.assertEqual(result.returncode, 2)
        self.assertIn("'captures/typo'", result.stderr)

    def test_where_to_listen(self):
        self.refuse(self.server_arguments("--listen", "localhost:0"), "--listen", "localhost:0",
                    "127.0.0.1")

    def test_names_of_shares_that_nobody_could_ask_for(self):
        for name in ("a/b", "a\\b", "a:b", "what?", "IPC$", "ipc$", "x" * 81, "tab\there"):
            with self.subTest(name):
                self.refuse(["serve", "smb", "--accounts", self.path("accounts"), "--share",
                             f"{name}={self.directory.name}"], "--share")

    def test_which_word_is_no_command(self):
        self.refuse([""], "unknown command ''")
        self.refuse(["--audit", "decode"], "'--audit'", "options follow the command")
        self.refuse(["serve", "ftp"], "'ftp'", "https|telnet|smb")

    def test_empty_words_are_none(self):
        login = ["login", "https", "https://localhost:1/", "--user", USER, "--password-file",
                 self.path("password")]
        for arguments in ([*login, "--ca", ""], [*login, "--audit="],
                          ["accounts", "test", USER, "--accounts", ""],
                          ["demo", "--dir", ""], self.server_arguments("--keytab", "")):
            with self.subTest(arguments):
                self.refuse(arguments, "empty value for --")
        for arguments in (["binding", ""], ["settings", ""], ["gss", "check", ""], ["login", "smb", ""]):
            with self.subTest(arguments):
                self.refuse(arguments, "an argument is empty")

    def test_users_without_a_name(self):
        password = ["--password-file", self.path("password")]
        for user in ("\\", "DEMO\\"):
            for arguments in (["login", "https", "https://localhost:1/", "--user", user, *password],
                              ["accounts", "test", user, "--accounts", self.path("accounts"),
                               *password]):
                with self.subTest(arguments):
                    result = run(*arguments)
                    self.assertUsageError(result, "the user name is empty")
                    self.assertNotIn("anonymous", result.stderr)

    def test_what_became_of_a_connection(self):
        with_password = ["--user", USER, "--password-file", self.path("password")]
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
            for address in (["https", f"https://127.0.0.1:{port}/"], ["https", f"http://127.0.0.1:{port}/"],
                            ["smb", f"//127.0.0.1:{port}/docs"], ["ldap", f"ldap://127.0.0.1:{port}"],
                            ["imap", f"imaps://127.0.0.1:{port}"]):
                with self.subTest(address):
                    process = subprocess.Popen([EPA, "login", *address, *with_password],
                                               stderr=subprocess.PIPE, text=True)
                    client, _ = listener.accept()
                    client.shutdown(socket.SHUT_WR)  # closing would reset it
                    message = process.communicate(timeout=epa_command.PATIENCE)[1]
                    client.close()
                    self.assertEqual(process.returncode, 3)
                    self.assertRegex(message, r"\Aepa: cannot [^\n]+: the server closed the connection\n\Z")

    def test_addresses(self):
        with_password = ["--user", USER, "--password-file", self.path("password")]
        for arguments, words in (
                (["smb", "//localhost:0/docs"], ("port '0'", "from 1")),
                (["telnet", "localhost:0"], ("port '0'", "from 1")),
                (["telnet", "telnet://localhost:23"], ("address 'telnet://localhost:23'",)),
                (["telnet", "::1:23"], ("address '::1:23'", "in brackets")),
                (["smtp", "smtp://localhost:25/x"], ("URL 'smtp://localhost:25/x'", "smtp://HOST")),
                (["imap", "imap://alice@localhost"], ("URL 'imap://alice@localhost'",)),
                (["ldap", "ldap:///"], ("URL 'ldap:///'", "ldap://HOST")),
                (["ldap", "ldap"], ("URL 'ldap'", "ldap://HOST"))):
            with self.subTest(arguments):
                self.refuse(["login", *arguments, *with_password], *words)
        self.refuse(self.server_arguments("--listen", "::1:8443"), "--listen", "in brackets")
        self.refuse(["binding", "localhost:443"], "localhost:443", "https://HOST[:PORT]")

    def test_names_of_services(self):
        proxy = ["serve", "https", "--accounts", self.path("accounts"), "--scenario", "proxy"]
        self.refuse(proxy, "give --spn")
        for name, why in (("HTTP", "class/host"), ("HTTP/a b", "white space")):
            result = run(*proxy, "--spn", name)
            self.assertUsageError(result, "--spn", f"'{name}'", why)
            self.assertNotIn("dot", result.stderr)

    def test_names_of_the_challenge(self):
        for option, value in (("--netbios-name", "N" * 16), ("--netbios-domain", "A/B"),
                              ("--dns-name", "d" * 256)):
            with self.subTest(option):
                self.refuse(self.server_arguments(option, value), f"{option} '{value[:16]}", "name")

    def test_there_is_no_tls(self):
        server = ["serve", "imap", *self.server_arguments()[2:]]
        self.refuse([*server, "--tls", "none"], "--tls none has no TLS")
        self.refuse([*server, "--scenario", "clear"], "--scenario clear has no TLS")

    def test_a_key_that_is_none(self):
        self.refuse(["serve", "https", "--cert", self.path("server.pem"), "--key",
                     self.path("server.pem"), "--accounts", self.path("accounts")],
                    "server.pem", "no private key")

    def test_files_that_are_named_and_absent(self):
        ntlm = "NTLM TlRMTVNTUAABAAAAB4IIogAAAAAAAAAAAAAAAAAAAAAKAGFKAAAADw=="
        self.assertEqual(run("decode", ntlm).returncode, 0)
        self.refuse(["decode", "--keytab", self.path("absent"), ntlm], "absent")
        self.refuse(["decode", self.directory.name], "a directory")
        self.refuse(["demo", "--server", "nginx", "--module", self.path("absent")], "--module",
                    "absent")

    def test_numbers_of_processes(self):
        for number in ("abc", "-1", "0", "4194305"):
            with self.subTest(number):
                self.refuse(["gss", "check", "http", "--process", number], "--process", number)

    def test_options_that_would_change_nothing(self):
        cache = self.write("cache", "")
        login = ["login", "https", "https://localhost/", "--user", USER, "--password-file",
                 self.path("password")]
        for arguments, option in (
                (self.server_arguments("--spn", "HTTP/host.example"), "--spn"),
                (self.server_arguments("--scenario", "proxy", "--spn", "HTTP/host.example",
                                       "--flag", "no-service-name-check"), "--spn"),
                (self.server_arguments("--flag", "allow-dotless-spn"), "--flag"),
                (self.server_arguments("--package", "NTLM", "--keytab", cache), "--keytab"),
                (self.server_arguments("--package", "Kerberos", "--keytab", cache), "--accounts"),
                (self.server_arguments("--krb5-config", cache), "--krb5-config"),
                ([*login, "--package", "NTLM", "--ccache", cache], "--ccache"),
                ([*login, "--krb5-config", cache], "--krb5-config"),
                (["login", "https", "http://localhost/", *login[3:], "--ca",
                  self.path("server.pem")], "--ca"),
                (["login", "https", "https://localhost/", "--ccache", cache, "--password-file",
                  self.path("password")], "--password-file")):
            with self.subTest(arguments):
                self.refuse(arguments, option)


if __name__ == "__main__":
    epa_command.main()

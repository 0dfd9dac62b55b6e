"""Bad input: one clear line on standard error, exit status 2, nothing half-started."""

import contextlib
import os
import socket
import subprocess

import epa_command
from epa_command import run


class UsageTest(epa_command.EpaTestCase):
    def test_no_command(self):
        self.assertUsageError(run(), "command")

    def test_unknown_command(self):
        self.assertUsageError(run("frobnicate"), "frobnicate")

    def test_serve_without_what(self):
        self.assertUsageError(run("serve"), "https")

    def test_every_command_has_help_with_an_example(self):
        for words in ((), ("demo",), ("serve",), ("login",), ("serve", "https"),
                      ("serve", "telnet"), ("serve", "smb"), ("login", "https"),
                      ("login", "smb"), ("login", "telnet"), ("decode",), ("binding",),
                      ("settings",)):
            result = run(*words, "--help")
            self.assertEqual(result.returncode, 0, words)
            self.assertIn("example", result.stdout, words)
            self.assertEqual(result.stderr, "")

    def test_unknown_option(self):
        self.assertUsageError(run("demo", "--frobnicate"), "--frobnicate")

    def test_option_without_value(self):
        self.assertUsageError(run("demo", "--dir"), "--dir")

    def test_switch_with_value(self):
        self.assertUsageError(run("demo", "--json=yes"), "--json")

    def test_option_given_twice(self):
        self.assertUsageError(run("demo", "--json", "--json"), "--json")

    def test_unexpected_argument(self):
        self.assertUsageError(run("demo", "now"), "now")


class PipeTest(epa_command.EpaTestCase):
    """What is named as a file is one: nothing waits for the other end of a pipe."""

    def test_a_pipe_is_no_file(self):
        pipe = self.path("pipe")
        os.mkfifo(pipe)
        login = ("login", "https", "https://127.0.0.1:1/", "--user")
        password = ("--password-file", self.path("password"))
        for arguments in ((*login, "alice", "--password-file", pipe),
                          (*login, "alice", *password, "--ca", pipe),
                          (*login, "alice@A.EXAMPLE", *password, "--krb5-config", pipe),
                          (*login[:-1], "--ccache", pipe),
                          ("accounts", "test", "alice", "--accounts", self.path("accounts"),
                           "--password-file", pipe),
                          ("decode", pipe),
                          ("binding", pipe),
                          ("settings", pipe)):
            with self.subTest(" ".join(arguments[:2])):
                self.assertUsageError(run(*arguments), "pipe", "not a regular file")

    def test_a_device_is_no_file(self):
        self.assertUsageError(run("decode", "/dev/zero"), "/dev/zero", "not a regular file")


class ServeTest(epa_command.EpaTestCase):
    def refuse(self, arguments, *words):
        self.assertUsageError(run(*arguments), *words)

    def test_no_certificate(self):
        self.refuse(["serve", "https", "--accounts", self.path("accounts")], "--cert")

    def test_missing_certificate_file(self):
        self.refuse(["serve", "https", "--cert", self.path("absent.pem"), "--key",
                     self.path("server.key"), "--accounts", self.path("accounts")],
                    "absent.pem", "No such file")

    def test_certificate_that_is_none(self):
        self.refuse(["serve", "https", "--cert", self.path("accounts"), "--key",
                     self.path("server.key"), "--accounts", self.path("accounts")], "accounts")

    def test_key_of_another_certificate(self):
        self.make_certificate("other", "rsa:2048")
        self.refuse(["serve", "https", "--cert", self.path("server.pem"), "--key",
                     self.path("other.key"), "--accounts", self.path("accounts")], "other.key")

    def test_certificate_without_key(self):
        self.refuse(["serve", "https", "--cert", self.path("server.pem"), "--accounts",
                     self.path("accounts")], "--key")

    def test_no_accounts(self):
        self.refuse(["serve", "https", "--cert", self.path("server.pem"), "--key",
                     self.path("server.key")], "--accounts", "--keytab")

    def test_unreadable_accounts(self):
        self.refuse(["serve", "https", "--cert", self.path("server.pem"), "--key",
                     self.path("server.key"), "--accounts", self.directory.name],
                    self.directory.name)

    def test_malformed_accounts(self):
        bad = self.write("bad-accounts", "DEMO:alice:secret\nno separator here\n")
        self.refuse(["serve", "https", "--cert", self.path("server.pem"), "--key",
                     self.path("server.key"), "--accounts", bad], "bad-accounts")

    def test_wrong_values(self):
        for option, value, word in (("--extended-protection", "3", "'3'"),
                                    ("--scenario", "moon", "'moon'"),
                                    ("--flag", "no-such-flag", "'no-such-flag'"),
                                    ("--workers", "0", "'0'"),
                                    ("--listen", "here", "'here'"),
                                    ("--listen", "127.0.0.1:70000", "'70000'"),
                                    ("--listen", "no.such.address.invalid:0",
                                     "no.such.address.invalid:0"),
                                    ("--spn", "no spn", "no spn")):
            self.refuse(self.server_arguments(option, value), word)

    def test_audit_file_that_cannot_be_written(self):
        self.refuse(self.server_arguments("--audit", self.path("no/such/audit")), "audit")

    def test_registry_files_that_are_none(self):
        self.refuse(self.server_arguments("--registry", self.path("absent.reg")), "absent.reg",
                    "No such file")
        self.refuse(self.server_arguments("--registry", self.path("accounts")), "accounts:1: ",
                    "REGEDIT4")

    def test_journal_socket_that_is_no_path(self):
        self.refuse(self.server_arguments("--audit", "journal:"), "expected a path, -, journal")

    def test_keytab_that_is_absent_or_none(self):
        self.refuse(self.server_arguments("--keytab", self.path("absent.keytab")),
                    "absent.keytab", "No such file")
        self.refuse(self.server_arguments("--keytab", self.directory.name), self.directory.name)
        self.refuse(self.server_arguments("--keytab", self.path("accounts")), "accounts", "keytab")

    def test_keytab_without_a_whole_key(self):
        for name, octets in (("no-keys.keytab", b"\x05\x02"),
                             ("cut.keytab", b"\x05\x02\0\0\0\x20abc")):
            self.refuse(self.server_arguments("--keytab", self.write_octets(name, octets)), name)

    def test_krb5_configuration_that_is_absent_or_none(self):
        self.refuse(self.server_arguments("--keytab", self.path("accounts"), "--krb5-config",
                                          self.write("braces.conf", "[libdefaults]\n}\n")),
                    "braces.conf", "brace")
        self.refuse(self.server_arguments("--keytab", self.path("accounts"), "--krb5-config",
                                          self.path("absent.conf")), "absent.conf")

    def test_package_without_its_credentials(self):
        self.refuse(self.server_arguments("--package", "Kerberos"), "--keytab", "Kerberos")
        self.refuse(["serve", "https", "--cert", self.path("server.pem"), "--key",
                     self.path("server.key"), "--keytab", self.path("accounts"), "--package",
                     "NTLM"], "--accounts", "NTLM")

    def test_unknown_package(self):
        self.refuse(self.server_arguments("--package", "Digest"), "Digest")

    def test_proxy_without_names_promises_more_than_it_does(self):
        self.refuse(self.server_arguments("--scenario", "proxy"))

    def test_clear_without_names_would_refuse_everyone(self):
        self.refuse(["serve", "https", "--scenario", "clear", "--accounts",
                     self.path("accounts")], "--spn")

    def test_clear_without_a_name_check_would_check_nothing(self):
        for mode in ("1", "2"):
            for more in ([], ["--spn", "HTTP/127.0.0.1"]):
                self.refuse(["serve", "https", "--scenario", "clear", "--accounts",
                             self.path("accounts"), "--flag", "no-service-name-check",
                             "--extended-protection", mode, *more], "--spn")

    def test_audit_only_that_nobody_hears(self):
        self.refuse(self.server_arguments("--audit-only"), "--audit")

    def test_port_in_use(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = "127.0.0.1:%d" % taken.getsockname()[1]
            self.refuse(self.server_arguments("--listen", address), address, "in use")


class LoginTest(epa_command.EpaTestCase):
    def test_no_url(self):
        self.assertUsageError(run("login", "https", "--user", "alice"), "URL")

    def test_bad_urls(self):
        for url in ("server.example", "ftp://server.example/", "https://", "https://host:0/",
                    "https://alice@host/", "https://host/a b"):
            self.assertUsageError(run("login", "https", url, "--user", "alice"))

    def test_no_user(self):
        self.assertUsageError(run("login", "https", "https://127.0.0.1/"), "--user")

    def test_a_key_that_is_encrypted(self):
        encrypted = self.path("encrypted.key")
        for words in (["pkcs8", "-topk8", "-v2", "aes-256-cbc"], ["rsa", "-traditional", "-aes256"]):
            with self.subTest(words):
                subprocess.run(["openssl", *words, "-in", self.path("server.key"), "-out", encrypted,
                                "-passout", "pass:secret"], check=True, capture_output=True)
                self.assertUsageError(
                    run("serve", "https", "--cert", self.path("server.pem"), "--key", encrypted,
                        "--accounts", self.path("accounts")), encrypted, "encrypted")

    def test_password_file_that_is_absent_or_empty(self):
        self.assertUsageError(run("login", "https", "https://127.0.0.1/", "--user", "alice",
                                  "--password-file", self.path("absent")), "absent")
        self.assertUsageError(run("login", "https", "https://127.0.0.1/", "--user", "alice",
                                  "--password-file", self.write("empty", "")), "empty")

    def test_password_file_that_is_no_text(self):
        for name, octets in (("latin1", b"stra\xdfe\n"), ("nul", b"pass\0word\n")):
            self.assertUsageError(run("login", "https", "https://127.0.0.1/", "--user", "alice",
                                      "--password-file", self.write_octets(name, octets)), name)

    def test_no_terminal_to_ask_on(self):
        self.assertUsageError(run("login", "https", "https://127.0.0.1/", "--user", "alice"),
                              "--password-file")

    def test_package_without_its_credentials(self):
        for arguments, word in ((("--package", "Kerberos", "--user", "DEMO\\alice"), "--ccache"),
                                (("--package", "NTLM", "--ccache", self.path("password")),
                                 "--user"),
                                (("--package", "Digest", "--user", "alice"), "Digest")):
            self.assertUsageError(run("login", "https", "https://127.0.0.1/", *arguments), word)

    def test_credential_cache_that_is_absent_or_none(self):
        damaged = {"absent": None, "empty.ccache": b"", "cut.ccache": b"\x05\x04\0",
                   "other-version.ccache": b"\x05\x09\0\0", "password": None}
        for name, octets in damaged.items():
            path = self.path(name) if octets is None else self.write_octets(name, octets)
            for place in (("https", "https://127.0.0.1:1/"), ("smb", "//127.0.0.1:1/docs")):
                with self.subTest(name=name, place=place):
                    self.assertUsageError(run("login", *place, "--ccache", path), path)

    def test_wrong_binding(self):
        self.assertUsageError(run("login", "https", "https://127.0.0.1/", "--user", "alice",
                                  "--binding", "maybe"), "maybe")

    def test_unreadable_ca(self):
        self.assertUsageError(run("login", "https", "https://127.0.0.1:1/", "--user", "alice",
                                  "--password-file", self.path("password"), "--ca",
                                  self.path("absent.pem")), "absent.pem")

    def test_nobody_listens_is_a_fault_of_the_back_end(self):
        with contextlib.closing(epa_command.ReservedPort()) as unused:
            result = run("login", "https", f"https://127.0.0.1:{unused.number}/", "--user",
                         "alice", "--password-file", self.path("password"))
        self.assertEqual(result.returncode, 3)
        self.assertRegex(result.stderr, r"\Aepa: [^\n]+refused\n\Z")


class TokenTest(epa_command.EpaTestCase):
    def test_malformed_token(self):
        result = run("decode", "4e544c4d5353500001000000")
        self.assertEqual(result.returncode, 2)
        self.assertRegex(result.stderr, r"\Aepa: [^\n]+\n\Z")
        self.assertIn("offset", result.stderr)

    def test_input_that_is_larger_than_any_token(self):
        large = "A" * (2 ** 20 + 1)
        self.assertUsageError(run("decode", self.write("large", large)), "large", "1048576")
        self.assertUsageError(run("decode", "-", stdin=large), "standard input", "1 MiB")

    def test_binding_of_what_is_no_certificate(self):
        self.assertUsageError(run("binding", self.path("accounts")), "accounts")


if __name__ == "__main__":
    epa_command.main()

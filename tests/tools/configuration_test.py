"""`epa serve --config`: a service is what its section of epa.conf says, and options say over it."""

import signal

import epa_command
from epa_command import json_lines, run

SECTIONS = """[common]
accounts = accounts
cert = server.pem
key = server.key

[http]
extended-protection = {mode}
audit = http.json
audit = copy.json

[http clear]
scenario = clear
extended-protection = 0

[telnet]
spn = TELNET/host.example.com
"""


class ConfigurationTest(epa_command.EpaTestCase):
    def configure(self, text):
        return self.write("epa.conf", text)

    def setUp(self):
        self.configuration = self.configure(SECTIONS.format(mode=2))

    def configured(self, *options):
        return self.serving(["serve", "https", "--config", self.configuration, *options])

    def refuse(self, text, *words, options=()):
        path = self.configure(text)
        self.assertUsageError(run("serve", "https", "--config", path, *options),
                              *[word.format(path) for word in words])

    def hang_up(self, server):
        server.process.send_signal(signal.SIGHUP)
        while line := server.process.stderr.readline():
            if "settings" in line:
                return line
        return self.fail("nothing is said of the settings")

    def test_a_section_is_a_service_and_a_reload_changes_it_as_a_whole(self):
        with self.configured() as server:
            self.assertLoggedIn(self.login(server))
            self.assertRefused(self.login(server, "--binding", "omit"))
            self.configure(SECTIONS.format(mode=1) + "[imap]\nscenario = there\n")
            self.assertIn("settings stay as they were: " + self.configuration + ":18: scenario "
                          "'there': expected tls, proxy or clear", self.hang_up(server))
            self.assertRefused(self.login(server, "--binding", "omit"))
            self.configure(SECTIONS.format(mode=1))
            self.assertIn("settings read again", self.hang_up(server))
            self.assertLoggedIn(self.login(server, "--binding", "omit"))
        outcomes = [event["outcome"] for event in json_lines(self.path("http.json"))]
        self.assertEqual(outcomes, ["accepted", "refused", "refused", "accepted"])
        self.assertEqual(json_lines(self.path("copy.json")), json_lines(self.path("http.json")))

    def test_options_win_and_go_on_winning(self):
        with self.configured("--extended-protection", "1") as server:
            self.assertLoggedIn(self.login(server, "--binding", "omit"))
            self.assertIn("settings read again", self.hang_up(server))
            self.assertLoggedIn(self.login(server, "--binding", "omit"))

    def test_a_service_of_the_protocol_by_its_name(self):
        with self.configured("--service", "clear") as server:
            self.assertLoggedIn(self.login(server, scheme="http"))

    def test_faults_say_file_line_value_and_what_was_expected(self):
        self.refuse("[http]\nscenario = there\n",
                    "epa: {}:2: scenario 'there': expected tls, proxy or clear\n")
        self.refuse("[http]\nkeytabs = x\n", "{}:2 'keytabs': expected perhaps keytab")
        self.refuse("[http]\naccounts = missing\ncert = server.pem\nkey = server.key\n",
                    "{}:2: accounts: ")
        self.refuse("[http]\naccounts = accounts\ncert = server.pem\n", "{}:3: cert: every cert")
        self.refuse("[http]\naccounts = accounts\nlisten = here\nscenario = proxy\n"
                    "spn = HTTP/www.example.com\n", "{}:3: listen: ")
        self.refuse("[imap]\n", "{}: expected a section [http]")
        self.refuse("[http]\n", "{}: expected a section [http x]", options=("--service", "x"))
        self.refuse("[http]\naccounts = accounts", "{}:2 'accounts = accounts'", "cut off")

    def test_a_file_that_is_none(self):
        self.assertUsageError(run("serve", "https", "--config", self.path("absent.conf")),
                              "absent.conf")
        self.assertUsageError(run("serve", "https", "--config", self.directory.name),
                              self.directory.name)
        self.assertUsageError(run("serve", "https", "--service", "x"), "--config")


if __name__ == "__main__":
    epa_command.main()

"""Files that the plug-in cannot use: what comes of logins, and what the system's log says."""

import os

import namespaces

namespaces.enter_namespaces()
namespaces.run("ip", "link", "set", "lo", "up")

# pylint: disable=wrong-import-position
import gss_plugin
from system_log import SystemLog

AUTHPRIV = 10
# Root, too, may read only what a file's permissions let it read.
NO_OVERRIDE = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")


class FaultsTest(gss_plugin.GssPluginCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.log = SystemLog()
        cls.addClassCleanup(cls.log.close)

    def setUp(self):
        self.good = self.configuration("2", "keytab = current.keytab",
                                       "certificate-roll-over = 0", certificates=("current",))
        self.copy("server.pem", "current.pem")
        self.copy("service.keytab", "current.keytab")
        self.log.entries()
        self.said = []

    def copy(self, source, name, keep=None):
        with open(self.path(source), "rb") as file:
            octets = file.read()
        self.put(name, octets[:keep])

    def put(self, name, octets):
        """As an administrator's programs do: a whole file takes the place of another."""
        with open(self.path("new"), "wb") as file:
            file.write(octets)
        os.replace(self.path("new"), self.path(name))

    def start(self):
        return self.worker(self.server_environment(self.good), NO_OVERRIDE)

    def accepts(self, server, certificate="server"):
        answer = server.ask(do="accept", bindings=None, token=self.first_token(
            certificate and self.binding(certificate)))
        self.said += self.log.entries()  # where nobody reads, who logs waits
        return answer["complete"]

    def faults(self):
        """A name, what is done to a file that is good, and what the log has to name."""
        return (
            ("a certificate that is gone", lambda: os.remove(self.path("current.pem")),
             "current.pem"),
            ("a certificate that is cut off", lambda: self.copy("server.pem", "current.pem", 200),
             "current.pem"),
            ("a keytab that is gone", lambda: os.remove(self.path("current.keytab")),
             "current.keytab"),
            ("a keytab that may not be read", lambda: os.chmod(self.path("current.keytab"), 0),
             "current.keytab"),
            ("a keytab that is cut off",
             lambda: self.copy("service.keytab", "current.keytab", -5), "current.keytab"),
            ("settings that are cut off", lambda: self.put("epa.conf", self.good[:-1].encode()),
             "epa.conf"))

    def assert_said(self, what):
        """In one line, to those who may hear of logins."""
        def heard():
            self.said += self.log.entries()
            return any("libepa-gss: " in text and what in text for _, text in self.said)

        self.eventually(heard)
        self.assertEqual({facility for facility, _ in self.said}, {AUTHPRIV}, self.said)
        for _, text in self.said:
            self.assertNotIn("\n", text)

    def restore(self):
        self.copy("server.pem", "current.pem")
        self.copy("service.keytab", "current.keytab")
        self.put("epa.conf", self.good.encode())

    def test_a_process_that_begins(self):
        for name, spoil, what in self.faults():
            with self.subTest(name):
                environment = self.server_environment(self.good)
                self.said = []
                spoil()
                server = self.worker(environment, NO_OVERRIDE)
                self.assertFalse(self.accepts(server))
                self.assert_said(what)
                self.restore()
                self.eventually(lambda s=server: self.accepts(s))
                self.assertFalse(self.accepts(server, None))

    def test_a_process_that_goes_on(self):
        for name, spoil, what in self.faults():
            with self.subTest(name):
                server = self.start()
                self.assertTrue(self.accepts(server))
                self.said = []
                spoil()
                self.assert_said(what)
                self.assertTrue(self.accepts(server))
                for certificate in ("another", None):
                    self.assertFalse(self.accepts(server, certificate))
                self.restore()


if __name__ == "__main__":
    gss_plugin.main()

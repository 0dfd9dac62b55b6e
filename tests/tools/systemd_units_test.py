"""systemd's units are well formed, run the command as it is, and confine it."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import epa_command

UNITS = os.environ["EPA_UNITS"]
PROTOCOLS = ("helper", "https", "smb", "telnet")
# systemd's measure, 0 (confined) to 100 (not at all).
MOST_EXPOSURE = "20"


def analyze(*arguments):
    program = shutil.which("systemd-analyze")
    if program is None:
        sys.exit("systemd-analyze is missing: install the Debian package systemd (./run test does)")
    return subprocess.run([program, *arguments], capture_output=True, text=True, timeout=60,
                          check=False)


class SystemdUnitsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory(prefix="epa-units-")
        cls.addClassCleanup(cls.directory.cleanup)
        for protocol in PROTOCOLS:
            for kind in ("service", "socket"):
                name = f"epa-{protocol}.{kind}"
                with open(os.path.join(UNITS, name), encoding="utf-8") as file:
                    text = file.read()
                # Installed elsewhere in a test.
                words = [line.split()[0].removeprefix("ExecStart=") for line in text.splitlines()
                         if line.startswith("ExecStart=")]
                for word in words:
                    text = text.replace(word, epa_command.EPA)
                with open(cls.path(name), "w", encoding="utf-8") as file:
                    file.write(text)

    @classmethod
    def path(cls, name):
        return os.path.join(cls.directory.name, name)

    def test_systemd_understands_every_line(self):
        for protocol in PROTOCOLS:
            for kind in ("service", "socket"):
                with self.subTest(f"epa-{protocol}.{kind}"):
                    done = analyze("verify", "--man=no", "--recursive-errors=no",
                                   self.path(f"epa-{protocol}.{kind}"))
                    self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_the_servers_are_confined(self):
        for protocol in PROTOCOLS:
            with self.subTest(protocol):
                done = analyze("security", "--offline=yes", "--no-pager",
                               f"--threshold={MOST_EXPOSURE}", self.path(f"epa-{protocol}.service"))
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_each_serves_what_it_is_called(self):
        for protocol in PROTOCOLS:
            with open(self.path(f"epa-{protocol}.service"), encoding="utf-8") as file:
                self.assertIn(f"{epa_command.EPA} serve {protocol} $EPA_OPTIONS\n", file.read())


if __name__ == "__main__":
    epa_command.main()

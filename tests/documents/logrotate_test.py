"""What docs/operating.md gives logrotate: it rotates the audit file, and no event is lost by it."""

import os
import shutil
import subprocess
import time

import code_blocks
import epa_command
from epa_command import PATIENCE, json_lines

LOGROTATE = shutil.which("logrotate", path=os.environ["PATH"] + ":/usr/sbin")
AUDIT = "/var/log/epa/audit.json"
RELOAD = "systemctl reload epa-https.service"


class LogrotateTest(epa_command.EpaTestCase):
    def rotate(self, configuration, *options):
        os.chmod(configuration, 0o600)
        subprocess.run([LOGROTATE, *options, "--state", self.path("state"), configuration],
                       check=True, capture_output=True, timeout=PATIENCE)

    def wait_for(self, path):
        deadline = time.monotonic() + PATIENCE
        while not os.path.exists(path):
            self.assertLess(time.monotonic(), deadline, f"no new {path}")
            time.sleep(0.02)

    def test_the_audit_goes_on_in_a_new_file(self):
        [block] = code_blocks.blocks("logrotate")
        self.assertEqual((block.text.count(AUDIT), block.text.count(RELOAD)), (1, 1))
        audit = self.path("audit.json")
        with self.server("--audit", audit) as server:
            self.assertLoggedIn(self.login(server))
            text = block.text.replace(AUDIT, audit)
            text = text.replace(RELOAD, f"kill -HUP {server.process.pid}")  # what the unit does
            configuration = self.write("logrotate.conf", text)
            self.rotate(configuration, "--debug")
            self.assertFalse(os.path.exists(audit + ".1"))
            self.rotate(configuration, "--force")
            self.wait_for(audit)
            self.assertRefused(self.login(server, password="wrong-password"))
        self.assertEqual([event["outcome"] for event in json_lines(audit + ".1")], ["accepted"])
        self.assertEqual([event["outcome"] for event in json_lines(audit)], ["refused"])


if __name__ == "__main__":
    epa_command.main()

#!/usr/bin/python3
"""Makes a domain with a joined member in namespaces of its own, and measures logins in it.

usage: winbind_domain.py BUILD_FOLDER

Needs what the tests of winbindd need (./run packages), and a build with -DEPA_BUILD_BENCHMARKS=ON.
"""

import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.abspath(sys.argv[1])
EPA = os.path.join(BUILD, "tools/epa/epa")
os.environ["EPA_COMMAND"] = EPA
sys.path += [os.path.join(ROOT, "tests/interop"), os.path.join(ROOT, "tests/tools")]

# pylint: disable=wrong-import-position
import namespaces

namespaces.enter_namespaces()

import winbind_site
from joined_domain import DOMAIN, PASSWORD


class Bench(winbind_site.WinbindTestCase):
    def measure(self):
        with self.site("1") as site:
            done = subprocess.run(
                [os.path.join(BUILD, "bench/epa_winbind_domain"), str(site.port),
                 str(site.process.pid), self.domain.path("member/smb.conf"), "alice", DOMAIN],
                input=PASSWORD + "\n", text=True, check=False)
            return done.returncode


def main():
    Bench.setUpClass()
    try:
        return Bench().measure()
    finally:
        Bench.doClassCleanups()


if __name__ == "__main__":
    sys.exit(main())

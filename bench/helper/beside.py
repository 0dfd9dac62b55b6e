#!/usr/bin/python3
"""Logins through `epa helper` beside Samba's ntlm_auth, both with local accounts.

usage: beside.py BUILD_FOLDER

Behind the one stands `epa serve helper` with a file of accounts, behind the other winbindd of a
standalone server. Needs Debian's winbind and samba (./run packages), and a build with
-DEPA_BUILD_BENCHMARKS=ON.
"""

import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(sys.argv[1])
EPA = os.path.join(BUILD, "tools/epa/epa")
HELPER = os.path.join(BUILD, "tools/epa/epa-helper")
os.environ["EPA_COMMAND"] = EPA
sys.path += [os.path.join(ROOT, folder)
             for folder in ("bench/winbind", "tests/interop", "tests/tools")]

# pylint: disable=wrong-import-position
from kerberos_realm import start_server, stop_server
from standalone_server import (DOMAIN, PASSWORD, USER, StandaloneServer, enter_place_of_pipe,
                               wait_until)


def start_service(folder):
    """`epa serve helper`, with the path of its socket."""
    accounts, socket = os.path.join(folder, "accounts"), os.path.join(folder, "helper.sock")
    with open(accounts, "w", encoding="ascii") as file:
        file.write(f"{DOMAIN}:{USER}:{PASSWORD}\n")
    service = start_server([EPA, "serve", "helper", "--accounts", accounts, "--scenario", "clear",
                            "--spn", "HTTP/localhost", "--flag", "allow-dotless-spn", "--listen",
                            "unix:" + socket], os.environ)
    wait_until(lambda: os.path.exists(socket))
    return service, socket


def main():
    enter_place_of_pipe()
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        samba = StandaloneServer(folder)
        service, socket = start_service(folder)
        done = subprocess.run([os.path.join(BUILD, "bench/epa_helper_logins"), HELPER, socket,
                               samba.configuration, USER, DOMAIN],
                              input=PASSWORD + "\n", text=True, check=False)
        stop_server(service)
        samba.close()
        return done.returncode


if __name__ == "__main__":
    sys.exit(main())

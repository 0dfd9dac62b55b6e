#!/usr/bin/python3
"""NTLM logins over SMTP at `epa serve smtp` beside Dovecot's, both with local accounts.

usage: beside.py BUILD_FOLDER

Debian's Dovecot has NTLM through ntlm_auth alone, behind which winbindd of a standalone server
stands. Needs Debian's dovecot-submissiond, winbind and samba (./run packages), and a build with
-DEPA_BUILD_BENCHMARKS=ON.
"""

import os
import select
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(sys.argv[1])
EPA = os.path.join(BUILD, "tools/epa/epa")
os.environ["EPA_COMMAND"] = EPA
sys.path += [os.path.join(ROOT, folder)
             for folder in ("bench/winbind", "tests/interop", "tests/tools")]

# pylint: disable=wrong-import-position
from epa_command import ReservedPort
from interop_peer import program
from kerberos_realm import start_server, stop_server, wait_for_port
from standalone_server import (DOMAIN, PASSWORD, USER, PATIENCE, StandaloneServer,
                               enter_place_of_pipe)

# In the fast way of its documents: processes serve one connection after the other.
DOVECOT = """
protocols = submission
base_dir = {folder}/dovecot
state_dir = {folder}/dovecot-state
log_path = {folder}/dovecot.log
listen = 127.0.0.1
mail_location = maildir:{folder}/mail
first_valid_uid = 1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = ntlm
auth_use_winbind = yes
auth_winbind_helper_path = {folder}/ntlm_auth
auth_failure_delay = 0
submission_relay_host = 127.0.0.1
submission_backend_capabilities = 8BITMIME
userdb {{
  driver = static
  args = uid=dovecot gid=dovecot home={folder}/mail
}}
service auth {{
  user = root
  client_limit = 2000
}}
service submission {{
  service_count = 0
  process_min_avail = 2
}}
service submission-login {{
  service_count = 0
  process_min_avail = 2
  inet_listener submission {{
    port = {port}
  }}
}}
"""


def start_dovecot(folder, samba, port):
    helper = os.path.join(folder, "ntlm_auth")
    with open(helper, "w", encoding="ascii") as file:
        file.write(f"#!/bin/sh\nexec ntlm_auth --configfile={samba.configuration} \"$@\"\n")
    os.chmod(helper, 0o755)
    configuration = os.path.join(folder, "dovecot.conf")
    with open(configuration, "w", encoding="ascii") as file:
        file.write(DOVECOT.format(folder=folder, port=port))
    dovecot = start_server([program("/usr/sbin/dovecot", "dovecot-submissiond"), "-F", "-c",
                            configuration], os.environ)
    wait_for_port(port, dovecot)
    return dovecot


def start_ours(folder):
    """`epa serve smtp`, and its port."""
    accounts = os.path.join(folder, "accounts")
    with open(accounts, "w", encoding="ascii") as file:
        file.write(f"{DOMAIN}:{USER}:{PASSWORD}\n")
    server = subprocess.Popen(
        [EPA, "serve", "smtp", "--tls", "none", "--accounts", accounts, "--package", "NTLM",
         "--extended-protection", "0"],
        stdout=subprocess.PIPE, text=True)
    if not select.select([server.stdout], [], [], PATIENCE)[0]:
        raise TimeoutError("epa serve smtp does not start")
    return server, int(server.stdout.readline().rpartition(":")[2])


def main():
    enter_place_of_pipe(several_users=True)
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        samba = StandaloneServer(folder)
        reserved = ReservedPort()
        dovecot = start_dovecot(folder, samba, reserved.number)
        server, port = start_ours(folder)
        done = subprocess.run([os.path.join(BUILD, "bench/epa_mail_logins"), str(port),
                               str(server.pid), str(reserved.number), USER, DOMAIN],
                              input=PASSWORD + "\n", text=True, check=False)
        server.terminate()
        server.wait()
        stop_server(dovecot)
        samba.close()
        return done.returncode


if __name__ == "__main__":
    sys.exit(main())

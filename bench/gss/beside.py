"""The GSS-API plug-in beside gss-ntlmssp, and beside a GSS-API without plug-ins.

usage: beside.py EPA_GSS_CALLS MECHANISMS

MECHANISMS is the plug-in's file for mech.d.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile

from kerberos_realm import KerberosRealm

NTLMSSP = "/etc/gss/mech.d/mech.ntlmssp.conf"
CONFIGURATION = "[http]\nexecutable = /nonexistent\ngss = application\n"
ROUNDS = 9
# More than the plug-in keeps open.
TICKETS = 16


class Runs:
    def __init__(self, program, folder):
        self._program = program
        self._folder = folder
        realm = KerberosRealm(folder, ["HTTP/localhost"])
        self._realm = realm
        # Each cache gets a ticket for the service of its own.
        cache = realm.ticket_cache()
        self.caches = [shutil.copy(cache, f"{cache}-{i}") for i in range(TICKETS)]
        self._environment = {
            **realm.client_environment(cache), "KRB5RCACHENAME": "none:",
            "KRB5_KTNAME": "FILE:" + realm.keytab, "NTLM_USER_FILE": self.write(
                "accounts", "DEMO:alice:secret\n")}

    def close(self):
        self._realm.close()

    def write(self, name, text):
        path = os.path.join(self._folder, name)
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        return path

    def _run(self, what, mechanisms, configuration="/nonexistent", service=""):
        environment = {**self._environment, "GSS_MECH_CONFIG": mechanisms,
                       "EPA_CONF": configuration, "EPA_SERVICE": service}
        done = subprocess.run([self._program, *what], env=environment, check=True,
                              stdout=subprocess.PIPE, text=True)
        return [float(figure) for figure in done.stdout.split()]

    def beside(self, what, first, second):
        """Two variants, in turn: for each figure, the middle of each one's and of what the second
        has more than the first."""
        rounds = [(self._run(what, *first), self._run(what, *second)) for _ in range(ROUNDS)]
        return [tuple(map(statistics.median, zip(*((a, b, b - a) for a, b in figures))))
                for figures in ([(x[i], y[i]) for x, y in rounds]
                                for i in range(len(rounds[0][0])))]


def report(name, figure, goal):
    print(f"{name:65}{figure:>10}   goal {goal}", flush=True)


def main():
    program, mechanisms = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        runs = Runs(program, folder)
        try:
            compare(runs, mechanisms)
        finally:
            runs.close()


def compare(runs, mechanisms):
    none = runs.write("none.conf", "")
    configuration = runs.write("epa.conf", CONFIGURATION)
    (theirs, ours, _), = runs.beside(["ntlm"], (NTLMSSP,), (mechanisms,))
    report(f"NTLM login, {ours:.1f} us beside gss-ntlmssp's {theirs:.1f} us",
           f"{theirs / ours:.1f}x", "8x")
    for tickets, caches in (("new tickets", runs.caches), ("one ticket", runs.caches[:1])):
        (without, with_it, added), = runs.beside(["kerberos", *caches], (none,),
                                                 (mechanisms, configuration, "http"))
        report(f"Kerberos accept, {tickets}, {with_it:.1f} us beside {without:.1f} us without",
               f"{added:.1f} us", "15 us more")
    (_, _, time), (_, _, memory) = runs.beside(["first"], (none,), (mechanisms, configuration))
    report("first call of a process that is not configured", f"{time:.2f} ms", "1.5 ms more")
    report("memory of it", f"{memory:.0f} KiB", "5120 KiB more")


if __name__ == "__main__":
    main()

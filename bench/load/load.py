#!/usr/bin/env python3
"""Logins over HTTPS, beside Apache with mod_auth_gssapi, and under an attack; `./run load` runs it.

usage: load.py EPA EPA_LOAD [--seconds=N] [--certificate=rsa|ecdsa] [--json] [--quick]
               [--modules=FOLDER]

Everything is on this machine, over the loopback interface. Figures are ratios of one run: each
figure of ours stands beside Apache's of the same minute. Exits 1 where a goal is missed. --quick
asks only whether everything still works. --modules: where the modules for Apache httpd and nginx
were built; they are measured in their servers, and nothing else is.
"""

import argparse
import contextlib
import dataclasses
import json
import os
import resource
import select
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

from apache_server import ApacheServer
from kerberos_realm import REALM, KerberosRealm
import module_server

PASSWORD = "Correct.Horse.1"
SERVICE = "HTTP/localhost"
PATIENCE = 30
# What a goal compares, and with what.
LOGINS_RATIO = 1.2
PROCESSOR_RATIO = 0.65
MODULE_RATIO = {"NTLM": 2.0, "Kerberos": 1.2}
ADDRESSES = 64
MOST_MILLISECONDS = 500
SILENT_OCTETS = 4 * 1024
ESTABLISHED_OCTETS = 24 * 1024


@dataclasses.dataclass
class Scale:
    """How much of everything."""

    seconds: float
    clients: tuple = (1, 8, 64)
    rounds: int = 3
    attackers: int = 10_000
    attack_period: int = 20
    good_logins: int = 500
    connections: int = 1000


# Whether all of it still works.
QUICK = Scale(seconds=0.2, clients=(1, 2), rounds=1, attackers=64, attack_period=1, good_logins=8,
              connections=16)


# Otherwise Apache closes connections with a login half-way when it has many.
ROOM_FOR_ALL = """
StartServers 2
ThreadLimit 128
ThreadsPerChild 128
MinSpareThreads 128
MaxSpareThreads 256
MaxRequestWorkers 256
MaxKeepAliveRequests 0
"""


class Programs:
    def __init__(self, epa, epa_load):
        self.epa = epa
        self.epa_load = epa_load


class Site:
    """Files that all servers here use."""

    def __init__(self, directory, certificate):
        self.directory = directory
        self.realm = KerberosRealm(directory, [SERVICE])
        self.cache = "FILE:" + self.realm.ticket_cache()
        key = {"rsa": ["rsa:2048"], "ecdsa": ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]}
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", *key[certificate], "-nodes", "-days", "1",
             "-keyout", self.path("server.key"), "-out", self.path("server.pem"), "-subj",
             "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
            check=True, capture_output=True)
        with open(self.path("accounts"), "w", encoding="utf-8") as accounts:
            accounts.write(f"DEMO:alice:{PASSWORD}\n")

    def path(self, name):
        return os.path.join(self.directory, name)

    def close(self):
        self.realm.close()


class OurServer:
    def __init__(self, programs, site, *options):
        self.name = "epa serve https"
        self.path = "/"
        self._process = subprocess.Popen(
            [programs.epa, "serve", "https", "--cert", site.path("server.pem"), "--key",
             site.path("server.key"), "--accounts", site.path("accounts"), "--keytab",
             site.realm.keytab, "--krb5-config", site.realm.configuration, *options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=site.realm.environment)
        line = self._process.stdout.readline()
        if not line.startswith("listening on "):
            raise RuntimeError("epa serve https: " + self._process.stderr.read())
        self.port = int(line.rpartition(":")[2])
        self.processes = [self._process.pid]
        self.said = ""

    def close(self):
        self._process.send_signal(signal.SIGTERM)
        _, self.said = self._process.communicate(timeout=PATIENCE)
        if self._process.returncode != 0:
            raise RuntimeError(f"epa serve https ended with {self._process.returncode}")

    def wait_until_taken(self, connections):
        deadline = time.monotonic() + PATIENCE
        while len(os.listdir(f"/proc/{self._process.pid}/fd")) < connections:
            if time.monotonic() > deadline:
                raise RuntimeError("connections are not taken")
            time.sleep(0.05)

    def memory(self):
        """Octets, resident."""
        with open(f"/proc/{self._process.pid}/status", encoding="ascii") as status:
            for line in status:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1]) * 1024
        raise RuntimeError("no VmRSS")


class Apache:
    def __init__(self, site, mechanism):
        self.name = "Apache + mod_auth_gssapi"
        self.path = "/who"
        if mechanism == "NTLM":
            files, settings = [site.path("accounts")], "GssapiAllowedMech ntlmssp"
            environment = {**os.environ, "NTLM_USER_FILE": "{here}/accounts",
                           "NETBIOS_COMPUTER_NAME": "WEB", "NETBIOS_DOMAIN_NAME": "DEMO"}
        else:
            files = [site.realm.keytab, site.realm.configuration]
            settings = ("GssapiCredStore keytab:{here}/service.keytab\n"
                        "GssapiAllowedMech krb5")
            environment = {**site.realm.environment, "KRB5_CONFIG": "{here}/krb5.conf"}
        # A page without anything to work out: the login is what is measured.
        settings += "\nGssapiSSLonly Off"
        self._server = ApacheServer(site.path("server.pem"), site.path("server.key"), files,
                                    settings, environment, plain_page=True,
                                    server_settings=ROOM_FOR_ALL)
        self.port = self._server.port

    @property
    def processes(self):
        return self._server.processes()

    def close(self):
        self._server.close()


class WebServer:
    """Apache httpd or nginx with this project's module."""

    def __init__(self, site, server_class):
        self.name = server_class.NAME
        self.path = "/who/page"
        self._server = server_class(
            {"/who/": {"extended-protection": "2"}},
            {"accounts": site.path("accounts"), "keytab": site.realm.keytab,
             "krb5-config": site.realm.configuration, "package": ["Negotiate", "NTLM"]},
            [("localhost", [site.path("server")])], plain_pages=True, workers=os.cpu_count(),
            settings=ROOM_FOR_ALL if server_class is module_server.ApacheServer else "",
            environment=site.realm.environment)
        self._server.start()
        self.port = self._server.port

    @property
    def processes(self):
        return [self._server.process_id(), *self._server.workers()]

    def close(self):
        self._server.close()


def compare_modules(programs, site, scale, clients=8):
    """Rounds of each server in turns; one row for each mechanism and server of ours."""
    rows = []
    for mechanism, scheme in (("NTLM", "NTLM"), ("Kerberos", "Negotiate")):
        with contextlib.ExitStack() as stack:
            servers = [stack.enter_context(contextlib.closing(server)) for server in (
                WebServer(site, module_server.ApacheServer),
                WebServer(site, module_server.NginxServer), Apache(site, mechanism))]
            rates, costs = [], []
            for _ in range(scale.rounds):
                done = [run_logins(programs, server, site, scheme, clients, scale.seconds)
                        for server in servers]
                if any(figures["failed"] for figures in done[:2]):
                    raise RuntimeError(f"{mechanism} logins fail: {done}")
                rates.append([figures["logins"] / figures["seconds"] for figures in done])
                costs.append([figures["server_seconds"] / figures["logins"] * 1e6
                              for figures in done])
            for place, server in enumerate(servers[:2]):
                rows.append({
                    "mechanism": mechanism, "server": server.name, "clients": clients,
                    "logins_per_second": [medians(rates)[place], medians(rates)[2]],
                    "logins_ratio": statistics.median(row[place] / row[2] for row in rates),
                    "server_us_per_login": [medians(costs)[place], medians(costs)[2]],
                    "server_ratio": statistics.median(row[place] / row[2] for row in costs)})
    return rows


def report_modules(programs, site, scale, arguments):
    """The exit status."""
    os.environ["EPA_APACHE_MODULE"] = f"{arguments.modules}/apache/mod_auth_epa.so"
    os.environ["EPA_NGINX_MODULE"] = f"{arguments.modules}/nginx/ngx_http_auth_epa_module.so"
    rows = compare_modules(programs, site, scale)
    missed = [f"{row['mechanism']} in {row['server']}" for row in rows
              if row["logins_ratio"] < MODULE_RATIO[row["mechanism"]]]
    if arguments.json:
        print(json.dumps({"certificate": arguments.certificate, "modules": rows,
                          "missed": missed}, indent=2))
        return 1 if missed and not arguments.quick else 0
    print("Logins over HTTPS: our module / Apache + mod_auth_gssapi, in the same run\n")
    print(f"  {'':10}{'in':>8}{'logins/s':>18}{'ratio':>8}{'goal':>8}{'server us/login':>20}"
          f"{'ratio':>8}")
    for row in rows:
        print(f"  {row['mechanism']:10}{row['server']:>8}"
              f"{'{:.0f} / {:.0f}'.format(*row['logins_per_second']):>18}"
              f"{row['logins_ratio']:>8.2f}{'>= ' + str(MODULE_RATIO[row['mechanism']]):>8}"
              f"{'{:.0f} / {:.0f}'.format(*row['server_us_per_login']):>20}"
              f"{row['server_ratio']:>8.2f}")
    if arguments.quick:
        return 0
    print("\n" + ("missed: " + "; ".join(missed) if missed else "every goal is met"))
    return 1 if missed else 0


def processor_seconds(processes):
    """Of these processes and of their children that have ended."""
    ticks = 0
    for process in processes:
        with open(f"/proc/{process}/stat", encoding="ascii") as stat:
            ticks += sum(int(field) for field in stat.read().rpartition(")")[2].split()[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def run_logins(programs, server, site, scheme, clients, seconds=0.0, count=0, pause=0):
    user, secret = ("DEMO\\alice", PASSWORD) if scheme == "NTLM" else (f"alice@{REALM}",
                                                                      site.cache)
    before = processor_seconds(server.processes)
    done = subprocess.run(
        [programs.epa_load, "logins", str(server.port), server.path, scheme, SERVICE, user, secret,
         str(clients), str(seconds), str(count), str(pause)],
        capture_output=True, text=True, timeout=seconds + 120, check=False,
        env={**site.realm.environment})
    if done.returncode != 0:
        raise RuntimeError("epa_load: " + done.stderr)
    figures = json.loads(done.stdout)
    # Less than the kernel counts is not nothing.
    figures["server_seconds"] = max(processor_seconds(server.processes) - before,
                                    1 / os.sysconf("SC_CLK_TCK"))
    return figures


def compare(programs, site, scale):
    """Rounds of ours and Apache's in turns; one row for each mechanism and number of clients."""
    rows = []
    for mechanism, scheme in (("NTLM", "NTLM"), ("Kerberos", "Negotiate")):
        with contextlib.closing(OurServer(programs, site)) as ours, \
                contextlib.closing(Apache(site, mechanism)) as apache:
            for clients in scale.clients:
                rates, costs, latencies, peer_failed = [], [], [], 0
                for _ in range(scale.rounds):
                    pair = [run_logins(programs, server, site, scheme, clients, scale.seconds)
                            for server in (ours, apache)]
                    if pair[0]["failed"] or not all(figures["logins"] for figures in pair):
                        raise RuntimeError(f"{mechanism} logins fail: {pair}")
                    peer_failed += pair[1]["failed"]
                    rates.append([figures["logins"] / figures["seconds"] for figures in pair])
                    costs.append([figures["server_seconds"] / figures["logins"] * 1e6
                                  for figures in pair])
                    latencies.append([figures["p50_ms"] for figures in pair])
                rows.append({
                    "mechanism": mechanism, "clients": clients,
                    "logins_per_second": medians(rates),
                    "logins_ratio": statistics.median(a / b for a, b in rates),
                    "server_us_per_login": medians(costs),
                    "server_ratio": statistics.median(a / b for a, b in costs),
                    "p50_ms": medians(latencies),
                    "peer_failed": peer_failed})
    return rows


def medians(pairs):
    return [statistics.median(values) for values in zip(*pairs)]


def attack(programs, site, scale):
    with contextlib.closing(OurServer(programs, site)) as server:
        attackers = subprocess.Popen(
            [programs.epa_load, "attack", str(server.port), str(scale.attackers), str(ADDRESSES),
             str(scale.attack_period)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            if not select.select([attackers.stdout], [], [], scale.attack_period + PATIENCE)[0] or \
                    attackers.stdout.readline() != "ready\n":
                raise RuntimeError("the attackers do not come")
            good = run_logins(programs, server, site, "NTLM", clients=4, count=scale.good_logins,
                              pause=30)
        finally:
            said, _ = attackers.communicate(timeout=PATIENCE)
        attackers_figures = json.loads(said.splitlines()[-1])
    return {"good": good, "attackers": attackers_figures, "server": server.said.splitlines()}


def memory(programs, site, scale):
    """Octets of the server's memory for each connection."""
    count = scale.connections
    with contextlib.closing(OurServer(programs, site, "--workers", "1", "--max-connections", "5000",
                                      "--login-time", "600")) as server:
        run_logins(programs, server, site, "NTLM", clients=1, count=20)
        before = server.memory()
        with contextlib.ExitStack() as stack:
            for _ in range(count):
                stack.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            server.wait_until_taken(count)
            silent = (server.memory() - before) / count
        holder = subprocess.Popen(
            [programs.epa_load, "hold", str(server.port), SERVICE, "DEMO\\alice", PASSWORD,
             str(count)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if holder.stdout.readline() != "ready\n":
            raise RuntimeError("connections cannot be held")
        established = (server.memory() - before) / count
        holder.communicate(timeout=PATIENCE)
    return {"before_the_first_octet": silent, "after_a_login": established}


def print_comparison(rows):
    print("Logins over HTTPS: ours / Apache + mod_auth_gssapi, in the same run\n")
    print(f"  {'':10}{'clients':>8}{'logins/s':>18}{'ratio':>8}{'goal':>8}"
          f"{'server us/login':>20}{'ratio':>8}{'goal':>8}{'p50 ms':>16}")
    for row in rows:
        print(f"  {row['mechanism']:10}{row['clients']:>8}"
              f"{'{:.0f} / {:.0f}'.format(*row['logins_per_second']):>18}"
              f"{row['logins_ratio']:>8.2f}{'>= ' + str(LOGINS_RATIO):>8}"
              f"{'{:.0f} / {:.0f}'.format(*row['server_us_per_login']):>20}"
              f"{row['server_ratio']:>8.2f}{'<= ' + str(PROCESSOR_RATIO):>8}"
              f"{'{:.1f} / {:.1f}'.format(*row['p50_ms']):>16}")
        if row["peer_failed"]:
            print(f"  {'':10}Apache did not serve {row['peer_failed']} logins")


def print_attack(outcome, scale):
    good = outcome["good"]
    print(f"\n{scale.attackers} attackers from {ADDRESSES} addresses, each every "
          f"{scale.attack_period} s, and {scale.good_logins} good logins\n")
    print(f"  served {good['logins']} of {scale.good_logins}; p50 {good['p50_ms']:.1f} ms, p99 "
          f"{good['p99_ms']:.1f} ms (goal < {MOST_MILLISECONDS}), longest {good['max_ms']:.1f} ms")
    print("  attackers: " + ", ".join(f"{value} {name}" for name, value in
                                      outcome["attackers"].items()))
    for line in outcome["server"]:
        print("  server: " + line)


def print_memory(octets):
    print("\nMemory of a connection\n")
    for what, goal in (("before_the_first_octet", SILENT_OCTETS),
                       ("after_a_login", ESTABLISHED_OCTETS)):
        print(f"  {what.replace('_', ' '):24}{octets[what] / 1024:8.1f} KiB"
              f"   goal <= {goal // 1024} KiB")


def missed_goals(report, scale):
    for row in report["comparison"]:
        name = f"{row['mechanism']}, {row['clients']} clients"
        if row["logins_ratio"] < LOGINS_RATIO:
            yield f"{name}: logins/s"
        if row["server_ratio"] > PROCESSOR_RATIO:
            yield f"{name}: processor time"
    good = report["attack"]["good"]
    if good["logins"] != scale.good_logins or good["p99_ms"] >= MOST_MILLISECONDS:
        yield "logins during the attack"
    if report["memory"]["before_the_first_octet"] > SILENT_OCTETS:
        yield "memory before the first octet"
    if report["memory"]["after_a_login"] > ESTABLISHED_OCTETS:
        yield "memory after a login"


def check(report, scale):
    """What has to hold at any scale and speed."""
    good = report["attack"]["good"]
    if good["logins"] != scale.good_logins:
        raise RuntimeError(f"logins fail during the attack: {good}")


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("epa")
    parser.add_argument("epa_load")
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--certificate", choices=("rsa", "ecdsa"), default="ecdsa")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--modules")
    arguments = parser.parse_args()
    programs = Programs(arguments.epa, arguments.epa_load)
    scale = QUICK if arguments.quick else Scale(arguments.seconds)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory(prefix="epa-load-") as directory, \
            contextlib.closing(Site(directory, arguments.certificate)) as site:
        if arguments.modules:
            sys.exit(report_modules(programs, site, scale, arguments))
        report = {"certificate": arguments.certificate,
                  "comparison": compare(programs, site, scale),
                  "attack": attack(programs, site, scale),
                  "memory": memory(programs, site, scale)}
    missed = [] if arguments.quick else list(missed_goals(report, scale))
    check(report, scale)
    if arguments.json:
        print(json.dumps({**report, "missed": missed}, indent=2))
    else:
        print_comparison(report["comparison"])
        print_attack(report["attack"], scale)
        print_memory(report["memory"])
        if not arguments.quick:
            print("\n" + ("missed: " + "; ".join(missed) if missed else "every goal is met"))
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()

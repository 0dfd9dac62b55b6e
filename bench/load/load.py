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

import modules
from rig import PASSWORD, PATIENCE, SERVICE, Apache, Programs, Site, medians, run_logins

# What a goal compares, and with what.
LOGINS_RATIO = 1.2
PROCESSOR_RATIO = 0.65
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
                    if pair[0]["failed"] or not all(figures["done"] for figures in pair):
                        raise RuntimeError(f"{mechanism} logins fail: {pair}")
                    peer_failed += pair[1]["failed"]
                    rates.append([figures["done"] / figures["seconds"] for figures in pair])
                    costs.append([figures["server_seconds"] / figures["done"] * 1e6
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
            [programs.epa_load, "hold", str(server.port), "/", "NTLM", SERVICE, "DEMO\\alice",
             PASSWORD, str(count), "whole"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
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
    print(f"  served {good['done']} of {scale.good_logins}; p50 {good['p50_ms']:.1f} ms, p99 "
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
    if good["done"] != scale.good_logins or good["p99_ms"] >= MOST_MILLISECONDS:
        yield "logins during the attack"
    if report["memory"]["before_the_first_octet"] > SILENT_OCTETS:
        yield "memory before the first octet"
    if report["memory"]["after_a_login"] > ESTABLISHED_OCTETS:
        yield "memory after a login"


def check(report, scale):
    """What has to hold at any scale and speed."""
    good = report["attack"]["good"]
    if good["done"] != scale.good_logins:
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
            sys.exit(modules.report(programs, site, arguments))
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

"""The modules for Apache httpd and nginx, in their servers; `./run load --modules` runs it.

Each figure stands beside what it is compared with, of the same minute: other people's module, or the
same server where nobody logs in. What a login costs beside TLS is what it costs more than the same
requests on a new connection without one; those are also the bound of logins a second.
"""

import contextlib
import dataclasses
import fcntl
import json
import os
import statistics
import subprocess
import sys
import time

import module_server
from rig import PATIENCE, ROOM_FOR_ALL, Apache, medians, run_logins, words

SCHEMES = {"NTLM": "NTLM", "Kerberos": "Negotiate"}
# The requests of a login.
REQUESTS = {"NTLM": 2, "Kerberos": 1}
LOGIN_RATIO = {"NTLM": 2.0, "Kerberos": 1.2}
KEEP_ALIVE_RATIO = 0.97
CONNECTION_OCTETS = 2 * 1024
HALF_OPEN_OCTETS = 1024
# The rest is noise of a 99th percentile.
HUNG_RATIO = 1.25
CLIENTS = 8
WAITING = 6

ROOM_FOR_CONNECTIONS = """
StartServers 1
ServerLimit 1
ThreadLimit 64
ThreadsPerChild 64
MinSpareThreads 64
MaxRequestWorkers 64
AsyncRequestWorkerFactor 400
MaxKeepAliveRequests 0
KeepAliveTimeout 600
ListenBacklog 1000
"""


@dataclasses.dataclass
class Scale:
    """How much of everything."""

    seconds: float
    rounds: int = 5
    connections: int = 1000
    half_open: int = 10_000


QUICK = Scale(seconds=0.3, rounds=1, connections=32, half_open=64)


class WebServer:
    """Apache httpd or nginx with this project's module. /open/page is for all."""

    def __init__(self, site, server_class, own_replay_cache=False, **options):
        if not own_replay_cache:
            options["environment"] = site.realm.environment
        self.name = server_class.NAME
        self.path = "/who/page"
        self._server = server_class(
            {"/who/": {"extended-protection": "2"}},
            {"accounts": site.path("accounts"), "keytab": site.realm.keytab,
             "krb5-config": site.realm.configuration, "package": ["Negotiate", "NTLM"]},
            [("localhost", [site.path("server")])], plain_pages=True,
            # That of the server beside it, which is Apache's default: otherwise each connection
            # would be two lines in the log here and none there.
            log_level="warn", **options)
        os.mkdir(self._server.path("pages/open"))
        self._server.write("pages/open/page", self._server.page())
        self._server.start()
        self.port = self._server.port

    @property
    def processes(self):
        return [self._server.process_id(), *self._server.workers()]

    def replay_cache(self):
        return self._server.path("replays/cache")

    def memory(self):
        """Octets that its processes have for themselves alone."""
        octets = 0
        for worker in self._server.workers():
            with open(f"/proc/{worker}/smaps_rollup", encoding="ascii") as rollup:
                octets += sum(int(line.split()[1]) * 1024 for line in rollup
                              if line.startswith("Private_Dirty:"))
        return octets

    def close(self):
        self._server.close()


def usual_options(server_class):
    if server_class is module_server.ApacheServer:
        return {"settings": ROOM_FOR_ALL}
    return {"workers": os.cpu_count()}


def rate(figures):
    return figures["done"] / figures["seconds"]


def server_cost(figures):
    """Microseconds of the processor's time."""
    return figures["server_seconds"] / figures["done"] * 1e6


def client_cost(figures):
    return figures["processor_seconds"] / figures["done"] * 1e6


def compare_logins(programs, site, scale, mechanism):
    """Rounds of all in turns; one row for each server of ours."""
    scheme = SCHEMES[mechanism]
    rounds = []
    with contextlib.ExitStack() as stack:
        ours = [stack.enter_context(contextlib.closing(
            WebServer(site, server_class, **usual_options(server_class))))
                for server_class in module_server.SERVERS.values()]
        theirs = stack.enter_context(contextlib.closing(Apache(site, mechanism)))
        # The first logins of a process are not the others.
        for server in (*ours, theirs):
            run_logins(programs, server, site, scheme, CLIENTS, count=4 * CLIENTS)
        for _ in range(scale.rounds):
            rounds.append([
                *(run_logins(programs, server, site, scheme, CLIENTS, scale.seconds)
                  for server in (*ours, theirs)),
                *(run_logins(programs, server, site, "Anonymous", CLIENTS, scale.seconds,
                             path="/open/page", requests=REQUESTS[mechanism]) for server in ours)])
            if any(figures["failed"] for figures in rounds[-1][:2]):
                raise RuntimeError(f"{mechanism} logins fail: {rounds[-1]}")
    rates = [[rate(figures) for figures in done] for done in rounds]
    costs = medians([[server_cost(figures) for figures in done] for done in rounds])
    clients = medians([[client_cost(figures) for figures in done] for done in rounds])
    return [{
        "mechanism": mechanism, "server": server.name,
        "logins_per_second": [medians(rates)[place], medians(rates)[2]],
        "ratio": statistics.median(row[place] / row[2] for row in rates),
        "goal": LOGIN_RATIO[mechanism],
        "without_login_per_second": medians(rates)[3 + place],
        "bound": statistics.median(row[3 + place] / row[2] for row in rates),
        "server_us": [costs[place], costs[2]],
        "server_us_without_login": costs[3 + place],
        "client_us": [clients[place], clients[2]],
        # Theirs is in Apache, too.
        "login_us": [costs[place] - costs[3 + place], costs[2] - costs[3]],
    } for place, server in enumerate(ours)]


def compare_keep_alive(programs, site, scale, server_class):
    """Requests a second on a connection that stays: with a login and where nobody logs in.

    By the usual time of a request: a rate would count the login itself, and, where several clients
    ask, how their connections happen to fall to the server's processes.
    """
    rates, costs = [], []
    with contextlib.closing(WebServer(site, server_class, **usual_options(server_class))) as server:
        for turn in range(4 * scale.rounds + 1):
            # In turns, and the other way around the next time.
            order = (("NTLM", server.path), ("Anonymous", "/open/page"))
            done = {scheme: run_logins(programs, server, site, scheme, 1, scale.seconds / 4,
                                       what="requests", path=path)
                    for scheme, path in (order if turn % 2 else reversed(order))}
            if turn > 0:
                rates.append([1000 / done["NTLM"]["p50_ms"], 1000 / done["Anonymous"]["p50_ms"]])
                costs.append([server_cost(done["NTLM"]), server_cost(done["Anonymous"])])
    return {"server": server_class.NAME, "requests_per_second": medians(rates),
            "ratio": statistics.median(a / b for a, b in rates), "goal": KEEP_ALIVE_RATIO,
            "server_us": medians(costs)}


def held(programs, site, server_class, count, scheme, how):
    """Octets of a server for each of so many connections that wait for their clients."""
    options = ({"settings": ROOM_FOR_CONNECTIONS}
               if server_class is module_server.ApacheServer else
               {"workers": 1, "connections": 2 * count + 64,
                "settings": "keepalive_timeout 600;"})
    with contextlib.closing(WebServer(site, server_class, **options)) as server:
        run_logins(programs, server, site, "NTLM", 4, count=64)
        before = server.memory()
        holder = subprocess.Popen(
            [programs.epa_load, "hold", str(server.port),
             "/open/page" if scheme == "Anonymous" else server.path, *words(site, scheme, 2),
             str(count), how], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        if holder.stdout.readline() != "ready\n":
            raise RuntimeError("connections cannot be held: " + holder.stderr.read())
        octets = (server.memory() - before) / count
        holder.communicate(timeout=PATIENCE)
    return octets


def measure_memory(programs, site, scale, server_class):
    def of(count, scheme, how):
        return held(programs, site, server_class, count, scheme, how)

    few, many = scale.connections, scale.half_open
    anonymous = {count: of(count, "Anonymous", "whole") for count in (few, many)}
    return {"server": server_class.NAME,
            "connection": anonymous[few],
            "logged_in": of(few, "NTLM", "whole") - anonymous[few],
            "half_open": of(many, "NTLM", "half") - anonymous[many],
            "half_open_count": many}


@contextlib.contextmanager
def logins_that_hang(programs, site, server):
    """Kerberos logins wait for the lock of the replay cache, as others would for a domain."""
    with open(server.replay_cache(), "r+b") as cache:
        fcntl.lockf(cache, fcntl.LOCK_EX)
        waiting = subprocess.Popen(
            [programs.epa_load, "logins", str(server.port), server.path,
             *words(site, "Negotiate"), str(WAITING), "0", str(WAITING), "0"],
            stdout=subprocess.PIPE, text=True, env={**site.realm.environment})
        try:
            await_waiter(cache)
            yield
            if waiting.poll() is not None:
                raise RuntimeError("logins do not wait for the replay cache")
        finally:
            fcntl.lockf(cache, fcntl.LOCK_UN)
            said, _ = waiting.communicate(timeout=PATIENCE)
    if json.loads(said)["done"] != WAITING:
        raise RuntimeError("logins that waited fail: " + said)


def await_waiter(file):
    inode = f":{os.fstat(file.fileno()).st_ino} "
    deadline = time.monotonic() + PATIENCE
    while True:
        with open("/proc/locks", encoding="ascii") as locks:
            if any("->" in line and inode in line for line in locks):
                return
        if time.monotonic() > deadline:
            raise RuntimeError("nobody waits for the replay cache")
        time.sleep(0.02)


def measure_waiting(programs, site, scale, server_class):
    """NTLM logins while others hang, and while none does."""
    with contextlib.closing(WebServer(site, server_class, own_replay_cache=True,
                                      **usual_options(server_class))) as server:
        def good_logins():
            return run_logins(programs, server, site, "NTLM", 2, scale.seconds)

        # Makes the file, too.
        run_logins(programs, server, site, "Negotiate", 2, count=8)
        good_logins()
        free, hung = [], []
        for _ in range(scale.rounds):
            free.append(good_logins())
            with logins_that_hang(programs, site, server):
                hung.append(good_logins())
    if any(figures["failed"] for figures in free + hung):
        raise RuntimeError(f"logins fail beside those that hang: {hung}")
    return {"server": server_class.NAME, "waiting": WAITING,
            "p99_ms": [statistics.median(figures["p99_ms"] for figures in rounds)
                       for rounds in (hung, free)],
            "ratio": statistics.median(a["p99_ms"] / b["p99_ms"] for a, b in zip(hung, free))}


def print_logins(rows):
    print("Logins on new TLS connections: our module / Apache + mod_auth_gssapi, and the same "
          "requests without a login\n")
    print(f"  {'':9}{'in':>7}{'logins/s':>14}{'ratio':>7}{'goal':>7}{'no login/s':>12}{'bound':>7}"
          f"{'server us':>14}{'no login':>10}{'login alone us':>16}{'client us':>12}")
    for row in rows:
        print(f"  {row['mechanism']:9}{row['server']:>7}"
              f"{'{:.0f} / {:.0f}'.format(*row['logins_per_second']):>14}{row['ratio']:>7.2f}"
              f"{'>= ' + str(row['goal']):>7}{row['without_login_per_second']:>12.0f}"
              f"{row['bound']:>7.2f}{'{:.0f} / {:.0f}'.format(*row['server_us']):>14}"
              f"{row['server_us_without_login']:>10.0f}"
              f"{'{:.0f} / {:.0f}'.format(*row['login_us']):>16}"
              f"{'{:.0f} / {:.0f}'.format(*row['client_us']):>12}")


def print_keep_alive(rows):
    print("\nRequests on a connection that stays: with a login / where nobody logs in\n")
    for row in rows:
        print(f"  {row['server']:9}{'{:.0f} / {:.0f}'.format(*row['requests_per_second']):>18} /s"
              f"{row['ratio']:>8.3f} (goal >= {row['goal']}); server us "
              f"{'{:.1f} / {:.1f}'.format(*row['server_us'])}")


def print_memory(rows):
    print("\nOctets of the server for a connection that waits\n")
    for row in rows:
        print(f"  {row['server']:9}{row['connection']:9.0f} without a login; logged in "
              f"{row['logged_in']:+.0f} (goal <= {CONNECTION_OCTETS}); each of "
              f"{row['half_open_count']} logins half-way {row['half_open']:+.0f} "
              f"(goal <= {HALF_OPEN_OCTETS})")


def print_waiting(rows):
    print("\nLogins while others hang / while none does\n")
    for row in rows:
        print(f"  {row['server']:9}p99 {'{:.1f} / {:.1f}'.format(*row['p99_ms'])} ms beside "
              f"{row['waiting']} that hang; ratio {row['ratio']:.2f} (goal <= {HUNG_RATIO})")


def missed_goals(done):
    for row in done["logins"]:
        if row["ratio"] < row["goal"]:
            yield (f"{row['mechanism']} in {row['server']}: {row['ratio']:.2f} of {row['goal']}, "
                   f"bound {row['bound']:.2f}")
    for row in done["keep_alive"]:
        if row["ratio"] < row["goal"]:
            yield f"keep-alive in {row['server']}: {row['ratio']:.3f}"
    for row in done["waiting"]:
        if row["ratio"] > HUNG_RATIO:
            yield f"logins beside those that hang in {row['server']}: {row['ratio']:.2f}"
    for row in done["memory"]:
        if row["logged_in"] > CONNECTION_OCTETS:
            yield f"memory of a login in {row['server']}"
        if row["half_open"] > HALF_OPEN_OCTETS:
            yield f"memory of a login half-way in {row['server']}"


def report(programs, site, arguments):
    """The exit status."""
    os.environ["EPA_APACHE_MODULE"] = f"{arguments.modules}/apache/mod_auth_epa.so"
    os.environ["EPA_NGINX_MODULE"] = f"{arguments.modules}/nginx/ngx_http_auth_epa_module.so"
    # There is twice as much to measure as without modules.
    scale = QUICK if arguments.quick else Scale(arguments.seconds / 2)
    servers = module_server.SERVERS.values()
    done = {}
    for name, measure, show in (
            ("logins", lambda: [row for mechanism in SCHEMES
                                for row in compare_logins(programs, site, scale, mechanism)],
             print_logins),
            ("keep_alive", lambda: [compare_keep_alive(programs, site, scale, server)
                                    for server in servers], print_keep_alive),
            ("waiting", lambda: [measure_waiting(programs, site, scale, server)
                                 for server in servers], print_waiting),
            ("memory", lambda: [measure_memory(programs, site, scale, server)
                                for server in servers], print_memory)):
        done[name] = measure()
        if not arguments.json:
            show(done[name])
            sys.stdout.flush()
    missed = [] if arguments.quick else list(missed_goals(done))
    if arguments.json:
        print(json.dumps({"certificate": arguments.certificate, **done, "missed": missed},
                         indent=2))
    elif not arguments.quick:
        print("\n" + ("missed: " + "; ".join(missed) if missed else "every goal is met"))
    return 1 if missed else 0

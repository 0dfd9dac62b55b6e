"""Debian's Postfix, as it is installed, in namespaces of the test's own (with several users): its
places are fixed, it begins as root, and its smtpd goes on in a chroot as another user."""

import contextlib
import glob
import os
import shutil

from interop_peer import program
from kerberos_realm import start_server, stop_server, wait_for_port
from namespaces import run

ETC = "/etc/postfix"
SPOOL = "/var/spool/postfix"
LOG = SPOOL + "/maillog"


def bind_copy(place, folder):
    """From here on `place` is a copy of itself in the folder."""
    copy = os.path.join(folder, place.strip("/").replace("/", "-"))
    shutil.copytree(place, copy, symlinks=True)
    run("mount", "--bind", copy, place)


def prepare(folder, plugin=None):
    """Makes the places of Postfix and of Cyrus SASL's plug-ins this test's own, with `plugin`, if
    any, among them; copies of them are in the folder."""
    program("/usr/sbin/postfix", "postfix")
    run("ip", "link", "set", "lo", "up")
    plugins, = glob.glob("/usr/lib/*/sasl2")
    for place in (ETC, plugins):
        bind_copy(place, folder)
    if plugin is not None:
        shutil.copy(plugin, plugins)
    for place in (SPOOL, "/var/lib/postfix"):
        run("mount", "-t", "tmpfs", "-o", f"mode=755,uid={os.stat(place).st_uid}", "epa", place)


def install(source, name):
    """A copy below /etc/postfix, for root alone."""
    place = os.path.join(ETC, name)
    os.makedirs(os.path.dirname(place), exist_ok=True)
    shutil.copy(source, place)
    os.chmod(place, 0o600)


@contextlib.contextmanager
def postfix(settings, services):
    """Runs it with these lines of main.cf besides Debian's. `services`: by port, the options of a
    smtpd in the chroot."""
    run("postconf", "-e", *settings, "maillog_file=" + LOG, "inet_interfaces=127.0.0.1",
        "inet_protocols=ipv4")
    for port, options in services.items():
        run("postconf", "-Me", f"{port}/inet={port} inet n - y - - smtpd " + " ".join(
            f"-o {option}" for option in options))
    run("/usr/lib/postfix/configure-instance.sh", "-")
    server = start_server(["/usr/sbin/postfix", "start-fg"], dict(os.environ))
    try:
        for port in services:
            wait_for_port(port, server)
        yield
    finally:
        run("postfix", "stop")
        stop_server(server)

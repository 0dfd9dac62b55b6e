"""Tests of servers with fixed ports and fixed places run in namespaces of their own."""

import os
import subprocess
import sys

INSIDE = "EPA_INSIDE_NAMESPACES"


def enter_namespaces(several_users=False):
    """Starts this program again in a network, a mount and a process namespace, unless it is there
    already. All that it starts ends with it. A user without rights is root there and nobody else;
    with `several_users` only root can make them."""
    if INSIDE in os.environ:
        return
    os.environ[INSIDE] = "1"
    prefix = []
    if os.geteuid() != 0:
        prefix = sudo() if several_users else ["unshare", "--user", "--map-root-user"]
    command = [*prefix, "unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc",
               "--kill-child", sys.executable, "-B", *sys.argv]
    os.execvp(command[0], command)


def sudo():
    """Words that make a command root's, with this environment."""
    if subprocess.run(["sudo", "-n", "true"], stderr=subprocess.DEVNULL,
                      check=False).returncode != 0:
        sys.exit("this needs root: run it as root, or where sudo asks for no password")
    return ["sudo", "-n", "env", *(f"{name}={value}" for name, value in os.environ.items())]


def run(*arguments):
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{arguments}: {done.stdout}{done.stderr}")
    return done.stdout

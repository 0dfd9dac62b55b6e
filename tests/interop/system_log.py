"""The system's log, in namespaces of the test's own."""

import os

from log_socket import LogSocket
from namespaces import run

DEVICES = ("full", "null", "random", "tty", "urandom", "zero")


class SystemLog:
    """From here on programs log to this. Ends with close()."""

    def __init__(self):
        # Nothing may be added to /dev, which belongs to the whole machine.
        dev = "/mnt"
        run("mount", "-t", "tmpfs", "-o", "mode=755", "epa", dev)
        for device in DEVICES:
            with open(os.path.join(dev, device), "x", encoding="ascii"):
                run("mount", "--bind", "/dev/" + device, os.path.join(dev, device))
        os.symlink("/proc/self/fd", os.path.join(dev, "fd"))
        os.mkdir(os.path.join(dev, "shm"), 0o1777)
        self._socket = LogSocket(os.path.join(dev, "log"))
        run("mount", "--rbind", dev, "/dev")

    def close(self):
        self._socket.close()

    def entries(self):
        """Facility and text of each since the last call."""
        entries = []
        for message in self._socket.received():
            priority, _, text = message.decode()[1:].partition(">")
            entries.append((int(priority) >> 3, text))
        return entries

"""Debian's archive, with lists and files of one's own: the machine's apt is left alone."""

import glob
import os
import subprocess
import tempfile


class DebianArchive:
    """What is fetched, once for each user, is kept in a folder of `name` among the temporary files, or in
    that which the environment `variable` names."""

    def __init__(self, name, variable, suites):
        """`suites`: lines of sources.list, each of a kind ("deb") and a suite."""
        self.root = os.environ.get(variable) or os.path.join(
            tempfile.gettempdir(), f"{name}-{os.getuid()}")
        self._suites = suites
        os.makedirs(self.root, mode=0o700, exist_ok=True)
        if os.stat(self.root).st_uid != os.getuid():
            raise RuntimeError(self.root + " is somebody else's")

    def apt_get(self, *arguments, cwd, check=True):
        for name in ("lists/partial", "cache/archives/partial"):
            os.makedirs(os.path.join(self.root, name), exist_ok=True)
        with open(os.path.join(self.root, "sources.list"), "w", encoding="utf-8") as file:
            file.writelines(
                f"{kind} [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] "
                f"http://deb.debian.org/debian {suite} main\n" for kind, suite in self._suites)
        options = {"Dir::Etc::SourceList": self.root + "/sources.list",
                   "Dir::Etc::SourceParts": "/dev/null", "Dir::State::Lists": self.root + "/lists",
                   "Dir::Cache": self.root + "/cache", "Debug::NoLocking": "1",
                   "APT::Sandbox::User": "root"}
        subprocess.run(["apt-get", "-qq", *(f"-o{name}={value}" for name, value in options.items()),
                        *arguments], cwd=cwd, check=check, timeout=600,
                       stdin=subprocess.DEVNULL)

    def update(self):
        if not glob.glob(self.root + "/lists/*_dists_*"):
            self.apt_get("update", "--error-on=any", cwd=self.root)

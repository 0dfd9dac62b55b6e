"""Debian's source packages, unpacked outside of the source tree."""

import glob
import os
import subprocess
import tempfile

SOURCES_LIST = ("deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] "
                "http://deb.debian.org/debian bookworm main\n")


class DebianSources:
    """Fetched once for each user, with lists of its own: the machine's apt is left alone."""

    def __init__(self):
        self._root = os.environ.get("EPA_DEBIAN_SOURCES") or os.path.join(
            tempfile.gettempdir(), f"epa-debian-sources-{os.getuid()}")
        os.makedirs(self._root, mode=0o700, exist_ok=True)
        if os.stat(self._root).st_uid != os.getuid():
            raise RuntimeError(self._root + " is somebody else's")

    def folder(self, package):
        """Of the unpacked package."""
        place = os.path.join(self._root, package)
        if not os.path.isdir(place):
            self._fetch(package)
        folder, = (path for path in glob.glob(place + "/*") if os.path.isdir(path))
        return folder

    def _apt_get(self, *arguments, cwd, check=True):
        for name in ("lists/partial", "cache/archives/partial"):
            os.makedirs(os.path.join(self._root, name), exist_ok=True)
        with open(os.path.join(self._root, "sources.list"), "w", encoding="utf-8") as file:
            file.write(SOURCES_LIST)
        options = {"Dir::Etc::SourceList": self._root + "/sources.list",
                   "Dir::Etc::SourceParts": "/dev/null", "Dir::State::Lists": self._root + "/lists",
                   "Dir::Cache": self._root + "/cache", "Debug::NoLocking": "1"}
        subprocess.run(["apt-get", "-qq", *(f"-o{name}={value}" for name, value in options.items()),
                        *arguments], cwd=cwd, check=check, timeout=600,
                       stdin=subprocess.DEVNULL)

    def _fetch(self, package):
        if not glob.glob(self._root + "/lists/*Sources*"):
            self._apt_get("update", cwd=self._root)
        with tempfile.TemporaryDirectory(dir=self._root) as place:
            # A mirror may lack an upstream signature, which is not needed: apt-get compares what it
            # gets with the archive's signed sums, and dpkg-source fails where a part is missing.
            self._apt_get("source", "--download-only", package, cwd=place, check=False)
            description, = glob.glob(place + "/*.dsc")
            subprocess.run(["dpkg-source", "--no-check", "--skip-patches", "-x", description],
                           cwd=place, check=True, timeout=600, stdout=subprocess.DEVNULL)
            for path in glob.glob(place + "/*"):
                if not os.path.isdir(path):
                    os.remove(path)
            unpacked = os.path.join(self._root, package)
            os.rename(place, unpacked)
            os.makedirs(place)  # for the temporary folder's own clean-up

"""Debian's source packages, unpacked outside of the source tree."""

import glob
import os
import subprocess
import tempfile

from debian_archive import DebianArchive


class DebianSources:
    """Fetched once for each user."""

    def __init__(self):
        self._archive = DebianArchive("epa-debian-sources", "EPA_DEBIAN_SOURCES",
                                      [("deb-src", "bookworm")])

    def folder(self, package):
        """Of the unpacked package."""
        place = os.path.join(self._archive.root, package)
        if not os.path.isdir(place):
            self._fetch(package)
        folder, = (path for path in glob.glob(place + "/*") if os.path.isdir(path))
        return folder

    def _fetch(self, package):
        self._archive.update()
        with tempfile.TemporaryDirectory(dir=self._archive.root) as place:
            # A mirror may lack an upstream signature, which is not needed: apt-get compares what it
            # gets with the archive's signed sums, and dpkg-source fails where a part is missing.
            self._archive.apt_get("source", "--download-only", package, cwd=place, check=False)
            description, = glob.glob(place + "/*.dsc")
            subprocess.run(["dpkg-source", "--no-check", "--skip-patches", "-x", description],
                           cwd=place, check=True, timeout=600, stdout=subprocess.DEVNULL)
            for path in glob.glob(place + "/*"):
                if not os.path.isdir(path):
                    os.remove(path)
            unpacked = os.path.join(self._archive.root, package)
            os.rename(place, unpacked)
            os.makedirs(place)  # for the temporary folder's own clean-up

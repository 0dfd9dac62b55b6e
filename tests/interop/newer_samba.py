"""Samba of Debian's backports in the place of the system's."""

import glob
import os
import subprocess
import tempfile

from debian_archive import DebianArchive
from namespaces import INSIDE, run

# A domain controller, the modules of Python, and the libraries of both that come from Samba.
PACKAGES = ("samba", "samba-ad-dc", "samba-ad-provision", "samba-common", "samba-common-bin",
            "samba-dsdb-modules", "samba-libs", "python3-samba", "python3-ldb", "python3-markdown",
            "python3-talloc", "python3-tdb", "libldb2", "libtalloc2", "libtdb1", "libtevent0",
            "libwbclient0")


FOLDER = "EPA_NEWER_SAMBA"


def fetch():
    """Once for each user. Where there is a network: before enter_namespaces."""
    if INSIDE in os.environ:
        return
    archive = DebianArchive("epa-newer-samba", FOLDER,
                            [("deb", "bookworm-backports"), ("deb", "bookworm")])
    os.environ[FOLDER] = archive.root  # whose name is another user's there
    if os.path.isdir(unpacked()):
        return
    archive.update()
    with tempfile.TemporaryDirectory(dir=archive.root) as folder:
        archive.apt_get("download", "--target-release=bookworm-backports", *PACKAGES, cwd=folder)
        made = os.path.join(folder, "unpacked")
        for package in glob.glob(folder + "/*.deb"):
            subprocess.run(["dpkg-deb", "--extract", package, made], check=True, timeout=60)
        os.rename(made, unpacked())


def unpacked():
    return os.path.join(os.environ[FOLDER], "unpacked")


def take_its_place():
    """For the rest of this mount namespace. Before anything of Samba's is imported."""
    run("mount", "-t", "overlay", "overlay", "-o", f"lowerdir={unpacked()}/usr:/usr", "/usr")

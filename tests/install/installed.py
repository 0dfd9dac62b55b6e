"""What the tests of the installed package share: the installed tree, compilers, temporary places."""

import os
import subprocess
import sys
import tempfile
import unittest

PREFIX = os.environ["EPA_PREFIX"]
SOURCE = os.environ["EPA_SOURCE"]
CMAKE = os.environ["EPA_CMAKE"]
C_COMPILER = os.environ["EPA_C_COMPILER"]
CXX_COMPILER = os.environ["EPA_CXX_COMPILER"]
HERE = os.path.dirname(os.path.abspath(__file__))


def temporary_folder(add_cleanup):
    """A folder of its own, until the clean-up."""
    folder = tempfile.TemporaryDirectory(prefix="epa-install-")
    add_cleanup(folder.cleanup)
    return folder.name


class InstalledTestCase(unittest.TestCase):
    """Programs outside the source tree, built from what is installed under PREFIX."""

    def setUp(self):
        self.directory = temporary_folder(self.addCleanup)

    def path(self, *names):
        return os.path.join(self.directory, *names)

    def run_unchecked(self, *command, environment=None):
        return subprocess.run(command, env={**os.environ, **(environment or {})},
                              capture_output=True, text=True, timeout=900, check=False)

    def run_checked(self, *command, environment=None):
        """The standard output of a command that must succeed."""
        result = self.run_unchecked(*command, environment=environment)
        self.assertEqual(result.returncode, 0,
                         " ".join(command) + "\n" + result.stdout + result.stderr)
        return result.stdout

    def cmake(self, source, *options, prefix=PREFIX, target="all"):
        """The folder in which CMake built a project against the package under `prefix`."""
        build = self.path("build-" + os.path.basename(source))
        self.run_checked(CMAKE, "-G", "Ninja", "-S", source, "-B", build,
                         "-DCMAKE_C_COMPILER=" + C_COMPILER, "-DCMAKE_CXX_COMPILER=" + CXX_COMPILER,
                         "-DCMAKE_PREFIX_PATH=" + prefix, *options)
        self.run_checked(CMAKE, "--build", build, "--target", target)
        return build

    def assert_needs(self, program, library, needed=True):
        """Whether the program loads that shared library."""
        listing = self.run_checked("readelf", "--dynamic", "--wide", program)
        names = [line.split("[")[1].split("]")[0] for line in listing.splitlines()
                 if "(NEEDED)" in line]
        self.assertEqual(library in names, needed, f"{program}: {names}")


def main():
    unittest.main(argv=[sys.argv[0], "-v"])

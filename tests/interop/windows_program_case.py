"""What the tests of programs written for Windows share: how they are compiled and started."""

import glob
import os
import subprocess

import interop_peer
from debian_sources import DebianSources
from kerberos_realm import KerberosRealm

PREFIX = os.environ["EPA_PREFIX"]
C_COMPILER = os.environ["EPA_C_COMPILER"]
PROGRAMS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "windows_programs")
INCLUDE = os.path.join(PREFIX, "include")
LIBRARY = os.path.dirname(glob.glob(PREFIX + "/lib*/**/libepa-secur32.so", recursive=True)[0])
SECUR32 = os.path.join(LIBRARY, "libepa-secur32.so")
SOURCES = DebianSources()

# Sources of others: their warnings are not ours to mend.
COMPILE = [C_COMPILER, "-std=gnu11", "-w", "-fshort-wchar", "-I", PROGRAMS, "-I",
           INCLUDE + "/epa/windows", "-I", INCLUDE]


class Program:
    """A running client that speaks tokens.h's lines."""

    def __init__(self, path, *arguments, environment):
        self.process = subprocess.Popen(
            [path, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, env={**environment, "LD_LIBRARY_PATH": LIBRARY})

    def receive(self):
        """The next word and its octets; at the end, what the program said on standard error."""
        line = self.process.stdout.readline()
        if not line:
            self.process.stdin.close()
            return None, self.process.stderr.read().encode()
        word, _, digits = line.partition(" ")
        return word, bytes.fromhex(digits)

    def send(self, octets):
        self.process.stdin.write(octets.hex() + "\n")
        self.process.stdin.flush()

    def close(self):
        self.process.kill()
        self.process.wait(timeout=60)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            stream.close()


class WindowsProgramCase(interop_peer.PeerTestCase):
    SERVICES = ()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.realm = KerberosRealm(cls.directory.name, cls.SERVICES)
        cls.addClassCleanup(cls.realm.close)
        cls.environment = {**cls.realm.client_environment(cls.realm.ticket_cache()),
                           "LD_LIBRARY_PATH": LIBRARY}

    @classmethod
    def generated(cls, folder, name, text=""):
        """A header that the program's own configuration would have made; its folder."""
        path = cls.path(folder)
        os.makedirs(os.path.dirname(os.path.join(path, name)), exist_ok=True)
        with open(os.path.join(path, name), "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def build(self, name, *arguments, defines=()):
        """A program of sources of others and of ours."""
        program = self.path(name)
        done = subprocess.run(
            [*COMPILE, "-include", "windows_more.h", *("-D" + define for define in defines),
             *arguments, "-o", program, "-L", LIBRARY, "-lepa-sspi", "-ldl"],
            capture_output=True, text=True, timeout=300, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return program

    def client(self, path, *arguments):
        program = Program(path, *arguments, environment=self.environment)
        self.addCleanup(program.close)
        return program


main = interop_peer.main

"""Programs written for Windows' SSPI, their sources unmodified, compiled against the installed headers.

curl, libpq, the MongoDB driver, PuTTY and Wine's tests come from Debian's source packages. What cannot
be had is re-stated call for call: FreeTDS' archive is missing from the mirrors, and the SSPI client of
libgit2 is younger than Debian's release.
"""

import base64
import json
import subprocess

import windows_program_case
from kerberos_realm import REALM
from windows_program_case import PROGRAMS, SECUR32, SOURCES
from windows_programs import sspi_acceptor
from windows_programs.sspi_acceptor import SEC_E_BAD_BINDINGS, SEC_E_OK, Acceptor

ACCOUNTS = "CORP:alice:secret\n"
CHANNEL = sspi_acceptor.bindings(b"tls-server-end-point:" + b"c" * 32)


class WindowsProgramsTest(windows_program_case.WindowsProgramCase):
    SERVICES = ("HTTP/localhost", "host/server.epa.test", "postgres/server.epa.test",
                "mongodb/server.epa.test")

    def acceptor(self, package, **options):
        acceptor = Acceptor(SECUR32, package, **options)
        self.addCleanup(acceptor.close)
        return acceptor

    def kerberos_acceptor(self, package="Kerberos"):
        return self.acceptor(package, keytab=self.realm.keytab,
                             krb5_conf=self.realm.configuration)

    def log_in(self, program, acceptor, channel=None):
        """Until the acceptor is done; its last status and what it still has to send."""
        while True:
            word, octets = program.receive()
            self.assertEqual(word, "TOKEN", octets)
            status, answer = acceptor.step(octets, channel)
            if status != sspi_acceptor.SEC_I_CONTINUE_NEEDED:
                return status, answer
            program.send(answer)

    # PostgreSQL: fe-auth.c asks for whoever is logged in.

    def libpq(self):
        source = SOURCES.folder("postgresql-15") + "/src"
        generated = self.generated("postgresql", "pg_config.h",
                                   "#include_next <pg_config.h>\n#undef ENABLE_GSS\n")
        return self.build(
            "libpq_client", "-I", generated, "-I/usr/include/postgresql",
            "-I/usr/include/postgresql/internal", "-I", source + "/interfaces/libpq", "-I",
            source + "/include", PROGRAMS + "/libpq_client.c", PROGRAMS + "/libpq_rest.c",
            PROGRAMS + "/libpq_unreached.c", PROGRAMS + "/process_defaults.c",
            source + "/interfaces/libpq/fe-auth.c", "-lpq",
            defines=("ENABLE_SSPI", "FRONTEND"))

    def test_libpq(self):
        path = self.libpq()
        for request, package in (("gss", "Kerberos"), ("sspi", "Negotiate")):
            with self.subTest(request):
                acceptor = self.kerberos_acceptor(package)
                program = self.client(path, request, "server.epa.test")
                status, answer = self.log_in(program, acceptor)
                self.assertEqual(status, SEC_E_OK)
                self.assertEqual(acceptor.user(), REALM + "\\alice")
                program.send(answer)
                program.send(b"")  # AuthenticationOk
                self.assertEqual(program.receive()[0], "DONE")

    # The MongoDB driver: mutual authentication is all it asks for, then RFC 4752.

    def test_mongodb(self):
        source = SOURCES.folder("mongo-c-driver") + "/src/libmongoc/src/mongoc"
        generated = self.generated("mongo", "Windows.h", "#include <windows.h>\n")
        self.generated("mongo", "mongoc-version.h")
        self.generated("mongo", "mongoc-config.h", "#define MONGOC_ENABLE_SASL_SSPI\n"
                       "#define MONGOC_SOCKET_ARG3 socklen_t\n")
        path = self.build("mongo_client", "-I", generated, "-I", source,
                          "-I/usr/include/libbson-1.0", source + "/mongoc-sspi.c",
                          PROGRAMS + "/mongo_client.c", PROGRAMS + "/process_defaults.c",
                          "-lbson-1.0",
                          defines=("MONGOC_COMPILATION",))
        acceptor = self.kerberos_acceptor()
        program = self.client(path, "mongodb@server.epa.test", "alice@" + REALM)
        word, text = program.receive()
        self.assertEqual(word, "BASE64", text)
        status, answer = acceptor.step(base64.b64decode(text))
        self.assertEqual(status, SEC_E_OK)
        program.send(base64.b64encode(answer))
        self.assertEqual(program.receive(), ("BASE64", b""))
        program.send(base64.b64encode(acceptor.wrap_signed(b"\x01\x00\x00\x00")))
        word, text = program.receive()
        self.assertEqual(word, "BASE64", text)
        self.assertEqual(acceptor.unwrap(base64.b64decode(text)),
                         b"\x01\x00\x00\x00alice@" + REALM.encode())
        # Whom nobody typed.
        self.assertEqual(program.receive(), ("NAME", f"{REALM}\\alice".encode()))

    # PuTTY: RFC 4462, MICs both ways.

    def test_putty(self):
        source = SOURCES.folder("putty")
        generated = self.generated("putty", "platform.h", '#include "putty_platform.h"\n')
        self.generated("putty", "cmake.h")
        path = self.build("putty_client", "-I", generated, "-I", source, "-I", source + "/charset",
                          source + "/windows/gss.c", PROGRAMS + "/putty_client.c",
                          PROGRAMS + "/putty_rest.c")
        acceptor = self.kerberos_acceptor()
        program = self.client(path, "server.epa.test")
        status, answer = self.log_in(program, acceptor)
        self.assertEqual(status, SEC_E_OK)
        program.send(answer)
        word, octets = program.receive()
        while word == "TOKEN" and not octets:
            word, octets = program.receive()
        self.assertEqual(word, "MIC", octets)
        self.assertTrue(acceptor.verify(b"session id", octets))
        self.assertFalse(acceptor.verify(b"another id", octets))
        program.send(acceptor.sign(b"session id"))
        self.assertEqual(program.receive()[0], "VERIFIED")

    # libgit2, re-stated.

    def test_libgit2(self):
        path = self.build("libgit2_calls", PROGRAMS + "/libgit2_calls.c",
                          PROGRAMS + "/process_defaults.c")
        acceptor = self.acceptor("Negotiate", accounts=ACCOUNTS)
        program = self.client(path, "Negotiate", "HTTP/git.example.com", "alice", "CORP", "secret")
        status, answer = self.log_in(program, acceptor)
        self.assertEqual(status, SEC_E_OK)
        self.assertEqual(acceptor.user(), "CORP\\alice")
        program.send(answer)
        self.assertEqual(program.receive()[0], "DONE")
        acceptor = self.kerberos_acceptor("Negotiate")
        program = self.client(path, "Negotiate", "HTTP/localhost")
        status, answer = self.log_in(program, acceptor)
        self.assertEqual(status, SEC_E_OK)
        program.send(answer)
        self.assertEqual(program.receive()[0], "DONE")

    # FreeTDS, re-stated: bindings come with the challenge.

    def freetds(self, mode):
        path = self.build("freetds_calls", PROGRAMS + "/freetds_calls.c")
        acceptor = self.acceptor("Negotiate", accounts=ACCOUNTS)
        program = self.client(path, "alice", "CORP", "secret", "MSSQLSvc/sql.example.com:1433",
                              mode)
        return self.log_in(program, acceptor, CHANNEL)[0], acceptor.result

    def test_freetds(self):
        status, result = self.freetds("counted")
        self.assertEqual(status, SEC_E_OK)
        self.assertEqual(result, 0x11)  # CLIENT_SUPPORT, VALID_MATCHED

    def test_the_fault_of_freetds(self):
        """cBuffers does not count the buffer with the bindings: it cannot be seen."""
        status, result = self.freetds("miscounted")
        self.assertEqual(status, SEC_E_BAD_BINDINGS)
        self.assertEqual(result, 0x0B)  # CLIENT_SUPPORT, ABSENT, NOTVALID_MISSING

    # Wine's tests of secur32.

    WINE_HEADERS = ("windef.h", "winbase.h", "winnls.h", "rpc.h", "rpcdce.h", "wincrypt.h",
                    "schannel.h", "wincred.h", "winsock2.h", "ntsecapi.h", "winternl.h",
                    "wine/test.h")

    def failures_of(self, name):
        """The lines of a file of Wine's tests that fail, as text, and whether it came to its end."""
        source = f"{SOURCES.folder('wine')}/dlls/secur32/tests/{name}.c"
        for header in self.WINE_HEADERS:
            generated = self.generated("wine", header, '#include "wine_test.h"\n')
        path = self.build("wine_" + name, "-I", generated, source, PROGRAMS + "/process_defaults.c")
        done = subprocess.run([path], capture_output=True, text=True, timeout=60, check=False,
                              env={**self.environment, "TEST_USER": "testuser",
                                   "TEST_PASSWORD": "testpass", "TEST_ACCOUNTS":
                                   "WORKGROUP:testuser:testpass\ndomain:user:password\n"})
        with open(source, encoding="utf-8") as file:
            text = file.read().splitlines()
        failed = set()
        for line in done.stdout.splitlines():
            word, _, place = line.partition(" ")
            if word in ("FAIL", "SKIP"):
                number = int(place.split(":")[1].split()[0])
                statement = " ".join(text[number - 1].split())
                failed.add(f"{name}.c: {word} {statement}")
        return failed, "END" in done.stdout.split()

    def test_wine(self):
        with open(PROGRAMS + "/wine_deviations.json", encoding="utf-8") as file:
            known = json.load(file)["deviations"]
        found = set()
        for name in ("main", "ntlm", "negotiate", "secur32"):
            failed, ended = self.failures_of(name)
            found |= failed
            if not ended:
                found.add(f"{name}.c: does not come to its end")
        self.assertEqual(sorted(found - set(known)), [], "new deviations")
        self.assertEqual(sorted(set(known) - found), [], "the list may shrink: take these out")
        for line, why in known.items():
            self.assertIn(why, ("Windows-only", "deliberate", "Wine's todo"), line)


if __name__ == "__main__":
    windows_program_case.main()

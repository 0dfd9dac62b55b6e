"""curl as it is built for Windows: SSPI, and the channel bindings of its TLS connection."""

import concurrent.futures
import glob
import os
import re
import subprocess

import windows_program_case
from interop_peer import MATCHED, PASSWORD, USER, Answer
from kerberos_realm import REALM
from windows_program_case import COMPILE, LIBRARY, PROGRAMS, SOURCES

OPTIONS = """--disable-shared --with-openssl --disable-ldap --disable-manual --disable-rtsp
--disable-dict --disable-telnet --disable-tftp --disable-smb --disable-gopher --disable-mqtt
--disable-imap --disable-smtp --disable-ftp --disable-file --disable-pop3 --disable-ntlm-wb
--without-brotli --without-zlib --without-nghttp2 --without-libpsl --without-libidn2 --without-zstd
--without-librtmp --disable-dependency-tracking""".split()
LIBRARY_FILES = ("lib/*.c", "lib/v*/*.c")
# The command has a copy of one of the library's files, under names of its own.
COMMAND_FILES = ("src/*.c", "lib/dynbuf.c")


class WindowsCurlTest(windows_program_case.WindowsProgramCase):
    SERVICES = ("HTTP/localhost",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        source = SOURCES.folder("curl")
        build = cls.path("curl")
        os.mkdir(build)
        subprocess.run([source + "/configure", *OPTIONS], cwd=build, check=True, timeout=900,
                       stdout=subprocess.DEVNULL)
        for header in ("rpc.h", "tchar.h"):
            empty = cls.generated("curl-windows", header)
        flags = [*COMPILE, "-O1", "-include", "curl_windows.h", "-DHAVE_CONFIG_H",
                 "-DCURL_STATICLIB", "-I", empty, "-I", build + "/lib", "-I", build + "/include",
                 "-I", source + "/include", "-I", source + "/lib", "-I", source + "/src", "-I",
                 build + "/src", "-c"]
        jobs = []
        for part, patterns, define in (("lib", LIBRARY_FILES, ["-DBUILDING_LIBCURL"]),
                                       ("src", COMMAND_FILES, [])):
            for path in (path for pattern in patterns for path in glob.glob(f"{source}/{pattern}")):
                name = os.path.relpath(path, source).replace("/", "_")
                target = os.path.join(build, f"{part}_{name}.o")
                jobs.append((target, [*flags, *define, path, "-o", target]))
        target = os.path.join(build, "schannel.o")
        jobs.append((target, [*flags, "-DBUILDING_LIBCURL", PROGRAMS + "/curl_schannel.c", "-o",
                              target]))
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(lambda job: subprocess.run(job[1], check=True, timeout=300), jobs))
        objects = [target for target, _ in jobs]
        cls.program = cls.path("curl-sspi")
        subprocess.run([windows_program_case.C_COMPILER, *objects, "-o", cls.program, "-lssl",
                        "-lcrypto", "-ldl", "-lpthread", "-L", LIBRARY, "-lepa-sspi",
                        "-Wl,--wrap=Curl_output_negotiate,--wrap=Curl_output_ntlm"], check=True,
                       timeout=300)

    def curl(self, url, ca_file, *options, login=f"{USER}:{PASSWORD}"):
        escaped = login.replace("\\", "\\\\")
        done = subprocess.run(
            [self.program, "-q", "-sSv", "--noproxy", "*", "--cacert", ca_file, "--max-time", "30",
             "-K", "-", "-w", "%{stderr}= %{http_code}\n", *options, url],
            input=f'user = "{escaped}"\n', capture_output=True, text=True, timeout=60, check=False,
            env=self.environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        return Answer(int(re.findall(r"^= (\d+)$", done.stderr, re.M)[-1]), done.stdout)

    def test_it_is_built_with_sspi(self):
        version = subprocess.run([self.program, "--version"], capture_output=True, text=True,
                                 timeout=60, check=True, env=self.environment).stdout
        self.assertRegex(version, r"Features:.*\bSSPI\b")

    def test_ntlm_is_bound_in_all_modes(self):
        self.assert_in_all_modes(MATCHED, lambda site: self.curl(site.url, site.ca_file, "--ntlm"),
                                 mic="verified", user="alice", domain="DEMO")

    def test_negotiate_is_bound_in_all_modes(self):
        self.assert_in_all_modes(
            MATCHED, lambda site: self.curl(site.url, site.ca_file, "--negotiate"),
            mic="verified", user="alice", domain="DEMO")

    def test_a_wrong_password(self):
        with self.site("2") as site:
            answer = self.curl(site.url, site.ca_file, "--ntlm", login="DEMO\\alice:wrong")
            self.assert_verdict(site, answer, False, "wrong_password")

    def test_whoever_is_logged_in(self):
        """kinit, then `curl --negotiate -u :`. The AP-REQ leaves without bindings: curl passes them
        with the next message only, which Kerberos does not have."""
        for mode, accepted in (("0", True), ("1", False), ("2", False)):
            with self.subTest(mode=mode), self.serving(
                    ["serve", "https", "--cert", self.path("server.pem"), "--key",
                     self.path("server.key"), "--keytab", self.realm.keytab, "--krb5-config",
                     self.realm.configuration, "--extended-protection", mode]) as server:
                answer = self.curl(f"https://localhost:{server.port}/", self.path("server.pem"),
                                   "--negotiate", "--resolve",
                                   f"localhost:{server.port}:127.0.0.1", login=":")
                self.assertEqual(answer.status, 200 if accepted else 401)
                if accepted:
                    self.assertEqual(answer.report["domain"], REALM)


if __name__ == "__main__":
    windows_program_case.main()

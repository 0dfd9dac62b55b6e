"""`cpack` makes Debian packages that depend on what they need and work where they land."""

import glob
import gzip
import os
import re
import subprocess

import installed
from installed import HERE

BUILD = os.environ["EPA_BUILD"]
CPACK = os.path.join(os.path.dirname(installed.CMAKE), "cpack")
# Modules of others are there where the headers of those are.
MODULES = {"libapache2-mod-auth-epa": "apache", "libnginx-mod-http-auth-epa": "nginx",
           "libsasl2-modules-epa": "cyrus_sasl"}
EXPECTED = {"libepa1", "libepa-dev", "epa-tools", "libgssapi-epa"} | {
    package for package, folder in MODULES.items()
    if glob.glob(f"{BUILD}/modules/{folder}/*.so")}
MECHANISMS = "./etc/gss/mech.d/epa.conf"
# Where a2enmod and GSS-API look.
OUTSIDE = {"libapache2-mod-auth-epa": ["./etc/apache2/mods-available/auth_epa.load"],
           "libgssapi-epa": [MECHANISMS]}


class PackagesTest(installed.InstalledTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = installed.temporary_folder(cls.addClassCleanup)
        subprocess.run([CPACK, "-B", folder, "--config", BUILD + "/CPackConfig.cmake", "-D",
                        "CPACK_DEBIAN_COMPRESSION_TYPE=gzip"],  # quicker, and good enough here
                       check=True, stdout=subprocess.DEVNULL, timeout=120)
        cls.root = os.path.join(folder, "root")
        cls.fields = {}
        cls.files = {}
        cls.packages = {}
        for package in glob.glob(folder + "/*.deb"):
            fields = cls.read_fields(package)
            name = fields["Package"]
            cls.fields[name] = fields
            cls.packages[name] = package
            listing = subprocess.run(["dpkg-deb", "--fsys-tarfile", package], check=True,
                                     capture_output=True, timeout=60).stdout
            names = subprocess.run(["tar", "--list"], input=listing, check=True,
                                   capture_output=True, timeout=60).stdout.decode()
            cls.files[name] = {line for line in names.splitlines() if not line.endswith("/")}
            subprocess.run(["dpkg-deb", "--extract", package, cls.root], check=True, timeout=60)

    @staticmethod
    def read_fields(package):
        text = subprocess.run(["dpkg-deb", "--field", package], check=True, capture_output=True,
                              text=True, timeout=60).stdout
        return dict(line.split(": ", 1) for line in text.splitlines() if re.match(r"[\w-]+: ", line))

    def dependencies(self, package):
        return {item.split()[0] for item in self.fields[package]["Depends"].split(", ")}

    def test_packages_of_one_version(self):
        self.assertEqual(set(self.fields), EXPECTED)
        for name, fields in self.fields.items():
            with self.subTest(name):
                self.assertEqual(fields["Version"], self.fields["libepa1"]["Version"])
                self.assertEqual(fields["Priority"], "optional")
                self.assertIn("Maintainer", fields)
                description = self.run_checked("dpkg-deb", "--field", self.packages[name],
                                               "Description")
                self.assertLessEqual(max(map(len, description.splitlines())), 80)

    def test_no_file_is_in_two_packages_and_each_has_its_licence(self):
        everything = sorted(path for files in self.files.values() for path in files)
        self.assertEqual(everything, sorted(set(everything)))
        for name, files in self.files.items():
            self.assertIn(f"./usr/share/doc/{name}/copyright", files)
            self.assertIn(f"./usr/share/doc/{name}/changelog.Debian.gz", files)
            self.assertEqual([path for path in files if not path.startswith("./usr/")],
                             OUTSIDE.get(name, []))

    def test_each_has_what_it_is_for(self):
        names = {package: {os.path.basename(path) for path in files}
                 for package, files in self.files.items()}
        self.assertLess({"libepa.so.1", "libepa-sspi.so.1", "libepa-secur32.so"},
                        names["libepa1"])
        self.assertNotIn("libepa.so", names["libepa1"])
        self.assertLess({"libepa.so", "libepa.a", "libepa-sspi.so", "epa.pc",
                         "epa-sspi.pc", "epa-config.cmake",
                         "security_context.h"}, names["libepa-dev"])
        self.assertLess({"./usr/include/epa/windows/windows.h",
                         "./usr/share/doc/libepa-dev/examples/provider/acme.c"},
                        self.files["libepa-dev"])
        units = {f"epa-{protocol}.{kind}" for protocol in ("helper", "https", "smb", "telnet")
                 for kind in ("service", "socket")}
        self.assertEqual(names["epa-tools"], {"epa", "epa-helper", "epa.1.gz", "epa.conf.5.gz",
                                              "epa.conf", "copyright", "changelog.Debian.gz"} | units)

    def test_gssapi_is_told_where_the_plug_in_is(self):
        names = {os.path.basename(path) for path in self.files["libgssapi-epa"]}
        self.assertEqual(names, {"libepa-gss.so", "libepa-gss-ntlm.so", "libepa-gss-engine.so",
                                 "epa.conf", "copyright", "changelog.Debian.gz"})
        with open(os.path.join(self.root, MECHANISMS), encoding="ascii") as file:
            libraries = [line.split()[2] for line in file if not line.startswith("#")]
        self.assertEqual(len(libraries), 2)
        for library in libraries:
            self.assertIn("." + library, self.files["libgssapi-epa"])
        self.assertEqual(
            self.run_checked("dpkg-deb", "--info", self.packages["libgssapi-epa"], "conffiles"),
            MECHANISMS[1:] + "\n")

    def test_what_every_program_loads_needs_little(self):
        for name in ("libepa-gss.so", "libepa-gss-ntlm.so"):
            library, = glob.glob(f"{self.root}/usr/lib/**/{name}", recursive=True)
            needed = re.findall(r"NEEDED.*\[(.*)\]", self.run_checked("readelf", "-d", library))
            # The loader, which is there already, has variables of threads.
            self.assertEqual({file for file in needed if not file.startswith("ld-linux")},
                             {"libgssapi_krb5.so.2", "libc.so.6"})

    def test_dependencies_follow_from_the_libraries(self):
        for name in ("libepa1", "epa-tools", "libgssapi-epa"):
            self.assertLess({"libc6", "libssl3", "libkrb5-3", "libidn2-0"}, self.dependencies(name))
        self.assertIn(f"libepa1 (= {self.fields['libepa1']['Version']})",
                      self.fields["libepa-dev"]["Depends"])
        self.assertLess({"libabsl-dev", "libssl-dev", "libkrb5-dev"},
                        self.dependencies("libepa-dev"))

    def test_the_command_runs_where_it_was_put(self):
        output = self.run_checked(self.root + "/usr/bin/epa", "--help")
        self.assertIn("usage: epa COMMAND", output)
        with gzip.open(self.root + "/usr/share/man/man1/epa.1.gz", "rt") as page:
            self.assertIn(".Dt EPA 1", page.read())

    def test_the_units_run_the_command_where_the_package_puts_it(self):
        for protocol in ("helper", "https", "smb", "telnet"):
            with open(f"{self.root}/usr/lib/systemd/system/epa-{protocol}.service",
                      encoding="utf-8") as unit:
                self.assertIn(f"\nExecStart=/usr/bin/epa serve {protocol} $EPA_OPTIONS\n", unit.read())

    def test_modules_are_where_their_servers_look(self):
        for package, path, needed in (
                ("libapache2-mod-auth-epa", "./usr/lib/apache2/modules/mod_auth_epa.so",
                 "apache2-api-"),
                ("libnginx-mod-http-auth-epa",
                 "./usr/lib/nginx/modules/ngx_http_auth_epa_module.so", "nginx-abi-")):
            if package in EXPECTED:
                self.assertIn(path, self.files[package])
                self.assertTrue([name for name in self.dependencies(package)
                                 if name.startswith(needed)])

    def test_cyrus_sasl_finds_its_plug_in(self):
        if "libsasl2-modules-epa" in EXPECTED:
            plugins = glob.glob(self.root + "/usr/lib/**/sasl2/*", recursive=True)
            self.assertEqual([os.path.basename(path) for path in plugins], ["libepa_sasl.so"])
            self.assertLess({"libsasl2-2", "libkrb5-3", "libssl3"},
                            self.dependencies("libsasl2-modules-epa"))

    def test_programs_are_built_from_what_is_unpacked(self):
        program = self.cmake(os.path.join(HERE, "consumer"), prefix=self.root + "/usr")
        self.assertIn('"reason":"binding_missing"', self.run_checked(program + "/cxx_consumer"))

    def test_the_linker_learns_of_the_libraries(self):
        triggers = self.run_checked("dpkg-deb", "--info", self.packages["libepa1"], "triggers")
        self.assertEqual(triggers, "activate-noawait ldconfig\n")

    def test_relocations_are_sealed_before_anything_runs(self):
        for path in ("bin/epa", "bin/epa-helper", "lib/**/libepa.so.1",
                     "lib/**/libepa-sspi.so.1", "lib/**/libepa-secur32.so", "lib/**/libepa-gss.so",
                     "lib/**/libepa-gss-ntlm.so", "lib/**/libepa-gss-engine.so",
                     "lib/**/libepa_sasl.so"):
            file, = glob.glob(f"{self.root}/usr/{path}", recursive=True)
            with self.subTest(path):
                self.assertIn("GNU_RELRO", self.run_checked("readelf", "--segments", file))
                self.assertRegex(self.run_checked("readelf", "--dynamic", file), r"FLAGS_1.*\bNOW")

    def test_the_copyright_names_a_year(self):
        with open(self.root + "/usr/share/doc/libepa1/copyright", encoding="utf-8") as text:
            self.assertRegex(text.read(), r"Copyright: \d{4} ")

    def test_libraries_keep_no_debugging_information(self):
        for name in ("libepa.so.1", "libepa-sspi.so.1"):
            library, = glob.glob(f"{self.root}/usr/lib/**/{name}", recursive=True)
            self.assertNotIn(".debug_info", self.run_checked("readelf", "--sections", library))


if __name__ == "__main__":
    installed.main()

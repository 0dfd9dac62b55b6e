"""Programs find, link and run with the installed package: by CMake and pkg-config, both ways."""

import glob
import os

import installed
from installed import C_COMPILER, CXX_COMPILER, HERE, PREFIX

CONSUMER = os.path.join(HERE, "consumer")
C_CONSUMER = os.path.join(HERE, "consumer_c")


class CMakeTest(installed.InstalledTestCase):
    def test_the_shared_library(self):
        program = os.path.join(self.cmake(CONSUMER), "cxx_consumer")
        self.assert_needs(program, "libepa.so.1")
        self.assertIn('"reason":"binding_missing"', self.run_checked(program))

    def test_the_c_interface_alone(self):
        program = os.path.join(self.cmake(C_CONSUMER), "c_consumer")
        self.assert_needs(program, "libepa-sspi.so.1")
        self.assert_needs(program, "libepa.so.1", needed=False)
        self.assertIn("SEC_E_BAD_BINDINGS", self.run_checked(program))

    def test_the_static_library(self):
        program = os.path.join(self.cmake(CONSUMER, "-Depa_USE_STATIC_LIBS=ON"), "cxx_consumer")
        self.assert_needs(program, "libepa.so.1", needed=False)
        self.assertIn('"reason":"binding_missing"', self.run_checked(program))

    def test_a_component_that_does_not_exist(self):
        project = self.path("wrong")
        os.mkdir(project)
        with open(os.path.join(project, "CMakeLists.txt"), "w", encoding="utf-8") as file:
            file.write("cmake_minimum_required(VERSION 3.25)\nproject(wrong LANGUAGES CXX)\n"
                       "find_package(epa QUIET COMPONENTS core cellar)\n"
                       "message(STATUS \"found: ${epa_FOUND}\")\n")
        output = self.run_checked(installed.CMAKE, "-S", project, "-B", self.path("build"),
                                  "-DCMAKE_PREFIX_PATH=" + PREFIX)
        self.assertIn("found: 0\n", output)


class PkgConfigTest(installed.InstalledTestCase):
    def flags(self, *arguments):
        folder, = glob.glob(PREFIX + "/lib*/**/pkgconfig", recursive=True)
        return self.run_checked(os.environ["EPA_PKG_CONFIG"], *arguments,
                                environment={"PKG_CONFIG_PATH": folder}).split()

    def run_with_libraries(self, program):
        libraries, = self.flags("--variable=libdir", "epa")
        return self.run_checked(program, environment={"LD_LIBRARY_PATH": libraries})

    def test_the_cxx_libraries(self):
        consumer = self.path("cxx_consumer.o")
        self.run_checked(CXX_COMPILER, "-std=c++20", "-c", CONSUMER + "/cxx_consumer.cc", "-o",
                         consumer, *self.flags("--cflags", "epa"))
        program = self.path("shared")
        self.run_checked(CXX_COMPILER, consumer, "-o", program, *self.flags("--libs", "epa"))
        self.assert_needs(program, "libepa.so.1")
        self.assertIn('"reason":"binding_missing"', self.run_with_libraries(program))

        program = self.path("static")
        libraries, = self.flags("--variable=libdir", "epa")
        flags = [libraries + "/libepa.a" if flag == "-lepa" else flag
                 for flag in self.flags("--static", "--libs", "epa")]
        self.run_checked(CXX_COMPILER, consumer, "-o", program, *flags)
        self.assert_needs(program, "libepa.so.1", needed=False)
        self.assertIn('"reason":"binding_missing"', self.run_checked(program))

    def test_the_c_library(self):
        program = self.path("c_consumer")
        self.run_checked(C_COMPILER, "-std=c11", C_CONSUMER + "/c_consumer.c", "-o", program,
                         *self.flags("--cflags", "--libs", "epa-sspi"))
        self.assertIn("SEC_E_BAD_BINDINGS", self.run_with_libraries(program))


    def test_a_program_of_windows(self):
        program = self.path("windows_consumer")
        flags = self.flags("--cflags", "epa-sspi")
        include = glob.glob(PREFIX + "/include/epa/windows")
        self.run_checked(C_COMPILER, "-std=gnu11", "-fshort-wchar", "-Wall", "-Wextra", "-Werror",
                         HERE + "/consumer_windows/windows_consumer.c", "-o", program, "-I",
                         include[0], "-I", PREFIX + "/include", *flags)
        self.assertEqual(self.run_with_libraries(program), "0x00090312 8\n")

    def test_the_header_of_windows_is_small(self):
        with open(PREFIX + "/include/epa/windows/windows.h", encoding="utf-8") as header:
            self.assertLessEqual(len(header.readlines()), 60)


class LibraryTest(installed.InstalledTestCase):
    def exported_names(self, name):
        library, = glob.glob(PREFIX + "/lib*/**/" + name, recursive=True)
        listing = self.run_checked("nm", "--dynamic", "--defined-only", "--format=posix",
                                   "--demangle", "--without-symbol-versions", library)
        return [line for line in listing.splitlines() if not line.startswith("EPA_")]

    def test_nothing_but_the_c_interface_is_exported(self):
        names = self.exported_names("libepa-sspi.so.1")
        self.assertGreater(len(names), 30)
        self.assertEqual([name for name in names if not name.startswith("epa_")], [])

    def test_the_plain_names_are_in_a_library_of_their_own(self):
        names = {line.split()[0] for line in self.exported_names("libepa-secur32.so")}
        self.assertLess({"InitSecurityInterfaceW", "AcquireCredentialsHandleA", "GetUserNameExW"},
                        names)
        self.assertEqual([name for name in names if name.startswith("epa_")], [])

    def test_nothing_but_the_namespace_is_exported(self):
        names = self.exported_names("libepa.so.1")
        self.assertGreater(len(names), 100)
        prefixes = ("epa::", "typeinfo for epa::", "typeinfo name for epa::", "vtable for epa::")
        self.assertEqual([name for name in names if not name.startswith(prefixes)], [])
        # Classes of private headers, which share the namespace, stay inside.
        self.assertEqual([name for name in names if "NtlmAcceptor" in name], [])


if __name__ == "__main__":
    installed.main()

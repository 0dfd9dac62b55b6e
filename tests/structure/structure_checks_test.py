#!/usr/bin/env python3
"""The checks find what they are there for, and nothing else."""

import os
import sys
import tempfile
import unittest

import check_exports
import check_format
import check_includes
import check_text

CLANG_FORMAT = sys.argv.pop() if len(sys.argv) > 1 else None


def check_tree(check, files, *arguments):
    with tempfile.TemporaryDirectory() as root:
        for path, text in files.items():
            full = os.path.join(root, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", encoding="utf-8") as stream:
                stream.write(text)
        return check(root, *arguments)


class IncludesTest(unittest.TestCase):
    def violations(self, path, text):
        return check_tree(check_includes.check, {path: text})

    def assert_refused(self, path, text, message):
        violations = self.violations(path, text)
        self.assertEqual(len(violations), 1, violations)
        self.assertIn(message, violations[0])

    def test_folders_of_the_command_point_down_too(self):
        for folder, target in (("serve", "common"), ("demo", "login"), ("serve", "serve")):
            path, text = f"tools/epa/{folder}/a.cc", f'#include "tools/epa/{target}/b.h"\n'
            self.assertEqual(self.violations(path, text), [])
        self.assert_refused("tools/epa/common/a.cc", '#include "tools/epa/serve/b.h"\n',
                            "not downwards")
        self.assert_refused("tools/epa/serve/a.cc", '#include "tools/epa/login/b.h"\n',
                            "not downwards")
        self.assert_refused("tools/epa/serve/a.cc", '#include "tools/epa/attic/b.h"\n',
                            "unknown folder")

    def test_downwards_and_own_component_are_allowed(self):
        text = ('#include "lib/http/a.h"\n#include "lib/base/b.h"\n#include "epa/core/c.h"\n'
                '#include <openssl/evp.h>\n#include "absl/status/status.h"\n#include <string>\n')
        self.assertEqual(self.violations("lib/http/a.cc", text), [])

    def test_upwards(self):
        self.assert_refused("lib/base/a.cc", '#include "lib/core/b.h"\n', "upwards")
        self.assert_refused("lib/base/a.cc", "#  include <epa/core/b.h>\n", "upwards")
        self.assert_refused("lib/core/a.cc", '#include "providers/ntlm/b.h"\n', "upwards")
        self.assert_refused("providers/ntlm/a.cc", '#include "tools/epa/b.h"\n', "upwards")

    def test_sideways(self):
        self.assert_refused("lib/http/a.cc", '#include "epa/ntlm/ntlm.h"\n', "sideways")
        self.assert_refused("providers/negotiate/a.cc", '#include "providers/ntlm/b.h"\n',
                            "sideways")
        self.assert_refused("lib/crypto/a.cc", '#include "lib/asn1/b.h"\n', "sideways")
        self.assert_refused("bench/a.cc", '#include "tools/epa/b.h"\n', "sideways")

    def test_public_headers(self):
        self.assert_refused("include/epa/tls/a.h", "#include <openssl/ssl.h>\n", "library")
        self.assert_refused("include/epa/kerberos/a.h", "#include <krb5.h>\n", "library")
        self.assert_refused("include/epa/core/a.h", '#include "lib/base/b.h"\n', "public")
        self.assert_refused("include/epa/base/a.h", '#include "epa/core/b.h"\n', "upwards")

    def test_unknown_places(self):
        self.assert_refused("lib/base/a.cc", '#include "b.h"\n', "from the root")
        self.assert_refused("lib/base/a.cc", '#include "tests/support/b.h"\n', "from the root")
        self.assert_refused("lib/cellar/a.cc", "", "unknown component")
        self.assert_refused("lib/base/a.cc", '#include "lib/cellar/b.h"\n', "unknown component")

    def test_examples_use_public_headers(self):
        self.assert_refused("examples/a/b.cc", '#include "lib/base/hex.h"\n', "public")

    def test_an_empty_tree_is_a_mistake(self):
        self.assert_refused("README.md", "", "no source file")


class ExportsTest(unittest.TestCase):
    PUSH = "#pragma GCC visibility push(default)\n"
    POP = "#pragma GCC visibility pop\n"

    def violations(self, text, path="include/epa/core/a.h"):
        return check_tree(check_exports.check, {path: text})

    def test_a_header_that_exports_what_it_declares(self):
        text = "#include <string>\n" + self.PUSH + "namespace epa {}\n" + self.POP
        self.assertEqual(self.violations(text), [])

    def test_a_header_that_does_not(self):
        for text in ("", self.PUSH, self.POP + self.PUSH,
                     self.PUSH + "#include <string>\n" + self.POP):
            self.assertEqual(len(self.violations(text + "namespace epa {}\n")), 1, text)

    def test_a_header_of_the_c_interface_is_exempt(self):
        self.assertEqual(self.violations('extern "C" {\n'), [])

    def test_no_public_header_is_a_mistake(self):
        self.assertEqual(len(self.violations("", "lib/core/a.h")), 1)


class TextTest(unittest.TestCase):
    def violations(self, text, path="docs/a.md"):
        return check_tree(check_text.check, {path: text})

    def test_plain_text_is_allowed(self):
        self.assertEqual(self.violations("see https://example.com/work/x and /usr/bin\n"), [])

    def test_each_pattern(self):
        for text in ("/" + "work/main/x", "/" + "root/x", "/" + "home/me", "../" + "shared/x",
                     "TO" + "DO: later", "FIX" + "ME", "std::atomic_thread_" + "fence(order);",
                     "std::ranges::sea" + "rch(a, b)"):
            self.assertEqual(len(self.violations("one\n" + text + "\n")), 1, text)

    def test_temporary_files_of_tests(self):
        for text in ("testing::Temp" + "Dir() + name", "temp_directory" + "_path()",
                     'open("/' + 'tmp/epa")'):
            for path in ("tests/base/a_test.cc", "fuzz/a_fuzzer.cc"):
                self.assertEqual(len(self.violations(text + "\n", path)), 1, text)
            for path in ("tests/support/temporary_folder.h", "lib/realm/a.cc"):
                self.assertEqual(self.violations(text + "\n", path), [], text)


if CLANG_FORMAT is not None:

    class FormatTest(unittest.TestCase):
        def violations(self, text):
            style = {".clang-format": "BasedOnStyle: Google\n"}
            return check_tree(check_format.check, {**style, "a.cc": text}, CLANG_FORMAT)

        def test_formatted_and_unformatted(self):
            self.assertEqual(self.violations("int Seven() { return 7; }\n"), [])
            self.assertNotEqual(self.violations("int Seven( ){return 7;}\n"), [])


if __name__ == "__main__":
    unittest.main()

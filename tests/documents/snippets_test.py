"""The code in README and docs compiles as it stands, and README's project builds both ways.

snippets/DOCUMENT_N.cc (or .c) is what stands around the N-th snippet of a document.
"""

import collections
import os
import re
import shutil

import code_blocks
import installed
from installed import C_COMPILER, CXX_COMPILER, PREFIX, SOURCE

SNIPPETS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "snippets")
ENDINGS = {"c": ".c", "cpp": ".cc"}


def snippets():
    """Names of files, and the blocks they are made for."""
    count = collections.Counter()
    found = {}
    for block in code_blocks.blocks(*ENDINGS):
        count[block.document] += 1
        name = os.path.splitext(block.document)[0].replace("/", "_")
        found[f"{name}_{count[block.document]}{ENDINGS[block.kind]}"] = block
    return found


def readme_project():
    return next(block.text for block in code_blocks.blocks("cmake")
                if block.document == "README.md")


class SnippetsTest(installed.InstalledTestCase):
    def test_each_has_its_surroundings(self):
        self.assertEqual(sorted(snippets()), sorted(os.listdir(SNIPPETS)))

    def test_they_compile(self):
        for name, block in snippets().items():
            with self.subTest(str(block)), open(self.path("snippet.inc"), "w",
                                                encoding="utf-8") as file:
                file.write(f'#line {block.line + 1} "{block.document}"\n{block.text}')
                file.flush()
                command = ([CXX_COMPILER, "-std=c++20"] if name.endswith(".cc")
                           else [C_COMPILER, "-std=c11"])
                self.run_checked(*command, "-fsyntax-only", "-Wall", "-Werror",
                                 "-Wno-unused-variable", "-Wno-unused-but-set-variable",
                                 "-I" + PREFIX + "/include", "-I" + self.directory,
                                 os.path.join(SNIPPETS, name))


class ReadmeProjectTest(installed.InstalledTestCase):
    def project(self, *exchange):
        """A project of README's lines and the server they name."""
        text = readme_project()
        for old, new in exchange:
            self.assertIn(old, text)
            text = text.replace(old, new)
        folder = self.path("server")
        os.mkdir(folder)
        shutil.copy(os.path.join(SOURCE, "examples/https_server.cc"), folder)
        with open(os.path.join(folder, "CMakeLists.txt"), "w", encoding="utf-8") as file:
            file.write("cmake_minimum_required(VERSION 3.25)\nproject(server LANGUAGES C CXX)\n"
                       + text)
        return folder

    def assert_runs(self, build):
        result = self.run_unchecked(os.path.join(build, "server"))
        self.assertEqual(result.returncode, 2)
        self.assertIn("usage: https_server", result.stderr)

    def test_with_the_installed_package(self):
        self.assert_runs(self.cmake(self.project()))

    def test_with_the_source_as_a_folder(self):
        find, add = re.search(r"^(find_package\(epa [^\n]*?)\s+# or (add_subdirectory\(.*\))$",
                              readme_project(), re.MULTILINE).groups()
        folder = self.project((find, add))
        os.symlink(SOURCE, os.path.join(folder, "libepa"))
        launcher = shutil.which("ccache")
        options = ["-DEPA_PRECOMPILE_HEADERS=ON"]  # in half the time, where no compiler cache is
        if launcher:
            options += [f"-DCMAKE_{language}_COMPILER_LAUNCHER={launcher}"
                        for language in ("C", "CXX")]
        self.assert_runs(self.cmake(folder, *options, target="server"))


if __name__ == "__main__":
    installed.main()

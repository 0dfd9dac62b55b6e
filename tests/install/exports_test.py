"""The shared library has every function that the installed C++ headers declare and do not define.

A declaration without default visibility, such as that of a friend inside a class, compiles and links
here and leaves a program outside without its function.
"""

import json
import os
import shutil
import subprocess

import installed
from installed import PREFIX

FUNCTIONS = {"FunctionDecl", "CXXMethodDecl", "CXXConstructorDecl", "CXXDestructorDecl",
             "CXXConversionDecl"}
TEMPLATES = {"FunctionTemplateDecl", "ClassTemplateDecl", "ClassTemplatePartialSpecializationDecl"}


def is_declared_only(node):
    return not (node.get("isImplicit") or node.get("inline") or node.get("constexpr")
                or node.get("pure") or node.get("explicitlyDeleted")
                or node.get("explicitlyDefaulted")
                or any(child.get("kind") == "CompoundStmt" for child in node.get("inner", [])))


def collect(node, names, access="public"):
    """Adds what `node` declares for others to `names`, and takes away what is defined after all."""
    if node.get("kind") in TEMPLATES:
        return
    if node.get("kind") in FUNCTIONS:
        if "mangledName" in node and access != "private":
            names.setdefault(node["mangledName"], []).append(is_declared_only(node))
        return
    inner = "private" if node.get("tagUsed") == "class" else "public"
    for child in node.get("inner", []):
        if child.get("kind") == "AccessSpecDecl":
            inner = child["access"]
        collect(child, names, inner)


def declared(headers, include):
    source = "".join(f'#include "{header}"\n' for header in headers)
    tree = subprocess.run(
        [shutil.which("clang++") or "clang++-14", "-std=c++20", "-x", "c++", "-I", include,
         "-fsyntax-only", "-Xclang", "-ast-dump=json", "-Xclang", "-ast-dump-filter=epa::", "-"],
        input=source, capture_output=True, text=True, check=True).stdout
    names, decoder, place = {}, json.JSONDecoder(), 0
    while place < len(tree):
        node, place = decoder.raw_decode(tree, place)
        collect(node, names)
        while place < len(tree) and tree[place].isspace():
            place += 1
    return {name for name, states in names.items() if all(states)}


class ExportsTest(installed.InstalledTestCase):
    def test_what_is_declared_is_there(self):
        include = os.path.join(PREFIX, "include")
        headers = sorted(
            os.path.relpath(os.path.join(folder, name), include)
            for folder, _, names in os.walk(os.path.join(include, "epa")) for name in names)
        c_headers = ("epa/windows/", "epa/sspi/")
        headers = [name for name in headers
                   if name == "epa/sspi/plugin.h" or not name.startswith(c_headers)]
        libraries = [os.path.join(folder, name) for folder, _, names in os.walk(PREFIX)
                     for name in names if name == "libepa.so"]
        listing = self.run_checked("nm", "-D", "--defined-only", libraries[0])
        exported = {line.split()[-1].split("@")[0] for line in listing.splitlines()}
        names = declared(headers, include)
        self.assertGreater(len(names), 200)
        self.assertEqual(sorted(names - exported), [])


if __name__ == "__main__":
    installed.main()

#!/usr/bin/env python3
"""The headers have the values, sizes, offsets and prototypes of a dump of Windows' headers.

usage: abi_test.py DUMP INCLUDE_FOLDER C_COMPILER CXX_COMPILER

The compilers check: static assertions are written from the dump. A name of the headers that the dump
lacks is a fault as well, or the comparison would get smaller unseen.
"""

import json
import os
import re
import subprocess
import sys
import tempfile

HEADERS = ("windows_types.h", "sspi_constants.h", "sspi_structures.h", "sspi_names.h", "sspi.h",
           "sspi_identity.h", "sspi_sasl.h", "secext.h")
INCLUDES = '#include <stddef.h>\n#include "epa/sspi/secext.h"\n#include "epa/sspi/sspi.h"\n'
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# Macros that are no value: names of functions, of types and of packages.
CONSTANT = re.compile(r"^#define ([A-Z][A-Z0-9]*_\w+) [^\n]*[0-9(]", re.MULTILINE)
NO_VALUE = re.compile(r"^(EPA_|_|SECURITY_ENTRYPOINT|NTLMSP_|NEGOSSP_|MICROSOFT_|SEC_TEXT)|_NAME")
STRUCTURE = re.compile(r"^typedef (?:struct|union) _(\w+) \{", re.MULTILINE)
FUNCTION = re.compile(r"EPA_SSPI_DECLARE\(\w+,\s*(?!name)(\w+),")


def read_headers(folder):
    text = ""
    for name in HEADERS:
        with open(os.path.join(folder, "epa/sspi", name), encoding="utf-8") as stream:
            text += stream.read()
    return COMMENT.sub("", text)


def c_source(dump):
    lines = [INCLUDES]
    for name, value in dump["constants"].items():
        lines.append(f'_Static_assert((uint32_t)({name}) == {value}u, "{name}");')
    for name, size in dump["sizes"].items():
        lines.append(f'_Static_assert(sizeof({name}) == {size}, "sizeof {name}");')
    for name, members in dump["offsets"].items():
        for member, offset in members.items():
            lines.append(f'_Static_assert(offsetof({name}, {member}) == {offset}, '
                         f'"{name}.{member}");')
    return "\n".join(lines) + "\n"


def cxx_source(dump):
    lines = [INCLUDES, """
template <typename T> constexpr unsigned kSize = sizeof(T);
template <> constexpr unsigned kSize<void> = 0;
template <unsigned... sizes, typename R, typename... P>
constexpr bool Fits(R (*)(P...) noexcept) {
  if constexpr (sizeof...(sizes) == sizeof...(P) + 1) {
    constexpr unsigned ours[] = {kSize<R>, kSize<P>...};
    constexpr unsigned theirs[] = {sizes...};
    for (unsigned i = 0; i < sizeof...(sizes); ++i) {
      if (ours[i] != theirs[i]) { return false; }
    }
    return true;
  }
  return false;
}
"""]
    for name, sizes in dump["functions"].items():
        lines.append(f'static_assert(Fits<{", ".join(map(str, sizes))}>(&{name}), "{name}");')
    return "\n".join(lines) + "\n"


def compile_fault(compiler, standard, source, suffix, include):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "abi" + suffix)
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(source)
        run = subprocess.run([compiler, standard, "-fsyntax-only", "-I", include, path],
                             capture_output=True, text=True, check=False)
        return run.stderr if run.returncode != 0 else ""


def main():
    dump_path, include, c_compiler, cxx_compiler = sys.argv[1:]
    with open(dump_path, encoding="utf-8") as stream:
        dump = json.load(stream)
    faults = []
    text = read_headers(include)
    known = set(dump["newer"]) | set(dump["constants"]) | set(dump["sizes"]) | set(dump["functions"])
    declared = {name for name in CONSTANT.findall(text) if not NO_VALUE.search(name)}
    declared |= set(STRUCTURE.findall(text)) | set(FUNCTION.findall(text))
    if len(declared) < 400:
        faults.append(f"only {len(declared)} names found in the headers")
    aliases = {"SECURITY_FUNCTION_TABLE_A", "SECURITY_FUNCTION_TABLE_W"}  # tags of other names
    faults += [f"not in the dump: {name}" for name in sorted(declared - known - aliases)]
    faults.append(compile_fault(c_compiler, "-std=c11", c_source(dump), ".c", include))
    faults.append(compile_fault(cxx_compiler, "-std=c++20", cxx_source(dump), ".cc", include))
    faults = [fault for fault in faults if fault]
    # The comparison compares: a wrong value does not compile.
    dump["constants"]["SEC_E_INVALID_HANDLE"] += 1
    if not compile_fault(c_compiler, "-std=c11", c_source(dump), ".c", include):
        faults.append("a wrong value was not found")
    print("\n".join(faults) or f"{len(declared)} names")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

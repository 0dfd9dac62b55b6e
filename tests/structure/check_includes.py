#!/usr/bin/env python3
"""Arrows only point down: no component includes a higher layer or a sibling on its own.

usage: check_includes.py ROOT
"""

import os
import re
import sys

from source_tree import project_files, read_text, report

LAYERS = {
    "base": 0,
    "crypto": 1, "asn1": 1,
    "core": 2,
    "tls": 3, "audit_json": 3, "registry": 3, "realm": 3,
    "ntlm": 4, "kerberos": 4, "negotiate": 4, "http": 4, "telnet": 4, "smb2": 4, "sasl": 4,
    "defaults": 5, "winbind": 5,
    "service": 6,
    "sspi": 7,
    "tools": 8, "modules": 8, "examples": 8, "bench": 8, "windows": 8,
}
TOP_COMPONENTS = {"tools", "modules", "examples", "bench"}
# The folders of the command keep the same rule among themselves; its main file stands above them.
COMMAND = "tools/epa/"
COMMAND_LAYERS = {"common": 0, "decode": 1, "helper": 1, "smb_share": 1, "serve": 2, "login": 2,
                  "demo": 3, "": 4}
SOURCE = re.compile(r"\.(c|cc|h)$")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)
# Libraries that users of the public headers need not have.
PRIVATE_SYSTEM_HEADER = re.compile(r"^(openssl|krb5|gssapi|nlohmann|boost)([/.]|$)|^idn2\.h$")


def component_of(path):
    """The component a path of the tree, or the text of an include, belongs to; None outside."""
    parts = path.split("/")
    if parts[0] == "include":
        parts = parts[1:]
    if parts[0] in TOP_COMPONENTS:
        return parts[0]
    if parts[0] in ("lib", "providers", "epa") and len(parts) > 2:
        return parts[1]
    return None


def command_folder_of(path):
    parts = path.removeprefix(COMMAND).split("/")
    return parts[0] if len(parts) > 1 else ""


def inside_command(path, target):
    """What is wrong with an include from one folder of the command to another; None if nothing."""
    folder, target_folder = command_folder_of(path), command_folder_of(target)
    for name in (folder, target_folder):
        if name not in COMMAND_LAYERS:
            return f"unknown folder {name} of the command"
    if target_folder != folder and COMMAND_LAYERS[target_folder] >= COMMAND_LAYERS[folder]:
        return f"not downwards, from {folder} to {target_folder}"
    return None


def violations_in(path, text):
    component = component_of(path)
    is_public = path.startswith("include/")
    for quote, target in INCLUDE.findall(text):
        where = f"{path}: #include {target}: "
        if is_public and PRIVATE_SYSTEM_HEADER.match(target):
            yield where + "a public header must not need this library"
        if target.startswith("absl/") or (quote == "<" and component_of(target) is None):
            continue
        target_component = component_of(target)
        if target_component is None:
            yield where + "not a path from the root of the tree to a component"
        elif target_component not in LAYERS:
            yield where + f"unknown component {target_component}"
        elif is_public and not target.startswith("epa/"):
            yield where + "a public header includes public headers only"
        elif component == "examples" and not target.startswith(("epa/", "examples/")):
            yield where + "examples use the public headers only"
        elif target_component != component and LAYERS[target_component] >= LAYERS[component]:
            direction = "sideways" if LAYERS[target_component] == LAYERS[component] else "upwards"
            yield where + f"{direction}, from {component} to {target_component}"
        elif path.startswith(COMMAND) and target.startswith(COMMAND):
            fault = inside_command(path, target)
            if fault is not None:
                yield where + fault


def check(root):
    violations = []
    checked = 0
    for path in project_files(root):
        component = component_of(path) if SOURCE.search(path) else None
        if component is None:
            continue
        checked += 1
        if component not in LAYERS:
            violations.append(f"{path}: unknown component {component}")
            continue
        violations += violations_in(path, read_text(root, path) or "")
    if checked == 0:
        violations.append(f"{os.path.abspath(root)}: no source file found")
    return violations


if __name__ == "__main__":
    sys.exit(report(check(sys.argv[1])))

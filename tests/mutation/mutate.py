#!/usr/bin/env python3
"""Changes one operator of the library at a time and asks the tests whether they notice.

usage: mutate.py COUNT [--seed N] [--under FOLDER]

Works on a copy of the tracked files in build/mutation. Prints one line for each mutant and a
summary; the exit status is 1 where fewer than 97 of 100 were noticed. equivalents.txt beside this
file names mutants that change nothing anybody could observe.
"""

import argparse
import os
import random
import re
import resource
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
COPY = os.path.join(ROOT, "build", "mutation", "tree")
BUILD = os.path.join(ROOT, "build", "mutation", "build")
REQUIRED = 0.97
TIME_LIMIT = 300
MEMORY_LIMIT = 4 << 30  # a mutant may never stop allocating

# What is mutated, and the tests that answer for it: of components, which are one library that all
# these tests load, and of the C interface, which is another.
ATTACKS = "component_attacks_.*"
TESTS = {
    "lib/core": ["component_core_.*", "component_decision_table_snapshot", "component_ntlm_acceptance_matrix_test",
                 "component_ntlm_exchange_test", "component_ntlm_state_event_test",
                 "component_http_authenticator_test", ATTACKS],
    "lib/http": ["component_http_.*"],
    "lib/tls": ["component_tls_.*"],
    "lib/sasl": ["component_sasl_.*"],
    "lib/service": ["component_service_.*"],
    "lib/smb2": ["component_smb2_.*"],
    "lib/sspi": ["sspi_.*", "component_sspi_.*"],
    "lib/winbind": ["component_winbind_.*"],
    "providers/ntlm": ["component_ntlm_.*", "component_defaults_.*", ATTACKS],
    "providers/kerberos": ["component_kerberos_.*", "component_krb_.*", ATTACKS],
    "providers/negotiate": ["component_negotiate_.*", "component_neg_token_.*", "component_defaults_.*"],
}


def libraries_of(component):
    return ["epa_all_components"] + (["epa_sspi"] if component == "lib/sspi" else [])


# What takes the place of an operator. A space on both sides keeps templates and streams out.
REPLACEMENTS = [
    (r" == ", " != "), (r" != ", " == "),
    (r" < ", " <= "), (r" <= ", " < "), (r" > ", " >= "), (r" >= ", " > "),
    (r" && ", " || "), (r" \|\| ", " && "),
    (r"\btrue\b", "false"), (r"\bfalse\b", "true"),
    (r"\(!(?=[a-z])", "("),
    (r" \+ 1\b", " + 2"), (r" - 1\b", " - 2"),
    (r" \|= ", " = "), (r" & ", " | "),
]


class Mutant:
    """One replacement at one place."""

    def __init__(self, path, number, line, begin, end, replacement):
        self.path = path
        self.number = number
        self.line = line
        self.mutated = line[:begin] + replacement + line[end:]

    def text(self):
        return f"{self.path}: {self.line.strip()} -> {self.mutated.strip()}"

    def component(self):
        return next(folder for folder in TESTS if self.path.startswith(folder + "/"))


def code_of(line):
    """The line without its comment; nothing of a preprocessor's or a string's line."""
    if line.lstrip().startswith(("#", "//", "*")) or '"' in line:
        return ""
    return line.split("//", 1)[0]


def mutants_of(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        for number, line in enumerate(file):
            for pattern, replacement in REPLACEMENTS:
                for match in re.finditer(pattern, code_of(line)):
                    yield Mutant(path, number, line, match.start(), match.end(), replacement)


def tracked_files():
    return subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True,
                          text=True).stdout.splitlines()


def all_mutants(under):
    sources = [path for path in tracked_files() if path.endswith(".cc") and
               any(path.startswith(folder + "/") for folder in TESTS) and path.startswith(under)]
    with open(os.path.join(os.path.dirname(__file__), "equivalents.txt"), encoding="utf-8") as file:
        equivalent = {line.rstrip("\n") for line in file if not line.startswith("#")}
    mutants = [mutant for path in sources for mutant in mutants_of(path)]
    return [mutant for mutant in mutants if mutant.text() not in equivalent]


def prepare():
    """A copy of the tree, whose tests are built; only the libraries are built again for a mutant."""
    for path in tracked_files():
        source, target = os.path.join(ROOT, path), os.path.join(COPY, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if not os.path.exists(target) or os.path.getmtime(source) > os.path.getmtime(target):
            shutil.copy2(source, target)
    flags = ["-DCMAKE_BUILD_TYPE=None", "-DCMAKE_CXX_FLAGS=-O0 -w", "-DEPA_COMPONENT_FLAGS=",
             "-DEPA_INSTALL=OFF", "-DPython3_EXECUTABLE=/usr/bin/python3"]
    subprocess.run(["cmake", "-S", COPY, "-B", BUILD, "-G", "Ninja", *flags], check=True,
                   stdout=subprocess.DEVNULL)
    if not build("component_tests", "tests/sspi/all", "fuzz/all"):
        sys.exit("mutate: the tests cannot be built: ninja -C " + BUILD)


def build(*targets):
    return subprocess.run(["ninja", "-C", BUILD, "-k", "1", *targets],
                          capture_output=True, check=False).returncode == 0


def failing_tests(component):
    """Names, of which there is one at least where the tests do not pass."""
    command = ["ctest", "--test-dir", BUILD, "-C", "components", "--stop-on-failure", "--timeout", "60",
               "-j", str(os.cpu_count()), "-R", "^(" + "|".join(TESTS[component]) + ")$"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIME_LIMIT, check=False,
                              preexec_fn=lambda: resource.setrlimit(
                                  resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT)))
    except subprocess.TimeoutExpired:
        return ["time limit"]
    if done.returncode == 0:
        return []
    return re.findall(r"^\s*\d+ - (\S+)", done.stdout, re.MULTILINE) or [done.stderr.strip()]


def outcome_of(mutant):
    """"killed", "survived", or "void" where the change does not compile."""
    path = os.path.join(COPY, mutant.path)
    with open(path, encoding="utf-8") as file:
        lines = file.readlines()
    original = list(lines)
    lines[mutant.number] = mutant.mutated
    try:
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(lines)
        if not build(*libraries_of(mutant.component())):
            return "void"
        return "killed" if failing_tests(mutant.component()) else "survived"
    finally:
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(original)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--under", default="", help="only files whose path begins so")
    arguments = parser.parse_args()
    mutants = all_mutants(arguments.under)
    if not mutants:
        parser.error(f"--under {arguments.under}: nothing there is mutated")
    random.Random(arguments.seed).shuffle(mutants)
    prepare()
    for component in sorted({mutant.component() for mutant in mutants}):
        failing = failing_tests(component)
        if failing:
            sys.exit(f"mutate: tests of {component} fail without a mutation: {', '.join(failing)}")
    counts = {"killed": 0, "survived": 0, "void": 0}
    for mutant in mutants:
        if counts["killed"] + counts["survived"] == arguments.count:
            break
        outcome = outcome_of(mutant)
        counts[outcome] += 1
        print(f"{outcome}: {mutant.path}:{mutant.number + 1}: {mutant.line.strip()} -> "
              f"{mutant.mutated.strip()}", flush=True)
    judged = counts["killed"] + counts["survived"]
    print(f"{counts['killed']} of {judged} killed, {counts['void']} did not compile, "
          f"seed {arguments.seed}")
    return 0 if judged == 0 or counts["killed"] >= REQUIRED * judged else 1


if __name__ == "__main__":
    sys.exit(main())

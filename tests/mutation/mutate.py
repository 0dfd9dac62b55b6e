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
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
COPY = os.path.join(ROOT, "build", "mutation", "tree")
BUILD = os.path.join(ROOT, "build", "mutation", "build")
REQUIRED = 0.97
TIME_LIMIT = 300

# What is mutated, and the tests that answer for it.
ATTACKS = "attacks_.*"
TESTS = {
    "lib/core": ["core_.*", "decision_table_.*", "ntlm_acceptance_matrix_test",
                 "ntlm_exchange_test", "ntlm_state_event_test", "http_authenticator_test", ATTACKS],
    "lib/http": ["http_.*"],
    "lib/tls": ["tls_.*"],
    "lib/sasl": ["sasl_.*"],
    "lib/service": ["service_configuration_.*", "service_parts_test", "service_service_test",
                    "service_settings_test"],
    "lib/smb2": ["smb2_.*"],
    "lib/sspi": ["sspi_.*"],
    "lib/winbind": ["winbind_.*"],
    "providers/ntlm": ["ntlm_.*", "defaults_.*", ATTACKS],
    "providers/kerberos": ["kerberos_.*", "krb_.*_corpus_test", "attacks_kerberos.*"],
    "providers/negotiate": ["negotiate_.*", "neg_token_corpus_test", "defaults_.*"],
}

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
    """A copy of the tree, configured for quick builds."""
    for path in tracked_files():
        source, target = os.path.join(ROOT, path), os.path.join(COPY, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if not os.path.exists(target) or os.path.getmtime(source) > os.path.getmtime(target):
            shutil.copy2(source, target)
    flags = ["-DCMAKE_BUILD_TYPE=None", "-DCMAKE_CXX_FLAGS=-O0 -w", "-DEPA_INSTALL=OFF",
             "-DPython3_EXECUTABLE=/usr/bin/python3"]
    subprocess.run(["cmake", "-S", COPY, "-B", BUILD, "-G", "Ninja", *flags], check=True,
                   stdout=subprocess.DEVNULL)


def targets_of(patterns):
    listed = subprocess.run(["ninja", "-C", BUILD, "-t", "targets", "all"], check=True,
                            capture_output=True, text=True).stdout
    names = {line.split(":")[0] for line in listed.splitlines() if line.endswith(": phony")}
    tests = {name for name in names if name.endswith("_test")}
    return sorted(name for name in tests if re.fullmatch("|".join(patterns), name))


def build(component):
    targets = targets_of(TESTS[component])
    if "decision_table_.*" in TESTS[component]:
        targets.append("epa_decision_table")
    return subprocess.run(["ninja", "-C", BUILD, "-k", "1", *targets],
                          capture_output=True, check=False).returncode == 0


def tests_pass(component):
    command = ["ctest", "--test-dir", BUILD, "--stop-on-failure", "--timeout", "60", "-j",
               str(os.cpu_count()), "-R", "^(" + "|".join(TESTS[component]) + ")$"]
    try:
        return subprocess.run(command, capture_output=True, timeout=TIME_LIMIT,
                              check=False).returncode == 0
    except subprocess.TimeoutExpired:
        return False


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
        if not build(mutant.component()):
            return "void"
        return "survived" if tests_pass(mutant.component()) else "killed"
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
        if not build(component) or not tests_pass(component):
            sys.exit(f"mutate: the tests of {component} fail without a mutation")
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

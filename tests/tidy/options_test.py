"""Every option that a program's --help prints is in its man page, and the other way round.

usage: options_test.py PROGRAM…   paths of built programs; each has a page NAME.SECTION.scd
"""

import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import tidy

OPTION = re.compile(r"(?<![\w-])--[a-z][a-z0-9-]*")


def options_of_help(program):
    """The options `program --help` prints, and a fault or None."""
    done = subprocess.run([program, "--help"], capture_output=True, text=True, timeout=60,
                          check=False)
    if done.returncode != 0:
        return set(), f"--help ended with status {done.returncode}"
    return set(OPTION.findall(done.stdout)), None


def options_of_page(text):
    """Options of a page's own program: those of others are only named under SEE ALSO."""
    own = text.split("\n# SEE ALSO")[0].replace("\\-", "-").replace("\\_", "_")
    return set(OPTION.findall(own))


def faults_of(program, root):
    name = os.path.basename(program)
    pages = [path for path in tidy.files(root, ".scd")
             if re.fullmatch(re.escape(name) + r"\.[1-8]\.scd", os.path.basename(path))]
    if not pages:
        return [f"{name}: no man page {name}.1.scd or {name}.8.scd"]
    said, fault = options_of_help(program)
    if fault:
        return [f"{name}: {fault}"]
    written = options_of_page(tidy.read(root, pages[0]))
    faults = [f"{pages[0]}: {option} is in --help but not in the page"
              for option in sorted(said - written)]
    faults += [f"{pages[0]}: {option} is in the page but not in --help"
               for option in sorted(written - said)]
    faults += [f"{name}: --help does not name {option}"
               for option in ("--help", "--version") if option not in said]
    return faults


def self_test():
    """A program with --help, and pages that miss an option, name one too many, and are right."""
    with tempfile.TemporaryDirectory() as root:
        program = os.path.join(root, "thing")
        tidy.plant(root, "thing", "#!/bin/sh\necho ' --help --version --data DIR'\n")
        os.chmod(program, 0o755)
        found = []
        for options in ("--help --version", "--help --version --data --ghost",
                        "--help --version --data"):
            tidy.plant(root, "man/thing.1.scd", f"thing(1)\n\n# OPTIONS\n\n{options}\n")
            found.append(faults_of(program, root))
    return (len(found[0]) == 1 and "--data is in --help" in found[0][0] and
            len(found[1]) == 1 and "--ghost is in the page" in found[1][0] and not found[2])


if __name__ == "__main__":
    all_faults = [] if self_test() else ["self-test: a planted violation was not found"]
    if len(sys.argv) < 2:
        all_faults.append("no program was named")
    for path_of_program in sys.argv[1:]:
        all_faults += faults_of(path_of_program, tidy.ROOT)
    print("\n".join(all_faults + [f"{len(sys.argv) - 1} programs, {len(all_faults)} faults"]))
    sys.exit(1 if all_faults else 0)

"""The simulator finds every planted bug within 2,000 seeds; without one it finds nothing.

usage: mutants_test.py PROGRAM [SEEDS]
"""

import re
import subprocess
import sys

import mutants

SEEDS = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
CONTROL_SEEDS = 200


def run(count, mutant):
    """Status and output of so many seeds with a bug; 0: none."""
    done = subprocess.run([sys.argv[1], "--seed", "1", "--count", str(count),
                           "--mutant", str(mutant)],
                          capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def main():
    faults = 0
    status, output = run(CONTROL_SEEDS, 0)
    print(f"no bug: {output.splitlines()[-1] if output else 'nothing was said'}")
    faults += status != 0
    for number, name, _ in mutants.BUGS:
        status, output = run(SEEDS, number)
        found = re.search(r"^seed (\d+), step \d+: '([^']+)' does not hold", output, re.M)
        if status == 1 and found:
            print(f"bug {number:2}, {name}: seed {found[1]}, '{found[2]}'")
        else:
            faults += 1
            print(f"bug {number:2}, {name}: NOT FOUND in {SEEDS} seeds (status {status})")
            print("\n".join(output.splitlines()[-5:]))
    print(f"{len(mutants.BUGS)} planted bugs, {faults} faults")
    return 1 if faults else 0


sys.exit(main())

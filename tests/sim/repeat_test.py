"""The same seeds twice give the same bytes of history; other seeds give others.

usage: repeat_test.py PROGRAM
"""

import subprocess
import sys

SEED_COUNT = 20


def history(seed):
    return subprocess.run([sys.argv[1], "--seed", str(seed), "--count", str(SEED_COUNT),
                           "--history"], capture_output=True, check=True).stdout


def main():
    first, again, other = history(1), history(1), history(1 + SEED_COUNT)
    print(f"{len(first)} bytes of history from {SEED_COUNT} seeds")
    if first != again:
        print("the same seeds gave another history")
    if first == other:
        print("other seeds gave the same history: nothing was drawn from them")
    return 0 if first == again and first != other else 1


sys.exit(main())

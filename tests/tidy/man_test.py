"""Every man page compiles, is named as its header says, and stands in the tree's man folders."""

import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import tidy

HEADER = re.compile(r"([a-z-]+)\(([1-8])\)")


def check(root):
    faults = []
    for path in tidy.files(root, ".scd"):
        text = tidy.read(root, path)
        done = subprocess.run(["scdoc"], input=text.encode(), capture_output=True, check=False)
        if done.returncode != 0:
            faults.append(f"{path}: scdoc: {done.stderr.decode().strip()}")
        header = HEADER.match(text)
        if not header or f"{header[1]}.{header[2]}.scd" != os.path.basename(path):
            faults.append(f"{path}:1: the header is not 'name(section)' of the file's name")
        if os.path.basename(os.path.dirname(path)) != "man":
            faults.append(f"{path}:1: not in a folder 'man'")
    if not tidy.files(root, ".scd") and root == tidy.ROOT:
        faults.append("no man page was found")
    return faults


PLANTS = [
    ("server/man/a.1.scd", "a(1)\n\n# NAME\n\na - _a *b* a_\n", "scdoc"),
    ("server/man/a.1.scd", "b(1)\n\n# NAME\n\nb - b\n", "header"),
    ("server/a.1.scd", "a(1)\n\n# NAME\n\na - a\n", "'man'"),
]
SOUND = [("server/man/a.1.scd", "a(1)\n\n# NAME\n\na - a\n")]

if __name__ == "__main__":
    tidy.run(check, PLANTS, SOUND)

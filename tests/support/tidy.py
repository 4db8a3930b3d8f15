"""What the tidy tests share: the files of the tree, C without comments, planted violations.

A check is a function check(root) that returns a list of faults, "path:line: what". run() first
lets it find violations planted in a small tree of their own, and only then trusts it with ours.
"""

import os
import re
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LEFT_OUT = re.compile(r"^(build.*|out.*|\.git|__pycache__|corpus|node_modules)$")


def files(root, *suffixes, folders=("",)):
    """Paths below `root` (relative, sorted) with one of `suffixes`, in any of `folders`."""
    found = []
    for folder in folders:
        for place, inner, names in os.walk(os.path.join(root, folder)):
            inner[:] = [name for name in inner if not LEFT_OUT.match(name) or
                        (name == "build" and os.path.relpath(place, root) == "tests")]
            for name in names:
                path = os.path.relpath(os.path.join(place, name), root)
                if name.endswith(suffixes):
                    found.append(path)
    return sorted(set(found))


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8", newline="") as file:
        return file.read()


def bare_c(text):
    """C without comments, strings and character constants; every line keeps its number."""
    pattern = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)

    def blank(match):
        kept = "\n" * match.group().count("\n")
        return '""' + kept if match.group()[0] == '"' else " " + kept

    return pattern.sub(blank, text)


def plant(root, path, text):
    place = os.path.join(root, path)
    os.makedirs(os.path.dirname(place), exist_ok=True)
    with open(place, "w", encoding="utf-8", newline="") as file:
        file.write(text)


def run(check, plants, sound=()):
    """Exits 0 when `check` finds every planted violation, passes `sound` and finds none in ours.

    plants  (path, text, word): a file that violates, and a word of the fault it must give
    sound   (path, text): files that must give no fault
    """
    faults = []
    for path, text, word in plants:
        with tempfile.TemporaryDirectory() as root:
            plant(root, path, text)
            found = check(root)
            if not any(word in fault and fault.startswith(path) for fault in found):
                faults.append(f"self-test: planted '{word}' in {path} was not found: {found}")
    with tempfile.TemporaryDirectory() as root:
        for path, text in sound:
            plant(root, path, text)
        faults += [f"self-test: sound, yet {fault}" for fault in check(root)]
    faults += check(ROOT)
    for fault in faults:
        print(fault)
    print(f"{len(plants)} planted violations, {len(faults)} faults")
    sys.exit(1 if faults else 0)

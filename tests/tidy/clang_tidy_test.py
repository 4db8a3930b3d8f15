"""clang-tidy finds nothing in the product's C, by the checks that .clang-tidy chooses and explains.

Takes the folder with the compile_commands.json of the tree under test. The controls: five planted
faults, one of each group of checks, are found.
"""

import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import tidy

FOLDERS = ("server", "overlay", "clients")
FAULT = re.compile(r"^(\S+?):(\d+):\d+: (?:error|warning): (.*)$", re.M)
PLANTS = {  # the check, and a function body that it must find
    "clang-analyzer-core.DivideZero": "int zero = 0; return 7 / (argc > 1 ? zero : 1);",
    "clang-analyzer-unix.Malloc": "char *text = malloc(9); free(text); return text[argc];",
    "bugprone-narrowing-conversions": "signed char small = argc * 1000; return small;",
    "cert-err33-c": "calloc((size_t)argc, 2); return 0;",
    "misc-redundant-expression": "return argc > 1 && argc > 1;",
}
PLANT = "#include <stdlib.h>\n\nint main(int argc, char **argv)\n{{\n    (void)argv;\n    {}\n}}\n"


def clang_tidy(*arguments):
    """What it says of its files, and whether it found nothing."""
    done = subprocess.run(["clang-tidy", "--quiet", *arguments], capture_output=True, text=True,
                          check=False)
    return done.stdout, done.returncode == 0


def plants_missed():
    missed = []
    for check, body in PLANTS.items():
        with tempfile.TemporaryDirectory() as root:
            path = os.path.join(root, "plant.c")
            tidy.plant(root, "plant.c", PLANT.format(body))
            said, _ = clang_tidy(f"--config-file={tidy.ROOT}/.clang-tidy", path, "--", "-std=c17")
            if f"[{check}" not in said:
                missed.append(f"self-test: {check} was planted and not found: {said}")
    return missed


def product_files(build):
    """The files of the product, those that take longest first."""
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        paths = {entry["file"] for entry in json.load(file)}
    inside = tuple(os.path.join(tidy.ROOT, folder, "") for folder in FOLDERS)
    return sorted((path for path in paths if path.startswith(inside)), key=os.path.getsize,
                  reverse=True)


def main(build):
    faults = plants_missed()
    paths = product_files(build)
    assert len(paths) > 100, "where is the product?"
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, (said, is_good) in zip(paths, pool.map(lambda one: clang_tidy("-p", build, one),
                                                         paths)):
            found = sorted({f"{os.path.relpath(where, tidy.ROOT)}:{line}: {what}"
                            for where, line, what in FAULT.findall(said)})
            faults += found or ([] if is_good else [f"{path}: clang-tidy failed: {said}"])
    for fault in faults:
        print(fault)
    print(f"{len(paths)} files, {len(faults)} faults")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main(sys.argv[1])

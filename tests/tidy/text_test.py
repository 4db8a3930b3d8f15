"""Source files keep STYLE: 100 columns, 600 lines, no tabs, no blanks at line ends, finished."""

import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import tidy

COLUMN_MAX = 100
LINE_MAX = 600
SOURCES = (".c", ".h", ".py", ".cmake", "CMakeLists.txt", ".js", ".css", ".html", ".scd")
SCRIPTS = ("tests/run", ".ci/run", "clients/demo/run", "clients/demo/sitting",
           "clients/demo/lib.bash", "clients/demo/appraise.bash", "clients/demo/elect.bash",
           "clients/demo/series.bash", "tests/support/deps")
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")


def check(root):
    faults = []
    paths = tidy.files(root, *SOURCES)
    paths += [path for path in SCRIPTS if os.path.exists(os.path.join(root, path))]
    for path in paths:
        try:
            text = tidy.read(root, path)
        except UnicodeDecodeError:
            faults.append(f"{path}:1: not UTF-8")
            continue
        lines = text.split("\n")
        if text and not text.endswith("\n"):
            faults.append(f"{path}:{len(lines)}: no newline at the end")
        if len(lines) - 1 > LINE_MAX:
            faults.append(f"{path}:{len(lines) - 1}: over {LINE_MAX} lines")
        for number, line in enumerate(lines, 1):
            if len(line) > COLUMN_MAX and not path.endswith(".scd"):
                faults.append(f"{path}:{number}: {len(line)} columns")
            if "\t" in line and not path.endswith(".scd"):
                faults.append(f"{path}:{number}: a tab")
            if "\r" in line:
                faults.append(f"{path}:{number}: a carriage return")
            if line != line.rstrip():
                faults.append(f"{path}:{number}: blanks at the end")
            if UNFINISHED.search(line):
                faults.append(f"{path}:{number}: unfinished: {UNFINISHED.search(line).group()}")
    return faults


PLANTS = [
    ("server/a.c", "int " + "a" * 96 + ";\n", "101 columns"),
    ("server/a.c", "/* " + "民" * 98 + " */\n", "104 columns"),
    ("server/a.c", "\tint a;\n", "a tab"),
    ("server/a.h", "int a; \n", "blanks"),
    ("server/a.h", "int a;\r\n", "carriage return"),
    ("server/a.h", "int a;", "no newline"),
    ("server/a.c", "/* TO" "DO: later */\n", "unfinished"),
    ("overlay/a.c", "int a;\n" * 601, "over 600 lines"),
    ("tests/run", "#" * 101 + "\n", "101 columns"),
]
SOUND = [
    ("server/a.c", "/* " + "民" * 94 + " */\n" + "int a;\n" * 599),
]

if __name__ == "__main__":
    tidy.run(check, PLANTS, SOUND)

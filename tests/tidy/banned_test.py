"""No C file calls what cannot be bounded, checked or repeated."""

import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import tidy

BANNED = ("strcpy strcat stpcpy strncat sprintf vsprintf gets atoi atol atoll atof strtok strtok_r "
          "alloca rand srand random srandom drand48 system popen tmpnam mktemp setjmp longjmp")
CALL = re.compile(r"\b(" + "|".join(BANNED.split()) + r")\s*\(")
DEFINE = re.compile(r"^\s*#\s*define\s+NDEBUG\b|-ffast-math", re.M)


def check(root):
    faults = []
    for path in tidy.files(root, ".c", ".h", folders=("server", "overlay", "clients", "tests")):
        text = tidy.bare_c(tidy.read(root, path))
        for match in CALL.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            faults.append(f"{path}:{line}: {match.group(1)}() is banned")
    for path in tidy.files(root, ".c", ".h", "CMakeLists.txt", ".cmake"):
        text = tidy.read(root, path)
        for match in DEFINE.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            faults.append(f"{path}:{line}: '{match.group().strip()}' is banned")
    return faults


PLANTS = [("server/core/a.c", f"void f(void) {{ {name} (a, b); }}\n", f"{name}()")
          for name in BANNED.split()]
PLANTS += [
    ("overlay/a.c", '/* a\n"comment */ char *s = "x\\"/*"; int i = atoi(s);\n', "atoi()"),
    ("tests/unit/a.c", "int i = atoi(s);\n", "atoi()"),
    ("clients/a.c", "#define NDEBUG 1\n", "NDEBUG"),
    ("CMakeLists.txt", "add_compile_options(-ffast-math)\n", "-ffast-math"),
]
SOUND = [
    ("server/a.c", '/* atoi(s) */ // gets(s)\nsnprintf(b, n, "sprintf(%s)", s);\n'),
    ("server/b.c", "my_rand();\nf('\"');\nf('\"');\n"),
]

if __name__ == "__main__":
    tidy.run(check, PLANTS, SOUND)

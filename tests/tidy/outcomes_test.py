"""No test is left out quietly: what a run of ctest counts as passed, failed and skipped.

A real ctest runs six planted tests, among them one that says why it cannot run and ones that are
skipped without a reason, disabled, or not there: only the first is a skip, the others failed.
"""

import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import junit

SKIPPED = 'SKIP_RETURN_CODE "77"'
PLANTS = [  # name, command, properties of the test
    ("good", '"true"', SKIPPED),
    ("bad", '"false"', SKIPPED),
    ("cannot", '"sh" "-c" "echo skipped: no such kernel; exit 77"', SKIPPED),
    ("mute", '"sh" "-c" "exit 77"', SKIPPED),
    ("off", '"true"', 'DISABLED "TRUE"'),
    ("missing", '"/nowhere/at-all"', SKIPPED),
]
EXPECTED = (["good"], ["bad", "missing", "mute", "off"], ["cannot: no such kernel"])


def main():
    with tempfile.TemporaryDirectory() as root:
        with open(os.path.join(root, "CTestTestfile.cmake"), "w", encoding="utf-8") as file:
            for name, command, properties in PLANTS:
                file.write(f"add_test({name} {command})\n"
                           f"set_tests_properties({name} PROPERTIES {properties})\n")
        report = os.path.join(root, "report.xml")
        subprocess.run(["ctest", "--test-dir", root, "--output-junit", report],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        found = tuple(sorted(names) for names in junit.outcomes(report))
    print(f"{len(PLANTS)} planted tests: {found}")
    sys.exit(0 if found == EXPECTED else 1)


if __name__ == "__main__":
    main()

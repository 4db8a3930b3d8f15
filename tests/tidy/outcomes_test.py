"""No test is left out quietly: what a run of ctest counts as passed, failed and skipped.

A real ctest runs six planted tests, among them one that says why it cannot run and ones that are
skipped without a reason, disabled, or not there: only the first is a skip, the others failed. Of
those the lines that tell why are kept.
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
    ("bad", '"sh" "-c" "echo ValueError: x; seq 100; exit 1"', SKIPPED),
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
        passed, failed, skipped = junit.outcomes(report)
    names = sorted(case.get("name") for case in failed)
    told = next(junit.said(case) for case in failed if case.get("name") == "bad")
    print(f"{len(PLANTS)} planted tests: {passed}, {names}, {skipped}; bad said {told}")
    is_told = told[0] == "ValueError: x" and told[-1] == "100" and len(told) < 20
    sys.exit(0 if is_told and (passed, names, skipped) == EXPECTED else 1)


if __name__ == "__main__":
    main()

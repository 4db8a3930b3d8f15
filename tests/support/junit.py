"""Adds up a JUnit file of ctest: prints 'PASSED FAILED', or with --failures the failed names.

A test that did not run or was skipped has failed: nothing here may be left out quietly.
"""

import sys
import xml.etree.ElementTree


def outcomes(path):
    """The names of the tests of the file at `path`: (passed, failed)."""
    passed, failed = [], []
    for case in xml.etree.ElementTree.parse(path).getroot().iter("testcase"):
        is_passed = case.get("status") == "run" and case.find("failure") is None
        (passed if is_passed else failed).append(case.get("name"))
    return passed, failed


if __name__ == "__main__":
    passed_names, failed_names = outcomes(sys.argv[-1])
    if sys.argv[1] == "--failures":
        print("\n".join(failed_names))
    else:
        print(len(passed_names), len(failed_names))

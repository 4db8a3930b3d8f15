"""Adds up a JUnit file of ctest: prints 'PASSED FAILED SKIPPED', or names of one kind, a line each.

--failures  the names of the failed tests
--said      what the failed tests said: their lines of failures, and their last ones
--skips     'NAME: WHY' of those that could not run here

A skip is a test that exits with 77 and says 'skipped: WHY'. One that does not say why, or that did
not run for any other reason, has failed: nothing here may be left out quietly.
"""

import re
import sys
import xml.etree.ElementTree


SAID_FIRST, SAID_LAST, SAID_WIDTH = 6, 12, 160  # lines and columns of one failed test


def said(case):
    """What a failed test said that tells why, in a few lines."""
    lines = [line[:SAID_WIDTH] for line in case.findtext("system-out", "").splitlines() if line]
    first, last = lines[:-SAID_LAST], lines[-SAID_LAST:]
    told = [line for line in first if re.match(r"FAIL|\S*Error\b|.*ERROR: ", line)]
    return told[:SAID_FIRST] + last


def skip_reason(case):
    """Why this test could not run here; None: that is not what happened."""
    skipped = case.find("skipped")
    if skipped is None or "SKIP_RETURN_CODE" not in skipped.get("message", ""):
        return None
    said = re.search(r"^skipped: (\S.*)$", case.findtext("system-out", ""), re.M)
    return said[1].strip() if said else None


def outcomes(path):
    """The tests of the file at `path`: (passed names, failed cases, 'NAME: WHY' of the skipped)."""
    passed, failed, skipped = [], [], []
    for case in xml.etree.ElementTree.parse(path).getroot().iter("testcase"):
        name = case.get("name")
        reason = skip_reason(case)
        if reason is not None:
            skipped.append(f"{name}: {reason}")
        elif case.get("status") == "run" and case.find("failure") is None:
            passed.append(name)
        else:
            failed.append(case)
    return passed, failed, skipped


if __name__ == "__main__":
    passed_names, failures, skips = outcomes(sys.argv[-1])
    if sys.argv[1] == "--failures":
        print("\n".join(case.get("name") for case in failures))
    elif sys.argv[1] == "--said":
        for failure in failures:
            print(f"{failure.get('name')}:", *said(failure), sep="\n  | ")
    elif sys.argv[1] == "--skips":
        print("\n".join(skips))
    else:
        print(len(passed_names), len(failures), len(skips))

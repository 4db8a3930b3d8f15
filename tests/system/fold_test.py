"""Proves that the second fold (tests/support/fold.py) agrees with the server, and would not if it
had to: every other harness calls it at its end.

A hall votes an appraisal and a motion; the tally folded by Python from the log's documented format
is that of `minping results`, and each acknowledgement is borne out. The controls: an error planted
in the fold, a lost commit, a changed choice, a mark after the close, a mark on another's slot and
an acknowledgement that was never given are each found.
"""

import os
import shutil
import sqlite3
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import fold
import hall


class SecondFold(hall.Scenario):
    def setUp(self):
        super().setUp()
        event = hall.event(subjects=1)
        event["contests"].append({"id": "plan", "kind": "motion", "rules": "plain-motion",
                                  "title": hall.label("计划", "Plan"), "live": "hidden"})
        event["check_in"] = "officer"
        self.write(self.event_path, event)
        server = self.start_server()
        self.acks = self.path("acks")
        self.minping("checkin", "open")
        self.minping("checkin", "1-60")
        voters = self.start_hall("--rate", hall.FAST_RATE, "--revote", 0.5, "--acks", self.acks,
                                 "--until-closed", 2)
        self.minping("open", "appraisal", "s01")
        self.wait_recorded(640)
        self.minping("close")
        self.minping("open", "plan")
        self.wait_cast(60)
        self.minping("close")
        self.figures(voters)
        self.assertEqual(0, server.stop())

    def altered(self, name, statement):
        """A copy of the data in which `statement` was done to the log."""
        copy = self.path(name)
        shutil.copytree(self.data, copy)
        with sqlite3.connect(fold.newest(copy)) as log:
            changed = log.execute(statement).rowcount
        log.close()
        self.assertGreater(changed, 0, statement)
        return copy

    def assert_found(self, pattern, data, *acks):
        with self.assertRaisesRegex(AssertionError, pattern):
            fold.check(data, *acks)

    def test_it_agrees_and_finds_what_is_wrong(self):
        counted, lines = fold.check(self.data, self.acks)
        self.assertGreater(lines, 600)
        self.assertGreater(len(counted.tally()), 11)
        print(f"{counted.mark_count} marks, {counted.batch_count} batches, {lines} "
              "acknowledgements: no difference")
        for mistake in fold.MISTAKES:
            other = fold.Fold(self.data, mistake)
            self.assertNotEqual([], other.differences(fold.results_of(self.data)), mistake)
            self.assertNotEqual(counted.tally(), other.tally(), mistake)

    def test_it_finds_what_was_altered_or_never_given(self):
        lost = self.altered("lost", "UPDATE meta SET format = format")
        fold.lose_last_marks(lost)
        self.assert_found("acknowledged and not in the log", lost, self.acks)
        self.run_program(hall.MINPING, "verify", "--data", lost, "--acks", self.acks, status=1)
        newest = "rowid = (SELECT max(rowid) FROM mark)"
        changed = self.altered("changed", "UPDATE mark SET choice = (choice + 1) % 3 WHERE " +
                               newest)
        self.assert_found("in the log as choice", changed, self.acks)
        late = self.altered("late", "INSERT INTO mark SELECT format, batch, round, slot, item, "
                            f"version, x'0102030405060708', choice, voter_group FROM mark WHERE "
                            f"{newest}")
        with sqlite3.connect(fold.newest(late)) as log:
            log.execute(f"UPDATE mark SET batch = (SELECT max(batch) + 1 FROM act) WHERE {newest}")
        log.close()
        self.assert_found("does not count", late)
        moved = self.altered("moved", f"UPDATE mark SET slot = randomblob(16) WHERE {newest}")
        self.assert_found("on another slot", moved, self.acks)
        with open(self.acks, encoding="ascii") as file:
            line = file.readline()
        self.write(self.path("forged"), hall.forge_ack(line))
        self.assert_found("not in the log", self.data, self.path("forged"))


if __name__ == "__main__":
    hall.main()

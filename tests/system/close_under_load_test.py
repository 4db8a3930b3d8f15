"""Proves that a close is one point in the log, under full load and when the server dies at it (P3).

usage: close_under_load_test.py [COUNT]

COUNT rounds (20 without it) are closed while a hall votes at full speed; in every second one the
server is killed within 5 ms of the close. None is accepted after the close and none that was
accepted is missing: `minping verify`, the second fold and the hall's own truth say so. A close that
was said to be done holds over the kill. A late voter is told `closed`, also by the server that is
started anew; every cast of the hall is answered. The moments come from a printed seed. The control:
a mark put behind the close of a copy of the log is found by verify and by the second fold.
"""

import contextlib
import os
import random
import shutil
import sqlite3
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import fold
import hall
import sitting
import sweep

COUNT = sweep.take_count(20)
JOBS = 2 if COUNT <= 50 else 6
CHECK_ROUNDS = 10
DATA_ROUNDS = 100
RATE = 5000
VOTING_S = 0.3
KILL_S = 0.005
SEATS = 60


class Worker:
    """Closes the rounds of one sitting after the other."""

    def __init__(self, test, number, count, seed):
        self.test, self.number, self.count = test, number, count
        self.draw = random.Random(seed)
        self.kills = self.kept = self.undone = self.late = 0
        self.acked = self.closed = 0

    def run(self):
        for begin in range(0, self.count, DATA_ROUNDS):
            held = sitting.Sitting(self.test, f"{self.number}-{begin}", seats=SEATS, spare=1)
            try:
                self.sit(held, min(DATA_ROUNDS, self.count - begin))
            finally:
                held.abandon()
            held.end()
        return self

    def sit(self, held, count):
        self.test.assertTrue(held.start_server(), held.server.errors())
        held.start_hall(RATE, seed=self.test.seed)
        for number in range(1, count + 1):
            self.close_one(held, is_killed=number % 2 == 0)
            if number % CHECK_ROUNDS == 0:
                held.kill()
                held.check()
                self.test.assertTrue(held.start_server(), held.server.errors())
        figures = held.finish()
        self.closed += figures["refused"].get("closed", 0)
        _, lines = held.check()
        self.acked += lines
        self.control(held)

    def close_one(self, held, is_killed):
        officer = held.officer()
        before = held.acked_size()
        number = held.open_next(officer)
        self.test.assertTrue(held.wait_acked(before), held.server.errors())
        time.sleep(self.draw.uniform(0, VOTING_S))
        officer.control(9, "close", round=number)
        if is_killed:
            time.sleep(KILL_S * self.draw.random() ** 4)  # half of them within 0.3 ms
            held.kill()
            self.after_kill(held, officer, number)
        else:
            officer.expect("done", id=9)
        officer.close()
        self.be_late(held, number)

    def after_kill(self, held, officer, number):
        """What was said to be done is done; what was not may be: then it is done now."""
        self.kills += 1
        is_done = False
        with contextlib.suppress(*sitting.GONE):
            officer.expect("done", id=9, timeout_s=hall.LONG_S)  # or the end of the connection
            is_done = True
        self.test.assertTrue(held.start_server(), held.server.errors())
        peer = held.officer()
        peer.control(1, "status")
        state = peer.expect("status", id=1)["round"]
        self.test.assertEqual(number, state["round"])
        if is_done:
            self.kept += 1
            self.test.assertEqual("closed", state["state"], "the close was said to be done")
        if state["state"] == "open":
            self.undone += 1
            peer.control(2, "close", round=number)
            peer.expect("done", id=2)
        peer.close()

    def be_late(self, held, number):
        peer = held.voter(SEATS + 1)
        peer.cast(1, number, f"{number:016x}", [(0, 1, 0)])
        peer.refused("closed")
        peer.close()
        self.late += 1

    def control(self, held):
        copy = held.path("control")
        shutil.copytree(held.data, copy)
        with sqlite3.connect(fold.newest(copy)) as log:
            last = log.execute("SELECT max(batch) FROM act").fetchone()[0]
            log.execute("INSERT INTO mark SELECT format, ?, round, slot, item, version + 1, "
                        "randomblob(8), choice, voter_group FROM mark ORDER BY rowid DESC LIMIT 1",
                        (last + 1,))
        log.close()
        self.test.assertRaises(AssertionError, fold.check, copy)
        self.test.run_program(hall.MINPING, "verify", "--data", copy, status=1)


class CloseUnderLoad(hall.Scenario):
    def test_a_close_is_one_point(self):
        begin = time.monotonic()
        workers = [Worker(self, number, count, self.seed + number)
                   for number, count in enumerate(sweep.shares(COUNT, JOBS))]
        sweep.side_by_side(Worker.run, workers)
        names = ("kills", "kept", "undone", "late", "closed", "acked")
        sums = {name: sum(getattr(worker, name) for worker in workers) for name in names}
        print(f"seed {self.seed}: {COUNT} closes under load in {time.monotonic() - begin:.0f} s")
        sweep.print_table(
            ["closes", "killed at it", "done before", "not in the log", "late voters told",
             "the hall's casts: closed", "acked", "accepted after", "missing"],
            [[COUNT, *(sums[name] for name in names), 0, 0]])
        self.assertEqual(COUNT, sums["late"])


if __name__ == "__main__":
    hall.main()

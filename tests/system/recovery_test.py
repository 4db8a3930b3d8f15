"""Proves that a start on a long log goes on where it ended; prints how soon the first ack comes.

A log is filled with at least 200,000 marks, or as many as the first argument says, of rounds that
are closed and of one that is open, as votes with changes of mind would fill it; the server is
started on it, a voter who waits for it connects and casts. The tally is that of a second fold over
the log's documented format, the open round is open, the programme is as it was. Printed: from the
start of the process to 'listening', and to the first ack. The control: with one mark fewer in the
log the second fold differs.

usage: recovery_test.py [MARKS]
"""

import os
import random
import sqlite3
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import hall

MARKS = 200_000
SEATS, SUBJECTS, ITEMS, GRADES = 1995, 17, 11, 3


class Recovery(hall.Scenario):
    def setUp(self):
        super().setUp()
        self.write(self.event_path, hall.event(SEATS, SUBJECTS))

    def prepare(self):
        """A stopped server's log with every round opened, all but the last closed, no mark."""
        server = self.start_server()
        for subject in range(1, SUBJECTS + 1):
            self.minping("open", "appraisal", f"s{subject:02}")
            if subject < SUBJECTS:
                self.minping("close")
        self.take("lower", "strip", "contest=appraisal", f"subject=s{SUBJECTS:02}")
        self.assertEqual(0, server.stop())

    def fill(self):
        """Marks into the batch that ends each round; the fold of them: {(round, item, choice)}."""
        draw = random.Random(self.seed)
        log = sqlite3.connect(self.path("data", "log-1.sqlite"), isolation_level=None)
        log.execute("PRAGMA locking_mode=EXCLUSIVE")
        ends = dict(log.execute("SELECT round, batch FROM act WHERE kind = 'close'"))
        last = log.execute("SELECT max(batch) FROM act").fetchone()[0] + 1
        tally = {}
        log.execute("BEGIN")
        for number in range(1, SUBJECTS + 1):
            slots = sorted(draw.randbytes(16) for _ in range(SEATS - 1))
            versions = -(-MARKS // (SUBJECTS * len(slots) * ITEMS))
            log.executemany("INSERT INTO mark VALUES(3,?,?,?,?,?,?,?,?)",
                            self.marks(draw, number, ends.get(number, last), slots, versions,
                                       tally))
        log.execute("COMMIT")
        count = log.execute("SELECT count(*) FROM mark").fetchone()[0]
        log.close()
        return count, tally

    @staticmethod
    def marks(draw, number, batch, slots, versions, tally):
        for index, slot in enumerate(slots):
            for item in range(ITEMS):
                for version in range(1, versions + 1):
                    choice = draw.randrange(GRADES)
                    yield (batch, number, slot, item, version, draw.randbytes(8), choice,
                           int(index >= SEATS // 2))
                key = (number, item, choice)
                tally[key] = tally.get(key, 0) + 1

    def test_a_start_on_a_long_log(self):
        print(f"seed {self.seed}")
        self.prepare()
        count, tally = self.fill()
        size = os.path.getsize(self.path("data", "log-1.sqlite"))
        began = time.monotonic()
        server = self.start_server(again=True)
        listening = time.monotonic()
        peer = self.voter(1)
        peer.cast(1, SUBJECTS, "00000000000000aa", [(0, 1, 2)])
        peer.expect("ack", id=1)
        acked = time.monotonic()
        print(f"{count} marks, {size >> 20} MiB: listening after {listening - began:.3f} s, "
              f"first ack after {acked - began:.3f} s")
        self.assertEqual("open", peer.welcome["round"]["state"])
        self.assertEqual(SUBJECTS, peer.welcome["round"]["round"])
        peer.close()
        operator = self.post("operator-1")
        shown = operator.expect("programme")["programme"]["lower"]
        self.assertEqual(("strip", f"s{SUBJECTS:02}"), (shown["scene"], shown["params"]["subject"]))
        operator.close()
        self.minping("close")
        tally[(SUBJECTS, 0, 2)] += 1
        self.compare(tally)
        self.assertEqual(0, server.stop())

    def compare(self, tally):
        items = {(item["round"], item["criterion"]): item["counts"]
                 for item in self.results()["items"]}
        criteria = [criterion["id"] for criterion in hall.event()["criteria"]]
        grades = ("good", "fair", "poor")
        found = {(number, item, choice): items[number, criteria[item]][grades[choice]]
                 for number in range(1, SUBJECTS + 1) for item in range(ITEMS)
                 for choice in range(GRADES)}
        self.assertEqual(tally, found)
        tally[(1, 0, 0)] -= 1
        self.assertNotEqual(tally, found, "the control: one mark fewer")


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1].isdigit():
        MARKS = int(sys.argv.pop(1))
    hall.main()

"""Proves that no power cut loses an acknowledged vote (P1), on ext4 and on xfs.

usage: power_cut_test.py [COUNT]

COUNT cuts (12 without it), half on each file system. A hall votes at full speed; at a random
moment (MINPING_TEST_SEED) the file system is cut, which drops all that was not synced, the server
is killed, and the file system is mounted again. Before a part of the cuts the server was killed
and started, so that it went on from what was in the cache alone. The hall's acknowledgements lie on
another file system; `minping verify` and the second fold each hold the log against them. Then the
server goes on with what is there, and so does the hall. Every DATA_CUTS cuts its own truth must
equal the results.

The control: the same with a write-ahead log that is never synced (tests/support/no_sync.c, which
is what synchronous=NORMAL does from one checkpoint to the next, without a switch in the product)
must lose votes in at least half of its cuts. Kills alone could not tell the two apart.
"""

import os
import random
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import disk
import hall
import sitting
import sweep

KINDS = ("ext4", "xfs")
DATA_CUTS = 50  # then the next data directory, so that a check stays quick
RATE = 5000  # the pads press faster than the server's limit lets them
VOTING_S = 0.4  # at most, from the first acknowledgement of a round to the cut
UNSYNCED = {"LD_PRELOAD": disk.NO_SYNC}
KILLED_BEFORE = 0.25  # of the cuts; what the killed server wrote is then in the cache alone
COUNT = sweep.take_count(12)


class PowerCut(hall.Scenario):
    def cut_once(self, held, loop, draw, environment=None):
        """Votes for a while, then the power fails. The data is mounted again, nothing runs."""
        self.vote(held, draw)
        if draw.random() < KILLED_BEFORE:
            held.kill()
            self.assertTrue(held.start_server(environment=environment), held.server.errors())
            self.vote(held, draw)
        loop.cut()
        held.kill()
        loop.again()

    def vote(self, held, draw):
        before = held.acked_size()
        held.open_next()
        self.assertTrue(held.wait_acked(before), held.server.errors())
        time.sleep(draw.uniform(0, VOTING_S))

    def sweep_one(self, kind, count, seed):
        """`count` cuts on one file system: (acknowledgements, marks, batches)."""
        draw, sums, number = random.Random(seed), [0, 0, 0], 0
        while count > 0:
            number += 1
            cuts, count = min(count, DATA_CUTS), count - min(count, DATA_CUTS)
            with sitting.on_disk(self, kind, STORE, f"{kind}-{number}") as (held, loop):
                figures = self.sit(held, loop, cuts, draw)
            sums = [total + figure for total, figure in zip(sums, figures)]
        return sums

    def sit(self, held, loop, cuts, draw):
        self.assertTrue(held.start_server(), held.server.errors())
        held.start_hall(RATE, seed=self.seed)
        for _ in range(cuts):
            self.cut_once(held, loop, draw)
            held.check()
            self.assertTrue(held.start_server(), held.server.errors())
        held.finish()
        counted, lines = held.check()
        return lines, counted.mark_count, counted.batch_count

    def lose_one(self, kind, count, seed):
        """`count` cuts without syncs: how many acknowledgements each lost."""
        draw, lost = random.Random(seed), []
        for number in range(count):
            with sitting.on_disk(self, kind, STORE, f"control-{kind}-{number}") as (held, loop):
                self.assertTrue(held.start_server(environment=UNSYNCED))
                held.start_hall(RATE)
                self.cut_once(held, loop, draw, UNSYNCED)
                lost.append(self.lost_by(held))
        return lost

    def lost_by(self, held):
        """Lost acknowledgements; where there are some `minping verify` must say so too."""
        lost = held.lost()
        self.assertEqual(1 if lost else 0, held.verify().returncode)
        return lost

    def test_no_power_cut_loses_an_acknowledged_vote(self):
        begin = time.monotonic()
        counts = sweep.shares(COUNT, len(KINDS))
        seeds = [self.seed + number for number in range(len(KINDS))]
        sums = sweep.side_by_side(self.sweep_one, KINDS, counts, seeds)
        took_s = time.monotonic() - begin
        controls = sweep.shares(max(6, min(COUNT, 200) // 4), len(KINDS))
        lost = sweep.side_by_side(self.lose_one, KINDS, controls, seeds)
        print(f"seed {self.seed}: {COUNT} power cuts in {took_s:.0f} s")
        sweep.print_table(
            ["file system", "cuts", "acked", "marks in the log", "commits", "lost",
             "control: cuts", "lost in", "acks lost"],
            [[kind, cuts, *figures, 0, len(gone), sum(map(bool, gone)), sum(gone)]
             for kind, cuts, figures, gone in zip(KINDS, counts, sums, lost)])
        for kind, gone in zip(KINDS, lost):
            self.assertGreaterEqual(2 * sum(map(bool, gone)), len(gone),
                                    f"the control: {kind} without syncs must lose, and lost {gone}")


if __name__ == "__main__":
    disk.need("mkfs.ext4", "mkfs.xfs", "losetup")
    STORE = disk.enter()
    hall.main()

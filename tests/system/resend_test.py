"""Proves that every voter counts once, with the last choice acknowledged (P2), whatever is resent.

usage: resend_test.py [COUNT]

A hall makes at least COUNT sends (20,000 without it): 30 % of its marks are sent again, 5 % are
sent after the one that follows them, half are changed later, connections are torn down, and the
server is killed and started COUNT / 20,000 times (3 at least, 50 at most) while they come. Each
round goes on until everybody has done all they meant to. Then the sums equal the cards: those of
the hall, which counts its acknowledgements by itself, those of the server, and those of the second
fold, straight from the log.

The same seed twice gives the same bytes: a second hall on a second server, killed at other
moments, writes the very same truth.

The controls: a fold that counts every cast and one that lets the oldest win differ from the server,
and there were resends that the server answered without counting.
"""

import os
import random
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import fold
import hall
import sitting
import sweep

COUNT = sweep.take_count(20000)
RESTARTS = max(3, min(50, COUNT // 20000))
SEATS = 250 if COUNT <= 100000 else 1000
RATE = 8000  # faster than the 5 casts a second that the server takes of a seat
RESEND, REORDER, REVOTE = 0.3, 0.05, 0.5
# Sends a round: a mark an item, 2 % of them blank, those changed, and of all these those resent.
PER_ROUND = SEATS * sitting.CRITERIA * 0.98 * (1 + REVOTE) * (1 + RESEND)


class Resend(hall.Scenario):
    def setUp(self):
        super().setUp()
        self.sittings = []

    def tearDown(self):
        for held in self.sittings:
            held.abandon()
        super().tearDown()

    def hold(self, name, rounds, kill_seed):
        """A sitting of `rounds` rounds with RESTARTS kills: (sitting, figures of the hall)."""
        draw = random.Random(kill_seed)
        held = sitting.Sitting(self, name, seats=SEATS)
        self.sittings.append(held)
        self.assertTrue(held.start_server(), "the server")
        held.start_hall(RATE, "--resend", RESEND, "--reorder", REORDER, "--revote", REVOTE,
                        "--drop", 0.001, seed=self.seed)
        kills = sweep.shares(RESTARTS, rounds)
        for number in range(1, rounds + 1):
            held.open_next()
            for _ in range(kills[number - 1]):
                self.assertTrue(held.wait_acked(held.acked_size()), held.server.errors())
                time.sleep(draw.uniform(0, 0.6))
                held.kill()
                self.assertTrue(held.start_server(), "the server")
            held.wait_idle(lambda line, now=number: line["round"] == now and
                           line["connected"] == SEATS and line["waiting"] == 0)
            held.close_round()
        return held, held.finish()

    def test_each_voter_counts_once(self):
        rounds = max(1, round(COUNT / PER_ROUND + 0.5))
        begin = time.monotonic()
        held, figures = self.hold("first", rounds, self.seed)
        took_s = time.monotonic() - begin
        for what in ("resent", "reordered", "dropped", "reconnects", "acked_again"):
            self.assertGreater(figures[what], 0, figures)
        sends = figures["cast"] + figures["resent"]
        self.assertGreaterEqual(sends, COUNT)
        counted, lines = held.check()
        self.check_controls(held, counted)

        again, _ = self.hold("second", rounds, self.seed + 1)
        with open(held.truth, "rb") as one, open(again.truth, "rb") as other:
            self.assertTrue(one.read() == other.read(), "the same seed gave another truth")
        print(f"seed {self.seed}, {took_s:.0f} s each of two")
        sweep.print_table(
            ["sends", "resent", "reordered", "dropped", "restarts", "acked", "acked again",
             "superseded", "cards", "marks in the log", "differences"],
            [[sends, figures["resent"], figures["reordered"], figures["dropped"], RESTARTS,
              figures["acked"], figures["acked_again"], figures["refused"].get("superseded", 0),
              sum(len(entry.cards) for entry in counted.rounds.values()), counted.mark_count, 0]])

    def check_controls(self, held, counted):
        results = fold.results_of(held.data)
        self.assertEqual([], counted.differences(results))
        for mistake in fold.MISTAKES:
            wrong = fold.Fold(held.data, mistake).differences(results)
            self.assertGreater(len(wrong), 0, f"the control: {fold.MISTAKES[mistake]}")


if __name__ == "__main__":
    hall.main()

"""Proves that no kill loses an acknowledged vote or leaves a log that cannot go on (P1).

usage: kill_sweep_test.py [COUNT]

COUNT kills (40 without it), each at the n-th call of one kind that writes to the disk: fdatasync,
pwrite64, ftruncate, fsync, counted in each thread. strace sends SIGKILL at its entry. Three kinds:

  voting    from a start on, under a hall that votes at full speed: n = 1, 2, … and random ones
            (MINPING_TEST_SEED); a call that does not come is replaced by a random moment
  stopping  in the main thread, from a SIGTERM on: the checkpoint that empties the write-ahead log
  first     the first start in a new directory

The server is started again on the same ports and the hall goes on. After every CHECK_KILLS kills
`minping verify` and the second fold hold the log against the hall's acknowledgements; at the end of
a sitting the hall's own truth must equal the results. The control: one lost commit is found by
both. That the disk keeps what was synced no kill can tell: see power_cut_test.py.
"""

import contextlib
import os
import random
import shutil
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import fold
import hall
import sitting
import sweep

COUNT = sweep.take_count(40)
JOBS = 4 if COUNT <= 200 else 8  # sittings at once: each mostly waits for its pads to come back
CHECK_KILLS = 10
DATA_KILLS = 100  # then the next data directory, so that a check stays quick
RATE = 5000  # the pads press faster than the server's limit lets them
CALLS = ("fdatasync", "pwrite64", "ftruncate", "fsync")
LATE_S = 0.3  # where the call does not come: at most this long after an acknowledgement
QUIET_S = 1  # the round has no more casts: then the next is opened
ROUNDS_MAX = 5  # then the n-th call does not come
SWEEP_MAX = 2000  # TRUST P1


def inject(call, number):
    return ["-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e",
            f"inject={call}:signal=KILL:when={number}"]


def traced(call, number):
    """Goes before a command: each of its threads gets SIGKILL at its n-th call."""
    return ["strace", "-D", "-f", *inject(call, number)]


def plan(count, draw):
    """Points (kind, call, n), `count` in all: two thirds of them one after the other."""
    first = [("first", call, number) for number in range(1, 301) for call in CALLS
             if number <= {"pwrite64": 300, "fdatasync": 20, "fsync": 25, "ftruncate": 5}[call]]
    stopping = [("stopping", call, number) for number in range(1, 101) for call in CALLS
                if number <= {"pwrite64": 100, "fdatasync": 4, "fsync": 2, "ftruncate": 2}[call]]
    points = first[:count // 6] + stopping[:count // 6]
    each = min(SWEEP_MAX, count // 5)
    points += [("voting", call, number) for call in CALLS[:2] for number in range(1, each + 1)]
    points += [("voting", call, 1) for call in CALLS[2:]]
    while len(points) < count:
        points.append(("voting", draw.choice(CALLS[:2]), draw.randint(1, 400)))
    draw.shuffle(points)  # starts that are killed one after the other make the pads wait longer
    return points[:count]


class Worker:
    """Kills the servers of one sitting after the other."""

    def __init__(self, test, number, points, seed):
        self.test, self.number, self.draw = test, number, random.Random(seed)
        self.points = [point for point in points if point[0] != "first"]
        self.first_points = [point for point in points if point[0] == "first"]
        self.reached = {}  # {(kind, call): [n that were reached]}
        self.kills = {}  # {(kind, call): kills}
        self.refused = {}  # {reason: marks}, as the hall counts them
        self.acked = self.marks = self.checks = 0

    def note(self, point, is_reached):
        self.kills[point[:2]] = self.kills.get(point[:2], 0) + 1
        if is_reached:
            self.reached.setdefault(point[:2], []).append(point[2])

    def run(self):
        for begin in range(0, len(self.points), DATA_KILLS):
            held = sitting.Sitting(self.test, f"{self.number}-{begin}",
                                   rounds=DATA_KILLS * (ROUNDS_MAX + 1))
            try:
                self.sit(held, self.points[begin:begin + DATA_KILLS])
            finally:
                held.abandon()
            held.end()
        for number, point in enumerate(self.first_points):
            held = sitting.Sitting(self.test, f"first-{self.number}-{number}")
            try:
                self.first_start(held, point)
            finally:
                held.abandon()
            held.end()
        return self

    def check(self, held):
        counted, lines = held.check()
        self.checks += 1
        return counted.mark_count, lines

    def sit(self, held, points):
        self.test.assertTrue(held.start_server(), held.server.errors())
        held.start_hall(RATE, seed=self.test.seed)
        held.open_next()
        held.wait_acked(0)
        held.kill()
        for number, point in enumerate(points, 1):
            kill = self.kill_voting if point[0] == "voting" else self.kill_stopping
            self.note(point, kill(held, *point[1:]))
            if number % CHECK_KILLS == 0:
                self.check(held)
        self.test.assertTrue(held.start_server(), held.server.errors())
        for reason, count in held.finish()["refused"].items():
            self.refused[reason] = self.refused.get(reason, 0) + count
        marks, lines = self.check(held)
        self.marks += marks
        self.acked += lines
        self.control(held)

    def kill_voting(self, held, call, number):
        """Whether the n-th call came."""
        before = held.acked_size()
        if not held.start_server(traced(call, number), sitting.TRACED):
            return True
        with contextlib.suppress(*sitting.GONE):
            for _ in range(ROUNDS_MAX):
                held.open_next()
                if held.wait_acked(before) and call in CALLS[2:]:
                    time.sleep(self.draw.uniform(0, LATE_S))
                    break
                if held.wait_ended(QUIET_S):
                    return True
            held.kill()
            return False
        return held.wait_ended(hall.LONG_S)  # it went while the desk was asking

    def kill_stopping(self, held, call, number):
        before = held.acked_size()
        self.test.assertTrue(held.start_server(environment=sitting.TRACED), held.server.errors())
        held.open_next()
        held.wait_acked(before)
        held.attach("minpingd", *inject(call, number))
        held.server.child.terminate()
        status = held.server.wait()
        self.test.assertIn(status, (0, -9), held.server.errors())
        return status == -9

    def first_start(self, held, point):
        call, number = point[1:]
        is_killed = not held.start_server(traced(call, number), sitting.TRACED)
        held.kill()
        self.note(point, is_killed)
        self.test.assertTrue(held.start_server(), f"after a kill at {call} {number} of the first "
                             f"start: {held.server.errors()}")
        self.test.assertEqual(0, held.server.stop(), held.server.errors())
        self.check(held)

    def control(self, held):
        """A copy of the log that lost its newest votes: both ways of counting must say so."""
        copy = held.path("control")
        shutil.copytree(held.data, copy)
        fold.lose_last_marks(copy)
        self.test.assertRaises(AssertionError, fold.check, copy, held.acks)
        self.test.run_program(hall.MINPING, "verify", "--data", copy, "--acks", held.acks,
                              status=1)


class KillSweep(hall.Scenario):
    def test_no_kill_loses_an_acknowledged_vote(self):
        begin = time.monotonic()
        points = plan(COUNT, self.random)
        workers = [Worker(self, number, points[number::JOBS], self.seed + number)
                   for number in range(JOBS)]
        sweep.side_by_side(Worker.run, workers)
        took_s = time.monotonic() - begin
        print(f"seed {self.seed}: {len(points)} kills in {took_s:.0f} s, "
              f"{sum(worker.acked for worker in workers)} marks acknowledged, "
              f"{sum(worker.marks for worker in workers)} in the logs, 0 lost in "
              f"{sum(worker.checks for worker in workers)} checks")
        print("refused for good:", ", ".join(
            f"{reason} {sum(worker.refused.get(reason, 0) for worker in workers)}"
            for reason in sorted({reason for worker in workers for reason in worker.refused})))
        rows = []
        for key in sorted({key for worker in workers for key in worker.kills}):
            reached = sorted(number for worker in workers for number in worker.reached.get(key, []))
            kills = sum(worker.kills.get(key, 0) for worker in workers)
            rows.append([f"{key[0]} {key[1]}", kills, len(reached), len(set(reached)),
                         max(reached, default="-")])
        sweep.print_table(["kills", "all", "at the call", "different n", "highest n"], rows)
        self.assertGreater(sum(row[2] for row in rows), len(points) // 2,
                           "most kills hit the call they were meant for")


if __name__ == "__main__":
    if shutil.which("strace") is None:
        hall.skip("there is no 'strace'")
    hall.main()

"""Proves that a write for which there is no room harms nothing, whichever write it is (P5).

usage: space_sweep_test.py [COUNT]

COUNT times (8 without it) the n-th write of the log's writer is answered ENOSPC by strace under a
hall that votes at full speed: n = 1, 2, … of the write-ahead log, so also in the middle of a
commit, and of the database, in a checkpoint between rounds. The server lives on, and so do the
votes, for there is room again at once. In every second one the power is cut then. `minping verify`
and the second fold find every acknowledgement and nothing twice. The control: EIO at the same write
ends the server.
"""

import os
import random
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import disk
import fold
import hall
import sitting
import sweep

COUNT = sweep.take_count(8)
JOBS = 2 if COUNT <= 20 else 6
DATA_POINTS = 30
RATE = 5000
VOTING_S = 0.2


def error_at(path, number, error, trace):
    return ["-s", "0", "-o", trace, "-P", path, "-e", "trace=pwrite64", "-e",
            f"inject=pwrite64:error={error}:when={number}"]


class Worker:
    """Refuses writes of one sitting after the other."""

    def __init__(self, test, number, points, seed):
        self.test, self.number, self.points = test, number, points
        self.draw = random.Random(seed)
        self.refused = {"log": 0, "database": 0}
        self.acked = self.cuts = 0

    def run(self):
        for begin in range(0, len(self.points), DATA_POINTS):
            name = f"ext4-{self.number}-{begin}"
            with sitting.on_disk(self.test, "ext4", STORE, name) as (held, loop):
                self.sit(held, loop, self.points[begin:begin + DATA_POINTS])
        return self

    def sit(self, held, loop, points):
        self.test.assertTrue(held.start_server(environment=sitting.TRACED), held.server.errors())
        held.start_hall(RATE, seed=self.test.seed)
        held.open_next()
        held.wait_acked(0)
        for where, number in points:
            getattr(self, f"refuse_{where}")(held, number)
            before = held.acked_size()
            held.open_next()
            self.test.assertTrue(held.wait_acked(before), held.server.errors())
            time.sleep(self.draw.uniform(0, VOTING_S))
            if number % 2 == 0:
                self.cuts += 1
                loop.cut()
                held.kill()
                loop.again()
                held.check()
                self.test.assertTrue(held.start_server(environment=sitting.TRACED))
        held.finish()
        _, lines = held.check()
        self.acked += lines
        self.test.assertEqual("log-1.sqlite", os.path.basename(fold.newest(held.data)),
                              "want of room is no failure of the disk")
        self.control(held)

    def refuse_log(self, held, number):
        """The n-th write of the write-ahead log: in a moment there is room again."""
        trace = held.path("trace")
        held.attach("votelog", *error_at(fold.newest(held.data) + "-wal", number, "ENOSPC", trace))
        self.open_while_full(held)
        held.wait_for(lambda: was_refused(trace), f"write {number}")
        held.detach()
        self.refused["log"] += 1

    def open_while_full(self, held):
        """Opens the next round; the disk may be full by then, and is good in a moment."""
        while True:
            try:
                return held.open_next()
            except sitting.Full:
                time.sleep(0.01)

    def refuse_database(self, held, number):
        """The n-th write of a checkpoint: it is made later."""
        trace = held.path("trace")
        sitting.fill_wal(held)
        held.attach("votelog", *error_at(fold.newest(held.data), number, "ENOSPC", trace))
        held.open_next()
        held.open_next()  # only after the checkpoint that the first one's close began
        held.detach()
        self.refused["database"] += was_refused(trace)

    def control(self, held):
        self.test.assertTrue(held.start_server(environment=sitting.TRACED), held.server.errors())
        held.attach("votelog", *error_at(fold.newest(held.data) + "-wal", 1, "EIO",
                                         held.path("trace")))
        self.test.assertRaises(sitting.GONE, held.open_next)
        self.test.assertEqual(1, held.wait_exit()[0], held.server.errors())


def was_refused(trace):
    with open(trace, encoding="utf-8") as file:
        return "(INJECTED)" in file.read()


class SpaceSweep(hall.Scenario):
    def test_no_write_without_room_harms_anything(self):
        begin = time.monotonic()
        of_database = max(2, COUNT // 10)
        points = [("database", number) for number in range(1, of_database + 1)]
        points += [("log", number) for number in range(1, COUNT - of_database + 1)]
        self.random.shuffle(points)
        workers = [Worker(self, number, points[number::JOBS], self.seed + number)
                   for number in range(JOBS)]
        sweep.side_by_side(Worker.run, workers)
        refused = {where: sum(worker.refused[where] for worker in workers)
                   for where in ("log", "database")}
        print(f"seed {self.seed}: {COUNT} writes without room in {time.monotonic() - begin:.0f} s")
        sweep.print_table(["writes", "of the write-ahead log", "in a checkpoint", "power cuts",
                           "acked", "lost"],
                          [[COUNT, refused["log"], refused["database"],
                            sum(worker.cuts for worker in workers),
                            sum(worker.acked for worker in workers), 0]])
        self.assertEqual(COUNT - of_database, refused["log"])
        self.assertGreater(refused["database"], 0)


if __name__ == "__main__":
    disk.need("strace", "mkfs.ext4", "losetup")
    STORE = disk.enter()
    hall.main()

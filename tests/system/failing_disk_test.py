"""Proves that a disk that fails once costs no acknowledged vote, then or later (P4).

usage: failing_disk_test.py [COUNT]

Under a hall that votes at full speed the disk answers EIO: at the n-th sync of the write-ahead log
(n = 1 … COUNT by hand, 6 places without it), at calls of a checkpoint, between rounds and at the
end, at syncs of a start, and on a disk that takes no write for a while and heals. (SQLite syncs the
directory once and does not look at the answer: minpingd has done it before.) The server ends with
status 1 and says why; nothing of the commit that failed was acknowledged; the next start goes
on in a new generation; then the power is cut, and `minping verify` and the second fold find every
acknowledgement. Printed: from the EIO to the exit.

The control: on the disk that heals the note of the failure is taken away, so that the next start
goes on in the old file. It acknowledges, and loses it in the power cut.
"""

import contextlib
import os
import random
import re
import statistics
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import disk
import fold
import hall
import sitting
import sweep

COUNT = sweep.take_count(6)
PLACES = (1, 2, 3, 10, 50, 200) if COUNT == 6 else range(1, COUNT + 1)
JOBS = 4 if COUNT <= 20 else 8
KINDS = ("ext4", "xfs")
DATA_POINTS = 15  # then the next data directory: each failure is one more generation
RATE = 5000
VOTING_S = 0.2  # from an acknowledgement to the power cut
VOTED_SIZE = 20_000  # bytes of acknowledgements: 500 marks
INJECTED = re.compile(r"(?:\d+ +)?(\d+\.\d+) \w+\(.*\(INJECTED\)")
WAL_HEADER = re.compile(r".* pwrite64\(\d+, .*, 32, 0\) += 32")


def plan():
    """Points (kind, n, …)."""
    points = [("voting", number) for number in PLACES]
    more = max(1, COUNT // 50)
    points += [("start", number) for number in range(1, 2 + min(more, 12))]
    points += [("renewal", number) for number in range(1, 2 + min(more, 12))]
    for call, most in (("fdatasync", 3), ("pwrite64", 40), ("ftruncate", 1)):
        points += [("end", number, call) for number in range(1, 1 + min(more, most))]
    for call, most in (("fdatasync", 1), ("pwrite64", 20)):
        points += [("rest", number, call) for number in range(1, 1 + min(more, most))]
    return points


def error_at(call, number, *more):
    return ["-ttt", "-s", "0", *more, "-e", "trace=pwrite64,fdatasync,fsync,ftruncate", "-e",
            f"inject={call}:error=EIO:when={number}"]


class Worker:
    """One sitting after the other, on ext4 and xfs by turns."""

    def __init__(self, test, number, points, seed):
        self.test, self.number, self.draw = test, number, random.Random(seed)
        self.points = points
        self.rows = {}  # {kind: [points, of them failed, marks of failed commits, exit times]}
        self.acked = self.generations = self.cuts = 0

    def run(self):
        for begin in range(0, len(self.points), DATA_POINTS):
            kind = KINDS[(self.number + begin // DATA_POINTS) % len(KINDS)]
            name = f"{kind}-{self.number}-{begin}"
            with sitting.on_disk(self.test, kind, STORE, name) as (held, loop):
                self.sit(held, loop, self.points[begin:begin + DATA_POINTS])
        return self

    def sit(self, held, loop, points):
        self.test.assertTrue(held.start_server(environment=sitting.TRACED), held.server.errors())
        held.start_hall(RATE, seed=self.test.seed)
        held.open_next()
        held.wait_acked(0)
        for point in points:
            held.trace = held.path("trace")
            getattr(self, f"fail_{point[0]}")(held, *point[1:])
            self.go_on(held, loop)
        held.finish()
        _, lines = held.check()
        self.acked += lines
        self.generations += generation(held)

    def go_on(self, held, loop):
        """The next generation votes; the power fails; nothing is lost; the server is on again."""
        before = held.acked_size()
        held.open_next()
        self.test.assertTrue(held.wait_acked(before), held.server.errors())
        time.sleep(self.draw.uniform(0, VOTING_S))
        loop.cut()
        held.kill()
        loop.again()
        held.check()
        self.cuts += 1
        self.test.assertTrue(held.start_server(environment=sitting.TRACED), held.server.errors())

    def note(self, kind, has_failed, mark_count=0, took_s=None):
        row = self.rows.setdefault(kind, [0, 0, 0, []])
        row[0] += 1
        row[1] += has_failed
        row[2] += mark_count
        row[3] += [] if took_s is None else [took_s]

    def failed(self, held):
        """Waits for the end after an EIO: (when it was, whether in a commit, how long it took)."""
        status, ended = held.wait_exit()
        self.test.assertEqual(1, status, held.server.errors())
        self.test.assertRegex(held.server.all_errors(), r"stops: cannot")
        began, is_commit = injected(held.trace)
        return is_commit, ended - began

    def renew(self, held):
        """The next start, which must go on in a new generation."""
        before = generation(held)
        self.test.assertTrue(held.start_server(environment=sitting.TRACED), held.server.errors())
        self.test.assertEqual(before + 1, generation(held))

    def unacknowledged(self, held, is_commit):
        """Marks of the commit that failed, none of which may have been acknowledged by then."""
        held.wait_hall_heard()
        size = held.acked_size()
        counted = fold.Fold(held.data)
        if not is_commit:
            return 0
        failed = {key for key, mark in counted.index.items() if mark[3] == counted.batch_count}
        early = [ack for ack in fold.read_acks(held.acks, size) if ack.key() in failed]
        self.test.assertEqual([], early[:3], "acknowledged, and its sync had failed")
        return len(failed)

    def fail_commit(self, held, number):
        """The n-th sync of the write-ahead log from now on fails: as failed()."""
        held.attach("votelog", *error_at("fdatasync,fsync", number, "-o", held.trace, "-P",
                                         fold.newest(held.data) + "-wal"))
        with contextlib.suppress(*sitting.GONE):  # the open itself may be the commit that fails
            held.open_next()
        return self.failed(held)

    def fail_voting(self, held, number):
        is_commit, took_s = self.fail_commit(held, number)
        self.note("voting", True, self.unacknowledged(held, is_commit), took_s)
        self.renew(held)

    def fail_start(self, held, number):
        """A start on a good log whose n-th sync fails: it ends, and the next one goes on."""
        held.kill()
        self.start_badly("start", held, number)
        self.test.assertTrue(held.start_server(environment=sitting.TRACED), held.server.errors())

    def fail_renewal(self, held, number):
        """The same of a start that makes a new generation."""
        self.fail_commit(held, 1)
        self.start_badly("renewal", held, number)
        self.test.assertTrue(held.start_server(environment=sitting.TRACED), held.server.errors())

    def start_badly(self, kind, held, number):
        tracer = ["strace", "-D", "-f", "-qq", "-o", held.trace]
        has_started = held.start_server([*tracer, *error_at("fdatasync,fsync", number)],
                                        sitting.TRACED)
        if has_started:  # the n-th came later, or comes never
            held.kill()
        else:
            self.test.assertEqual(1, held.server.wait(), held.server.errors())
            self.test.assertRegex(held.server.all_errors(), r"cannot \w+ '")
        self.note(kind, not has_started)

    def fail_end(self, held, number, call):
        """The checkpoint of a clean stop fails: what it was to copy is still in both files."""
        held.attach("minpingd", *error_at(call, number, "-o", held.trace))
        held.server.child.terminate()
        status = held.server.wait()
        has_failed = injected(held.trace) is not None
        self.note("end", has_failed)
        self.test.assertEqual(1 if has_failed else 0, status, held.server.errors())
        if has_failed:
            self.test.assertRegex(held.server.all_errors(), r"its disk failed: cannot checkpoint")
            self.renew(held)
        else:
            self.test.assertTrue(held.start_server(environment=sitting.TRACED))

    def fail_rest(self, held, number, call):
        """The checkpoint after a round fails at a call on the database itself."""
        sitting.fill_wal(held)
        held.attach("votelog", *error_at(call, number, "-o", held.trace, "-P",
                                         fold.newest(held.data)))
        with contextlib.suppress(*sitting.GONE):
            held.open_next()  # closes, and opens once the checkpoint is over
        if injected(held.trace) is None:
            self.note("rest", False)
            held.kill()
            self.test.assertTrue(held.start_server(environment=sitting.TRACED))
            return
        _, took_s = self.failed(held)
        self.note("rest", True, 0, took_s)
        self.renew(held)


def generation(held):
    return int(fold.LOG.fullmatch(os.path.basename(fold.newest(held.data)))[1])


def injected(trace):
    """Of the first EIO in a trace: (when, whether it failed a commit's frames); None: none yet."""
    is_header = False
    with open(trace, encoding="utf-8") as file:
        for line in file:
            match = INJECTED.match(line)
            if match:
                return float(match[1]), not is_header
            if " pwrite64(" in line:
                is_header = WAL_HEADER.match(line) is not None
    return None


class Healing:
    """A hall on a disk that fails for a while and heals."""

    def __init__(self, test, number, goes_on_in_old_file):
        self.test, self.name = test, f"healing-{number}-{'old' if goes_on_in_old_file else 'new'}"
        self.goes_on_in_old_file = goes_on_in_old_file

    def run(self):
        """(acknowledgements, how many of them were lost, s from the first EIO to the exit)."""
        with disk.Failing(STORE, self.name) as failing:
            held = sitting.Sitting(self.test, self.name, is_safe=True,
                                   data=os.path.join(failing.path, "data"))
            try:
                answer = self.sit(held, failing)
            finally:
                held.abandon()
        held.end()
        return answer

    def sit(self, held, failing):
        self.test.assertTrue(held.start_server(), held.server.errors())
        held.start_hall(RATE, seed=self.test.seed)
        held.open_next()
        held.wait_acked(self.test.random.randrange(VOTED_SIZE))
        began = time.time()
        failing.fail()
        status, ended = held.wait_exit()
        failing.heal()
        self.test.assertEqual(1, status, held.server.errors())
        held.wait_hall_heard()
        before, first = held.acked_size(), generation(held)
        if self.goes_on_in_old_file:
            self.forget(held, failing)
        self.test.assertTrue(held.start_server(), held.server.errors())
        self.test.assertEqual(first + (not self.goes_on_in_old_file), generation(held))
        held.open_next()
        self.test.assertTrue(held.wait_acked(before + VOTED_SIZE), held.server.errors())
        failing.cut()
        held.kill()
        failing.again()
        lines = sum(1 for _ in fold.read_acks(held.acks))
        lost = held.lost()
        self.test.assertEqual(1 if lost else 0, held.verify().returncode)
        if not self.goes_on_in_old_file:
            held.check()
        return lines, lost, ended - began

    @staticmethod
    def forget(held, failing):
        """Takes away what says that the disk failed under the log."""
        failing.forget_notes()
        for name in os.listdir(held.data):
            if name.endswith(".failed"):
                os.unlink(os.path.join(held.data, name))


class FailingDisk(hall.Scenario):
    def test_no_place_of_an_error_loses_an_acknowledged_vote(self):
        begin = time.monotonic()
        points = plan()
        self.random.shuffle(points)
        workers = [Worker(self, number, points[number::JOBS], self.seed + number)
                   for number in range(JOBS)]
        sweep.side_by_side(Worker.run, workers)
        print(f"seed {self.seed}: {len(points)} errors and {sum(each.cuts for each in workers)} "
              f"power cuts in {time.monotonic() - begin:.0f} s, "
              f"{sum(each.acked for each in workers)} acknowledged, 0 lost, "
              f"{sum(each.generations for each in workers)} generations")
        rows = [[kind, *(sum(each.rows[kind][column] for each in workers if kind in each.rows)
                         for column in range(3)),
                 *spread([took for each in workers if kind in each.rows
                          for took in each.rows[kind][3]])]
                for kind in ("voting", "rest", "end", "start", "renewal")]
        sweep.print_table(["EIO in", "places", "failed", "marks in failed commits, 0 acked",
                           "exit after, median ms", "highest ms"], rows)
        for row in rows[:2]:
            self.assertEqual(row[1], row[2], f"{row[0]}: each error must end the server")
        self.assertGreater(rows[0][3], 0, "no commit that failed held a mark: nothing was proved")

    def test_a_disk_that_heals(self):
        count = max(2, COUNT // 20)
        new = [Healing(self, number, False).run() for number in range(count)]
        old = [Healing(self, number, True).run() for number in range(count)]
        rows = [[name, len(found), sum(lines for lines, _, _ in found),
                 sum(lost > 0 for _, lost, _ in found), sum(lost for _, lost, _ in found),
                 *spread([took for _, _, took in found])]
                for name, found in (("new generation", new), ("control: old file", old))]
        sweep.print_table(["after a disk that healed", "runs", "acked", "lost in", "acks lost",
                           "exit after, median ms", "highest ms"], rows)
        self.assertEqual(0, rows[0][3])
        self.assertGreaterEqual(2 * rows[1][3], rows[1][1], "the control: the old file must lose")


def spread(times):
    if not times:
        return "-", "-"
    return f"{statistics.median(times) * 1000:.0f}", f"{max(times) * 1000:.0f}"


if __name__ == "__main__":
    disk.need("strace", "mkfs.ext4", "mkfs.xfs", "losetup", "nbdkit", "nbdfuse")
    STORE = disk.enter()
    hall.main()

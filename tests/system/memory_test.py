"""Proves that a server whose memory runs out never acknowledges what is not there.

usage: memory_test.py [COUNT]

COUNT times (24 without it) a hall votes on a server in which, from a moment on, each allocation
fails with a chance (libfiu; from one in a hundred thousand to one in ten); every fourth time from
its very start on. It may refuse and go on, or end and say why; the table also counts ends by a
signal, which come from libraries that cannot do without (GMP aborts, libwebsockets at its end).
After a while memory is there again: a server that still runs goes on, one that ended is started
anew. Votes go on then, and in the end the hall's own count equals the results, and `minping verify`
and the second fold each hold the log against what was acknowledged.

The control: with every allocation failing nothing is acknowledged, so the failures were there.
"""

import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import hall
import sitting
import sweep
import ws

COUNT = sweep.take_count(24)
CHANCES = ("0.00001", "0.0001", "0.001", "0.01", "0.1")
POINTS = "libc/mm/*"
PRELOAD = "/usr/lib/fiu/fiu_run_preload.so /usr/lib/fiu/fiu_posix_preload.so"
RATE = 2000
FAILING_S = 1.0
FROM_START_EVERY = 4


class Memory(hall.Scenario):
    def setUp(self):
        super().setUp()
        self.held = sitting.Sitting(self, "sitting", rounds=2 * COUNT + 10)
        self.control = self.path("fiu")

    def tearDown(self):
        self.held.abandon()
        super().tearDown()

    def start(self, enabled=""):
        """Starts the server, with memory that fails from its start on where that is `enabled`."""
        return self.held.start_server(environment={
            "LD_PRELOAD": PRELOAD, "FIU_CTRL_FIFO": self.control, "FIU_ENABLE": enabled})

    def command(self, text):
        """Tells the running server's libfiu. False: it ended before it heard."""
        path = f"{self.control}-{self.held.server.child.pid}"
        try:
            with open(path + ".in", "w", encoding="ascii") as file:
                file.write(text + "\n")
            with open(path + ".out", encoding="ascii") as file:
                return file.read().strip() == "0"
        except OSError:
            return False

    def episode(self, number, chance):
        """Memory fails for a while; what became of the server: "went on", or how it ended."""
        held = self.held
        failing = f"enable_random name={POINTS},probability={chance}"
        if number % FROM_START_EVERY == 0:
            held.kill()
            is_up = self.start(failing)
        else:
            held.open_next()
            self.assertTrue(held.wait_acked(held.acked_size()), held.server.errors())
            is_up = self.command(failing)
            self.assertTrue(is_up, held.server.errors())
        if is_up and self.ends_within(FAILING_S) is None:
            self.command(f"disable name={POINTS}")
        end = "went on"
        if not (is_up and self.goes_on()):
            end = self.end_name()
            self.assertTrue(self.start(), held.server.errors())
            held.open_next()
        self.assertTrue(held.wait_acked(held.acked_size()), held.server.errors())
        return end

    def goes_on(self):
        """Whether the desk can open the next round; otherwise the server has ended, or does now."""
        try:
            self.held.open_next()
            return True
        except (ws.Closed, ws.Refused, OSError):
            self.assertIsNotNone(self.ends_within(hall.LONG_S), self.held.server.errors())
            return False

    def ends_within(self, wait_s):
        """Its exit status, or None: it still runs after so many seconds."""
        try:
            return self.held.server.child.wait(wait_s)
        except subprocess.TimeoutExpired:
            return None

    def end_name(self):
        """How the server ended. With status 1 it must have said why in a sentence."""
        status, said = self.held.server.wait(), self.held.server.errors()
        if status < 0:
            return f"ended by {signal.Signals(-status).name}"
        self.assertEqual(1, status, said)
        self.assertRegex(said, r"memory|cannot", said)
        return "ended, said why"

    def test_nothing_is_acknowledged_that_is_not_there(self):
        held = self.held
        self.assertTrue(self.start(), "the server")
        held.start_hall(RATE)
        held.open_next()
        self.check_control()
        ends = {chance: {} for chance in CHANCES}
        for number in range(1, COUNT + 1):
            chance = CHANCES[number % len(CHANCES)]
            end = self.episode(number, chance)
            ends[chance][end] = ends[chance].get(end, 0) + 1
        figures = held.finish()
        counted, lines = held.check()
        print(f"seed {self.seed}")
        kinds = sorted({end for row in ends.values() for end in row})
        sweep.print_table(["chance to fail", "times", *kinds],
                          [[chance, sum(row.values()), *(row.get(kind, 0) for kind in kinds)]
                           for chance, row in ends.items()])
        sweep.print_table(["", "acked", "acked again", "lines checked", "marks", "lost", "double"],
                          [["hall", figures["acked"], figures["acked_again"], lines,
                            counted.mark_count, 0, 0]])

    def check_control(self):
        """With every allocation failing nothing is acknowledged; the server is started anew."""
        held = self.held
        self.assertTrue(held.wait_acked(held.acked_size()), held.server.errors())
        self.assertTrue(self.command(f"enable name={POINTS}"), held.server.errors())
        self.ends_within(FAILING_S)
        size = held.acked_size()
        self.ends_within(FAILING_S)
        self.assertEqual(size, held.acked_size(), "the control: acknowledged without memory")
        held.kill()
        self.assertTrue(self.start(), "the server")


if __name__ == "__main__":
    if not all(os.path.exists(path) for path in PRELOAD.split()):
        hall.skip("there is no libfiu")
    hall.main()

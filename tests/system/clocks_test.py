"""Proves that a clock that is set ahead or back loses no vote and moves no timer.

usage: clocks_test.py [COUNT]

The server runs under libfaketime, which sets its Unix time (files of the log, times that are told)
and leaves the monotonic clock alone, as a step of NTP or a person does. COUNT times (16 without
it) the clock is set by minutes to years, ahead or back, while a hall votes; every fourth time the
server is killed right after it and started with the clock as it is then. Acknowledgements go on
after each; epochs never repeat or fall; `minping verify` and the second fold each hold the log
against what was acknowledged.

A round that was opened with seconds=N takes votes with the clock set past its end, and closes by
itself with the clock set back by years. After a restart what is left of it is reckoned from the
clock: past its end it closes at once, set back it stays open.

The controls: the times that the server tells are those of the clock that was set, so the jumps
were there; and with the monotonic clock set ahead too, which nobody can do to a real one, the same
round is cut short.
"""

import contextlib
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import hall
import sitting
import sweep
import ws

FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"
COUNT = sweep.take_count(16)
RATE = 2000
HOUR_S = 3600
YEAR_S = 365 * 24 * HOUR_S
KILL_EVERY = 4
ROUND_EVERY = 3


class Clock:
    """The clock of a server: `environment` for it, and set()."""

    def __init__(self, path, is_monotonic_fake=False):
        self.path, self.ahead_s = path, 0
        self.environment = {"LD_PRELOAD": FAKETIME, "FAKETIME_TIMESTAMP_FILE": path,
                            "FAKETIME_NO_CACHE": "1",
                            "FAKETIME_DONT_FAKE_MONOTONIC": "0" if is_monotonic_fake else "1"}
        self.set(0)

    def set(self, ahead_s):
        """So many seconds ahead of the machine's clock, or back; from the next look on."""
        self.ahead_s = ahead_s
        with open(self.path + ".new", "w", encoding="ascii") as file:
            file.write(f"{ahead_s:+d}\n")
        os.rename(self.path + ".new", self.path)


class Clocks(hall.Scenario):
    def setUp(self):
        super().setUp()
        self.sittings, self.pids = [], []

    def tearDown(self):
        for held in self.sittings:
            held.abandon()
        super().tearDown()
        for pid in self.pids:  # what libfaketime leaves of a process that was killed
            for path in (f"/dev/shm/faketime_shm_{pid}", f"/dev/shm/sem.faketime_sem_{pid}"):
                with contextlib.suppress(FileNotFoundError):
                    os.remove(path)

    def begin(self, name="sitting", **how):
        clock = Clock(self.path(f"{name}.clock"), **how)
        held = sitting.Sitting(self, name)
        self.sittings.append(held)
        self.start_under(held, clock)
        return held, clock

    def start_under(self, held, clock):
        self.assertTrue(held.start_server(environment=clock.environment), "the server")
        self.pids.append(held.server.child.pid)

    def view(self, held):
        """The public document; right after a start there is none yet."""
        def fetch():
            status, _, body = self.get(held.url, "/api/v1/view")
            return json.loads(body) if status == 200 else None
        return self.wait_until(fetch, "the public view")

    def jump(self):
        """A distance in seconds, from a minute to ten years, ahead or back."""
        size_s = 60 * (10 * YEAR_S / 60) ** self.random.random()
        return int(size_s) * self.random.choice((-1, 1))

    def test_votes_go_on(self):
        held, clock = self.begin()
        held.start_hall(RATE)
        held.open_next()
        epoch, log, shown, kills = 0, None, [], 0
        for number in range(1, COUNT + 1):
            self.assertTrue(held.wait_acked(held.acked_size()), held.server.errors())
            clock.set(self.jump())
            if number % KILL_EVERY == 0:
                kills += 1
                held.kill()
                self.start_under(held, clock)
            view = self.view(held)
            self.assertGreaterEqual(view["epoch"], epoch)
            self.assertIn(log, (None, view["log"]))
            epoch, log = view["epoch"], view["log"]
            if number % ROUND_EVERY == 0:
                held.open_next()
                self.wait_until(lambda: self.view(held)["epoch"] > epoch, "the next epoch")
                shown.append(self.view(held)["at_ms"] / 1000 - clock.ahead_s)
            self.assertTrue(held.wait_acked(held.acked_size()), held.server.errors())
        figures = held.finish()
        counted, lines = held.check()
        now_s = time.time()
        off_s = max(abs(one - now_s) for one in shown)
        self.assertLess(off_s, HOUR_S / 2, "the control: the server does not see the clock jump")
        print(f"seed {self.seed}")
        sweep.print_table(
            ["clock set", "kills", "acked", "lines checked", "marks in the log", "lost", "double"],
            [[COUNT, kills, figures["acked"], lines, counted.mark_count, 0, 0]])

    # Timers -----------------------------------------------------------------------------------

    def officer_opens(self, held, seconds):
        peer = held.officer()
        peer.control(1, "open", contest="appraisal-1", subject="s001",
                     params={"seconds": str(seconds)})
        peer.expect("done", id=1)
        return peer

    def state(self, held):
        peer = held.officer()
        try:
            peer.control(1, "status")
            return peer.expect("status", id=1)["round"]["state"]
        finally:
            peer.close()

    def cast(self, held, version):
        """One mark of seat 1: the answer, ack or the reason why not."""
        self.data = held.data
        peer = ws.Peer(held.url, "voter", self.credential(1))
        try:
            peer.cast(version, 1, f"{version:016x}", [(0, version, 0)])
            answer = peer.expect("ack", "refused")
            return answer.get("reason", answer["t"])
        finally:
            peer.close()

    def test_a_timer_is_neither_cut_nor_prolonged(self):
        held, clock = self.begin()
        officer = self.officer_opens(held, 900)
        for version, ahead_s in enumerate((2 * HOUR_S, -2 * HOUR_S, YEAR_S, -YEAR_S, 0), 1):
            clock.set(ahead_s)
            self.assertEqual("ack", self.cast(held, version), f"clock {ahead_s:+d} s")
        officer.control(2, "close")
        officer.expect("done", id=2)
        officer.control(3, "open", contest="appraisal-1", subject="s002",
                        params={"seconds": "2"})
        officer.expect("done", id=3)
        clock.set(-10 * YEAR_S)
        self.wait_until(lambda: self.state(held) == "closed", "the timer with the clock set back")
        officer.close()
        self.assertEqual(0, held.server.stop())
        held.check()

    def test_a_restart_reckons_what_is_left(self):
        held, clock = self.begin()
        self.officer_opens(held, 900).close()
        for ahead_s in (-2 * HOUR_S, 600):
            held.kill()
            clock.set(ahead_s)
            self.start_under(held, clock)
            self.assertEqual("open", self.state(held))
        self.assertEqual("ack", self.cast(held, 1))
        held.kill()
        clock.set(2 * HOUR_S)
        self.start_under(held, clock)
        self.wait_until(lambda: self.state(held) == "closed", "the timer past its end")
        self.assertEqual("closed", self.cast(held, 2))
        self.assertEqual(0, held.server.stop())
        held.check()

    def test_the_control_a_steady_clock_that_jumps_cuts_the_timer(self):
        held, clock = self.begin("control", is_monotonic_fake=True)
        before = self.view(held)["epoch"]
        self.officer_opens(held, 900).close()
        self.wait_until(lambda: self.view(held)["epoch"] > before, "a tick, which starts the timer")
        clock.set(2 * HOUR_S)
        self.wait_until(lambda: self.state(held) == "closed", "the control: the timer")

    def test_pads_that_connect_as_the_clock_is_set_back_are_checked_in(self):
        event = hall.event(seats=10, subjects=1)
        event["check_in"] = "pad"
        self.write(self.event_path, event)
        clock = Clock(self.path("clock"))
        server = self.start_server(env={**os.environ, **clock.environment})
        self.pids.append(server.child.pid)
        self.minping("checkin", "open")
        peers = []
        for number, seat in enumerate((1, 2, 3), 1):
            peers.append(self.voter(seat))
            clock.set(-number * YEAR_S)
            self.wait_until(lambda count=number: self.status()["present"] == count,
                            f"seat {seat} present")
        for peer in peers:
            peer.close()
        self.assertEqual(0, server.stop())


if __name__ == "__main__":
    if not os.path.exists(FAKETIME):
        hall.skip("there is no libfaketime")
    hall.main()

"""Proves that a bad network loses no vote and counts none twice, and that halls come back.

usage: network_test.py [COUNT]

Server and hall are in a network namespace each, a cable between them. While the hall votes, COUNT
times (8 without it) the cable is spoilt for a while, in turn: one packet in five is lost in each
direction; it is cut; it is silent, nothing comes through and nobody knows; it is silent and the
server is killed and started meanwhile, so that the hall's connections are half-open. Afterwards
votes go on without anybody's help; the hall's own count equals the results, and `minping verify`
and the second fold each hold the log against what was acknowledged.

Half-open peers: a hall is cut off and killed, so that the server hears nothing of its end; its
connections are gone by themselves (25 s are promised; the time is printed), and those of a
hall beside it, which is not cut off, stay as they are.

The controls: with the cable cut, or silent, nothing at all is acknowledged; and right after the
hall was cut off its connections are still there, so there was something to be reaped.
"""

import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import cable
import disk
import hall
import sitting
import sweep
import ws

COUNT = sweep.take_count(8)
SEATS = 60
RATE = 2000
TROUBLES = ("one packet in five lost", "cut", "silent", "silent, server restarted")


class Network(hall.Scenario):
    def setUp(self):
        super().setUp()
        self.sittings = []

    def tearDown(self):
        CABLE.mend()
        for held in self.sittings:
            held.abandon()
        super().tearDown()

    def begin(self, name):
        held = sitting.Sitting(self, name, seats=SEATS, listen=cable.NEAR)
        self.sittings.append(held)
        self.assertTrue(held.start_server(), "the server")
        return held

    def connected(self, held, far=cable.FAR):
        return cable.connections(ws.address_of(held.url)[1], far)

    def spoil(self, held, trouble):
        """Spoils the cable for a while; while nothing can come through, nothing may be acked."""
        if trouble == TROUBLES[0]:
            CABLE.lose(20)
            self.assertTrue(held.wait_acked(held.acked_size()), held.server.errors())
            time.sleep(self.random.uniform(0.5, 2))
            return
        if trouble == "cut":
            CABLE.cut()
        else:
            CABLE.lose(100)
        size = self.settled_size(held)
        if trouble == TROUBLES[3]:
            held.kill()
            self.assertTrue(held.start_server(), "the server")
        time.sleep(self.random.uniform(0.5, 4))
        self.assertEqual(size, held.acked_size(), f"the control: acknowledged while {trouble}")

    def settled_size(self, held):
        """Bytes of the acknowledgements once those under way have been written down."""
        size = -1
        while size != held.acked_size():
            size = held.acked_size()
            time.sleep(0.3)
        return size

    def test_votes_go_on_when_the_network_does(self):
        held = self.begin("sitting")
        held.start_hall(RATE, before=CABLE.before)
        rows = {trouble: [0, 0.0, 0.0] for trouble in TROUBLES}
        for number in range(COUNT):
            trouble = TROUBLES[number % len(TROUBLES)]
            held.open_next()
            self.assertTrue(held.wait_acked(held.acked_size()), held.server.errors())
            begin = time.monotonic()
            self.spoil(held, trouble)
            CABLE.mend()
            mended = time.monotonic()
            self.assertTrue(held.wait_acked(held.acked_size()), held.server.errors())
            row = rows[trouble]
            row[0] += 1
            row[1] += mended - begin
            row[2] = max(row[2], time.monotonic() - mended)
        held.close_round()
        held.wait_idle()
        figures = held.finish()
        counted, lines = held.check()
        print(f"seed {self.seed}")
        sweep.print_table(["cable", "times", "s spoilt", "s to the next ack, at most"],
                          [[trouble, times, f"{spoilt:.1f}", f"{back:.1f}"]
                           for trouble, (times, spoilt, back) in rows.items()])
        sweep.print_table(
            ["", "reconnects", "acked", "acked again", "lines checked", "marks", "lost", "double"],
            [["hall", figures["reconnects"], figures["acked"], figures["acked_again"], lines,
              counted.mark_count, 0, 0]])
        if COUNT >= len(TROUBLES):
            self.assertGreater(figures["reconnects"], 0, figures)

    def test_half_open_peers_are_reaped(self):
        held = self.begin("sitting")
        held.seats = SEATS // 2
        held.start_hall(RATE, before=CABLE.before)
        beside = hall.Process(held, "beside", [
            hall.HALL, "--url", held.url, "--roll", os.path.join(held.data, "roll.csv"),
            "--seats", str(SEATS // 2), "--first", str(SEATS // 2 + 1), "--until-closed", "1"])
        self.wait_until(lambda: self.connected(held) == SEATS // 2, "the hall")
        self.wait_until(lambda: self.connected(held, cable.NEAR) == SEATS // 2, "that beside it")
        CABLE.lose(100)
        held.voters.kill()
        begin = time.monotonic()
        self.assertEqual(SEATS // 2, self.connected(held), "the control: they are half-open")
        self.wait_until(lambda: self.connected(held) == 0, "the half-open to be gone", 120)
        took_s = time.monotonic() - begin
        self.assertEqual(SEATS // 2, self.connected(held, cable.NEAR))
        CABLE.mend()
        held.forget(held.voters)
        held.start_hall(RATE, before=CABLE.before)
        held.open_next()
        self.assertTrue(held.wait_acked(0), held.server.errors())
        held.close_round()
        self.assertEqual(0, beside.wait(), beside.errors())
        figures = json.loads([line for line in beside.lines if line][-1])
        self.assertEqual((0, 0), (figures["reconnects"], figures["unresolved"]), figures)
        self.assertEqual(0, held.voters.stop(), held.voters.errors())
        self.assertEqual(0, held.server.stop(), held.server.errors())
        held.check()
        print(f"{SEATS // 2} half-open peers were gone after {took_s:.1f} s; 25 s are promised")


if __name__ == "__main__":
    disk.need("ip", "nft", "nsenter", "unshare", "ss")
    CABLE = cable.Cable()
    try:
        hall.main()
    finally:
        CABLE.close()

"""Proves that outsiders who flood the server take no place of the roll, even when all come back.

Two halls share a server that has few descriptors to spare. While they vote, hundreds of strangers
who say nothing are opened again and again, and as many viewers as get in stay; the server is killed
and started again, and everybody comes back at once. Nobody on the roll is refused, every vote is
counted once, and no descriptor is left over. How long all took to be back is printed.

The control: the same flood as viewers is refused once it would take the roll's places.

By hand: halls_test.py SEATS, of each hall.
"""

import os
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import hall
import ws

SEATS = 500  # of each of two halls
FLOOD = "127.0.0.66"
STRANGERS = 500
RATE = 300  # marks a second of each hall


class Flood(threading.Thread):
    """Keeps STRANGERS open sockets that say nothing: who is shown out comes again."""

    def __init__(self, url):
        super().__init__(daemon=True)
        self.address = ws.address_of(url)[:2]
        self.is_stopping = threading.Event()
        self.opened_count = 0
        self.start()

    def run(self):
        held = []
        while not self.is_stopping.is_set():
            try:
                held.append(socket.create_connection(self.address, timeout=5,
                                                     source_address=(FLOOD, 0)))
                self.opened_count += 1
            except OSError:  # the server is being started again
                time.sleep(0.01)
            if len(held) > STRANGERS:
                held.pop(0).close()
                time.sleep(0.001)
        for stranger in held:
            stranger.close()

    def stop(self):
        self.is_stopping.set()
        self.join()


class Halls(hall.Scenario):
    def setUp(self):
        super().setUp()
        self.write(self.event_path, hall.event(seats=2 * SEATS))
        # Seats, what the server keeps for itself (256) and the desk (64), and little more.
        descriptors = 2 * SEATS + 1048
        self.before = ["prlimit", f"--nofile={descriptors}:{descriptors}"]
        self.server = self.start_server(before=self.before)
        self.viewers = []

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.server.child.pid}/fd"))

    def viewers_fill(self):
        """As many viewers as get in; how many were refused of ten more."""
        refused = 0
        while refused < 10 and len(self.viewers) < 2 * SEATS + 1048:
            viewer = ws.Peer(self.url, local=FLOOD)
            viewer.send({"t": "hello", "protocol": 1, "role": "viewer"})
            try:
                viewer.expect("welcome")
                self.viewers.append(viewer)
            except ws.Closed as closed:
                self.assertEqual(1013, closed.code)
                viewer.close()
                refused += 1
        return refused

    def start_halls(self):
        return [self.start_hall("--until-closed", 1, "--rate", RATE, "--first", first,
                                seats=SEATS, truth=f"truth-{first}.json")
                for first in (1, SEATS + 1)]

    def truth(self):
        """What both halls had acknowledged, added up."""
        whole = self.read_json(self.path("truth-1.json"))
        other = self.read_json(self.path(f"truth-{SEATS + 1}.json"))
        for item, more in zip(whole["items"], other["items"]):
            item["valid"] += more["valid"]
            for grade, count in more["counts"].items():
                item["counts"][grade] += count
        return whole

    def all_connected(self):
        return self.status()["voters"] == 2 * SEATS

    def test_nobody_on_the_roll_loses_a_place(self):
        idle = self.descriptors()
        halls = self.start_halls()
        self.wait_until(self.all_connected, "both halls")
        flood = Flood(self.url)
        self.addCleanup(flood.stop)
        self.assertEqual(10, self.viewers_fill(), "the control: viewers have a limit")
        self.minping("open", "appraisal", "s01")
        self.wait_recorded(2 * RATE)
        self.server.kill()
        for viewer in self.viewers:
            viewer.close()
        self.viewers.clear()
        self.server = self.start_server(again=True, before=self.before)
        started = time.monotonic()
        self.assertEqual(10, self.viewers_fill())
        self.wait_until(self.all_connected, "everybody to be back")
        print(f"\n{2 * SEATS} keypads back {time.monotonic() - started:.1f} s after the start, "
              f"among {flood.opened_count} strangers and {len(self.viewers)} viewers")
        self.wait_recorded(2 * SEATS * 11 * 95 // 100, timeout_s=300)
        self.minping("close")
        for voters in halls:
            figures = self.figures(voters)
            late = figures["refused"].pop("closed", 0)  # a person may be too late
            self.assertEqual({}, figures["refused"])
            self.assertLess(late, SEATS)
            self.assertEqual(SEATS, figures["reconnects"], "each came back once")
        self.assert_same(self.truth(), self.results())
        flood.stop()
        for viewer in self.viewers:
            viewer.close()
        self.wait_until(lambda: self.descriptors() <= idle, "no descriptor left over")
        self.assertEqual(0, self.server.stop())
        self.run_program(hall.MINPING, "verify", "--data", self.data)


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1].isdigit():
        SEATS = int(sys.argv.pop(1))
    hall.main()

"""Proves that a full disk refuses votes, nothing else, and takes them when there is room (P5).

usage: full_disk_test.py [COUNT]

COUNT times (6 without it), half on a memory file system and half on ext4, the disk fills up while a
hall votes at full speed. The desk hears of it; a voter is told `storage full`, at once and every
time; pause, take, clear and close are done; the view tells of the pause, /readyz of the disk. In
every second one the server is killed meanwhile and starts on the full disk. Then the file that
fills the disk goes, and the very same cast is acknowledged. `minping verify`, the second fold and
the hall's truth find every acknowledgement, and none of a cast that was refused. Printed: from the
cast to its refusal, and from the room to the ack.

The control: without the reserve (DIR/ballast) the pause is refused as well.
"""

import json
import os
import statistics
import sys
import time
import urllib.error
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import disk
import hall
import sitting
import sweep
import ws

COUNT = sweep.take_count(6)
SIZE_MIB = 22  # no room for the log's first blocks ahead, so that it is felt at once
DATA_TIMES = 20
RATE = 5000
SEATS = 60


class Full:
    """One sitting on a small disk."""

    def __init__(self, test, name, path):
        self.test, self.path = test, path
        self.fill_path = os.path.join(path, "fill")
        self.held = sitting.Sitting(test, name, data=os.path.join(path, "data"), seats=SEATS,
                                    spare=1)
        self.refused_s, self.room_s = [], []
        self.version = 0
        self.others = []  # what the spare seat voted: it is not in the hall's truth

    def fill(self):
        with open(self.fill_path, "ab", buffering=0) as file:
            size = 1 << 20
            while size > 0:
                try:
                    file.write(bytes(size))
                except OSError:
                    size //= 2

    def post(self, name):
        with open(os.path.join(self.held.data, "tokens", f"{name}.token"),
                  encoding="utf-8") as file:
            return ws.Peer(self.held.desk, name.split("-")[0], token=file.read().strip())

    def cast(self, peer, number):
        """The spare seat's cast of this version; the answer to it."""
        peer.cast(self.version, number, f"{self.version:016x}", [(0, self.version, 1)])
        return peer.expect("ack", "refused", id=self.version)

    def do(self, peer, act, **values):
        """An act that must be done."""
        peer.control(7, act, **values)
        answer = peer.expect("done", "refused", id=7)
        self.test.assertEqual("done", answer["t"], answer)

    def cast_until_full(self, number):
        """Casts until that is refused; casts that are taken meanwhile count."""
        peer = self.held.voter(SEATS + 1)
        while True:
            self.version += 1
            began = time.monotonic()
            answer = self.cast(peer, number)
            if answer["t"] == "refused":
                break
        self.test.assertEqual("storage full", answer["reason"])
        self.refused_s.append(time.monotonic() - began)
        peer.close()

    def desk_goes_on(self, number):
        """What must be done on a full disk is done and seen; what can wait is refused."""
        officer, operator = self.post("officer-1"), self.post("operator-1")
        self.do(officer, "pause")
        self.do(operator, "take", layer="lower", scene="strip", bus="programme",
                params={"contest": "appraisal-1", "subject": "s001"})
        self.do(operator, "clear", layer="all", bus="programme")
        officer.control(8, "open", contest="appraisal-1", subject=f"s{number:03}")
        officer.refused("storage full")
        officer.close()
        operator.close()
        held = self.held
        held.wait_for(lambda: self.shown() == "paused", "the view that tells of the pause")
        with self.test.assertRaises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(held.desk + "/readyz", timeout=10)
        self.test.assertEqual("storage full", json.load(caught.exception)["log"])
        caught.exception.close()

    def shown(self):
        """What the public view says of the round; None: right after a start there is no view."""
        try:
            with urllib.request.urlopen(self.held.url + "/api/v1/view", timeout=10) as answer:
                return json.load(answer)["live"]["state"]
        except urllib.error.HTTPError as error:
            error.close()
            self.test.assertEqual(503, error.code)
            return None

    def go_on(self, number):
        """There is room: the round goes on, and the cast that was refused is acknowledged."""
        os.unlink(self.fill_path)
        began = time.monotonic()
        officer = self.post("officer-1")
        while True:
            officer.control(9, "open", contest="appraisal-1", subject=f"s{number:03}")
            answer = officer.expect("done", "refused", id=9)
            if answer["t"] == "done":
                break
            self.test.assertEqual("storage full", answer["reason"])
            time.sleep(0.01)
        officer.close()
        peer = self.held.voter(SEATS + 1)
        answer = self.cast(peer, number)
        self.test.assertEqual("ack", answer["t"], answer)
        self.others.append((number, "q01", "fair"))
        self.room_s.append(time.monotonic() - began)
        peer.close()

    def once(self, is_killed):
        number = self.held.open_next()
        self.test.assertTrue(self.held.wait_acked(self.held.acked_size()))
        officer = self.post("officer-1")
        self.fill()
        self.cast_until_full(number)
        self.test.assertEqual("full", officer.expect("alert")["storage"])
        officer.close()
        if is_killed:
            self.held.kill()
            self.fill()
            self.test.assertTrue(self.held.start_server(), "a start on a full disk")
            self.cast_until_full(number)
        self.desk_goes_on(number)
        self.go_on(number)

    def run(self, count):
        try:
            self.test.assertTrue(self.held.start_server(), "the server")
            self.held.start_hall(RATE, seed=self.test.seed)
            for index in range(count):
                self.once(index % 2 == 1)
            figures = self.held.finish(self.others)
        finally:
            self.held.abandon()
        self.held.end()
        return figures["acked"]


class FullDisk(hall.Scenario):
    def sweep_one(self, kind, count):
        """`count` times on one kind of disk: (acknowledged, refusals' and returns' seconds)."""
        acked, refused_s, room_s = 0, [], []
        for begin in range(0, count, DATA_TIMES):
            name = f"{kind}-{begin}"
            with self.small(kind, name) as place:
                full = Full(self, name, place.path)
                acked += full.run(min(DATA_TIMES, count - begin))
            refused_s += full.refused_s
            room_s += full.room_s
        return acked, refused_s, room_s

    def small(self, kind, name):
        if kind == "tmpfs":
            return disk.Tmpfs(STORE, name, SIZE_MIB)
        return disk.Loop(kind, STORE, name, size_mib=SIZE_MIB + 4)

    def test_a_full_disk_refuses_votes_and_nothing_else(self):
        kinds = ("tmpfs", "ext4")
        counts = sweep.shares(COUNT, len(kinds))
        rows = []
        for kind, count in zip(kinds, counts):
            acked, refused_s, room_s = self.sweep_one(kind, count)
            rows.append([kind, count, acked, 0] +
                        [f"{value * 1000:.0f}" for times in (refused_s, room_s)
                         for value in (statistics.median(times), max(times))])
        sweep.print_table(["disk", "times full", "acked", "lost", "refused after, median ms",
                           "highest", "room to ack, median ms", "highest"], rows)

    def test_without_the_reserve_the_pause_is_refused(self):
        with self.small("tmpfs", "control") as place:
            full = Full(self, "control", place.path)
            try:
                self.assertTrue(full.held.start_server(), "the server")
                number = full.held.open_next()
                self.assertEqual(0, full.held.server.stop())
                os.unlink(os.path.join(full.held.data, "ballast"))
                full.fill()
                self.assertTrue(full.held.start_server(), "a start on a full disk")
                full.cast_until_full(number)
                officer = full.post("officer-1")
                officer.control(7, "pause")
                officer.refused("storage full")
                officer.close()
                self.assertEqual(0, full.held.server.stop())
            finally:
                full.held.abandon()
            full.held.end()


if __name__ == "__main__":
    disk.need("mkfs.ext4", "losetup")
    STORE = disk.enter()
    hall.main()

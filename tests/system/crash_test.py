"""Proves that kill -9 of the server loses no acknowledged vote and stops neither hall nor picture.

The server is killed at random moments of a round, between the commit of a vote and its ack, and
right after the close, and is started again on the same ports. The hall goes on by itself and its
truth equals the results; a resend, also after the close, gets the very same ack and counts once;
the overlay misses no frame and keeps its graphic on every one. The moments come from a printed
seed (MINPING_TEST_SEED). The control: without the strip the same frames are told from those
with it.
"""

import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import hall
import programme


class Crash(hall.Scenario):
    def test_hall_and_picture_survive_kills(self):
        print(f"seed {self.seed}")
        server = self.start_server()
        recording = self.path("programme.ts")
        overlay = self.start_overlay(f"file:{recording}")
        self.wait_until(lambda: self.status()["overlays"] == 1, "the overlay")
        self.minping("open", "appraisal", "s01")
        self.take("lower", "strip", "contest=appraisal", "subject=s01")
        time.sleep(1.5)
        voters = self.start_hall("--until-closed", 1, "--rate", hall.SLOW_RATE, "--resend",
                                 0, seats=59)
        for _ in range(5):
            time.sleep(self.random.uniform(0.2, 1.2))
            server.kill()
            time.sleep(self.random.uniform(0.0, 0.5))
            server = self.start_server(again=True)
        self.wait_recorded(610)
        self.minping("close")
        self.assertGreaterEqual(self.figures(voters)["reconnects"], 59)
        self.assert_same(self.read_json(self.path("truth.json")), self.results())
        self.assertEqual(0, overlay.stop())
        self.check_picture(recording)
        self.assertEqual(0, server.stop())
        self.run_program(hall.MINPING, "verify", "--data", self.data)

    def check_picture(self, recording):
        self.assertEqual([], programme.gaps(recording))
        shown = programme.is_strip_shown(recording, background="#203040")
        self.assertFalse(shown[0], "the control: before the take there is no strip")
        first = shown.index(True)
        self.assertGreater(len(shown) - first, 5 * 25)
        gone = [index for index, is_shown in enumerate(shown) if index >= first and not is_shown]
        self.assertEqual([], gone, "frames without the strip")

    def test_resend_after_a_kill_counts_once(self):
        print(f"seed {self.seed}")
        server = self.start_server()
        self.minping("open", "appraisal", "s01")
        receipts = set()
        choices = {}
        for version in range(1, 13):
            item, choice, nonce = version % 11, version % 3, f"{version:016x}"
            card = (version, 1, nonce, [(item, version, choice)])
            peer = self.voter(60)
            peer.cast(*card)
            time.sleep(self.random.uniform(0, 0.012))
            server.kill()
            peer.close()
            server = self.start_server(again=True)
            peer = self.voter(60)
            peer.cast(*card)
            receipts.add(peer.expect("ack", id=version)["receipt"])
            choices[item] = choice
            peer.close()
        self.assertEqual(1, len(receipts), "one card, one receipt")
        self.minping("close")
        peer = self.voter(60)
        peer.cast(*card)
        self.assertIn(peer.expect("ack", id=12)["receipt"], receipts)
        peer.close()
        items = self.results()["items"]
        grades = ("good", "fair", "poor")
        for index, item in enumerate(items):
            expected = dict.fromkeys(grades, 0)
            expected[grades[choices[index]]] = 1
            self.assertEqual((expected, 1), (item["counts"], item["valid"]), item["criterion"])

    def test_kill_between_commit_and_ack(self):
        """strace holds the writer after its sync: durable, not yet acknowledged. Then kill -9."""
        server = self.start_server()
        self.minping("open", "appraisal", "s01")
        peer = self.voter(60)
        tracer = self.start("strace", "strace", "-f", "-p", server.child.pid, "-o",
                            self.path("strace.out"), "-e", "trace=fdatasync,fsync", "-e",
                            "inject=fdatasync,fsync:delay_exit=20000000")
        self.wait_until(lambda: "attached" in tracer.all_errors(), "strace")
        peer.cast(1, 1, "00000000000000aa", [(3, 1, 2)])
        self.wait_until(lambda: "sync(" in self.read_text("strace.out"), "the commit")
        with self.assertRaises(TimeoutError, msg="acknowledged before the sync came back"):
            peer.expect("ack", timeout_s=1)
        server.child.kill()
        tracer.kill()  # until it is gone, the killed server cannot be reaped
        server.kill()
        self.start_server(again=True)
        peer = self.voter(60)
        self.assertEqual([[60, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]], peer.welcome["versions"])
        peer.cast(1, 1, "00000000000000aa", [(3, 1, 2)])
        peer.expect("ack", id=1)
        self.minping("close")
        item = self.results()["items"][3]
        self.assertEqual(({"good": 0, "fair": 0, "poor": 1}, 1), (item["counts"], item["valid"]))

    def read_text(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def test_kill_right_after_the_close(self):
        server = self.start_server()
        self.minping("open", "appraisal", "s01")
        peer = self.voter(1)
        peer.cast(1, 1, "00000000000000aa", [(0, 1, 0)])
        receipt = peer.expect("ack", id=1)["receipt"]
        officer = self.post("officer-1")
        officer.control(1, "close")
        officer.expect("done", id=1)
        server.kill()
        self.start_server(again=True)
        peer = self.voter(1)
        self.assertEqual("closed", peer.welcome["round"]["state"])
        peer.cast(1, 1, "00000000000000aa", [(0, 1, 0)])
        self.assertEqual(receipt, peer.expect("ack", id=1)["receipt"])
        peer.cast(2, 1, "00000000000000bb", [(1, 1, 0)])
        peer.refused("closed")
        valid = [item["valid"] for item in self.results()["items"]]
        self.assertEqual([1] + [0] * 10, valid)


if __name__ == "__main__":
    hall.main()

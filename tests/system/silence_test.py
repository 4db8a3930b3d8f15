"""Proves that a silent connection stays while it answers pings, and ends when it does not.

A hall that hears no round for 36 s keeps every connection; a raw peer that reads but never answers
a ping is cut off within that time; the control, one that answers, is not.
"""

import concurrent.futures
import os
import select
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import hall
import ws

SILENCE_S = 36  # 25 s of silence, one walk over the table of 5 s, and a busy machine's time


def live(peer, until, answers):
    """Reads from `peer` until it ends or time is up; answers pings or not. (seconds, pings)."""
    pings = 0
    peer.socket.settimeout(1)
    while time.monotonic() < until:
        if not select.select([peer.socket], [], [], 0.5)[0]:
            continue
        data = peer.socket.recv(4096)
        if not data:
            return False, pings
        if data[0] == 0x89:
            pings += 1
            if answers:
                peer.send_frame(ws.PONG, data[2:2 + data[1]])
    return True, pings


class Silence(hall.Scenario):
    def test_who_answers_pings_stays_and_who_does_not_ends(self):
        self.start_server()
        voters = self.start_hall("--until-closed", 1, seats=60)
        self.wait_until(lambda: self.status()["voters"] == 60, "the hall")
        until = time.monotonic() + SILENCE_S
        answering, mute = self.post("officer-1"), self.post("operator-1")
        with concurrent.futures.ThreadPoolExecutor() as pool:
            good, bad = (pool.submit(live, peer, until, answers)
                         for peer, answers in ((answering, True), (mute, False)))
        stays, pings = bad.result()
        self.assertFalse(stays, "a peer that never answers is still connected")
        self.assertGreaterEqual(pings, 1)
        stays, pings = good.result()
        self.assertTrue(stays, "the control was cut off although it answers")
        self.assertGreaterEqual(pings, 1)
        self.minping("open", "appraisal", "s01")
        self.wait_recorded(300)
        self.minping("close")
        self.assertEqual(0, self.figures(voters)["reconnects"])


if __name__ == "__main__":
    hall.main()

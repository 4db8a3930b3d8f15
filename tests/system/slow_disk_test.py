"""Proves that a disk that takes two seconds for a sync gets no false ack and no false refusal.

strace holds the log's writer for 2 s after each fdatasync. Voters of the test's own cast at moments
of their own: no ack comes before the sync of its commit came back. A whole hall votes meanwhile,
with resends: nobody is refused or dropped, everything is acknowledged in the end, and counts once;
the desk is answered while the disk hangs. The control: without strace the same acks come sooner, so
that the test can tell.
"""

import os
import re
import shutil
import statistics
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import fold
import hall
import sweep

DELAY_S = 2.0
SYNC = re.compile(r"\d+ +(\d+\.\d+) fdatasync\(")
SEATS, OWN = 56, 4  # of the hall, and of the test
CASTS = 2  # of each seat of the test


class SlowDisk(hall.Scenario):
    def slow(self, server):
        trace = self.path("trace")
        tracer = self.start("strace", "strace", "-f", "-ttt", "-o", trace, "-p", server.child.pid,
                            "-e", "trace=fdatasync", "-e",
                            f"inject=fdatasync:delay_exit={int(DELAY_S * 1e6)}")
        self.wait_until(lambda: "attached" in tracer.all_errors(), "strace")
        return trace

    def syncs(self, trace):
        """When each sync began. It came back DELAY_S later."""
        with open(trace, encoding="utf-8") as file:
            return [float(match[1]) for match in map(SYNC.match, file) if match]

    def cast_all(self, number, version):
        """Each seat of the test casts; (when each was sent, when its ack came)."""
        moments = [self.random.uniform(0, 0.5) for _ in range(OWN)]

        def cast(index):
            peer = self.voter(SEATS + 1 + index)
            time.sleep(moments[index])
            sent = time.time()
            peer.cast(version, number, f"{version:08x}{index:08x}", [(0, version, version % 3)])
            peer.expect("ack", id=version, timeout_s=hall.LONG_S)
            heard = time.time()
            peer.close()
            return sent, heard
        return sweep.side_by_side(cast, range(OWN))

    def test_no_false_ack_and_no_false_refusal(self):
        server = self.start_server()
        acks = self.path("acks")
        self.minping("open", "appraisal", "s01")
        quick = self.cast_all(1, 1)
        trace = self.slow(server)
        voters = self.start_hall("--rate", hall.FAST_RATE, "--resend", 0.3, "--acks", acks,
                                 "--until-closed", 1, seats=SEATS)
        slow, asked = [], []
        for version in range(2, 2 + CASTS):
            slow += self.cast_all(1, version)
            began = time.monotonic()
            self.status()
            asked.append(time.monotonic() - began)
        self.wait_recorded(600)
        self.minping("close", "--timeout", 60)
        figures = self.figures(voters)
        early = self.acked_early(slow, self.syncs(trace))
        self.assertEqual([], early, "acknowledged before the sync came back")
        self.assertEqual({}, figures["refused"])
        self.assertEqual((0, figures["cast"]), (figures["reconnects"], figures["acked"]), figures)
        self.assertEqual(len(quick), len(self.acked_early(quick, [sent for sent, _ in quick])),
                         "the control: without the delay they come sooner")
        server.kill()
        counted, lines = fold.check(self.data, acks)
        self.assertEqual(figures["acked"], lines)
        waits = [f"{statistics.median(heard - sent for sent, heard in pairs):.3f} s"
                 for pairs in (slow, quick)]
        print(f"{len(self.syncs(trace))} syncs of {DELAY_S} s, {lines} marks of the hall acked, "
              f"{counted.mark_count} in the log; median ack {waits[0]}, without the delay "
              f"{waits[1]}; the desk answered within {max(asked):.3f} s")

    @staticmethod
    def acked_early(pairs, syncs):
        """Of (sent, heard): those heard before any sync that began after the cast had come back."""
        return [(sent, heard) for sent, heard in pairs
                if heard < min(sync for sync in syncs if sync >= sent) + DELAY_S]


if __name__ == "__main__":
    if shutil.which("strace") is None:
        hall.skip("there is no 'strace'")
    hall.main()

"""Proves that a start syncs what a killed server had written and not synced, before anybody votes.

A vote is written; its sync is held by strace, so that it is in the kernel's cache alone; then kill
-9. The next start reads it there. Its voter sends it again and gets the ack at once, for it is
recorded; then the power fails, while every sync of that start is held for seconds. The vote must be
there all the same. The control: where the start's syncs do nothing (tests/support/no_sync.c), the
very same loses it.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import disk
import hall

NONCE = "00000000000000aa"
MARK = (3, 1, 2)
SEAT = 60
HOLD_US = 3_000_000  # longer than a start and an ack take


class UnsyncedStart(hall.Scenario):
    @staticmethod
    def read_text(path):
        with open(path, encoding="utf-8") as file:
            return file.read()

    def cast(self, peer):
        peer.cast(1, 1, NONCE, [MARK])

    def write_unsynced(self):
        """A round with one vote that is in the cache and was never synced; nothing runs."""
        server = self.start_server()
        self.minping("open", "appraisal", "s01")
        peer = self.voter(SEAT)
        trace = self.path("strace.out")
        tracer = self.start("strace", "strace", "-f", "-p", server.child.pid, "-o", trace, "-e",
                            "trace=fdatasync,fsync", "-e",
                            "inject=fdatasync,fsync:delay_enter=60000000")
        self.wait_until(lambda: "attached" in tracer.all_errors(), "strace")
        self.cast(peer)
        self.wait_until(lambda: "sync(" in self.read_text(trace), "the commit")
        with self.assertRaises(TimeoutError, msg="acknowledged before the sync"):
            peer.expect("ack", timeout_s=0.5)
        server.child.kill()
        tracer.kill()  # until it is gone, the killed server cannot be reaped
        server.kill()
        peer.close()

    def is_there_after_a_cut(self, kind, before):
        """Whether the vote that the second start acknowledges outlives the power cut."""
        with disk.Loop("ext4", STORE, kind) as loop:
            self.data = os.path.join(loop.path, "data")
            self.write_unsynced()
            server = self.start_server(again=True, before=before)
            peer = self.voter(SEAT)
            self.cast(peer)
            peer.expect("ack", id=1)
            loop.cut()
            server.kill()
            peer.close()
            loop.again()
            last = self.start_server(again=True)
            peer = self.voter(SEAT)
            versions = dict((row[0], row[1:]) for row in peer.welcome["versions"])
            peer.close()
            last.kill()
            return versions.get(SEAT, [0] * 11)[MARK[0]] == MARK[1]

    def test_what_a_start_acknowledges_is_on_the_disk(self):
        held = ("strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync,fsync",
                "-e", f"inject=fdatasync,fsync:delay_enter={HOLD_US}")
        self.assertTrue(self.is_there_after_a_cut("held", held), "acknowledged, and lost")
        unsynced = ("env", f"LD_PRELOAD={disk.NO_SYNC}")
        self.assertFalse(self.is_there_after_a_cut("control", unsynced),
                         "the control: without syncs it must be lost")


if __name__ == "__main__":
    disk.need("strace", "mkfs.ext4", "losetup")
    STORE = disk.enter()
    hall.main()

"""Proves that a backup made while the hall votes is a data directory from which a hall can go on.

A hall votes at full speed while backups are made: each is sound, holds every vote that was
acknowledged before it was asked for, and a server started on it answers a second sending with the
very same ack, under another log's id. The running server loses nothing and keeps nobody waiting
for good. The control: a plain copy of the database file of the running server misses acknowledged
votes.
"""

import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import hall
import ws


class Backup(hall.Scenario):
    def backup(self):
        """Makes one; its directory."""
        done = self.minping("backup", "--lang", "en")
        name = done.stdout.strip().rsplit("backups/", 1)[1].split(" ")[0]
        return self.path("data", "backups", name)

    def verify(self, data, status=0):
        return self.run_program(hall.MINPING, "verify", "--data", data, "--acks",
                                self.path("acks.part"), status=status)

    def acks_so_far(self):
        """Keeps what was acknowledged up to now, whole lines, in acks.part; how many."""
        with open(self.path("acks"), encoding="utf-8") as file:
            text = file.read()
        whole = text[:text.rfind("\n") + 1]
        self.write(self.path("acks.part"), whole)
        return whole.count("\n")

    def test_backups_under_load(self):
        server = self.start_server()
        self.minping("open", "appraisal", "s01")
        peer = self.voter(60)
        peer.cast(1, 1, "00000000000000aa", [(3, 1, 2)])
        receipt = peer.expect("ack", id=1)["receipt"]
        peer.close()
        voters = self.start_hall("--until-closed", 1, "--rate", hall.SLOW_RATE, "--acks",
                                 self.path("acks"), seats=59)
        self.wait_recorded(300)
        self.assertGreater(self.acks_so_far(), 200)
        shutil.copytree(self.data, self.path("plain"),
                        ignore=shutil.ignore_patterns("*-wal", "ballast", "backups"))
        self.verify(self.path("plain"), status=1)  # the control
        backup = self.backup()
        self.verify(backup)
        self.wait_recorded(600)
        self.minping("close")
        self.figures(voters)
        self.minping("backup", post="operator-1", status=1)
        self.assertEqual(0, server.stop())
        self.acks_so_far()
        self.verify(self.data)
        self.verify(backup, status=1)  # what came after it is not in it
        self.go_on_from(backup, peer.welcome["log"], receipt)

    def go_on_from(self, backup, log_id, receipt):
        moved = self.path("moved")
        shutil.copytree(backup, moved)
        self.data = moved
        server = self.start_server()
        peer = self.voter(60)
        self.assertNotEqual(log_id, peer.welcome["log"])
        self.assertEqual("open", peer.welcome["round"]["state"])
        peer.cast(1, 1, "00000000000000aa", [(3, 1, 2)])
        self.assertEqual(receipt, peer.expect("ack", id=1)["receipt"])
        peer.cast(2, 1, "00000000000000bb", [(3, 2, 1)])
        peer.expect("ack", id=2)
        peer.close()
        self.minping("close")
        self.assertEqual(0, server.stop())
        self.run_program(hall.MINPING, "verify", "--data", moved)

    def test_two_at_once(self):
        self.start_server()
        first, second = self.post("officer-1"), self.post("officer-1")
        first.control(1, "backup")
        second.control(2, "backup")
        answers = [first.expect("done", "refused"), second.expect("done", "refused")]
        self.assertEqual({"done", "refused"}, {answer["t"] for answer in answers})
        refused = next(answer for answer in answers if answer["t"] == "refused")
        self.assertEqual("busy", refused["reason"])
        first.close()
        second.close()
        with self.assertRaises(ws.Refused):
            ws.Peer(self.desk, path="/backups")
        entries = os.listdir(self.path("data", "backups"))
        self.assertEqual(1, len(entries), entries)
        for folder, _, files in os.walk(self.path("data", "backups")):
            self.assertEqual(0o700, os.stat(folder).st_mode & 0o777)
            for name in files:
                self.assertEqual(0o600, os.stat(os.path.join(folder, name)).st_mode & 0o777, name)


if __name__ == "__main__":
    hall.main()

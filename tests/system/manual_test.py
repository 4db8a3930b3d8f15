"""Proves that minping-recovery(7) is true: its commands are run as they are written there.

In a mount and a network namespace of its own, so that the very paths and addresses of the page are
free, the disk is filled, fails, loses power, and the server is kept from starting in each way that
the page names. After each the page's own commands bring the hall back, and nothing that was
acknowledged is lost. The control: without the page's remedy each trouble is still there.
"""

import ctypes
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import disk
import hall

CLONE_NEWNET = 0x40000000
PAGE = os.path.join(hall.ROOT, "server", "man", "minping-recovery.7.scd")
SITE, DATA = "/srv/minping", "/srv/minping/data"
BLOCK = re.compile(r"^```\n(.*?)^```$", re.S | re.M)
ROW = re.compile(r"^\|  (.+)$", re.M)


def sections():
    """{title: text} of the page."""
    with open(PAGE, encoding="utf-8") as file:
        parts = re.split(r"^# (.+)$", file.read(), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def commands(title):
    """The command lines of a section, in their order."""
    return [line for block in BLOCK.findall(sections()[title]) for line in block.splitlines()]


class Manual(hall.Scenario):
    SIZE_MIB = 160
    SMALL_MIB = 24  # no room for the log's first blocks ahead: a full disk is felt at once

    def setUp(self):
        super().setUp()
        is_small = "test_the_disk_is_full" in self.id()
        self.disk = disk.Loop("ext4", "/srv", "minping",
                              size_mib=self.SMALL_MIB if is_small else self.SIZE_MIB)
        self.addCleanup(self.disk.close)
        self.addCleanup(disk.Loop("ext4", "/srv", "other", size_mib=64).close)
        self.addCleanup(self.kill_all)
        self.data = DATA
        self.write(SITE + "/event.json", hall.event())
        os.sync()  # it was there long before the power went
        folders = {os.path.dirname(program) for program in (hall.SERVER, hall.MINPING)}
        self.environment = {**os.environ, "PATH": ":".join([*folders, os.environ["PATH"]])}

    def kill_all(self):
        for process in self.processes:
            if process.is_running():
                process.kill()

    def do(self, line, status=0):
        """One command of the page; a server goes on in the background."""
        if line.startswith("minpingd "):
            return self.serve(line)
        done = subprocess.run(["bash", "-c", line], env=self.environment, capture_output=True,
                              text=True, timeout=hall.LONG_S, check=False)
        self.assertEqual(status, done.returncode, f"{line}\n{done.stdout}{done.stderr}")
        return done.stdout

    def serve(self, line, goes_on=True):
        server = self.start("minpingd", *line.split(), "--listen", "127.0.0.1:8080",
                            env=self.environment)
        if goes_on:
            self.url = server.wait_line(r"listening on (https?://\S+:\d+)")[1]
            self.desk = server.wait_line(r"desk on (https?://\S+:\d+)")[1]
        return server

    def start_again(self):
        return self.do(next(line for line in commands("THE POWER GOES") if "minpingd" in line))

    def vote(self):
        """A round is open and a hall votes in it, its acks on another disk."""
        self.minping("open", "appraisal", "s01")
        voters = self.start_hall("--until-closed", 1, "--rate", hall.SLOW_RATE, "--acks",
                                 self.path("acks"))
        self.wait_recorded(100)
        return voters

    def settle(self, server, voters, data=DATA):
        """The hall comes to its end; nothing is lost."""
        self.wait_recorded(600)
        self.minping("close")
        self.figures(voters)
        self.assert_same(self.read_json(self.path("truth.json")), self.results())
        self.assertEqual(0, server.stop())
        self.run_program(hall.MINPING, "verify", "--data", data, "--acks", self.path("acks"))

    def test_how_it_is(self):
        self.start_again()
        said = [self.do(line) for line in commands("DESCRIPTION")]
        self.assertIn('"ready":true', said[1])

    def test_the_disk_is_full(self):
        server = self.start_again()
        voters = self.vote()
        os.makedirs(DATA + "/backups/old")
        with open(DATA + "/backups/old/fill", "wb", buffering=0) as fill:
            size = 1 << 20
            while size > 0:
                try:
                    fill.write(bytes(size))
                except OSError:
                    size //= 2
        self.wait_until(lambda: self.status()["storage"] == "full", "a full disk")
        time.sleep(1)  # the control: it does not pass by itself
        self.assertEqual("full", self.status()["storage"])
        self.assertIn("votes are refused until there is room", server.errors())
        said = [self.do(line) for line in commands("THE DISK IS FULL")]
        self.assertIn('"ready":true', said[4])
        self.settle(server, voters)

    def test_the_disk_fails(self):
        server = self.start_again()
        voters = self.vote()
        officer = self.post("officer-1")
        tracer = self.start("strace", "strace", "-f", "-p", server.child.pid, "-o", "/dev/null",
                            "-e", "trace=fdatasync", "-e", "inject=fdatasync:error=EIO:when=3+")
        self.assertEqual("failed", officer.expect("alert", timeout_s=20)["storage"])
        self.assertEqual(1011, officer.close_code())
        officer.close()
        self.assertEqual(1, server.wait())
        self.assertIn("stops: cannot", server.errors())
        tracer.wait()
        said = [self.do(line) for line in commands("THE DISK FAILS")]
        self.assertTrue(os.path.exists(DATA + "/log-2.sqlite"))
        name = os.listdir("/srv/other/backups")
        self.run_program(hall.MINPING, "verify", "--data", f"/srv/other/backups/{name[0]}")
        self.settle(said[0], voters)

    def test_the_power_goes(self):
        server = self.start_again()
        voters = self.vote()
        self.disk.cut()
        server.kill()
        self.disk.again()
        said = [self.do(line) for line in commands("THE POWER GOES")]
        self.assertIn("正在投票", said[1])
        self.settle(said[0], voters)

    def test_going_on_from_a_backup(self):
        server = self.start_again()
        voters = self.vote()
        self.minping("backup")
        server.kill()
        name = os.listdir(DATA + "/backups")[0]
        lines = [line.replace("TIME", name) for line in commands("GOING ON FROM A BACKUP")]
        said = [self.do(line) for line in lines]
        self.data = "/srv/other/data"
        self.assertEqual("open", self.status()["round"]["state"])
        voters.kill()
        self.minping("void", "1", "reason=from a backup")
        self.assertEqual(0, said[-1].stop())


class DoesNotStart(Manual):
    def setUp(self):
        super().setUp()
        self.assertEqual(0, self.start_again().stop())
        self.line = f"minpingd --event {SITE}/event.json --data {DATA} --desk 127.0.0.1:8081"

    def check(self, row, line=None):
        """The start fails with what the row says, its '…' being whatever."""
        server = self.serve(line or self.line, goes_on=False)
        self.assertEqual(1, server.wait())
        pattern = ".*".join(re.escape(part) for part in row.split("…"))
        self.assertRegex(server.errors().replace("\n", " "), pattern)

    def rows(self):
        """What the page's table holds, a sentence each."""
        table = sections()["THE SERVER DOES NOT START"].split("```")[0]
        return [sentence.replace("\n   ", " ") for row in ROW.findall(table)
                for sentence in row.split("; ")]

    def test_each_sentence_and_its_remedy(self):
        told = set()
        for row in self.rows():
            name = next((name for name in self.TROUBLES if name in row), None)
            self.assertIsNotNone(name, f"no trouble makes the server say: {row}")
            told.add(name)
            with self.subTest(row=row):
                self.TROUBLES[name](self, row)
                self.assertEqual(0, self.start_again().stop())  # once it is undone
        self.assertEqual(set(self.TROUBLES), told)
        self.do(commands("THE SERVER DOES NOT START")[0])

    def another(self, row):
        server = self.start_again()
        self.check(row)
        self.assertEqual(0, server.stop())

    def port(self, row):
        with socket.create_server(("127.0.0.1", 8081)):
            self.check(row)

    def owner(self, row):
        log = DATA + "/log-1.sqlite"
        os.chown(log, 1, 1)
        self.check(row)
        os.chown(log, 0, 0)

    def others(self, row):
        os.chmod(DATA, 0o755)
        self.check(row)
        os.chmod(DATA, 0o700)

    def lies(self, row):
        disk.run("mount", "-o", "remount,nobarrier", SITE)
        self.check(row)
        disk.run("mount", "-o", "remount,barrier", SITE)

    def full(self, row):
        """A new log needs room."""
        other = SITE + "/other"
        with open(SITE + "/fill", "wb") as fill:
            with self.assertRaises(OSError):
                while True:
                    fill.write(bytes(4096))
                    fill.flush()
        os.makedirs(other, mode=0o700, exist_ok=True)
        self.check(row, self.line.replace(DATA, other))
        os.unlink(SITE + "/fill")
        shutil.rmtree(other)

    def newer(self, row):
        kept = self.keep("log-1.sqlite")
        hall.raise_log_format(DATA + "/log-1.sqlite")
        self.check(row)
        self.put_back(kept, "log-1.sqlite")

    def event_changed(self, row):
        other = SITE + "/changed.json"
        self.write(other, hall.event(subjects=2))
        self.check(row, self.line.replace(SITE + "/event.json", other))
        self.assertEqual(0, self.serve(self.line.replace(SITE + "/event.json",
                                                         DATA + "/event.json")).stop())

    def roll(self, row):
        kept = self.keep("roll.csv")
        with open(DATA + "/roll.csv", encoding="utf-8") as file:
            lines = file.read().splitlines(keepends=True)
        fields = lines[1].split(",")
        fields[1] = lines[2].split(",")[1][::-1]
        with open(DATA + "/roll.csv", "w", encoding="utf-8") as file:
            file.writelines([lines[0], ",".join(fields), *lines[2:]])
        self.check(row)
        self.put_back(kept, "roll.csv")

    def keys(self, row):
        kept = self.keep("keys")
        os.unlink(DATA + "/keys")
        self.check(row)
        self.put_back(kept, "keys")

    def wal(self, row):
        kept = self.keep("log-1.sqlite")
        with open(DATA + "/log-1.sqlite-wal", "ab"):
            pass
        os.unlink(DATA + "/log-1.sqlite")
        self.check(row)
        self.put_back(kept, "log-1.sqlite")

    def damaged(self, row):
        kept = self.keep("log-1.sqlite")
        with open(DATA + "/log-1.sqlite", "r+b") as file:
            file.write(bytes(4096))
        self.check(row)
        self.put_back(kept, "log-1.sqlite")

    def worn_out(self, row):
        kept = self.keep("log-1.sqlite")
        os.rename(DATA + "/log-1.sqlite", DATA + "/log-99.sqlite")
        with open(DATA + "/log-99.failed", "w", encoding="utf-8"):
            pass
        self.check(row)
        for name in ("log-99.sqlite", "log-99.sqlite-wal", "log-99.failed"):
            os.unlink(f"{DATA}/{name}")
        self.put_back(kept, "log-1.sqlite")

    def keep(self, name):
        return shutil.copy2(f"{DATA}/{name}", self.path(name + ".kept"))

    def put_back(self, kept, name):
        shutil.copy2(kept, f"{DATA}/{name}")

    TROUBLES = {
        "another minpingd holds": another,
        "the port is in use": port,
        "belongs to user": owner,
        "others may look into": others,
        "which may lose what it says is kept": lies,
        "the disk is full": full,
        "made by a newer minpingd": newer,
        "holds the log of event": event_changed,
        "the roll is not the one": roll,
        "is missing, but the log holds": keys,
        "is there without its": wal,
        "is damaged": damaged,
        "the disk failed under 99 logs": worn_out,
    }


def load_tests(loader, _tests, _pattern):
    """Each test once: DoesNotStart has none of Manual's."""
    suite = loader.loadTestsFromTestCase(Manual)
    suite.addTest(DoesNotStart("test_each_sentence_and_its_remedy"))
    return unittest.TestSuite([suite])


if __name__ == "__main__":
    disk.need("strace", "mkfs.ext4", "curl", "ip")
    disk.enter()
    disk.run("mount", "-t", "tmpfs", "minping-test", "/srv")
    if ctypes.CDLL(None).unshare(CLONE_NEWNET) != 0:
        hall.skip("no network namespace of its own")
    disk.run("ip", "link", "set", "lo", "up")
    hall.main()

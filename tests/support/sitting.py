"""A server that is broken again and again, and a hall that goes on voting all the while.

A Sitting has a data directory, one server at a time on ports that stay, and one hall, whose truth
and acknowledgements lie in the test's own folder: on another disk than the data, where that is one
that fails. It can be held beside others, each by a thread of its own. Rounds of an appraisal follow
one another, so that there is always something to cast.
"""

import contextlib
import csv
import json
import os
import re
import select
import shutil
import sqlite3
import subprocess
import time

import disk
import fold
import hall
import same
import ws

CRITERIA = 40
SUBJECTS = 200  # of one contest
WAL_ACTS = 4200  # each a frame at least: 4,096 make a checkpoint due after a round
PROGRESS = re.compile(
    r"minping-hall: (?P<connected>\d+)/\d+ connected, round (?P<round>\d+), (?P<cast>\d+) cast, "
    r"(?P<acknowledged>\d+) acknowledged, (?P<waiting>\d+) waiting,.*")
# Under ptrace LeakSanitizer cannot run: it would end the server with an error of its own.
TRACED = {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"}


class Failed(Exception):
    """The server refuses an act because its disk failed."""


class Full(Exception):
    """The server refuses an act because its disk is full."""


# What asking a server raises that is killed or ends meanwhile.
GONE = (ws.Closed, ws.Refused, ConnectionError, TimeoutError, Failed)


def event(seats, rounds):
    """An event of appraisals with room for `rounds` rounds, one after the other."""
    made = hall.event(seats=seats, subjects=1)
    names = [f"q{number:02}" for number in range(1, CRITERIA + 1)]
    made["criteria"] = [{"id": name, "title": hall.label(f"项目{name}", name)} for name in names]
    contest = made["contests"][0]
    contest["criteria"] = names
    contest["live"] = "hidden"
    contest["subjects"] = [{"id": f"s{number:03}", "name": {"zh-CN": f"区委常委{number}号"}}
                           for number in range(1, SUBJECTS + 1)]
    made["contests"] = [{**contest, "id": f"appraisal-{number}"}
                        for number in range(1, 2 + (rounds - 1) // SUBJECTS)]
    return made


class Sitting:
    """`fold.check` and `minping verify` hold its log against what the hall was acknowledged."""

    def __init__(self, scenario, name, data=None, seats=60, rounds=SUBJECTS, is_safe=False,
                 spare=0, listen="127.0.0.1"):
        self.dir = scenario.path(name)
        self.processes = []  # of this sitting, for hall.Process: the hall, the latest server
        self.seats, self.is_safe, self.listen = seats, is_safe, listen
        self.data = data or os.path.join(self.dir, "data")
        os.makedirs(self.dir)
        self.acks, self.truth = self.path("acks"), self.path("truth.json")
        self.event_path = self.path("event.json")
        with open(self.event_path, "w", encoding="utf-8") as file:
            json.dump(event(seats + spare, rounds), file, ensure_ascii=False)
        self.url = self.desk = self.server = self.voters = None
        self.tracers = []

    def path(self, name):
        return os.path.join(self.dir, name)

    # Programs ---------------------------------------------------------------------------------

    def start_server(self, before=(), environment=None):
        """Starts it, as an argument of the command `before`. False: it ended before it listened."""
        arguments = [*before, hall.SERVER, "--event", self.event_path, "--data", self.data]
        for option, host, url in (("--listen", self.listen, self.url),
                                  ("--desk", "127.0.0.1", self.desk)):
            port = ws.address_of(url)[1] if url else ws.free_port()
            arguments += [option, f"{host}:{port}"]
        if not self.is_safe:
            arguments.append("--allow-unsafe-disk")
        for process in [self.server, *self.tracers]:
            self.forget(process)
        self.tracers = []
        self.server = hall.Process(self, "minpingd", arguments,
                                   env={**os.environ, **(environment or {})})
        try:
            self.url = self.server.wait_line(r"listening on (https?://\S+:\d+)")[1]
            self.desk = self.server.wait_line(r"desk on (https?://\S+:\d+)")[1]
        except AssertionError:
            self.server.wait()  # it ended, or this says that it did not
            return False
        return True

    def start_hall(self, rate, *extra, seed=7, before=()):
        self.voters = hall.Process(self, "hall", [
            *before, hall.HALL, "--url", self.url, "--roll", os.path.join(self.data, "roll.csv"),
            "--seats", str(self.seats), "--seed", str(seed), "--rate", str(rate), "--truth",
            self.truth, "--acks", self.acks, "--revote", "0.5", *map(str, extra)])

    def wait_exit(self):
        """Waits until the server ended by itself: (its status, when, as time.time())."""
        handle = os.pidfd_open(self.server.child.pid)
        try:
            if not select.select([handle], [], [], hall.LONG_S)[0]:
                raise AssertionError(f"the server did not end: {self.server.errors()}\n"
                                     f"the hall: {self.voters.errors() if self.voters else ''}")
            ended = time.time()
        finally:
            os.close(handle)
        return self.server.wait(), ended

    def wait_hall_heard(self):
        """Until the hall took note of all that an ended server sent: it has closed every socket."""
        port = f":{ws.address_of(self.url)[1]:04X}"

        def is_closed():
            with open("/proc/net/tcp", encoding="ascii") as file:
                sockets = [line.split() for line in file]
            # 01: connected; 08: the server closed, the hall did not yet.
            return not any(socket[2].endswith(port) and socket[3] in ("01", "08")
                           for socket in sockets)
        self.wait_for(is_closed, "the hall to close its sockets")

    def forget(self, process):
        """Reaps an ended process; what it said is kept until the next one of its kind."""
        if process is None:
            return
        process.wait()
        process.child.stdout.close()
        found = hall.SANITIZER.search(process.all_errors())
        if found:
            raise AssertionError(f"{process.name}: {process.errors(4000)}")
        self.processes.remove(process)

    def kill(self):
        """kill -9 of the server; where it runs under another command, of that too."""
        if self.server.is_running():
            self.server.kill()

    def task(self, name):
        """The id of the server's thread with this name; its main thread is 'minpingd'."""
        folder = f"/proc/{self.server.child.pid}/task"
        for task in os.listdir(folder):
            with open(os.path.join(folder, task, "comm"), encoding="utf-8") as file:
                if file.read().strip() == name:
                    return int(task)
        raise AssertionError(f"the server has no thread '{name}'")

    def attach(self, name, *options):
        """Has strace trace the thread `name` of the server, from now on until that ends."""
        task = self.task(name)
        self.tracers.append(hall.Process(self, "strace", ["strace", "-p", str(task),
                                                          *map(str, options)]))
        self.wait_for(lambda: self.is_traced(task), "strace")

    def detach(self):
        """Ends what was attached; the server goes on."""
        for tracer in self.tracers:
            tracer.stop()
            self.forget(tracer)
        self.tracers = []

    def is_traced(self, task):
        """Whether strace is there, or the thread has ended already."""
        path = f"/proc/{self.server.child.pid}/task/{task}/status"
        try:
            with open(path, encoding="ascii") as file:
                return re.search(r"^TracerPid:\t[1-9]", file.read(), re.M) is not None
        except (FileNotFoundError, ProcessLookupError):
            return True

    @staticmethod
    def wait_for(question, what, timeout_s=hall.LONG_S):
        deadline = time.monotonic() + timeout_s
        while not question():
            if time.monotonic() > deadline:
                raise AssertionError(f"waited {timeout_s} s for: {what}")
            time.sleep(0.002)

    def voter(self, seat):
        """A keypad of the test's own, on one of the `spare` seats behind those of the hall."""
        with open(os.path.join(self.data, "roll.csv"), encoding="utf-8", newline="") as file:
            credentials = {row["seat"]: row["credential"] for row in csv.DictReader(file)}
        return ws.Peer(self.url, "voter", credentials[str(seat)])

    # The desk ---------------------------------------------------------------------------------

    def officer(self):
        with open(os.path.join(self.data, "tokens", "officer-1.token"), encoding="utf-8") as file:
            return ws.Peer(self.desk, "officer", token=file.read().strip())

    def open_next(self, officer=None):
        """Closes the round that is open and opens one for the next subject; its number."""
        peer = officer or self.officer()
        try:
            number = self.close_on(peer) + 1
            peer.control(3, "open", contest=f"appraisal-{1 + (number - 1) // SUBJECTS}",
                         subject=f"s{1 + (number - 1) % SUBJECTS:03}")
            self.expect_done(peer, 3)
            return number
        finally:
            if officer is None:
                peer.close()

    @staticmethod
    def expect_done(peer, number):
        answer = peer.expect("done", "refused", id=number)
        if answer["t"] == "refused":
            if answer["reason"] == "storage":
                raise Failed(answer["text"])
            if answer["reason"] == "storage full":
                raise Full(answer["text"])
            raise AssertionError(f"refused: {answer}")

    def close_on(self, officer):
        """Closes the round that is open, if one is; the number of the newest."""
        officer.control(1, "status")
        newest = officer.expect("status", id=1)["round"]
        if newest["state"] in ("open", "paused"):
            officer.control(2, "close")
            self.expect_done(officer, 2)
        return newest["round"]

    def close_round(self):
        peer = self.officer()
        try:
            self.close_on(peer)
        finally:
            peer.close()

    # The hall ---------------------------------------------------------------------------------

    def progress(self):
        """The lines of progress that the hall has printed, one every 2 s, as dicts of numbers."""
        return [{name: int(text) for name, text in match.groupdict().items()}
                for match in map(PROGRESS.fullmatch, self.voters.all_errors().splitlines())
                if match]

    def wait_idle(self, is_done=lambda line: line["waiting"] == 0, timeout_s=600):
        """Until two lines of progress in a row say the same, and that all is answered."""
        seen, deadline = len(self.progress()), time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            lines = self.progress()[seen:]
            if len(lines) >= 2 and lines[-1] == lines[-2] and is_done(lines[-1]):
                return
            time.sleep(0.05)
        raise AssertionError(f"the hall is never idle: {self.voters.errors()}")

    # What was acknowledged --------------------------------------------------------------------

    def acked_size(self):
        """Bytes of the acknowledgements so far: grows with each."""
        return os.path.getsize(self.acks) if os.path.exists(self.acks) else 0

    def wait_acked(self, size, timeout_s=hall.LONG_S):
        """Until the acknowledgements are over `size` bytes. False: the server ended first."""
        deadline = time.monotonic() + timeout_s
        while self.acked_size() <= size:
            if not self.server.is_running():
                return False
            if time.monotonic() > deadline:
                raise AssertionError(f"nothing was acknowledged for {timeout_s} s: "
                                     f"{self.server.errors()}")
            time.sleep(0.002)
        return True

    def wait_ended(self, timeout_s):
        """Until the server ended by itself, or nothing is acknowledged any more. True: it ended."""
        deadline, size = time.monotonic() + timeout_s, -1
        while self.server.is_running():
            if time.monotonic() > deadline:
                return False
            if self.acked_size() != size:
                size, deadline = self.acked_size(), time.monotonic() + timeout_s
            time.sleep(0.002)
        return True

    def check(self):
        """The stopped log against the acknowledgements, twice; the Fold and the lines compared."""
        done = self.verify()
        if done.returncode != 0:
            raise AssertionError(f"minping verify: {done.stderr}")
        return fold.check(self.data, *self.acks_there())

    def acks_there(self):
        return [self.acks] if os.path.exists(self.acks) else []

    def verify(self):
        acks = [argument for path in self.acks_there() for argument in ("--acks", path)]
        return subprocess.run([hall.MINPING, "verify", "--data", self.data, *acks],
                                   capture_output=True, text=True, check=False,
                                   stdin=subprocess.DEVNULL)

    def lost(self):
        """How many acknowledgements the stopped log does not bear out: all, if it is unreadable."""
        try:
            counted = fold.Fold(self.data)
        except (AssertionError, sqlite3.Error):
            with open(self.acks, encoding="ascii") as file:
                return sum(line.endswith("\n") for line in file)
        return sum(len(counted.ack_differences(path)[1]) for path in self.acks_there())

    def finish(self, others=()):
        """Ends the hall and the server as one should, and checks all: the hall's figures.

        The hall's own count must be that of the results, but for rounds it heard nothing of, and
        for the votes of `others`: (round, criterion, grade) that count beside the hall's.
        """
        self.close_round()
        status = self.voters.stop()
        figures = json.loads([line for line in self.voters.lines if line][-1])
        if status != 0 or figures["unresolved"] or figures["receipts_differing"]:
            raise AssertionError(f"the hall: {figures}, {self.voters.errors()}")
        if self.server.stop() != 0:
            raise AssertionError(f"the server: {self.server.errors()}")
        self.check()
        with open(self.truth, encoding="utf-8") as file:
            truth = json.load(file)
        results = fold.results_of(self.data)
        heard = {item["round"] for item in truth["items"]}
        for item in results["items"]:
            for number, criterion, grade in others:
                if (number, criterion) == (item["round"], item["criterion"]):
                    item["counts"][grade] -= 1
                    item["valid"] -= 1
        results["items"] = [item for item in results["items"]
                            if item["round"] in heard or item["valid"] > 0]
        differing = same.differences(truth, results)
        if differing:
            raise AssertionError(f"truth and results: {differing[:10]}")
        return figures

    def end(self):
        """Nothing of it goes on, and its folder goes: to be called when all went well."""
        self.abandon()
        shutil.rmtree(self.dir, ignore_errors=True)

    def abandon(self):
        for process in list(self.processes):
            if process.is_running():
                process.kill()
            self.forget(process)
        self.server = self.voters = None


@contextlib.contextmanager
def on_disk(scenario, kind, store, name):
    """(a Sitting, the disk.Loop of its own that its data is on); both go when all went well."""
    with disk.Loop(kind, store, name) as loop:
        held = Sitting(scenario, name, data=os.path.join(loop.path, "data"), is_safe=True)
        try:
            yield held, loop
        finally:
            held.abandon()
    held.end()


def fill_wal(held):
    """Acts, each a commit of its own, until a checkpoint is due after the round."""
    with open(os.path.join(held.data, "tokens", "operator-1.token"), encoding="utf-8") as file:
        peer = ws.Peer(held.desk, "operator", token=file.read().strip())
    try:
        for number in range(1, WAL_ACTS + 1):
            peer.control(number, "take", bus="programme", layer="bug", scene="test")
            if number % 50 == 0:
                peer.expect("done", id=number, timeout_s=hall.LONG_S)
    finally:
        peer.close()

"""What the system tests share: a scenario with its own folder, event, and real processes.

The programs come from the environment (MINPINGD, MINPING, MINPING_HALL, MINPING_OVERLAY), set by
CMake to those of its own build tree. Every scenario runs on loopback, on ports the server takes.
"""

import csv
import http.client
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import ssl
import subprocess
import sys
import threading
import time
import unittest

import same
import ws

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SERVER = os.environ.get("MINPINGD", "minpingd")
MINPING = os.environ.get("MINPING", "minping")
HALL = os.environ.get("MINPING_HALL", "minping-hall")
OVERLAY = os.environ.get("MINPING_OVERLAY", "minping-overlay")
OUT = os.environ.get("MINPING_TEST_OUT", os.path.join(ROOT, "build", "scenarios"))
SANITIZER = re.compile(r"ERROR: (Address|Leak)Sanitizer|runtime error:|Assertion .* failed")
# Marks a second of a hall of sixty: a round of eleven criteria takes about one second, or eight.
FAST_RATE, SLOW_RATE = 1250, 150
LONG_S = 60  # no single thing here takes longer, even under a sanitizer on a busy machine


def label(chinese, english):
    return {"zh-CN": chinese, "en": english}


def event(seats=60, subjects=3, live="tally", event_id="system-test"):
    """A small event with 11 criteria, as a dict of minping-event(5)."""
    criteria = ["ability", "policy", "spirit", "people", "fieldwork", "courage", "efficiency",
                "democracy", "example", "integrity", "results"]
    return {
        "minping": 1, "id": event_id, "title": label("系统测试", "System test"),
        "groups": [{"id": "party", "title": label("党员代表", "Party members"),
                    "seats": seats // 2},
                   {"id": "people", "title": label("各界代表", "All walks of life"),
                    "seats": seats - seats // 2}],
        "criteria": [{"id": name, "title": label(f"项目{index}", name.capitalize())}
                     for index, name in enumerate(criteria, 1)],
        "grades": [{"id": "good", "title": label("好", "Good")},
                   {"id": "fair", "title": label("中", "Fair")},
                   {"id": "poor", "title": label("差", "Poor")}],
        "contests": [{
            "id": "appraisal", "kind": "appraisal", "title": label("民主测评", "Appraisal"),
            "rules": "district-appraisal", "live": live, "grades": ["good", "fair", "poor"],
            "criteria": criteria,
            "subjects": [{"id": f"s{index:02}", "name": label(f"区委常委{index}号", f"Member {index}"),
                          "office": label("区委", "District committee")}
                         for index in range(1, subjects + 1)]}],
        "posts": [{"id": "officer-1", "role": "officer"},
                  {"id": "operator-1", "role": "operator"},
                  {"id": "overlay-1", "role": "overlay", "audience": "public"},
                  {"id": "screen-1", "role": "screen", "audience": "hall"},
                  {"id": "base-1", "role": "base", "seats": [1, min(seats, 255)]}],
    }


class Process:
    """A running program. Its stdout is read as it comes; stderr goes to a file."""

    def __init__(self, scenario, name, arguments, **options):
        self.name = name
        self.error_path = os.path.join(scenario.dir, f"{len(scenario.processes):02}-{name}.err")
        self.lines = []
        self.changed = threading.Condition()
        with open(self.error_path, "w", encoding="utf-8") as errors:
            self.child = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=errors,
                                          stdin=subprocess.DEVNULL, text=True, **options)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        scenario.processes.append(self)

    def _read(self):
        for line in self.child.stdout:
            with self.changed:
                self.lines.append(line.rstrip("\n"))
                self.changed.notify_all()
        with self.changed:
            self.lines.append(None)
            self.changed.notify_all()

    def wait_line(self, pattern, timeout_s=LONG_S):
        """The match of the first stdout line that `pattern` matches whole."""
        deadline = time.monotonic() + timeout_s
        seen = 0
        with self.changed:
            while True:
                for line in self.lines[seen:]:
                    if line is None:
                        raise AssertionError(f"{self.name} ended without '{pattern}': "
                                             f"{self.errors()}")
                    match = re.fullmatch(pattern, line)
                    if match:
                        return match
                seen = len(self.lines)
                if not self.changed.wait(deadline - time.monotonic()):
                    raise AssertionError(f"{self.name} did not print '{pattern}': {self.errors()}")

    def is_running(self):
        return self.child.poll() is None

    def wait(self, timeout_s=LONG_S):
        """Its exit status, once it ends by itself."""
        try:
            status = self.child.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} did not end: {self.errors()}") from None
        self.reader.join(5)
        return status

    def stop(self, timeout_s=LONG_S):
        """Asks it to end (SIGTERM); its exit status."""
        if self.is_running():
            self.child.send_signal(signal.SIGTERM)
        return self.wait(timeout_s)

    def kill(self):
        """kill -9; it is gone when this returns."""
        self.child.kill()
        self.child.wait(LONG_S)

    def errors(self, size=2000):
        with open(self.error_path, encoding="utf-8", errors="replace") as file:
            return file.read()[-size:]

    def all_errors(self):
        return self.errors(1 << 30)


class Scenario(unittest.TestCase):
    """One folder a test, kept when it fails; nothing that was started outlives it."""

    maxDiff = 2000

    def setUp(self):
        self.dir = os.path.join(OUT, self.id().replace("__main__.", ""))
        shutil.rmtree(self.dir, ignore_errors=True)
        os.makedirs(self.dir)
        self.processes = []
        self.seed = int(os.environ.get("MINPING_TEST_SEED", "20261124"))
        self.random = random.Random(self.seed)
        self.data = self.path("data")
        self.event_path = self.path("event.json")
        self.write(self.event_path, event())
        self.url = self.desk = None

    def tearDown(self):
        for process in self.processes:
            if process.is_running():
                process.kill()
            process.reader.join(5)
            process.child.stdout.close()
        for process in self.processes:
            found = SANITIZER.search(process.all_errors())
            self.assertIsNone(found, f"{process.name}: {process.errors(4000)}")
        outcome = self._outcome
        if not (outcome.result.errors or outcome.result.failures):
            shutil.rmtree(self.dir, ignore_errors=True)

    def path(self, *names):
        return os.path.join(self.dir, *names)

    def write(self, path, value):
        with open(path, "w", encoding="utf-8") as file:
            if isinstance(value, str):
                file.write(value)
            else:
                json.dump(value, file, ensure_ascii=False)

    def read_json(self, path):
        with open(path, encoding="utf-8") as file:
            return json.load(file)

    # Programs ---------------------------------------------------------------------------------

    def start(self, name, *arguments, **options):
        return Process(self, name, [str(argument) for argument in arguments], **options)

    def start_server(self, *extra, again=False, wait=True, before=(), **options):
        """minpingd on self.data. again: on the ports it had before; before: run by this command.

        options: as subprocess.Popen has them.
        """
        ports = [ws.address_of(url)[1] if again else ws.free_port()
                 for url in (self.url, self.desk)]
        listen, desk = (f"127.0.0.1:{port}" for port in ports)
        server = self.start("minpingd", *before, SERVER, "--event", self.event_path,
                            "--data", self.data, "--listen", listen, "--desk", desk,
                            "--allow-unsafe-disk", *extra, **options)
        if wait:
            self.url = server.wait_line(r"listening on (https?://\S+:\d+)")[1]
            self.desk = server.wait_line(r"desk on (https?://\S+:\d+)")[1]
        return server

    def start_hall(self, *extra, seats=60, truth="truth.json", seed=7):
        return self.start("hall", HALL, "--url", self.url, "--roll", self.roll_path(),
                          "--seats", seats, "--seed", seed, "--truth", self.path(truth), *extra)

    def start_overlay(self, output, *extra, background="#203040", video="1080i25"):
        return self.start("overlay", OVERLAY, "--url", self.desk, "--token-file",
                          self.token_path("overlay-1"), "--format", video, "--output", output,
                          "--background", background, *extra)

    def run_program(self, *arguments, status=0, timeout_s=LONG_S, **options):
        """Runs one to its end, which must be `status` (None: any); its CompletedProcess."""
        done = subprocess.run([str(argument) for argument in arguments], capture_output=True,
                              text=True, timeout=timeout_s, stdin=subprocess.DEVNULL, check=False,
                              **options)
        said = f"{' '.join(map(str, arguments))}\nstatus {done.returncode}\n{done.stderr[-3000:]}"
        self.assertIsNone(SANITIZER.search(done.stderr), said)
        if status is not None:
            self.assertEqual(status, done.returncode, said)
        return done

    def minping(self, *arguments, post="officer-1", status=0, ca=None):
        tail = ["--url", self.desk, "--token-file", self.token_path(post)]
        tail += ["--ca", ca] if ca else []
        return self.run_program(MINPING, *arguments, *tail, status=status)

    def take(self, *arguments, **options):
        return self.minping("take", *arguments, post="operator-1", **options)

    # What the server keeps and says -----------------------------------------------------------

    def roll_path(self):
        return os.path.join(self.data, "roll.csv")

    def token_path(self, post):
        return os.path.join(self.data, "tokens", f"{post}.token")

    def token(self, post):
        with open(self.token_path(post), encoding="utf-8") as file:
            return file.read().strip()

    def credential(self, seat):
        with open(self.roll_path(), encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["seat"] == str(seat):
                    return row["credential"]
        raise AssertionError(f"no seat {seat} in {self.roll_path()}")

    def voter(self, seat, **handshake):
        return ws.Peer(self.url, "voter", self.credential(seat), **handshake)

    def post(self, post, **handshake):
        return ws.Peer(self.desk, post.rsplit("-", 1)[0], token=self.token(post), **handshake)

    def get(self, url, path, headers=None, ca=None):
        """GET: (status, headers, body)."""
        host, port, is_tls = ws.address_of(url)
        if is_tls:
            context = ssl.create_default_context(cafile=ca)
            connection = http.client.HTTPSConnection(host, port, timeout=20, context=context)
        else:
            connection = http.client.HTTPConnection(host, port, timeout=20)
        try:
            connection.request("GET", path, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def results(self, *, post="officer-1", by_data=False):
        path = self.path("results.json")
        if by_data:
            self.run_program(MINPING, "results", "--data", self.data, "--format", "json",
                             "-o", path)
        else:
            self.minping("results", "--format", "json", "-o", path, post=post)
        return self.read_json(path)

    def status(self):
        """The answer to control status, asked by an operator of the test's own."""
        peer = self.post("operator-1")
        peer.control(1, "status")
        try:
            return peer.expect("status")
        finally:
            peer.close()

    def wait_until(self, question, what, timeout_s=LONG_S):
        """Asks every 50 ms until the answer is true, and returns it."""
        deadline = time.monotonic() + timeout_s
        while True:
            answer = question()
            if answer:
                return answer
            if time.monotonic() > deadline:
                self.fail(f"waited {timeout_s} s for: {what}")
            time.sleep(0.05)

    def wait_cast(self, count, timeout_s=LONG_S):
        """Until `count` cards of the open round hold at least one mark."""
        return self.wait_until(lambda: self.status()["cast"] >= count, f"{count} cards cast",
                               timeout_s)

    def wait_recorded(self, count, timeout_s=LONG_S):
        """Until `count` marks are recorded, in all rounds. A seat leaves 2 % of its items blank."""
        return self.wait_until(lambda: self.status()["recorded"] >= count,
                               f"{count} marks recorded", timeout_s)

    def figures(self, voters):
        """The figures the hall prints at its end, which must be a good one."""
        self.assertEqual(0, voters.wait(), voters.errors())
        figures = json.loads([line for line in voters.lines if line][-1])
        self.assertEqual((0, 0), (figures["unresolved"], figures["receipts_differing"]), figures)
        self.assertGreater(figures["acked"], 0)
        return figures

    def assert_same(self, truth, results):
        """The items of both are equal, and there are some."""
        self.assertGreater(len(truth["items"]), 0)
        self.assertEqual([], same.differences(truth, results)[:10])


NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]  # before a command line


def forge_ack(line):
    """An acknowledgement that was never given: `line` of --acks with another version and nonce."""
    numbers = line.split(" ")
    return " ".join(numbers[:3] + ["2147483000", numbers[4], "feedfeedfeedfeed", numbers[6]])


def raise_log_format(path):
    """Makes the log at `path` claim the format after its own."""
    with sqlite3.connect(path) as log:
        changed = log.execute("UPDATE meta SET format = format + 1").rowcount
    log.close()
    assert changed == 1, "the log has no format to raise"


def skip(why):
    """Ends the whole scenario: this machine lacks what it needs. tests/run lists it by name."""
    print(f"skipped: {why}", flush=True)
    sys.exit(77)


def main():
    unittest.main(verbosity=2, argv=[sys.argv[0], *sys.argv[1:]])

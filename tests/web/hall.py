"""A real minpingd with a data directory of its own, its desk, and keypads, for the web tests."""

import base64
import csv
import json
import os
import pathlib
import secrets
import signal
import socket
import struct
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
EVENT = ROOT / "clients/demo/s1.event.json"
BRANCH = ROOT / "tests/web/branch.event.json"
CONTEST = "appraisal"
PATIENCE_S = 60  # a slow machine's; nothing waits longer than it must


def branch_of(seats, folder):
    """The branch's event with so many members; its file."""
    event = json.loads(BRANCH.read_text("utf-8"))
    event["groups"][0]["seats"] = seats
    path = pathlib.Path(folder) / f"branch-{seats}.event.json"
    path.write_text(json.dumps(event), "utf-8")
    return path


class Hall:
    """Starts minpingd of `build` on free ports; the data goes with it."""

    def __init__(self, build, event=EVENT):
        self.build = pathlib.Path(build)
        self.event = event
        self.directory = tempfile.TemporaryDirectory(prefix="minping-web-")
        self.data = pathlib.Path(self.directory.name) / "data"
        self.log = open(pathlib.Path(self.directory.name) / "minpingd.log", "wb")
        self.process = None
        self.url = self.desk = ""
        self.start()

    def start(self):
        """Starts, or starts again on the same ports and data."""
        listen = self.url.partition("://")[2] or "127.0.0.1:0"
        desk = self.desk.partition("://")[2] or "127.0.0.1:0"
        self.process = subprocess.Popen(
            [self.build / "server/minpingd", "--event", self.event, "--data", self.data,
             "--listen", listen, "--desk", desk, "--allow-unsafe-disk"],
            stdout=subprocess.PIPE, stderr=self.log, text=True)
        for line in self.process.stdout:
            word, _, address = line.strip().partition(" on ")
            if word == "listening":
                self.url = address.rstrip("/")
            if word == "desk":
                self.desk = address.rstrip("/")
                return
        raise RuntimeError(f"minpingd ended with {self.process.wait()}: {self.said()}")

    def said(self):
        return pathlib.Path(self.log.name).read_text("utf-8", "replace")[-2000:]

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def freeze(self):
        """The server stops for a while: it hears and says nothing."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def close(self):
        self.thaw()
        self.process.terminate()
        try:
            status = self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        self.process.stdout.close()
        self.log.close()
        self.directory.cleanup()
        return status

    def credentials(self):
        with open(self.data / "roll.csv", newline="", encoding="utf-8") as file:
            return [row["credential"] for row in csv.DictReader(file)]

    def control(self, *words, post="officer-1"):
        """minping WORDS… with the post's token; returns what it said."""
        done = subprocess.run(
            [self.build / "clients/ctl/minping", *words, "--url", self.desk,
             "--token-file", self.data / f"tokens/{post}.token"],
            capture_output=True, text=True, timeout=PATIENCE_S, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"minping {' '.join(words)}: {done.stdout}{done.stderr}")
        return done.stdout

    def results(self):
        return json.loads(self.control("results", "--format", "json"))

    def get(self, path, encoding="identity"):
        """Status, headers and bytes as they travel."""
        request = urllib.request.Request(self.url + path, headers={"Accept-Encoding": encoding})
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return answer.status, answer.headers, answer.read()

    def document(self):
        return json.loads(self.get("/api/v1/view")[2])


class Pad:
    """One voter's WebSocket without a browser."""

    def __init__(self, hall, credential):
        where = urllib.parse.urlsplit(hall.url)
        self.socket = socket.create_connection((where.hostname, where.port), PATIENCE_S)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            (f"GET /ws HTTP/1.1\r\nHost: {where.netloc}\r\nOrigin: {hall.url}\r\n"
             f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
             f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Protocol: minping.v1\r\n\r\n").encode())
        self.file = self.socket.makefile("rb")
        answer = self.file.readline()
        if b" 101 " not in answer:
            raise RuntimeError(f"no WebSocket: {answer!r}")
        while self.file.readline().strip():
            pass
        self.send(t="hello", protocol=1, role="voter", credential=credential)
        self.welcome = self.hear("welcome")

    def send(self, **message):
        text = json.dumps(message).encode()
        mask = os.urandom(4)
        size = bytes([0x80 | len(text)]) if len(text) < 126 else struct.pack("!BH", 0xfe, len(text))
        masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(text))
        self.socket.sendall(b"\x81" + size + mask + masked)

    def hear(self, kind):
        """The next message of this kind; pings and others are passed over."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            head = self.file.read(2)
            size = head[1] & 0x7f
            if size == 126:
                size = struct.unpack("!H", self.file.read(2))[0]
            elif size == 127:
                size = struct.unpack("!Q", self.file.read(8))[0]
            body = self.file.read(size)
            if head[0] == 0x81 and json.loads(body)["t"] == kind:
                return json.loads(body)
        raise RuntimeError(f"no {kind} came")

    def cast(self, choices):
        """A list of choices, or {item: choice}, in one cast; returns when it is acknowledged."""
        pairs = choices.items() if isinstance(choices, dict) else enumerate(choices)
        marks = [part for item, choice in pairs for part in (item, 1, choice)]
        self.send(t="cast", id=1, round=self.welcome["round"]["round"],
                  nonce=secrets.token_hex(8), marks=marks)
        self.hear("ack")

    def close(self):
        self.file.close()
        self.socket.close()

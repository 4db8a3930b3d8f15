"""Proves that a panic takes the graphics off within two frames, by the outputter alone, for good.

The server is dead and the painter hangs when the panic comes through the socket: the frame that the
answer names is clear, as is every one after it. A painter, a server and an overlay that start again
do not bring the graphics back; the next take does. Who connects and says nothing delays nobody, and
wrong words change nothing. The controls: without the state file the restarted overlay shows them,
and before the panic they are in the frames.
"""

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import hall

BACKGROUND = "#ffffff"
FRAME_SIZE = 1280 * 720 * 3 // 2
WHITE = 235
SHOWN_PX = 1000  # darker ones in a frame that has graphics


DARK = bytes(value for value in range(256) if value < WHITE - 20)


def has_graphics(frame):
    luma = frame[:1280 * 720]
    return len(luma) - len(luma.translate(None, DARK)) > SHOWN_PX


class Panic(hall.Scenario):
    def setUp(self):
        super().setUp()
        self.socket = self.path("p.sock")
        if len(self.socket) > 100:  # a UNIX socket's name is short
            self.socket = os.path.relpath(self.socket)

    def overlay(self, output, *extra, video="720p50"):
        return self.start_overlay(output, "--panic-socket", self.socket, *extra,
                                  background=BACKGROUND, video=video)

    def wait_overlay(self, count=1):
        self.wait_until(lambda: self.status()["overlays"] == count, "the overlay")

    def ask(self, line):
        with socket.socket(socket.AF_UNIX) as peer:
            peer.settimeout(5)
            peer.connect(self.socket)
            peer.sendall(line)
            return peer.recv(100).decode()

    def panic(self):
        done = self.run_program(hall.MINPING, "panic", "--socket", self.socket, "--lang", "en")
        found = re.search(r"after (\d+) frames, from frame (\d+) on", done.stdout)
        return int(found[1]), int(found[2])

    def shown_last(self, count):
        """Whether each of the newest frames has graphics; of fewer, while there are."""
        with open(self.path("x.yuv"), "rb") as file:
            whole = os.fstat(file.fileno()).st_size // FRAME_SIZE
            file.seek(max(0, whole - count) * FRAME_SIZE)
            return [has_graphics(file.read(FRAME_SIZE)) for _ in range(min(count, whole))]

    def test_dead_server_and_hung_painter(self):
        server = self.start_server()
        overlay = self.overlay(f"raw:{self.path('x.yuv')}")
        self.wait_overlay()
        self.assertEqual(0o600, stat.S_IMODE(os.stat(self.socket).st_mode))
        self.take("lower", "strap", "contest=appraisal", "subject=s01")
        self.wait_until(lambda: self.shown_last(10) == [True] * 10, "graphics")
        self.assertEqual("shown\n", self.ask(b"state\n"))
        self.assertIn("failed", self.ask(b"clear all please\n"))
        self.assertIn("failed", self.ask(b"x" * 64))
        self.assertEqual("shown\n", self.ask(b"state\n"))
        silent = []
        for _ in range(12):  # more than may be connected
            silent.append(socket.socket(socket.AF_UNIX))
            silent[-1].connect(self.socket)
        painter = int(re.search(r"painter (\d+) is up", overlay.all_errors())[1])
        server.kill()
        os.kill(painter, signal.SIGSTOP)
        frames, first = self.panic()
        self.assertIn(frames, (1, 2))
        for peer in silent:
            peer.close()
        self.assertEqual("clear\n", self.ask(b"state\n"))
        self.wait_until(lambda: overlay.all_errors().count(" is up after ") == 2, "a new painter")
        time.sleep(0.6)  # it could draw for 30 frames
        self.assertEqual(0, overlay.stop(), overlay.errors())
        with open(self.path("x.yuv"), "rb") as file:
            file.seek((first - 10) * FRAME_SIZE)
            shown = [has_graphics(file.read(FRAME_SIZE)) for _ in range(10)]
            rest = [has_graphics(frame) for frame in iter(lambda: file.read(FRAME_SIZE), b"")]
        self.assertEqual([True] * (10 - frames + 1), shown[:10 - frames + 1])  # the control
        self.assertGreater(len(rest), 25)
        self.assertNotIn(True, rest)
        self.assertFalse(os.path.exists(self.socket))

    def still(self):
        """Whether the newest still has graphics; None: there is no still."""
        path = self.path("x.png")
        if not os.path.exists(path):
            return None
        return has_graphics(subprocess.run(
            ["ffmpeg", "-v", "error", "-i", path, "-f", "rawvideo", "-pix_fmt", "gray", "-"],
            capture_output=True, check=True).stdout)

    def run_overlay(self, during):
        """Runs one that writes stills, and `during` once it is connected; its figures."""
        if os.path.exists(self.path("x.png")):
            os.unlink(self.path("x.png"))
        overlay = self.overlay(f"png:{self.path('x.png')}")
        self.wait_overlay()
        during()
        self.assertEqual(0, overlay.stop(), overlay.errors())
        self.wait_overlay(0)
        return json.loads([line for line in overlay.lines if line][-1])

    def check_shown(self, act=lambda: None, then=lambda: None):
        """Graphics come, after `act`; `then` is done while they are there."""
        def during():
            act()
            self.wait_until(self.still, "graphics")
            then()
        self.run_overlay(during)

    def check_hidden(self, act=lambda: None):
        """A picture comes from the painter, `act` is done, and no still has graphics."""
        for wait_s in (0.9, 4, 16):
            drawn = self.run_overlay(lambda: (act(), time.sleep(wait_s)))["graphics"]
            self.assertFalse(self.still())
            if drawn > 0:
                return
        self.fail("no painter drew anything that could be hidden")

    def panic_and_see(self):
        self.panic()
        self.wait_until(lambda: self.still() is False, "a clear still")

    def test_restarts_do_not_bring_it_back(self):
        server = self.start_server()
        state = self.socket + ".state"
        self.take("lower", "strap", "contest=appraisal", "subject=s01")
        self.check_shown()
        self.assertFalse(os.path.exists(state))
        self.check_shown(then=self.panic_and_see)
        with open(state, encoding="ascii") as file:
            kept = file.read()
        self.check_hidden()
        server.kill()
        server = self.start_server(again=True)
        self.check_hidden()
        os.unlink(state)
        self.check_shown()  # the control: it was the file that kept it off
        for text in (kept, "minping panic 1\nlog x\n"):
            self.write(state, text)
            self.check_hidden()
            self.check_hidden(self.disturb)
            self.assertTrue(os.path.exists(state))
        self.check_shown(lambda: self.take("lower", "strap", "contest=appraisal", "subject=s02"))
        self.assertFalse(os.path.exists(state))
        self.check_shown()

    def disturb(self):
        """What changes the programme and is no take of its bus."""
        self.take("bug", "turnout", "contest=appraisal", "--bus", "preview")
        self.minping("continue", "lower", post="operator-1")
        self.minping("clear", "alert", post="operator-1")

    def test_refusals(self):
        base = [hall.OVERLAY, "--test-pattern", "--format", "720p50", "--seconds", "1", "--output",
                f"raw:{self.path('y.yuv')}", "--panic-socket"]
        self.run_program(*base, "x" * 101, status=1)
        self.write(self.path("file"), "{}")
        self.assertIn("no socket", self.run_program(*base, self.path("file"), status=1).stderr)
        self.assertEqual({}, self.read_json(self.path("file")))
        first = self.start("overlay", *base[:4], "--output", f"raw:{self.path('x.yuv')}",
                           "--panic-socket", self.socket)
        self.wait_until(lambda: os.path.exists(self.socket), "the socket")
        self.assertIn("another overlay's", self.run_program(*base, self.socket, status=1).stderr)
        first.kill()  # leaves its socket behind
        self.assertIn("refused", self.run_program(hall.MINPING, "panic", "--socket", self.socket,
                                                  status=1).stderr)
        self.run_program(*base, self.socket)
        self.run_program(hall.MINPING, "panic", status=2)
        self.run_program(hall.MINPING, "panic", "--socket", self.path("none"), status=1)


if __name__ == "__main__":
    hall.main()

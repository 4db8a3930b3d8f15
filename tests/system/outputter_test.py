"""Proves that the frames never stop, whatever happens to the painter and to the outputs.

The painter is killed, stopped and started anew while the test pattern is on air: no frame is
missing from the recording, none is without its graphic, and the bar soon moves again. A panic takes
the graphic off at once. An output that fails stops no other. What an output cannot hold, and what
cannot be read, is refused before anything opens. The control: a recording in which the bar stands
still for longer than allowed is found.
"""

import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import hall
import programme

WIDTH, HEIGHT = 1280, 720
FRAME_SIZE = WIDTH * HEIGHT * 3 // 2
RATE = 50
# From the kill to the first new picture, on a busy machine: the new painter loads its fonts in it.
RESTART_FRAMES = 3 * RATE
WHITE_LINE = 8 * WIDTH  # luma of line 8: bar and ground only, whatever the scale


def is_pattern(frame):
    """Whether the pattern's black ground is there; the background is white."""
    return min(frame[WHITE_LINE:WHITE_LINE + WIDTH]) < 30


def longest_rest(frames):
    """The most frames in a row that are the same picture."""
    longest = rest = 1
    for before, after in zip(frames, frames[1:]):
        rest = rest + 1 if before == after else 1
        longest = max(longest, rest)
    return longest


class Outputter(hall.Scenario):
    def start_pattern(self, *extra, output=None):
        output = output or f"raw:{self.path('x.yuv')}"
        return self.start("overlay", hall.OVERLAY, "--test-pattern", "--format", "720p50",
                          "--background", "#ffffff", "--output", output, *extra)

    def wait_up(self, overlay, count=1):
        """The process id of the `count`th painter, once it beats."""
        pattern = re.compile(r"painter (\d+) is up")
        self.wait_until(lambda: len(pattern.findall(overlay.all_errors())) >= count, "the painter")
        return int(pattern.findall(overlay.all_errors())[count - 1])

    def finish(self, overlay, status=0):
        """Stops it; its figures."""
        self.assertEqual(status, overlay.stop(), overlay.errors())
        lines = [line for line in overlay.lines if line]
        return json.loads(lines[-1])

    def frames(self):
        with open(self.path("x.yuv"), "rb") as file:
            data = file.read()
        self.assertEqual(0, len(data) % FRAME_SIZE)
        return [data[at:at + FRAME_SIZE] for at in range(0, len(data), FRAME_SIZE)]

    def check_held(self, figures, starts):
        frames = self.frames()
        self.assertEqual(figures["frames"], len(frames))
        self.assertEqual(starts, figures["painter"]["starts"])
        begin = next(i for i, frame in enumerate(frames) if is_pattern(frame))
        without = [i for i in range(begin, len(frames)) if not is_pattern(frames[i])]
        self.assertEqual([], without, "frames without their graphic")
        self.assertLess(longest_rest(frames[begin:]), RESTART_FRAMES)
        return frames

    def test_killed_painter(self):
        overlay = self.start_pattern()
        for count in (1, 2, 3):
            painter = self.wait_up(overlay, count)
            time.sleep(0.2)  # on air
            os.kill(painter, signal.SIGKILL)
        self.wait_up(overlay, 4)
        time.sleep(0.3)
        frames = self.check_held(self.finish(overlay), 4)
        self.assertGreaterEqual(longest_rest(frames + frames[-1:] * RESTART_FRAMES),
                                RESTART_FRAMES)  # the control

    def test_hung_painter(self):
        overlay = self.start_pattern()
        os.kill(self.wait_up(overlay), signal.SIGSTOP)
        self.wait_up(overlay, 2)
        time.sleep(0.2)
        self.check_held(self.finish(overlay), 2)
        self.assertIn("hangs", overlay.all_errors())

    def test_painter_ends_with_the_outputter(self):
        overlay = self.start_pattern()
        painter = self.wait_up(overlay)
        overlay.kill()
        overlay.wait()
        self.wait_until(lambda: not os.path.exists(f"/proc/{painter}"), "the painter's end", 10)

    def panic(self, overlay):
        """Takes the graphic off and ends; its figures."""
        self.wait_up(overlay)
        time.sleep(0.3)
        overlay.child.send_signal(signal.SIGUSR1)
        self.wait_until(lambda: "panic" in overlay.all_errors(), "the panic")
        time.sleep(0.5)
        return self.finish(overlay)

    def test_panic(self):
        self.panic(self.start_pattern())
        frames = self.frames()
        shown = [is_pattern(frame) for frame in frames]
        self.assertIn(True, shown)
        last = len(shown) - 1 - shown[::-1].index(True)
        self.assertGreater(len(shown) - last, RATE // 4)  # clear, and stays clear
        self.assertEqual({235}, set(frames[-1][:WIDTH * HEIGHT]))

    def test_picture_of_a_lost_server_is_held_and_then_cleared(self):
        server = self.start_server()
        recording = self.path("x.ts")
        overlay = self.start_overlay(f"file:{recording}", "--hold-s", 1, "--hold-then", "clear",
                                     background="#ffffff", video="576i25")
        self.wait_until(lambda: self.status()["overlays"] == 1, "the overlay")
        self.take("lower", "strap", "contest=appraisal", "subject=s01")
        time.sleep(4)  # the strap comes in, also where the painter is slow to start

        def count(text):
            return overlay.all_errors().count(text)
        # A painter slower than --hold-s has been hidden and shown before.
        hidden, back = count("graphics are hidden"), count("graphics are shown")
        server.kill()
        self.wait_until(lambda: count("graphics are hidden") > hidden, "the clear")
        time.sleep(0.5)
        self.start_server(again=True)
        self.wait_until(lambda: count("graphics are shown") > back, "the return")
        time.sleep(0.5)
        self.assertEqual(0, overlay.stop(), overlay.errors())
        shown = programme.is_strip_shown(recording, "#ffffff")
        changes = [i for i in range(1, len(shown)) if shown[i] != shown[i - 1]]
        # Comes in, is cleared, comes back; the frames in between do not flicker.
        self.assertEqual((3, False, True), (len(changes), shown[0], shown[-1]), changes)
        self.assertGreater(changes[1] - changes[0], 25)
        self.assertEqual([], programme.gaps(recording))

    def test_failing_output_stops_no_other(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (FRAME_SIZE * 20, FRAME_SIZE * 20))
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        full = self.path("full.yuv")
        stills = self.path("stills")
        overlay = self.start("overlay", hall.OVERLAY, "--test-pattern", "--format", "720p50",
                             "--output", f"raw:{full}", "--output", f"file:{self.path('x.ts')}",
                             "--output", f"png:{stills}", "--seconds", "2", preexec_fn=limit)
        self.assertEqual(1, overlay.wait())  # said in the exit status too
        figures = json.loads([line for line in overlay.lines if line][-1])
        failed, coded, png = figures["outputs"]
        self.assertTrue(failed["failed"])
        self.assertEqual((100, 0, False), (coded["frames"], coded["drops"], coded["failed"]))
        self.assertGreaterEqual(png["stills"], 2)
        self.assertEqual(1, len(re.findall("failed after", overlay.all_errors())))
        self.assertEqual(png["stills"] + 1, len(os.listdir(stills)))
        self.assertTrue(os.path.exists(os.path.join(stills, "latest.png")))

    def test_refusals(self):
        base = [hall.OVERLAY, "--test-pattern", "--format", "720p50", "--seconds", "1"]
        usage = [
            (["--output", "file:x.ts", "--background", "alpha"], "cannot hold alpha"),
            (["--output", "file:x.mp4", "--background", "alpha"], "cannot hold alpha"),
            (["--output", "file:x.avi"], ".ts"),
            (["--output", "udp:x"], "no such output"),
            (["--output", "raw:"], "names no file"),
            (["--output", "raw:x", "--background", "#12345"], "no colour"),
            (["--output", "raw:x", "--alpha", "straight"], "--background alpha"),
            (["--output", "raw:x", "--hold-then", "clear"], "--hold-s"),
            (["--output", "raw:x", "--seconds", "0"], "seconds"),
            (["--output", "raw:x", "--lang", "fr"], "--lang"),
            ([], "--output"),
        ]
        for extra, said in usage:
            with self.subTest(extra=extra):
                done = self.run_program(*base, *extra, status=2, cwd=self.dir)
                self.assertIn(said, done.stderr)
        text = self.path("text.png")
        self.write(text, "this is no picture")
        failing = [
            (["--output", "raw:/nowhere/x"], "/nowhere/x"),
            (["--output", "png:/proc/stills"], "/proc/stills"),
            (["--output", "raw:x", "--background", "/nowhere.png"], "/nowhere.png"),
            (["--output", "raw:x", "--background", text], "text.png"),
        ]
        for extra, said in failing:
            with self.subTest(extra=extra):
                done = self.run_program(*base, *extra, status=1, cwd=self.dir)
                self.assertIn(said, done.stderr)

    def test_painter_that_cannot_start_is_said(self):
        done = self.run_program(hall.OVERLAY, "--test-pattern", "--format", "720p50", "--output",
                                f"raw:{self.path('x.yuv')}", "--theme", "/nowhere.json", status=1)
        self.assertIn("/nowhere.json", done.stderr)

    def test_alpha_is_premultiplied_or_straight(self):
        size = WIDTH * HEIGHT * 4
        for alpha in ("premultiplied", "straight"):
            path = self.path(f"{alpha}.bgra")
            self.panic(self.start_pattern("--background", "alpha", "--alpha", alpha,
                                          output=f"raw:{path}"))
            with open(path, "rb") as file:
                data = file.read()
            self.assertEqual(0, len(data) % size)
            starts = [data[at:at + 4] for at in range(0, len(data), size)]
            # The pattern is opaque, so both kinds agree on it; after the panic all is transparent.
            self.assertIn(bytes([0, 0, 0, 255]), starts)
            self.assertEqual(bytes(size), data[-size:])

    def test_picture_as_background(self):
        picture = self.path("grey.png")
        subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "color=0x808080:s=320x180",
                        "-frames:v", "1", picture], check=True)
        self.panic(self.start_pattern("--background", picture))
        luma = set(self.frames()[-1][:WIDTH * HEIGHT])
        self.assertTrue(luma <= {125, 126, 127}, luma)  # 16 + 219 × 128 / 255


if __name__ == "__main__":
    unittest.main()

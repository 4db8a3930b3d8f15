"""Proves that colour belongs to its field: in raw frames and through to the encoded stream.

The test pattern has a red bar that moves with every tick, beside the number of the tick in squares
of luma. In every frame of an interlaced format each row of chroma, 4:2:0, must have the bar where
it was at the tick of the row's own field, to half a sample, and that is the tick of the squares on
the luma lines of the same field. Every interlaced format that the overlay knows is tried. The
controls: rows of chroma exchanged between the fields, and rows made of both, are found.
"""

import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import hall

SHOWN_S, SEEN_MIN = 1.5, 20  # the pattern is on air, and at least so many frames of it
WIDTHS = {1080: 1920, 576: 720}
PLATE, BAR = (80, 128), 96
EDGE = 6  # lines at the plate's edges that filter and coder mix with what is beside it
NEAR = 0.5  # samples of chroma; the bar moves 4 in a field at 1080 lines, 1.5 at 576


class Raster:
    """Where things of the test pattern are in pictures of a format."""

    def __init__(self, name):
        height, self.canvas = int(name.split("i")[0]), 1440 if name.endswith("4x3") else 1920
        self.width, self.height = WIDTHS[height], height
        self.luma_size = self.width * height
        self.frame_size = self.luma_size * 3 // 2

    def x(self, canvas_x):
        return (2 * canvas_x * self.width + self.canvas) // (2 * self.canvas)

    def y(self, canvas_y):
        return (2 * canvas_y * self.height + 1080) // 2160

    def tick(self, frame, field):
        """The number in the squares of one field; None where there is no pattern yet."""
        line = (self.y(104) // 2 * 2 + field) * self.width
        if frame[field * self.width] > 200 and frame[line + self.x(88)] > 200:
            return None
        return int("".join("1" if frame[line + self.x(104 + 32 * i)] > 125 else "0"
                           for i in range(24)), 2)

    def chroma_rows(self):
        return range((self.y(PLATE[0]) + EDGE + 1) // 2, (self.y(PLATE[1]) - EDGE) // 2)

    def bar_of_row(self, frame, row):
        """The middle of the red bar in one row of Cr, in samples."""
        first = self.luma_size * 5 // 4 + row * (self.width // 2)
        weights = [(at, max(0, frame[first + at] - 136))
                   for at in range(self.x(888) // 2, self.x(1384) // 2)]
        total = sum(weight for _, weight in weights)
        return sum(at * weight for at, weight in weights) / total if total else None

    def bar_at(self, tick):
        """Where its middle is at a tick: chroma is sited with every second sample of luma."""
        left = 896 + tick * 8 % 384
        return (self.x(left) + self.x(left + BAR) - 1) / 4


def faults_of(raster, frames):
    """Rows of chroma whose bar is not where their field has it, as (frame, row, is, wanted)."""
    faults, seen = [], 0
    for index, frame in enumerate(frames):
        ticks = [raster.tick(frame, field) for field in (0, 1)]
        if None in ticks:
            continue
        seen += 1
        for row in raster.chroma_rows():
            middle, wanted = raster.bar_of_row(frame, row), raster.bar_at(ticks[row % 2])
            if middle is None or abs(middle - wanted) > NEAR:
                faults.append((index, row, middle, wanted))
    return faults if seen >= SEEN_MIN else [*faults, f"the pattern is in {seen} frames only"]


def rows_changed(raster, frames, change):
    """Frames whose rows of Cr are change(rows)."""
    first, width = raster.luma_size * 5 // 4, raster.width // 2
    changed = []
    for frame in frames:
        rows = [bytes(frame[at:at + width]) for at in range(first, len(frame), width)]
        changed.append(bytes(frame[:first]) + b"".join(change(rows)))
    return changed


def exchanged(rows):
    return [rows[row ^ 1] for row in range(len(rows))]


def mixed(rows):
    """Every row the mean of itself and the other field's: what a coder of frames would make."""
    return [bytes((a + b) // 2 for a, b in zip(row, other))
            for row, other in zip(rows, exchanged(rows))]


class FieldChroma(hall.Scenario):
    def formats(self):
        said = self.run_program(hall.OVERLAY, "--test-pattern", "--format", "none", "--output",
                                "raw:x", status=2).stderr
        return sorted(set(re.findall(r"\b\d+i25(?:-4x3)?\b", said)))

    def frames_of(self, raster, data):
        self.assertEqual(0, len(data) % raster.frame_size)
        return [data[at:at + raster.frame_size] for at in range(0, len(data), raster.frame_size)]

    def record(self, name, raster):
        """Raw frames, and the same ones decoded from the H.264 stream."""
        raw, coded = self.path("x.yuv"), self.path("x.ts")
        overlay = self.start("overlay", hall.OVERLAY, "--test-pattern", "--format", name,
                             "--output", f"raw:{raw}", "--output", f"file:{coded}",
                             "--background", "#ffffff")
        self.wait_until(lambda: re.search(r"painter \d+ is up", overlay.all_errors()),
                        "the painter")
        time.sleep(SHOWN_S)
        self.assertEqual(0, overlay.stop(), overlay.errors())
        done = subprocess.run(["ffmpeg", "-v", "error", "-i", coded, "-map", "0:v", "-fps_mode",
                               "passthrough", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-"],
                              capture_output=True, check=True)
        with open(raw, "rb") as file:
            frames = self.frames_of(raster, memoryview(file.read()))
        return frames, self.frames_of(raster, memoryview(done.stdout))

    def test_chroma_belongs_to_its_field(self):
        names = self.formats()
        self.assertIn("1080i25", names)
        for name in names:
            with self.subTest(format=name):
                raster = Raster(name)
                frames, decoded = self.record(name, raster)
                self.assertEqual(len(frames), len(decoded))
                self.assertEqual([], faults_of(raster, frames)[:5])
                self.assertEqual([], faults_of(raster, decoded)[:5])
                for change in (exchanged, mixed):
                    wrong = rows_changed(raster, frames[-SEEN_MIN:], change)
                    self.assertNotEqual([], faults_of(raster, wrong), change.__name__)


if __name__ == "__main__":
    hall.main()

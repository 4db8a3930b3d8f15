"""Proves that every field shows the picture of its own time, that none is missing or doubled.

The test pattern carries the number of its tick, in squares and as the place of a bar. Every field
of raw frames is read line by line, every frame of the H.264 file once more after decoding: the top
field of frame n shows tick 2n, the bottom field tick 2n + 1. A field may show an earlier tick only
where the overlay itself counted that the painter was late, and OWN_MIN must show their own. The
controls: frames with their fields exchanged, a frame left out and a frame doubled are found.
"""

import json
import os
import re
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import hall
import programme

BLACK, WHITE = 16, 235
OWN_MIN = 60  # fields or frames that must show the very tick they are of


class Pattern:
    """Where the test pattern stands in pictures of one size: its canvas, scaled."""

    def __init__(self, width, height, canvas=1920):
        self.width, self.height, self.canvas = width, height, canvas
        self.frame_size = width * height * 3 // 2
        # Where the plate with the squares stands, and its blurred edges.
        self.plate = range(self.y(80) - 2, self.y(128) + 3)
        self.square_lines = range(self.y(96) + 2, self.y(112) - 2)

    def x(self, canvas_x):
        return (2 * canvas_x * self.width + self.canvas) // (2 * self.canvas)

    def y(self, canvas_y):
        return (2 * canvas_y * self.height + 1080) // 2160

    def bar_line(self, tick):
        """A line of luma outside of the plate."""
        left = tick * 8 % self.canvas
        right = self.x(min(self.canvas, left + self.canvas // 20))
        left = self.x(left)
        bar = bytes([WHITE]) * (right - left)
        return bytes([BLACK]) * left + bar + bytes([BLACK]) * (self.width - right)

    def tick_of_line(self, line):
        """The tick that the squares of a line spell."""
        return int("".join("1" if line[self.x(104 + 32 * i)] > 125 else "0" for i in range(24)), 2)

    def lines_of(self, frame, field, lines):
        """The luma lines of a frame, those of one field (0 or 1; None: all)."""
        return [bytes(frame[y * self.width:(y + 1) * self.width]) for y in lines
                if field is None or y % 2 == field]

    def tick_of_field(self, frame, field, is_exact=True):
        """The tick one field shows, on all of its lines; None where there is no pattern yet."""
        first = field or 0
        inside = (self.y(88) // 2 * 2 + first) * self.width + self.x(88)
        if frame[first * self.width] > 200 and frame[inside] > 200:
            return None
        ticks = {self.tick_of_line(line)
                 for line in self.lines_of(frame, field, self.square_lines)}
        assert len(ticks) == 1, f"one field shows the ticks {sorted(ticks)}"
        tick = ticks.pop()
        if is_exact:
            others = [y for y in range(self.height) if y not in self.plate]
            wrong = [y for y, line in zip(others, self.lines_of(frame, None, others))
                     if (field is None or y % 2 == field) and line != self.bar_line(tick)]
            assert not wrong, f"tick {tick}: lines {wrong[:5]} … have the bar elsewhere"
        return tick

    def ticks_of(self, frames, is_interlaced, is_exact=True):
        fields = (0, 1) if is_interlaced else (None,)
        return [self.tick_of_field(frame, field, is_exact) for frame in frames for field in fields]

    def frames_of(self, data):
        assert len(data) % self.frame_size == 0, f"{len(data)} bytes are no whole frames"
        return [data[at:at + self.frame_size] for at in range(0, len(data), self.frame_size)]


def faults_of(ticks, held):
    """What is wrong with the ticks shown in order, where `held` of them may be of earlier times."""
    begin = next((i for i, tick in enumerate(ticks) if tick is not None), len(ticks))
    late = 0
    faults = []
    for i in range(begin, len(ticks)):
        if ticks[i] == i:
            continue
        late += 1
        earlier = ticks[i - 1] if i > begin else -1
        if None in (ticks[i], earlier) or not earlier <= ticks[i] < i:
            faults.append(f"place {i} shows tick {ticks[i]}")
    if len(ticks) - begin - late < OWN_MIN:
        faults.append(f"{len(ticks) - begin - late} of {len(ticks)} places show their own tick")
    if late != held:
        faults.append(f"{late} places show an earlier tick, the overlay counted {held}")
    return faults


def raw_data(path):
    with open(path, "rb") as file:
        return memoryview(file.read())


def decoded_data(path):
    done = subprocess.run(["ffmpeg", "-v", "error", "-i", path, "-map", "0:v", "-fps_mode",
                           "passthrough", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-"],
                          capture_output=True, check=True)
    return memoryview(done.stdout)


# What a stream says of itself: aspect of a pixel and of the picture, and ITU-T H.273, tables 2-4.
HD = ("1:1", "16:9", "bt709", "bt709", "bt709", "tv")
SD = ("64:45", "16:9", "bt470bg", "smpte170m", "smpte170m", "tv")
SD_4X3 = ("16:15", "4:3", "bt470bg", "smpte170m", "smpte170m", "tv")
SAID = ("sample_aspect_ratio", "display_aspect_ratio", "color_primaries", "color_transfer",
        "color_space", "color_range")


def frame_flags(path):
    done = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_frames",
                           "-show_entries", "frame=interlaced_frame,top_field_first", "-of", "json",
                           path], capture_output=True, text=True, check=True)
    return {(frame["interlaced_frame"], frame["top_field_first"])
            for frame in json.loads(done.stdout)["frames"]}


class Fields(hall.Scenario):
    def record(self, video, seconds, container):
        """Runs the test pattern for `seconds` from when it is there.

        Its figures, and the paths of the raw and the coded recording.
        """
        raw, coded = self.path("x.yuv"), self.path(f"x.{container}")
        overlay = self.start("overlay", hall.OVERLAY, "--test-pattern", "--format", video,
                             "--output", f"raw:{raw}", "--output", f"file:{coded}",
                             "--background", "#ffffff")
        self.wait_until(lambda: re.search(r"painter \d+ is up", overlay.all_errors()), "a painter")
        time.sleep(seconds)
        self.assertEqual(0, overlay.stop(), overlay.errors())
        figures = json.loads([line for line in overlay.lines if line][-1])
        for output in figures["outputs"]:
            self.assertEqual((0, False), (output["drops"], output["failed"]), output)
        return figures, raw, coded

    def check_recording(self, video, pattern, said, seconds, rate, is_interlaced, container):
        figures, raw, coded = self.record(video, seconds, container)
        frames = pattern.frames_of(raw_data(raw))
        count = len(frames)
        self.assertEqual(figures["frames"], count)
        ticks = pattern.ticks_of(frames, is_interlaced)
        self.assertEqual([], faults_of(ticks, figures["held"]))

        stream = programme.probe(coded)
        self.assertEqual((pattern.width, pattern.height, f"{rate}/1",
                          "tt" if is_interlaced else "progressive"),
                         (stream["width"], stream["height"], stream["r_frame_rate"],
                          stream["field_order"]))
        self.assertEqual(said, tuple(stream.get(key) for key in SAID))
        self.assertEqual({(1, 1) if is_interlaced else (0, 0)}, frame_flags(coded))
        self.assertEqual(count, len(programme.times(coded)))
        self.assertEqual([], programme.gaps(coded, rate))
        decoded = pattern.frames_of(decoded_data(coded))
        self.assertEqual(ticks, pattern.ticks_of(decoded, is_interlaced, is_exact=False))
        return frames, figures["held"]

    def test_interlaced_fields_have_their_own_time(self):
        pattern = Pattern(1920, 1080)
        frames, held = self.check_recording("1080i25", pattern, HD, 3, 25, True, "ts")
        self.check_controls(pattern, frames, held)

    def test_progressive_frames_have_their_own_time(self):
        self.check_recording("720p50", Pattern(1280, 720), HD, 3, 50, False, "mp4")

    def test_fields_of_576_lines_have_their_own_time(self):
        pattern = Pattern(720, 576)
        frames, held = self.check_recording("576i25", pattern, SD, 3, 25, True, "ts")
        self.check_controls(pattern, frames, held)

    def test_fields_of_576_lines_at_4_to_3_have_their_own_time(self):
        self.check_recording("576i25-4x3", Pattern(720, 576, 1440), SD_4X3, 3, 25, True, "mp4")

    def check_controls(self, pattern, frames, held):
        """The checks above can fail: recordings made wrong on purpose do."""
        width, height = pattern.width, pattern.height
        exchanged = []
        for frame in frames:
            lines = [bytes(frame[y * width:(y + 1) * width]) for y in range(height)]
            exchanged.append(b"".join(lines[y ^ 1] for y in range(height)) +
                             bytes(frame[width * height:]))
        self.assertNotEqual([], faults_of(pattern.ticks_of(exchanged, True), held))
        for wrong in (frames[:-20] + frames[-19:], frames[:-20] + frames[-21:]):
            self.assertNotEqual([], faults_of(pattern.ticks_of(wrong, True), held))
        mixed = bytearray(frames[-1])
        line = height - 80
        mixed[line * width:(line + 1) * width] = pattern.bar_line(0)
        with self.assertRaises(AssertionError):
            pattern.ticks_of([mixed], True)


if __name__ == "__main__":
    unittest.main()

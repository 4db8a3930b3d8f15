"""Proves that every field shows the picture of its own time, that none is missing or doubled.

The test pattern carries the number of its tick, in squares and as the place of a bar. Every field
of raw frames is read line by line, every frame of the H.264 file once more after decoding: the top
field of frame n shows tick 2n, the bottom field tick 2n + 1. A field may show an earlier tick only
where the overlay itself counted that the painter was late. The controls: frames with their fields
exchanged, a frame left out and a frame doubled are found.
"""

import json
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import hall
import programme

WIDTH, HEIGHT = 1920, 1080
FRAME_SIZE = WIDTH * HEIGHT * 3 // 2
BLACK, WHITE = 16, 235
BAR, STEP = WIDTH // 20, 8
PLATE = range(78, 131)  # lines where the plate with the squares stands, and its blurred edges
SQUARE_LINES = range(98, 110)


def bar_line(tick):
    """A line of luma outside of the plate."""
    left = tick * STEP % WIDTH
    right = min(WIDTH, left + BAR)
    bar = bytes([WHITE]) * (right - left)
    return bytes([BLACK]) * left + bar + bytes([BLACK]) * (WIDTH - right)


def tick_of_line(line):
    """The tick that the squares of a line spell."""
    return int("".join("1" if line[104 + 32 * i] > 125 else "0" for i in range(24)), 2)


def lines_of(frame, field, lines):
    """The luma lines of a frame, those of one field (0 or 1; None: all)."""
    return [bytes(frame[y * WIDTH:(y + 1) * WIDTH]) for y in lines
            if field is None or y % 2 == field]


def tick_of_field(frame, field, is_exact=True):
    """The tick one field shows, on all of its lines; None where there is no pattern yet."""
    first = field or 0
    if frame[first * WIDTH] > 200 and frame[(88 + first) * WIDTH + 88] > 200:
        return None
    ticks = {tick_of_line(line) for line in lines_of(frame, field, SQUARE_LINES)}
    assert len(ticks) == 1, f"one field shows the ticks {sorted(ticks)}"
    tick = ticks.pop()
    if is_exact:
        others = [y for y in range(HEIGHT) if y not in PLATE]
        wrong = [y for y, line in zip(others, lines_of(frame, None, others))
                 if (field is None or y % 2 == field) and line != bar_line(tick)]
        assert not wrong, f"tick {tick}: lines {wrong[:5]} … have the bar elsewhere"
    return tick


def ticks_of(frames, is_interlaced, is_exact=True):
    fields = (0, 1) if is_interlaced else (None,)
    return [tick_of_field(frame, field, is_exact) for frame in frames for field in fields]


def faults_of(ticks, held):
    """What is wrong with the ticks shown in order, where `held` of them may be of earlier times."""
    begin = next((i for i, tick in enumerate(ticks) if tick is not None), len(ticks))
    if begin > len(ticks) // 2:
        return ["the pattern came too late, or never"]
    late = 0
    faults = []
    for i in range(begin, len(ticks)):
        if ticks[i] == i:
            continue
        late += 1
        earlier = ticks[i - 1] if i > begin else -1
        if None in (ticks[i], earlier) or not earlier <= ticks[i] < i:
            faults.append(f"place {i} shows tick {ticks[i]}")
    if late > len(ticks) // 4:
        faults.append(f"{late} of {len(ticks)} places show an earlier tick")
    if late != held:
        faults.append(f"{late} places show an earlier tick, the overlay counted {held}")
    return faults


def raw_frames(path):
    with open(path, "rb") as file:
        data = memoryview(file.read())
    assert len(data) % FRAME_SIZE == 0, f"{len(data)} bytes are no whole frames"
    return [data[at:at + FRAME_SIZE] for at in range(0, len(data), FRAME_SIZE)]


def decoded_frames(path):
    done = subprocess.run(["ffmpeg", "-v", "error", "-i", path, "-map", "0:v", "-fps_mode",
                           "passthrough", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-"],
                          capture_output=True, check=True)
    data = memoryview(done.stdout)
    return [data[at:at + FRAME_SIZE] for at in range(0, len(data), FRAME_SIZE)]


def frame_flags(path):
    done = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_frames",
                           "-show_entries", "frame=interlaced_frame,top_field_first", "-of", "json",
                           path], capture_output=True, text=True, check=True)
    return {(frame["interlaced_frame"], frame["top_field_first"])
            for frame in json.loads(done.stdout)["frames"]}


class Fields(hall.Scenario):
    def record(self, video, seconds, container):
        """Runs the test pattern; its figures, and the paths of the raw and the coded recording."""
        raw, coded = self.path("x.yuv"), self.path(f"x.{container}")
        done = self.run_program(hall.OVERLAY, "--test-pattern", "--format", video, "--output",
                                f"raw:{raw}", "--output", f"file:{coded}", "--background",
                                "#ffffff", "--seconds", seconds)
        figures = json.loads(done.stdout)
        for output in figures["outputs"]:
            self.assertEqual((0, False), (output["drops"], output["failed"]), output)
        return figures, raw, coded

    def check_recording(self, video, seconds, rate, is_interlaced, container):
        figures, raw, coded = self.record(video, seconds, container)
        count = seconds * rate
        frames = raw_frames(raw)
        self.assertEqual((count, count), (figures["frames"], len(frames)))
        ticks = ticks_of(frames, is_interlaced)
        self.assertEqual([], faults_of(ticks, figures["held"]))

        stream = programme.probe(coded)
        self.assertEqual((WIDTH, HEIGHT, f"{rate}/1", "tt" if is_interlaced else "progressive"),
                         (stream["width"], stream["height"], stream["r_frame_rate"],
                          stream["field_order"]))
        self.assertEqual(("bt709", "tv"), (stream["color_space"], stream["color_range"]))
        self.assertEqual({(1, 1) if is_interlaced else (0, 0)}, frame_flags(coded))
        self.assertEqual(count, len(programme.times(coded)))
        self.assertEqual([], programme.gaps(coded, rate))
        decoded = decoded_frames(coded)
        self.assertEqual(ticks, ticks_of(decoded, is_interlaced, is_exact=False))
        return frames, figures["held"]

    def test_interlaced_fields_have_their_own_time(self):
        frames, held = self.check_recording("1080i25", 4, 25, True, "ts")
        self.check_controls(frames, held)

    def test_progressive_frames_have_their_own_time(self):
        self.check_recording("1080p50", 2, 50, False, "mp4")

    def check_controls(self, frames, held):
        """The checks above can fail: recordings made wrong on purpose do."""
        exchanged = []
        for frame in frames:
            lines = [bytes(frame[y * WIDTH:(y + 1) * WIDTH]) for y in range(HEIGHT)]
            exchanged.append(b"".join(lines[y ^ 1] for y in range(HEIGHT)) +
                             bytes(frame[WIDTH * HEIGHT:]))
        self.assertNotEqual([], faults_of(ticks_of(exchanged, True), held))
        for wrong in (frames[:60] + frames[61:], frames[:60] + frames[59:]):
            self.assertNotEqual([], faults_of(ticks_of(wrong, True), held))
        mixed = bytearray(frames[-1])
        mixed[1000 * WIDTH:1001 * WIDTH] = bar_line(0)
        with self.assertRaises(AssertionError):
            ticks_of([mixed], True)


if __name__ == "__main__":
    unittest.main()

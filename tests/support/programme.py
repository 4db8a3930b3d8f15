"""Looks at a recorded programme with ffprobe and ffmpeg: its format, its frames, its graphic."""

import json
import subprocess


def probe(path):
    """The first video stream as ffprobe describes it."""
    done = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_streams",
                           "-of", "json", path], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)["streams"][0]


def times(path):
    """The presentation times of all frames in ticks of 90 kHz, in the order shown."""
    done = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries",
                           "packet=pts_time", "-of", "csv=p=0", path],
                          capture_output=True, text=True, check=True)
    return sorted(round(float(line.strip(",")) * 90000) for line in done.stdout.split())


def gaps(path, rate=25):
    """Frames that do not follow the one before by exactly a frame time: (index, ticks)."""
    shown = times(path)
    if len(shown) < 2:
        return [(0, 0)]
    return [(index, after - before) for index, (before, after) in
            enumerate(zip(shown, shown[1:])) if after - before != 90000 // rate]


def luma_of(background):
    """BT.709 luma, video range, of '#rrggbb'."""
    red, green, blue = (int(background[at:at + 2], 16) for at in (1, 3, 5))
    return 16 + 219 * (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255


def is_strip_shown(path, background):
    """For each frame whether the lower third is more than the background.

    The lower third is shrunk to 96 × 16 samples of luma; a strip is there when more than a
    twentieth of them differ from the background's luma by more than 8 steps.
    """
    done = subprocess.run(["ffmpeg", "-v", "error", "-i", path, "-vf",
                           "crop=iw:ih/3:0:ih*2/3,extractplanes=y,scale=96:16:flags=area:"
                           "in_range=full:out_range=full",
                           "-f", "rawvideo", "-pix_fmt", "gray", "-fps_mode", "passthrough", "-"],
                          capture_output=True, check=True)
    size, plain = 96 * 16, luma_of(background)
    frames = [done.stdout[at:at + size] for at in range(0, len(done.stdout), size)]
    return [sum(abs(sample - plain) > 8 for sample in frame) * 20 > size for frame in frames]

"""Proves that every frame is whole and true while server and painter are killed.

The strip of an open round is on air at 1080i25 into a raw output; keypads vote. Server and painter
are killed by turns, and the server is stopped for a while. frame_reader reads every frame: by index
and by the time of its arrival none is missing; none is black, partial or of an older epoch; and the
figures, matched field by field against the theme's glyphs, are those of the view of the epoch that
stands beside them, which a viewer heard. Some frames are read by tesseract as well.

The controls: a digit changed, half a digit changed, a black frame, a frame left out, a frame that
never went out and a frame of an older epoch are found.

    on_air_test.py [KILLS of either (10)] [FRAMES read by tesseract (20)]
"""

import os
import re
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import air
import frames
import hall
from air import BACKGROUND, HALLS, HEIGHT, ITEM, RATE, WIDTH

KILLS = int(sys.argv[1]) if len(sys.argv) > 1 else 10
OCR_FRAMES = int(sys.argv[2]) if len(sys.argv) > 2 else 20
TURN_S = 1.3  # of one kill and what follows it, about
STOP_S = 2
OCR_BORDER, OCR_HEIGHTS = 20, (80, 120)  # it misreads one figure in 300: a second look


def plane_rows(picture, box):
    """The luma of a box of a raw frame, line by line."""
    x, y, w, h = box
    return [picture[line * WIDTH + x:line * WIDTH + x + w] for line in range(y, y + h)]


def paste(picture, other, box, lines):
    """The frame with `lines` of a box out of another frame."""
    x, y, w, _ = box
    out = bytearray(picture)
    for line in lines:
        at = (y + line) * WIDTH + x
        out[at:at + w] = other[at:at + w]
    return bytes(out)


def is_one_digit_other(text, other):
    """Whether two figures differ in one digit, and that in its upper and in its lower half."""
    pairs = [set(pair) for pair in zip(text, other) if pair[0] != pair[1]]
    return len(text) == len(other) and len(pairs) == 1 and len(pairs[0] & set("147")) == 1


def ocr_picture(picture, boxes, height):
    """A PGM for tesseract: the boxes one below the other, dark on light, about `height` high."""
    scales = [max(1, round(height / box[3])) for box in boxes]
    width = max(box[2] * scale for box, scale in zip(boxes, scales)) + 2 * OCR_BORDER
    blank = bytes([255]) * width
    rows = []
    for box, scale in zip(boxes, scales):
        lines = plane_rows(picture, box)
        least, most = min(map(min, lines)), max(map(max, lines))
        table = bytes(255 - min(255, max(0, (v - least) * 255 // (most - least or 1)))
                      for v in range(256))
        rows += [blank] * OCR_BORDER
        for line in lines:
            wide = b"".join(bytes([v]) * scale for v in line.translate(table))
            rows += [(blank[:OCR_BORDER] + wide).ljust(width, b"\xff")] * scale
        rows += [blank] * OCR_BORDER
    return b"P5\n%d %d\n255\n" % (width, len(rows)) + b"".join(rows)


class OnAir(air.AirScenario):
    duration_s = 8 + 2 * KILLS * TURN_S + STOP_S
    kept_frames = max(40, OCR_FRAMES)

    def kill_all_by_turns(self):
        for count in range(KILLS):
            time.sleep(self.random.uniform(0.1, 0.5))
            self.server.kill()
            self.server = self.start_server(again=True)
            for _ in range(HALLS * (count + 1) // KILLS - HALLS * count // KILLS):
                self.start_voters()
            time.sleep(self.random.uniform(0.1, 0.5))
            self.kill_painter()

    def stop_server_a_while(self):
        """Stops it, and says when it went on and what was then the newest epoch."""
        time.sleep(0.5)
        self.server.child.send_signal(signal.SIGSTOP)
        time.sleep(STOP_S)
        newest = max(self.listener.views)
        self.server.child.send_signal(signal.SIGCONT)
        now = time.monotonic()
        self.wait_until(lambda: max(self.listener.views) > newest, "a view after the stop")
        time.sleep(1)
        return now, newest

    def record(self):
        """Runs it all; the reading, the frames the overlay counted, and how long news took."""
        self.start_round()
        self.listener = frames.Listener(self)
        self.start_air()
        time.sleep(1)
        self.kill_all_by_turns()
        continued, newest = self.stop_server_a_while()
        reading, figures = self.stop_air()
        self.listener.close()
        self.assertGreater(figures["painter"]["starts"], KILLS)
        news = [record.arrived for record in reading.records
                if re.fullmatch("[0-9,]+", record.reads.get("epoch", "")) and
                int(record.reads["epoch"].replace(",", "")) > newest]
        return reading, figures, news[0] - continued if news else None

    def judge(self):
        return frames.Judge(self.listener.views, BACKGROUND, ITEM, RATE, KILLS)

    def test_every_frame_is_whole_and_true(self):
        reading, figures, news_s = self.record()
        judge = self.judge()
        found = judge.faults(reading, figures["frames"])
        self.assertEqual([], found[:10], f"{len(found)} faults")
        self.assertIsNotNone(news_s, "nothing new came on air after the stop")
        self.assertGreater(len(judge.epochs), KILLS)
        print(f"{figures['frames']} frames, {KILLS} kills of the server, {KILLS} of the painter: "
              f"{len(judge.epochs)} epochs on air, {len(judge.unheard)} of them heard by nobody "
              f"else; {figures['late_frames']} ticks late", flush=True)
        first, whole = (1000 * (record.arrived - self.started)
                        for record in (reading.records[0], reading.records[judge.begin]))
        ups = sorted(map(int, re.findall(r"is up after (\d+) ms", self.overlay.all_errors())))
        print(f"first frame {first:.0f} ms after the start, with the graphic {whole:.0f} ms; a "
              f"painter is up after {ups[len(ups) // 2]} ms, {ups[-1]} at most; news on air "
              f"{1000 * news_s:.0f} ms after a stopped server went on", flush=True)
        self.check_controls(reading, figures["frames"], judge)
        self.check_ocr(reading, judge)

    # The controls ------------------------------------------------------------------------------

    def check_controls(self, reading, count, judge):
        def faults(records, end=None, total=count):
            wrong = frames.Reading([])
            wrong.records, wrong.end = records, (total if end is None else end, False)
            return self.judge().faults(wrong, total)
        records = reading.records
        middle = len(records) // 2
        left_out = records[:middle] + records[middle + 1:]
        self.assertNotEqual([], faults(left_out, end=count - 1))
        # The same, with the overlay itself none the wiser: only the times tell.
        numbered = [record._replace(index=index) for index, record in enumerate(left_out)]
        self.assertRegex(faults(numbered, total=count - 1)[0], "all come 40 ms later")
        older = next(record for record in records[judge.begin:]
                     if record.reads["epoch"] != records[-1].reads["epoch"])
        back = records[:-1] + [records[-1]._replace(reads=older.reads)]
        self.assertRegex(faults(back)[0], r"epoch \d+ after")
        self.check_pictures(reading, judge)

    def kept(self, reading, begin):
        """Frames on disk, with their records, from the first whole one on."""
        names = sorted(os.listdir(self.path("kept")))
        indices = [int(name.split(".")[0]) for name in names]
        return [(self.path("kept", name), reading.records[index])
                for name, index in zip(names, indices) if index >= begin]

    def check_pictures(self, reading, judge):
        """Frames made wrong in their pixels are read, and found."""
        kept = self.kept(reading, judge.begin)
        name, pair = next((name, (a, b)) for name in ("cast", "share0", "time")
                          for a in kept for b in kept
                          if is_one_digit_other(a[1].reads[name], b[1].reads[name]))
        with open(pair[0][0], "rb") as file:
            good = file.read()
        with open(pair[1][0], "rb") as file:
            other = file.read()
        box = reading.places[name]
        pictures = [good, paste(good, other, box, range(box[3])),
                    paste(good, other, box, range(box[3] // 2, box[3])),
                    paste(good, other, box, range(0, box[3], 2)),
                    paste(good, bytes(len(good)), (600, 800, 700, 0), range(40, 80)),
                    bytes([16]) * (WIDTH * HEIGHT) + bytes([128]) * (WIDTH * HEIGHT // 2)]
        single = frames.read_pictures(pictures, self.reader_arguments())
        read, changed, half, field, partial, black = single.records
        self.assertEqual((pair[0][1].reads, [], []),
                         (read.reads, judge.picture_faults(read), judge.figure_faults(read)))
        self.assertEqual(1, len(judge.figure_faults(changed)), changed)
        self.assertRegex(judge.picture_faults(half)[0], rf"partial: {name} reads .*\?")
        self.assertRegex(judge.picture_faults(field)[0], rf"partial: {name} reads .*\|")
        self.assertRegex(judge.picture_faults(partial)[0], "partial: ")
        self.assertRegex(judge.picture_faults(black)[0], "black")

    # The second witness -------------------------------------------------------------------------

    def ocr(self, reading, kept, height):
        """The digits that tesseract reads in each of the frames, a list a frame."""
        paths = []
        for path, record in kept:
            # A figure that begins at the left grows to the right: 0.42 of the box's height a digit.
            boxes = [(x, y, max(w, len(record.reads[name]) * h * 42 // 100), h)
                     for name, (x, y, w, h) in reading.places.items()]
            with open(path, "rb") as file:
                picture = ocr_picture(file.read(), boxes, height)
            paths.append(self.path("kept", f"{record.index}.pgm"))
            with open(paths[-1], "wb") as file:
                file.write(picture)
        self.write(self.path("list.txt"), "\n".join(paths) + "\n")
        done = subprocess.run(["tesseract", self.path("list.txt"), "-", "--psm", "6", "-c",
                               "tessedit_char_whitelist=0123456789.,:"], capture_output=True,
                              text=True, check=True, env={**os.environ, "OMP_THREAD_LIMIT": "2"})
        pages = done.stdout.split("\f")[:len(paths)]
        self.assertEqual(len(kept), len(pages))
        return [[re.sub(r"\D", "", line) for line in page.split("\n") if line.strip()]
                for page in pages]

    def check_ocr(self, reading, judge):
        first = kept = self.kept(reading, judge.begin)[-OCR_FRAMES:]
        self.assertGreater(len(kept), 0)
        for height in OCR_HEIGHTS:
            if kept:
                said = self.ocr(reading, kept, height)
                kept = [frame for frame, digits in zip(kept, said) if digits !=
                        [re.sub(r"\D", "", text) for text in frame[1].reads.values()]]
            print(f"tesseract read {len(first) * len(reading.places)} figures of {len(first)} "
                  f"frames, {len(kept)} frames otherwise", flush=True)
        self.assertEqual([], [record for _, record in kept][:5])


if __name__ == "__main__":
    del sys.argv[1:]
    hall.main()

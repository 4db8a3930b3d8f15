"""Proves that the as-run log says what went on air, and that an overlay comes back as it was.

Each act of an operator is a line with the frame, the post and the texts; the checksum of a line is
that of the frame in the raw recording, as a hash of another kind agrees; and it is the same again
after painter, overlay and server were killed and started anew. 'minping asrun' answers in words
what was seen before, during and after a panic. The controls: another take has another picture and
other words; a line that was damaged is said to be missing.
"""

import datetime
import hashlib
import json
import os
import re
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import hall

FRAME_SIZE = 1280 * 720 * 3 // 2


class Asrun(hall.Scenario):
    def setUp(self):
        super().setUp()
        self.log = self.path("asrun.jsonl")

    def overlay(self, output=None):
        output = output or f"png:{self.path('x.png')}"
        return self.start_overlay(output, "--asrun", self.log, video="720p50")

    def lines(self):
        with open(self.log, encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def wait_line(self, count=1, after=-1, **wanted):
        """The newest line with these values, once there are so many after frame `after`."""
        def find():
            found = [line for line in self.lines() if line["frame"] > after and
                     all(line.get(key) == value for key, value in wanted.items())]
            return found[-1] if len(found) >= count else None
        return self.wait_until(find, f"line {count} with {wanted}", 15)

    def answer(self, at, status=0, lang="en"):
        return self.run_program(hall.MINPING, "asrun", "--file", self.log, "--at", at, "--lang",
                                lang, status=status)

    def test_what_viewers_saw(self):
        self.start_server()
        recording = self.path("x.yuv")
        overlay = self.overlay(f"raw:{recording}")
        self.wait_until(lambda: self.status()["overlays"] == 1, "the overlay")
        self.take("lower", "strap", "contest=appraisal", "subject=s01")
        first = self.wait_line(why="take", layer="lower")
        self.assertEqual(("strap", 1, "operator-1", {"contest": "appraisal", "subject": "s01"}),
                         tuple(first[key] for key in ("scene", "take", "post", "params")))
        settled = self.wait_line(why="settled", layer="lower")
        self.assertIn("区委常委1号", "".join(settled["text"]).replace(" ", ""))
        self.take("lower", "strap", "contest=appraisal", "subject=s02", "--bus", "preview")
        self.take("bug", "turnout", "contest=appraisal", "--bus", "preview")
        self.minping("cut", post="operator-1")
        second = self.wait_line(why="settled", layer="lower", after=settled["frame"])
        self.assertNotEqual(settled["words"], second["words"])  # controls
        self.assertNotEqual(settled["picture"], second["picture"])
        cuts = [line for line in self.lines() if line["why"] == "cut"]
        self.assertEqual({"lower", "bug"}, {line["layer"] for line in cuts})
        overlay.child.send_signal(signal.SIGUSR1)
        panic = self.wait_line(why="panic")
        self.take("bug", "turnout", "contest=appraisal")
        shown = self.wait_line(why="shown", layer="lower")
        self.wait_line(why="settled", layer="lower", after=shown["frame"])
        self.assertEqual(0, overlay.stop(), overlay.errors())
        lines = self.lines()
        self.assertEqual(("start", "end"), (lines[0]["why"], lines[-1]["why"]))
        self.assertEqual([], [line for line in lines if "lost" in line])
        frames = [line["frame"] for line in lines]
        self.assertEqual(sorted(frames), frames)
        self.check_pictures(recording, lines)
        self.check_answers(first, second, panic, lines)

    def check_pictures(self, recording, lines):
        """Equal checksums are equal frames of the recording, and the other way round."""
        pictures = {}
        with open(recording, "rb") as file:
            for line in lines:
                if "picture" in line:
                    file.seek(line["frame"] * FRAME_SIZE)
                    whole = hashlib.sha256(file.read(FRAME_SIZE)).hexdigest()
                    pictures.setdefault(line["picture"], set()).add(whole)
        self.assertGreater(len(pictures), 3)
        self.assertEqual({1}, {len(found) for found in pictures.values()})
        self.assertEqual(len(pictures), len(set().union(*pictures.values())))

    def check_answers(self, first, second, panic, lines):
        self.assertIn("no graphics", self.answer(lines[0]["at"]).stdout)
        shown = self.answer(second["at"]).stdout
        for text in (second["text"][0], second["picture"], "operator-1", "subject=s02"):
            self.assertIn(text, shown)
        self.assertEqual(2, shown.count("like this since"), shown)
        self.assertIn("off as a whole", self.answer(panic["at"]).stdout)
        self.assertIn("被整体撤下", self.answer(panic["at"], lang="zh-CN").stdout)
        clock = re.search(r"T(\d\d:\d\d:\d\d\.\d+)", panic["at"])[1]
        self.assertIn("off as a whole", self.answer(clock).stdout)
        self.assertIn("had ended", self.answer(lines[-1]["at"]).stdout)
        early = datetime.datetime.fromisoformat(first["at"]) - datetime.timedelta(minutes=1)
        self.assertIn("begins later",
                      self.answer(early.isoformat(timespec="milliseconds"), status=1).stderr)
        self.answer("yesterday", status=2)
        self.run_program(hall.MINPING, "asrun", "--file", self.log, status=2)
        with open(self.log, encoding="utf-8") as file:
            text = file.read().splitlines(keepends=True)
        with open(self.log, "w", encoding="utf-8") as file:
            file.writelines(text[:2] + [text[2][:40] + "\n"] + text[3:])
        self.assertIn("1 cannot be read", self.answer(lines[-1]["at"]).stdout)

    def test_restarts_bring_the_same_picture(self):
        server = self.start_server()
        overlay = self.overlay()
        self.wait_until(lambda: self.status()["overlays"] == 1, "the overlay")
        self.take("bug", "turnout", "contest=appraisal")
        self.take("fullscreen", "board", "contest=appraisal", "subject=s01")
        want = self.wait_line(why="settled", layer="fullscreen")
        time.sleep(2)  # as below
        painter = int(re.findall(r"painter (\d+) is up", overlay.all_errors())[-1])
        os.kill(painter, signal.SIGKILL)
        self.wait_until(lambda: overlay.all_errors().count("is up") == 2, "the painter")
        layers = {"bug", "fullscreen"}
        for what in ("overlay", "overlay and server"):
            if what != "overlay":
                # A board has the time and number of its view, which are others after the restart.
                self.minping("clear", "all", post="operator-1")
                self.take("lower", "strap", "contest=appraisal", "subject=s01")
                want = self.wait_line(why="settled", layer="lower")
                layers = {"lower"}
                time.sleep(2)  # what was taken just now enters again, what is older stands
                server.kill()
            overlay.kill()
            if what != "overlay":
                server = self.start_server(again=True)
            os.rename(self.log, self.path(f"before {what}"))
            overlay = self.overlay()
            self.wait_until(lambda: os.path.exists(self.log), "the log")
            found = self.wait_line(why="settled", layer=want["layer"], picture=want["picture"])
            self.assertEqual(want["words"], found["words"])
            lines = self.lines()
            shown = [line for line in lines if line["why"] == "shown"]
            self.assertEqual(layers, {line["layer"] for line in shown})
            self.assertEqual({want["picture"]}, {line["picture"] for line in shown})
            start, back = (datetime.datetime.fromisoformat(line["at"])
                           for line in (lines[0], shown[0]))
            print(f"{what} started anew: the same picture is on air again after "
                  f"{(back - start).total_seconds():.2f} s", flush=True)
        self.assertEqual(0, overlay.stop(), overlay.errors())


if __name__ == "__main__":
    hall.main()

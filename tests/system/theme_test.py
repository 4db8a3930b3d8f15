"""Proves that a changed theme is taken over on air, and that a broken one harms nothing.

A strap stands on air, drawn by a theme file. The file's panel colour is changed: the frames change
once, as a whole, and the picture is never away. Then the file is broken by a wrong value, cut off
in the middle as if half written, and taken away: each is refused once, with the place of the fault,
and not a frame changes. The mended file is taken over again. The control: the same reading finds
frames in which the panel has a colour that no theme gave it.
"""

import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import hall

WIDTH, HEIGHT = 1280, 720
FRAME_SIZE = WIDTH * HEIGHT * 3 // 2
BACKGROUND, ROUND_TRIPS = 235, int(sys.argv.pop(1)) if len(sys.argv) > 1 else 1
THEME = os.path.join(os.path.dirname(__file__), "..", "..", "overlay", "theme", "minping.json")
# Inside the strap's panel, at its lower right edge, where no words stand.
SPOT_X, SPOT_Y = (96 + 545) * 2 // 3, (868 + 145) * 2 // 3


def luma(colour):
    """BT.709 luma, video range, of '#rrggbb'."""
    red, green, blue = (int(colour[at:at + 2], 16) for at in (1, 3, 5))
    return round(16 + 219 * (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255)


def runs_of(values, known):
    """The known values in the order they appear, each run once; others come out as 'other'."""
    runs = []
    for value in values:
        name = known.get(value, "other")
        if not runs or runs[-1] != name:
            runs.append(name)
    return runs


class Theme(hall.Scenario):
    COLOURS = {"first": "#102040", "second": "#405060", "third": "#203010"}

    def theme_write(self, colour, text=None):
        """The theme with an opaque panel of that colour, or `text`, put in place at once."""
        if text is None:
            theme = json.loads(self.source)
            theme["colours"]["panel"] = colour
            text = json.dumps(theme)
        self.write(self.path("new.json"), text)
        os.replace(self.path("new.json"), self.path("theme.json"))

    def wait_said(self, overlay, text, count=1):
        self.wait_until(lambda: overlay.all_errors().count(text) >= count,
                        f"'{text}' {count} times")

    def refused(self, overlay, what, where):
        self.wait_said(overlay, "is refused", what)
        line = [line for line in overlay.all_errors().splitlines() if "is refused" in line][-1]
        self.assertIn(where, line)

    def spots(self):
        size = os.path.getsize(self.path("x.yuv"))
        with open(self.path("x.yuv"), "rb") as file:
            for frame in range(size // FRAME_SIZE):
                file.seek(frame * FRAME_SIZE + SPOT_Y * WIDTH + SPOT_X)
                yield file.read(1)[0]

    def wait_colour(self, name):
        wanted = luma(self.COLOURS[name])
        self.wait_until(lambda: (list(self.spots()) or [0])[-1] == wanted, f"the {name} colour")

    def test_changed_broken_and_mended_on_air(self):
        with open(THEME, encoding="utf-8") as file:
            self.source = file.read()
        self.theme_write(self.COLOURS["first"])
        self.start_server()
        overlay = self.start("overlay", hall.OVERLAY, "--url", self.desk, "--token-file",
                             self.token_path("overlay-1"), "--format", "720p50", "--background",
                             "#ffffff", "--theme", self.path("theme.json"), "--output",
                             f"raw:{self.path('x.yuv')}")
        self.wait_until(lambda: self.status()["overlays"] == 1, "the overlay")
        self.take("lower", "strap", "contest=appraisal", "subject=s01")
        self.wait_colour("first")
        expected = ["first"]
        refusals = 0
        for _ in range(ROUND_TRIPS):
            self.theme_write(self.COLOURS["second"])
            self.wait_colour("second")
            for text, where in (
                    (self.source.replace('"#d8b46a"', '"gold"'), "$.colours.gold"),
                    (self.source[:len(self.source) // 2], "not JSON"),
                    ("", "not JSON")):
                refusals += 1
                self.theme_write(None, text)
                self.refused(overlay, refusals, where)
            os.remove(self.path("theme.json"))
            refusals += 1
            self.refused(overlay, refusals, "cannot open")
            self.theme_write(self.COLOURS["third"])
            self.wait_colour("third")
            expected += ["second", "third"]
        self.assertEqual(0, overlay.stop(), overlay.errors())
        self.assertEqual(refusals, overlay.all_errors().count("is refused"))
        self.assertNotIn("is up", overlay.all_errors().split("is up", 1)[1])  # the same painter

        known = {luma(colour): name for name, colour in self.COLOURS.items()}
        spots = list(self.spots())
        begin = spots.index(luma(self.COLOURS["first"]))
        self.assertEqual(expected, runs_of(spots[begin:], known))
        planted = spots[begin:-1] + [BACKGROUND] + spots[-1:]
        self.assertNotEqual(expected, runs_of(planted, known))


if __name__ == "__main__":
    unittest.main()

"""Proves that no saved view harms the renderer: it is drawn, or refused with where it is wrong.

Names that are long, odd or no text at all, numbers that are none, counts that do not agree, and the
smallest and largest events are drawn by --view: the still is there and has ink, or the exit status
is 1 and the message names the place; never a crash, a hang or an empty picture. The control: the
same view unchanged is drawn, and each odd text that is drawn gives another picture.
"""

import copy
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import hall

VIEW = os.path.join(hall.ROOT, "tests", "golden", "s1.json")
DRAW_S = 20
DARK = bytes(range(61))

# Names that are odd and yet names: either is right for the reader, but nothing else.
NAMES = {
    "emoji": "👨‍👩‍👧‍👦🏳️‍🌈👍🏽",
    "tower": "é" + "̖̗̘̙̀́̂̃" * 7,
    "missing glyphs": "\U000f0000区\ue000",
    "minority": "阿卜杜勒·热合曼·买买提·司马义",
    "one": "一",
    "blank": "　",
    "64 wide": "鑫" * 64,
}
# No name: refused, with the place.
NO_NAMES = {
    "4 kB": "鑫" * 1366,
    "bidi override": "委员\u202e一号\u202c",
    "control": "委员\x07一号",
    "new line": "委员\n一号",
    "empty": "",
}
NO_NUMBERS = ["NaN", "Infinity", "-Infinity", "-1", "1.5", "1e400", "1e9", "4294967296",
              "18446744073709551616", '"1"', "null", "[]"]


class HostileView(hall.Scenario):
    def setUp(self):
        super().setUp()
        self.base = self.read_json(VIEW)
        self.drawn = 0

    def draw(self, text, scene="board", params=("contest=appraisal", "subject=s03")):
        """(status, stderr, grey pixels or None) of the view in `text`, str or bytes."""
        path, still = self.path("view.json"), self.path("still.png")
        if os.path.exists(still):
            os.unlink(still)
        with open(path, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        done = self.run_program(hall.OVERLAY, "--view", path, "--scene", scene, *params, "--format",
                                "720p50", "--output", f"png:{still}", "--background", "#000000",
                                status=None, timeout_s=DRAW_S)
        self.assertIn(done.returncode, (0, 1), done.stderr[-500:])
        self.assertEqual(done.returncode == 0, os.path.exists(still), done.stderr[-500:])
        if done.returncode == 1:
            self.assertGreater(len(done.stderr), 20)
            return 1, done.stderr, None
        grey = subprocess.run(["ffmpeg", "-v", "error", "-i", still, "-f", "rawvideo", "-pix_fmt",
                               "gray", "-"], capture_output=True, check=True).stdout
        self.assertEqual(1280 * 720, len(grey))
        self.assertGreater(len(grey.translate(None, DARK)), 500, "an empty picture")
        self.drawn += 1
        return 0, done.stderr, grey

    def drawn_well(self, value, *arguments):
        status, said, grey = self.draw(json.dumps(value, ensure_ascii=False), *arguments)
        self.assertEqual(0, status, said)
        return grey

    def refused(self, text, place, *arguments):
        status, said, _ = self.draw(text, *arguments)
        self.assertEqual(1, status, said)
        self.assertIn(place, said)

    def named(self, name):
        value = copy.deepcopy(self.base)
        value["event"]["contests"][0]["subjects"][2]["name"]["zh-CN"] = name
        return value

    def test_names(self):
        before = self.drawn_well(self.base)
        for what, name in NAMES.items():
            with self.subTest(what):
                status, said, grey = self.draw(json.dumps(self.named(name), ensure_ascii=False))
                if status == 0:
                    self.assertNotEqual(before, grey)
                else:
                    self.assertIn("subjects[2].name", said)
        for what, name in NO_NAMES.items():
            with self.subTest(what):
                self.refused(json.dumps(self.named(name)), "subjects[2].name")
        whole = json.dumps(self.base, ensure_ascii=False).encode()
        self.assertGreater(self.drawn, 3)
        for bad in (b"\xff\xfe", b"\xc0\xaf", b"\xed\xa0\x80", b"\xe5\x8c"):
            with self.subTest(bad):
                self.refused(whole.replace("区委常委三号".encode(), bad + "三号".encode()),
                             "subjects[2].name.zh-CN: not UTF-8")

    def test_numbers(self):
        text = json.dumps(self.base)
        for number in NO_NUMBERS:
            with self.subTest(f"registered {number}"):
                self.refused(text.replace('"registered": 1995', f'"registered": {number}', 1),
                             "$.live")
            with self.subTest(f"a count {number}"):
                self.refused(text.replace("[1527, 313, 34]", f"[{number}, 313, 34]", 1), "$.live")
        for size in (0, 100, len(text) - 1):
            with self.subTest(f"cut at {size}"):
                self.refused(text[:size], "too early")

    def test_sizes(self):
        for voters in (0, 1, 100000, 1000000):
            value = copy.deepcopy(self.base)
            live = value["live"]
            live.update(registered=voters, issued=voters, cast=voters)
            live["items"] = [[voters, 0, 0] for _ in live["items"]]
            if voters > 100000:  # more than an event may have
                self.refused(json.dumps(value), "$.live.registered: must be 0 to 100000")
                continue
            for scene in ("board", "strip", "turnout"):
                params = ["contest=appraisal", "subject=s03"]
                params += ["criterion=ability"] if scene == "strip" else []
                with self.subTest(f"{voters} voters, {scene}"):
                    self.drawn_well(value, scene, params)
        for count in (2, 40):
            value = copy.deepcopy(self.base)
            event = value["event"]
            event["criteria"] = [{"id": f"c{i}", "title": {"zh-CN": f"项目{i}", "en": f"Item {i}"}}
                                 for i in range(count)]
            event["contests"][0]["criteria"] = [item["id"] for item in event["criteria"]]
            value["live"]["items"] = [[100, 20, 3]] * count
            value["closed"], value["figures"] = [], []
            with self.subTest(f"{count} criteria"):
                self.drawn_well(value)
        for count in (1, 200):
            value = copy.deepcopy(self.base)
            contest = value["event"]["contests"][0]
            contest["subjects"] = [{"id": f"s{i:02}", "name": {"zh-CN": f"委员{i}号", "en": f"M{i}"},
                                    "office": {"zh-CN": "区委", "en": "Committee"}}
                                   for i in range(3 if count == 1 else 1, count + 3)][:count]
            value["closed"], value["figures"] = [], []
            for scene in ("board", "matrix"):
                with self.subTest(f"{count} subjects, {scene}"):
                    self.drawn_well(value, scene)


if __name__ == "__main__":
    hall.main()

"""Proves that a cut gives the programme what the preview has, at once, and for good.

One message tells of all layers; what was on both buses stays as it was; a cut with an empty preview
is refused; a server that was killed starts with what the cut had put there.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import hall


class Cut(hall.Scenario):
    def programme_now(self):
        peer = self.post("overlay-1")
        try:
            return peer.expect("programme")
        finally:
            peer.close()

    def test_cut(self):
        server = self.start_server()
        self.take("bug", "turnout", "contest=appraisal")
        self.take("lower", "strip", "contest=appraisal", "subject=s01")
        refused = self.minping("cut", post="operator-1", status=1)
        self.assertIn("preview is empty", refused.stderr)
        self.minping("cut", post="officer-1", status=1)
        for layer, scene, subject in (("bug", "turnout", None), ("fullscreen", "board", "s02")):
            params = ["contest=appraisal"] + ([f"subject={subject}"] if subject else [])
            self.take(layer, scene, *params, "--bus", "preview")
        before = self.programme_now()
        watcher = self.post("overlay-1")
        watcher.expect("programme")
        self.minping("cut", post="operator-1")
        heard = watcher.expect("programme")
        watcher.close()
        self.assertEqual(before["sequence"] + 1, heard["sequence"])
        self.assertEqual(before["preview"], heard["preview"])
        self.assertEqual(before["programme"]["bug"], heard["programme"]["bug"])
        self.assertEqual("", heard["programme"]["lower"]["scene"])
        board = heard["programme"]["fullscreen"]
        self.assertEqual(("board", 1, "s02"),
                         (board["scene"], board["take"], board["params"]["subject"]))
        server.kill()
        self.start_server(again=True)
        self.assertEqual(heard, self.programme_now())
        self.minping("clear", "all", "--bus", "preview", post="operator-1")
        after = self.programme_now()
        self.assertEqual(heard["programme"], after["programme"])
        self.assertEqual({""}, {layer["scene"] for layer in after["preview"].values()})


if __name__ == "__main__":
    hall.main()

"""Proves that the desk sees how an overlay is and what it shows, and nothing of one that is gone.

What an overlay says once a second stands in the status, in /metrics and in what `minping status`
prints: frames, outputs by name, restarts of the painter, a panic, how long views took to the air.
Who draws nothing may not say such things, and what cannot be is refused.
"""

import os
import re
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import hall
import png

REPORT = {
    "t": "air", "bus": "programme", "format": "1080i25", "frames": 1, "late": 0, "repeated": 0,
    "dropped": 0, "pictures_dropped": 0, "painters": 1, "painter_up": True,
    "panic": False, "hidden": False,
    "input": "none", "delays": [0] * 11, "delay_ms_sum": 0, "outputs": [],
    **{work: {"count": 0, "us_sum": 0, "us_max": 0} for work in ("paint", "convert", "blend")}}


class OverlayReport(hall.Scenario):
    def reports(self):
        return self.status().get("air", [])

    def wait_report(self, holds, what):
        return self.wait_until(lambda: next((r for r in self.reports() if holds(r)), None), what)

    def metrics(self):
        return self.get(self.desk, "/metrics")[2].decode()

    def test_report(self):
        self.start_server()
        self.assertNotIn("minping_overlay_frames_total{", self.metrics())
        # A quote in the name of an output would end a label that is not escaped.
        output = f'raw:{self.path("a" + chr(34) + "b.yuv")}'
        overlay = self.start_overlay(output)
        report = self.wait_report(lambda r: r["frames"] > 25, "a report")
        self.assertEqual(("overlay-1", "programme", "1080i25", "none"),
                         (report["post"], report["bus"], report["format"], report["input"]))
        self.assertEqual([(output[:95], "up")],
                         [(one["name"], one["state"]) for one in report["outputs"]])

        self.minping("open", "appraisal", "s01")
        self.take("lower", "strip", "contest=appraisal", "subject=s01")
        self.start_hall("--rate", 60)
        report = self.wait_report(lambda r: sum(r["delays"]) > 2, "views that came on air")
        self.assertLessEqual(0, report["delay_ms_sum"])

        self.check_metrics(output[:95])
        text = self.minping("status", "--lang", "en").stdout
        self.assertIn("overlay overlay-1 (programme, 1080i25): frames", text)
        self.assertIn(f"output {output[:95]}: up", text)

        painters = report["painters"]
        try:
            os.kill(int(re.findall(r"painter (\d+) is up", overlay.all_errors())[-1]),
                    signal.SIGKILL)
        except ProcessLookupError:
            pass  # on a busy machine the overlay has put another in its place by itself
        self.wait_report(lambda r: r["painters"] > painters and r["painter_up"], "the next painter")
        overlay.child.send_signal(signal.SIGUSR1)
        self.wait_report(lambda r: r["panic"], "the panic")
        self.assertRegex(self.metrics(), r"minping_overlay_panic\{[^}]*\} 1\n")

        overlay.kill()
        self.wait_until(lambda: not self.reports(), "nothing of an overlay that is gone")
        self.assertNotRegex(self.metrics(), r"minping_overlay_[a-z_]+\{")

    def check_metrics(self, output):
        text = self.metrics()
        labels = r'\{bus="programme",post="overlay-1",place="\d+"'
        self.assertRegex(text, rf"minping_overlay_frames_total{labels}\}} \d+\n")
        escaped = re.escape(output.replace("\\", "\\\\").replace('"', '\\"'))
        self.assertRegex(text, rf'minping_overlay_output_up{labels},output="{escaped}"\}} 1\n')
        counts = [int(count) for count in
                  re.findall(rf'delay_seconds_bucket{labels},le="[^"]+"\}} (\d+)\n', text)]
        self.assertEqual(11, len(counts))
        self.assertEqual(sorted(counts), counts)
        self.assertRegex(text, rf"delay_seconds_count{labels}\}} {counts[-1]}\n")
        # Prometheus takes a metric's type once, and its lines in one piece.
        types = re.findall(r"^# TYPE (\S+) ", text, re.M)
        self.assertEqual(len(set(types)), len(types))

    def picture(self, bus, post="operator-1", **headers):
        """(status, etag, rows of the picture or None)."""
        if post:
            headers["Authorization"] = f"Bearer {self.token(post)}"
        status, heads, body = self.get(self.desk, f"/api/v1/picture?bus={bus}", headers)
        return status, heads.get("etag"), png.rows(body) if status == 200 else None

    def wait_pixel(self, bus, x, y, holds, what):
        def question():
            status, etag, rows = self.picture(bus)
            return (etag, rows) if status == 200 and holds(png.pixel(rows, x, y)) else None
        return self.wait_until(question, what)

    def test_picture(self):
        """What is taken stands in the picture of its bus, where it stands on air."""
        self.start_server()
        self.assertEqual(503, self.picture("programme")[0])
        overlay = self.start_overlay("raw:/dev/null")
        _, rows = self.wait_pixel("programme", 1, 1, lambda rgb: rgb == (0x20, 0x30, 0x40),
                                  "the background")
        self.assertEqual((270, 480 * 3), (len(rows), len(rows[0])))
        empty = rows
        self.take("fullscreen", "board", "contest=appraisal", "subject=s01")
        x, y = 240, 20  # on the board, above its lines
        _, rows = self.wait_pixel("programme", x, y, lambda rgb: rgb != (0x20, 0x30, 0x40),
                                  "the board")
        self.assertNotEqual(empty, rows)

        def is_fresh():
            etag = self.picture("programme", post="officer-1")[1]
            return self.picture("programme", **{"If-None-Match": etag})[0] == 304
        self.wait_until(is_fresh, "a 304")

        self.assertEqual(401, self.picture("programme", post=None)[0])
        self.assertEqual(401, self.picture("programme", post="overlay-1")[0])
        self.assertEqual(401, self.get(self.desk, "/api/v1/picture?bus=programme",
                                       {"Authorization": "Bearer " + "0" * 64})[0])
        self.assertEqual(400, self.picture("air")[0])
        self.assertEqual(503, self.picture("preview")[0])
        head = {"Authorization": f"Bearer {self.token('operator-1')}"}
        self.assertEqual(404, self.get(self.url, "/api/v1/picture?bus=programme", head)[0])

        # A panic is off the air, so it is off the picture.
        overlay.child.send_signal(signal.SIGUSR1)
        self.wait_pixel("programme", x, y, lambda rgb: rgb == (0x20, 0x30, 0x40), "the panic")
        overlay.kill()
        self.wait_until(lambda: self.picture("programme")[0] == 503, "no picture of what is gone")

    def test_who_may_say_so(self):
        self.start_server()
        for post, bus in (("overlay-1", "programme"), ("operator-1", "preview")):
            peer = self.post(post)
            peer.send({**REPORT, "bus": bus})
            heard = self.wait_report(lambda r, bus=bus: r["bus"] == bus, f"the report of {post}")
            self.assertEqual(post, heard["post"])
            peer.close()
        self.wait_until(lambda: not self.reports(), "nothing of those that are gone")

        voter = self.voter(1)
        voter.send(REPORT)
        voter.refused("wrong role")
        voter.close()
        bad = self.post("overlay-1")
        for wrong in ({"bus": "air"}, {"frames": -1}, {"outputs": [{"name": "a\nb"}]}):
            bad.send({**REPORT, **wrong})
            bad.refused("bad message")
        self.assertEqual(1008, bad.close_code())
        bad.close()
        self.assertEqual([], self.reports())


if __name__ == "__main__":
    hall.main()

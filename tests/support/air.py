"""A round of an appraisal on air as a strip, for scenarios that read every frame of it."""

import json
import os
import re
import signal
import time

import frames
import hall

WIDTH, HEIGHT, RATE = 1920, 1080, 25
BACKGROUND = "#203040"
SUBJECT = "contest=appraisal", "subject=s01"
ITEM = 0
SEATS = 600
HALLS = 10


class AirScenario(hall.Scenario):
    """duration_s: about how long it is on air; kept_frames: how many of its frames to keep."""

    duration_s = 10
    kept_frames = 40

    def start_round(self):
        """Server, voters, the strip on programme; the view's document is saved."""
        self.write(self.event_path, hall.event(seats=SEATS, subjects=1))
        self.server = self.start_server()
        self.minping("open", *(word.split("=")[1] for word in SUBJECT))
        self.take("lower", "strip", *SUBJECT, "criterion=ability")
        self.halls = 0
        self.start_voters()

        def document():
            _, _, body = self.get(self.url, "/api/v1/view")
            live = json.loads(body).get("live", {})
            return body if sum(live.get("items", [[0]])[ITEM]) > 10 else None
        body = self.wait_until(document, "votes for the criterion on air")
        with open(self.path("document.json"), "wb") as file:
            file.write(body)

    def start_voters(self):
        """A part of the hall begins to vote, so that there are new voters up to the end."""
        seats = SEATS // HALLS
        if self.halls < HALLS:
            self.start_hall("--first", 1 + seats * self.halls, "--revote", "0.5", "--rate",
                            max(1, int(seats * 11 * 2 / self.duration_s)), seats=seats,
                            truth=f"truth{self.halls}.json", seed=self.halls)
            self.halls += 1

    def reader_arguments(self):
        return ["--format", "1080i25", "--document", self.path("document.json"), "--scene", "strip",
                "--params", "\n".join(SUBJECT) + "\ncriterion=ability\n", "--background",
                BACKGROUND]

    def start_air(self):
        """The overlay, into a pipe that the reader empties."""
        pipe, kept = self.path("frames"), self.path("kept")
        os.mkfifo(pipe)
        os.mkdir(kept)
        every = max(1, int(self.duration_s * RATE / 8 / self.kept_frames))  # most are repeated
        self.reader = self.start("reader", "sh", "-c", f'exec "$0" "$@" <{pipe}', frames.READER,
                                 *self.reader_arguments(), "--keep", kept, "--every", every)
        self.started = time.monotonic()
        self.overlay = self.start_overlay(f"raw:{pipe}", background=BACKGROUND)
        self.wait_painter(1)

    def painters(self):
        """The process ids of all painters that came up, in order."""
        return [int(pid) for pid in re.findall(r"painter (\d+) is up", self.overlay.all_errors())]

    def kill_painter(self):
        """Kills the one at work and waits for the next. Where the overlay itself had to kill it, on
        a machine too busy for it to beat, that one's next."""
        while True:
            count = len(self.painters())
            try:
                os.kill(self.painters()[-1], signal.SIGKILL)
            except ProcessLookupError:
                self.wait_painter(count + 1)
                continue
            self.wait_painter(count + 1)
            return

    def wait_painter(self, count):
        self.wait_until(lambda: len(self.painters()) >= count, f"painter {count}")

    def stop_air(self):
        """Ends it; what the reader read and the overlay's figures. No frame was dropped."""
        self.assertEqual(0, self.overlay.stop(), self.overlay.errors())
        self.assertEqual(0, self.reader.wait(), self.reader.errors())
        figures = json.loads([line for line in self.overlay.lines if line][-1])
        output = figures["outputs"][0]
        self.assertEqual((figures["frames"], 0, False),
                         (output["frames"], output["drops"], output["failed"]), output)
        return frames.Reading(self.reader.lines), figures

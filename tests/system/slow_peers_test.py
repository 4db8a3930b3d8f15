"""Proves that viewers who read slowly, or not at all, cost the hall nothing and little memory (P7).

While a hall votes, viewers stop reading and others take 1 kB/s: each behind a token bucket in a
network namespace where there can be one, else by reading slowly. The voters never reconnect and
their truth equals the results. No viewer adds more than 64 KiB, the kernel's buffers included.
Those who stopped are all gone; those who are slow all stay, hear rising epochs only, and end with
the newest view. Who answers no ping is gone as well, though nothing waits for it.

The controls: a viewer who reads stays; and one who stops reading on the desk's listener, whose
sockets the kernel may fill as it likes, holds more than 64 KiB before it is gone.

By hand: slow_peers_test.py COUNT [--gate], with COUNT of each; --gate also fails when the voters'
p99 is more than 1.1 times that with as many viewers who read at once, or a viewer that stopped is
there after 10 s.
"""

import os
import statistics
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import hall
import line
import viewers
import ws

COUNT = 100
IS_GATE = False
SEATS = 200
RATE = 150  # marks a second: a round of 200 seats takes 15 s
SLOW_SIZE = 1000  # bytes a second of a slow viewer
MARKS = SEATS * 11 * 95 // 100  # nearly all of a round
STEP_S = 0.1
MOST_SIZE = 64 * 1024


class Crowd(threading.Thread):
    """Keeps viewers reading, some of them slowly, until it is told to stop."""

    def __init__(self, reader, slow, step_size):
        super().__init__(daemon=True)
        self.sizes = {reader: 65536, **dict.fromkeys(slow, step_size)}
        self.is_stopping = threading.Event()
        self.start()

    def run(self):
        due = time.monotonic()
        while not self.is_stopping.is_set():
            for viewer, size in self.sizes.items():
                if not viewer.is_gone:
                    viewer.take(size)
            due += STEP_S
            time.sleep(max(0, due - time.monotonic()))

    def stop(self):
        self.is_stopping.set()
        self.join()


class SlowPeers(hall.Scenario):
    def setUp(self):
        super().setUp()
        self.write(self.event_path, hall.event(seats=SEATS))
        self.server = self.start_server("--listen", "0.0.0.0:0")
        self.port = ws.address_of(self.url)[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def hold(self, made):
        """They end with the test, after whatever reads them."""
        for viewer in made:
            self.addCleanup(viewer.close)
        return made

    def begin(self, subject, is_open=True):
        voters = self.start_hall("--until-closed", 1, "--rate", RATE, seats=SEATS,
                                 truth=f"{subject}.json")
        self.wait_until(lambda: self.status()["voters"] == SEATS, "all voters")
        if is_open:
            self.minping("open", "appraisal", subject)
        return voters

    def end(self, voters, subject):
        """Closes the round; nobody noticed anything. Its figures."""
        self.minping("close")
        figures = self.figures(voters)
        self.assertEqual(0, figures["reconnects"])
        return figures

    def size(self):
        """What the server and its sockets on the public listener hold."""
        return (viewers.resident_size(self.server.child.pid) +
                sum(viewers.kernel_sizes(self.url)))

    def wait_voted(self, least):
        self.wait_recorded(least, timeout_s=120)

    def test_slow_and_stalled_viewers_cost_nobody_anything(self):
        alone = self.begin("s01")
        self.wait_voted(MARKS)
        alone = self.end(alone, "s01")["ack_p99_ms"]
        voters = self.begin("s02")
        with viewers.Readers(self.url, 2 * COUNT):
            self.wait_voted(2 * MARKS)
        baseline = self.end(voters, "s02")["ack_p99_ms"]
        print(f"\np99 ack: {alone:.1f} ms without viewers, {baseline:.1f} ms with {2 * COUNT} who "
              "read at once")

        voters = self.begin("s03", is_open=False)
        reader = self.hold([viewers.Viewer(self.url, receive_size=None)])[0]
        before = self.size()
        why_not = line.why_not()
        if why_not:
            print(f"slow viewers read slowly, for want of a slow line: {why_not}")
            slow = self.hold([viewers.Viewer(self.url) for _ in range(COUNT)])
            self.mix(voters, baseline, before, reader, slow, int(SLOW_SIZE * STEP_S))
        else:
            with line.SlowLines(COUNT, SLOW_SIZE) as far:
                url = f"http://{far.address}:{self.port}"
                slow = self.hold([viewers.Viewer(url, made, receive_size=None)
                                  for made in far.sockets()])
                self.mix(voters, baseline, before, reader, slow, 65536)
        self.assertEqual(0, self.server.stop())

    def mix(self, voters, baseline, before, reader, slow, step_size):
        """The hall with slow viewers that are here, and stalled ones that come now."""
        crowd = Crowd(reader, slow, step_size)
        self.addCleanup(crowd.stop)
        self.minping("open", "appraisal", "s03")
        stalled = self.hold([viewers.Viewer(self.url) for _ in range(COUNT)])
        watch = viewers.Watch(stalled)
        largest, most_each = before, 0
        voted = 3 * MARKS
        while watch.waiting or self.status()["recorded"] < voted:
            largest = max(largest, self.size())
            most_each = max([most_each, *viewers.kernel_sizes(self.url)])
            watch.look()
            self.assertLess(time.monotonic() - stalled[0].stopped, 120,
                            f"{len(watch.waiting)} viewers that take nothing are still there")
            time.sleep(0.25)
        figures = self.end(voters, "s03")
        final = self.status()["epoch"]
        self.wait_until(lambda: all(viewer.epochs and viewer.epochs[-1] >= final
                                    for viewer in crowd.sizes), "every slow viewer's newest view",
                        timeout_s=180)
        crowd.stop()
        for viewer in crowd.sizes:
            self.assertFalse(viewer.is_gone, "who reads stays, however slowly")
            self.assertEqual(sorted(set(viewer.epochs)), viewer.epochs, "epochs only rise")
        self.assertGreater(len(reader.epochs), max(len(viewer.epochs) for viewer in slow),
                           "slow viewers are given the newest view, not every one")
        self.judge(baseline, figures, watch, slow, (largest - before) / (2 * COUNT), most_each)

    def judge(self, baseline, figures, watch, slow, each, most_each):
        times = sorted(watch.gone.values())
        ratio = figures["ack_p99_ms"] / baseline
        print(f"{COUNT} stalled viewers: gone after {statistics.median(times):.1f} s (median), "
              f"{times[-1]:.1f} s (latest)\n"
              f"{COUNT} slow viewers: all stayed, {min(len(one.epochs) for one in slow)} to "
              f"{max(len(one.epochs) for one in slow)} views each\n"
              f"memory: {each / 1024:.1f} KiB more a viewer; the kernel's share of the fullest "
              f"socket {most_each / 1024:.1f} KiB\n"
              f"p99 ack: {figures['ack_p99_ms']:.1f} ms with them: {ratio:.2f} x")
        truth = {"items": []}
        for subject in ("s01", "s02", "s03"):
            one = self.read_json(self.path(f"{subject}.json"))
            truth = {**one, "items": truth["items"] + one["items"]}
        self.assert_same(truth, self.results())
        self.assertLessEqual(each, MOST_SIZE)
        self.assertEqual(COUNT, len(times))
        if IS_GATE:
            self.assertLessEqual(ratio, 1.1)
            self.assertLessEqual(times[-1], 10)

    def test_who_answers_no_ping_is_gone(self):
        """It takes everything the server sends, as a frozen program on a sound machine does."""
        frozen, reader = self.hold([viewers.Viewer(self.url, receive_size=None) for _ in range(2)])
        crowd = Crowd(reader, [], 0)
        self.addCleanup(crowd.stop)
        watch = viewers.Watch([frozen])
        self.wait_until(lambda: watch.look() or watch.gone, "the frozen viewer to go")
        print(f"\nno pong: gone after {watch.gone[frozen]:.1f} s")
        self.assertFalse(reader.is_gone)
        self.assertEqual(0, self.server.stop())

    def test_without_bounds_one_viewer_holds_more(self):
        """The control: the desk's sockets have the kernel's own limits."""
        voters = self.begin("s01")
        stalled = self.hold([viewers.Viewer(self.desk)])
        watch = viewers.Watch(stalled)
        largest = 0
        while watch.waiting:
            largest = max([largest, *viewers.kernel_sizes(self.desk)])
            watch.look()
            self.assertLess(time.monotonic() - stalled[0].stopped, 60)
            time.sleep(0.1)
        print(f"\non the desk's listener: {largest / 1024:.1f} KiB, gone after "
              f"{watch.gone[stalled[0]]:.1f} s")
        self.assertGreater(largest, MOST_SIZE, "the measure sees what is not bounded")
        self.wait_voted(MARKS)
        self.end(voters, "s01")
        self.assertEqual(0, self.server.stop())


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1].isdigit():
        COUNT = int(sys.argv.pop(1))
    if "--gate" in sys.argv:
        sys.argv.remove("--gate")
        IS_GATE = True
    hall.main()

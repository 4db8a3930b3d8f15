"""Proves that the frames keep their time, and memory its size, for as long as one likes.

The strip of an open round is on air at 1080i25, keypads vote, every frame is read and judged as in
on_air_test. A control beside it only sleeps, with the frame clock's code and rights, a tick of the
same length at a time: what it is late for is the machine's. With --gate ticks may be late no more
often than the control's and one in 10,000; without, both are printed. Resident memory of outputter
and painter is looked at ten times; what the second half adds is bounded.

    soak_test.py [SECONDS (10)] [--gate]
"""

import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import air
import frames
import hall
import viewers

GATE = "--gate" in sys.argv
NUMBERS = [word for word in sys.argv[1:] if word != "--gate"]
SECONDS = int(NUMBERS[0]) if NUMBERS else 10
CONTROL = os.path.join(os.path.dirname(frames.READER), "clock_control")
LOOKS = 10
GROWTH_MAX = 4 << 20  # of either process in the second half: caches of letters fill up to the end


class Soak(air.AirScenario):
    duration_s = SECONDS
    kept_frames = 1

    def watch(self):
        """Resident sizes of outputter and painter, LOOKS times over the whole; voters come in."""
        sizes = []
        begin = time.monotonic()
        for look in range(LOOKS):
            time.sleep(max(0, begin + SECONDS * (look + 1) / LOOKS - time.monotonic()))
            self.start_voters()
            sizes.append([viewers.resident_size(pid)
                          for pid in (self.overlay.child.pid, self.painters()[-1])])
        return sizes

    def test_frames_keep_their_time(self):
        self.start_round()
        listener = frames.Listener(self)
        self.start_air()
        control = self.start("control", CONTROL, 2 * air.RATE, SECONDS)
        sizes = self.watch()
        self.assertEqual(0, control.wait(), control.errors())
        reading, figures = self.stop_air()
        listener.close()
        judge = frames.Judge(listener.views, air.BACKGROUND, air.ITEM, air.RATE, 0)
        found = judge.faults(reading, figures["frames"])
        self.assertEqual([], found[:10], f"{len(found)} faults")
        slept = json.loads([line for line in control.lines if line][-1])
        print(f"{figures['frames']} frames, {len(judge.epochs)} epochs, "
              f"{figures['painter']['starts']} painters; {figures['ticks']} ticks, "
              f"{figures['late_frames']} late, {figures['max_late_us']} us at most; the control "
              f"{slept['ticks']} ticks, {slept['late']} late, {slept['max_late_us']} us at most",
              flush=True)
        print("resident kB of outputter and painter: " +
              ", ".join("+".join(str(size // 1024) for size in pair) for pair in sizes), flush=True)
        for first, last in zip(sizes[LOOKS // 2], sizes[-1]):
            self.assertLess(last - first, GROWTH_MAX)
        if GATE:
            self.assertLessEqual(figures["late_frames"],
                                 slept["late"] + max(1, figures["ticks"] // 10000))


if __name__ == "__main__":
    del sys.argv[1:]
    hall.main()

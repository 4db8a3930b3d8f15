"""Judges what frame_reader read off an overlay's frames against the views that were let out."""

import collections
import math
import os
import re
import subprocess
import tempfile
import threading
import time

import programme
import ws

READER = os.environ.get("MINPING_FRAME_READER", os.path.join(
    os.path.dirname(os.environ.get("MINPING_OVERLAY", "")), "../tests/support/frame_reader"))

# arrived: seconds, CLOCK_MONOTONIC; first: Y, Cb, Cr of the first pixel; still: hash of what stands
Record = collections.namedtuple("Record", "index arrived first is_plain still are_bars_whole reads")


class Reading:
    """All that a frame_reader printed."""

    def __init__(self, lines):
        self.places = {}
        self.records = []
        self.end = None
        reads, said = {}, None
        for line in lines:
            if line is None:
                break
            words = line.split(" ")
            if words[0] == "place":
                self.places[words[1]] = tuple(map(int, words[2:]))
            elif words[0] == "end":
                self.end = (int(words[1]), "cut" in words)
            else:
                if words[6:] != said:  # many frames say the same
                    said = words[6:]
                    reads = dict(word.split("=", 1) for word in said)
                self.records.append(Record(
                    int(words[0]), int(words[1]) / 1e6, tuple(map(int, words[2].split(","))),
                    words[3] == "1", words[4], words[5] == "1", reads))


class Listener:
    """Keeps every view that a viewer hears, by epoch: over lost connections, until close()."""

    def __init__(self, scenario):
        self.scenario = scenario
        self.views = {}
        self.is_closed = False
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def _listen(self):
        while not self.is_closed:
            try:
                peer = ws.Peer(self.scenario.url, "viewer", timeout_s=5)
            except (OSError, ws.Closed, ws.Refused, TimeoutError):
                time.sleep(0.01)
                continue
            try:
                while not self.is_closed:
                    view = peer.expect("view", timeout_s=1)
                    self.views[view["epoch"]] = view
            except (OSError, ws.Closed, TimeoutError):
                pass
            finally:
                peer.close()

    def close(self):
        self.is_closed = True
        self.thread.join(10)


def share(count, base):
    """A percentage with one decimal, rounded half up once from the exact fraction."""
    tenths = (2000 * count + base) // (2 * base)
    return f"{tenths // 10}.{tenths % 10}"


def figures_of(view, item):
    """What the strip shows of a view, for the criterion `item` of its open round."""
    counts = view["live"]["items"][item]
    said = {f"share{grade}": share(count, sum(counts)) for grade, count in enumerate(counts)}
    said["cast"] = f"{view['live']['cast']:,}"
    said["epoch"] = f"{view['epoch']:,}"
    said["time"] = time.strftime("%H:%M:%S", time.localtime(view["at_ms"] // 1000))
    return said


def timing_faults(records, rate, least_s=4):
    """Frame times left out or used twice, seen from outside: from one of them on every frame comes
    a frame time later, or earlier, than all before it. At least least_s on either side of it."""
    late = [record.arrived - place / rate for place, record in enumerate(records)]
    before, after = [math.inf], [math.inf]
    for value in late:
        before.append(min(before[-1], value))
    for value in reversed(late):
        after.append(min(after[-1], value))
    after.reverse()
    span = least_s * rate
    for cut in range(span, len(late) - span):
        shift = after[cut] - before[cut]
        if abs(shift) > 0.5 / rate:
            return [f"from frame {cut} on all come {1000 * shift:.0f} ms later than before it"]
    return []


class Judge:
    """views: by epoch; background: '#rrggbb'; item: the criterion on air; rate: frames a second.

    unheard_max: epochs that the listener may have missed: one that came right before a kill.
    """

    def __init__(self, views, background, item, rate, unheard_max):
        self.views = views
        self.luma = programme.luma_of(background)
        self.item = item
        self.rate = rate
        self.unheard_max = unheard_max
        self.unheard = set()
        self.epochs = set()
        self.begin = None  # place of the first frame with the whole graphic

    def picture_faults(self, record):
        """What is wrong with one frame by itself."""
        if abs(record.first[0] - self.luma) > 1 or not record.is_plain:
            return ["black, or not whole: what is behind the graphic is not there"]
        if not record.are_bars_whole:
            return ["partial: a bar is torn"]
        torn = [f"{name} reads '{text}'" for name, text in record.reads.items()
                if not re.fullmatch(r"[0-9.,:]+", text)]
        return [f"partial: {', '.join(torn)}"] if torn else []

    def figure_faults(self, record):
        """Figures that are not those of the epoch beside them."""
        epoch = int(record.reads["epoch"].replace(",", ""))
        view = self.views.get(epoch)
        self.epochs.add(epoch)
        if view is None:
            self.unheard.add(epoch)
            return []
        expected = figures_of(view, self.item)
        return [f"epoch {epoch} shows {name} {text}, it is {expected[name]}"
                for name, text in record.reads.items() if text != expected[name]]

    def faults(self, reading, frames, comes_within_s=10):
        """Every fault of a reading; frames: how many the overlay says it put out."""
        records = reading.records
        found = []
        if reading.end != (frames, False) or [r.index for r in records] != list(range(frames)):
            found.append(f"{len(records)} frames, end {reading.end}, the overlay counted {frames}")
        found += timing_faults(records, self.rate)
        stills = collections.Counter(record.still for record in records)
        still = stills.most_common(1)[0][0] if stills else None
        self.begin = next((place for place, record in enumerate(records)
                           if record.still == still and not self.picture_faults(record)), None)
        if self.begin is None or self.begin > comes_within_s * self.rate:
            return found + ["the graphic came too late, or never"]
        last = 0
        for record in records[:self.begin]:
            if abs(record.first[0] - self.luma) > 1 or not record.is_plain:
                found.append(f"frame {record.index}: black, or not whole")
        for record in records[self.begin:]:
            faults = self.picture_faults(record)
            if record.still != still:
                faults.append("partial: what stands still in the graphic is another")
            if not faults:
                faults = self.figure_faults(record)
                epoch = int(record.reads["epoch"].replace(",", ""))
                if epoch < last:
                    faults.append(f"epoch {epoch} after {last}")
                last = max(last, epoch)
            found += [f"frame {record.index}: {fault}" for fault in faults]
        if len(self.unheard) > self.unheard_max:
            found.append(f"epochs that nobody heard: {sorted(self.unheard)[:20]}")
        return found


def read_pictures(pictures, arguments):
    """The reading of single frames, given as bytes."""
    with tempfile.TemporaryFile() as lines:
        with subprocess.Popen([READER, *arguments], stdin=subprocess.PIPE, stdout=lines) as child:
            for picture in pictures:
                child.stdin.write(picture)
        assert child.returncode == 0, "the reader failed"
        lines.seek(0)
        return Reading(line.decode().rstrip("\n") for line in lines)

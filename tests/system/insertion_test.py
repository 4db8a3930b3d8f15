"""Proves that graphics come into a programme, and that nothing else in it is changed.

A clip with two sounds, teletext, subtitles, SCTE-35, private sections and EIT goes through: every
packet but the video's and null packets is the same byte for byte, PCRs keep place and value, every
picture keeps its PTS and top field first, flash and beep stay together, decoders read it without a
complaint. Clocks that wrap or jump, lost packets, MPEG-2 video and scrambled video are survived;
what is no transport stream is refused with a reason. The controls: a changed byte, a moved sound
and a counter that stands still are found.
"""

import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import clips
import hall
import transport

SECONDS = int(sys.argv.pop()) if sys.argv[-1].isdigit() else 2
FRAMES = 25 * SECONDS
CODER_FAULT = os.environ.get("MINPING_CODER_FAULT_SO", "coder_fault.so")
TEST_VIDEO = 65  # PID of the video in test:
WHITE = 225  # mean luma of a flash is above


def probe(path, *wanted):
    done = subprocess.run(["ffprobe", "-v", "error", *wanted, "-of", "json", path],
                          capture_output=True, text=True, check=True, timeout=60)
    return json.loads(done.stdout)


def complaints(path, *streams):
    wanted = [word for stream in streams or ("0:v", "0:a") for word in ("-map", stream)]
    done = subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-i", path, *wanted, "-f", "null",
                           "-"], capture_output=True, text=True, check=False,
                          timeout=120)
    return done.stderr


def frames_of(path):
    return probe(path, "-select_streams", "v:0", "-show_frames", "-show_entries",
                 "frame=pts,interlaced_frame,top_field_first")["frames"]


def flash_times(path, where="crop=1600:400:160:500"):
    """When the picture is white there, s."""
    done = subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-copyts", "-i", path, "-map",
                           "0:v", "-vf", f"{where},signalstats,metadata=print:key="
                           "lavfi.signalstats.YAVG:file=-", "-f", "null", "-"],
                          capture_output=True, text=True, check=True, timeout=120)
    found = re.findall(r"pts_time:([\d.]+)\s+lavfi.signalstats.YAVG=([\d.]+)", done.stdout)
    return [float(time) for time, luma in found if float(luma) > WHITE]


def beep_times(path):
    """When the first sound begins after silence, s; not its end, which looks like one."""
    done = subprocess.run(["ffmpeg", "-nostdin", "-v", "info", "-copyts", "-i", path, "-map",
                           "0:a:0", "-af", "silencedetect=n=-30dB:d=0.5", "-f", "null", "-"],
                          capture_output=True, text=True, check=True, timeout=60)
    return [float(time) for time in re.findall(r"silence_end: ([\d.]+)", done.stderr)][:-1]


def backlog(port):
    """Bytes that wait in the socket of a UDP port."""
    with open("/proc/net/udp", encoding="ascii") as file:
        for line in file:
            words = line.split()
            if words[1].endswith(f":{port:04X}"):
                return int(words[4].split(":")[1], 16)
    return 0


def send(items, *ports):
    """Sends a stream at the pace of its PCRs, or slower: never faster than it is received."""
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    begin = first = None
    for at in range(0, len(items), 7):
        for six in filter(None, map(clips.pcr_bytes, items[at:at + 7])):
            value = clips.pcr_value(six) / 27e6
            begin, first = (begin, first) if begin else (time.monotonic(), value)
            time.sleep(max(0, begin + value - first - time.monotonic()))
        for port in ports:
            while backlog(port) > 50000:
                time.sleep(0.005)
            out.sendto(b"".join(items[at:at + 7]), ("127.0.0.1", port))
    out.close()


class Insertion(hall.Scenario):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        os.makedirs(hall.OUT, exist_ok=True)
        cls.large = cls.enrich("large.ts")
        cls.source = cls.enrich("small.ts", size="720x576", video_rate="3M", mux_rate="5M")
        cls.items = clips.packets(cls.source)

    @staticmethod
    def enrich(name, **options):
        """A clip with everything in it; where it is."""
        path = os.path.join(hall.OUT, f"insertion-{name}")
        clips.clip(path, SECONDS, **options)
        clips.write(path, clips.enriched(clips.packets(path)))
        return path

    def insert(self, items, *extra, status=0, form="576i25"):
        """Puts packets through; figures, packets out and what was said."""
        before, after = self.path("in.ts"), self.path("out.ts")
        if items is not None:
            clips.write(before, items)
        done = self.run_program(hall.OVERLAY, "--test-pattern", "--format", form, "--input",
                                f"file:{before}", "--output", f"file:{after}", *extra,
                                status=status)
        lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
        return json.loads(lines[-1]) if lines else None, clips.packets(after), done.stderr

    def check_rest(self, items, after, **options):
        """
        All is as it was but the video. What new pictures need more than the source's had comes
        after its end: how x264 spends its bits depends on how its threads run.
        """
        self.assertEqual([], clips.differences(items, after[:len(items)], **options)[:5])
        self.assertLessEqual({clips.pid(item) for item in after[len(items):]}, {clips.VIDEO})
        self.assertEqual([], clips.counter_faults(after))

    def check_video(self, items, after, missing=0):
        old, new = sorted(clips.stamps(items)), sorted(clips.stamps(after))
        self.assertLessEqual(len(set(old) - set(new)), missing)
        self.assertEqual(set(), set(new) - set(old))
        self.assertEqual(len(new), len(set(new)))
        flags = {(frame["interlaced_frame"], frame["top_field_first"])
                 for frame in frames_of(self.path("out.ts"))}
        self.assertEqual({(1, 1)}, flags)

    def test_everything_but_the_video_stays(self):
        items = clips.packets(self.large)
        figures, after, _ = self.insert(items, form="1080i25")
        self.check_rest(items, after)
        self.assertEqual(sorted(clips.stamps(items)), sorted(clips.stamps(after)))
        self.check_video(items, after)
        self.assertEqual("", complaints(self.path("out.ts")))
        self.assertEqual((FRAMES, 2 * FRAMES, 0), (figures["frames"], figures["graphics"],
                                                   figures["video"]["late"]))
        for number in (clips.TELETEXT, clips.SUBTITLES, clips.SCTE35,
                       clips.PRIVATE, clips.EIT, 0x101, 0x102):
            self.assertGreater(sum(clips.pid(item) == number for item in after), 1, number)
        # The controls.
        spoilt = list(after[:len(items)])
        place = next(i for i, item in enumerate(spoilt) if clips.pid(item) == clips.EIT)
        spoilt[place] = spoilt[place][:-1] + bytes([spoilt[place][-1] ^ 1])
        self.assertEqual(1, len(clips.differences(items, spoilt)))
        place = [i for i, item in enumerate(after) if clips.pid(item) == clips.VIDEO
                 and clips.has_payload(item)][9]
        self.assertNotEqual([], clips.counter_faults(after[:place] + after[place + 1:]))

    def test_flash_and_beep_stay_together(self):
        self.start_server()
        out = self.path("out.ts")
        done = self.run_program(hall.OVERLAY, "--url", self.desk, "--token-file",
                                self.token_path("overlay-1"), "--format", "1080i25", "--input",
                                f"file:{self.large}", "--output", f"file:{out}")
        self.assertEqual(FRAMES, json.loads(done.stdout.splitlines()[-1])["frames"])
        flashes, beeps = flash_times(out), beep_times(out)
        self.assertEqual((beep_times(self.large), flash_times(self.large)), (beeps, flashes))
        self.assertEqual(SECONDS, len(flashes))
        self.assertGreater(len(beeps), 0)

        def distance(beep):
            return min(abs(beep - flash) for flash in flashes)
        self.assertLess(max(map(distance, beeps)), 0.06)  # a sound frame and the filter's reach
        self.assertGreater(distance(beeps[0] + 0.3), 0.06)  # the control

    def test_clock_wraps(self):
        first = next(filter(None, map(clips.pcr_bytes, self.items)))
        to_wrap = clips.WRAP - clips.pcr_value(first) // 300 - 90000
        items = clips.moved(self.items, to_wrap)
        figures, after, _ = self.insert(items)
        self.check_rest(items, after)
        self.check_video(items, after)
        self.assertEqual((FRAMES, 0), (figures["frames"], figures["input"]["jumps"]))

    def test_clock_jumps(self):
        items = self.items + clips.moved(self.items, 123456789)
        figures, after, _ = self.insert(items)
        self.check_rest(items, after)
        self.check_video(items, after, missing=2)
        self.assertEqual(1, figures["input"]["jumps"])

    def test_lost_packets(self):
        lottery = random.Random(5)
        items = [item for item in self.items if lottery.random() >= 0.005]
        figures, after, _ = self.insert(items)
        self.check_rest(items, after)
        self.assertGreater(figures["input"]["losses"], 0)
        self.assertGreaterEqual(figures["frames"], FRAMES * 9 // 10)
        self.assertEqual("", complaints(self.path("out.ts"), "0:v"))
        self.assertNotEqual("", complaints(self.path("in.ts"), "0:v"))  # the control

    def test_mpeg2_becomes_h264(self):
        clips.clip(self.path("mpeg2.ts"), SECONDS, codec="mpeg2video", size="720x576",
                   video_rate="5M", mux_rate="7M")
        items = clips.packets(self.path("mpeg2.ts"))
        _, after, _ = self.insert(items)
        self.check_rest(items, after, allowed=(clips.PMT,))
        self.check_video(items, after)
        self.assertEqual("", complaints(self.path("out.ts")))
        codecs = [stream["codec_name"] for stream in probe(self.path("out.ts"),
                                                           "-show_streams")["streams"]]
        self.assertEqual(["h264", "mp2", "mp2"], codecs)
        for old, new in zip(items, after):
            if clips.pid(old) == clips.PMT:
                changed = [i for i in range(clips.SIZE) if old[i] != new[i]]
                self.assertLessEqual(len(changed), 5)  # the type and the CRC
                data = clips.payload(new)[1:]
                size = 3 + ((data[1] & 15) << 8 | data[2])
                self.assertEqual(clips.crc(data[:size - 4]), data[size - 4:size])

    def test_scrambled_video_passes(self):
        items = [item[:3] + bytes([item[3] | 0x80]) + item[4:]
                 if clips.pid(item) == clips.VIDEO else item for item in self.items]
        _, after, said = self.insert(items)
        self.assertEqual(items, after)
        self.assertIn("scrambled", said)

    def test_other_formats_pass(self):
        figures, after, said = self.insert(self.items, form="720p50")
        self.assertEqual(self.items, after)
        self.assertIn("720 × 576, interlaced, not 720p50", said)
        self.assertEqual(FRAMES, figures["video"]["refused"])

    def test_recording_sent_live(self):
        receiver = transport.Receiver()
        overlay = self.start("overlay", hall.OVERLAY, "--test-pattern", "--format", "576i25",
                             "--input", f"file:{self.source}", "--output",
                             f"udp://127.0.0.1:{receiver.port}")
        self.wait_until(lambda: "programme 1" in overlay.all_errors(), "the programme")
        overlay.child.send_signal(signal.SIGUSR2)
        self.assertEqual(0, overlay.wait(), overlay.errors())
        # Whatever is inserted, and how late: the rest is as it was, and nothing is missing.
        receiver.stop()
        after = receiver.packets(len(self.items))
        self.assertLess(after.count(None), len(after) // 2)
        self.assertEqual([], clips.differences(self.items, after)[:5])
        self.assertEqual([], clips.counter_faults(after))
        self.assertEqual({7 * clips.SIZE}, set(map(len, receiver.datagrams[:-1])))
        self.assertIn("bypass is wanted", overlay.all_errors())

    def test_panic_by_socket_and_what_was_seen(self):
        self.start_server()
        log, place, out = self.path("asrun.jsonl"), self.path("p.sock"), self.path("out.ts")
        place = os.path.relpath(place) if len(place) > 100 else place
        overlay = self.start("overlay", hall.OVERLAY, "--url", self.desk, "--token-file",
                             self.token_path("overlay-1"), "--format", "576i25", "--input",
                             "test:", "--output", f"file:{out}", "--asrun", log,
                             "--panic-socket", place)

        def lines(*whys):
            with open(log, encoding="utf-8") as file:
                found = [json.loads(line) for line in file]
            return [line for line in found if line["why"] in whys]
        self.wait_until(lambda: "graphics are inserted" in overlay.all_errors(), "the insertion")
        self.take("lower", "strap", "contest=appraisal", "subject=s01")
        # A painter that is up only now finds it there: then it is shown, not taken.
        take = self.wait_until(lambda: lines("take", "shown"), "the take")[0]
        self.assertEqual(("lower", "strap"), (take["layer"], take["scene"]))
        before = overlay.all_errors().count("bypass: ")
        done = self.run_program(hall.MINPING, "panic", "--socket", place, "--lang", "en")
        self.assertIn(int(re.search(r"after (\d+) frames", done.stdout)[1]), (1, 2))
        panic = self.wait_until(lambda: lines("panic"), "the panic")[0]
        self.assertEqual("all", panic["layer"])
        self.assertNotEqual(take["picture"], panic["picture"])
        self.wait_until(lambda: overlay.all_errors().count("bypass: ") > before, "the bypass")
        count = len(lines("take", "shown"))
        self.take("lower", "strap", "contest=appraisal", "subject=s02")
        self.wait_until(lambda: len(lines("take", "shown")) > count, "graphics again")
        self.wait_until(lambda: overlay.all_errors().count("are inserted") > 1, "the return")
        self.assertEqual(0, overlay.stop(), overlay.errors())
        answer = self.run_program(hall.MINPING, "asrun", "--file", log, "--at", panic["at"],
                                  "--lang", "en").stdout
        self.assertNotIn("区委常委1号", answer.replace(" ", ""))
        self.assertEqual("", complaints(out, "0:v"))

    def start_test_input(self, name, *extra, **options):
        """Graphics into test:, a second of them already; the overlay and its file."""
        out = self.path(f"{name}.ts")
        overlay = self.start("overlay", hall.OVERLAY, "--test-pattern", "--format", "576i25",
                             "--input", "test:", "--output", f"file:{out}", *extra, **options)
        self.wait_said(overlay, "graphics are inserted")
        return overlay, out

    def wait_said(self, overlay, text, count=1):
        self.wait_until(lambda: overlay.all_errors().count(text) >= count, text)

    def test_coder_that_fails_or_hangs(self):
        told = {word: self.path(word) for word in ("fail", "hang")}
        overlays = {word: self.start_test_input(word, env={
            **os.environ, "LD_PRELOAD": CODER_FAULT, "MINPING_CODER_FAULT": told[word]})
                    for word in told}
        for word, path in told.items():
            self.write(path, word)
        for word, said in (("fail", "coder begins anew"), ("hang", "another one takes over")):
            overlay, out = overlays[word]
            self.wait_said(overlay, said)
            self.wait_said(overlay, "bypass: ")
            os.unlink(told[word])
            self.wait_said(overlay, "graphics are inserted", 2)
            self.assertEqual(0, overlay.stop(), overlay.errors())
            figures = json.loads(overlay.lines[-2])
            self.assertEqual((word == "fail", word == "hang"), (
                figures["video"]["failures"] > 0, figures["video"]["hangs"] > 0))
            self.assertEqual([], clips.counter_faults(clips.packets(out), TEST_VIDEO))
            self.assertEqual("", complaints(out))

    def start_udp_input(self, name, *extra):
        """An overlay with an input of its own; its port and file."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as place:
            place.bind(("127.0.0.1", 0))
            port = place.getsockname()[1]
        out = self.path(f"{name}.ts")
        overlay = self.start(name, hall.OVERLAY, "--format", "576i25", "--input",
                             f"udp://127.0.0.1:{port}", "--output", f"file:{out}", *extra)
        self.wait_said(overlay, "inserting")
        return overlay, port, out

    def test_input_that_stops_and_comes_back(self):
        self.start_server()
        plain, *ports, plain_out = self.start_udp_input("plain", "--test-pattern")
        slate, port, slate_out = self.start_udp_input(
            "slate", "--url", self.desk, "--token-file", self.token_path("overlay-1"),
            "--input-lost", "slate", "--background", "#ffffff")
        ports.append(port)
        send(self.items, *ports)
        self.wait_said(slate, "the slate goes out")
        time.sleep(1)  # of it
        again = clips.moved(self.items, 90000 * (SECONDS + 30))
        send(again, *ports)
        # What comes after it is taken only when all of it was.
        for _ in range(2):
            self.wait_until(lambda: not any(map(backlog, ports)), "all of it is taken")
            send([clips.null_packet()] * 7, *ports)
        self.assertIn("the input is back", slate.all_errors())
        for overlay in (plain, slate):
            self.assertEqual(0, overlay.stop(), overlay.errors())
        items, after = self.items + again, clips.packets(plain_out)
        self.assertEqual([], clips.differences(items, after[:len(items)])[:5])
        self.check_slate(again, clips.packets(slate_out), slate_out)

    def check_slate(self, again, after, path):
        """Before and after the slate all is as it was; between, clock and tables go on."""
        self.assertEqual([], clips.differences(self.items, after[:len(self.items)])[:5])
        clock = [item for item in again if clips.pcr_bytes(item)][-1]
        place = max(i for i, item in enumerate(after)
                    if clips.pcr_bytes(item) == clips.pcr_bytes(clock))
        begin = place - max(i for i, item in enumerate(again) if item is clock)
        self.assertEqual([], clips.differences(again, after[begin:begin + len(again)])[:5])
        slate = after[len(self.items):begin]
        self.assertEqual({0, clips.PMT, clips.VIDEO, clips.NULL}, set(map(clips.pid, slate)))
        self.assertEqual([], clips.counter_faults(after))
        pcrs = [clips.pcr_value(six) for six in map(clips.pcr_bytes, after[:begin]) if six]
        gaps = [(b - a) / 27e6 for a, b in zip(pcrs, pcrs[1:])]
        self.assertLess(max(gaps), 0.11)  # ffmpeg's own reach 0.1 s
        self.assertGreater(min(gaps), 0)
        marked = [i for i, item in enumerate(after[begin:]) if clips.pcr_bytes(item)
                  and item[5] & 0x80]
        self.assertEqual(1, len(marked))
        before = clips.stamps(slate)
        self.assertGreater(len(before), 25)
        steps = {b - a for a, b in zip(sorted(before), sorted(before)[1:])}
        self.assertEqual({3600}, steps)  # no picture is missing
        self.assertGreater(len(flash_times(path, "crop=700:200:10:300")), 25)

    def test_lying_streams(self):
        lottery = random.Random(7)
        noise = lottery.randbytes(400000)
        data = b"".join(self.items)
        cases = [
            (b"", "no transport stream"),
            (b"this is no transport stream\n" * 999, "no transport stream"),
            (noise, ""),
            (data[:len(data) // 2 + 77], None),
            (data[:100], "no transport stream"),
            (data[:300000] + noise[:5000] + data[300000:], None),
            (b"".join(item for item in self.items if clips.pid(item) != 0),
             "no table of programmes"),
            (b"".join(item for item in self.items if clips.pid(item) != clips.PMT),
             "no programme"),
        ]
        for data, said in cases:
            with self.subTest(size=len(data), said=said):
                with open(self.path("in.ts"), "wb") as file:
                    file.write(data)
                _, _, errors = self.insert(None, status=0 if said is None else 1)
                self.assertIn(said or "", errors)

    def test_refusals(self):
        base = [hall.OVERLAY, "--test-pattern", "--format", "1080i25"]
        cases = [
            (["--input", "rtmp://x", "--output", "file:x.ts"], 2, "no such input"),
            (["--input", "file:", "--output", "file:x.ts"], 2, "names no file"),
            (["--input", "udp://x", "--output", "file:x.ts"], 2, "udp://HOST:PORT"),
            (["--input", "test:", "--output", "file:x.mp4"], 2, ".ts"),
            (["--input", "test:", "--output", "raw:x"], 2, "raw:x"),
            (["--input", "test:", "--output", "file:x.ts", "--background", "#000000"], 2,
             "--background"),
            (["--input", "file:/nowhere.ts", "--output", "file:x.ts"], 1, "/nowhere.ts"),
            (["--input", f"file:{self.source}", "--output", "file:/nowhere/x.ts"], 1,
             "/nowhere/x.ts"),
        ]
        for extra, status, said in cases:
            with self.subTest(extra=extra):
                done = self.run_program(*base, *extra, status=status, cwd=self.dir)
                self.assertIn(said, done.stderr)


if __name__ == "__main__":
    unittest.main()

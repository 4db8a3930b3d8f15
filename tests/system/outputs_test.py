"""Proves what the outputs beside files put out, and that one that fails takes no other down.

UDP: every packet of the stream is parsed: constant bit rate, PCR within 500 ns of its place,
counters, tables; every frame is there up to the last; ffmpeg has no complaint. The controls: a PCR
moved by 20 ticks, a packet left out, a table spoilt are found. SRT: a peer that comes late gets
the stream, encrypted too. Fill and key: the same frames with the same times, pixel by pixel those
of the frames with alpha. The pattern of half-transparent edges tells the wrong kinds of alpha
apart. A pipeline that fails by itself and a network that goes away are said and begun anew, while
the outputs beside them miss no frame. What cannot be opened is named.
"""

import json
import os
import socket
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import disk
import hall
import programme
import transport

WIDTH, HEIGHT, RATE = 1280, 720, 50
BGRA_SIZE = WIDTH * HEIGHT * 4
I420_SIZE = WIDTH * HEIGHT * 3 // 2
GOLDEN = os.path.join(hall.ROOT, "tests", "golden")
KEY_LUMA = bytes(16 + (219 * alpha + 127) // 255 for alpha in range(256))
FIRST_PTS = 3600 * 90000  # as mpegtsmux begins
COMPARED = 4  # frames, the last ones
SPARSE = 61  # every such pixel is compared, which is a prime: no column is left out


def tick_of(luma):
    """The tick that the squares of a frame's luma spell."""
    line = 104 * 2 // 3 * WIDTH
    return int("".join("1" if luma[line + (104 + 32 * i) * 2 // 3] > 125 else "0"
                       for i in range(24)), 2)


def mean_difference(a, b):
    return sum(abs(x - y) for x, y in zip(a, b)) / len(a)


def free_port():
    """A UDP port that is free now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Outputs(hall.Scenario):
    def overlay(self, *extra, video="720p50", pattern="bar", before=()):
        return self.start("overlay", *before, hall.OVERLAY, "--test-pattern", pattern, "--format",
                          video, *extra)

    def finish(self, overlay, status=0, stop=True):
        """Its outputs' figures, in order."""
        ended = overlay.stop() if stop else overlay.wait()
        self.assertIn(ended, status if isinstance(status, tuple) else (status,), overlay.errors())
        return json.loads([line for line in overlay.lines if line][-1])["outputs"]

    def run_pattern(self, *extra, status=0, **options):
        return self.finish(self.overlay(*extra, **options), status, stop=False)

    def said(self, overlay, words, count=1):
        self.wait_until(lambda: overlay.all_errors().count(words) >= count, f"'{words}'")

    def ffmpeg(self, *arguments):
        """What ffmpeg wrote to standard output; it must have nothing to say."""
        done = subprocess.run(["ffmpeg", "-nostdin", "-v", "error", *map(str, arguments)],
                              capture_output=True, check=True)
        self.assertEqual(b"", done.stderr)
        return done.stdout

    # UDP --------------------------------------------------------------------------------------

    def check_stream(self, data, figures, rate_kbps, frame_rate):
        """A whole stream: all frames of the figures, at their times, and no fault."""
        stream = transport.Stream(data)
        self.assertEqual([], stream.faults(rate_kbps))
        self.assertEqual(figures["late"], len(stream.late_units(rate_kbps)))
        times = [packet.pts for packet in stream.packets if packet.pts is not None]
        self.assertEqual([FIRST_PTS + 90000 * i // frame_rate for i in range(figures["frames"])],
                         times)
        self.assertEqual((0, 0, 0, False), tuple(figures[key] for key in
                                                 ("drops", "restarts", "errors", "failed")))
        return stream

    def test_udp_is_a_constant_stream_up_to_the_last_frame(self):
        receiver = transport.Receiver()
        overlay = self.overlay("--output", f"udp://127.0.0.1:{receiver.port}",
                               "--background", "#203040", video="1080i25")
        self.wait_until(lambda: len(receiver.datagrams) > 3000, "three seconds")
        figures = self.finish(overlay)[0]
        data = receiver.stop()
        self.assertEqual({7 * transport.SIZE}, set(map(len, receiver.datagrams)))
        stream = self.check_stream(data, figures, 10000, 25)
        path = self.path("x.ts")
        with open(path, "wb") as file:
            file.write(data)
        self.ffmpeg("-i", path, "-f", "null", "-")
        probe = programme.probe(path)
        self.assertEqual(("h264", 1920, "tt", "25/1"), (probe["codec_name"], probe["width"],
                                                        probe["field_order"],
                                                        probe["r_frame_rate"]))
        self.assertEqual([], programme.gaps(path))
        self.assertEqual(figures["frames"], len(programme.times(path)))
        self.check_controls(data, stream)

    def check_controls(self, data, stream):
        """Streams spoilt in one place are found out; the first half second of them is enough."""
        size = transport.SIZE
        data = data[:4000 * size]
        late = stream.packets[2000:]
        pcr = next(p.index for p in late if p.pcr is not None)
        clock = bytearray(data)
        at = pcr * size + 10
        value = (clock[at] & 1) << 8 | clock[at + 1]
        value = value + 20 if value < 280 else value - 20  # 740 ns
        clock[at:at + 2] = bytes([clock[at] & 0xFE | value >> 8, value & 255])
        video = next(p.index for p in late if p.pid == stream.pids()[2] and p.has_payload)
        table = bytearray(data)
        pat = stream.of(0)[3]
        table[(pat.index + 1) * size - len(pat.payload) + 6] ^= 1
        idle = next(p.index for p in late if p.pid == transport.NULL_PID)
        for spoilt, word in ((clock, "from its place"), (table, "CRC"),
                             (data[:video * size] + data[(video + 1) * size:], "counter"),
                             (data[:idle * size] + data[(idle + 1) * size:], "from its place")):
            self.assertIn(word, " ".join(transport.Stream(bytes(spoilt)).faults(10000)))

    def test_udp_goes_to_a_group_with_its_own_rate(self):
        receiver = transport.Receiver(group="239.77.1.2")
        target = f"udp://239.77.1.2:{receiver.port}?iface=lo&ttl=9&rate=4500"
        figures = self.run_pattern("--output", target, "--seconds", 2)[0]
        self.check_stream(receiver.stop(), figures, 4500, RATE)
        self.assertEqual({9}, receiver.ttls)
        self.assertEqual(target.split("?", maxsplit=1)[0], figures["output"])

    def test_network_that_goes_away_comes_back(self):
        if subprocess.run(["unshare", "--net", "true"], capture_output=True,
                          check=False).returncode != 0:
            hall.skip("no network namespace of its own")
        recording, got = self.path("x.yuv"), self.path("got.ts")
        receiver = self.start("receiver", "unshare", "--net", sys.executable, "-B",
                              os.path.join(hall.ROOT, "tests", "support", "transport.py"),
                              "0.0.0.0", 5004, got)
        self.wait_until(lambda: os.path.exists(got), "the receiver")
        overlay = self.overlay(
            "--output", "udp://10.77.0.2:5004", "--output", f"raw:{recording}",
            before=["unshare", "--net", "sh", "-c",
                    f"ip link add near type veth peer name far netns {receiver.child.pid} && "
                    'ip address add 10.77.0.1/24 dev near && ip link set near up && exec "$@"',
                    "sh"])
        self.said(overlay, "on air")
        near, far = (["nsenter", f"--net=/proc/{process.child.pid}/ns/net"]
                     for process in (overlay, receiver))
        disk.run(*far, "ip", "address", "add", "10.77.0.2/24", "dev", "far")
        disk.run(*far, "ip", "link", "set", "far", "up")
        self.wait_until(lambda: os.path.getsize(got) > 1_000_000, "the stream")
        disk.run(*near, "ip", "link", "set", "near", "down")
        self.said(overlay, "cannot send: Network is unreachable")
        disk.run(*near, "ip", "link", "set", "near", "up")
        self.said(overlay, "sends again")
        size = os.path.getsize(got)
        self.wait_until(lambda: os.path.getsize(got) > size + 500_000, "the stream after it")
        udp, raw = self.finish(overlay)
        receiver.wait()
        self.assertGreater(udp["errors"], 0)
        self.assertGreaterEqual(udp["restarts"], 1)
        self.assertEqual((0, False), (udp["drops"], udp["failed"]))
        self.assertEqual(raw["frames"] * I420_SIZE, os.path.getsize(recording))
        self.assertEqual((0, 0, False), (raw["drops"], raw["restarts"], raw["failed"]))
        with open(got, "rb") as file:
            stream = transport.Stream(file.read())
        # The clock ran on meanwhile: after the gap every PCR has its place, no frame is missing.
        clocks = [p for p in stream.packets if p.pcr is not None]
        gaps = [b.index for a, b in zip(clocks, clocks[1:]) if b.pcr - a.pcr > 27_000_000 // 5]
        self.assertEqual(1, len(gaps))
        after = transport.Stream(b"".join(p.data for p in stream.packets[gaps[0]:]))
        self.assertEqual([], [fault for fault in after.faults(12500) if "counter" in fault or
                              "place" in fault])
        times = [packet.pts for packet in after.packets if packet.pts is not None]
        self.assertEqual({90000 // RATE}, {b - a for a, b in zip(times, times[1:])})
        self.assertEqual(FIRST_PTS + 90000 * (udp["frames"] - 1) // RATE, times[-1])

    # SRT --------------------------------------------------------------------------------------

    def srt_peer(self, name, url):
        """ffmpeg, which writes the bytes that come as they are: (its process, the file)."""
        path = self.path(name)
        return self.start("ffmpeg", "ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "data", "-i",
                          url, "-map", "0", "-c", "copy", "-f", "data", path), path

    def test_srt_peers_come_late_and_get_the_stream(self):
        secret, words = self.path("secret"), "a passphrase of the hall"
        self.write(secret, words + "\n")
        os.chmod(secret, 0o600)
        call, listen = free_port(), free_port()
        overlay = self.overlay("--output", f"srt://127.0.0.1:{call}?latency=200", "--output",
                               f"srt://127.0.0.1:{listen}?mode=listener&passphrase-file={secret}")
        self.said(overlay, "it is begun anew in")  # nobody listens yet
        peers = [self.srt_peer("call.ts", f"srt://127.0.0.1:{call}?mode=listener"),
                 self.srt_peer("listen.ts",
                               f"srt://127.0.0.1:{listen}?mode=caller&passphrase={words}")]
        for _, path in peers:
            self.wait_until(lambda at=path: os.path.exists(at) and os.path.getsize(at) > 1_500_000,
                            path)
        outputs = self.finish(overlay)
        self.assertGreaterEqual(outputs[0]["restarts"], 1)
        self.assertEqual(0, outputs[1]["restarts"])
        self.assertNotIn("passphrase", overlay.all_errors() + json.dumps(outputs))
        for (process, path), figures in zip(peers, outputs):
            process.wait()
            with open(path, "rb") as file:
                stream = transport.Stream(file.read())
            self.assertEqual([], stream.faults(12500))
            times = [packet.pts for packet in stream.packets if packet.pts is not None]
            self.assertEqual(FIRST_PTS + 90000 * (figures["frames"] - 1) // RATE, times[-1])
            self.assertEqual({90000 // RATE}, {b - a for a, b in zip(times, times[1:])})

    # gst: -------------------------------------------------------------------------------------

    def test_pipeline_that_fails_is_begun_anew_and_harms_no_other(self):
        failing = "gst:identity error-after=20 ! fakesink sync=true"
        ending = "gst:identity eos-after=20 ! fakesink sync=true"
        steady = "gst:videoconvert ! fakesink sync=true"
        recording = self.path("x.yuv")
        overlay = self.overlay("--output", failing, "--output", f"raw:{recording}", "--output",
                               steady, "--output", ending)
        self.said(overlay, f"output '{failing}' is begun anew", 2)
        self.said(overlay, f"output '{ending}' is begun anew")
        outputs = self.finish(overlay, (0, 1))  # 1: one of them is down at the end
        self.assertIn("Failed after iterations as requested", overlay.all_errors())
        self.assertIn("it ended by itself", overlay.all_errors())
        self.assertIn("in 1 s", overlay.all_errors())
        self.assertIn("in 2 s", overlay.all_errors())
        self.assertGreaterEqual(outputs[0]["restarts"], 2)
        self.assertGreater(outputs[0]["drops"], 0)
        for figures in outputs[1:3]:  # the control: what does not fail is not begun anew
            self.assertEqual((0, 0, False), tuple(figures[key] for key in
                                                  ("drops", "restarts", "failed")))
        self.assertEqual(outputs[1]["frames"] * I420_SIZE, os.path.getsize(recording))

    def test_pipeline_of_others_gets_every_frame(self):
        path = self.path("x.y4m")
        self.run_pattern("--output", f"gst:y4menc ! filesink location={path}", "--seconds", 1)
        self.assertEqual(RATE, len(programme.times(path)))

    # Fill and key -----------------------------------------------------------------------------

    def frames(self, path, size):
        with open(path, "rb") as file:
            data = file.read()
        self.assertEqual(0, len(data) % size)
        return [data[at:at + size] for at in range(0, len(data), size)]

    def decoded(self, path, pixels):
        return self.ffmpeg("-i", path, "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt",
                           pixels, "-")

    # A machine that is too slow leaves frames out, each output its own: the number that every frame
    # shows says which belong together.

    def record(self, *outputs):
        """The alpha pattern into `outputs` and x.bgra; the frames of that, by their tick."""
        whole = self.path("x.bgra")
        arguments = [word for output in (f"raw:{whole}", *outputs) for word in ("--output", output)]
        overlay = self.overlay(*arguments, "--background", "alpha", pattern="alpha")
        self.said(overlay, "is up after")
        time.sleep(1)  # so much of the pattern is to be compared
        for figures in self.finish(overlay):
            self.assertFalse(figures["failed"], figures)
        return {tick_of(frame[3::4]): frame for frame in self.frames(whole, BGRA_SIZE)}

    def common(self, *by_tick):
        """The last ticks that are in all of them; 0 is what comes before the pattern."""
        ticks = sorted(set(by_tick[0]).intersection(*by_tick) - {0})[-COMPARED:]
        self.assertEqual(COMPARED, len(ticks), "the pattern came too late, or never")
        return ticks

    def test_fill_and_key_are_the_frames_with_alpha(self):
        fill, key = self.path("fill.yuv"), self.path("key.yuv")
        alpha = self.record(f"fill:raw:{fill}", f"key:raw:{key}")
        fill, key = ({tick_of(frame): frame for frame in self.frames(path, I420_SIZE)}
                     for path in (fill, key))
        ticks = self.common(alpha, fill, key)
        for tick in ticks:
            self.check_fill(alpha[tick], fill[tick])
            self.check_key(alpha[tick], key[tick])
        with self.assertRaises(AssertionError):  # the control: another frame's key
            self.check_key(alpha[ticks[-1]], key[ticks[0]])

    def check_fill(self, bgra, fill):
        """Luma within a step and a half of its definition; alpha has no part in it."""
        blue, green, red = (bgra[channel::4 * SPARSE] for channel in range(3))
        worst = max(abs(16 + 219 * (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255 - luma)
                    for b, g, r, luma in zip(blue, green, red, fill[:WIDTH * HEIGHT:SPARSE]))
        self.assertLessEqual(worst, 1.5)

    def check_key(self, bgra, key):
        self.assertEqual(bgra[3::4].translate(KEY_LUMA), key[:WIDTH * HEIGHT])
        self.assertEqual({128}, set(key[WIDTH * HEIGHT:]))

    def test_coded_fill_and_key_have_the_same_frames_at_the_same_times(self):
        paths = self.path("fill.ts"), self.path("key.ts")
        alpha = self.record(f"fill:file:{paths[0]}", f"key:file:{paths[1]}")
        shown = []
        for path in paths:
            times, data = programme.times(path), self.decoded(path, "yuv420p")
            self.assertEqual(len(times) * I420_SIZE, len(data))
            shown.append({pts: data[i * I420_SIZE:i * I420_SIZE + WIDTH * HEIGHT]
                          for i, pts in enumerate(times)})
        fill, key = ({pts: tick_of(luma) for pts, luma in one.items()} for one in shown)
        both = [pts for pts in fill if pts in key]
        self.assertEqual([fill[pts] for pts in both], [key[pts] for pts in both])
        # The number of a frame is its time: no tick is shown before its own.
        self.assertEqual([], [pts for pts in both if fill[pts] > (pts - both[0]) * RATE // 90000])
        last = {key[pts]: pts for pts in both}
        for tick in self.common(alpha, last):
            exact = alpha[tick][3::4].translate(KEY_LUMA)
            self.assertLess(mean_difference(shown[1][last[tick]][::SPARSE], exact[::SPARSE]), 2)

    def test_movie_has_straight_alpha(self):
        path = self.path("x.mov")
        alpha = self.record(f"file:{path}")
        probe = programme.probe(path)
        self.assertEqual(("png", "rgba"), (probe["codec_name"], probe["pix_fmt"]))
        data = self.decoded(path, "bgra")
        movie = [data[at:at + BGRA_SIZE] for at in range(0, len(data), BGRA_SIZE)]
        movie = {tick_of(frame[3::4]): frame for frame in movie}
        for tick in self.common(alpha, movie):
            self.assertEqual(alpha[tick][3::4], movie[tick][3::4])
            red, opacity = alpha[tick][2::4 * SPARSE], alpha[tick][3::4 * SPARSE]
            straight = bytes(0 if a == 0 else min(255, (r * 255 + a // 2) // a)
                             for r, a in zip(red, opacity))
            self.assertEqual(straight, movie[tick][2::4 * SPARSE])

    # The pattern of half-transparent edges ----------------------------------------------------

    def test_alpha_pattern_tells_the_kinds_apart(self):
        seen = {}
        for kind in ("premultiplied", "straight"):
            path = self.path(f"{kind}.bgra")
            overlay = self.overlay("--output", f"raw:{path}", "--background", "alpha", "--alpha",
                                   kind, pattern="alpha")
            self.said(overlay, "is up after")
            time.sleep(0.4)
            self.finish(overlay)
            frame = self.frames(path, BGRA_SIZE)[-1]
            self.assertTrue(any(frame), "the pattern never came")
            self.check_golden(kind, frame)
            seen[kind] = {name: self.keyed(frame, kind, name)
                          for name in ("premultiplied", "straight")}
        # Which of the greys 1, 2, 3 the strip looks like over a picture of #808080.
        self.assertEqual({"premultiplied": {"premultiplied": 1, "straight": 2},
                          "straight": {"premultiplied": 3, "straight": 1}}, seen)

    def keyed(self, frame, kind, keyer):
        """The number of the grey that a keyer which takes the frames for `keyer` makes of it."""
        def over(x, y):
            at = (y * 2 // 3 * WIDTH + x * 2 // 3) * 4
            red, alpha = frame[at + 2], frame[at + 3]
            shown = red if keyer == "premultiplied" else red * alpha / 255
            return min(255, shown + 128 * (255 - alpha) / 255)
        strip = over(960, 680)
        equal = [i + 1 for i in range(3) if abs(over(700 + 400 * i, 780) - strip) < 2]
        self.assertEqual(1, len(equal), f"{kind} as {keyer}: the strip is {strip}")
        return equal[0]

    def check_golden(self, kind, frame):
        """The colours of the frame, but for the rows of tick and bar, against the kept picture."""
        kept, drawn = os.path.join(GOLDEN, f"alpha-{kind}.png"), self.path(f"alpha-{kind}.png")
        with open(self.path("frame.bgra"), "wb") as file:
            file.write(frame)
        self.ffmpeg("-y", "-f", "rawvideo", "-pix_fmt", "bgr0", "-s", f"{WIDTH}x{HEIGHT}", "-i",
                    self.path("frame.bgra"), "-vf",
                    "drawbox=y=56:h=28:w=iw:color=black:t=fill,"
                    "drawbox=y=636:h=48:w=iw:color=black:t=fill", drawn)
        if "MINPING_RENEW" in os.environ:
            os.replace(drawn, kept)
        else:
            now, then = (self.decoded(path, "rgb24") for path in (drawn, kept))
            self.assertEqual(len(then), len(now))
            other = sum(abs(a - b) > 12 for a, b in zip(now, then))
            self.assertLess(other, 24, f"values of '{drawn}' are not those kept")

    # Refusals ---------------------------------------------------------------------------------

    def test_what_cannot_be_opened_is_named(self):
        secret = self.path("open-to-all")
        self.write(secret, "a passphrase of the hall\n")
        os.chmod(secret, 0o644)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
            cases = [
                ("decklink:7", (), "DeckLink device 7"),
                ("decklink:7", ("--background", "alpha"), "DeckLink device 7"),
                ("udp://no-such-host.invalid:5004", (), "no-such-host.invalid"),
                ("udp://239.1.1.1:5004?iface=nosuch0", (), "nosuch0"),
                ("udp://127.0.0.1:5004?iface=lo", (), "no multicast address"),
                (f"srt://127.0.0.1:{port}?mode=listener", (), "Address already in use"),
                ("srt://no-such-host.invalid:5004", (), "no-such-host.invalid"),
                ("srt://127.0.0.1:5004?passphrase-file=/nowhere", (), "/nowhere"),
                (f"srt://127.0.0.1:5004?passphrase-file={secret}", (), "chmod 600"),
                ("gst:nosuchelement ! fakesink", (), "nosuchelement"),
                ("gst:fakesink nosuch=1", (), "nosuch"),
                ("gst:fakesink ! ! fakesink", (), "syntax error"),
                ("gst:filesink location=/nowhere/x", (), "/nowhere/x"),
            ]
            for target, extra, word in cases:
                with self.subTest(target=target):
                    done = self.run_program(hall.OVERLAY, "--test-pattern", "--format", "720p50",
                                            "--output", target, *extra, "--seconds", 1, status=1)
                    self.assertIn(word, done.stderr)
        for target, word in (("udp://127.0.0.1", "port"), ("fill:file:x.ts", "--background alpha")):
            done = self.run_program(hall.OVERLAY, "--test-pattern", "--format", "720p50",
                                    "--output", target, status=2)
            self.assertIn(word, done.stderr)


if __name__ == "__main__":
    unittest.main()

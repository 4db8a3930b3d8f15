"""Transport streams for tests: packets read and made, tables, clips with everything in them."""

import subprocess

SIZE = 188
NULL = 0x1fff
WRAP = 1 << 33
PMT, VIDEO = 0x1000, 0x100  # where ffmpeg puts them
TELETEXT, SUBTITLES, SCTE35, PRIVATE, EIT = 0x201, 0x202, 0x203, 0x204, 0x12


def packets(path):
    with open(path, "rb") as file:
        data = file.read()
    assert len(data) % SIZE == 0, f"'{path}' holds no whole packets"
    return [data[at:at + SIZE] for at in range(0, len(data), SIZE)]


def write(path, items):
    with open(path, "wb") as file:
        file.write(b"".join(items))


def null_packet():
    return bytes([0x47, NULL >> 8, NULL & 255, 0x10]).ljust(SIZE, b"\xff")


def pid(packet):
    return (packet[1] & 0x1f) << 8 | packet[2]


def has_payload(packet):
    return bool(packet[3] & 0x10)


def is_start(packet):
    return bool(packet[1] & 0x40)


def payload(packet):
    at = 4 + (1 + packet[4] if packet[3] & 0x20 else 0)
    return packet[at:] if has_payload(packet) else b""


def pcr_bytes(packet):
    """The six bytes of a PCR, or None."""
    if packet[3] & 0x20 and packet[4] >= 7 and packet[5] & 0x10:
        return packet[6:12]
    return None


def pcr_value(six):
    base = int.from_bytes(six[:4], "big") << 1 | six[4] >> 7
    return base * 300 + ((six[4] & 1) << 8 | six[5])


def pcr_make(value):
    base, extra = divmod(value % (WRAP * 300), 300)
    return bytes([base >> 25 & 255, base >> 17 & 255, base >> 9 & 255, base >> 1 & 255,
                  (base & 1) << 7 | 0x7e | extra >> 8, extra & 255])


def stamp_value(five):
    return ((five[0] >> 1 & 7) << 30 | five[1] << 22 | five[2] >> 1 << 15 | five[3] << 7
            | five[4] >> 1)


def stamp_make(five, value):
    value %= WRAP
    return bytes([five[0] & 0xf0 | value >> 29 & 0x0e | 1, value >> 22 & 255,
                  value >> 14 & 0xfe | 1, value >> 7 & 255, value << 1 & 0xfe | 1])


def moved(items, ticks):
    """The same stream with every PCR, PTS and DTS moved by `ticks` of 90 kHz, modulo 2^33."""
    result = []
    for old in items:
        packet = bytearray(old)
        six, body = pcr_bytes(old), payload(old)
        at = SIZE - len(body)
        if six:
            packet[6:12] = pcr_make(pcr_value(six) + ticks * 300)
        if is_start(old) and body[:3] == b"\0\0\1" and 0xc0 <= body[3] <= 0xef:
            for place in ([9, 14] if body[7] & 0xc0 == 0xc0 else [9] if body[7] & 0x80 else []):
                five = old[at + place:at + place + 5]
                packet[at + place:at + place + 5] = stamp_make(five, stamp_value(five) + ticks)
        result.append(bytes(packet))
    return result


def crc(data):
    value = 0xffffffff
    for byte in data:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ 0x04c11db7 if value & 0x80000000 else value << 1) & 0xffffffff
    return value.to_bytes(4, "big")


def section(table, extension, body):
    size = len(body) + 9
    head = bytes([table, 0xb0 | size >> 8, size & 255]) + extension.to_bytes(2, "big") + bytes(
        [0xc1, 0, 0])
    return head + body + crc(head + body)


class Carousel:
    """Packets of one PID that carry one section again and again."""

    def __init__(self, number, data):
        self.number, self.counter, self.data = number, 0, b"\0" + data

    def take(self):
        made = []
        for at in range(0, len(self.data), SIZE - 4):
            head = bytes([0x47, (0x40 if at == 0 else 0) | self.number >> 8, self.number & 255,
                          0x10 | self.counter])
            self.counter = self.counter + 1 & 15
            made.append((head + self.data[at:at + SIZE - 4]).ljust(SIZE, b"\xff"))
        return made


class Pages:
    """Packets of one PID that carry one PES packet each."""

    def __init__(self, number, data):
        self.number, self.counter, self.data = number, 0, data

    def take(self):
        fill = SIZE - 5 - len(self.data)
        head = bytes([0x47, 0x40 | self.number >> 8, self.number & 255, 0x30 | self.counter, fill])
        self.counter = self.counter + 1 & 15
        return [head + b"\0".ljust(fill, b"\xff") + self.data]


def pmt_extended(data):
    """A PMT's section with teletext, subtitles, SCTE-35 and private sections in it as well."""
    more = (bytes([6, 0xe0 | TELETEXT >> 8, TELETEXT & 255, 0xf0, 7, 0x56, 5]) + b"zho\x09\0"
            + bytes([6, 0xe0 | SUBTITLES >> 8, SUBTITLES & 255, 0xf0, 10, 0x59, 8])
            + b"zho\x10\0\1\0\1" + bytes([0x86, 0xe0 | SCTE35 >> 8, SCTE35 & 255, 0xf0, 0])
            + bytes([5, 0xe0 | PRIVATE >> 8, PRIVATE & 255, 0xf0, 0]))
    return section(2, int.from_bytes(data[3:5], "big"), data[8:-4] + more)


def enriched(items):
    """The stream with teletext, subtitles, SCTE-35, private sections and EIT in null slots."""
    kinds = [Pages(TELETEXT, b"\0\0\1\xbd\0\x86\x84\0\x24" + b"\xff" * 36 + b"\x10" +
                   b"\x02\x2c" * 46),
             Pages(SUBTITLES, b"\0\0\1\xbd\0\x19\x84\x80\5\x21\0\1\0\1\x20\0" +
                   b"\x0f\x10\0\1\0\2\5\0\x0f\x80\0\1\0\0\xff"),
             Carousel(SCTE35, section(0xfc, 0x1234, b"\0" * 20)),
             Carousel(PRIVATE, section(0x80, 7, bytes(range(256)) * 2)),
             Carousel(EIT, section(0x4e, 1, b"\0\1\0\1\0\x4e" + bytes(300)))]
    waiting, result, nulls = [], [], 0
    for packet in items:
        if pid(packet) == PMT and is_start(packet):
            body = payload(packet)[1:]
            data = pmt_extended(body[:3 + ((body[1] & 15) << 8 | body[2])])
            packet = (packet[:4] + b"\0" + data).ljust(SIZE, b"\xff")
        elif pid(packet) == NULL:
            nulls += 1
            if nulls % 12 == 0:
                waiting += kinds[nulls // 12 % len(kinds)].take()
            if waiting:
                packet = waiting.pop(0)
        result.append(packet)
    return result


def clip(path, seconds, codec="libx264", interlaced=True, rate=25, size="1920x1080",
         video_rate="6M", mux_rate="9M"):
    """
    A picture that moves, all white for a frame at each full second, when both sounds beep as well;
    constant rate. Every frame's flags say top field first.
    """
    fields = 2 * rate if interlaced else rate
    weave = "tinterlace=interleave_top,setfield=tff," if interlaced else ""
    flash = f"drawbox=t=fill:c=white:enable='lt(mod(t+0.005,1),{1 / rate:.4f})'"
    beep = "aevalsrc=sin({0}*2*PI*t)*lt(mod(t\\,1)\\,0.04):s=48000"
    options = ["-c:v", codec, "-b:v", video_rate, "-maxrate", video_rate, "-bufsize", "4M"]
    if codec == "libx264":
        options += ["-preset", "superfast", "-x264-params",
                    f"nal-hrd=cbr:force-cfr=1:keyint={rate}"]
    else:
        options += ["-g", "12", "-bf", "2"]
    if interlaced:
        options += ["-flags", "+ildct+ilme", "-top", "1"]
    subprocess.run(
        ["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i",
         f"testsrc2=s={size}:r={fields}", "-f", "lavfi", "-i", beep.format(1000), "-f", "lavfi",
         "-i", beep.format(440), "-vf", f"{flash},{weave}format=yuv420p", "-t", str(seconds),
         "-map", "0:v", "-map", "1:a", "-map", "2:a", *options, "-c:a", "mp2", "-b:a", "128k",
         "-muxrate", mux_rate, "-f", "mpegts", path], check=True, timeout=120)


def differences(before, after, video=VIDEO, allowed=()):
    """
    What is not as it was outside of the video, null packets and `allowed`, a text each. Packets
    `after` that are None are not looked at.
    """
    faults = []
    if len(before) != len(after):
        faults.append(f"{len(before)} packets became {len(after)}")
    for i, (old, new) in enumerate(zip(before, after)):
        if new is None:
            continue
        if pid(old) not in (video, NULL, *allowed) and old != new:
            faults.append(f"packet {i} of PID {pid(old)} is another")
        if pid(old) in (video, NULL) and pid(new) not in (video, NULL):
            faults.append(f"packet {i} of PID {pid(new)} was not there")
        if pcr_bytes(old) != pcr_bytes(new):
            faults.append(f"the PCR of packet {i} is another")
    return faults


def counter_faults(items, number=VIDEO):
    """Where the continuity counter of a PID does not go on; not known after a None."""
    faults, last = [], None
    for i, packet in enumerate(items):
        if packet is None:
            last = None
            continue
        if pid(packet) != number:
            continue
        counter = packet[3] & 15
        if last is not None and counter != (last + has_payload(packet)) & 15:
            faults.append(i)
        last = counter
    return faults


def stamps(items, number=VIDEO):
    """PTS of every picture of a PID, in the stream's order."""
    bodies = [payload(packet) for packet in items if pid(packet) == number and is_start(packet)]
    return [stamp_value(body[9:14]) for body in bodies if body[7] & 0x80]

"""Reads a transport stream packet by packet (ISO/IEC 13818-1), and says what is wrong with it.

Receiver takes the datagrams of a UDP output as they come. Stream parses their bytes with nothing of
the project's own code; faults() is the check: constant bit rate, PCR repetition and accuracy,
continuity counters, tables and their CRC, the decoder's times (TR 101 290, priorities 1 and 2).
"""

import socket
import struct
import sys
import threading

SIZE = 188
IP_RECVTTL = 12  # linux/in.h
SO_RXQ_OVFL = 40  # asm-generic/socket.h: the kernel says how many datagrams it had no room for
PCR_HZ = 27_000_000
PCR_MODULUS = (1 << 33) * 300
PTS_MODULUS = 1 << 33
NULL_PID = 0x1FFF
PCR_GAP_MAX_S = 0.040
TABLE_GAP_MAX_S = 0.500
PTS_AHEAD_MAX_S = 0.700
PCR_ACCURACY_S = 500e-9


class Receiver:
    """
    A socket that is bound before anybody sends; its thread keeps every datagram. lost: how many the
    kernel left out on a busy machine, by the number of the datagram after them.
    """

    def __init__(self, host="127.0.0.1", group=None):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 24)
        self.socket.bind((group or host, 0))
        self.port = self.socket.getsockname()[1]
        if group:
            self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                                   socket.inet_aton(group) + socket.inet_aton(host))
        self.socket.setsockopt(socket.IPPROTO_IP, IP_RECVTTL, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RXQ_OVFL, 1)
        self.socket.settimeout(0.2)
        self.datagrams = []
        self.lost = {}
        self.ttls = set()
        self.is_stopping = False
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while True:
            try:
                data, extra, _, _ = self.socket.recvmsg(65536, 128)
                values = {kind: int.from_bytes(value, sys.byteorder) for _, kind, value in extra}
                lost = values.get(SO_RXQ_OVFL, 0) - sum(self.lost.values())
                if lost > 0:
                    self.lost[len(self.datagrams)] = lost
                self.datagrams.append(data)
                self.ttls |= {values[socket.IP_TTL]} if socket.IP_TTL in values else set()
            except socket.timeout:
                if self.is_stopping:
                    return

    def stop(self):
        """Waits until nothing comes any more; the bytes."""
        self.is_stopping = True
        self.thread.join(10)
        self.socket.close()
        return b"".join(self.datagrams)

    def packets(self, count):
        """After stop(): the `count` packets that were sent, None where this machine lost them."""
        found = []
        for i, data in enumerate(self.datagrams):
            found += [None] * (7 * self.lost.get(i, 0))
            found += [data[at:at + SIZE] for at in range(0, len(data), SIZE)]
        return found + [None] * (count - len(found))


def crc32(data):
    """CRC_32 of ISO/IEC 13818-1, annex A: 0 over a section with its own."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ (0x04C11DB7 if crc & 0x80000000 else 0)) & 0xFFFFFFFF
    return crc


class Packet:
    """One packet; pcr, pts and dts are None where there are none. index: its place."""

    def __init__(self, data, index):
        head, flags = struct.unpack(">HB", data[1:4])
        self.index = index
        self.data = data
        self.has_sync = data[0] == 0x47
        self.is_start = bool(head & 0x4000)
        self.pid = head & 0x1FFF
        self.counter = flags & 15
        self.has_payload = bool(flags & 0x10)
        self.pcr = self.pts = self.dts = None
        self.is_discontinuous = False
        begin = 4
        if flags & 0x20:
            begin = 5 + data[4]
            if data[4] > 0:
                self.is_discontinuous = bool(data[5] & 0x80)
                if data[5] & 0x10:
                    base = int.from_bytes(data[6:12], "big")
                    self.pcr = (base >> 15) * 300 + (base & 0x1FF)
        self.payload = data[begin:] if self.has_payload else b""
        if self.is_start and self.payload[:3] == b"\0\0\1" and self.payload[7] & 0x80:
            self.pts = self.dts = _time(self.payload[9:14])
            if self.payload[7] & 0x40:
                self.dts = _time(self.payload[14:19])


def _time(data):
    return ((data[0] >> 1 & 7) << 30 | data[1] << 22 | data[2] >> 1 << 15 | data[3] << 7 |
            data[4] >> 1)


def difference(a, b, modulus):
    """a - b over the wrap, signed."""
    return (a - b + modulus // 2) % modulus - modulus // 2


class Stream:
    """The packets of a whole stream."""

    def __init__(self, data):
        assert len(data) % SIZE == 0, f"{len(data)} bytes are no whole packets"
        self.packets = [Packet(data[at:at + SIZE], at // SIZE) for at in range(0, len(data), SIZE)]

    def of(self, pid):
        return [packet for packet in self.packets if packet.pid == pid]

    def sections(self, pid):
        """The tables of a PID, each in one packet: (packet, bytes)."""
        found = []
        for packet in self.of(pid):
            if packet.is_start:
                at = 1 + packet.payload[0]
                size = 3 + (int.from_bytes(packet.payload[at + 1:at + 3], "big") & 0xFFF)
                found.append((packet, packet.payload[at:at + size]))
        return found

    def pids(self):
        """(PID of the PMT, of the PCR, of the video) as the tables say."""
        pat = self.sections(0)[0][1]
        pmt_pid = int.from_bytes(pat[10:12], "big") & 0x1FFF
        pmt = self.sections(pmt_pid)[0][1]
        at = 12 + (int.from_bytes(pmt[10:12], "big") & 0xFFF)
        return (pmt_pid, int.from_bytes(pmt[8:10], "big") & 0x1FFF,
                int.from_bytes(pmt[at + 1:at + 3], "big") & 0x1FFF)

    def faults(self, rate_kbps):
        """What is wrong with a stream of `rate_kbps`; [] for a good one."""
        faults = [f"packet {p.index}: no sync byte" for p in self.packets if not p.has_sync]
        if faults:
            return faults[:5]
        pmt_pid, pcr_pid, video_pid = self.pids()
        faults += self._clock_faults(pcr_pid, rate_kbps)
        faults += self._counter_faults()
        for pid in (0, pmt_pid):
            faults += self._table_faults(pid, rate_kbps)
        return faults + self._time_faults(pcr_pid, video_pid, rate_kbps)[0]

    def late_units(self, rate_kbps):
        """How many frames begin after their DTS: the encoder was late. [(packet, s late)]"""
        _, pcr_pid, video_pid = self.pids()
        return self._time_faults(pcr_pid, video_pid, rate_kbps)[1]

    def _clock_faults(self, pcr_pid, rate_kbps):
        clocks = [p for p in self.packets if p.pcr is not None]
        faults = [f"packet {p.index}: a PCR on another PID" for p in clocks if p.pid != pcr_pid]
        packet_s = SIZE * 8 / (rate_kbps * 1000)
        for before, after in zip(clocks, clocks[1:]):
            gap_s = difference(after.pcr, before.pcr, PCR_MODULUS) / PCR_HZ
            away_s = gap_s - (after.index - before.index) * packet_s
            if after.is_discontinuous:
                continue
            if abs(away_s) > PCR_ACCURACY_S:
                faults.append(f"packet {after.index}: PCR {away_s * 1e9:.0f} ns from its place")
            if gap_s > PCR_GAP_MAX_S:
                faults.append(f"packet {after.index}: {gap_s * 1000:.1f} ms without a PCR")
        return faults if clocks else ["no PCR"]

    def _counter_faults(self):
        faults, last = [], {}
        for packet in self.packets:
            if packet.pid == NULL_PID:
                continue
            before = last.get(packet.pid)
            last[packet.pid] = packet.counter
            if before is None or packet.is_discontinuous:
                continue
            if packet.counter != (before + packet.has_payload) % 16:
                faults.append(f"packet {packet.index}: counter {packet.counter} after {before}")
        return faults

    def _table_faults(self, pid, rate_kbps):
        sections = self.sections(pid)
        faults = [f"packet {p.index}: the table's CRC is wrong" for p, s in sections if crc32(s)]
        places = [-1] + [p.index for p, _ in sections] + [len(self.packets)]
        gap_s = max(b - a for a, b in zip(places, places[1:])) * SIZE * 8 / (rate_kbps * 1000)
        if gap_s > TABLE_GAP_MAX_S:
            faults.append(f"PID {pid}: {gap_s:.2f} s without its table")
        return faults

    def _time_faults(self, pcr_pid, video_pid, rate_kbps):
        """No frame is there too early: (faults, late frames)."""
        faults, late, pcr, pcr_at = [], [], None, 0
        for packet in self.packets:
            if packet.pid == pcr_pid and packet.pcr is not None:
                pcr, pcr_at = packet.pcr, packet.index
            if packet.pid != video_pid or packet.pts is None or pcr is None:
                continue
            now = int(pcr / 300 + (packet.index - pcr_at) * SIZE * 8 * 90 / rate_kbps)
            ahead_s = difference(packet.pts, now, PTS_MODULUS) / 90000
            if ahead_s > PTS_AHEAD_MAX_S:
                faults.append(f"packet {packet.index}: PTS {ahead_s:.3f} s ahead of the PCR")
            if difference(packet.dts, now, PTS_MODULUS) < 0:
                late.append((packet.index, -ahead_s))
        return faults, late


def main():
    """python3 transport.py HOST PORT FILE: writes what comes, until nothing came for 3 s."""
    host, port, path = sys.argv[1:]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 24)
        receiver.bind((host, int(port)))
        with open(path, "wb", buffering=0) as file:
            while True:
                try:
                    file.write(receiver.recv(65536))
                    receiver.settimeout(10)
                except socket.timeout:
                    return


if __name__ == "__main__":
    main()

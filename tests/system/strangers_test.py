"""Proves that a flood of outsiders takes no place of the roll.

Strangers are sockets that said no valid hello: bare ones, half handshakes, readers of pages, silent
WebSockets. There may be as many as seats and 1,024 more; then the oldest of the address that holds
most goes. Under a flood the hall votes on and never reconnects, newcomers of every address, the
flood's own included, are welcomed, and the server holds no more descriptors than the limit. The
controls: the flood's own oldest sockets are gone and its newest are not, and viewers beyond their
share are refused.
"""

import os
import socket
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import hall
import ws

FLOOD = "127.0.0.66"
SEATS = 80
SPARE = 1024  # SESSION_SPARE of server/service/session.h
BARE, HALF, READER, SILENT = range(4)


class Strangers(hall.Scenario):
    def setUp(self):
        super().setUp()
        self.write(self.event_path, hall.event(seats=SEATS))
        self.flood = []

    def tearDown(self):
        for stranger in self.flood:
            stranger.close()
        super().tearDown()

    def start_all(self, *extra, before=()):
        self.server = self.start_server(*extra, before=before)
        self.idle_descriptors = self.descriptors()
        self.voters = self.start_hall("--until-closed", 1, "--rate", 300, seats=58)
        self.minping("open", "appraisal", "s01")

    def finish(self):
        self.wait_recorded(600)
        self.minping("close")
        self.assertEqual(0, self.figures(self.voters)["reconnects"])
        self.assert_same(self.read_json(self.path("truth.json")), self.results())
        self.assertEqual(0, self.server.stop())

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.server.child.pid}/fd"))

    def stranger(self, kind):
        """One more of the flood. It never waits for an answer."""
        raw = socket.create_connection(ws.address_of(self.url)[:2], timeout=20,
                                       source_address=(FLOOD, 0))
        upgrade = (b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                   b"Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Version: 13\r\n"
                   b"Sec-WebSocket-Protocol: minping.v1\r\n\r\n")
        raw.sendall({BARE: b"", HALF: upgrade[:40], SILENT: upgrade,
                     READER: b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"}[kind])
        self.flood.append(raw)
        return raw

    def is_gone(self, raw):
        """Whether the server ended it. Reads what came before."""
        raw.setblocking(False)
        try:
            while True:
                if not raw.recv(65536):
                    return True
        except BlockingIOError:
            return False
        except ConnectionError:
            return True

    def test_a_flood_of_each_kind_pushes_out_itself(self):
        self.start_all()
        limit = SEATS + SPARE
        for kind in (BARE, HALF, READER, SILENT):
            with self.subTest(kind=kind):
                first = len(self.flood)
                for index in range(limit + 400):
                    self.stranger(kind)
                    if index % 250 == 249:
                        self.voter(59).close()
                        self.voter(60, local=FLOOD).close()
                self.wait_until(lambda: self.is_gone(self.flood[first]), "the oldest to go")
                if kind != SILENT:  # those have two seconds
                    self.assertFalse(self.is_gone(self.flood[-1]))
                # Voters, desk and what one turn of the loop accepts before it lets go.
                self.assertLess(self.descriptors(), self.idle_descriptors + limit + 58 + 200)
        self.finish()

    def test_who_says_nothing_is_gone_in_time(self):
        """Bare and half handshakes after 10 s, silent WebSockets after 2 s and their close."""
        self.start_all()
        for kind, name in ((SILENT, "silent"), (BARE, "bare"), (HALF, "half a handshake")):
            started = time.monotonic()
            raw = self.stranger(kind)
            self.wait_until(lambda: self.is_gone(raw), f"{name} to go")
            print(f"{name}: gone after {time.monotonic() - started:.1f} s")
        self.finish()

    def test_who_leaves_a_message_unfinished_is_gone_in_time(self):
        """Viewers that answer every ping; the control finishes its message and stays."""
        self.start_all()
        half, whole = (ws.Peer(self.url, "viewer") for _ in range(2))
        for peer in (half, whole):
            peer.send_frame(ws.TEXT, b'{"t":', is_final=False)
        started = time.monotonic()
        whole.send_frame(ws.CONTINUATION, b'"none"}')
        whole.refused("bad message")
        self.assertIsNone(half.close_code(timeout_s=40))
        print(f"half a message: gone after {time.monotonic() - started:.1f} s")
        self.assertGreater(time.monotonic() - started, 20)
        whole.send_text("{}")
        whole.refused("bad message")
        half.close()
        whole.close()
        self.finish()

    def test_readers_of_old_documents_make_room(self):
        """A new version is made for each view: who still reads the seventeenth last is cut off."""
        self.write(self.event_path, hall.event(seats=SEATS, subjects=200))
        self.start_all()
        readers = {}
        while len(readers) < 20:
            raw = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # it fills, and they wait
            raw.settimeout(20)
            raw.connect(ws.address_of(self.url)[:2])
            self.flood.append(raw)
            raw.sendall(b"GET /api/v1/view HTTP/1.1\r\nHost: x\r\n\r\n")
            head = raw.recv(400, socket.MSG_PEEK)
            readers[head.split(b"etag: ")[1].split(b"\r\n")[0]] = raw
        oldest, newest = list(readers.values())[0], list(readers.values())[-1]
        self.wait_until(lambda: self.is_gone(oldest), "the reader of the oldest version to go")
        self.assertFalse(self.is_gone(newest))
        status, _, body = self.get(self.url, "/api/v1/view")
        self.assertEqual(200, status)
        print(f"20 versions of {len(body)} bytes were asked for and not read")
        self.finish()

    def test_viewers_leave_the_roll_its_places(self):
        self.start_all(before=["prlimit", "--nofile=2048:2048"])
        refused = 0
        for _ in range(2048):
            try:
                viewer = ws.Peer(self.url, local=FLOOD)
                viewer.send({"t": "hello", "protocol": 1, "role": "viewer"})
                if viewer.receive().startswith('{"t":"welcome"'):
                    self.flood.append(viewer)
                    continue
            except ws.Closed as closed:
                self.assertEqual(1013, closed.code)
                viewer.close()
            refused += 1
            if refused == 50:
                break
        print(f"{len(self.flood)} viewers were welcomed before they were told to try later")
        self.assertEqual(50, refused, "viewers have a limit")
        self.assertGreater(len(self.flood), 500)
        seats = [self.voter(seat) for seat in range(59, SEATS + 1)]
        self.post("officer-1").close()
        for seat in seats:
            seat.close()
        self.finish()


if __name__ == "__main__":
    hall.main()

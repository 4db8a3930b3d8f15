"""Many viewers that misbehave: raw WebSockets that stop reading, or read slowly."""

import json
import os
import re
import select
import signal
import socket
import struct
import subprocess
import time

import ws

UPGRADE = ("GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Version: 13\r\n"
           "Sec-WebSocket-Protocol: minping.v1\r\n\r\n").encode()
SMALL = 4096  # a receive buffer that is soon full


def frame(opcode, payload):
    """A short masked frame; the mask is zero."""
    return bytes([0x80 | opcode, 0x80 | len(payload)]) + bytes(4) + payload


class Viewer:
    """Says hello as a viewer and then reads no more than it is told to take()."""

    def __init__(self, url, made=None, receive_size=SMALL):
        host, port, _ = ws.address_of(url)
        self.socket = made or socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if receive_size:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_size)
        self.socket.settimeout(20)
        self.socket.connect((host, port))
        self.socket.sendall(UPGRADE)
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self.socket.recv(1)
        assert b" 101 " in head.split(b"\r\n")[0], head
        self.socket.sendall(frame(ws.TEXT, b'{"t":"hello","protocol":1,"role":"viewer"}'))
        self.stopped = time.monotonic()
        self.socket.setblocking(False)
        self.buffer = bytearray()
        self.epochs = []
        self.is_gone = False
        self.taken = 0

    def take(self, size):
        """Reads up to `size` bytes, answers pings, notes the epochs of views that are whole."""
        try:
            piece = self.socket.recv(size)
            self.is_gone = not piece
        except BlockingIOError:
            return
        except ConnectionError:
            self.is_gone = True
            return
        self.taken += len(piece)
        self.buffer += piece
        while self._frame():
            pass

    def _frame(self):
        if len(self.buffer) < 4:
            return False
        size, start = self.buffer[1] & 0x7f, 2
        if size == 126:
            size, start = struct.unpack(">H", self.buffer[2:4])[0], 4
        if len(self.buffer) < start + size:
            return False
        opcode, payload = self.buffer[0] & 0x0f, bytes(self.buffer[start:start + size])
        del self.buffer[:start + size]
        if opcode == ws.PING:
            self.socket.send(frame(ws.PONG, payload))
        elif opcode == ws.CLOSE:
            self.is_gone = True
        elif payload.startswith(b'{"t":"view"'):
            self.epochs.append(json.loads(payload)["epoch"])
        return True

    def close(self):
        self.socket.close()


class Readers:
    """Viewers that read everything at once, in a process of their own. Use it with `with`."""

    def __init__(self, url, count):
        self.viewers = [Viewer(url, receive_size=None) for _ in range(count)]
        self.child = None

    def __enter__(self):
        self.child = os.fork()
        if self.child == 0:
            self._read()
        return self

    def _read(self):
        poll = select.epoll()
        sockets = {viewer.socket.fileno(): viewer.socket for viewer in self.viewers}
        for number in sockets:
            poll.register(number, select.EPOLLIN)
        while True:
            for number, _ in poll.poll():
                piece = sockets[number].recv(65536)
                if not piece:
                    os._exit(1)  # none may be dropped
                if b"\x89\x04ping" in piece:
                    sockets[number].send(frame(ws.PONG, b"ping"))

    def __exit__(self, *error):
        assert os.waitpid(self.child, os.WNOHANG) == (0, 0), "a viewer who reads was dropped"
        os.kill(self.child, signal.SIGKILL)
        os.waitpid(self.child, 0)
        for viewer in self.viewers:
            viewer.close()


class Watch:
    """Notices who was cut off without reading anything: {viewer: seconds since it stopped}."""

    def __init__(self, viewers):
        self.poll = select.poll()
        self.waiting = {viewer.socket.fileno(): viewer for viewer in viewers}
        self.gone = {}
        for number in self.waiting:
            self.poll.register(number, 0)  # errors and the end alone

    def look(self):
        for number, _ in self.poll.poll(0):
            viewer = self.waiting.pop(number)
            self.poll.unregister(number)
            self.gone[viewer] = time.monotonic() - viewer.stopped


def kernel_sizes(url):
    """Bytes of kernel memory that each socket on the server's side of `url` holds now."""
    port = ws.address_of(url)[1]
    listing = subprocess.run(["ss", "-tmnH", "state", "all", "exclude", "listening", "exclude",
                              "time-wait", f"( sport = :{port} )"], check=True,
                             capture_output=True, text=True, stdin=subprocess.DEVNULL).stdout
    # Received, being forwarded, to be sent, backlog: what is held, not what might be.
    found = re.findall(r"skmem:\(r(\d+),rb\d+,t\d+,tb\d+,f(\d+),w(\d+),o\d+,bl(\d+)", listing)
    return [sum(map(int, sizes)) for sizes in found]


def resident_size(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmRSS:\s+(\d+) kB", file.read())[1]) * 1024

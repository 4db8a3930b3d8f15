"""A small WebSocket client for tests (RFC 6455), from sockets up, so that it can misbehave.

Socket: the handshake and single frames, right or wrong as told. Peer: minping.v1 over it.
"""

import base64
import contextlib
import json
import os
import random
import socket
import ssl
import struct
import time
import urllib.parse

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
SUBPROTOCOL = "minping.v1"


class Closed(Exception):
    """The server closed: `code` of its close frame, or None where the socket just ended."""

    def __init__(self, code, reason=""):
        super().__init__(f"closed with code {code} {reason}".strip())
        self.code = code
        self.reason = reason


class Refused(Exception):
    """The upgrade was not answered with 101: `status`, or None where the socket just ended."""

    def __init__(self, status):
        super().__init__(f"upgrade answered with {status}")
        self.status = status


def address_of(url):
    """(host, port, is_tls) of an http, https, ws or wss URL."""
    parts = urllib.parse.urlsplit(url)
    return parts.hostname, parts.port, parts.scheme in ("https", "wss")


def free_port():
    """A port that is free, and that no connection takes for its own end while the server is away.

    The kernel gives those from 32768 on; a client that tries again and again on one of them meets
    itself there in the end, and the server cannot have its port back.
    """
    while True:
        port = random.randrange(10000, 32000)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def dial(url, timeout_s=10, ca=None, local="127.0.0.1"):
    """A connected socket to the host and port of `url`, with TLS where the scheme asks for it."""
    host, port, is_tls = address_of(url)
    plain = socket.create_connection((host, port), timeout=timeout_s, source_address=(local, 0))
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if not is_tls:
        return plain
    return ssl.create_default_context(cafile=ca).wrap_socket(plain, server_hostname=host)


class Socket:
    """One WebSocket. Every argument of the handshake can be made wrong; None leaves it out."""

    def __init__(self, url, path="/ws", subprotocol=SUBPROTOCOL, version="13", key=None,
                 origin=None, ca=None, timeout_s=10, local="127.0.0.1"):
        self.timeout_s = timeout_s
        self.buffer = b""
        self.text = b""
        self.socket = dial(url, timeout_s, ca, local)
        host, port, _ = address_of(url)
        key = base64.b64encode(os.urandom(16)).decode() if key is None else key
        lines = [f"GET {path} HTTP/1.1", f"Host: {host}:{port}", "Upgrade: websocket",
                 "Connection: Upgrade", f"Sec-WebSocket-Key: {key}"]
        if version is not None:
            lines.append(f"Sec-WebSocket-Version: {version}")
        if subprotocol is not None:
            lines.append(f"Sec-WebSocket-Protocol: {subprotocol}")
        if origin is not None:
            lines.append(f"Origin: {origin}")
        try:
            self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
            head = self._head()
        except (Closed, OSError):
            self.socket.close()
            raise Refused(None) from None
        status = int(head.split(b" ", 2)[1])
        if status != 101:
            self.socket.close()
            raise Refused(status)
        self.head = head.decode("latin-1")

    def _fill(self):
        piece = self.socket.recv(65536)
        if not piece:
            raise Closed(None)
        self.buffer += piece

    def _head(self):
        while b"\r\n\r\n" not in self.buffer:
            self._fill()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        return head

    def send_raw(self, data):
        self.socket.sendall(data)

    def send_frame(self, opcode, payload=b"", is_final=True, is_masked=True, reserved=0,
                   length=None):
        """One frame. `length` claims another length than the payload has."""
        length = len(payload) if length is None else length
        head = bytes([(0x80 if is_final else 0) | reserved << 4 | opcode])
        mask_bit = 0x80 if is_masked else 0
        if length < 126:
            head += bytes([mask_bit | length])
        elif length < 65536:
            head += struct.pack(">BH", mask_bit | 126, length)
        else:
            head += struct.pack(">BQ", mask_bit | 127, length)
        if is_masked:
            mask = os.urandom(4)
            head += mask
            payload = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
        self.socket.sendall(head + payload)

    def send_text(self, text):
        self.send_frame(TEXT, text.encode() if isinstance(text, str) else text)

    def _frame(self):
        """The first frame of the buffer, (first byte, payload), taken from it; None: not whole."""
        if len(self.buffer) < 2:
            return None
        size, start = self.buffer[1] & 0x7f, 2
        if size >= 126:
            start = 4 if size == 126 else 10
            if len(self.buffer) < start:
                return None
            size = int.from_bytes(self.buffer[2:start], "big")
        if len(self.buffer) < start + size:
            return None
        first, payload = self.buffer[0], self.buffer[start:start + size]
        self.buffer = self.buffer[start + size:]
        return first, payload

    def receive(self, timeout_s=None):
        """The next whole text message. Answers pings. Raises Closed, or TimeoutError."""
        deadline = time.monotonic() + (self.timeout_s if timeout_s is None else timeout_s)
        while True:
            frame = self._frame()
            if frame is None:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError("no message came")
                self.socket.settimeout(left)
                try:
                    self._fill()
                except ConnectionError:
                    raise Closed(None) from None
                continue
            opcode, payload = frame[0] & 0x0f, frame[1]
            if opcode == CLOSE:
                code = struct.unpack(">H", payload[:2])[0] if len(payload) >= 2 else 1005
                raise Closed(code, payload[2:].decode("utf-8", "replace"))
            if opcode == PING:
                self.send_frame(PONG, payload)
            elif opcode in (TEXT, CONTINUATION):
                self.text += payload
                if frame[0] & 0x80:
                    whole, self.text = self.text, b""
                    return whole.decode()

    def close_code(self, timeout_s=15):
        """Reads until the server closes; the code of its close frame, or None."""
        deadline = time.monotonic() + timeout_s
        try:
            while True:
                self.receive(deadline - time.monotonic())
        except Closed as closed:
            return closed.code
        except ConnectionError:
            return None

    def close(self):
        self.socket.close()


class Peer(Socket):
    """A connection that speaks minping.v1. `welcome` is the answer to hello."""

    def __init__(self, url, role=None, credential=None, token=None, **handshake):
        super().__init__(url, **handshake)
        self.welcome = None
        if role:
            hello = {"t": "hello", "protocol": 1, "role": role}
            if credential is not None:
                hello["credential"] = credential
            if token is not None:
                hello["token"] = token
            try:
                self.send(hello)
                self.welcome = self.expect("welcome")
            except BaseException:
                self.close()
                raise

    def send(self, message):
        self.send_text(json.dumps(message, ensure_ascii=False, separators=(",", ":")))

    def expect(self, *kinds, timeout_s=None, **values):
        """The next message of one of these types with these values; others are passed over.

        A refusal that was not asked for is an AssertionError that says what it was.
        """
        deadline = time.monotonic() + (self.timeout_s if timeout_s is None else timeout_s)
        while True:
            message = json.loads(self.receive(max(0.001, deadline - time.monotonic())))
            fits = all(message.get(key) == value for key, value in values.items())
            if message.get("t") in kinds and fits:
                return message
            if message.get("t") == "refused" and "refused" not in kinds:
                raise AssertionError(f"refused: {message}")

    def refused(self, reason, timeout_s=None):
        """The next refusal, which must name `reason`."""
        message = self.expect("refused", timeout_s=timeout_s)
        if message.get("reason") != reason:
            raise AssertionError(f"not refused for '{reason}' but: {message}")
        return message

    def cast(self, cast_id, round_number, nonce, marks):
        """Sends a card. marks: (item, version, choice) …; nonce: 16 hexadecimal digits."""
        flat = [number for mark in marks for number in mark]
        self.send({"t": "cast", "id": cast_id, "round": round_number, "nonce": nonce,
                   "marks": flat})

    def control(self, control_id, act, **values):
        self.send({"t": "control", "id": control_id, "act": act, **values})

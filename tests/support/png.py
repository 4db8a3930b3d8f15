"""Reads a PNG as cairo writes opaque ones: 8 bits, RGB, not interlaced."""

import struct
import zlib


def _chunks(data):
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        raise ValueError("no PNG")
    at = 8
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        body, check = data[at + 8:at + 8 + size], data[at + 8 + size:at + 12 + size]
        if struct.pack(">I", zlib.crc32(kind + body)) != check:
            raise ValueError(f"bad sum of {kind}")
        yield kind, body
        at += 12 + size


def _predict(kind, left, up, corner):
    if kind == 4:
        guess = left + up - corner
        return min((left, up, corner), key=lambda value: abs(guess - value))
    return (0, left, up, (left + up) // 2)[kind]


def rows(data):
    """The picture's rows, each a bytes of width × 3."""
    packed, width, height = b"", 0, 0
    for kind, body in _chunks(data):
        if kind == b"IHDR":
            width, height, *rest = struct.unpack(">IIBBBBB", body)
            if rest != [8, 2, 0, 0, 0]:
                raise ValueError(f"another kind of PNG: {rest}")
        elif kind == b"IDAT":
            packed += body
    raw, size = zlib.decompress(packed), width * 3
    done, above = [], bytes(size)
    for y in range(height):
        line = raw[y * (size + 1):(y + 1) * (size + 1)]
        row = bytearray(line[1:])
        for i in range(size if line[0] else 0):
            left, corner = (row[i - 3], above[i - 3]) if i >= 3 else (0, 0)
            row[i] = (row[i] + _predict(line[0], left, above[i], corner)) & 255
        done.append(bytes(row))
        above = row
    return done


def pixel(picture, x, y):
    """(red, green, blue) of rows()."""
    return tuple(picture[y][3 * x:3 * x + 3])

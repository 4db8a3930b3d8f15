"""Portraits for the demo: nobody's. Head and shoulders before a plain ground.

    silhouettes.py EVENT DIR    one for each subject and candidate of the event
"""

import json
import math
import os
import struct
import sys
import zlib

WIDTH, HEIGHT = 480, 640
GROUNDS = ((0x5b, 0x6b, 0x7c), (0x6e, 0x66, 0x5a), (0x58, 0x6e, 0x66), (0x6a, 0x60, 0x70))
FIGURE = (0xd8, 0xd2, 0xc6)
# Ellipses: middle and half axes, in parts of the picture.
PARTS = ((0.5, 0.36, 0.17, 0.17), (0.5, 0.56, 0.08, 0.12), (0.5, 1.04, 0.42, 0.42))


def row_of(y, ground):
    light = 1.12 - 0.3 * y / HEIGHT
    row = bytearray(bytes(min(255, round(value * light)) for value in ground) * WIDTH)
    for x, middle, across, down in PARTS:
        part = (y / HEIGHT - middle) / down
        if abs(part) < 1:
            half = across * math.sqrt(1 - part * part)
            left, right = round((x - half) * WIDTH), round((x + half) * WIDTH)
            row[3 * left:3 * right] = bytes(FIGURE) * (right - left)
    return b"\0" + bytes(row)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def silhouette(number):
    rows = b"".join(row_of(y, GROUNDS[number % len(GROUNDS)]) for y in range(HEIGHT))
    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 9)) +
            chunk(b"IEND", b""))


def main(event_path, folder):
    with open(event_path, encoding="utf-8") as file:
        contests = json.load(file)["contests"]
    names = [f"{contest['id']}-{person['id']}" for contest in contests
             for person in contest.get("subjects", []) + contest.get("candidates", [])]
    os.makedirs(folder, exist_ok=True)
    for number, name in enumerate(names):
        with open(os.path.join(folder, f"{name}.png"), "wb") as file:
            file.write(silhouette(number))


if __name__ == "__main__":
    main(*sys.argv[1:])

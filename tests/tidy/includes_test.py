"""Every #include follows DESIGN §1: nothing points up, and each library stays in its folders."""

import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import tidy

# Folder: the folders it may include besides itself, and the libraries besides libc.
MAY = {
    "server/base": ("server/model", "jansson"),  # model: the words of status and fault
    "server/model": ("", ""),
    "server/core": ("server/model", "gmp"),
    "server/text": ("server/model", "jansson icu cmark"),
    "server/protocol": ("server/model", "jansson sodium icu"),
    "server/votelog": ("server/model", "sqlite3"),
    "server/service": ("server/core server/protocol server/votelog server/model server/base "
                       "server/text", "sodium"),
    "server/net": ("server/service server/base server/model", "libwebsockets uv"),
    "server/publish": ("server/core server/model server/text server/protocol",
                       "cairo pango jansson xlsxwriter qrencode sodium"),
    "server": ("server/net server/service server/publish server/votelog server/protocol "
               "server/text server/core server/base server/model", "uv"),  # main.c runs the loop
    # libwebsockets runs on its libuv loop here as well.
    "clients/lib": ("server/protocol server/model", "libwebsockets uv"),
    # client.h speaks in the values of protocol and model: whoever includes it may include those.
    "clients/hall": ("clients/lib server/protocol server/model", "jansson"),
    "clients/ctl": ("clients/lib server/core server/votelog server/publish server/protocol "
                    "server/model server/text", ""),
    # Its floors: a bare echo server of libwebsockets, GStreamer's own way to lay a graphic over.
    "clients/bench": ("clients/lib server/votelog overlay server/protocol server/model",
                      "libwebsockets uv gstreamer"),
    "overlay": ("clients/lib server/protocol server/model server/text",
                "cairo pango jansson qrencode gstreamer avcodec bitstream xxhash"),
}

LIBRARIES = {
    "gmp": r"gmp\.h",
    "jansson": r"jansson\.h",
    "icu": r"unicode/.*",
    "cmark": r"cmark.*\.h",
    "sodium": r"sodium(/.*)?\.h|sodium\.h",
    "sqlite3": r"sqlite3\.h",
    "libwebsockets": r"libwebsockets\.h",
    "uv": r"uv\.h|uv/.*",
    "cairo": r"cairo(-[a-z0-9]+)?\.h|cairo/.*",
    "pango": r"pango/.*|fontconfig/.*|hb.*\.h",
    "xlsxwriter": r"xlsxwriter.*",
    "qrencode": r"qrencode\.h",
    "gstreamer": r"gst/.*|glib.*\.h",
    "avcodec": r"libav[a-z]+/.*",
    "bitstream": r"bitstream/.*",
    "xxhash": r"xxhash\.h",
}

LIBC = re.compile(
    r"(sys|linux|arpa|netinet|net|asm)/[a-z0-9_]+\.h"
    r"|(assert|complex|ctype|errno|fenv|float|inttypes|iso646|limits|locale|math|setjmp|signal"
    r"|stdalign|stdarg|stdatomic|stdbool|stddef|stdint|stdio|stdlib|stdnoreturn|string|strings"
    r"|threads|time|uchar|wchar|wctype|argp|dirent|endian|err|fcntl|fnmatch|ftw|getopt|glob|grp"
    r"|ifaddrs|langinfo|libgen|malloc|mntent|netdb|poll|pthread|pwd|sched|semaphore|spawn|syslog"
    r"|termios|unistd|utime|immintrin|emmintrin|smmintrin|tmmintrin|x86intrin)\.h")
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)', re.M)

# The overlay's outputter: the part that puts frames out. It parses no message, view, theme or
# event and has no cairo (DESIGN §5), so only these of the overlay's files may include them.
PAINTER_ONLY = re.compile(r"(server/(protocol|text)|clients/lib)/")
OUTPUTTER = re.compile(r"overlay/(outputter\w*|output|output_\w+|input_\w+|air|background|blend"
                       r"|asrun\w*|cue|panic\w*"
                       r"|curtain|format|frame_clock|graphic|keeper|note|planes|rects"
                       r"|coder|graft|inserter|insertion|passage|slot_clock|ts_\w+|unit)\.[ch]")


def folder_of(path):
    """The folder of MAY that rules `path`, or None."""
    place = os.path.dirname(path)
    while place and place not in MAY:
        place = os.path.dirname(place)
    return place or None


def fault_of(path, own, name, is_project):
    """What is wrong with one include of `path`, or None."""
    folders, libraries = MAY[own]
    if is_project:
        other = folder_of(name)
        if "/" not in name:
            return f"'{name}' is not given from the root of the tree"
        if other is None:
            return f"'{name}' is in no folder of DESIGN §1"
        if other != own and other not in folders.split():
            return f"{own} may not include {other} ('{name}')"
        if OUTPUTTER.fullmatch(path) and PAINTER_ONLY.match(name):
            return f"the outputter may not include '{name}'"
        return None
    if LIBC.fullmatch(name):
        return None
    for library, pattern in LIBRARIES.items():
        if re.fullmatch(pattern, name):
            if library not in libraries.split():
                return f"{own} may not use {library} (<{name}>)"
            if OUTPUTTER.fullmatch(path) and library in ("cairo", "pango", "jansson"):
                return f"the outputter may not use {library} (<{name}>)"
            return None
    return f"<{name}> belongs to no library of DESIGN §1"


def check(root):
    faults = []
    for path in tidy.files(root, ".c", ".h", folders=("server", "overlay", "clients")):
        own = folder_of(path)
        if own is None:
            faults.append(f"{path}:1: in no folder of DESIGN §1")
            continue
        text = tidy.read(root, path)
        for match in INCLUDE.finditer(text):
            fault = fault_of(path, own, match.group(1) or match.group(2), bool(match.group(1)))
            if fault:
                line = text.count("\n", 0, match.end())
                faults.append(f"{path}:{line + 1}: {fault}")
    return faults


PLANTS = [
    ("server/core/tally.c", '#include "server/service/room.h"\n', "may not include"),
    ("server/model/view.h", '#include "server/core/tally.h"\n', "may not include"),
    ("server/service/room.c", "#include <libwebsockets.h>\n", "may not use libwebsockets"),
    ("server/core/tally.c", "#  include <jansson.h>\n", "may not use jansson"),
    ("server/protocol/message.c", "#include <sqlite3.h>\n", "may not use sqlite3"),
    ("overlay/scene.c", '#include "server/service/room.h"\n', "may not include"),
    ("overlay/outputter.c", "#include <cairo/cairo.h>\n", "may not use cairo"),
    ("overlay/blend.c", '#include "server/protocol/message.h"\n', "the outputter"),
    ("clients/ctl/main.c", '#include "client.h"\n', "root of the tree"),
    ("clients/lib/client.c", '#include "server/core/tally.h"\n', "may not include"),
    ("server/net/loop.c", "#include <curl/curl.h>\n", "no library"),
    ("server/new/thing.c", "#include <openssl/ssl.h>\n", "no library"),
]
SOUND = [
    ("server/net/loop.c", '#include <libwebsockets.h>\n#include "server/service/room.h"\n'),
    ("server/core/tally.c", '#include <stdint.h>\n#include "server/model/view.h"\n'),
    ("overlay/paint.c", "#include <cairo/cairo.h>\n#include <pango/pangocairo.h>\n"),
]

if __name__ == "__main__":
    tidy.run(check, PLANTS, SOUND)

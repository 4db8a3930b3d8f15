"""QR codes on the result can be read: zbarimg reads what the take said, in every layout and theme.

Drawn by the overlay from s4.json, then squeezed by JPEG as a broadcast would be. The controls:
another text is not read as this one, and a code that is a third covered is not read at all.
"""

import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
OVERLAY = sys.argv[1]
LONGEST = "https://vote.example.cn/r/2026/township/secretary#" + "0123456789abcdef" * 4 + "012345"
SHORT = "https://vote.example.cn/r/s4-township/3#a79163662a12514a"
CASES = [
    ("1080p25", "minping", LONGEST),
    ("1080p25", "light", SHORT),
    ("720p50", "minping", LONGEST),
    ("576i25", "minping", LONGEST),
    ("576i25", "light", "7"),
    ("576i25-4x3", "minping", LONGEST),
    ("576i25-4x3", "light", SHORT),
]


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: {done.stderr.strip()}")


def draw(folder, text, form, theme):
    picture = os.path.join(folder, "result.png")
    run(OVERLAY, "--view", os.path.join(HERE, "s4.json"), "--scene", "result", "contest=secretary",
        f"qr={text}", "--format", form, "--theme", theme, "--output", f"png:{picture}")
    return picture


def squeeze(picture, filters="null"):
    squeezed = picture[:-3] + "jpg"
    run("ffmpeg", "-v", "error", "-y", "-i", picture, "-vf", filters, "-q:v", "12", squeezed)
    return squeezed


def read(picture):
    command = ["zbarimg", "-q", "--nodbus", "--raw", "-Sdisable", "-Sqrcode.enable", picture]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.rstrip("\n")


def main():
    os.environ["FONTCONFIG_FILE"] = os.path.join(HERE, "fonts.conf")
    assert len(LONGEST) == 120, len(LONGEST)
    with tempfile.TemporaryDirectory() as folder:
        for form, theme, text in CASES:
            said = read(squeeze(draw(folder, text, form, theme)))
            if said != text:
                sys.exit(f"{form}, {theme}: '{text}' is read as '{said}'")
        picture = draw(folder, SHORT, "1080p25", "minping")
        if read(picture) == LONGEST:
            sys.exit("control: another text is read")
        if read(squeeze(picture, "drawbox=x=1400:y=212:w=424:h=150:color=gray:t=fill")) != "":
            sys.exit("control: a code that is covered is read")
    print(f"{len(CASES)} codes were read back")


if __name__ == "__main__":
    main()

#!/usr/bin/python3 -B
"""
pages_test.py BUILD [--shots DIR]: /vote and / in a real browser against a real minpingd.

Proves that a person can vote by phone and knows what is recorded: nothing counts as recorded
before its ack, everything chosen survives reload, a killed server and a pause, the close is told;
and that the viewer's page shows the numbers of GET /api/v1/view and no others.
"""

import argparse
import gzip
import pathlib
import re
import sys
import tempfile
import time
import traceback

from selenium.common.exceptions import WebDriverException

from ballots import run_election, run_tie, share
from browser import PHONE, SCREEN, Keypad, Viewer
from hall import BRANCH, CONTEST, EVENT, PATIENCE_S, Hall, Pad, branch_of

PAGE_SIZE_MAX = 25_000  # bytes of the keypad page, compressed: 2,000 phones load it at once
TAP_MIN = 44  # px
SETTLE_S = 0.8  # the page takes no press just after a subject appears


class Checks:
    """Counts what held; each check is one line."""

    def __init__(self):
        self.passed = self.failed = 0

    def that(self, name, holds, found=""):
        self.passed += bool(holds)
        self.failed += not holds
        print(f"{'ok  ' if holds else 'FAIL'} {name}{'' if holds else f': {found!r}'}", flush=True)

    def equal(self, name, found, expected):
        self.that(name, found == expected, (found, expected))

    def soon(self, name, ask, expected=True, seconds=PATIENCE_S):
        """Holds once `ask` gives what is expected; the last answer is told otherwise.

        A page that is just being left or loaded gives none.
        """
        until = time.monotonic() + seconds
        found = None
        while found != expected and time.monotonic() < until:
            try:
                found = ask()
            except WebDriverException as error:
                found = error.msg
            if found != expected:
                time.sleep(0.05)
        self.equal(name, found, expected)


def expected_rows(figures):
    return [[*(share(count, sum(counts)) for count in counts), f"{sum(counts):,}"]
            for counts in figures["items"]]


def expected_closed(document):
    names = {subject["id"]: subject["name"]["zh-CN"]
             for subject in document["event"]["contests"][0]["subjects"]}
    return [[names[figures["subject"]], *(share(counts[0], sum(counts))
             for counts in figures["items"]), f"{figures['cast']:,}"]
            for figures in document["figures"]]


def check_files(checks, hall):
    """What the browser loads: its size, its headers, nothing inline."""
    html = hall.get("/vote")[2].decode()
    names = {"/vote"} | set(re.findall(r'(?:href|src)="(/web/[^"]+)"', html))
    size = 0
    for name in sorted(names):
        _, headers, body = hall.get(name, "gzip")
        is_packed = headers.get("content-encoding") == "gzip"
        size += len(body) if is_packed else len(gzip.compress(body, 9))
        policy = headers.get("content-security-policy", "")
        checks.that(f"{name} has the policy", policy.startswith("default-src 'none';")
                    and "unsafe" not in policy, policy)
        checks.equal(f"{name} is not sniffed", headers.get("x-content-type-options"), "nosniff")
    checks.that(f"the keypad page is {size} bytes compressed, at most {PAGE_SIZE_MAX}",
                size <= PAGE_SIZE_MAX, size)
    for path in ("/vote", "/"):
        page = hall.get(path)[2].decode()
        checks.that(f"{path} holds no inline script, style or handler", not re.search(
            r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|https?://", page))


def check_before(checks, hall, keypad, credential):
    """The form, a wrong credential, nothing open."""
    checks.soon("without a credential the form is shown", lambda: keypad.shows("entry"))
    field = keypad.find("credential")
    field.send_keys("0000-0000")
    field.submit()
    checks.soon("a short credential is told", lambda: "12" in keypad.text("entry-fault"))
    field.clear()
    field.send_keys("000000000000")
    field.submit()
    checks.soon("an unknown credential is told", lambda: keypad.text("entry-fault"),
                "凭证无效，请核对后重新输入。")
    keypad.shot("1-refused")
    field.clear()
    field.send_keys(credential.lower().replace("-", " "))
    field.submit()
    checks.soon("typed in small letters it is taken; nothing is open",
                lambda: keypad.text("message-title"), "请等待投票开始")
    checks.soon("the page is connected", lambda: keypad.text("link"), "已连接")
    checks.that("the address keeps the credential in the fragment only",
                keypad.driver.current_url.endswith(f"#c={credential}")
                and credential not in keypad.driver.current_url.partition("#")[0],
                keypad.driver.current_url)
    keypad.shot("2-waiting")


def check_card(checks, hall, keypad):
    """The round opens: the subject, its criteria, buttons that can be hit."""
    event = hall.document()["event"]
    contest = event["contests"][0]
    hall.control("open", CONTEST, "s01")
    checks.soon("the open subject appears by itself", lambda: keypad.text("subject"),
                contest["subjects"][0]["name"]["zh-CN"])
    checks.soon("eleven criteria, none chosen", keypad.standing, [-1] * 11)
    titles = keypad.script("return [...document.querySelectorAll('.item h2')]"
                           ".map(one => one.textContent)")
    checks.that("the criteria are in their order", titles[0] == "1. 工作能力"
                and titles[10] == "11. 工作成绩", titles)
    checks.equal("what is missing is said", keypad.text("next"), "还差 11 项 ▸")
    small = keypad.script(
        "return [...document.querySelectorAll('button, input')].map(one =>"
        " one.getBoundingClientRect()).filter(box => box.width > 0 &&"
        f" (box.width < {TAP_MIN} || box.height < {TAP_MIN})).length")
    checks.equal(f"every button is at least {TAP_MIN} px", small, 0)
    checks.equal("nothing is wider than the phone", keypad.width_over(), 0)
    keypad.shot("3-card")
    time.sleep(SETTLE_S)


def check_ack(checks, hall, keypad):
    """A server that hears nothing: chosen is not recorded. Then it hears."""
    hall.freeze()
    keypad.press(0, 0)
    checks.soon("a choice without an ack is being sent", lambda: keypad.states()[0], "发送中")
    time.sleep(1)
    checks.equal("and is not called recorded", keypad.recorded(), 0)
    checks.equal("nor is there a receipt", keypad.text("receipt"), "1 项发送中")
    keypad.shot("4-sending")
    hall.thaw()
    checks.soon("with the ack it is recorded", lambda: keypad.states()[0], "✓ 已记录")
    checks.soon("the server counts it", lambda: hall.document()["live"]["items"][0], [1, 0, 0])


def check_voting(checks, hall, keypad):
    """All eleven, a receipt, a change of mind."""
    choices = [item % 3 for item in range(11)]
    for item in range(1, 11):
        keypad.press(item, choices[item])
    checks.soon("all eleven are recorded", lambda: keypad.text("progress"), "11 项已全部记录")
    checks.equal("as they were pressed", keypad.standing(), choices)
    receipt = keypad.text("receipt").removeprefix("回执").strip()
    checks.that("the receipt has 8 characters", re.fullmatch(r"[0-9A-Z]{8}", receipt), receipt)
    expected = [[int(choice == grade) for grade in range(3)] for choice in choices]
    checks.soon("the server has the same", lambda: hall.document()["live"]["items"], expected)
    keypad.press(4, 2)
    choices[4] = expected_change = 2
    expected[4] = [0, 0, 1]
    checks.soon("a change of mind is counted, the first choice is not",
                lambda: hall.document()["live"]["items"], expected)
    checks.soon("and shown", lambda: (keypad.standing()[4], keypad.states()[4]),
                (expected_change, "✓ 已记录"))
    checks.equal("the receipt stays", keypad.text("receipt").removeprefix("回执").strip(), receipt)
    keypad.shot("5-recorded")
    return choices, receipt


def check_reload(checks, keypad, choices, receipt):
    keypad.driver.refresh()
    checks.soon("after a reload all is recorded", lambda: keypad.text("progress"),
                "11 项已全部记录")
    checks.equal("with the choices", keypad.standing(), choices)
    checks.equal("and the receipt", keypad.text("receipt").removeprefix("回执").strip(), receipt)


def check_replaced(checks, keypad, other):
    """The same credential on another device."""
    checks.soon("another device sees what is recorded", lambda: other.text("progress"),
                "11 项已全部记录")
    checks.equal("but not what was chosen", other.standing(), [-1] * 11)
    checks.soon("the first is told that it was replaced",
                lambda: keypad.text("message-title"), "此凭证已在另一台设备或窗口打开")
    keypad.shot("6-replaced")
    time.sleep(2)
    checks.equal("and does not fight for it", other.text("link"), "已连接")
    time.sleep(SETTLE_S)
    other.press(1, 2)
    checks.soon("a change there is recorded, by a higher version",
                lambda: other.states()[1], "✓ 已记录")
    keypad.click("resume")
    checks.soon("back here it is known as the other device's",
                lambda: keypad.states()[1], "✓ 已记录，此设备不显示选择")
    time.sleep(SETTLE_S)
    keypad.press(1, 1)
    checks.soon("and can be changed here again", lambda: keypad.states()[1], "✓ 已记录")


def check_crash(checks, hall, keypad, choices):
    """kill -9 of the server; a choice meanwhile; a reload; the server comes back."""
    hall.kill()
    checks.soon("a lost connection is told", lambda: keypad.text("link"), "连接中断，正在重连")
    keypad.press(7, 0)
    choices[7] = 0
    checks.soon("a choice meanwhile waits", lambda: keypad.states()[7], "待发送")
    keypad.shot("7-lost")
    place = keypad.script("return scrollY")
    hall.start()
    checks.soon("and is recorded when the server is back", lambda: keypad.states()[7], "✓ 已记录")
    checks.soon("once, beside all the others", lambda: hall.document()["live"]["items"],
                [[int(choice == grade) for grade in range(3)] for choice in choices])
    checks.equal("the card has the same choices", keypad.standing(), choices)
    checks.that("and stays where the voter had scrolled it",
                place > 0 and keypad.script("return scrollY") == place, place)


def check_kept(checks, hall, keypad, choices):
    """A choice that never left the phone survives the reload of the page."""
    hall.freeze()
    keypad.press(8, 0)
    choices[8] = 0
    checks.soon("a choice is under way", lambda: keypad.states()[8], "发送中")
    keypad.script("window.is_left = true; setTimeout(() => location.reload(), 200)")
    time.sleep(1)  # the driver waits for the page, and the page for the server: ask nothing now
    hall.thaw()
    checks.soon("the page is another", lambda: keypad.script("return window.is_left === undefined"))
    checks.soon("it is recorded after the reload", lambda: keypad.text("progress"),
                "11 项已全部记录")
    checks.equal("with the choices", keypad.standing(), choices)
    time.sleep(SETTLE_S)
    hall.control("pause")
    checks.soon("a pause is told", lambda: "投票暂停" in keypad.text("card-notice"))
    keypad.press(9, 2)
    choices[9] = 2
    checks.soon("a choice in the pause waits", lambda: keypad.states()[9], "待发送")
    time.sleep(1)
    checks.equal("and stays unrecorded", keypad.states()[9], "待发送")
    hall.control("open", CONTEST, "s01")
    checks.soon("it is recorded when the vote goes on", lambda: keypad.states()[9], "✓ 已记录")


def check_viewer(checks, hall, viewer, name):
    """The live panel equals the document, figure by figure."""
    document = hall.document()
    live = document["live"]
    checks.soon(f"{name}: the page has the newest epoch",
                lambda: viewer.text("as-of").endswith(f"№ {document['epoch']:,}"))
    checks.equal(f"{name}: every share and base is the document's", viewer.figures(),
                 expected_rows(live))
    checks.equal(f"{name}: cast and registered", viewer.text("turnout"),
                 f"已收 {live['cast']:,} 份 ／ 应到 {live['registered']:,}")
    tenths = [[round(float(share(count, sum(counts))) * 10) for count in counts]
              for counts in live["items"] if sum(counts) > 0]
    checks.equal(f"{name}: rounding is remarked on where it shows", viewer.shows("rounding"),
                 any(sum(parts) != 1000 for parts in tenths))
    checks.that(f"{name}: the base is named", "有效票" in viewer.text("base-note"))
    checks.equal(f"{name}: nothing is wider than the page", viewer.width_over(), 0)


def check_hall(checks, hall, viewer, credentials):
    """Six more voters: shares with thirds and sevenths."""
    for number, credential in enumerate(credentials):
        pad = Pad(hall, credential)
        pad.cast([(number * (item + 1) + item // 4) % 3 for item in range(11)])
        pad.close()
    checks.soon("the viewers hear of seven cards", lambda: viewer.text("turnout"),
                "已收 7 份 ／ 应到 1,995")
    time.sleep(0.5)
    check_viewer(checks, hall, viewer, "seven voters")
    viewer.shot("8-viewer")


def check_close(checks, hall, keypad, viewer):
    hall.control("close")
    checks.soon("the voter is told of the close", lambda: keypad.text("message-title"),
                "投票已结束")
    checks.equal("with what counts", keypad.text("message-text"),
                 "您有 11 / 11 项已记录，将计入结果。")
    checks.equal("there is nothing left to press", keypad.shows("card"), False)
    checks.that("no choice stays on the phone", not re.search(
        r'"choice":\s*\d', keypad.script("return JSON.stringify({...localStorage})")
        .replace('\\"', '"')))
    keypad.shot("9-closed")
    keypad.driver.refresh()
    checks.soon("a reload tells the same", lambda: keypad.text("message-text"),
                "您有 11 / 11 项已记录，将计入结果。")
    checks.soon("the viewer's badge says closed", lambda: viewer.text("state"), "已结束")
    document = hall.document()
    checks.soon("the closed subject is in the table, as in the document", viewer.closed,
                expected_closed(document))
    check_viewer(checks, hall, viewer, "closed")


def check_next(checks, hall, keypad, viewer, screen):
    """The next subject: a fresh card; close with items missing; English."""
    name = hall.document()["event"]["contests"][0]["subjects"][1]["name"]["zh-CN"]
    keypad.press_on_sight(name)
    hall.control("open", CONTEST, "s02")
    checks.soon("the next subject begins empty", lambda: (keypad.shows("card")
                and keypad.standing()), [-1] * 11)
    checks.soon("a press in the first moment", lambda: keypad.script("return window.was_pressed"))
    checks.equal("is not taken for the new subject", keypad.standing(), [-1] * 11)
    checks.soon("the viewer shows that nobody has voted yet", viewer.figures,
                [["—", "—", "—", "0"]] * 11)
    time.sleep(SETTLE_S)
    keypad.press(2, 1)
    checks.soon("one is recorded", lambda: keypad.text("next"), "还差 10 项 ▸")
    keypad.click("language")
    checks.soon("the card speaks English", lambda: keypad.states()[2], "✓ Recorded")
    checks.that("and the address remembers", "lang=en" in keypad.driver.current_url)
    checks.equal("nothing is wider than the phone in English", keypad.width_over(), 0)
    checks.equal("nor is a grade broken over lines", keypad.broken(".choice span:last-child"), [])
    keypad.shot("10-english")
    hall.control("close")
    checks.soon("the close is told in English", lambda: keypad.text("message-text"),
                "1 of 11 items are recorded and will be counted.")
    checks.that("with what was not voted on",
                "Working ability" in keypad.text("message-missing"), keypad.text("message-missing"))
    document = hall.document()
    for name, page in (("phone", viewer), ("screen", screen)):
        checks.soon(f"{name}: both closed subjects are in the table", page.closed,
                    expected_closed(document))
        checks.equal(f"{name}: no figure is broken over lines, 100.0 neither",
                     page.broken(".shares strong, .figure"), [])
        page.shot(f"11-viewer-{name}")
    for name, page in (("phone", viewer), ("screen", screen)):
        page.click("language")
        checks.soon(f"{name}: the viewer's page speaks English", lambda: page.text("state"),
                    "Closed")
        checks.equal(f"{name}: no figure is broken in English", page.broken(".shares strong"), [])
        checks.equal(f"{name}: nothing is wider than the page in English", page.width_over(), 0)
        page.shot(f"12-viewer-english-{name}")
    hall.control("certify", "1")
    hall.control("void", "2", "reason=误开")
    certified = expected_closed({**document, "figures": document["figures"][:1]})[0][1:]
    for name, page in (("phone", viewer), ("screen", screen)):
        checks.soon(f"{name}: a certified subject keeps its shares, a void one has none",
                    lambda page=page: [row[1:] for row in page.closed()],
                    [certified, ["Void　Void because: 误开"]])
        checks.equal(f"{name}: the live panel says that it is void",
                     (page.text("state"), page.text("voting"), page.shows("tally")),
                     ("Void", "Void", False))
    checks.equal("the whole table fits a screen", screen.script(
        "const box = document.querySelector('.scroll'); return box.scrollWidth - box.clientWidth"),
        0)


def run(checks, hall, scratch, shots):
    """Every scenario in order; they share one hall, as the evening does."""
    credentials = hall.credentials()
    check_files(checks, hall)
    pages = []

    def opened(kind, path, size):
        page = kind(hall.url + path, size, tempfile.mkdtemp(dir=scratch), shots)
        pages.append(page)
        return page

    try:
        keypad = opened(Keypad, "/vote?lang=zh-CN", PHONE)
        viewer = opened(Viewer, "/?lang=zh-CN", PHONE)
        checks.soon("a viewer is told to wait", lambda: viewer.text("nothing"), "请等待测评开始")
        check_before(checks, hall, keypad, credentials[16])
        check_card(checks, hall, keypad)
        check_ack(checks, hall, keypad)
        choices, receipt = check_voting(checks, hall, keypad)
        check_viewer(checks, hall, viewer, "one voter")
        check_reload(checks, keypad, choices, receipt)
        other = opened(Keypad, f"/vote?lang=zh-CN#c={credentials[16]}", SCREEN)
        check_replaced(checks, keypad, other)
        other.close()
        pages.remove(other)
        check_crash(checks, hall, keypad, choices)
        check_kept(checks, hall, keypad, choices)
        check_hall(checks, hall, viewer, credentials[100:106])
        check_close(checks, hall, keypad, viewer)
        screen = opened(Viewer, "/?lang=zh-CN", SCREEN)
        check_next(checks, hall, keypad, viewer, screen)
        for page in pages:
            checks.equal(f"the browser has no complaint about {page.driver.title}",
                         page.complaints(), [])
    finally:
        for page in pages:
            page.close()


def main():
    parser = argparse.ArgumentParser(description="the pages in a browser against minpingd")
    parser.add_argument("build", type=pathlib.Path, help="the build directory")
    parser.add_argument("--shots", type=pathlib.Path, help="keep pictures of the pages here")
    options = parser.parse_args()
    if options.shots:
        options.shots.mkdir(parents=True, exist_ok=True)
    checks = Checks()
    with tempfile.TemporaryDirectory(prefix="minping-pages-") as scratch:
        for event, scenario in ((EVENT, run), (BRANCH, run_election),
                                (branch_of(10, scratch), run_tie)):
            hall = None
            try:
                hall = Hall(options.build, event)
                scenario(checks, hall, pathlib.Path(scratch), options.shots)
            except Exception:  # a scenario that cannot go on has failed, whatever stopped it
                traceback.print_exc(file=sys.stdout)
                checks.that("the scenario ran to its end", False, hall.said() if hall else "")
            finally:
                if hall:
                    checks.equal("minpingd stops cleanly", hall.close(), 0)
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 0 if checks.failed == 0 else 1


if __name__ == "__main__":
    sys.exit(main())

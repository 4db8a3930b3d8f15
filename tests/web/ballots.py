"""
A branch's evening on a phone and on a screen: an election of several rounds, a motion, a poll.

Proves that the viewer's page shows after the close, and not before, the numbers of minping results
and no others: round by round, void ones with their reason, hand counts marked.
"""

import fractions
import tempfile
import time

from browser import PHONE, SCREEN, Keypad, Viewer
from hall import Pad

SETTLE_S = 0.8  # the page takes no press just after a card appears
BASES = {"registered": "应到会人数", "present": "实到会人数", "valid": "有效票数"}


def share(count, base):
    """The exact fraction, rounded half up once to a tenth of a percent."""
    if base == 0:
        return "—"
    tenths = int(fractions.Fraction(count * 1000, base) + fractions.Fraction(1, 2))
    return f"{tenths // 10}.{tenths % 10}"


def figure(word, count, base):
    return f"{word} {count:,}（占{BASES[base['of']]} {share(count, base['count'])}％）"


def expected_facts(result):
    """The turnout of a round in the results, as the page says it."""
    words = (("seats", "应选 {} 名"), ("registered", "应到 {}"), ("present", "实到 {}"),
             ("issued", "发出 {}"), ("returned", "收回 {}"), ("paper", "含纸质票 {}"),
             ("valid", "有效 {}"), ("void", "无效 {}"))
    return [word.format(result[key]) for key, word in words
            if result.get(key) is not None and (key != "paper" or result[key] > 0)]


def expected_election(document, result):
    """Rows as the page must have them: the ballot's order, then the names written in."""
    contest = next(one for one in document["event"]["contests"] if one["id"] == result["id"])
    names = [one["name"]["zh-CN"] for one in contest["candidates"]]
    ids = [one["id"] for one in contest["candidates"]]
    counts = {one["id"]: one for one in result["candidates"]}

    def mark(name):
        return ("当选" if name in result["elected"] else
                "得票相等" if name in result["runoff"] else "未当选")

    rows = []
    for place in contest["order"]:
        one = counts.get(ids[place])
        if one is not None:
            rows.append([names[place], mark(one["id"]), figure("赞成", one["for"], result["base"]),
                         f"不赞成 {one['against']}", f"弃权 {one['abstain']}"])
    rows += [[f"{one['text']}（另选）", mark(one["text"]),
              figure("赞成", one["for"], result["base"])] for one in result["writeins"]]
    return rows


def result_of(hall, kind, number):
    return next(one for one in hall.results()[kind] if one["round"] == number)


def check_ballot(checks, keypad, viewer):
    """A ballot is filled in and sent whole; too many chosen are told before."""
    checks.soon("the election appears by itself", lambda: keypad.text("subject"), "支部委员选举")
    checks.soon("three candidates, none chosen, and two lines", keypad.standing, [-1] * 5)
    time.sleep(SETTLE_S)
    for item in range(3):
        keypad.press(item, 0)
    checks.soon("more chosen than seats is told", lambda: keypad.text("progress"),
                "已选 3 名，超过 2 名，请减少")
    checks.that("and cannot be sent", not keypad.shows("next"))
    keypad.press(1, 1)
    keypad.press(2, 0)
    checks.soon("chosen again is taken back", keypad.standing, [0, 1, -1, -1, -1])
    keypad.script("return document.querySelector('.written')").send_keys(" 候选人九号 ")
    checks.soon("a name written in is one of those chosen", lambda: keypad.text("progress"),
                "已选 2 名，应选 2 名")
    checks.equal("nothing is wider than the phone with a ballot", keypad.width_over(), 0)
    checks.equal("nor is a choice broken over lines", keypad.broken(".choice span:last-child"), [])
    keypad.shot("20-ballot")
    keypad.click("next")
    checks.soon("the whole ballot is recorded", lambda: keypad.text("progress"), "✓ 已记录")
    checks.soon("the viewer sees the turnout", lambda: viewer.text("turnout"),
                "已收 1 份 ／ 应到 5")
    checks.that("and no figures", not viewer.shows("tally") and viewer.outcome() is None)
    keypad.driver.refresh()
    checks.soon("after a reload it stands as it was sent", keypad.standing, [0, 1, -1, -1, -1])


def cast_all(hall, cards, first=2):
    """Seats 2, 3 … cast these cards."""
    for credential, card in zip(hall.credentials()[first - 1:], cards):
        pad = Pad(hall, credential)
        pad.cast(card)
        pad.close()


def check_round(checks, hall, pages, number, decision):
    """The page's newest round against minping results, number by number."""
    result = result_of(hall, "contests", number)
    rows = expected_election(hall.document(), result)
    base = result["base"]
    for name, page in pages.items():
        checks.soon(f"round {number}, {name}: every row is the result's",
                    lambda page=page: (page.outcome() or {}).get("rows"), rows)
        shown = page.outcome()
        checks.that(f"round {number}, {name}: it is named",
                    shown["heading"].endswith(f"第 {number} 轮"), shown["heading"])
        checks.equal(f"round {number}, {name}: the turnout", shown["facts"],
                     expected_facts(result))
        checks.equal(f"round {number}, {name}: how many votes it takes", shown["majority"],
                     f"过半数：须 {base['needed']} 票（{BASES[base['of']]} {base['count']}）")
        checks.equal(f"round {number}, {name}: the decision", shown["decision"], decision)
        checks.equal(f"round {number}, {name}: rules by id and hash",
                     (result["rules"]["id"] in shown["rules"],
                      result["rules"]["hash"] in shown["rules"]), (True, True))
        other = result["disputed"]["base"]
        checks.that(f"round {number}, {name}: both readings", len(shown["readings"]) == 2 and
                    f"{BASES[other['of']]} {other['count']}（须 {other['needed']} 票）"
                    in shown["readings"][1], shown["readings"])
        checks.that(f"round {number}, {name}: nothing is wider than the page and no mark broken",
                    page.width_over() == 0 and page.broken(".mark span") == [],
                    (page.width_over(), page.broken(".mark span")))
    return result


def check_first_round(checks, hall, keypad, pages):
    cast_all(hall, ([0, 0, 1, 0, 0], [0, 1, 0, 0, 0], [1, 0, 1, 0, 0]))
    hall.control("close")
    checks.soon("the close is told", lambda: keypad.text("message-text"), "您的选票已记录。")
    checks.soon("the ballots count as they were filled in",
                lambda: hall.document()["live"].get("items", [])[:3],
                [[3, 1, 0], [2, 2, 0], [1, 2, 1]])
    live = hall.document()["live"]
    checks.equal("the name is counted without the blanks around it",
                 [(one["name"], one["votes"]) for one in live["election"]["names"]],
                 [("候选人九号", 1)])
    result = check_round(checks, hall, pages, 1, "缺额 1 名，另行选举")
    checks.equal("one is elected", result["elected"], ["c1"])
    for name, page in pages.items():
        checks.equal(f"{name}: the viewer says that it is over", page.text("state"), "已结束")
        checks.that(f"{name}: no table of appraisals is drawn", not page.shows("closed"))
        page.shot(f"21-election-{name}")


def check_void_round(checks, hall, pages):
    hall.control("open", "committee")
    for name, page in pages.items():
        checks.soon(f"{name}: while another round is open only the turnout of it is there",
                    lambda page=page: (page.text("state"), page.outcome()), ("投票进行中", None))
        checks.soon(f"{name}: and the first is folded away", lambda page=page:
                    page.folded("outcome"), [["首轮选举　第 1 轮 缺额 1 名，另行选举"], False])
    cast_all(hall, ({1: 0, 2: 1, 3: 0, 4: 0},))
    hall.control("void", "2", "reason=表决器故障")
    for name, page in pages.items():
        checks.soon(f"{name}: a void round says so", lambda page=page:
                    (page.outcome() or {}).get("decision"), "本轮作废")
        shown = page.outcome()
        checks.equal(f"{name}: and why, and no figures", (shown["reason"], shown["rows"]),
                     ("作废原因：表决器故障", []))


def check_last_round(checks, hall, pages):
    """Another election that decides, with a ballot counted by hand; then it is certified."""
    hall.control("open", "committee")
    cast_all(hall, ({1: 0, 2: 1, 3: 0, 4: 0}, {1: 0, 2: 1, 3: 0, 4: 0}, {1: 1, 2: 0, 3: 0, 4: 0}))
    hall.control("close")
    hall.control("paper", "3", "issued=1", "returned=1", "void=0", "c2=1,0,0", "c3=0,1,0")
    hall.control("paper", "confirm", "3", "1", post="officer-2")
    result = check_round(checks, hall, pages, 3, "应选 1 名，全部选出")
    checks.equal("the other is elected, paper included",
                 (result["elected"], result["paper"], result["candidates"][0]["for"]),
                 (["c2"], 1, 3))
    hall.control("sign", "3", "reason=纸质票另行发出")
    hall.control("certify", "3")
    for name, page in pages.items():
        checks.soon(f"{name}: it is certified, and says what was signed",
                    lambda page=page: (page.text("state"), page.outcome()["reason"]),
                    ("已认定", "监票人签认：纸质票另行发出"))
        checks.equal(f"{name}: the ballot counted by hand is marked", page.text("paper"),
                     "含纸质票 1")
        checks.soon(f"{name}: earlier rounds, the newest first",
                    lambda page=page: page.folded("outcome"),
                    [["第 2 轮 本轮作废", "首轮选举　第 1 轮 缺额 1 名，另行选举"], False])
        page.script("document.querySelectorAll('#outcome summary')[1].click()")
        checks.equal(f"{name}: and opened nothing is wider than the page", page.width_over(), 0)
        page.shot(f"22-rounds-{name}")
    check_round(checks, hall, pages, 3, "应选 1 名，全部选出")


def check_motion(checks, hall, pages):
    hall.control("open", "plan")
    for name, page in pages.items():
        checks.soon(f"{name}: a motion that is open shows no figures",
                    lambda page=page: (page.text("subject"), page.outcome()),
                    ("年度工作计划", None))
        checks.soon(f"{name}: the election's rounds are folded away below",
                    lambda page=page: len(page.folded("earlier")[0]), 3)
    cast_all(hall, ([0], [0], [0], [1]))
    hall.control("close")
    result = result_of(hall, "motions", 4)
    rows = [[word, "", figure("得票", result[key], result["base"])]
            for word, key in (("赞成", "for"), ("不赞成", "against"), ("弃权", "abstain"))]
    for name, page in pages.items():
        checks.soon(f"{name}: the motion's counts are the result's",
                    lambda page=page: (page.outcome() or {}).get("rows"), rows)
        shown = page.outcome()
        checks.equal(f"{name}: it is passed by so many of so many",
                     (shown["decision"], shown["majority"]),
                     ("通过", f"过半数：须 {result['base']['needed']} 票（实到会人数 5）"))
        checks.equal(f"{name}: its turnout", shown["facts"], expected_facts(result))


def check_asked(checks, hall, keypad):
    """Item by item: only the one that is asked can be pressed, and a press is sent at once."""
    def enabled():
        return keypad.script("return [...document.querySelectorAll('.item')].map(item =>"
                             " [...item.querySelectorAll('.choice')].every(one => !one.disabled))")

    hall.control("open", "places")
    checks.soon("a poll appears", lambda: keypad.text("subject"), "学习地点推荐")
    time.sleep(SETTLE_S)
    for item in range(3):
        hall.control("ask", str(item + 1))
        checks.soon(f"item {item + 1} alone can be pressed", enabled,
                    [one == item for one in range(3)])
        keypad.shot(f"23-asked-{item + 1}")
        if item < 2:
            keypad.press(item, 0)
            checks.soon("and is recorded by itself", lambda: keypad.text("progress"), "✓ 已记录")
            checks.soon("in its place", keypad.standing, [0] * (item + 1) + [-1] * (2 - item))
        if item == 1:
            keypad.press(item, 0)
            checks.soon("it can be taken back", keypad.standing, [0, -1, -1])
            checks.soon("which is recorded too", lambda: keypad.text("progress"), "✓ 已记录")
    checks.equal("nothing is wider than the phone item by item", keypad.width_over(), 0)
    keypad.driver.refresh()
    checks.soon("after a reload it stands", keypad.standing, [0, -1, -1])
    checks.soon("and the third is asked", enabled, [False, False, True])
    cast_all(hall, ({2: 0}, {2: 0}))
    hall.control("close")


def check_poll(checks, hall, pages):
    result = result_of(hall, "polls", 5)
    names = {"o1": "地点一号", "o2": "地点二号", "o3": "地点三号"}
    checks.equal("the poll counts what was pressed and not taken back", result["options"],
                 [{"id": "o1", "count": 1}, {"id": "o2", "count": 0}, {"id": "o3", "count": 2}])
    rows = [[names[one["id"]], "入围" if one["id"] in result["shortlist"] else "",
             figure("得票", one["count"], result["base"])]
            for one in sorted(result["options"], key=lambda one: -one["count"])]
    for name, page in pages.items():
        checks.soon(f"{name}: options by their votes, as the result has them",
                    lambda page=page: (page.outcome() or {}).get("rows"), rows)
        checks.soon(f"{name}: four earlier rounds", lambda page=page:
                    len(page.folded("earlier")[0]), 4)
        page.shot(f"24-poll-{name}")
        page.click("language")
        checks.soon(f"{name}: the result speaks English", lambda page=page:
                    page.outcome()["rows"][0][1], "Shortlisted")
        page.script("document.querySelectorAll('#earlier details').forEach(one =>"
                    " { one.open = true; })")
        checks.equal(f"{name}: nothing is wider than the page in English", page.width_over(), 0)
        page.shot(f"25-english-{name}")


def run_election(checks, hall, scratch, shots):
    """A branch's evening on a phone, from the roll to the last close."""
    opened = []

    def open_page(kind, path, size):
        page = kind(hall.url + path, size, tempfile.mkdtemp(dir=scratch), shots)
        opened.append(page)
        return page

    try:
        hall.control("checkin", "1-5")
        keypad = open_page(Keypad, f"/vote?lang=zh-CN#c={hall.credentials()[0]}", PHONE)
        pages = {"screen": open_page(Viewer, "/?lang=zh-CN", SCREEN),
                 "phone": open_page(Viewer, "/?lang=zh-CN", PHONE)}
        hall.control("open", "committee")
        check_ballot(checks, keypad, pages["screen"])
        check_first_round(checks, hall, keypad, pages)
        check_void_round(checks, hall, pages)
        check_last_round(checks, hall, pages)
        check_motion(checks, hall, pages)
        check_asked(checks, hall, keypad)
        check_poll(checks, hall, pages)
        for page in opened:
            checks.equal(f"the browser has no complaint about {page.driver.title}",
                         page.complaints(), [])
    finally:
        for page in opened:
            page.close()


def check_tie(checks, hall, page):
    """Both readings differ: by those present there is a tie at the cut, by the roll nobody."""
    pairs = [[0, 0, 1, 0, 0]] * 3 + [[0, 1, 0, 0, 0]] * 3 + [[1, 0, 0, 0, 0]] * 2
    hall.control("open", "committee")
    cast_all(hall, pairs, first=1)
    hall.control("close")
    check_round(checks, hall, {"screen": page}, 1, "得票相等，就得票相等者再次投票选 1 名")
    shown = page.outcome()
    checks.equal("those tied are marked", [row[1] for row in shown["rows"]],
                 ["当选", "得票相等", "得票相等"])
    checks.equal("both readings in words", shown["readings"],
                 ["按实到会人数 8（须 5 票）：当选 候选人一号；"
                  "候选人二号、候选人三号 得票相等，再次投票选 1 名",
                  "按应到会人数 10（须 6 票）：当选 候选人一号；缺额 1 名"])
    page.shot("30-tie")


def check_over_return(checks, hall, page):
    hall.control("open", "committee")
    cast_all(hall, [{1: 0, 2: 1}] * 8, first=1)
    hall.control("close")
    hall.control("paper", "2", "issued=1", "returned=1", "void=0", "c2=1,0,0", "c3=0,1,0")
    hall.control("paper", "confirm", "2", "1", post="officer-2")
    checks.soon("more returned than there are people: void, and why", lambda:
                (page.outcome() or {}).get("decision"),
                "收回 9 份，多于实到会人数 8：选举无效，重新选举")
    checks.equal("without figures", page.outcome()["rows"], [])
    page.shot("31-over-return")


def check_run_off(checks, hall, page):
    hall.control("open", "committee")
    cast_all(hall, [{1: 0, 2: 1}] * 4 + [{1: 1, 2: 0}] * 3, first=1)
    hall.control("close")
    result = result_of(hall, "contests", 3)
    checks.soon("a run-off is decided", lambda: (page.outcome() or {}).get("decision"),
                "应选 1 名，全部选出")
    shown = page.outcome()
    checks.equal("by most votes, among those tied alone", (shown["majority"], shown["rows"]),
                 ("得票多的当选，不要求过半数（实到会人数 8）",
                  expected_election(hall.document(), result)))
    checks.that("and is called one", shown["heading"].startswith("得票相等者再次投票"),
                shown["heading"])
    page.shot("32-run-off")


def run_tie(checks, hall, scratch, shots):
    """An election with a tie, an over-return, and a run-off that decides."""
    hall.control("checkin", "1-8")
    page = Viewer(f"{hall.url}/?lang=zh-CN", SCREEN, tempfile.mkdtemp(dir=scratch), shots)
    try:
        check_tie(checks, hall, page)
        check_over_return(checks, hall, page)
        check_run_off(checks, hall, page)
        checks.equal("the browser has no complaint about the ties", page.complaints(), [])
    finally:
        page.close()

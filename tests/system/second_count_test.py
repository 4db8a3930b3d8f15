"""Proves that two implementations that share nothing but the rules' text count the same.

usage: second_count_test.py [COUNT] [--seed S] [--show N]

COUNT elections and COUNT appraisals (200 without it) are made from a seed: small halls, so that
ties are frequent; void, blank, marked and unreadable cards; names written in, those of candidates
among them; leavers, too many ballots returned, nobody at all; every parameter of the rules at
random. Each is counted by `minping count` and by tests/support/second_count.py; every number and
every decision must be the same. The control: errors planted in the second count, one at a time,
are each found.
"""

import argparse
import csv
import io
import json
import os
import random
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import hall
import second_count

BATCH = 16  # contests of one event file; each with rules of its own, of which an event has 64
DIGITS = "零一二三四五六七八九"
OUTSIDE = ["票外人一号", "票外人 一号", "票外人二号", "票外人三号", "外宾·一号", "外宾•一号",
           '引号"一号', "逗号,一号", "= 一号"]
UNREADABLE = ["***", "123", "?"]


def label(chinese):
    return {"zh-CN": chinese}


def share(draw, inclusive=None, least=1):
    den = draw.choice([2, 3, 4, 5, 10])
    num = draw.randint(least, den - 1)
    return {"num": num, "den": den,
            "inclusive": draw.random() < 0.5 if inclusive is None else inclusive}


def common_rules(draw, name, kind):
    return {"id": name, "version": 1, "kind": kind, "title": label("随机规则"),
            "source": label("随机"), "answer": "last", "secrecy": "secret", "asking": "card",
            "rounding": draw.choice(["half-up", "largest-remainder"]),
            "quorum": draw.choice([None, {"base": "registered", "num": 4, "den": 5,
                                          "inclusive": True}])}


# Elections ------------------------------------------------------------------------------------

def election_rules(draw, name, seats, candidates):
    bases = ["registered", "present", "issued", "returned", "valid"]
    base = draw.choice(["present", "registered"] + bases)
    majority = {"num": 1, "den": 2, "inclusive": False}
    if draw.random() < 0.3:
        majority = share(draw)
    difference = {"num": 1, "den": draw.choice([1, 5, 10])}
    if candidates < seats + -(-seats * difference["num"] // difference["den"]):
        difference = None
    needs = draw.random() < 0.7
    remedy = draw.choice(["adjudicate", "drop", "void"]) if needs else None
    return {
        **common_rules(draw, name, "election"), "difference": difference,
        "cap": draw.choice(["registered", "present", "issued"]),
        "majority": {"base": base, **majority, "disputed_base":
                     draw.choice([None] + [other for other in bases if other != base])},
        "write_in": None if draw.random() < 0.2 else
        {"needs_against": needs, "without_against": remedy, "is_candidate": draw.random() < 0.7},
        "over_selected": draw.choice(["void", "void", "adjudicate"]),
        "none_selected": draw.choice(["count", "void"]),
        "illegible": draw.choice(["adjudicate", "drop", "void"]),
        "run_off": {"needs_majority": draw.random() < 0.3},
        "stop": draw.choice([None, {"base": "present", "num": 1, "den": 2, "inclusive": False}]),
        "order": draw.choice(["given", "strokes", "lot"]),
    }


def hall_size(draw):
    chance = draw.random()
    return (0 if chance < 0.02 else draw.randint(3, 9) if chance < 0.4 else
            draw.randint(10, 40) if chance < 0.98 else draw.randint(41, 300))


def make_election(draw, number):
    candidates = draw.randint(2, 6)
    seats = draw.randint(1, min(4, candidates))
    rules = election_rules(draw, f"rules-{number}", seats, candidates)
    contest = {"id": f"contest-{number}", "kind": "election", "title": label(f"选举{number}"),
               "live": "hidden", "rules": rules["id"], "seats": seats,
               "candidates": [{"id": f"c{index}",
                               "name": {"zh-CN": f"候选人{DIGITS[index]}号",
                                        "en": f"Candidate {index}"}}
                              for index in range(1, candidates + 1)]}
    lines = seats if rules["write_in"] is not None else 0
    stage = draw.choice(["first", "first", "run-off", "another"])
    slate = [candidate["id"] for candidate in contest["candidates"]]
    round_seats, adopted = seats, []
    if stage != "first":
        slate = sorted(draw.sample(slate, draw.randint(1, len(slate))))
        round_seats = draw.randint(1, seats)
        if lines and draw.random() < 0.5:
            adopted = ["票外人一号", "外宾·一号"][:draw.randint(1, min(2, lines))]
    present = hall_size(draw)
    registered = present + draw.choice([0, 0, 1, draw.randint(0, 10)])
    issued = present - draw.choice([0, 0, min(present, 1)])
    returned = max(0, issued - draw.choice([0, 0, 0, 1, 3]))
    if draw.random() < 0.05:
        returned = registered + draw.randint(-1, 2)
    job = {"contest": contest, "rules": rules, "stage": stage, "seats": round_seats,
           "slate": slate, "adopted": adopted, "registered": registered, "present": present,
           "issued": issued}
    job["lines"] = ballots(draw, job, lines, max(0, returned))
    return job


def ballots(draw, job, lines, returned):
    """The lines of a file of ballots: (card, group, item, choice, text)."""
    level = draw.choice([[0.2, 0.5, 0.5, 0.6, 0.9], [0.5], [0.9], [1]])  # the latter: many ties
    liking = {name: draw.choice(level) for name in job["slate"]}
    names = OUTSIDE[:draw.choice([1, 1, 2, draw.randint(3, len(OUTSIDE))])]
    of_candidates = [candidate["name"]["zh-CN"] for candidate in job["contest"]["candidates"]] + \
        ["候选人 一号", "Candidate 2", " 候选人二号"]
    trouble = draw.choice([0, 0.02, 0.1])  # so that some elections have nothing to adjudicate
    boldness = draw.choice([0, 0.05, 0.3, 0.9])
    rows = []
    for number in range(returned):
        card, group = f"{number + 1:04}", draw.choice(["g1", "g2", "g3"])
        marks, left = [], job["seats"] + (draw.random() < 0.05)
        kept = lines > 0 and draw.random() < boldness  # a seat for a name of one's own
        for name in draw.sample(job["slate"], len(job["slate"])):
            if left > kept and draw.random() < liking[name]:
                marks.append((name, "for", ""))
                left -= 1
            elif draw.random() < 0.8:
                marks.append((name, draw.choice(["against", "abstain"]), ""))
        for line in range(lines):
            item = f"other-{line + 1}"
            if line < len(job["adopted"]):
                choice = draw.choice(["for", "against", "abstain", None])
                if choice and (choice != "for" or left > 0):
                    marks.append((item, choice, ""))
                    left -= choice == "for"
            elif draw.random() < boldness and (left > 0 or draw.random() < trouble):
                chance = draw.random()
                pool = (UNREADABLE if chance < trouble else
                        of_candidates if chance < 2 * trouble else names)
                marks.append((item, draw.choice(["", "for"]), draw.choice(pool)))
                left -= 1
        if draw.random() < 0.03:
            marks.append(("", draw.choice(["marked", "illegible"]), ""))
        rows += [(card, group, "", *mark) for mark in marks or [("", "blank", "")]]
    return rows


def rule_on(draw, job, election):
    """The officer's rulings on those ballots that need one, in most elections."""
    if draw.random() < 0.15:
        return
    for card in second_count.read_cards(cards_text(job)):
        if election.judge(card)[0] == "disputed":
            job["lines"].append((card["card"], card["group"], "", "",
                                 "ruling-" + draw.choice(["count", "drop", "void"]), ""))


# Appraisals -----------------------------------------------------------------------------------

def appraisal_rules(draw, name, criteria, grades):
    has_values = draw.random() < 0.85

    def maybe(chance, value):
        return value() if draw.random() < chance else None

    def values():
        ladder = draw.choice([[100, 80, 60, 40], [95, 85, 75, 65], [10, 7, 3, 1], [1, 1, 0, 0]])
        listed = [{"grade": grade, "value": value} for grade, value in zip(grades, ladder)]
        if draw.random() < 0.3:
            listed[-1]["value"] = None
        return listed
    scored = has_values and draw.random() < 0.7
    weights = [{"criterion": criterion, "weight": draw.choice([0, 1, 3, 30])}
               for criterion in criteria]
    weights[0]["weight"] += 1
    return {
        **common_rules(draw, name, "appraisal"),
        "grade_count": draw.choice([None, len(grades)]),
        "values": values() if has_values else None,
        "unscored_in_base": draw.random() < 0.5, "blank_in_base": draw.random() < 0.5,
        "criteria": maybe(0.5, lambda: weights) if has_values else None,
        "groups": maybe(0.5, lambda: [{"group": group, "weight": weight} for group, weight in
                                      zip(("g1", "g2", "g3"), (20, 40, draw.choice([1, 40])))])
        if has_values else None,
        "satisfied": maybe(0.5, lambda: grades[:draw.randint(1, len(grades))]),
        "remarks": maybe(0.4, lambda: [{"id": "talk", "title": label("谈话"), "when": "under",
                                        "grades": grades[:1], **share(draw)},
                                       {"id": "adjust", "title": label("调整"), "when": "over",
                                        "grades": grades[-1:], **share(draw)}]),
        "ranks": scored,
        "floor": draw.choice([None, 5, 70, 90]) if scored else None,
        "void_all_same": draw.random() < 0.15, "void_all_top": draw.random() < 0.15,
        "quotas": maybe(0.2, lambda: [{"grade": grades[0], "most": draw.randint(1, len(criteria)),
                                       "least": None},
                                      {"grade": grades[-1], "most": None,
                                       "least": draw.randint(0, 1)}]),
        "trim_above": maybe(0.2, lambda: draw.randint(0, 8)) if has_values else None,
        "least_filled": maybe(0.2, lambda: share(draw)),
        "bands": maybe(0.4, lambda: [{"id": f"band-{least}", "title": label(f"{least}分以上"),
                                      "least": least} for least in (95, 80, 75, 5)])
        if has_values else None,
    }


def make_appraisal(draw, number):
    criteria = ["ability", "spirit", "results", "honesty"][:draw.randint(1, 4)]
    grades = ["good", "fair", "poor", "unknown"][:draw.randint(2, 4)]
    rules = appraisal_rules(draw, f"rules-{number}", criteria, grades)
    subjects = draw.randint(1, 4)
    contest = {"id": f"contest-{number}", "kind": "appraisal", "title": label(f"测评{number}"),
               "live": "tally", "rules": rules["id"], "criteria": criteria, "grades": grades,
               "subjects": [{"id": f"s{index}", "name": label(f"区委常委{DIGITS[index]}号")}
                            for index in range(1, subjects + 1)]}
    size = hall_size(draw)
    rows = []
    groups = draw.choice([["g1", "g2", "g3"], ["g1", "g1", "g1", "g2"], ["g2"]])
    filled = draw.choice([1, 0.95, 0.6])
    for subject in range(1, subjects + 1):
        liking = draw.choice([[1, 1, 1, 1], [6, 3, 1, 1], [1, 0, 0, 0]])[:len(grades)]
        for number_of_card in range(draw.choice([size, size, max(0, size - 2), 0])):
            key = (f"{number_of_card + 1}", groups[number_of_card % len(groups)], f"s{subject}")
            marks = [(criterion, draw.choices(grades, liking)[0], "") for criterion in criteria
                     if draw.random() < filled]
            if draw.random() < 0.02:
                marks.append(("", draw.choice(["marked", "illegible"]), ""))
            rows += [(*key, *mark) for mark in marks or [("", "blank", "")]]
    if draw.random() < 0.3:
        draw.shuffle(rows)
    return {"contest": contest, "rules": rules, "lines": rows}


# Both counts ----------------------------------------------------------------------------------

def cards_text(job):
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["card", "group", "subject", "item", "choice", "text"])
    writer.writerows(job["lines"])
    return text.getvalue()


def event_of(jobs):
    used = {key: sorted({name for job in jobs for name in job["contest"].get(key, [])})
            for key in ("criteria", "grades")}
    event = {"minping": 1, "id": "second-count", "title": label("两次计票"), "check_in": "officer",
             "groups": [{"id": group, "title": label(group), "seats": 100}
                        for group in ("g1", "g2", "g3")],
             "rules": [job["rules"] for job in jobs],
             "contests": [job["contest"] for job in jobs],
             "posts": [{"id": "officer-1", "role": "officer"},
                       {"id": "operator-1", "role": "operator"}]}
    for key, names in used.items():
        if names:
            event[key] = [{"id": name, "title": label(name)} for name in names]
    return event


def first_count(job, event_path, cards_path):
    with open(cards_path, "w", encoding="utf-8", newline="") as file:
        file.write(cards_text(job))
    line = [hall.MINPING, "count", "--event", event_path, "--contest", job["contest"]["id"],
            "--cards", cards_path, "--format", "json"]
    if "stage" in job:
        line += ["--registered", str(job["registered"]), "--present", str(job["present"]),
                 "--issued", str(job["issued"]), "--stage", job["stage"], "--seats",
                 str(job["seats"]), "--candidates", ",".join(job["slate"])]
        line += ["--names", ",".join(job["adopted"])] if job["adopted"] else []
    done = subprocess.run(line, capture_output=True, stdin=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        return {"failed": f"status {done.returncode}: {done.stderr.decode()[-1500:]}"}
    answer = json.loads(done.stdout)
    if "stage" in job:
        return answer["contests"][0]
    return {"items": answer["items"], "subjects": answer["subjects"]}


def counter_of(job, mistake=""):
    if "stage" in job:
        return second_count.Election(job["contest"], job["rules"], job["stage"], job["seats"],
                                     job["slate"], job["adopted"], mistake)
    return second_count.Appraisal(job["contest"], job["rules"], mistake)


def other_count(job, mistake=""):
    cards = second_count.read_cards(cards_text(job))
    if "stage" in job:
        return counter_of(job, mistake).count(cards, job["registered"], job["present"],
                                              job["issued"])
    return counter_of(job, mistake).count(cards)


def differences(first, second, path=""):
    """Where two JSON values differ: lines."""
    if isinstance(first, dict) and isinstance(second, dict):
        return [line for key in sorted(first.keys() | second.keys())
                for line in differences(first.get(key, "missing"), second.get(key, "missing"),
                                        f"{path}.{key}")]
    if isinstance(first, list) and isinstance(second, list) and len(first) == len(second):
        return [line for index, pair in enumerate(zip(first, second))
                for line in differences(*pair, f"{path}[{index}]")]
    return [] if first == second else [f"{path}: minping {first!r}, second count {second!r}"]


class Sweep:
    def __init__(self, seed, show):
        self.draw, self.show = random.Random(seed), show
        self.counted = {"elections": 0, "appraisals": 0}
        self.different = 0
        self.unfound = set(second_count.MISTAKES)
        self.kinds = {}

    def note(self, job, first):
        """How often each outcome came up: a sweep without ties would prove little."""
        rows = [first] if "stage" in job else first["subjects"] if "subjects" in first else []
        for row in rows:
            kind = row.get("decision") or ("tied rank" if row.get("tied", 0) > 1 else "subject")
            self.kinds[kind] = self.kinds.get(kind, 0) + 1

    def count(self, job, event_path, cards_path):
        first = first_count(job, event_path, cards_path)
        found = differences(first, other_count(job))
        self.note(job, first)
        self.counted["elections" if "stage" in job else "appraisals"] += 1
        if found:
            self.different += 1
            if self.different <= self.show:
                print(f"{job['contest']['id']}: {len(found)} differences", first.get("failed", ""),
                      *found[:6], sep="\n  ")
                self.keep(job, self.different)
        for mistake in sorted(self.unfound):
            if not found and differences(first, other_count(job, mistake)):
                self.unfound.discard(mistake)

    def keep(self, job, number):
        """A job that was counted differently, for `minping count` alone."""
        place = os.path.join(os.environ.get("MINPING_TEST_OUT", "."), f"second-count-{number}")
        with open(f"{place}.json", "w", encoding="utf-8") as file:
            json.dump(event_of([job]), file, ensure_ascii=False)
        with open(f"{place}.csv", "w", encoding="utf-8", newline="") as file:
            file.write(cards_text(job))
        print(f"  kept {place}.json, {place}.csv:",
              {key: job[key] for key in job if key not in ("rules", "lines", "contest")})

    def run(self, make, count, folder):
        event_path, cards_path = (os.path.join(folder, name) for name in ("event.json",
                                                                          "cards.csv"))
        for begin in range(0, count, BATCH):
            jobs = [make(self.draw, number) for number in range(begin, min(begin + BATCH, count))]
            with open(event_path, "w", encoding="utf-8") as file:
                json.dump(event_of(jobs), file, ensure_ascii=False)
            for job in jobs:
                if "stage" in job:
                    rule_on(self.draw, job, counter_of(job))
                    if self.draw.random() < 0.3:
                        self.draw.shuffle(job["lines"])
                self.count(job, event_path, cards_path)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("count", nargs="?", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20261124)
    parser.add_argument("--show", type=int, default=3)
    options = parser.parse_args()
    begin = time.monotonic()
    sweep = Sweep(options.seed, options.show)
    with tempfile.TemporaryDirectory() as folder:
        sweep.run(make_election, options.count, folder)
        sweep.run(make_appraisal, options.count, folder)
    print("seed %d: %d elections, %d appraisals, %d with differences, %.0f s" %
          (options.seed, sweep.counted["elections"], sweep.counted["appraisals"],
           sweep.different, time.monotonic() - begin))
    print(", ".join(f"{kind}: {count}" for kind, count in sorted(sweep.kinds.items())))
    for mistake in sorted(sweep.unfound):
        print(f"planted error '{mistake}' was not found: {second_count.MISTAKES[mistake]}")
    return 1 if sweep.different or sweep.unfound else 0


if __name__ == "__main__":
    sys.exit(main())

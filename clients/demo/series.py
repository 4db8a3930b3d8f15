"""The sittings of two series in compressed time: series.py DIR COUNT.

  s2  the appraisal of 58 heads of district departments in one sitting, and of 121 leaders of 17
      townships in a sitting each
  s4  the election of 13 township secretaries and of 299 secretaries of villages and communities

Of each at most COUNT: department heads, township sittings, township and village elections. Writes
DIR/s2.series.json, DIR/s4.series.json and for every sitting a folder DIR/ID with its event
sitting.event.json, of an election roll.csv, and sitting.demo: how its hall behaves. Prints the
folders, the longest sitting first.

Village 1 needs another election, in village 2 too few come, village 3's first round is voided and
repeated; further on every fortieth needs another election.

series.py --check DIR: whether both series, as JSON beside the series files, say what was planned.
"""

import json
import os
import random
import sys

DEPARTMENTS, TOWNS, TOWN_LEADERS, TOWN_ELECTIONS, VILLAGES, COMMUNITIES = 58, 17, 121, 13, 231, 68
DIGITS = "零一二三四五六七八九"
MARKS_AT_ONCE, MARKS_PER_S = 40, 5  # what minpingd takes of one voter
ANOTHER, NO_QUORUM, VOIDED = 1, 2, 3


def chinese(number):
    """1 … 999 as in 一百零二号."""
    hundreds, tens, ones = number // 100, number // 10 % 10, number % 10
    text = DIGITS[hundreds] + "百" if hundreds else ""
    if tens:
        text += ("" if tens == 1 and not hundreds else DIGITS[tens]) + "十"
    elif hundreds and ones:
        text += "零"
    return text + (DIGITS[ones] if ones else "")


def label(zh, en):
    return {"zh-CN": zh, "en": en}


def write(text, *path):
    with open(os.path.join(*path), "w", encoding="utf-8") as file:
        file.write(text)


def write_json(value, *path):
    write(json.dumps(value, ensure_ascii=False, indent=1) + "\n", *path)


POSTS = [{"id": "officer-1", "role": "officer"}, {"id": "operator-1", "role": "operator"},
         {"id": "scrutineer-1", "role": "scrutineer"}]


class Series:
    """One series: its sittings, each with a folder."""

    def __init__(self, folder, series, title):
        self.folder, self.id, self.title, self.sittings = folder, series, title, []

    def add(self, sitting, title, event, demo):
        folder = os.path.join(self.folder, sitting)
        os.makedirs(folder)
        write_json({"minping": 1, "id": sitting, "title": title, **event, "posts": POSTS}, folder,
                   "sitting.event.json")
        write(demo, folder, "sitting.demo")
        self.sittings.append({"id": sitting, "title": title, "data": f"{sitting}/data"})
        return folder

    def finish(self):
        write_json({"minping": 1, "id": self.id, "title": self.title, "sittings": self.sittings},
                   self.folder, f"{self.id}.series.json")
        return [os.path.join(self.folder, sitting["id"]) for sitting in self.sittings]


def appraisal(series, sitting, title, sample, people, seats, seed):
    """A sitting of an appraisal with the criteria and grades of the sample event."""
    marks = len(people) * len(sample["criteria"])
    slot_ms = max(600, (marks - MARKS_AT_ONCE) * 1000 // MARKS_PER_S // len(people) + 30)
    event = {"groups": [{"id": "raters", "title": label("测评代表", "Raters"), "seats": seats}],
             "criteria": sample["criteria"], "grades": sample["grades"],
             "contests": [{**sample["contests"][0], "subjects": people}]}
    rate = seats * len(sample["criteria"]) * 2000 // slot_ms
    series.add(sitting, title, event, f"slot_ms={slot_ms} rate={rate}\n"
               f"hall_options=(--seed {seed} --revote 0)\n")


def s2(folder, count):
    with open(os.path.join(os.path.dirname(__file__), "s1.event.json"), encoding="utf-8") as file:
        sample = json.load(file)
    series = Series(folder, "s2", label("区直部门与镇街领导干部民主测评",
                                        "Appraisals of departments and townships"))
    heads = [{"id": f"d{i:02}", "name": label(f"区直部门主要负责人{chinese(i)}号", f"Department head {i}")}
             for i in range(1, min(DEPARTMENTS, count) + 1)]
    appraisal(series, "departments", label("区直部门负责人民主测评", "Department heads"), sample, heads,
              120, 1)
    first = 1
    for town in range(1, min(TOWNS, count) + 1):
        size = TOWN_LEADERS // TOWNS + (town <= TOWN_LEADERS % TOWNS)
        leaders = [{"id": f"l{i:03}", "name": label(f"镇街领导{chinese(i)}号", f"Township leader {i}")}
                   for i in range(first, first + size)]
        first += size
        appraisal(series, f"town-{town:02}", label(f"镇街{chinese(town)}号民主测评", f"Township {town}"),
                  sample, leaders, 40, 100 + town)
    return series.finish()


def election(series, sitting, title, check_in, special, seed):
    """A sitting of an election: a roll of 20 to 60 members, some without the right to vote."""
    chance = random.Random(seed)
    members = chance.randint(20, 60)
    voting = members - chance.randint(1, 1 + members // 12)
    needed = (4 * voting + 4) // 5
    present = needed - 1 if special == NO_QUORUM else chance.randint(needed, voting)
    people = 3 if special == ANOTHER or chance.random() < 0.4 else 2
    event = {
        "check_in": check_in, "roll": "roll.csv",
        "groups": [{"id": "members", "title": label("党员", "Members")}],
        "contests": [{
            "id": "secretary", "kind": "election", "rules": "party-branch-election",
            "title": label("党组织书记选举", "Election of the secretary"), "live": "turnout",
            "seats": 1,
            "candidates": [{"id": f"c{i}", "name": label(f"候选人{chinese(i)}号", f"Candidate {i}")}
                           for i in range(1, people + 1)]}]}
    taste = "split" if special == ANOTHER else "clear"
    demo = f"seats={present}\nhall_options=(--seed {seed} --taste {taste} --disputed 0.01)\n"
    demo += "expect=no-quorum\n" if special == NO_QUORUM else ""
    demo += "void_first=yes\n" if special == VOIDED else ""
    folder = series.add(sitting, title, event, demo)
    without = set(chance.sample(range(1, members + 1), members - voting))
    write("类别,姓名,表决权\n" + "".join(
        f"党员,党员{chinese(i)}号,{'否' if i in without else '是'}\n" for i in range(1, members + 1)),
        folder, "roll.csv")


def s4(folder, count):
    series = Series(folder, "s4", label("村（社区）与镇党组织书记选举",
                                        "Elections of village, community and township secretaries"))
    for town in range(1, min(TOWN_ELECTIONS, count) + 1):
        title = label(f"{chinese(town)}号镇党委书记选举", f"Township {town}")
        election(series, f"election-t{town:02}", title, "officer", 0, 1000 + town)
    for village in range(1, min(VILLAGES + COMMUNITIES, count) + 1):
        special = village if village <= VOIDED else ANOTHER if village % 40 == 0 else 0
        title = (label(f"{chinese(village)}号村党组织书记选举", f"Village {village}")
                 if village <= VILLAGES else
                 label(f"{chinese(village - VILLAGES)}号社区党组织书记选举",
                       f"Community {village - VILLAGES}"))
        election(series, f"election-{village:03}", title, "pad", special, 2000 + village)
    return series.finish()


def check(folder):
    """Every sitting was held; nothing is open but what had no quorum; planned reruns are there."""
    faults = []
    for name in ("s2", "s4"):
        with open(os.path.join(folder, f"{name}.series.json"), encoding="utf-8") as file:
            planned = [sitting["id"] for sitting in json.load(file)["sittings"]]
        with open(os.path.join(folder, f"{name}.json"), encoding="utf-8") as file:
            report = json.load(file)
        faults += [f"{name}: {sitting['id']} is {sitting['state']}"
                   for sitting in report["sittings"] if sitting["state"] != "held"]
        rows = [row for table in report["tables"] for row in table["rows"]]
        if {row["sitting"] for row in rows} != set(planned):
            faults.append(f"{name}: not every sitting has a row")
        for row in rows:
            demo_path = os.path.join(folder, row["sitting"], "sitting.demo")
            with open(demo_path, encoding="utf-8") as file:
                demo = file.read()
            gap = "no-quorum" if "no-quorum" in demo else None
            if row["gap"] != gap:
                faults.append(f"{name}: {row['sitting']}: gap {row['gap']}, not {gap}")
            if "void_first" in demo and row["voided"] != 1:
                faults.append(f"{name}: {row['sitting']}: no round was voided")
            if "--taste split" in demo and row["another"] < 1:
                faults.append(f"{name}: {row['sitting']}: no other election was held")
    print("\n".join(faults))
    return 1 if faults else 0


def main(arguments):
    if arguments[0] == "--check":
        return check(arguments[1])
    folder, count = arguments[0], int(arguments[1])
    print("\n".join(s2(folder, count) + s4(folder, count)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

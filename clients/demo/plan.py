"""What the demo needs to know of an event: plan.py EVENT.json.

A line each, fields apart by U+001F, which no event holds: check-in, tests (ids of test groups),
officer, operator, overlay (the first post of each role), places (the most candidates or options of
a contest), contest (id, kind, zh, en), subject (contest, id, zh, en), step (id, kind, contest,
candidate, zh, en).

plan.py --no-round TRUTH.json RESULTS.json: status 0 where neither holds a round.
plan.py --slate RESULTS.json CONTEST: who stands in another election after the contest's last round:
as many as its rules ask for, those with the most votes who are not elected.
"""

import json
import sys


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def show(*fields):
    print("\x1f".join(str(field) for field in fields))


def names(label):
    return label["zh-CN"], label.get("en", label["zh-CN"])


def show_event(event):
    show("check-in", event.get("check_in", "none"))
    show("tests", ",".join(group["id"] for group in event["groups"] if group.get("test")))
    for role in ("officer", "operator", "overlay"):
        show(role, next((post["id"] for post in event["posts"] if post["role"] == role), ""))
    show("places", max(len(contest.get("candidates", contest.get("options", "1")))
                       for contest in event["contests"]))
    for contest in event["contests"]:
        show("contest", contest["id"], contest["kind"], *names(contest["title"]))
        for subject in contest.get("subjects", []):
            show("subject", contest["id"], subject["id"], *names(subject["name"]))
    for step in event.get("rundown", []):
        show("step", step["id"], step["kind"], step.get("contest", ""), step.get("candidate", ""),
             *names(step["title"]))


def show_slate(results, contest):
    last = [entry for entry in results["contests"] if entry["id"] == contest][-1]
    missing = last["missing"]
    left = [person for person in last["candidates"] if person["id"] not in last["elected"]]
    left.sort(key=lambda person: -person["for"])
    print(",".join(person["id"] for person in left[:missing + (missing + 4) // 5]))


def main(arguments):
    if arguments[0] == "--no-round":
        held = [document.get(kind) for document in map(read, arguments[1:])
                for kind in ("rounds", "items", "contests", "motions", "polls")]
        return 1 if any(held) else 0
    if arguments[0] == "--slate":
        show_slate(read(arguments[1]), arguments[2])
    else:
        show_event(read(arguments[0]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

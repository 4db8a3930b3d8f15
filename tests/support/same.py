"""Whether truth equals results: same.py TRUTH.json RESULTS.json. Status 0 equal, 1 not.

truth.json is what the simulated hall had acknowledged, counted on its own; results.json is what
the server counted. Compared are

  items     of appraisals, one for each (round, subject, criterion)
  contests  of elections, motions, polls: one for each (id, round)

Each must also be sound in itself: valid is the sum of its counts. Results may hold more keys, and
names written in nobody voted for; lists of names are sets. A poll's names are compared where the
truth has them. 'unresolved' of the truth must be 0.

A round that an officer voided ('voided' of the truth), or a subject's round that another one
followed, stands no more: its items may be missing in the results. Of a round with cards that
waited for a ruling ('disputed' of the truth) the hall cannot know what the officer said: each
figure may be that many more than the truth's, and nobody's election is compared.
"""

import json
import sys

TURNOUT = ("registered", "present", "issued", "returned")
MOTION = ("for", "against", "abstain")


def by_key(document, name, faults):
    items = {}
    for item in document.get("items", []):
        key = (item["round"], item["subject"], item["criterion"])
        if key in items:
            faults.append(f"{name}: round {key[0]} {key[1]} {key[2]} is there twice")
        if sum(item["counts"].values()) != item["valid"]:
            faults.append(f"{name}: round {key[0]} {key[1]} {key[2]}: valid is not the sum")
        items[key] = (item["counts"], item["valid"])
    return items


def stale_rounds(truth, items):
    """Rounds of appraisals that stand no more."""
    newest = {}
    for number, subject, _ in items:
        newest[subject] = max(number, newest.get(subject, 0))
    return {number for number, subject, _ in items if number < newest[subject]} | set(
        truth.get("voided", []))


def item_differences(truth, results, faults):
    ours, theirs = by_key(truth, "truth", faults), by_key(results, "results", faults)
    stale = stale_rounds(truth, ours)
    for key in sorted(set(ours) | set(theirs)):
        if key[0] in stale and key not in theirs:
            continue
        if ours.get(key) != theirs.get(key):
            faults.append(f"round {key[0]} {key[1]} {key[2]}: truth {ours.get(key)}, "
                          f"results {theirs.get(key)}")


def ballots_by_key(document, kind, name, faults):
    rounds = {}
    for entry in document.get(kind, []):
        key = (entry["id"], entry["round"])
        if key in rounds:
            faults.append(f"{name}: {kind} {key[0]} round {key[1]} is there twice")
        rounds[key] = entry
    return rounds


def names_of(entry):
    return {f"'{written['text']}'": written["for"] for written in entry.get("writeins", [])}


def votes_of(kind, entry, has_names):
    """What is compared of one round beside its turnout: figures that a ruling may add to."""
    votes = {"valid": entry["valid"]}
    if kind == "contests":
        votes["void"] = entry["void"]
        for person in entry["candidates"]:
            for choice in MOTION:
                votes[f"{person['id']} {choice}"] = person[choice]
        votes.update(names_of(entry))
    elif kind == "motions":
        votes.update({key: entry[key] for key in (*MOTION, "void")})
    else:
        votes.update({option["id"]: option["count"] for option in entry["options"]})
        votes.update(names_of(entry) if has_names else {})
    return {key: count for key, count in votes.items() if count > 0}


def is_sound(kind, entry):
    """Sums within one round; an adopted name has votes against that are shown nowhere."""
    if kind == "motions":
        return sum(entry[choice] for choice in MOTION) == entry["valid"]
    if kind == "polls":
        return (all(option["count"] <= entry["valid"] for option in entry["options"]) and
                all(count <= entry["valid"] for count in names_of(entry).values()))
    waiting = entry.get("disputed", 0)
    waiting = waiting if isinstance(waiting, int) else 0
    return (entry["valid"] + entry["void"] + waiting == entry["returned"] and
            all(sum(person[choice] for choice in MOTION) == entry["valid"]
                for person in entry["candidates"]) and
            all(written["for"] <= entry["valid"] for written in entry["writeins"]))


def ballot_differences(kind, where, ours, theirs, is_void, faults):
    disputed = ours.get("disputed", 0)
    for key in TURNOUT if kind == "contests" else ():
        if ours[key] != theirs[key]:
            faults.append(f"{where}: {key}: truth {ours[key]}, results {theirs[key]}")
    if is_void:
        if theirs.get("valid") is not None:
            faults.append(f"{where}: void, and the results tell its votes")
        return
    has_names = "writeins" in ours
    votes, their_votes = votes_of(kind, ours, has_names), votes_of(kind, theirs, has_names)
    for name, entry in (("truth", ours), ("results", theirs)):
        if not is_sound(kind, entry):
            faults.append(f"{where}: the sums of the {name} do not agree")
    for key in sorted(set(votes) | set(their_votes)):
        more = their_votes.get(key, 0) - votes.get(key, 0)
        if not 0 <= more <= disputed:
            faults.append(f"{where}: {key}: truth {votes.get(key, 0)}, "
                          f"results {their_votes.get(key, 0)}")
    for key in ("elected", "runoff") if kind == "contests" and disputed == 0 else ():
        if sorted(ours[key]) != sorted(theirs[key]):
            faults.append(f"{where}: {key}: truth {ours[key]}, results {theirs[key]}")


def differences(truth, results):
    """Every difference as a sentence; none: they are equal."""
    faults = []
    item_differences(truth, results, faults)
    for kind in ("contests", "motions", "polls"):
        ours = ballots_by_key(truth, kind, "truth", faults)
        theirs = ballots_by_key(results, kind, "results", faults)
        for key in sorted(set(ours) | set(theirs)):
            where = f"round {key[1]} {key[0]}"
            if key not in ours or key not in theirs:
                faults.append(f"{where}: only in the {'truth' if key in ours else 'results'}")
            else:
                ballot_differences(kind, where, ours[key], theirs[key],
                                   key[1] in truth.get("voided", []), faults)
    if truth.get("unresolved") != 0:
        faults.append(f"truth: unresolved is {truth.get('unresolved')}, not 0")
    return faults


def compared_count(truth):
    return sum(len(truth.get(kind, [])) for kind in ("items", "contests", "motions", "polls"))


if __name__ == "__main__":
    documents = []
    for path in sys.argv[1:3]:
        with open(path, encoding="utf-8") as file:
            documents.append(json.load(file))
    found = differences(*documents)
    for fault in found[:20]:
        print(fault)
    count = compared_count(documents[0])
    print(f"{count} items compared, {len(found)} differences")
    sys.exit(1 if found or count == 0 else 0)

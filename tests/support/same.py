"""Whether truth equals results: same.py TRUTH.json RESULTS.json. Status 0 equal, 1 not.

truth.json is what the simulated hall had acknowledged, counted on its own; results.json is what
the server counted. Compared are the items, one for each (round, subject, criterion); each must
also be sound in itself: valid is the sum of its counts. 'unresolved' of the truth must be 0.
"""

import json
import sys


def by_key(document, name, faults):
    items = {}
    for item in document["items"]:
        key = (item["round"], item["subject"], item["criterion"])
        if key in items:
            faults.append(f"{name}: round {key[0]} {key[1]} {key[2]} is there twice")
        if sum(item["counts"].values()) != item["valid"]:
            faults.append(f"{name}: round {key[0]} {key[1]} {key[2]}: valid is not the sum")
        items[key] = (item["counts"], item["valid"])
    return items


def differences(truth, results):
    """Every difference as a sentence; none: they are equal."""
    faults = []
    ours, theirs = by_key(truth, "truth", faults), by_key(results, "results", faults)
    for key in sorted(set(ours) | set(theirs)):
        if ours.get(key) != theirs.get(key):
            faults.append(f"round {key[0]} {key[1]} {key[2]}: truth {ours.get(key)}, "
                          f"results {theirs.get(key)}")
    if truth.get("unresolved") != 0:
        faults.append(f"truth: unresolved is {truth.get('unresolved')}, not 0")
    return faults


if __name__ == "__main__":
    documents = []
    for path in sys.argv[1:3]:
        with open(path, encoding="utf-8") as file:
            documents.append(json.load(file))
    found = differences(*documents)
    for fault in found[:20]:
        print(fault)
    print(f"{len(documents[0]['items'])} items compared, {len(found)} differences")
    sys.exit(1 if found or not documents[0]["items"] else 0)

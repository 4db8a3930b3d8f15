"""A second fold: what counts, straight from the log's documented format, minping-log(5).

usage: fold.py DATA [ACKS...]     $MINPING is `minping`; status 0: no difference

It reads a copy of a stopped log with Python's sqlite3, folds it by WHAT COUNTS, and compares each
round and item with `minping results --data DATA`. Lines of --acks are held against it once more:
the mark is there, with its choice, on the slot that belongs to its seat, while its round was open,
and it counts or a higher version took its place. The order of the log is checked as well. It shares
no line with the server. Which cards the rules make void is judged by second_count.py; rounds that
were counted by hand in part (paper) are not compared.

`mistake` plants an error on purpose: a fold that finds nothing proves nothing.
"""

import contextlib
import csv
import fcntl
import hashlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import typing

import second_count

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LOG = re.compile(r"log-(\d+)\.sqlite")
FORMAT = 3
NAME_CHOICE = 65535  # of an ack's line on which a name was written
CHOICES = ("for", "against", "abstain")
MISTAKES = {
    "twice": "every cast counts, not only the last of a slot",
    "oldest": "the lowest version counts",
}


# The log's files ------------------------------------------------------------------------------

def newest(data):
    """The path of the log: the generation with the highest number."""
    numbers = [int(match[1]) for match in map(LOG.fullmatch, os.listdir(data)) if match]
    if not numbers:
        raise AssertionError(f"no log in {data}")
    return os.path.join(data, f"log-{max(numbers)}.sqlite")


@contextlib.contextmanager
def opened(data):
    """A connection to a copy of the log, which must not be in use."""
    with tempfile.TemporaryDirectory(prefix="minping-fold-") as folder:
        with open(os.path.join(data, "lock"), "rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path = newest(data)
            for ending in ("", "-wal"):
                if os.path.exists(path + ending):
                    shutil.copyfile(path + ending, os.path.join(folder, "log" + ending))
        with contextlib.closing(sqlite3.connect(os.path.join(folder, "log"))) as log:
            yield log


def lose_last_marks(data):
    """Takes the newest batch that holds marks out of the log of `data`, a copy: a lost commit."""
    with contextlib.closing(sqlite3.connect(newest(data))) as log, log:
        batch = log.execute("SELECT max(batch) FROM mark").fetchone()[0]
        log.execute("DELETE FROM mark WHERE batch = ?", (batch,))
        log.execute("UPDATE mark SET batch = batch - 1 WHERE batch > ?", (batch,))
        log.execute("UPDATE act SET batch = batch - 1 WHERE batch > ?", (batch,))


def parameters(text):
    return dict(line.split("=", 1) for line in text.splitlines())


def column_sum(text):
    return sum(int(number) for number in text.split(",")) if text else None


class Ack(typing.NamedTuple):
    """A line of --acks, minping-hall(1)."""

    round: int
    seat: int
    item: int
    version: int
    choice: int
    nonce: bytes
    receipt: str

    def key(self):
        return (self.round, self.item, self.version, self.nonce)


def read_acks(path, size=None):
    """The whole lines of a file of acknowledgements, or of its first `size` bytes."""
    with open(path, encoding="ascii") as file:
        for line in file.read(size).splitlines(keepends=True):
            if line.endswith("\n"):  # else it was being written
                *numbers, nonce, receipt = line.split()
                yield Ack(*map(int, numbers), bytes.fromhex(nonce), receipt)


# Slots ----------------------------------------------------------------------------------------

class Slots:
    """Whose slot is which, from DIR/keys and DIR/roll.csv."""

    def __init__(self, data):
        with open(os.path.join(data, "keys"), encoding="ascii") as file:
            keys = dict(line.split() for line in file if line.strip())
        self.key = bytes.fromhex(keys["slot"])
        with open(os.path.join(data, "roll.csv"), encoding="utf-8", newline="") as file:
            self.credentials = {int(row["seat"]): row["credential"].replace("-", "").encode()
                                for row in csv.DictReader(file)}
        self.known = {}

    def of(self, number, seat, is_named):
        if is_named:
            return seat.to_bytes(16, "big")
        key = (number, seat)
        if key not in self.known:
            hashed = hashlib.blake2b(b"slot\0" + number.to_bytes(4, "little") +
                                     self.credentials[seat], digest_size=16, key=self.key)
            self.known[key] = hashed.digest()
        return self.known[key]


# The fold -------------------------------------------------------------------------------------

class Round:
    """One round: `cards` is {slot: {item: (version, choice)}} of what counts."""

    def __init__(self, number, contest, rules, act):
        self.number, self.contest, self.rules = number, contest, rules
        self.subject, self.opened = act["subject"], parameters(act["params"])
        self.state, self.stands, self.asked = "open", True, 0
        self.cards, self.groups, self.rulings = {}, {}, {}
        self.has_paper = False
        self.is_first_final = rules["answer"] == "first"

    def item_count(self):
        """Items on the card, lines for other names included."""
        contest = self.contest
        if contest["kind"] == "appraisal":
            return len(contest["criteria"])
        if contest["kind"] == "election":
            return len(contest["candidates"]) + contest["seats"]
        return len(contest.get("options", [0])) + contest.get("write_ins", 0)

    def takes(self, item):
        return (self.state == "open" and item < self.item_count() and
                (self.asked == 0 or item == self.asked - 1))


class Fold:
    """rounds {number: Round}; strays: marks that do not count, of which a sound log has none."""

    def __init__(self, data, mistake=""):
        self.data, self.mistake = data, mistake
        with open(os.path.join(data, "event.json"), encoding="utf-8") as file:
            self.event = json.load(file)
        self.contests = {contest["id"]: contest for contest in self.event["contests"]}
        self.rounds, self.names, self.strays, self.faults = {}, {}, [], []
        self.mark_count = self.batch_count = self.epoch = 0
        self.index = {}  # (round, item, version, nonce): (slot, choice, it was in order, batch)
        with opened(data) as log:
            self.read(log)

    def rules_of(self, contest):
        for rules in self.event.get("rules", []):
            if rules["id"] == contest["rules"]:
                return rules
        path = os.path.join(ROOT, "server", "rules", f"{contest['rules']}.json")
        with open(path, encoding="utf-8") as file:
            return json.load(file)

    def read(self, log):
        formats = [row[0] for row in log.execute("SELECT format FROM meta")]
        if formats != [FORMAT]:
            raise AssertionError(f"the log has the formats {formats}, not {FORMAT}")
        log.row_factory = sqlite3.Row
        acts = {}
        for act in log.execute("SELECT * FROM act ORDER BY rowid"):
            if act["batch"] <= max(acts, default=0):
                self.faults.append(f"act in batch {act['batch']} is out of order")
            acts[act["batch"]] = act
        log.row_factory = None
        self.batch_count = batch = 0
        before = None
        for mark in log.execute("SELECT batch, slot, item, version, nonce, choice, round,"
                                " voter_group FROM mark ORDER BY rowid"):
            if mark[0] != batch:
                self.step(batch, mark[0], acts)
                batch, before = mark[0], None
            if before is not None and mark[1:4] < before:
                self.faults.append(f"marks of batch {batch} are out of order")
            before = mark[1:4]
            self.put(mark)
        self.step(batch, max([batch, *acts]) + 1, acts)

    def step(self, batch, following, acts):
        """Ends `batch` with its act, and goes through those of acts alone before `following`."""
        if batch > 0 and batch in acts:
            self.apply(acts[batch])
        for number in range(batch + 1, following):
            if number not in acts:
                self.faults.append(f"batch {number} is missing")
                break
            self.apply(acts[number])
        if following <= batch:
            self.faults.append(f"batch {following} stands after batch {batch}")
        self.batch_count = max(self.batch_count, following - 1)

    def put(self, mark):
        batch, slot, item, version, nonce, choice, number, group = mark
        self.mark_count += 1
        entry = self.rounds.get(number)
        is_good = entry is not None and entry.takes(item)
        self.index[(number, item, version, nonce)] = (slot, choice, is_good, batch)
        if not is_good:
            self.strays.append((batch, number, item))
            return
        card = entry.cards.setdefault(slot + nonce if self.mistake == "twice" else slot, {})
        entry.groups[slot] = group
        held = card.get(item)
        is_newer = held is None or (not entry.is_first_final and version > held[0])
        if self.mistake == "oldest":
            is_newer = held is None or version < held[0]
        if is_newer:
            card[item] = (version, choice)

    def apply(self, act):
        kind, entry = act["kind"], self.rounds.get(act["round"])
        if kind == "open" and entry is None:
            self.open(act)
        elif kind in ("open", "pause", "close", "void") and entry is not None:
            if entry.state in ("closed", "void") and kind != "void":
                self.faults.append(f"round {act['round']}: {kind} after its end")
            entry.state = {"open": "open", "pause": "paused", "close": "closed",
                           "void": "void"}[kind]
            entry.stands = entry.stands and kind != "void"
        elif kind == "ask":
            entry.asked = act["number"]
        elif kind == "adjudicate":
            entry.rulings[act["number"]] = parameters(act["params"])["ruling"]
        elif kind == "paper confirm":
            entry.has_paper = True
        elif kind == "name":
            names = self.names.setdefault(entry.contest["id"], {})
            names[act["number"]] = parameters(act["params"])["name"]
        elif kind == "epochs":
            if act["number"] <= self.epoch:
                self.faults.append(f"epochs {act['number']} after {self.epoch}")
            self.epoch = act["number"]
        elif kind == "zero check" and act["number"] != 0:
            self.faults.append(f"round {act['round']} did not begin with zero")

    def open(self, act):
        if act["round"] != len(self.rounds) + 1:
            self.faults.append(f"round {act['round']} opens after {len(self.rounds)}")
        contest = self.contests[act["contest"]]
        for entry in self.rounds.values():
            if (contest["kind"], entry.contest["id"], entry.subject) == \
                    ("appraisal", contest["id"], act["subject"]):
                entry.stands = False
        self.rounds[act["round"]] = Round(act["round"], contest, self.rules_of(contest), act)

    # What it comes to -------------------------------------------------------------------------

    def tally(self):
        """{(round, item): [votes of each choice]} of the rounds that stand."""
        found = {}
        for number, entry in self.rounds.items():
            for card in entry.cards.values() if entry.stands else ():
                for item, (_, choice) in card.items():
                    counts = found.setdefault((number, item), [])
                    counts.extend([0] * (choice + 1 - len(counts)))
                    counts[choice] += 1
        return found

    def ballots(self, entry):
        """The round's cards as second_count.py takes them, by slot."""
        return [{"card": slot, "group": self.event["groups"][entry.groups[slot[:16]]]["id"],
                 "subject": entry.subject, "remark": "", "ruling": "",
                 **self.filled(entry, card)} for slot, card in sorted(entry.cards.items())]

    def filled(self, entry, card):
        contest, marks, written = entry.contest, {}, []
        adopted = entry.opened.get("adopted", "")
        adopted_count = len(adopted.split(",")) if adopted else 0
        for item, (_, choice) in sorted(card.items()):
            if contest["kind"] == "appraisal":
                marks[contest["criteria"][item]] = (contest["grades"][choice], "")
            elif contest["kind"] == "motion":
                marks["motion"] = (CHOICES[choice], "")
            elif item < len(self.listed(contest)):
                chosen = CHOICES if contest["kind"] == "election" else ("chosen", "not")
                marks[self.listed(contest)[item]["id"]] = (chosen[choice], "")
            elif item - len(self.listed(contest)) < adopted_count:
                marks[f"other-{item - len(self.listed(contest)) + 1}"] = (CHOICES[choice], "")
            elif choice > 0:
                name = self.names[contest["id"]][choice]
                marks[f"other-{item - len(self.listed(contest)) + 1}"] = ("", name)
                written.append((choice, name))
        return {"marks": marks, "written": written}

    @staticmethod
    def listed(contest):
        return contest["candidates"] if contest["kind"] == "election" else contest["options"]

    def appraisal(self, entry):
        counted = second_count.Appraisal(entry.contest, entry.rules).count_subject(
            entry.subject, self.ballots(entry))
        return [{"round": entry.number, "subject": entry.subject, "criterion": criterion,
                 "counts": counts, "valid": sum(counts.values())}
                for criterion, counts in counted["counts"].items()]

    def election(self, entry):
        opened, contest = entry.opened, entry.contest
        slate = int(opened["slate"], 16)
        adopted = [self.names[contest["id"]][int(number)]
                   for number in opened.get("adopted", "").split(",") if number]
        election = second_count.Election(
            contest, entry.rules, opened["stage"], int(opened["seats"]),
            [candidate["id"] for index, candidate in enumerate(contest["candidates"])
             if slate >> index & 1], adopted)
        cards = self.ballots(entry)
        cases = [card for card in cards if election.judge(card)[0] == "disputed"]
        for number, ruling in entry.rulings.items():
            cases[number - 1]["ruling"] = ruling
        counted = election.count(cards, *(column_sum(opened[key]) for key in
                                          ("registered", "present", "electors")))
        names = ("returned", "valid", "void", "stage", "seats", "candidates", "writeins",
                 "elected", "runoff", "missing")
        return {"id": contest["id"], "round": entry.number, **{key: counted[key] for key in names}}

    def motion(self, entry):
        chosen = [card["marks"]["motion"][0] for card in self.ballots(entry)]
        return {"id": entry.contest["id"], "round": entry.number,
                **{choice: chosen.count(choice) for choice in CHOICES}, "valid": len(chosen)}

    def poll(self, entry):
        options, most = entry.contest["options"], entry.contest["choose"]
        of_options = {second_count.plain_name(name): option["id"] for option in options
                      for name in option["name"].values()}
        cards = []
        for card in self.ballots(entry):
            chosen = {name for name, (choice, _) in card["marks"].items() if choice == "chosen"}
            names = {second_count.plain_name(name) for _, name in card["written"]}
            cards.append(chosen | {of_options.get(name, ("name", name)) for name in names})
        good = [card for card in cards if len(card) <= most]
        return {"id": entry.contest["id"], "round": entry.number, "valid": len(good),
                "void": len(cards) - len(good),
                "options": [{"id": option["id"],
                             "count": sum(option["id"] in card for card in good)}
                            for option in options]}

    # Comparing --------------------------------------------------------------------------------

    def differences(self, results):
        """Every difference from the results of `minping`, as a sentence."""
        found = list(self.faults)
        found += [f"a mark in batch {batch} does not count: round {number}, item {item}"
                  for batch, number, item in self.strays[:10]]
        theirs = {row["round"]: row for row in results["rounds"]}
        ours = {number for number, entry in self.rounds.items()
                if entry.state in ("closed", "void")}
        if set(theirs) != ours:
            found.append(f"rounds that are over: {sorted(ours)}, results {sorted(theirs)}")
        items = {(row["round"], row["criterion"]): row for row in results.get("items", [])}
        for number in sorted(ours & set(theirs)):
            found += self.round_differences(self.rounds[number], theirs[number], results, items)
        return found

    def round_differences(self, entry, row, results, items):
        if entry.has_paper:
            return []
        kind, number = entry.contest["kind"], entry.number
        pairs = [("stands", entry.stands, row["stands"]),
                 ("returned", len(entry.cards), row["returned"])]
        if kind == "appraisal" and entry.stands:
            pairs += [(ours["criterion"], ours, items.pop((number, ours["criterion"]), None))
                      for ours in self.appraisal(entry)]
        elif entry.state != "void" and row["valid"] is not None and kind != "appraisal":
            fold = {"election": self.election, "motion": self.motion, "poll": self.poll}[kind]
            listed = {"election": "contests", "motion": "motions", "poll": "polls"}[kind]
            theirs = next(other for other in results[listed] if other["round"] == number)
            pairs += [(key, value, theirs.get(key)) for key, value in fold(entry).items()]
        return [f"round {number} {name}: second fold {ours}, results {other}"
                for name, ours, other in pairs if not self.is_same(ours, other)]

    @staticmethod
    def is_same(ours, theirs):
        if isinstance(ours, dict) and isinstance(theirs, dict):
            return all(theirs.get(key) == value for key, value in ours.items())
        return ours == theirs

    def ack_differences(self, path):
        """(lines compared, what of them the log does not bear out, as sentences)."""
        slots, receipts, found, count = Slots(self.data), {}, [], 0
        for ack in read_acks(path):
            count += 1
            fault = self.ack_fault(slots, ack)
            if receipts.setdefault((ack.round, ack.seat), ack.receipt) != ack.receipt:
                fault = "another receipt than before"
            if fault:
                found.append(f"{path}:{count}: {fault}: {ack}")
        return count, found

    def ack_fault(self, slots, ack):
        held = self.index.get(ack.key())
        if held is None:
            return "acknowledged and not in the log"
        slot, logged, is_good, _ = held
        entry = self.rounds.get(ack.round)
        if entry is None or not is_good:
            return "acknowledged and taken while its round was not open"
        if logged != ack.choice and not (ack.choice == NAME_CHOICE and logged != 0):
            return f"acknowledged and in the log as choice {logged}"
        if slot != slots.of(ack.round, ack.seat, entry.rules["secrecy"] == "named"):
            return "acknowledged and in the log on another slot"
        counted = entry.cards[slot][ack.item][0]
        if not entry.is_first_final and counted < ack.version:
            return f"acknowledged and version {counted} counts"
        return ""


def results_of(data, minping=None):
    """What `minping results` says of a stopped log."""
    done = subprocess.run([minping or os.environ.get("MINPING", "minping"), "results", "--data",
                           data, "--format", "json"], capture_output=True, check=False,
                          stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise AssertionError(f"minping results: {done.stderr.decode(errors='replace')}")
    return json.loads(done.stdout)


def check(data, *acks, minping=None):
    """The Fold of the log in `data` and how many lines of --acks files were compared with it.

    An AssertionError names the first differences from `minping results`, or from the lines.
    """
    fold = Fold(data)
    found, compared = fold.differences(results_of(data, minping)), 0
    for path in acks:
        count, missing = fold.ack_differences(path)
        compared += count
        found += missing
    if found:
        raise AssertionError(f"the second fold of {data}: {len(found)} differences\n" +
                             "\n".join(found[:10]))
    return fold, compared


if __name__ == "__main__":
    try:
        counted, lines = check(*sys.argv[1:])
    except AssertionError as differing:
        sys.exit(str(differing))
    print(f"{len(counted.rounds)} rounds, {counted.mark_count} marks, {counted.batch_count} "
          f"batches, {lines} acknowledgements: no difference")

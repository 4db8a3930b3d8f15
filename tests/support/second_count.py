"""A second count of elections and appraisals, deliberately plain, written from the rules' text.

It shares no line with server/core: exact fractions, dictionaries, one step after the other, in the
order in which an officer would do it. E1 …, A1 … are the rules' numbers. Where their text leaves a
reading open (a name on two lines, groups without a mark, equal extremes) it takes the one that the
headers of server/core promise. tests/system compares it with `minping count`, which prints the
same objects.

`mistake` plants one error on purpose, so that the comparison can prove that it would find it.
"""

import csv
import io
import unicodedata
from fractions import Fraction

FOR, AGAINST, ABSTAIN = "for", "against", "abstain"

# What `mistake` may be, and what is then done wrongly.
MISTAKES = {
    "half": "exactly half is enough, where more than half is asked for",
    "least": "exactly the share is not enough, where it is asked for",
    "void-out": "void ballots are taken out of the base",
    "pooled": "groups are pooled before they are weighed",
    "no-names": "names written in are no candidates",
    "twice": "a score is rounded for each criterion, and then once more",
}


# What both have in common ---------------------------------------------------------------------

def read_cards(text):
    """The cards of a file: [{"card", "group", "subject", "marks": {item: (choice, text)},
    "remark", "ruling", "written": [(line, name)]}], in the order in which they first appear."""
    cards = {}
    for line, row in enumerate(csv.DictReader(io.StringIO(text, newline=""))):
        key = (row["card"], row["subject"])
        card = cards.setdefault(key, {"card": row["card"], "group": row["group"],
                                      "subject": row["subject"], "marks": {}, "remark": "",
                                      "ruling": "", "written": []})
        if row["item"]:
            card["marks"][row["item"]] = (row["choice"], row["text"])
            if row["text"]:
                card["written"].append((line, row["text"]))
        elif row["choice"].startswith("ruling-"):
            card["ruling"] = row["choice"][len("ruling-"):]
        else:
            card["remark"] = row["choice"]
    return list(cards.values())


def is_met(share, count, base, mistake=""):
    """Whether count of base is the share (inclusive), or more than it."""
    least = Fraction(share["num"], share["den"]) * base
    inclusive = share["inclusive"]
    if mistake == "half":
        inclusive = True
    if mistake == "least":
        inclusive = False
    return count >= least if inclusive else count > least


def least_count(share, base, mistake=""):
    count = 0
    while not is_met(share, count, base, mistake):
        count += 1
    return count


def half_up(value, digits=0):
    """`value` in units of 10 ** -digits, rounded half up, once."""
    return int((value * 10 ** digits + Fraction(1, 2)) // 1)


def shares(counts, base, rounding, whole=10000):
    """Each count's share of the base, in units of 1 / whole."""
    if base == 0:
        return [0 for _ in counts]
    if rounding == "half-up":
        return [half_up(Fraction(count * whole, base)) for count in counts]
    exact = [Fraction(count * whole, base) for count in counts]
    given = [int(share // 1) for share in exact]
    missing = half_up(Fraction(sum(counts) * whole, base)) - sum(given)
    # The greatest remainder first, of equal ones the greater count; equal counts together or not.
    rests = sorted({(share - share // 1, count) for share, count in zip(exact, counts)},
                   reverse=True)
    for rest, count in rests:
        same = [index for index, other in enumerate(counts) if other == count]
        if len(same) > missing or rest == 0:
            break
        for index in same:
            given[index] += 1
        missing -= len(same)
    return given


# Elections ------------------------------------------------------------------------------------

def plain_name(name):
    """A name as names are compared: blanks aside, one dot for all dots of a foreign name."""
    for blank in " \u00a0\u3000":
        name = name.replace(blank, "")
    for dot in "\u2022\u2027\u30fb":
        name = name.replace(dot, "\u00b7")
    return name


def is_legible(name):
    return any(unicodedata.category(character).startswith("L") for character in name)


class Election:
    """One round of one election."""

    def __init__(self, contest, rules, stage="first", seats=None, slate=None, adopted=(),
                 mistake=""):
        self.contest, self.rules, self.stage, self.mistake = contest, rules, stage, mistake
        self.seats = contest["seats"] if seats is None else seats
        ids = [candidate["id"] for candidate in contest["candidates"]]
        self.slate = [name for name in ids if slate is None or name in slate]
        # Names written in before stand on lines of their own: other-1 …
        self.adopted = {f"other-{number}": plain_name(name)
                        for number, name in enumerate(adopted, 1)}
        self.shown = {plain_name(name): name for name in adopted}
        self.candidate_names = {}
        for candidate in contest["candidates"]:
            for name in candidate["name"].values():
                self.candidate_names.setdefault(plain_name(name), candidate["id"])

    def read_ballot(self, card):
        """What is on one ballot: marks of those who stand, and names written in."""
        marks = {candidate: ABSTAIN for candidate in self.slate}  # E5: blank is abstention
        marks.update({("name", name): ABSTAIN for name in self.adopted.values()})
        names = []
        for item, (choice, text) in card["marks"].items():
            if item in self.adopted:
                marks[("name", self.adopted[item])] = choice
            elif item.startswith("other-") and item not in marks:
                names.append(text)
            else:
                marks[item] = choice
        return marks, names

    def person(self, name):
        """Who a name written in is: a candidate, or somebody else (E13)."""
        plain = plain_name(name)
        if plain in self.candidate_names:
            return self.candidate_names[plain]
        self.shown.setdefault(plain, name.strip(" \u00a0\u3000"))
        return ("name", plain)

    def judge(self, card):
        """("valid", marks, persons), ("void",) or ("disputed",): E8, E7, W7, in this order."""
        rules, ruling = self.rules, card["ruling"]
        if card["remark"] in ("marked", "illegible"):
            return ("void",)  # E8
        marks, names = self.read_ballot(card)
        if rules["write_in"] is None or self.stage == "run-off":
            names = []  # no names are asked for: what stands there does not count
        unread = [name for name in names if not is_legible(name)]
        if unread and rules["illegible"] == "void":
            return ("void",)  # E8
        written = [self.person(name) for name in names]
        persons = [self.person(name) for name in names if is_legible(name)]
        dispute = ""
        against = sum(choice == AGAINST for choice in marks.values())
        if self.has_too_many(marks, persons):  # E7
            if rules["over_selected"] == "void":
                return ("void",)
            dispute = "E7"
        elif persons and rules["write_in"]["needs_against"] and len(persons) > against:  # E5, W7
            if rules["write_in"]["without_against"] == "void":
                return ("void",)
            if rules["write_in"]["without_against"] == "adjudicate":
                dispute = "W7"
            else:
                persons, unread = [], []
        if not dispute and unread and rules["illegible"] == "adjudicate":
            dispute = "E8"
        if not dispute and self.has_twice(marks, persons):
            dispute = "E8"
        if not dispute and any(not isinstance(person, tuple) and person not in marks
                               for person in persons):
            dispute = "E13"  # a candidate who does not stand in this round
        if dispute and not ruling:
            return ("disputed",)
        if dispute and ruling == "void":
            return ("void",)
        if dispute:
            persons = written if ruling == "count" else []
            if self.has_too_many(marks, persons):
                return ("void",)  # no ruling makes more persons than seats valid
        if not self.chosen(marks, persons) and rules["none_selected"] == "void":
            return ("void",)
        return ("valid", marks, persons)

    def chosen(self, marks, persons):
        return {name for name, choice in marks.items() if choice == FOR} | set(persons)

    def has_too_many(self, marks, persons):
        return len(self.chosen(marks, persons)) > self.seats

    def has_twice(self, marks, persons):
        """Whether a person is on the ballot twice: on two lines, or on one and marked as well."""
        return len(set(persons)) < len(persons) or any(marks.get(person, ABSTAIN) != ABSTAIN
                                                       for person in persons)

    def needs_majority(self):
        return self.stage != "run-off" or self.rules["run_off"]["needs_majority"]  # E11

    def decide(self, votes, base_count):
        """Who is elected, who is tied at the cut, seats of the run-off, seats missing: E9 … E13."""
        passed = []
        for person, count in votes.items():
            if isinstance(person, tuple) and person[1] not in self.adopted.values():
                if self.mistake == "no-names" or not self.rules["write_in"]["is_candidate"]:
                    continue  # E13
            if count == 0:
                continue  # nobody is elected without a vote
            if not self.needs_majority() or is_met(self.rules["majority"], count, base_count,
                                                   self.mistake):
                passed.append(person)
        if len(passed) <= self.seats:
            return passed, [], 0, self.seats - len(passed)
        ordered = sorted((votes[person] for person in passed), reverse=True)
        cut = ordered[self.seats - 1]
        if ordered[self.seats] < cut:
            return [person for person in passed if votes[person] >= cut], [], 0, 0
        above = [person for person in passed if votes[person] > cut]
        level = [person for person in passed if votes[person] == cut]
        return above, level, self.seats - len(above), 0

    def count(self, cards, registered, present, issued):
        """The object that `minping count` prints for one election."""
        ids = [candidate["id"] for candidate in self.contest["candidates"]]
        for _, name in sorted(entry for card in cards for entry in card["written"]):
            self.person(name)  # a name is shown as it was written first
        verdicts = [self.judge(card) for card in cards]
        returned = len(cards)
        cap = {"registered": registered, "present": present, "issued": issued}[self.rules["cap"]]
        valid, void, pending = (sum(verdict[0] == kind for verdict in verdicts)
                                for kind in ("valid", "void", "disputed"))
        is_decided = returned <= cap and pending == 0
        bases = {"registered": registered, "present": present, "issued": issued,
                 "returned": returned, "valid": valid}
        if self.mistake == "void-out":
            bases.update({name: bases[name] - void for name in bases if name != "valid"})
        if returned > cap:
            valid, void, pending = 0, returned, 0  # E6: all of it is void
        elif pending:
            valid = void = 0  # no figure before the last ruling
        table = {candidate: {FOR: 0, AGAINST: 0, ABSTAIN: 0} for candidate in ids}
        names = {("name", name): 0 for name in self.adopted.values()}
        for verdict in verdicts if is_decided else []:
            if verdict[0] == "valid":
                self.add(verdict[1], verdict[2], table, names)
        votes = {candidate: row[FOR] for candidate, row in table.items()}
        votes.update(names)
        answer = {
            "id": self.contest["id"], "registered": registered, "present": present,
            "issued": issued, "returned": returned, "valid": valid, "void": void,
            "pending": pending, "stage": self.stage, "seats": self.seats,
            "candidates": [{"id": candidate, **row} for candidate, row in table.items()
                           if candidate in self.slate or row[FOR] > 0],
        }
        listed = sorted((-count, self.shown[name[1]], name) for name, count in names.items()
                        if is_decided and (count > 0 or name[1] in self.adopted.values()))
        answer["writeins"] = [{"text": shown, FOR: -count} for count, shown, _ in listed[:32]]
        answer["writeins_rest"] = max(0, len(listed) - 32)
        majority = self.rules["majority"]
        first = self.reading(votes, listed, majority["base"], bases, is_decided)
        answer.update(first)
        answer["disputed"] = None
        if majority["disputed_base"] is not None:
            answer["disputed"] = self.reading(votes, listed, majority["disputed_base"], bases,
                                              is_decided)
        answer["decision"] = ("void" if returned > cap else "pending" if pending else
                              "run-off" if first["runoff"] else
                              "another" if first["missing"] else "elected")
        return answer

    def add(self, marks, persons, table, names):
        """One valid ballot: nobody has two votes of it."""
        marks = dict(marks)
        for person in persons:
            marks[person] = FOR
        for person, choice in marks.items():
            if isinstance(person, tuple):
                names[person] = names.get(person, 0) + (choice == FOR)
            else:
                table[person][choice] += 1

    def reading(self, votes, listed, base, bases, is_decided):
        elected, level, run_off_seats, missing = [], [], 0, 0
        if is_decided:
            elected, level, run_off_seats, missing = self.decide(votes, bases[base])
        needed = 0
        if self.needs_majority():
            needed = least_count(self.rules["majority"], bases[base], self.mistake)

        def printed(persons):
            return ([candidate["id"] for candidate in self.contest["candidates"]
                     if candidate["id"] in persons] +
                    [shown for _, shown, name in listed if name in persons])
        return {"base": base, "base_count": bases[base], "needed": needed,
                "elected": printed(elected), "runoff": printed(level),
                "runoff_seats": run_off_seats, "missing": missing}


# Appraisals -----------------------------------------------------------------------------------

class Appraisal:
    """All subjects of one appraisal."""

    def __init__(self, contest, rules, mistake=""):
        self.contest, self.rules, self.mistake = contest, rules, mistake
        self.criteria, self.grades = contest["criteria"], contest["grades"]
        self.values = {entry["grade"]: entry["value"] for entry in rules["values"] or []}
        weights = {entry["criterion"]: entry["weight"] for entry in rules["criteria"] or []}
        self.weights = {name: weights.get(name, 0) if weights else 1 for name in self.criteria}
        self.groups = {entry["group"]: entry["weight"] for entry in rules["groups"] or []}

    def is_void(self, card):
        """A9, A11."""
        rules = self.rules
        if card["remark"] in ("marked", "illegible"):
            return True
        chosen = [choice for choice, _ in card["marks"].values()]
        is_whole = len(chosen) == len(self.criteria)
        if rules["void_all_same"] and is_whole and len(set(chosen)) == 1 and len(chosen) > 1:
            return True
        if rules["void_all_top"] and is_whole and set(chosen) == {self.grades[0]} and \
                len(chosen) > 1:
            return True
        for quota in rules["quotas"] or []:
            count = chosen.count(quota["grade"])
            if quota["most"] is not None and count > quota["most"]:
                return True
            if quota["least"] is not None and count < quota["least"]:
                return True
        if rules["least_filled"] is not None:
            return not is_met(rules["least_filled"], len(chosen), len(self.criteria), self.mistake)
        return False

    def item_score(self, cards, criterion):
        """One criterion's score on these cards, A1 … A3; None without a mark that has a value."""
        points, base, scored = 0, 0, 0
        for card in cards:
            choice = card["marks"].get(criterion, (None, ""))[0]
            if choice is None:
                base += self.rules["blank_in_base"]
            elif self.values[choice] is None:
                base += self.rules["unscored_in_base"]
            else:
                points += self.values[choice]
                base += 1
                scored += 1
        return Fraction(points, base) if scored > 0 else None

    def weighed(self, scores, weights):
        """The mean of those scores that there are, by weight; None: there is none."""
        scores = {name: score for name, score in scores.items() if score is not None}
        total = sum(weights[name] for name in scores)
        if total == 0:
            return None
        return sum(score * weights[name] for name, score in scores.items()) / total

    def own_score(self, card):
        """One card's score, A10: what stays in the base as 0 is 0 here too."""
        scores = {}
        for criterion in self.criteria:
            value = 0 if self.rules["blank_in_base"] else None
            if criterion in card["marks"]:
                value = self.values[card["marks"][criterion][0]]
                if value is None and self.rules["unscored_in_base"]:
                    value = 0
            scores[criterion] = None if value is None else Fraction(value)
        return self.weighed(scores, self.weights)

    def trimmed(self, cards):
        """A10: without one of the highest and one of the lowest own scores. Of equal scores the
        highest is the card that comes first by its marks, the lowest the one that comes last."""
        trim = self.rules["trim_above"]
        own = []
        for card in cards:
            score = self.own_score(card)
            marks = [self.grades.index(card["marks"][criterion][0])
                     if criterion in card["marks"] else len(self.grades)
                     for criterion in self.criteria]
            if score is not None:
                own.append((-score, marks, card["card"]))
        if trim is None or len(own) <= trim or len(own) < 3:
            return cards
        own.sort()
        gone = (own[0][2], own[-1][2])
        return [card for card in cards if card["card"] not in gone]

    def item_of_groups(self, cards, criterion):
        """A5: each group's own score of the criterion, then by weight; never pooled first."""
        if not self.groups or self.mistake == "pooled":
            return self.item_score(self.trimmed(cards), criterion)
        parts = {}
        for group in self.groups:
            pool = self.trimmed([card for card in cards if card["group"] == group])
            parts[group] = self.item_score(pool, criterion)
        return self.weighed(parts, self.groups)

    def count_subject(self, subject, cards):
        rules = self.rules
        good = [card for card in cards if not self.is_void(card)]
        counts = {criterion: {grade: 0 for grade in self.grades} for criterion in self.criteria}
        for card in good:
            for criterion, (grade, _) in card["marks"].items():
                counts[criterion][grade] += 1
        marks = sum(sum(row.values()) for row in counts.values())

        def of_grades(grades):
            return sum(row[grade] for row in counts.values() for grade in grades)
        score, items = None, [None] * len(self.criteria)
        if rules["values"] is not None:
            items = [self.item_of_groups(good, criterion) for criterion in self.criteria]
            parts = dict(zip(self.criteria, items))
            if self.mistake == "twice":
                parts = {name: None if part is None else Fraction(half_up(part, 2), 100)
                         for name, part in parts.items()}
            score = self.weighed(parts, self.weights)  # A4
        remarks = []
        for remark in rules["remarks"] or []:
            met = is_met(remark, of_grades(remark["grades"]), marks, self.mistake)
            if marks > 0 and met == (remark["when"] == "over"):
                remarks.append(remark["id"])  # A7
        band = None
        for entry in rules["bands"] or []:
            if score is not None and band is None and score >= entry["least"]:
                band = entry["id"]  # A12
        satisfied = rules["satisfied"]
        return {
            "subject": subject, "returned": len(cards), "valid": len(good),
            "void": len(cards) - len(good), "exact": score, "score": printed_score(score),
            "items": [printed_score(item) for item in items],
            "satisfied": [of_grades(satisfied), marks] if satisfied else [0, 0],  # A6
            "rank": 0, "tied": 0, "band": band, "remarks": remarks,
            "shares": [shares(list(counts[criterion].values()), sum(counts[criterion].values()),
                              rules["rounding"]) for criterion in self.criteria],
            "counts": counts,
        }

    def count(self, cards):
        """The objects "items" and "subjects" that `minping count` prints."""
        subjects = [self.count_subject(subject["id"], [card for card in cards
                                                       if card["subject"] == subject["id"]])
                    for subject in self.contest["subjects"]]
        ranked = [row for row in subjects if self.rules["ranks"] and row["exact"] is not None]
        for row in ranked:  # A8
            row["rank"] = 1 + sum(other["exact"] > row["exact"] for other in ranked)
            row["tied"] = sum(other["exact"] == row["exact"] for other in ranked)
        floor = self.rules["floor"]
        lowest = max((row["rank"] for row in ranked), default=0)
        for row in ranked:
            if floor is not None and row["rank"] == lowest and row["exact"] < floor:
                row["remarks"].append("floor")
        items = [{"subject": row["subject"], "criterion": criterion,
                  "counts": row["counts"][criterion],
                  "valid": sum(row["counts"][criterion].values())}
                 for row in subjects for criterion in self.criteria]
        for row in subjects:
            del row["exact"], row["counts"]
        return {"items": items, "subjects": subjects}


def printed_score(score):
    if score is None:
        return None
    hundredths = half_up(score, 2)
    return f"{hundredths // 100}.{hundredths % 100:02}"

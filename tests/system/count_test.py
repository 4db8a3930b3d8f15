"""Proves that `minping count` counts a file of cards by the book, and refuses one that is wrong.

The worked examples of the rules that need a whole ballot box, W3 in both readings of the base among
them; every kind of contest; run-offs; text and JSON. Bad cards, options and events: every fault
with its place, status 1 or 2, and nothing counted or written.
"""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import hall

HEADER = "card,group,subject,item,choice,text\n"
NUMBERS = "一二三四五六七八九十"


def people(word, count, prefix, english):
    return [{"id": f"{prefix}{index + 1}",
             "name": hall.label(f"{word}{NUMBERS[index]}号", f"{english} {index + 1}")}
            for index in range(count)]


def appraisal_rules(groups):
    """Three grades of 100, 75 and 55 (A2), without what the example does not use."""
    return {
        "id": "values", "version": 1, "kind": "appraisal", "title": hall.label("三等次计分", "Values"),
        "source": hall.label("规则汇编第二节", "RULES section 2"), "answer": "last",
        "secrecy": "secret", "asking": "card", "rounding": "half-up", "quorum": None,
        "grade_count": 3,
        "values": [{"grade": "good", "value": 100}, {"grade": "fair", "value": 75},
                   {"grade": "poor", "value": 55}],
        "unscored_in_base": False, "blank_in_base": False, "criteria": None, "groups": groups,
        "satisfied": ["good", "fair"], "remarks": None, "ranks": True, "floor": None,
        "void_all_same": False, "void_all_top": False, "quotas": None, "trim_above": None,
        "least_filled": None, "bands": None}


def event(groups=None):
    return {
        "minping": 1, "id": "count-test", "title": hall.label("计票测试", "Count test"),
        "check_in": "officer",
        "groups": [{"id": name, "title": hall.label(name, name), "seats": seats}
                   for name, seats in (("a", 40), ("b", 300), ("c", 860))] +
                  [{"id": "pads", "title": hall.label("试用", "Test pads"), "seats": 2,
                    "test": True}],
        "rules": [appraisal_rules(groups)],
        "criteria": [{"id": "all", "title": hall.label("总体评价", "Overall")}],
        "grades": [{"id": name, "title": hall.label(title, name)}
                   for name, title in (("good", "好"), ("fair", "中"), ("poor", "差"))],
        "contests": [
            {"id": "committee", "kind": "election", "title": hall.label("支部委员会", "Committee"),
             "live": "hidden", "rules": "party-branch-election", "seats": 5,
             "candidates": people("候选人", 6, "c", "Candidate")},
            {"id": "three", "kind": "election", "title": hall.label("三名委员", "Three"),
             "live": "hidden", "rules": "party-branch-election", "seats": 3,
             "candidates": people("候选人", 5, "c", "Candidate")},
            {"id": "official", "kind": "appraisal", "title": hall.label("民主测评", "Appraisal"),
             "live": "tally", "rules": "values", "criteria": ["all"],
             "grades": ["good", "fair", "poor"], "subjects": people("区委常委", 2, "s", "Member")},
            {"id": "motion", "kind": "motion", "title": hall.label("不再选举", "Stop"),
             "live": "hidden", "rules": "plain-motion"},
            {"id": "poll", "kind": "poll", "title": hall.label("公开推荐", "Recommendation"),
             "live": "hidden", "rules": "public-recommendation", "choose": 2, "write_ins": 1,
             "options": people("推荐人选", 5, "p", "Proposed")}],
        "posts": [{"id": "officer-1", "role": "officer"},
                  {"id": "operator-1", "role": "operator"}]}


def ballots(votes, count, seats, group="c", first=1, write_ins=0):
    """`count` ballots on which each candidate has votes[id], none with more than `seats` of them;
    the first `write_ins` also name an outsider, with an against."""
    marks = [[] for _ in range(count)]
    at = 0
    for name, number in votes.items():
        for offset in range(number):
            marks[(at + offset) % count].append((name, "for", ""))
        at += number
    for index in range(write_ins):
        ballot = marks[(at + index) % count]
        ballot.append((next(name for name in votes if (name, "for", "") not in ballot),
                       "against", ""))
        ballot.append(("other-1", "", "票外人一号"))
    assert all(sum(choice != "against" for _, choice, _ in ballot) <= seats for ballot in marks)
    return "".join(f"{first + index},{group},,{item},{choice},{text}\n"
                   for index, ballot in enumerate(marks)
                   for item, choice, text in ballot or [("", "blank", "")])


W3 = {"c1": 80, "c2": 74, "c3": 61, "c4": 52, "c5": 46, "c6": 30}
W3_VOID = "".join(f"86,c,,c{index},for,\n" for index in range(1, 7)) + \
    "87,c,,c1,for,\n87,c,,,marked,\n"
W3_TURNOUT = ["--registered", 100, "--present", 88, "--issued", 88]


class Count(hall.Scenario):
    def setUp(self):
        super().setUp()
        self.write(self.event_path, event())
        self.cards_path = self.path("cards.csv")

    def count(self, contest, lines, *options, status=0, bom=False):
        self.write(self.cards_path, ("\ufeff" if bom else "") + HEADER + lines)
        return self.run_program(hall.MINPING, "count", "--event", self.event_path, "--contest",
                                contest, "--cards", self.cards_path, *options, status=status)

    def election(self, contest, lines, *options, **how):
        return json.loads(self.count(contest, lines, *options, **how).stdout)["contests"][0]

    def test_w3_elects_five_of_those_present_and_four_of_the_roll(self):
        lines = ballots(W3, 85, 5, write_ins=12) + W3_VOID
        for bom in (False, True):
            found = self.election("committee", lines, *W3_TURNOUT, bom=bom)
            self.assertEqual(
                {"registered": 100, "present": 88, "issued": 88, "returned": 87, "valid": 85,
                 "void": 2, "pending": 0, "base": "present", "base_count": 88, "needed": 45,
                 "elected": ["c1", "c2", "c3", "c4", "c5"], "runoff": [], "missing": 0,
                 "decision": "elected"},
                {key: found[key] for key in ("registered", "present", "issued", "returned",
                                             "valid", "void", "pending", "base", "base_count",
                                             "needed", "elected", "runoff", "missing",
                                             "decision")})
            self.assertEqual({"base": "registered", "base_count": 100, "needed": 51,
                              "elected": ["c1", "c2", "c3", "c4"], "runoff": [],
                              "runoff_seats": 0, "missing": 1}, found["disputed"])
            self.assertEqual([{"text": "票外人一号", "for": 12}], found["writeins"])
            self.assertEqual(list(W3.values()), [row["for"] for row in found["candidates"]])
            for row in found["candidates"]:
                self.assertEqual(85, row["for"] + row["against"] + row["abstain"], row)

    def test_w3_in_the_other_reading_of_the_base(self):
        document = event()
        with open(os.path.join(hall.ROOT, "server", "rules", "party-branch-election.json"),
                  encoding="utf-8") as file:
            rules = json.load(file)
        rules["id"] = "by-the-roll"
        rules["majority"].update({"base": "registered", "disputed_base": "present"})
        document["rules"].append(rules)
        document["contests"][0]["rules"] = "by-the-roll"
        self.write(self.event_path, document)
        found = self.election("committee", ballots(W3, 85, 5, write_ins=12) + W3_VOID, *W3_TURNOUT)
        self.assertEqual((["c1", "c2", "c3", "c4"], 1, "another", 51),
                         (found["elected"], found["missing"], found["decision"], found["needed"]))
        self.assertEqual((["c1", "c2", "c3", "c4", "c5"], 0, 45),
                         (found["disputed"]["elected"], found["disputed"]["missing"],
                          found["disputed"]["needed"]))

    def test_w3_as_a_protocol_in_both_languages(self):
        lines = ballots(W3, 85, 5, write_ins=12) + W3_VOID
        for language, words in (("zh-CN", ("应到", "候选人五号", "票外人一号")),
                                ("en", ("Registered", "Candidate 5", "票外人一号"))):
            said = self.count("committee", lines, *W3_TURNOUT, "--format", "text", "--lang",
                              language).stdout
            for word in (*words, "party-branch-election", "E9", "45", "51", "88", "100"):
                self.assertIn(word, said)

    def test_w4_tie_at_the_cut_and_its_run_off(self):
        votes = {"c1": 50, "c2": 44, "c3": 38, "c4": 38, "c5": 10}
        turnout = ["--registered", 64, "--present", 60]
        found = self.election("three", ballots(votes, 60, 3), *turnout)
        self.assertEqual((["c1", "c2"], ["c3", "c4"], 1, "run-off", 31),
                         (found["elected"], found["runoff"], found["runoff_seats"],
                          found["decision"], found["needed"]))
        self.assertEqual((33, ["c3", "c4"]), (found["disputed"]["needed"],
                                              found["disputed"]["runoff"]))
        run_off = ["--stage", "run-off", "--seats", 1, "--candidates", "c3,c4"]
        found = self.election("three", ballots({"c3": 29, "c4": 28}, 60, 1), *turnout, *run_off)
        self.assertEqual((["c3"], "elected", "run-off"),
                         (found["elected"], found["decision"], found["stage"]))
        lines = ballots({"c3": 20, "other-1": 21}, 60, 1)
        found = self.election("three", lines, *turnout, *run_off[:-1], "c3", "--names",
                              "票外人一号")
        self.assertEqual((["票外人一号"], [{"text": "票外人一号", "for": 21}]),
                         (found["elected"], found["writeins"]))

    def test_w5_half_is_not_elected_and_w6_over_return_is_void(self):
        found = self.election("three", ballots({"c1": 30}, 60, 3), "--registered", 60)
        self.assertEqual(([], 3, "another"), (found["elected"], found["missing"],
                                              found["decision"]))
        found = self.election("three", ballots({"c1": 80}, 89, 3), "--registered", 88)
        self.assertEqual(("void", 0, 89), (found["decision"], found["valid"], found["void"]))

    def test_w7_waits_for_a_ruling(self):
        lines = "1,a,,other-1,,票外人一号\n2,a,,c1,for,\n"
        found = self.election("three", lines, "--registered", 3)
        self.assertEqual(("pending", 1), (found["decision"], found["pending"]))
        for ruling, valid, votes in (("count", 2, [{"text": "票外人一号", "for": 1}]),
                                     ("drop", 2, []), ("void", 1, [])):
            found = self.election("three", lines + f"1,a,,,ruling-{ruling},\n", "--registered", 3)
            self.assertEqual((0, valid, votes), (found["pending"], found["valid"],
                                                 found["writeins"]))
        said = self.count("three", lines + "2,a,,,ruling-void,\n", status=1).stderr
        self.assertIn("cards.csv:4", said)
        self.assertIn("needs no ruling", said)

    def appraisal_lines(self, subject="s1"):
        groups = {"a": (30, 8, 2, 0), "b": (190, 90, 20, 0), "c": (592, 212, 53, 8)}
        rows, number = [], 0
        for group, counts in groups.items():
            for grade, count in zip(("good", "fair", "poor", None), counts):
                for _ in range(count):
                    number += 1
                    mark = f"all,{grade}" if grade else ",blank"
                    rows.append(f"{number},{group},{subject},{mark},\n")
        return "".join(rows)

    def test_appraisal_with_and_without_weights_of_groups(self):
        lines = self.appraisal_lines()
        found = json.loads(self.count("official", lines).stdout)
        self.assertEqual([{"subject": "s1", "criterion": "all", "valid": 1197,
                           "counts": {"good": 812, "fair": 310, "poor": 75}}], found["items"][:1])
        first, second = found["subjects"]
        self.assertEqual((1205, 1205, 0, "90.71", [[6784, 2590, 627]], [1122, 1197], 1),
                         (first["returned"], first["valid"], first["void"], first["score"],
                          first["shares"], first["satisfied"], first["rank"]))
        self.assertEqual((0, None, [[0, 0, 0]], 0), (second["returned"], second["score"],
                                                     second["shares"], second["rank"]))
        weighed = event([{"group": "a", "weight": 20}, {"group": "b", "weight": 40},
                         {"group": "c", "weight": 40}])
        self.write(self.event_path, weighed)
        found = json.loads(self.count("official", lines).stdout)
        self.assertEqual("90.76", found["subjects"][0]["score"])
        self.assertIn("90.76", self.count("official", lines, "--format", "text").stdout)

    def test_motions_and_polls(self):
        lines = "".join(f"{number},a,,motion,{'for' if number <= 50 else 'against'},\n"
                        for number in range(1, 89))
        found = json.loads(self.count("motion", lines, "--registered", 88).stdout)["motions"][0]
        self.assertEqual((50, 38, 0, 88, 0, "passed", 45),
                         (found["for"], found["against"], found["abstain"], found["valid"],
                          found["void"], found["decision"], found["needed"]))
        lines = ("1,a,,p1,chosen,\n1,a,,p2,chosen,\n2,a,,p1,chosen,\n2,a,,other-1,,票外人一号\n"
                 "5,c,,other-1,chosen,票外人 一号\n6,c,,other-1,,推荐人选四号\n"
                 "3,b,,p1,chosen,\n3,b,,p2,chosen,\n3,b,,p3,chosen,\n4,b,,p3,chosen,\n")
        found = json.loads(self.count("poll", lines).stdout)["polls"][0]
        self.assertEqual(([2, 1, 1, 1, 0], [{"text": "票外人一号", "for": 2}], 5, 1),
                         ([row["count"] for row in found["options"]], found["writeins"],
                          found["valid"], found["void"]))
        self.assertEqual((["p1", "票外人一号"], ["p2", "p3", "p4"]),
                         (found["shortlist"], found["tied"]))
        for contest in ("motion", "poll"):
            self.assertIn("应到", self.count(contest, "", "--format", "text").stdout)

    def test_nobody_voted(self):
        found = self.election("committee", "", "--registered", 0)
        self.assertEqual((0, [], 5, "another"), (found["returned"], found["elected"],
                                                 found["missing"], found["decision"]))

    def test_a_result_is_written_whole_or_not_at_all(self):
        output = self.path("result.json")
        self.count("motion", "1,a,,motion,maybe,\n", "-o", output, status=1)
        self.assertFalse(os.path.exists(output))
        done = self.count("motion", "1,a,,motion,for,\n", "-o", output)
        self.assertEqual("", done.stdout)
        self.assertEqual(1, self.read_json(output)["motions"][0]["for"])

    def test_every_fault_of_the_cards_is_said_and_nothing_counted(self):
        lines = ("1,a,,c1,for,\n1,a,,c1,against,\n2,x,,c1,for,\n3,a,,c9,for,\n4,a,,c1,good,\n"
                 "5,a,,c1,for\n6,a,s1,c1,for,\n7,pads,,c1,for,\n8,a,,other-1,,\n"
                 f"9,a,,other-1,,{'一' * 31}\n10,a,,other-1,,a\tb\n11,b,,c2,for,\n1,b,,c2,for,\n")
        done = self.count("committee", lines, status=1)
        self.assertEqual("", done.stdout)
        for line in (3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14):
            self.assertIn(f"{self.cards_path}:{line}:", done.stderr)
        self.assertEqual(11, len(done.stderr.splitlines()), done.stderr)
        said = self.count("committee", "".join(f"{number},x,,c1,for,\n" for number in range(100)),
                          status=1).stderr
        self.assertIn("and 36 more", said)

    def test_candidates_who_do_not_stand_are_refused(self):
        said = self.count("committee", "1,a,,c1,for,\n", "--stage", "another", "--seats", 1,
                          "--candidates", "c5,c6", status=1).stderr
        self.assertIn("'c1'", said)

    def test_options_that_cannot_be(self):
        for options, said in (
                (["--registered", 10, "--present", 11], "present 11"),
                (["--present", 10, "--issued", 11], "issued 11"),
                (["--seats", 6], "'6'"), (["--candidates", "c1,c9"], "'c9'"),
                (["--candidates", "c1,c1"], "'c1'"),
                (["--names", "票外人一号"], "first round"),
                (["--stage", "another", "--names", "一号,一号"], "twice"),
                (["--stage", "another", "--names", "一,二,三,四,五,六"], "more names")):
            with self.subTest(options=options):
                self.assertIn(said, self.count("committee", "", *options, status=1).stderr)
        self.assertIn("elections", self.count("motion", "", "--seats", 1, status=1).stderr)
        self.assertIn("'nothing'", self.count("nothing", "", status=1).stderr)
        self.assertIn("cannot open", self.run_program(
            hall.MINPING, "count", "--event", self.event_path, "--contest", "motion", "--cards",
            self.path("none.csv"), status=1).stderr)

    def test_wrong_usage(self):
        sound = ["--event", self.event_path, "--contest", "motion", "--cards", self.cards_path]
        for line in (sound[2:], sound[:2] + sound[4:], sound[:4], [*sound, "--registered", "x"],
                     [*sound, "--issued", 100001], [*sound, "--seats", 0],
                     [*sound, "--stage", "last"], [*sound, "--format", "csv"],
                     [*sound, "--data", self.data], [*sound, "extra"]):
            with self.subTest(line=line):
                done = self.run_program(hall.MINPING, "count", *line, status=2)
                self.assertNotEqual("", done.stderr)
        self.run_program(hall.MINPING, "results", "--data", self.data, "--registered", 1, status=2)

    def test_an_event_with_faults_counts_nothing(self):
        document = event()
        document["contests"][0]["rules"] = "none-such"
        self.write(self.event_path, document)
        self.assertIn("$.contests[0].rules", self.count("motion", "", status=1).stderr)


if __name__ == "__main__":
    hall.main()

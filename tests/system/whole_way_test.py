"""Proves the whole way: what the hall had acknowledged is what the server counts, and nothing else.

Sixty keypads vote on three subjects, change their minds, resend and lose their connections; then
truth equals results, asked of the running server and read from the log of the stopped one, and
the recount agrees. A close in the middle of the voting and a stop of the server in the middle of
it lose nothing. The controls: a truth with one count changed, and an acknowledgement that the log
does not hold, are found.
"""

import copy
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import hall
import same


class WholeWay(hall.Scenario):
    def vote_on(self, subject, marks):
        """Opens, lets the hall vote until so many marks are recorded in all rounds, closes."""
        self.minping("open", "appraisal", subject)
        self.wait_recorded(marks)
        self.minping("close")

    def test_truth_equals_results(self):
        server = self.start_server()
        acks = self.path("acks")
        voters = self.start_hall("--until-closed", 3, "--rate", hall.FAST_RATE, "--resend", 0.2,
                                 "--revote", 0.2, "--drop", 0.01, "--acks", acks)
        for number, subject in enumerate(("s01", "s02", "s03"), 1):
            self.vote_on(subject, number * 630)
        figures = self.figures(voters)
        for what in ("resent", "dropped", "reconnects", "acked_again"):
            self.assertGreater(figures[what], 0, figures)
        truth = self.read_json(self.path("truth.json"))
        self.assertEqual(33, len(truth["items"]))
        self.assert_same(truth, self.results())

        refused = self.run_program(hall.MINPING, "results", "--data", self.data, "--format",
                                   "json", status=1)
        self.assertIn("--url", refused.stderr)
        self.assertEqual(0, server.stop())
        self.assert_same(truth, self.results(by_data=True))
        self.run_program(hall.MINPING, "verify", "--data", self.data)
        self.run_program(hall.MINPING, "verify", "--data", self.data, "--acks", acks)
        self.check_formats(truth)
        self.check_controls(truth, acks)

    def check_formats(self, truth):
        for form in ("csv", "text"):
            shown = self.run_program(hall.MINPING, "results", "--data", self.data, "--format",
                                     form).stdout
            for item in truth["items"]:
                self.assertIn(str(item["counts"]["good"]), shown)

    def check_controls(self, truth, acks):
        forged = copy.deepcopy(truth)
        forged["items"][17]["counts"]["good"] += 1
        forged["items"][17]["valid"] += 1
        found = same.differences(forged, self.results(by_data=True))
        self.assertEqual(1, len(found), found)
        with open(acks, encoding="utf-8") as file:
            lines = file.read().splitlines()
        self.assertGreaterEqual(len(lines), 60 * 3)
        with open(acks, "w", encoding="utf-8") as file:
            file.write("\n".join(lines + [hall.forge_ack(lines[-1])]) + "\n")
        self.run_program(hall.MINPING, "verify", "--data", self.data, "--acks", acks, status=1)

    def test_close_in_the_middle_of_the_voting(self):
        self.start_server()
        voters = self.start_hall("--until-closed", 2, "--rate", hall.SLOW_RATE, seats=59)
        for subject, marks in (("s01", 100), ("s02", 200)):
            self.vote_on(subject, marks)
            late = self.voter(60)
            late.cast(1, late.welcome["round"]["round"], "00000000000000aa", [(10, 9, 0)])
            late.refused("closed")
            late.close()
        self.figures(voters)
        truth = self.read_json(self.path("truth.json"))
        self.assert_same(truth, self.results())
        self.assertLess(sum(item["valid"] for item in truth["items"]), 2 * 620,
                        "everybody had voted before the close: nothing was proved")

    def test_sigterm_in_the_middle_of_the_voting_loses_nothing(self):
        server = self.start_server()
        voters = self.start_hall("--until-closed", 1, "--rate", hall.SLOW_RATE, "--resend", 0)
        self.minping("open", "appraisal", "s01")
        for count in (50, 250):
            self.wait_recorded(count)
            self.assertEqual(0, server.stop())
            time.sleep(0.3)
            server = self.start_server(again=True)
            time.sleep(1)  # all are back, and lose it again
        self.wait_recorded(620)
        self.minping("close")
        figures = self.figures(voters)
        self.assertGreaterEqual(figures["reconnects"], 2 * 60, figures)
        self.assert_same(self.read_json(self.path("truth.json")), self.results())


if __name__ == "__main__":
    hall.main()

"""Proves that nothing leaves the server before the event's rules let it out.

The same votes are cast under live: hidden, turnout and tally, while a viewer, an overlay and a
screen listen and the public view is fetched. Hidden: no turnout and no figure, turnout: no figure,
in any message or document while the round is open. The control: under tally both are there, and
after the close they are there under every rule.
"""

import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import hall
import ws


class Disclosure(hall.Scenario):
    def collect(self, peer, messages, want):
        """Adds views of `peer` until one fits `want`."""
        deadline = time.monotonic() + hall.LONG_S
        while time.monotonic() < deadline:
            view = peer.expect("view")
            messages.append(view)
            if want(view):
                return
        self.fail("the wanted view did not come")

    def vote(self, live):
        """Ten seats vote under `live`; every live figure heard while it was open, and after it."""
        self.write(self.event_path, hall.event(live=live))
        server = self.start_server()
        listeners = [ws.Peer(self.url, "viewer"), self.post("overlay-1"), self.post("screen-1")]
        self.minping("open", "appraisal", "s01")
        for seat in range(1, 11):
            voter = self.voter(seat)
            voter.cast(1, 1, f"{seat:016x}", [(item, 1, 0) for item in range(11)])
            voter.expect("ack", id=1)
            voter.close()
        time.sleep(0.5)
        documents = [self.get(self.url, "/api/v1/view")[2], self.get(self.desk, "/api/v1/view")[2]]
        views = [json.loads(document) for document in documents]
        self.minping("close")
        after = []
        for listener in listeners:
            heard = []
            self.collect(listener, heard, lambda view: view["live"] and
                         view["live"]["state"] == "closed")
            after.append(heard.pop()["live"])
            views += heard
            listener.close()
        after += json.loads(self.get(self.url, "/api/v1/view")[2])["figures"]
        lines = server.all_errors()
        self.assertEqual(0, server.stop())
        self.assertNotIn(self.credential(1), lines)
        opened = [view["live"] for view in views if view["live"]]
        self.assertTrue(any(figures["state"] == "open" for figures in opened), "none while open")
        self.check_after(after)
        return opened

    def check_after(self, after):
        self.assertEqual(4, len(after))
        for figures in after:
            self.assertEqual((10, [[10, 0, 0]] * 11), (figures["cast"], figures["items"]))

    def test_hidden_shows_neither_turnout_nor_figures(self):
        for figures in self.vote("hidden"):
            self.assertNotIn("items", figures)
            self.assertNotIn("cast", figures)

    def test_turnout_shows_no_figures(self):
        opened = self.vote("turnout")
        for figures in opened:
            self.assertNotIn("items", figures)
        self.assertEqual(10, max(figures["cast"] for figures in opened))

    def test_control_tally_shows_both(self):
        opened = self.vote("tally")
        self.assertEqual(10, max(figures["cast"] for figures in opened))
        self.assertIn([10, 0, 0], opened[-1]["items"] + opened[0]["items"])

    def test_names_written_in_are_not_heard_of_before_the_count(self):
        """A name's first vote is a commit more, which /metrics would tell."""
        event = hall.event()
        event["check_in"] = "officer"
        event["groups"] = event["groups"][:1]
        event["groups"][0]["seats"] = 5
        event["posts"] = event["posts"][:3]
        del event["criteria"], event["grades"]
        event["contests"] = [{
            "id": "committee", "kind": "election", "title": hall.label("选举", "Election"),
            "rules": "party-branch-election", "live": "turnout", "seats": 1,
            "candidates": [{"id": f"c{index}", "name": hall.label(f"候选人{index}号", f"C {index}")}
                           for index in range(1, 3)]}]
        self.write(self.event_path, event)
        self.start_server()

        def commits():
            return b"minping_log_commit" in self.get(self.desk, "/metrics")[2]

        self.assertTrue(commits())
        self.minping("checkin", "1-5")
        self.minping("open", "committee")
        voter = self.voter(1)
        voter.send({"t": "cast", "id": 1, "round": 1, "nonce": "0123456789abcdef",
                    "marks": [0, 1, 1, 1, 1, 1, 2, 1, 1], "names": ["另选人一号"]})
        voter.expect("ack", id=1)
        self.assertFalse(commits())
        self.minping("close")
        self.assertTrue(commits())
        names = json.loads(self.get(self.url, "/api/v1/view")[2])["figures"][0]["election"]["names"]
        self.assertEqual(["另选人一号"], [name["name"] for name in names])


if __name__ == "__main__":
    hall.main()

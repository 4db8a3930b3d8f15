"""Proves that each voter counts once, whatever sockets, stations and restarts carry the vote.

Pads and a base station cast for the same seats over real sockets. At random, by a printed seed
(MINPING_TEST_SEED): both cast for one voter in the same moment, with the same version; cards are
sent again, over the other way too; sessions move to a new socket while a cast is under way; the
base station starts anew; the server is killed and started again; after the close, and after another
restart, everything is sent once more. Of two cards with one version one is recorded, and stays
so. A receipt is the same all through the round. The results equal a fold of what was acknowledged.

The control: the same fold without the rule that the highest version alone counts, as a server
without it would have it, comes to something else.

By hand: exactly_once_test.py STEPS.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import hall
import ws

STEPS = 150
SEATS = 24
ITEMS, CHOICES = 11, 3
GRADES = ("good", "fair", "poor")
NOT_TAKEN = ("conflict", "superseded", "closed")


class Card:
    """One intent of one voter. outcome: None while nobody knows, 'ack', or why it was refused."""

    def __init__(self, seat, nonce, marks):
        self.seat = seat
        self.nonce = nonce
        self.marks = marks
        self.outcome = None

    def flat(self):
        return [number for mark in self.marks for number in mark]


class Way:
    """A socket that cards go over, and what was sent on it that is not answered yet."""

    def __init__(self, peer):
        self.peer = peer
        self.waiting = {}
        self.next_id = 1

    def send(self, card):
        try:
            if self.peer.welcome["role"] == "base":
                self.peer.send({"t": "casts", "id": self.next_id, "round": 1,
                                "cards": [[card.seat, card.nonce, *card.flat()]]})
            else:
                self.peer.cast(self.next_id, 1, card.nonce, card.marks)
        except ConnectionError:
            return
        self.waiting[self.next_id] = card
        self.next_id += 1

    def answers(self):
        """[(card, receipt or None, reason or None)] until all are answered or the socket ends."""
        found = []
        while self.waiting:
            try:
                message = self.peer.expect("ack", "refused")
            except (ws.Closed, ConnectionError):
                break
            card = self.waiting.pop(message.get("id"), None)
            if card is None:
                continue  # "replaced": of no card
            if message["t"] == "refused":
                found.append((card, None, message["reason"]))
            elif "cards" in message:
                answer = message["cards"][0]
                found.append((card, answer[1] or None, answer[2] if len(answer) > 2 else None))
            else:
                found.append((card, message["receipt"], None))
        return found


class ExactlyOnce(hall.Scenario):
    def setUp(self):
        super().setUp()
        self.write(self.event_path, hall.event(seats=SEATS))
        self.server = self.start_server()
        self.minping("open", "appraisal", "s01")
        self.credentials = {seat: self.credential(seat) for seat in range(1, SEATS + 1)}
        self.pads, self.base, self.replaced = {}, None, []
        self.cards, self.receipts, self.versions = [], {}, {}
        self.busy = []
        self.ack_count = 0
        self.happened = dict.fromkeys(("races", "resends", "moves", "stations", "restarts"), 0)

    def tearDown(self):
        self.drop_all()
        super().tearDown()

    # Ways --------------------------------------------------------------------------------------

    def pad(self, seat, is_new=False):
        if is_new or seat not in self.pads:
            self.replaced.append(self.pads.get(seat))
            self.pads[seat] = Way(ws.Peer(self.url, "voter", self.credentials[seat]))
        return self.pads[seat]

    def station(self, is_new=False):
        if is_new or self.base is None:
            self.replaced.append(self.base)
            self.base = Way(self.post("base-1"))
        return self.base

    def way(self, seat):
        return self.station() if self.random.random() < 0.5 else self.pad(seat)

    def drop_all(self):
        for way in [*self.pads.values(), *self.replaced, self.base]:
            if way:
                way.peer.close()
        self.pads, self.base, self.replaced = {}, None, []

    # Steps -------------------------------------------------------------------------------------

    def card(self, seat, versions=None):
        """A new intent for one to three items; versions: {item: version} of another one."""
        items = versions or self.random.sample(range(ITEMS), self.random.randint(1, 3))
        marks = []
        for item in items:
            if not versions:
                self.versions[seat, item] = self.versions.get((seat, item), 0) + 1
            version = versions[item] if versions else self.versions[seat, item]
            marks.append((item, version, self.random.randrange(CHOICES)))
        self.cards.append(Card(seat, f"{self.random.getrandbits(64):016x}", marks))
        return self.cards[-1]

    def race(self, seat):
        """Two sockets cast for the voter in the same moment, one version, two minds."""
        card = self.card(seat)
        other = self.card(seat, {item: version for item, version, _ in card.marks})
        self.happened["races"] += 1
        if self.random.random() < 0.3:
            return self.send_over_two_pads(seat, card, other)
        ways = [self.pad(seat), self.station()]
        self.random.shuffle(ways)
        ways[0].send(card)
        ways[1].send(other)
        return ways

    def send_over_two_pads(self, seat, card, other):
        """The newer socket takes the seat while the older one's card is under way."""
        old = self.pad(seat)
        old.send(card)
        new = self.pad(seat, is_new=True)
        new.send(other)
        return [old, new]

    def move(self, seat):
        """A cast is under way while a newer socket takes the seat and sends it again."""
        card = self.card(seat)
        self.happened["moves"] += 1
        return self.send_over_two_pads(seat, card, card)

    def step(self):
        """Some of everything, sent before anything is answered; then the answers."""
        ways = []
        for seat in self.random.sample(range(1, SEATS + 1), 6):
            draw = self.random.random()
            if draw < 0.3:
                ways += self.race(seat)
            elif draw < 0.5:
                ways += self.move(seat)
            elif draw < 0.7 and self.cards:
                card = self.random.choice(self.cards[-40:])
                ways.append(self.way(card.seat))
                ways[-1].send(card)
                self.happened["resends"] += 1
            else:
                ways.append(self.way(seat))
                ways[-1].send(self.card(seat))
        if self.random.random() < 0.1:
            ways.append(self.station())
            ways.append(self.station(is_new=True))
            self.check_versions(self.base.peer.welcome)
            self.happened["stations"] += 1
        if self.random.random() < 0.04:
            self.server.kill()
            self.take(ways)
            self.restart()
            return
        self.take(ways)

    def restart(self):
        self.server.kill()
        self.drop_all()
        self.server = self.start_server(again=True)
        self.happened["restarts"] += 1

    def take(self, ways):
        for way in dict.fromkeys(ways):
            for card, receipt, reason in way.answers():
                self.answer(card, receipt, reason)

    def answer(self, card, receipt, reason):
        if receipt:
            self.ack_count += 1
            self.assertIn(card.outcome, (None, "ack"), "a card that was refused is never recorded")
            self.assertEqual(receipt, self.receipts.setdefault(card.seat, receipt))
            card.outcome = "ack"
        elif reason in NOT_TAKEN:
            if card.outcome == "ack":
                self.assertEqual("superseded", reason, "what is recorded stays so")
            else:
                card.outcome = reason
        else:
            self.assertEqual("busy", reason)
            self.busy.append(card)

    def check_versions(self, welcome):
        """A station that starts anew hears what is recorded, and so goes on from there."""
        heard = {row[0]: row[1:] for row in welcome["versions"]}
        for card in self.cards:
            if card.outcome == "ack":
                for item, version, _ in card.marks:
                    self.assertGreaterEqual(heard[card.seat][item], version)

    def settle(self):
        """Sends what nobody answered again, until somebody does."""
        def rest():
            left = [card for card in self.cards if card.outcome is None]
            for card in left[:20]:
                way = self.station()
                way.send(card)
                self.take([way])
                if way.waiting:
                    self.drop_all()
            return not left
        self.wait_until(rest, "an answer to every card")

    def send_all_again(self):
        for card in self.cards:
            before = card.outcome
            way = self.way(card.seat)
            while True:
                self.busy.clear()
                way.send(card)
                self.take([way])
                self.assertEqual({}, way.waiting, "every card is answered")
                if not self.busy:
                    break
                way = self.station()  # a pad has the pace of a person
            if before != "ack":
                self.assertIn(card.outcome, NOT_TAKEN)

    # Folds -------------------------------------------------------------------------------------

    def fold(self, has_dedupe):
        """Counts of each item and grade, from the acknowledged cards."""
        latest = {}
        counts = [dict.fromkeys(GRADES, 0) for _ in range(ITEMS)]
        for card in self.cards:
            for item, version, choice in card.marks if card.outcome == "ack" else ():
                place = (card.seat, item)
                if has_dedupe and version > latest.get(place, (0, 0))[0]:
                    latest[place] = (version, choice)
                elif not has_dedupe:
                    counts[item][GRADES[choice]] += 1
        for (_, item), (_, choice) in latest.items():
            counts[item][GRADES[choice]] += 1
        return counts

    def test_each_voter_counts_once(self):
        print(f"seed {self.seed}")
        for _ in range(STEPS):
            self.step()
        self.settle()
        self.minping("close")
        self.send_all_again()
        late = self.card(1)
        way = self.pad(1, is_new=True)
        way.send(late)
        self.take([way])
        self.assertEqual("closed", late.outcome)
        self.restart()
        self.send_all_again()
        counted = [item["counts"] for item in self.results()["items"]]
        self.assertEqual(self.fold(has_dedupe=True), counted)
        self.assertNotEqual(self.fold(has_dedupe=False), counted, "the control")
        self.drop_all()
        self.assertEqual(0, self.server.stop())
        self.run_program(hall.MINPING, "verify", "--data", self.data)
        acked = sum(card.outcome == "ack" for card in self.cards)
        print(f"{len(self.cards)} cards, {acked} recorded, {self.ack_count} acknowledgements; "
              f"{self.happened}")
        for what, count in self.happened.items():
            self.assertGreater(count, 0, f"{what} happened")


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1].isdigit():
        STEPS = int(sys.argv.pop(1))
    hall.main()

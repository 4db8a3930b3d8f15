/*
 * Admission of casts: what is new is offered to the log, what is known gets the same ack, the rest
 * a refusal by name (DESIGN §3, version and nonce).
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/service/room_impl.h"

/* What a card is to a box: new, recorded before, or refused with the first item concerned. */
static enum verdict card_check(const struct ballot_box *box, const uint8_t slot[SLOT_SIZE],
                               const struct cast_card *card, const struct cast_mark *marks,
                               struct card_outcome *outcome)
{
    uint32_t recorded_count = 0;
    int32_t first_new = -1;
    int32_t first_low = -1;
    uint32_t versions[ITEM_MAX];
    for (uint32_t i = 0; i < card->mark_count; i++) {
        const struct cast_mark *mark = &marks[card->first_mark + i];
        enum verdict verdict =
            ballot_box_check(box, slot, mark->item, mark->version, card->nonce, &versions[i]);
        if (verdict == VERDICT_CONFLICT) {
            outcome->item = mark->item;
            outcome->version = versions[i];
            return VERDICT_CONFLICT;
        }
        recorded_count += verdict == VERDICT_RECORDED;
        if (verdict == VERDICT_NEW && first_new < 0) {
            first_new = (int32_t)i;
        }
        if (verdict == VERDICT_SUPERSEDED && first_low < 0) {
            first_low = (int32_t)i;
        }
    }
    if (recorded_count > 0 && first_new < 0) {
        return VERDICT_RECORDED; /* casts are whole: one mark of it proves the rest was there */
    }
    if (recorded_count == 0 && first_low < 0) {
        return VERDICT_NEW;
    }
    /* A nonce used again for more items, or an overtaken card. */
    int32_t at = recorded_count > 0 ? first_new : first_low;
    outcome->item = marks[card->first_mark + (uint32_t)at].item;
    outcome->version = versions[at];
    return recorded_count > 0 ? VERDICT_CONFLICT : VERDICT_SUPERSEDED;
}

/*
 * Whether every mark can stand on a card of the round, and every name on one of its lines;
 * otherwise outcome->item is the first that cannot. A name that no line uses would go into the log
 * of a round that has no place for it.
 */
static bool card_is_in_range(const struct room *room, const struct round *round,
                             const struct cast_card *card, const struct cast_mark *marks,
                             struct card_outcome *outcome)
{
    uint32_t used = 0;
    for (uint32_t i = 0; i < card->mark_count; i++) {
        const struct cast_mark *mark = &marks[card->first_mark + i];
        bool is_line = sitting_round_is_line(room->sitting, round, mark->item);
        uint32_t choice_count = is_line ? card->name_count + 1 : round->tally.grade_count;
        if (!sitting_round_has(room->sitting, round, mark->item) || mark->choice >= choice_count) {
            outcome->item = mark->item;
            return false;
        }
        used |= is_line ? 1u << mark->choice : 0;
    }
    uint32_t named = ((1u << card->name_count) - 1) << 1; /* name_count <= WRITE_IN_MAX */
    outcome->item = marks[card->first_mark].item;
    if ((named & ~used) != 0) {
        return false;
    }
    outcome->item = 0;
    return true;
}

/* A ballot of an election is cast whole, unless it is asked item by item: it names each item that
 * is on it. */
static bool card_is_whole(const struct room *room, const struct round *round,
                          const struct cast_card *card, const struct cast_mark *marks,
                          struct card_outcome *outcome)
{
    uint64_t items = 0;
    const struct contest *contest = &room->event->contests[round->contest];
    if (contest->kind != CONTEST_ELECTION || contest->rules->asking == ASKING_ITEM) {
        return true;
    }
    for (uint32_t i = 0; i < card->mark_count; i++) {
        items |= 1ull << marks[card->first_mark + i].item;
    }
    for (uint32_t item = 0; item < round->tally.item_count; item++) {
        if ((items >> item & 1) == 0 && sitting_round_has(room->sitting, round, item)) {
            outcome->item = (uint16_t)item;
            return false;
        }
    }
    return true;
}

/* Why nothing new may be cast in `round` now, or REFUSAL_NONE. */
static enum refusal round_refusal(const struct room *room, const struct round *round)
{
    if (round_state_is_over(round->state) || room->transition == TRANSITION_CLOSE) {
        return REFUSAL_CLOSED;
    }
    if (room->transition == TRANSITION_ASK) {
        return REFUSAL_BUSY; /* which item the card may answer is known in a moment */
    }
    if (round->state == ROUND_PAUSED || room->transition == TRANSITION_PAUSE) {
        return REFUSAL_PAUSED;
    }
    return REFUSAL_NONE;
}

/* Why this seat may not cast this card now, which is new. */
static enum refusal new_refusal(const struct room *room, const struct round *round, uint32_t seat,
                                const struct cast_card *card, const struct cast_mark *marks,
                                const struct seat_keys *keys, struct card_outcome *outcome)
{
    enum refusal refusal = round_refusal(room, round);
    if (refusal != REFUSAL_NONE) {
        return refusal;
    }
    int32_t group = event_find_group(room->event, seat);
    if (group >= 0 && room->event->groups[group].is_test) {
        return REFUSAL_TEST;
    }
    if (!round_has_elector(round, seat) ||
        !attendance_is_enabled(sitting_attendance(room->sitting), seat)) {
        return REFUSAL_NOT_ELIGIBLE; /* a base station still hears a pad that was revoked */
    }
    if (room->transition == TRANSITION_REVOKE && room->revoking_seat == seat) {
        return REFUSAL_BUSY; /* it would stand in the log behind the act that takes the pad away */
    }
    for (uint32_t i = 0; i < card->mark_count; i++) {
        const struct cast_mark *mark = &marks[card->first_mark + i];
        uint32_t recorded = 0;
        outcome->item = mark->item;
        if (round->asked >= 0 && mark->item != round->asked) {
            return REFUSAL_BAD_VALUE;
        }
        if (room->event->contests[round->contest].rules->answer == ANSWER_FIRST) {
            (void)ballot_box_check(room->offered, keys->slot, mark->item, mark->version,
                                   card->nonce, &recorded);
            if (recorded > 0) {
                outcome->version = recorded;
                return REFUSAL_FINAL;
            }
        }
    }
    outcome->item = 0;
    return REFUSAL_NONE;
}

/*
 * Judges one card. outcome->refusal says no; otherwise the receipt is set and *verdict is
 * VERDICT_NEW (offer it), or VERDICT_RECORDED with *is_waiting when the log still has it.
 */
static void card_judge(struct room *room, const struct round *round, const struct cast *cast,
                       const struct cast_card *card, uint32_t seat, struct seat_keys *keys,
                       struct card_outcome *outcome, enum verdict *verdict, bool *is_waiting)
{
    memset(outcome, 0, sizeof(*outcome));
    outcome->seat = seat;
    *verdict = VERDICT_INVALID;
    *is_waiting = false;
    if (!card_is_in_range(room, round, card, cast->marks, outcome) ||
        !card_is_whole(room, round, card, cast->marks, outcome)) {
        outcome->refusal = REFUSAL_BAD_VALUE;
        return;
    }
    room_seat_keys(room, round->number, seat, keys);
    bool is_current = round == sitting_current(room->sitting);
    const struct ballot_box *box = is_current ? room->offered : round->ballots;
    *verdict = card_check(box, keys->slot, card, cast->marks, outcome);
    struct card_outcome ignored;
    bool is_settled = !is_current || card_check(round->ballots, keys->slot, card, cast->marks,
                                                &ignored) == *verdict;
    if (*verdict == VERDICT_RECORDED) {
        *is_waiting = !is_settled;
    } else if (*verdict != VERDICT_NEW && !is_settled) {
        outcome->refusal = REFUSAL_BUSY; /* what stands against it is not recorded yet: ask again */
    } else {
        outcome->refusal = *verdict == VERDICT_CONFLICT ? REFUSAL_CONFLICT
                           : *verdict == VERDICT_SUPERSEDED
                               ? REFUSAL_SUPERSEDED
                               : new_refusal(room, round, seat, card, cast->marks, keys, outcome);
    }
    if (outcome->refusal == REFUSAL_NONE) {
        memcpy(outcome->receipt, keys->receipt, RECEIPT_SIZE);
    }
}

/* What of a card is wrong, for a person: the item by its id, never a choice. */
static void bad_value_text(const struct room *room, const struct round *round,
                           const struct cast_card *card, const struct cast_mark *marks,
                           uint16_t item, char text[REFUSAL_TEXT_SIZE])
{
    const struct contest *contest = &room->event->contests[round->contest];
    const struct cast_mark *mark = NULL;
    char buffer[ID_SIZE];
    for (uint32_t i = 0; i < card->mark_count && mark == NULL; i++) {
        mark = marks[card->first_mark + i].item == item ? &marks[card->first_mark + i] : NULL;
    }
    if (item >= round->tally.item_count) {
        snprintf(text, REFUSAL_TEXT_SIZE, "no item %u: a card has %u items", item,
                 (unsigned)round->tally.item_count);
        return;
    }
    const char *id = contest_item_id(contest, item, buffer);
    if (mark == NULL) {
        snprintf(text, REFUSAL_TEXT_SIZE, "'%s' is missing: a ballot is cast whole", id);
    } else if (!sitting_round_has(room->sitting, round, item)) {
        snprintf(text, REFUSAL_TEXT_SIZE, "'%s' does not stand in this round", id);
    } else if (round->asked >= 0 && item != round->asked) {
        snprintf(text, REFUSAL_TEXT_SIZE, "'%s' is not asked now", id);
    } else if (sitting_round_is_line(room->sitting, round, item)) {
        snprintf(text, REFUSAL_TEXT_SIZE,
                 "'%s' names nobody that stands in the message, or too many names were written in",
                 id);
    } else {
        snprintf(text, REFUSAL_TEXT_SIZE, "'%s' has no such choice", id);
    }
}

const char *room_refusal_text(enum refusal refusal)
{
    switch (refusal) {
    case REFUSAL_BAD_VALUE:
        return "the item or choice is not on this card";
    case REFUSAL_CONFLICT:
        return "this version of the item is recorded from another cast";
    case REFUSAL_SUPERSEDED:
        return "a later version of the item is recorded";
    case REFUSAL_CLOSED:
        return "voting has closed";
    case REFUSAL_PAUSED:
        return "voting is paused";
    case REFUSAL_STORAGE:
        return "the roll does not fit the log: more voters than seats";
    case REFUSAL_NOT_ELIGIBLE:
        return "not in the electorate: no right to vote, not checked in when voting opened, or its "
               "pad is revoked";
    case REFUSAL_TEST:
        return "a test pad: heard, and never counted";
    case REFUSAL_FINAL:
        return "the first answer is final";
    case REFUSAL_STORAGE_FULL:
        return "the disk is full: nothing new is recorded until there is room; send it again";
    case REFUSAL_BUSY:
        return "much waits for the log: send it again in a moment";
    default:
        return "";
    }
}

static void marks_collect(struct room *room, const struct round *round, uint32_t seat,
                          const struct cast *cast, const struct cast_card *card,
                          const struct seat_keys *keys, const uint16_t numbers[WRITE_IN_MAX],
                          uint32_t *count)
{
    int32_t group = event_find_group(room->event, seat);
    for (uint32_t i = 0; i < card->mark_count; i++) {
        const struct cast_mark *from = &cast->marks[card->first_mark + i];
        struct mark *mark = &room->marks[(*count)++];
        memcpy(mark->slot, keys->slot, SLOT_SIZE);
        memcpy(mark->nonce, card->nonce, NONCE_SIZE);
        mark->round = cast->round;
        mark->version = from->version;
        mark->item = from->item;
        mark->choice = from->choice;
        mark->group = (uint8_t)(group < 0 ? 0 : group);
        if (from->choice > 0 && sitting_round_is_line(room->sitting, round, from->item)) {
            mark->choice = numbers[from->choice - 1];
        }
    }
}

/*
 * Offers what was collected of so many cards; on success the box of offers holds it and last_ticket
 * names it. Its room comes first: what the log has taken cannot be taken back.
 */
static enum refusal marks_offer(struct room *room, uint32_t card_count, uint32_t mark_count)
{
    if (mark_count == 0) {
        return REFUSAL_NONE; /* waits for what was offered before */
    }
    if (!ballot_box_reserve(room->offered, card_count)) {
        return REFUSAL_BUSY;
    }
    uint64_t ticket;
    enum status status = votelog_append_marks(room->log, room->marks, mark_count, &ticket);
    if (status != STATUS_OK) {
        return room_log_refusal(status);
    }
    room->last_ticket = ticket;
    for (uint32_t i = 0; i < mark_count; i++) {
        uint16_t before;
        bool is_first;
        enum verdict verdict = ballot_box_apply(room->offered, &room->marks[i], &before, &is_first);
        assert(verdict == VERDICT_NEW);
        (void)verdict;
    }
    return REFUSAL_NONE;
}

static enum room_outcome cast_single(struct room *room, struct sender sender, uint32_t seat,
                                     const struct round *round, const struct cast *cast,
                                     struct ack *ack, struct refused *refused)
{
    struct seat_keys keys;
    enum verdict verdict;
    bool is_waiting;
    struct card_outcome *outcome = &ack->outcomes[0];
    card_judge(room, round, cast, &cast->cards[0], seat, &keys, outcome, &verdict, &is_waiting);
    ack->outcome_count = 1;
    enum refusal refusal = outcome->refusal;
    if (refusal == REFUSAL_NONE && verdict == VERDICT_NEW &&
        !ballot_box_fits(room->offered, keys.slot, 0)) {
        refusal = REFUSAL_STORAGE;
    }
    if (refusal == REFUSAL_NONE && verdict == VERDICT_RECORDED && !is_waiting) {
        return ROOM_ANSWERED;
    }
    if (refusal == REFUSAL_NONE) {
        uint32_t mark_count = 0;
        uint16_t numbers[WRITE_IN_MAX];
        refusal = room->pending_count < ROOM_PENDING_MAX ? REFUSAL_NONE : REFUSAL_BUSY;
        if (refusal == REFUSAL_NONE && verdict == VERDICT_NEW) {
            refusal = room_names(room, round, seat, cast, &cast->cards[0], numbers);
            outcome->item = refusal == REFUSAL_BAD_VALUE
                                ? (uint16_t)room->event->contests[round->contest].candidate_count
                                : outcome->item;
        }
        if (refusal == REFUSAL_NONE && verdict == VERDICT_NEW) {
            marks_collect(room, round, seat, cast, &cast->cards[0], &keys, numbers, &mark_count);
        }
        if (refusal == REFUSAL_NONE) {
            refusal = marks_offer(room, 1, mark_count);
        }
    }
    if (refusal != REFUSAL_NONE) {
        char text[REFUSAL_TEXT_SIZE];
        snprintf(text, sizeof(text), "%s", room_refusal_text(refusal));
        if (refusal == REFUSAL_BAD_VALUE) {
            bad_value_text(room, round, &cast->cards[0], cast->marks, outcome->item, text);
        }
        room_refuse(refused, cast->id, refusal, text);
        refused->item = outcome->item;
        refused->version = outcome->version;
        return ROOM_REFUSED;
    }
    struct pending *pending = room_pending_push(room);
    pending->kind = PENDING_CAST;
    pending->sender = sender;
    pending->ticket = room->last_ticket;
    pending->id = cast->id;
    pending->round = cast->round;
    pending->seat = seat;
    return ROOM_PENDING;
}

static enum room_outcome cast_many(struct room *room, struct sender sender,
                                   const struct round *round, const struct cast *cast,
                                   struct ack *ack, struct refused *refused)
{
    uint32_t mark_count = 0;
    bool waits = false;
    room->message_count++;
    for (uint32_t i = 0; i < cast->card_count; i++) {
        uint32_t seat = cast->cards[i].seat;
        if (room->seat_message[seat - 1] == room->message_count) {
            return room_refuse(refused, cast->id, REFUSAL_BAD_MESSAGE, "a seat stands in it twice");
        }
        room->seat_message[seat - 1] = room->message_count;
    }
    for (uint32_t i = 0; i < cast->card_count; i++) {
        const struct cast_card *card = &cast->cards[i];
        struct seat_keys keys;
        enum verdict verdict;
        bool is_waiting;
        card_judge(room, round, cast, card, card->seat, &keys, &ack->outcomes[i], &verdict,
                   &is_waiting);
        /* At most the i cards before it are new as well. */
        if (verdict == VERDICT_NEW && ack->outcomes[i].refusal == REFUSAL_NONE &&
            !ballot_box_fits(room->offered, keys.slot, i)) {
            ack->outcomes[i].refusal = REFUSAL_STORAGE;
        }
        uint16_t numbers[WRITE_IN_MAX];
        if (ack->outcomes[i].refusal == REFUSAL_NONE && verdict == VERDICT_NEW) {
            ack->outcomes[i].refusal = room_names(room, round, card->seat, cast, card, numbers);
        }
        if (ack->outcomes[i].refusal == REFUSAL_NONE && verdict == VERDICT_NEW) {
            marks_collect(room, round, card->seat, cast, card, &keys, numbers, &mark_count);
        }
        waits = waits || is_waiting;
    }
    ack->outcome_count = cast->card_count;
    if (mark_count == 0 && !waits) {
        return ROOM_ANSWERED;
    }
    size_t outcomes_size = cast->card_count * sizeof(*ack->outcomes);
    struct card_outcome *outcomes = malloc(outcomes_size);
    enum refusal refusal = outcomes != NULL && room->pending_count < ROOM_PENDING_MAX
                               ? marks_offer(room, cast->card_count, mark_count)
                               : REFUSAL_BUSY;
    if (refusal != REFUSAL_NONE) {
        free(outcomes);
        return room_refuse(refused, cast->id, refusal, room_refusal_text(refusal));
    }
    memcpy(outcomes, ack->outcomes, outcomes_size);
    struct pending *pending = room_pending_push(room);
    pending->kind = PENDING_CASTS;
    pending->sender = sender;
    pending->ticket = room->last_ticket;
    pending->id = cast->id;
    pending->round = cast->round;
    pending->outcome_count = cast->card_count;
    pending->outcomes = outcomes;
    return ROOM_PENDING;
}

enum room_outcome room_cast(struct room *room, struct sender sender, uint32_t seat,
                            const struct cast *cast, struct ack *ack, struct refused *refused)
{
    ack->id = cast->id;
    ack->round = cast->round;
    ack->outcome_count = 0;
    const struct round *round = sitting_round(room->sitting, cast->round);
    if (round == NULL) {
        return room_refuse(refused, cast->id, REFUSAL_NOT_OPEN, "no such round was opened");
    }
    if (seat != 0) {
        return cast_single(room, sender, seat, round, cast, ack, refused);
    }
    return cast_many(room, sender, round, cast, ack, refused);
}

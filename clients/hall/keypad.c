#include "clients/hall/crowd_impl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clients/hall/taste.h"
#include "clients/lib/ack_line.h"

#define PENDING_RETRY_MS 100

static void keypad_due_in(struct keypad *keypad, uint32_t wait_ms)
{
    wheel_put(&keypad->crowd->wheel, &keypad->due, crowd_clock_ns() / 1000000u + wait_ms);
}

/* The cast of `pending` into the crowd's scratch. */
static const struct cast *cast_write(struct crowd *crowd, const struct pending *pending)
{
    struct cast *cast = &crowd->cast;
    const struct ballot *ballot = pending->ballot;
    cast->round = pending->round;
    cast->card_count = 1;
    cast->mark_count = ballot->mark_count;
    cast->name_count = ballot->name_count;
    cast->cards[0] = (struct cast_card){ .first_mark = 0,
                                         .mark_count = ballot->mark_count,
                                         .first_name = 0,
                                         .name_count = ballot->name_count };
    memcpy(cast->cards[0].nonce, pending->nonce, NONCE_SIZE);
    for (uint32_t i = 0; i < ballot->mark_count; i++) {
        cast->marks[i] = (struct cast_mark){ .version = pending->version,
                                             .item = ballot->marks[i].item,
                                             .choice = ballot->marks[i].choice };
    }
    for (uint32_t i = 0; i < ballot->name_count; i++) {
        snprintf(cast->names[i], sizeof(cast->names[i]), "%s", ballot->names[i]);
    }
    return cast;
}

/* A mark or card goes out; `ballot` is copied. False: it could not, and is to be tried again. */
static bool keypad_cast(struct keypad *keypad, uint32_t version, const struct ballot *ballot)
{
    struct crowd *crowd = keypad->crowd;
    struct pending *pending = &keypad->pending[keypad->pending_count];
    uint64_t nonce = prng_next(&crowd->nonces);
    memcpy(pending->nonce, &nonce, sizeof(pending->nonce));
    pending->cast_ns = crowd_clock_ns();
    pending->round = keypad->voter.round;
    pending->version = version;
    pending->is_card = keypad->voter.is_card;
    pending->ballot = malloc(sizeof(*pending->ballot));
    if (pending->ballot == NULL) {
        return false;
    }
    *pending->ballot = *ballot;
    if (client_cast(keypad->client, cast_write(crowd, pending), &pending->id) != STATUS_OK) {
        free(pending->ballot);
        return false;
    }
    keypad->pending_count++;
    crowd->waiting_count += ballot->mark_count;
    crowd->figures.cast += ballot->mark_count;
    if (crowd->figures.first_cast_ns == 0) {
        crowd->figures.first_cast_ns = pending->cast_ns;
    }
    return true;
}

/* What the person fills in at this step; mark_count is 0 where there is nothing to vote on. */
static void keypad_fill(const struct keypad *keypad, uint32_t item, uint32_t change,
                        struct ballot *ballot)
{
    const struct crowd *crowd = keypad->crowd;
    const struct voter *voter = &keypad->voter;
    const struct round_notice *round = &crowd->notice;
    uint64_t seed = crowd->options.seed;
    if (!voter->is_card) {
        ballot_mark_one(
            item, taste_choice(seed, voter->seat, round->subject, item, change, voter->grade_count),
            ballot);
        return;
    }
    int32_t index =
        crowd->has_event ? event_find_contest(crowd->document.texts, round->contest) : -1;
    const struct contest *contest = index >= 0 ? &crowd->document.texts->contests[index] : NULL;
    ballot_fill(&crowd->options.ballots, seed, voter->seat, round, contest, change, ballot);
    if (voter->asked > 0) {
        ballot_only(ballot, item);
    }
}

/* Drops out of the round, once everything that was cast is answered. */
static void keypad_leave(struct keypad *keypad)
{
    if (keypad->pending_count > 0) {
        keypad_due_in(keypad, PENDING_RETRY_MS);
        return;
    }
    keypad->is_away = true;
    client_close(keypad->client);
}

/* What the person presses at their next step. */
struct press {
    uint32_t version;
    struct ballot ballot; /* mark_count 0: nothing */
};

static void keypad_press(struct keypad *keypad, struct press *press)
{
    uint32_t item;
    uint32_t change;
    voter_step(&keypad->voter, &item, &press->version, &change);
    keypad_fill(keypad, item, change, &press->ballot);
}

/* Now and then the step after this one is cast before it. */
static bool keypad_overtakes(struct keypad *keypad)
{
    struct voter *voter = &keypad->voter;
    double reorder = keypad->crowd->options.reorder;
    struct press press;
    if (reorder == 0.0 || prng_unit(&voter->prng) >= reorder || !voter_has_step(voter) ||
        voter_leaves(voter)) {
        return false;
    }
    keypad_press(keypad, &press);
    if (press.ballot.mark_count == 0 || !keypad_cast(keypad, press.version, &press.ballot)) {
        voter_step_back(voter);
        return false;
    }
    keypad->crowd->figures.reordered++;
    return true;
}

void keypad_act(struct keypad *keypad)
{
    struct crowd *crowd = keypad->crowd;
    struct voter *voter = &keypad->voter;
    if (crowd->is_stopped || keypad->state != ROUND_OPEN || !voter_has_step(voter) ||
        voter->round != crowd->notice.round) {
        return; /* of another round than the hall's newest it hears in a moment */
    }
    if (voter_leaves(voter)) {
        keypad_leave(keypad);
        return;
    }
    /* What is drawn must not follow from how fast answers come: a seed's cards are the same. */
    uint32_t press_max = crowd->options.reorder > 0.0 ? 2 : 1;
    if (keypad->pending_count + press_max > PENDING_MAX) {
        keypad_due_in(keypad, PENDING_RETRY_MS);
        return;
    }
    struct press press;
    keypad_press(keypad, &press);
    if (press.ballot.mark_count == 0) {
        return;
    }
    bool is_overtaken = keypad_overtakes(keypad);
    if (!keypad_cast(keypad, press.version, &press.ballot)) {
        if (!is_overtaken) { /* else it stays blank: a step back would be the later one's */
            voter_step_back(voter);
        }
        if (client_state(keypad->client) != CLIENT_REFUSED) {
            keypad_due_in(keypad, PENDING_RETRY_MS);
        }
        return;
    }
    if (prng_unit(&voter->prng) < crowd->options.resend) {
        crowd->figures.resent++;
        client_resend(keypad->client);
    }
    if (prng_unit(&voter->prng) < crowd->options.drop) {
        crowd->figures.dropped++;
        client_drop(keypad->client);
    }
    keypad_due_in(keypad, voter_pace_ms(voter, crowd->options.pace_scale));
}

static void keypad_hear(struct keypad *keypad, const struct round_notice *round)
{
    struct crowd *crowd = keypad->crowd;
    struct voter *voter = &keypad->voter;
    double scale = crowd->options.pace_scale;
    book_hear(crowd, round);
    if (round->round != voter->round) {
        if (round->state != ROUND_OPEN && round->state != ROUND_PAUSED) {
            wheel_take(&keypad->due);
            return;
        }
        voter_plan(voter, round, &crowd->options.voters);
        uint32_t wait_ms = voter_start_ms(voter, scale);
        if (voter->is_card) {
            wait_ms += voter_fill_ms(voter, ballot_place_count(round), scale);
        }
        keypad_due_in(keypad, wait_ms);
    } else if (round->state == ROUND_OPEN && keypad->state != ROUND_OPEN) {
        keypad_due_in(keypad, voter_pace_ms(voter, scale));
    }
    uint32_t asked = voter->asked;
    voter_ask(voter, round, &crowd->options.voters);
    if (voter->asked != asked) {
        keypad_due_in(keypad, voter_pace_ms(voter, scale));
    }
    keypad->state = round->state;
    if (round_state_is_over(round->state)) {
        wheel_take(&keypad->due);
    }
}

static void on_state(void *ctx, enum client_state state, const struct fault *fault)
{
    struct keypad *keypad = ctx;
    struct crowd *crowd = keypad->crowd;
    bool is_ready = state == CLIENT_READY;
    if (is_ready) {
        crowd->connected_count++;
        crowd->figures.reconnects += keypad->was_ready ? 1 : 0;
        if (crowd->refused_count == 0) {
            crowd->trouble[0] = '\0'; /* over */
        }
    }
    if (state == CLIENT_REFUSED) {
        crowd->refused_count++;
    }
    if (fault != NULL && (state == CLIENT_REFUSED || crowd->trouble[0] == '\0')) {
        snprintf(crowd->trouble, sizeof(crowd->trouble), "seat %u: %s", keypad->voter.seat,
                 fault->text);
    }
    keypad->was_ready = keypad->was_ready || is_ready;
}

static void on_welcome(void *ctx, const struct welcome *welcome)
{
    struct keypad *keypad = ctx;
    keypad_hear(keypad, &welcome->round);
    if (welcome->round.round != keypad->voter.round) {
        return;
    }
    for (uint32_t i = 0; i < welcome->seat_count; i++) {
        for (uint32_t item = 0; item < keypad->voter.item_count; item++) {
            voter_learn(&keypad->voter, item, welcome->versions[i].versions[item]);
        }
    }
}

static void on_round(void *ctx, const struct round_notice *round)
{
    keypad_hear(ctx, round);
}

/* What waits under cast `id` out of the list, with its ballot; false: none. */
static bool pending_take(struct keypad *keypad, uint64_t id, struct pending *pending)
{
    for (uint32_t i = 0; i < keypad->pending_count; i++) {
        if (keypad->pending[i].id == id) {
            *pending = keypad->pending[i];
            keypad->pending_count--;
            memmove(&keypad->pending[i], &keypad->pending[i + 1],
                    (keypad->pending_count - i) * sizeof(keypad->pending[0]));
            keypad->crowd->waiting_count -= pending->ballot->mark_count;
            return true;
        }
    }
    return false;
}

void keypad_finish(struct keypad *keypad)
{
    for (uint32_t i = 0; i < keypad->pending_count; i++) {
        free(keypad->pending[i].ballot);
    }
    keypad->pending_count = 0;
}

/* A line for each mark. A name has no number here: only the log knows it. */
static void ack_write(struct crowd *crowd, uint32_t seat, const struct pending *pending,
                      const char *receipt)
{
    struct ack_line line = { .round = pending->round, .seat = seat, .version = pending->version };
    memcpy(line.nonce, pending->nonce, NONCE_SIZE);
    snprintf(line.receipt, sizeof(line.receipt), "%s", receipt);
    char text[ACK_LINE_SIZE * ITEM_MAX];
    size_t size = 0;
    for (uint32_t i = 0; i < pending->ballot->mark_count; i++) {
        const struct ballot_mark *mark = &pending->ballot->marks[i];
        line.item = mark->item;
        line.choice = ballot_is_name(pending->ballot, mark) ? ACK_CHOICE_NAME : mark->choice;
        size += ack_line_format(&line, text + size);
    }
    if (write(crowd->options.acks_fd, text, size) != (ssize_t)size) {
        snprintf(crowd->trouble, sizeof(crowd->trouble), "cannot write an ack down: %s",
                 strerror(errno));
    }
}

/* A receipt is the same for all casts of a seat in a round. */
static void receipt_check(struct keypad *keypad, uint32_t round, const char *receipt)
{
    if (keypad->receipt_round == round && strcmp(keypad->receipt, receipt) != 0) {
        keypad->crowd->figures.receipts_differing++;
    }
    keypad->receipt_round = round;
    snprintf(keypad->receipt, sizeof(keypad->receipt), "%s", receipt);
}

static void truth_put(struct crowd *crowd, uint32_t seat, const struct pending *pending)
{
    const struct ballot *ballot = pending->ballot;
    if (!pending->is_card) {
        truth_mark(crowd->truth, pending->round, seat, ballot->marks[0].item, pending->version,
                   ballot->marks[0].choice);
    } else if (truth_card(crowd->truth, pending->round, seat, pending->version, ballot) !=
               STATUS_OK) {
        snprintf(crowd->trouble, sizeof(crowd->trouble), "no room for the names of round %u",
                 pending->round);
    }
}

static void acks_count(struct crowd *crowd, const struct pending *pending)
{
    struct hall_figures *figures = &crowd->figures;
    uint64_t now_ns = crowd_clock_ns();
    figures->acked += pending->ballot->mark_count;
    figures->last_ack_ns = now_ns;
    latency_add(&figures->latency, (now_ns - pending->cast_ns) / 1000u);
    if (now_ns / 1000000000u != crowd->second) {
        crowd->second = now_ns / 1000000000u;
        crowd->second_acked = 0;
    }
    crowd->second_acked += pending->ballot->mark_count;
    if (crowd->second_acked > figures->second_best) {
        figures->second_best = crowd->second_acked;
    }
}

static void on_acked(void *ctx, const struct ack *ack)
{
    struct keypad *keypad = ctx;
    struct crowd *crowd = keypad->crowd;
    struct pending pending;
    if (!pending_take(keypad, ack->id, &pending)) {
        crowd->figures.acked_again++;
        return;
    }
    const char *receipt = ack->outcome_count > 0 ? ack->outcomes[0].receipt : "";
    if (crowd->options.acks_fd >= 0) {
        ack_write(crowd, keypad->voter.seat, &pending, receipt);
    }
    receipt_check(keypad, pending.round, receipt);
    truth_put(crowd, keypad->voter.seat, &pending);
    acks_count(crowd, &pending);
    free(pending.ballot);
}

static void on_refused(void *ctx, const struct refused *refused)
{
    struct keypad *keypad = ctx;
    struct pending pending;
    if (!refused->has_id || !pending_take(keypad, refused->id, &pending)) {
        return;
    }
    keypad->crowd->figures.refused[refused->refusal] += pending.ballot->mark_count;
    free(pending.ballot);
    if (pending.round == keypad->voter.round &&
        (refused->refusal == REFUSAL_CONFLICT || refused->refusal == REFUSAL_SUPERSEDED)) {
        voter_learn(&keypad->voter, refused->item, refused->version);
    }
}

const struct client_handlers keypad_handlers = {
    .state = on_state,
    .welcome = on_welcome,
    .round = on_round,
    .acked = on_acked,
    .refused = on_refused,
};

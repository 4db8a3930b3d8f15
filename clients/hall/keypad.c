#include "clients/hall/crowd_impl.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "clients/hall/taste.h"
#include "clients/lib/ack_line.h"

#define PENDING_RETRY_MS 100

static void keypad_due_in(struct keypad *keypad, uint32_t wait_ms)
{
    wheel_put(&keypad->crowd->wheel, &keypad->due, crowd_clock_ns() / 1000000u + wait_ms);
}

/* One mark goes out. False: it could not, and is to be tried again. */
static bool keypad_cast(struct keypad *keypad, uint32_t item, uint32_t version, uint8_t choice)
{
    struct crowd *crowd = keypad->crowd;
    struct cast *cast = &crowd->cast;
    struct pending *pending = &keypad->pending[keypad->pending_count];
    uint64_t nonce = prng_next(&crowd->nonces);
    memcpy(pending->nonce, &nonce, sizeof(pending->nonce));
    pending->cast_ns = crowd_clock_ns();
    pending->round = keypad->voter.round;
    pending->version = version;
    pending->item = (uint16_t)item;
    pending->choice = choice;
    cast->round = pending->round;
    cast->card_count = 1;
    cast->mark_count = 1;
    cast->cards[0] = (struct cast_card){ .first_mark = 0, .mark_count = 1 };
    memcpy(cast->cards[0].nonce, pending->nonce, NONCE_SIZE);
    cast->marks[0] =
        (struct cast_mark){ .version = version, .item = (uint16_t)item, .choice = choice };
    if (client_cast(keypad->client, cast, &pending->id) != STATUS_OK) {
        return false;
    }
    keypad->pending_count++;
    crowd->waiting_count++;
    crowd->figures.cast++;
    if (crowd->figures.first_cast_ns == 0) {
        crowd->figures.first_cast_ns = pending->cast_ns;
    }
    return true;
}

void keypad_act(struct keypad *keypad)
{
    struct crowd *crowd = keypad->crowd;
    struct voter *voter = &keypad->voter;
    if (crowd->is_stopped || keypad->state != ROUND_OPEN || !voter_has_step(voter)) {
        return;
    }
    if (keypad->pending_count == PENDING_MAX) {
        keypad_due_in(keypad, PENDING_RETRY_MS);
        return;
    }
    uint32_t item;
    uint32_t version;
    uint32_t change;
    voter_step(voter, &item, &version, &change);
    uint8_t choice = taste_choice(crowd->options.seed, voter->seat, keypad->subject, item, change,
                                  voter->grade_count);
    if (!keypad_cast(keypad, item, version, choice)) {
        voter_step_back(voter);
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

/* The hall's book of rounds: heard open, then closed. */
static void crowd_hear(struct crowd *crowd, const struct round_notice *round)
{
    if (round->round < 1 || round->round > ROUND_MAX) {
        return;
    }
    uint8_t *state = &crowd->round_closed[round->round];
    if (*state == 0 && (round->state == ROUND_OPEN || round->state == ROUND_PAUSED)) {
        if (truth_round(crowd->truth, round->round, round->contest, round->subject,
                        round->item_count, round->grade_count) != STATUS_OK) {
            snprintf(crowd->trouble, sizeof(crowd->trouble), "no memory for round %u",
                     round->round);
            return;
        }
        *state = 1;
        crowd->figures.rounds_opened++;
    } else if (*state == 1 && round->state == ROUND_CLOSED) {
        *state = 2;
        crowd->figures.rounds_closed++;
    }
}

static void keypad_hear(struct keypad *keypad, const struct round_notice *round)
{
    struct crowd *crowd = keypad->crowd;
    struct voter *voter = &keypad->voter;
    crowd_hear(crowd, round);
    if (round->round != voter->round) {
        if (round->state != ROUND_OPEN && round->state != ROUND_PAUSED) {
            wheel_take(&keypad->due);
            return;
        }
        voter_plan(voter, round, crowd->options.revote);
        memcpy(keypad->subject, round->subject, sizeof(keypad->subject));
        keypad_due_in(keypad, voter_start_ms(voter, crowd->options.pace_scale));
    } else if (round->state == ROUND_OPEN && keypad->state != ROUND_OPEN) {
        keypad_due_in(keypad, voter_pace_ms(voter, crowd->options.pace_scale));
    }
    keypad->state = round->state;
    if (round->state == ROUND_CLOSED) {
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

/* The pending mark of cast `id` out of the list; false: none. */
static bool pending_take(struct keypad *keypad, uint64_t id, struct pending *pending)
{
    for (uint32_t i = 0; i < keypad->pending_count; i++) {
        if (keypad->pending[i].id == id) {
            *pending = keypad->pending[i];
            keypad->pending_count--;
            memmove(&keypad->pending[i], &keypad->pending[i + 1],
                    (keypad->pending_count - i) * sizeof(keypad->pending[0]));
            keypad->crowd->waiting_count--;
            return true;
        }
    }
    return false;
}

static void ack_write(struct crowd *crowd, uint32_t seat, const struct pending *pending,
                      const char *receipt)
{
    struct ack_line line = { .round = pending->round,
                             .seat = seat,
                             .item = pending->item,
                             .version = pending->version,
                             .choice = pending->choice };
    memcpy(line.nonce, pending->nonce, NONCE_SIZE);
    snprintf(line.receipt, sizeof(line.receipt), "%s", receipt);
    char text[ACK_LINE_SIZE];
    size_t size = ack_line_format(&line, text);
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

static void on_acked(void *ctx, const struct ack *ack)
{
    struct keypad *keypad = ctx;
    struct crowd *crowd = keypad->crowd;
    struct hall_figures *figures = &crowd->figures;
    struct pending pending;
    if (!pending_take(keypad, ack->id, &pending)) {
        figures->acked_again++;
        return;
    }
    const char *receipt = ack->outcome_count > 0 ? ack->outcomes[0].receipt : "";
    if (crowd->options.acks_fd >= 0) {
        ack_write(crowd, keypad->voter.seat, &pending, receipt);
    }
    receipt_check(keypad, pending.round, receipt);
    truth_mark(crowd->truth, pending.round, keypad->voter.seat, pending.item, pending.version,
               pending.choice);
    uint64_t now_ns = crowd_clock_ns();
    figures->acked++;
    figures->last_ack_ns = now_ns;
    latency_add(&figures->latency, (now_ns - pending.cast_ns) / 1000u);
    if (now_ns / 1000000000u != crowd->second) {
        crowd->second = now_ns / 1000000000u;
        crowd->second_acked = 0;
    }
    crowd->second_acked++;
    if (crowd->second_acked > figures->second_best) {
        figures->second_best = crowd->second_acked;
    }
}

static void on_refused(void *ctx, const struct refused *refused)
{
    struct keypad *keypad = ctx;
    struct pending pending;
    if (!refused->has_id || !pending_take(keypad, refused->id, &pending)) {
        return;
    }
    keypad->crowd->figures.refused[refused->refusal]++;
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

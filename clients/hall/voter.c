#include "clients/hall/voter.h"

#include <math.h>
#include <string.h>

void voter_init(struct voter *voter, uint64_t seed, uint32_t seat, double stay_away)
{
    struct prng prng;
    memset(voter, 0, sizeof(*voter));
    voter->seat = seat;
    prng_init(&voter->prng, prng_mix(seed) ^ prng_mix(seat));
    prng_init(&prng, prng_mix(prng_mix(seed) + seat));
    voter->stays_away = prng_unit(&prng) < stay_away;
}

/* Puts a second step on the item of `steps[at]` somewhere behind it. */
static void step_insert(struct voter *voter, uint32_t at)
{
    if (voter->step_count == VOTER_STEP_MAX) {
        return;
    }
    uint32_t place = at + 1 + prng_below(&voter->prng, voter->step_count - at);
    memmove(&voter->steps[place + 1], &voter->steps[place], voter->step_count - place);
    voter->steps[place] = voter->steps[at];
    voter->step_count++;
}

/* The items one by one, some left blank, some taken up again. */
static void marks_plan(struct voter *voter, double revote)
{
    for (uint32_t item = 0; item < voter->item_count; item++) {
        if (prng_unit(&voter->prng) >= VOTER_BLANK_SHARE) {
            voter->steps[voter->step_count++] = (uint8_t)item;
        }
    }
    uint32_t first_count = voter->step_count;
    for (uint32_t i = 0; i < first_count; i++) {
        if (prng_unit(&voter->prng) < revote) {
            step_insert(voter, prng_below(&voter->prng, voter->step_count));
        }
    }
}

/* One step, the card or the item that is asked, and perhaps another when the mind was changed. */
static void once_plan(struct voter *voter, double revote)
{
    voter->steps[0] = voter->steps[1] = (uint8_t)(voter->asked > 0 ? voter->asked - 1 : 0);
    voter->step_count = prng_unit(&voter->prng) < revote ? 2 : 1;
    voter->step_at = 0;
}

void voter_ask(struct voter *voter, const struct round_notice *round,
               const struct voter_habits *habits)
{
    if (round->asked == voter->asked || round->asked < 1 || round->asked > voter->item_count) {
        return;
    }
    voter->asked = round->asked;
    if (!voter->stays_away && !voter_leaves(voter)) {
        once_plan(voter, round->is_first_final ? 0.0 : habits->revote);
        voter->leave_at = VOTER_STAYS;
    }
}

void voter_plan(struct voter *voter, const struct round_notice *round,
                const struct voter_habits *habits)
{
    double revote = round->is_first_final ? 0.0 : habits->revote;
    voter->round = round->round;
    voter->item_count = round->item_count < ITEM_MAX ? round->item_count : ITEM_MAX;
    voter->grade_count = round->grade_count;
    voter->step_count = 0;
    voter->step_at = 0;
    memset(voter->versions, 0, sizeof(voter->versions));
    memset(voter->changes, 0, sizeof(voter->changes));
    voter->leave_at = VOTER_STAYS;
    voter->is_card = round->kind == CONTEST_ELECTION || round->kind == CONTEST_MOTION ||
                     round->kind == CONTEST_POLL;
    voter->asked = round->asked <= voter->item_count ? round->asked : 0;
    if (voter->stays_away) {
        return;
    }
    if (voter->is_card || voter->asked > 0) {
        once_plan(voter, revote);
    } else {
        marks_plan(voter, revote);
    }
    if (habits->leave > 0.0 && prng_unit(&voter->prng) < habits->leave) {
        voter->leave_at = voter->step_count / 2;
    }
}

void voter_learn(struct voter *voter, uint32_t item, uint32_t version)
{
    if (item < ITEM_MAX && version > voter->versions[item]) {
        voter->versions[item] = version;
    }
}

bool voter_has_step(const struct voter *voter)
{
    return voter->step_at < voter->step_count;
}

bool voter_leaves(const struct voter *voter)
{
    return voter->step_at >= voter->leave_at;
}

/* The highest version of any item: a card goes above all of them. */
static uint32_t version_top(const struct voter *voter)
{
    uint32_t top = 0;
    for (uint32_t item = 0; item < voter->item_count; item++) {
        top = voter->versions[item] > top ? voter->versions[item] : top;
    }
    return top;
}

void voter_step(struct voter *voter, uint32_t *item, uint32_t *version, uint32_t *change)
{
    *item = voter->steps[voter->step_at++];
    if (voter->is_card) {
        voter->versions[*item] = version_top(voter);
    }
    *version = ++voter->versions[*item];
    *change = voter->changes[*item]++;
}

void voter_step_back(struct voter *voter)
{
    uint32_t item = voter->steps[--voter->step_at];
    voter->versions[item]--;
    voter->changes[item]--;
}

uint32_t voter_start_ms(struct voter *voter, double scale)
{
    return (uint32_t)((500.0 + 2500.0 * prng_unit(&voter->prng)) * scale);
}

uint32_t voter_fill_ms(struct voter *voter, uint32_t place_count, double scale)
{
    uint32_t sum_ms = 0;
    for (uint32_t i = 0; i < place_count; i++) {
        sum_ms += voter_pace_ms(voter, scale);
    }
    return sum_ms;
}

uint32_t voter_pace_ms(struct voter *voter, double scale)
{
    double pace = 900.0 * exp(0.35 * prng_normal(&voter->prng));
    if (pace < 200.0) {
        pace = 200.0;
    } else if (pace > 6000.0) {
        pace = 6000.0;
    }
    return (uint32_t)(pace * scale);
}

#include "clients/hall/ballot.h"

#include <string.h>

#include "clients/lib/prng.h"

#define FEWER_SHARE 0.1   /* of cards select fewer than they may */
#define AGAINST_SHARE 0.6 /* of those not selected get a ×, the others stay blank */
#define SECOND_NAME_SHARE 0.15
#define OWN_NAME_SHARE 0.1 /* of names written in are a candidate's or an option's */

static const char *const pool[BALLOT_NAME_COUNT] = { "另选人一号", "另选人二号", "另选人三号",
                                                     "另选人四号", "另选人五号" };

/* A card that is being filled in. */
struct desk {
    const struct ballot_habits *habits;
    const struct round_notice *round;
    const struct contest *contest;
    struct prng prng;
    double place; /* of the seat, for its first choice */
    uint32_t line_first;
    uint32_t line_count;        /* that take a name */
    uint32_t count;             /* who stand: candidates or options, and adopted names */
    uint8_t items[ITEM_MAX];    /* theirs, most popular first */
    uint16_t choices[ITEM_MAX]; /* by item */
    const char *names[WRITE_IN_MAX];
    uint32_t name_count;
};

const char *ballot_name(uint32_t index)
{
    return pool[index % BALLOT_NAME_COUNT];
}

bool ballot_is_name(const struct ballot *ballot, const struct ballot_mark *mark)
{
    return mark->item >= ballot->line_first && mark->choice > 0;
}

static uint32_t line_count_of(const struct round_notice *round)
{
    bool has_lines = round->kind == CONTEST_ELECTION || round->kind == CONTEST_POLL;
    if (!has_lines || round->stage == STAGE_RUN_OFF ||
        round->write_in_count <= round->adopted_count) {
        return 0;
    }
    return round->write_in_count - round->adopted_count;
}

/* Items of those who stand, in the card's order. Returns how many. */
static uint32_t standing_list(const struct round_notice *round, uint8_t items[ITEM_MAX])
{
    uint32_t count = 0;
    for (uint32_t item = 0; item < round->candidate_count && item < CANDIDATE_MAX; item++) {
        if (round->slate >> item & 1) {
            items[count++] = (uint8_t)item;
        }
    }
    for (uint32_t line = 0; line < round->adopted_count && line < WRITE_IN_MAX; line++) {
        items[count++] = (uint8_t)(round->candidate_count + line);
    }
    return count;
}

uint32_t ballot_place_count(const struct round_notice *round)
{
    uint8_t items[ITEM_MAX];
    return round->kind == CONTEST_MOTION ? 1 : standing_list(round, items);
}

void ballot_mark_one(uint32_t item, uint32_t choice, struct ballot *ballot)
{
    ballot->line_first = BALLOT_NO_LINE;
    ballot->mark_count = 1;
    ballot->name_count = 0;
    ballot->marks[0] = (struct ballot_mark){ .item = (uint16_t)item, .choice = (uint16_t)choice };
}

static bool chance(struct desk *desk, double share)
{
    return share > 0.0 && prng_unit(&desk->prng) < share;
}

/* One of those left, by their weights; `at` in 0.0 .. 1.0 says which. Takes it out of `left`. */
static uint8_t choose(const struct desk *desk, double at, uint8_t *left, double *weights,
                      uint32_t *left_count)
{
    double sum = 0.0;
    for (uint32_t i = 0; i < *left_count; i++) {
        sum += weights[i];
    }
    uint32_t found = 0;
    double seen = weights[0];
    while (found + 1 < *left_count && at * sum >= seen) {
        seen += weights[++found];
    }
    uint8_t item = desk->items[left[found]];
    (*left_count)--;
    memmove(&left[found], &left[found + 1], *left_count - found);
    memmove(&weights[found], &weights[found + 1], (*left_count - found) * sizeof(weights[0]));
    return item;
}

/* Selects `count` of those who stand; `selected` is their choice, `rest` that of the others. */
static void select_some(struct desk *desk, uint32_t count, uint16_t selected, uint16_t rest)
{
    uint8_t left[ITEM_MAX];
    double weights[ITEM_MAX];
    uint32_t left_count = desk->count;
    for (uint32_t i = 0; i < desk->count; i++) {
        left[i] = (uint8_t)i;
        weights[i] = taste_weight(desk->habits->taste, i, desk->count, desk->round->seats);
        desk->choices[desk->items[i]] = rest;
    }
    for (uint32_t i = 0; i < count && left_count > 0; i++) {
        double at = i == 0 ? desk->place : prng_unit(&desk->prng);
        desk->choices[choose(desk, at, left, weights, &left_count)] = selected;
    }
}

/* How many a card selects that may select up to `most`. */
static uint32_t selected_count(struct desk *desk, uint32_t most)
{
    uint32_t limit = most < desk->count ? most : desk->count;
    return limit > 1 && chance(desk, FEWER_SHARE) ? 1 + prng_below(&desk->prng, limit - 1) : limit;
}

/* More than there are seats. */
static uint32_t excess_count(struct desk *desk)
{
    return desk->round->seats + 1 + prng_below(&desk->prng, desk->count - desk->round->seats);
}

/* A candidate who got no mark yet and whose own name a voter writes instead; NULL: none. */
static const char *own_name(struct desk *desk, uint32_t against_needed)
{
    uint32_t against_count = 0;
    uint32_t found = ITEM_MAX;
    for (uint32_t i = 0; i < desk->count; i++) {
        against_count += desk->choices[desk->items[i]] == CHOICE_AGAINST ? 1 : 0;
    }
    for (uint32_t i = 0; i < desk->count && found == ITEM_MAX; i++) {
        uint32_t item = desk->items[i];
        if (item < desk->round->candidate_count && desk->choices[item] == CHOICE_AGAINST) {
            found = item;
        }
    }
    if (desk->contest == NULL || found >= desk->contest->candidate_count ||
        against_count <= against_needed) {
        return NULL;
    }
    desk->choices[found] = CHOICE_ABSTAIN;
    return desk->contest->candidates[found].name.zh;
}

static void names_write(struct desk *desk, uint32_t count)
{
    uint32_t first = prng_below(&desk->prng, BALLOT_NAME_COUNT);
    for (uint32_t i = 0; i < count; i++) {
        desk->names[i] = ballot_name(first + i);
    }
    desk->name_count = count;
}

/* Names on the lines, a × for each, and no more selected than there are seats. */
static void write_in(struct desk *desk)
{
    uint32_t seats = desk->round->seats;
    uint32_t count = 1;
    if (seats > 1 && desk->line_count > 1 && desk->count > 1 && chance(desk, SECOND_NAME_SHARE)) {
        count = 2;
    }
    uint32_t room = desk->count - count;
    select_some(desk, seats - count < room ? seats - count : room, CHOICE_FOR, CHOICE_AGAINST);
    names_write(desk, count);
    const char *own = chance(desk, OWN_NAME_SHARE) ? own_name(desk, count) : NULL;
    if (own != NULL) {
        desk->names[0] = own;
    }
}

static void election_fill(struct desk *desk)
{
    uint32_t seats = desk->round->seats;
    if (chance(desk, desk->habits->abstain)) {
        select_some(desk, 0, CHOICE_FOR, CHOICE_ABSTAIN);
    } else if (desk->count > seats && chance(desk, desk->habits->void_card)) {
        select_some(desk, excess_count(desk), CHOICE_FOR, CHOICE_AGAINST);
    } else if (desk->line_count > 0 && seats > 0 && chance(desk, desk->habits->disputed)) {
        select_some(desk, seats - 1, CHOICE_FOR, CHOICE_ABSTAIN);
        names_write(desk, 1);
    } else if (desk->line_count > 0 && seats > 0 && chance(desk, desk->habits->write_in)) {
        write_in(desk);
    } else {
        select_some(desk, selected_count(desk, seats), CHOICE_FOR, CHOICE_ABSTAIN);
        for (uint32_t i = 0; i < desk->count; i++) {
            uint16_t *choice = &desk->choices[desk->items[i]];
            if (*choice == CHOICE_ABSTAIN && chance(desk, AGAINST_SHARE)) {
                *choice = CHOICE_AGAINST;
            }
        }
    }
}

/* An option that was not chosen and whose name a voter writes instead; NULL: none. */
static const char *option_name(const struct desk *desk)
{
    for (uint32_t i = 0; desk->contest != NULL && i < desk->count; i++) {
        uint32_t item = desk->items[i];
        if (item < desk->contest->candidate_count && desk->choices[item] == CHOICE_NOT_CHOSEN) {
            return desk->contest->candidates[item].name.zh;
        }
    }
    return NULL;
}

/* A name on the first line, and no more options than it leaves room for. */
static void put_forward(struct desk *desk)
{
    select_some(desk, selected_count(desk, desk->round->seats - 1), CHOICE_CHOSEN,
                CHOICE_NOT_CHOSEN);
    names_write(desk, 1);
    const char *own = chance(desk, OWN_NAME_SHARE) ? option_name(desk) : NULL;
    if (own != NULL) {
        desk->names[0] = own;
    }
}

static void poll_fill(struct desk *desk)
{
    if (chance(desk, desk->habits->abstain)) {
        select_some(desk, 0, CHOICE_CHOSEN, CHOICE_NOT_CHOSEN);
    } else if (desk->count > desk->round->seats && chance(desk, desk->habits->void_card)) {
        select_some(desk, excess_count(desk), CHOICE_CHOSEN, CHOICE_NOT_CHOSEN);
    } else if (desk->line_count > 0 && desk->round->seats > 0 &&
               chance(desk, desk->habits->write_in)) {
        put_forward(desk);
    } else {
        select_some(desk, selected_count(desk, desk->round->seats), CHOICE_CHOSEN,
                    CHOICE_NOT_CHOSEN);
    }
}

static uint16_t motion_choice(struct desk *desk)
{
    static const double shares[][2] = { [TASTE_EVEN] = { 0.46, 0.92 },
                                        [TASTE_SPLIT] = { 0.56, 0.90 },
                                        [TASTE_CLEAR] = { 0.80, 0.92 } };
    if (chance(desk, desk->habits->abstain)) {
        return CHOICE_ABSTAIN;
    }
    const double *share = shares[desk->habits->taste];
    return desk->place < share[0]   ? CHOICE_FOR
           : desk->place < share[1] ? CHOICE_AGAINST
                                    : CHOICE_ABSTAIN;
}

/* The card of what was filled in: everybody who stands, then every line. */
static void ballot_write(const struct desk *desk, struct ballot *ballot)
{
    uint8_t items[ITEM_MAX];
    uint32_t count = standing_list(desk->round, items);
    for (uint32_t i = 0; i < count; i++) {
        ballot->marks[ballot->mark_count++] =
            (struct ballot_mark){ .item = items[i], .choice = desk->choices[items[i]] };
    }
    if (desk->line_count > 0) {
        ballot->line_first = desk->line_first;
    }
    for (uint32_t line = 0; line < desk->line_count; line++) {
        bool has_name = line < desk->name_count;
        ballot->marks[ballot->mark_count++] =
            (struct ballot_mark){ .item = (uint16_t)(desk->line_first + line),
                                  .choice = (uint16_t)(has_name ? line + 1 : 0) };
    }
    ballot->name_count = desk->name_count;
    memcpy(ballot->names, desk->names, sizeof(ballot->names));
}

void ballot_fill(const struct ballot_habits *habits, uint64_t seed, uint32_t seat,
                 const struct round_notice *round, const struct contest *contest, uint32_t change,
                 struct ballot *ballot)
{
    uint64_t what = taste_contest(seed, round->contest);
    struct desk desk = { .habits = habits, .round = round, .contest = contest };
    memset(ballot, 0, sizeof(*ballot));
    ballot->line_first = BALLOT_NO_LINE;
    prng_init(&desk.prng, prng_mix(what ^ prng_mix((uint64_t)round->round << 40 |
                                                   (uint64_t)change << 32 | seat)));
    desk.place = taste_place(what, seat, round->round, change);
    if (round->kind == CONTEST_MOTION) {
        ballot_mark_one(0, motion_choice(&desk), ballot);
        return;
    }
    desk.line_count = line_count_of(round);
    desk.line_first = round->candidate_count + round->adopted_count;
    desk.count = standing_list(round, desk.items);
    if (desk.count == 0 || desk.count + desk.line_count > ITEM_MAX) {
        return;
    }
    taste_rank(what, desk.items, desk.count);
    if (round->kind == CONTEST_ELECTION) {
        election_fill(&desk);
    } else {
        poll_fill(&desk);
    }
    ballot_write(&desk, ballot);
}

void ballot_only(struct ballot *ballot, uint32_t item)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < ballot->mark_count; i++) {
        if (ballot->marks[i].item == item) {
            ballot->marks[count++] = ballot->marks[i];
        }
    }
    ballot->mark_count = count;
    ballot->name_count = 0;
}

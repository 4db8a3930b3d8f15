#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "clients/lib/prng.h"
#include "server/protocol/message.h"

/*
 * One simulated person: what they mark next, when, and in which version. Knows nothing of
 * connections; time is passed in. Pure; one thread at a time.
 *
 * On hearing that a round opened a person looks up first. Of an appraisal they then work through
 * the items in their order at their own pace, leave some blank and go back to some to change their
 * mind. The card of an election, motion or poll they fill in whole before they cast it, and now and
 * then cast another one afterwards. Where the first answer is final nobody changes their mind.
 */
#define VOTER_STEP_MAX (ITEM_MAX * 2) /* every item once, and as many changes of mind */
#define VOTER_BLANK_SHARE 0.02
#define VOTER_PACE_MEAN_MS 957.0 /* of voter_pace_ms() at scale 1, between two marks */
#define VOTER_STAYS UINT32_MAX

/*
 * Chances, 0.0 .. 1.0.
 *
 * revote  for each mark or whole card to change later
 * leave   to drop out of the round half way
 */
struct voter_habits {
    double revote;
    double leave;
};

struct voter {
    struct prng prng;
    uint32_t seat;
    bool stays_away; /* never casts */
    bool is_card;    /* steps are whole cards, not items */
    uint32_t round;  /* the one planned for; 0: none */
    uint32_t asked;  /* the item asked alone, from 1; 0: the whole card */
    uint32_t item_count;
    uint32_t grade_count;
    uint32_t step_count;
    uint32_t step_at;              /* steps done */
    uint32_t leave_at;             /* drops out after so many steps; VOTER_STAYS: not */
    uint32_t versions[ITEM_MAX];   /* the highest cast or recorded, by item */
    uint8_t changes[ITEM_MAX];     /* how often this person marked the item before */
    uint8_t steps[VOTER_STEP_MAX]; /* items in the order they are marked */
};

/* stay_away 0.0 .. 1.0: chance to be one who never casts, in no round. */
void voter_init(struct voter *voter, uint64_t seed, uint32_t seat, double stay_away);

/* Plans the round from its beginning. */
void voter_plan(struct voter *voter, const struct round_notice *round,
                const struct voter_habits *habits);

/*
 * From now on one item is asked, from 1 (round->asked), of the round planned for: what was planned
 * before is dropped, and this item comes next. The same item again is nothing.
 */
void voter_ask(struct voter *voter, const struct round_notice *round,
               const struct voter_habits *habits);

/* The server holds these versions: go on above them. */
void voter_learn(struct voter *voter, uint32_t item, uint32_t version);

/* Whether a mark or card is left to cast. */
bool voter_has_step(const struct voter *voter);

/* Whether this is the moment to drop out of the round. */
bool voter_leaves(const struct voter *voter);

/*
 * The next mark: item (of a whole card 0), the version it is cast in, above every one of the card's
 * items where it is a card, and which change of mind it is (0: the first).
 */
void voter_step(struct voter *voter, uint32_t *item, uint32_t *version, uint32_t *change);

/* The mark of voter_step() could not be cast: it comes again. */
void voter_step_back(struct voter *voter);

/* Time to look up when a round opens: 0.5 .. 3 s × scale. */
uint32_t voter_start_ms(struct voter *voter, double scale);

/* Time to fill in a card on which there are so many to look at. */
uint32_t voter_fill_ms(struct voter *voter, uint32_t place_count, double scale);

/* Time from one mark to the next: log-normal about 0.9 s, 0.2 .. 6 s, × scale. */
uint32_t voter_pace_ms(struct voter *voter, double scale);

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "clients/hall/taste.h"
#include "server/model/event.h"
#include "server/protocol/message.h"

/*
 * The card a simulated person fills in: of an appraisal one mark, of everything else the whole card
 * at once. What is on it follows from the seed. Pure.
 */

#define BALLOT_NO_LINE UINT32_MAX

/* On a write-in line choice is the place of a name in `names`, from 1; 0: the line stays empty. */
struct ballot_mark {
    uint16_t item;
    uint16_t choice;
};

struct ballot {
    uint32_t line_first; /* items from here on are write-in lines; BALLOT_NO_LINE: none is */
    uint32_t mark_count;
    uint32_t name_count;
    struct ballot_mark marks[ITEM_MAX];
    const char *names[WRITE_IN_MAX]; /* borrowed: of the pool, or of the contest */
};

/*
 * What a hall is like; chances 0.0 .. 1.0 for each card, tried in this order.
 *
 * abstain   blank: abstains on everything, chooses nothing
 * void_card selects more than there are seats, where so many stand
 * disputed  elections: writes a name in without a × on the card (W7), where there is a line
 * write_in  writes names in, where there is a line: of elections with a × on the card for each, of
 *           polls one
 */
struct ballot_habits {
    enum taste taste;
    double abstain;
    double void_card;
    double disputed;
    double write_in;
};

/* Whether the mark is a name on a write-in line. */
bool ballot_is_name(const struct ballot *ballot, const struct ballot_mark *mark);

/* The names people write in, 另选人一号 … 另选人五号, and beside them those on the card. */
#define BALLOT_NAME_COUNT 5
const char *ballot_name(uint32_t index);

/* Of a card of an election, motion or poll, how many candidates or options a person looks at. */
uint32_t ballot_place_count(const struct round_notice *round);

/* One mark of an appraisal. */
void ballot_mark_one(uint32_t item, uint32_t choice, struct ballot *ballot);

/*
 * A whole card of an election, motion or poll: a mark on everybody of the slate and on every line,
 * so that a later card leaves nothing of an earlier one standing.
 *
 * contest  for candidates' own names, or NULL as long as it is not known
 * change   0 for the first card; a change of mind is another card
 * Without anybody who stands the card has no mark.
 */
void ballot_fill(const struct ballot_habits *habits, uint64_t seed, uint32_t seat,
                 const struct round_notice *round, const struct contest *contest, uint32_t change,
                 struct ballot *ballot);

/* Leaves only the mark on `item`: it is asked alone. Names go; mark_count 0: it is not on the card.
 */
void ballot_only(struct ballot *ballot, uint32_t item);

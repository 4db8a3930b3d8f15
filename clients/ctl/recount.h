#pragma once

#include <stdint.h>

#include "clients/ctl/ledger.h"
#include "server/core/card.h"

/*
 * The second count: straight from the log's records and by another way than core's fold. Marks
 * that lie between an opening and a pause or close of their round are sorted by (round, slot, item,
 * version); of each item of a card the highest version counts. It shares no code with core's
 * ballots and tallies, and knows nothing of contests and their rules: a choice is a number, on a
 * write-in line that of a name. Pure.
 *
 * first_mark  index of its first mark in the recount's marks, mark_count of them
 * counts      of choices below GRADE_MAX; a name's number may be higher and is in the marks alone
 */
struct recount_round {
    uint32_t round;
    uint32_t item_count;
    uint32_t card_count;
    uint64_t first_mark;
    uint64_t mark_count; /* marks that were taken while it was open */
    uint32_t counts[ITEM_MAX][GRADE_MAX];
};

/* One mark that was taken, and whether it counts in the end. Sorted as said above. */
struct recount_mark {
    struct mark mark;
    uint64_t place; /* index in the log's marks */
    bool is_counted;
};

struct recount {
    struct recount_round *rounds; /* rounds[number - 1] */
    uint32_t round_count;
    struct recount_mark *marks;
    uint64_t mark_count;
    uint64_t outside_count; /* marks in the log that no open round took: 0 in a sound log */
};

/*
 * The card of `slot` in the round, by item, CHOICE_NONE where it was never marked; *group is that
 * of its marks. False: it has no mark, or marks of two groups.
 */
bool recount_card(const struct recount *recount, uint32_t round, const uint8_t slot[SLOT_SIZE],
                  uint16_t choices[ITEM_MAX], uint8_t *group);

/* Errors: STATUS_NOMEM, STATUS_INVALID (rounds that are not 1, 2, 3 …). recount_finish(). */
MUST_CHECK enum status recount_run(const struct ledger *ledger, struct recount *recount,
                                   struct fault *fault);
void recount_finish(struct recount *recount);

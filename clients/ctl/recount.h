#pragma once

#include <stdint.h>

#include "clients/ctl/ledger.h"

/*
 * The second count: straight from the log's records and by another way than core's fold. Marks
 * that lie between an opening and a pause or close of their round are sorted by (round, slot, item,
 * version); of each item of a card the highest version counts. It shares no code with core's
 * ballots and tallies. Pure.
 */
struct recount_round {
    uint32_t round;
    uint32_t item_count;
    uint32_t card_count;
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

/* Errors: STATUS_NOMEM, STATUS_INVALID (rounds that are not 1, 2, 3 …). recount_finish(). */
MUST_CHECK enum status recount_run(const struct ledger *ledger, struct recount *recount,
                                   struct fault *fault);
void recount_finish(struct recount *recount);

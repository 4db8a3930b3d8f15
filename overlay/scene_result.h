#pragma once

#include "overlay/scene_ballot.h"

/*
 * What a result says, before it has a place: its verdict and its lines. Only scene_result*.c
 * include this.
 */

/*
 * One line: a name, its value, what share of the base that is, and how it stands.
 *
 * value     a number, "18,000 / 20,000" or a few words; with is_votes a count of votes
 * share     "65.4%", or "" where no base is known
 */
struct result_line {
    char name[BALLOT_NAME_SIZE];
    char value[2 * NUMBER_SIZE + 4];
    char share[NUMBER_SIZE + 1];
    enum standing standing;
    bool is_votes;
};

struct result_list {
    struct result_line lines[BALLOT_ROW_MAX];
    uint32_t count;
};

/* The lines of a round that is over and has a tally. */
void result_list_make(const struct pen *pen, const struct contest *contest,
                      const struct figures *figures, struct result_list *list);

/* What was decided, in words. Returns buffer. */
const char *result_verdict(const struct pen *pen, const struct contest *contest,
                           const struct figures *figures, char buffer[NOTE_SIZE]);

#pragma once

#include "server/core/appraisal.h"

/*
 * What the two parts of an appraisal's count share: appraisal.c judges and counts cards,
 * appraisal_score.c scores. For these two only.
 */

/*
 * A card's own score: points of weight, both of all its criteria that have a score. Small enough to
 * be compared crosswise in 64 bits: CRITERION_MAX weights of 10000, and values of 1000.
 */
struct card_score {
    uint64_t points;
    uint64_t weight;
};

/*
 * The cards that A10 leaves out of a pool's score. Of cards with the same score the one whose
 * choices come first in order is the highest, the one whose choices come last the lowest. So the
 * order in which cards were counted never matters, and of three cards it is never the same one
 * twice.
 *
 * card_count  cards that have a score of their own
 */
struct extremes {
    uint32_t card_count;
    struct card_score highest_score;
    struct card_score lowest_score;
    uint16_t highest[CRITERION_MAX];
    uint16_t lowest[CRITERION_MAX];
};

/* counts: of valid cards. */
struct group_count {
    uint32_t counts[CRITERION_MAX][GRADE_MAX];
    uint32_t valid;
    uint32_t void_count;
    struct extremes extremes;
};

/*
 * grades[g]    what grade g is worth; is_scored false: nothing
 * weights[k]   of criteria (A4)
 * shares[g]    of groups (A5); all 0: one pool, whose extremes are `extremes`
 */
struct appraisal_count {
    const struct contest *contest;
    const struct appraisal_rules *rules;
    uint32_t item_count;
    uint32_t group_count;
    struct grade_value grades[GRADE_MAX];
    uint32_t weights[CRITERION_MAX];
    uint32_t shares[GROUP_MAX];
    bool is_weighed;
    struct extremes extremes;
    struct group_count groups[GROUP_MAX];
};

/* Takes a valid card into account for A10. */
void appraisal_extremes_add(struct appraisal_count *count, const struct card *card);

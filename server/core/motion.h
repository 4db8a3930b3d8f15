#pragma once

#include <stdint.h>

#include "server/core/card.h"
#include "server/core/election.h"
#include "server/model/event.h"
#include "server/model/rules.h"
#include "server/model/view.h"

/*
 * The counts of a motion (for, against, abstain) and of a poll (options chosen, at most
 * contest->seats of them a card; a public recommendation is a poll with a shortlist). Pure.
 */
struct motion_count {
    const struct contest *contest; /* borrowed */
    uint32_t returned;
    uint32_t void_count;
    uint32_t counts[ITEM_MAX][GRADE_MAX];
};

void motion_count_init(struct motion_count *count, const struct contest *contest);
/* A poll's card that chooses too many options is void. A blank one is valid. */
void motion_count_add(struct motion_count *count, const struct card *card);
/* Hand counts: counts[item][choice]. */
void motion_count_add_paper(struct motion_count *count, const uint32_t (*counts)[GRADE_MAX],
                            uint32_t returned, uint32_t void_count);
/* Fills items, item_count, grade_count, cast_count, valid_count, void_count, decision; of a poll
 * with a shortlist election.standings as well: those level at the cut are STANDING_TIED. */
void motion_count_figures(const struct motion_count *count, const struct turnout *turnout,
                          struct figures *figures);

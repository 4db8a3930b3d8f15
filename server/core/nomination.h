#pragma once

#include <stdint.h>

#include "server/core/card.h"
#include "server/core/motion.h"
#include "server/model/event.h"
#include "server/model/status.h"
#include "server/model/view.h"

/*
 * Names put forward: the lines for other names of a poll, as a public recommendation has them.
 * Equal names count together, a name that is an option's counts for the option, and the shortlist
 * is drawn over options and names alike. Beside a motion_count, which keeps the options. Pure.
 */
struct nominations;

/* contest: a poll with lines, kept. NULL: no memory. Given. */
struct nominations *nominations_create(const struct contest *contest);
void nominations_destroy(struct nominations *nominations);

/* Name `number`, the next one. STATUS_FULL over WRITTEN_NAME_MAX, STATUS_NOMEM. */
MUST_CHECK enum status nominations_name(struct nominations *nominations, const char *name);

/*
 * Reads the lines of a card: an option that is written in is marked chosen on `card`, so that
 * motion_count_add() sees it, and its line emptied; each other name once. Call it before that, and
 * nominations_add() only when the card turned out valid.
 */
void nominations_read(const struct nominations *nominations, struct card *card);
void nominations_add(struct nominations *nominations, const struct card *card);

/* Votes of name `number` counted by hand; those of an option's name come back in option_votes. */
void nominations_add_paper(struct nominations *nominations, uint32_t number, uint32_t votes,
                           uint32_t option_votes[CANDIDATE_MAX]);

/*
 * After motion_count_figures(): names, most votes first, and the shortlist of options and names
 * together, into figures->election.
 */
void nominations_figures(const struct nominations *nominations, struct figures *figures);

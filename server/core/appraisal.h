#pragma once

#include <gmp.h>
#include <stdbool.h>
#include <stdint.h>

#include "server/core/card.h"
#include "server/model/event.h"
#include "server/model/rules.h"
#include "server/model/view.h"

/*
 * The count of an appraisal: cards of one subject in, counts and, where the rules name values,
 * exact scores out (A1 … A12). Groups are counted apart and never pooled before they are weighed
 * (A5). Pure; one thread at a time.
 *
 * Without a mark of a grade that has a value there is no score: such a group is left out of the
 * item's score, such an item out of the person's, and the weights of the others are shares of what
 * is left (A4, A5). Criteria and groups that the rules weigh but do not name weigh nothing.
 *
 * A10: of more than trim_above cards with a score of their own (three at least), one highest and
 * one lowest are left out of scores, of items and person, never out of counts; in each group where
 * groups are weighed. Among cards of equal score the choice does not depend on their order.
 * A9: "all the same" and "all top" are of cards with two criteria or more, all marked.
 * A6, A7: marks over all items and groups.
 */
struct appraisal_count;

/* contest (with its rules) is kept. group_count 1 .. GROUP_MAX. NULL: no memory. Given. */
struct appraisal_count *appraisal_count_create(const struct contest *contest,
                                               const struct event *event);
void appraisal_count_destroy(struct appraisal_count *count);

/*
 * One card that was returned: void by the profile's rules (A9, A11), or counted. Choices outside
 * the contest are a programmer's mistake.
 * Always STATUS_OK: of all cards only the extremes are kept (A10).
 */
MUST_CHECK enum status appraisal_count_add(struct appraisal_count *count, const struct card *card);

/*
 * Totals counted by hand, of one group: counts[item][grade], and how many cards came back, how
 * many of them void. Rules that look at whole cards (A9, A11) were applied by hand; A10 looks only
 * at cards that were added whole.
 */
void appraisal_count_add_paper(struct appraisal_count *count, uint32_t group,
                               const uint32_t (*counts)[GRADE_MAX], uint32_t returned,
                               uint32_t void_count);

/*
 * The counts over all groups, valid and void cards, satisfied, and the scores, band and remarks of
 * this subject: fills items, item_count, grade_count, valid_count, void_count, satisfied,
 * satisfied_base, appraisal (but rank, tied_count and the floor's remark), decision.
 */
void appraisal_count_figures(const struct appraisal_count *count, struct figures *figures);

/* The counts of one group, for sheets of officers. */
uint32_t appraisal_count_group(const struct appraisal_count *count, uint32_t group, uint32_t item,
                               uint32_t grade);

/*
 * The person's exact score into `score` (initialized by the caller); false: the rules name no
 * values, or nobody gave a mark that counts.
 */
bool appraisal_count_score(const struct appraisal_count *count, mpq_t score);

/*
 * Ranks subjects by exact score (A8): rank 1 is the highest, equal scores share a rank and the next
 * one is skipped. counts[i] may be NULL or without a score: rank 0. Writes rank, tied_count and the
 * floor's remark into figures[i].appraisal. All of one contest.
 */
void appraisal_rank(const struct rules *rules, struct appraisal_count *const *counts,
                    uint32_t subject_count, struct figures *const *figures);

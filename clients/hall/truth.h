#pragma once

#include <stdint.h>
#include <stdio.h>

#include "clients/hall/ballot.h"
#include "clients/hall/hand_count.h"
#include "server/model/event.h"
#include "server/model/fault.h"
#include "server/protocol/message.h"

/*
 * The hall's own truth: what was acknowledged, and nothing else. Of an appraisal, for each (round,
 * seat, item) the choice with the highest acknowledged version counts; of everything else the
 * same, card by card (pile.h). It never looks at what the server counted; of the server's figures
 * it takes only how many were registered, present and given a ballot, which no keypad can know.
 * Pure but for truth_print(); one thread at a time.
 */
struct truth;

/* seat_first, seat_count: the seats played. NULL: no memory. */
struct truth *truth_create(uint32_t seat_first, uint32_t seat_count);
void truth_destroy(struct truth *truth);

/*
 * A round was heard of as open; again is nothing. Errors: STATUS_LIMIT (round over ROUND_MAX, or
 * items or choices over their maxima), STATUS_NOMEM.
 */
MUST_CHECK enum status truth_round(struct truth *truth, const struct round_notice *round);

/*
 * A mark of an appraisal was acknowledged. Versions below 2^24; out of range, or a round not heard
 * of: ignored.
 */
void truth_mark(struct truth *truth, uint32_t round, uint32_t seat, uint32_t item, uint32_t version,
                uint32_t choice);

/*
 * A card of another round was acknowledged. A seat or round out of range is ignored. Errors:
 * as pile_put().
 */
MUST_CHECK enum status truth_card(struct truth *truth, uint32_t round, uint32_t seat,
                                  uint32_t version, const struct ballot *ballot);

/* What the server published of the round's turnout; and that an officer voided the round. */
void truth_turnout(struct truth *truth, uint32_t round, const struct hand_turnout *turnout);
void truth_void(struct truth *truth, uint32_t round);

/* The counts of one item by choice, into counts[GRADE_MAX]; all zero unless of an appraisal. */
void truth_counts(const struct truth *truth, uint32_t round, uint32_t item,
                  uint32_t counts[GRADE_MAX]);

/*
 * Prints {"items":[…],"contests":[…],"motions":[…],"polls":[…],"voided":[…],"unresolved":N}:
 * rounds ascending, criteria and candidates in the contest's order; names and rules from `event`.
 * A key is there where there is something of the kind; items also where there is nothing at all.
 * Errors: STATUS_NOT_FOUND (a round's contest is not in the event or is another one there; an
 * election's rules or turnout are not known), STATUS_NOMEM.
 */
MUST_CHECK enum status truth_print(const struct truth *truth, const struct event *event,
                                   uint64_t unresolved, FILE *file, struct fault *fault);

#pragma once

#include <stdint.h>
#include <stdio.h>

#include "server/model/event.h"
#include "server/model/fault.h"

/*
 * The hall's own truth: what was acknowledged, and nothing else. For each (round, seat, item) the
 * choice with the highest acknowledged version counts. It never looks at what the server counted.
 * Pure but for truth_print(); one thread at a time.
 */
struct truth;

/* seat_first, seat_count: the seats played. NULL: no memory. */
struct truth *truth_create(uint32_t seat_first, uint32_t seat_count);
void truth_destroy(struct truth *truth);

/*
 * A round was heard of as open; again is nothing. Errors: STATUS_LIMIT (round over ROUND_MAX, or
 * items or grades over their maxima), STATUS_NOMEM.
 */
MUST_CHECK enum status truth_round(struct truth *truth, uint32_t round, const char *contest,
                                   const char *subject, uint32_t item_count, uint32_t grade_count);

/* A mark was acknowledged. Versions below 2^24; out of range, or a round not heard of: ignored. */
void truth_mark(struct truth *truth, uint32_t round, uint32_t seat, uint32_t item, uint32_t version,
                uint32_t choice);

/* The counts of one item by choice, into counts[GRADE_MAX]; all zero for a round not heard of. */
void truth_counts(const struct truth *truth, uint32_t round, uint32_t item,
                  uint32_t counts[GRADE_MAX]);

/*
 * Prints {"items":[…],"unresolved":N}: rounds ascending, criteria in the contest's order; names
 * from `event`. Errors: STATUS_NOT_FOUND (a round's contest is not in the event or has another
 * number of items or grades).
 */
MUST_CHECK enum status truth_print(const struct truth *truth, const struct event *event,
                                   uint64_t unresolved, FILE *file, struct fault *fault);

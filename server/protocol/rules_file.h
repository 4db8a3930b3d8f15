#pragma once

#include <jansson.h>

#include "server/model/event.h"
#include "server/model/fault.h"
#include "server/model/rules.h"
#include "server/protocol/reader.h"
#include "server/protocol/writer.h"

/*
 * Rules profiles, minping-rules(5): JSON in, struct rules out, and back in one canonical form.
 *
 * No key has a default: one that is missing is a fault, which names the rule it belongs to (E1 …
 * E17, A1 … A12). Any thread.
 */

/*
 * Reads the profile `object` into `rules`, its hash included. False after a fault; the reader goes
 * on after each, so that a person gets them all at once.
 */
bool rules_read(struct reader *reader, const struct place *at, json_t *object, struct rules *rules);

/* The canonical form: every key in one order, without blanks. `rules` came from rules_read(). */
void rules_write(struct writer *writer, const struct rules *rules);

/*
 * Parses one profile of its own. On success *rules is given (free()); otherwise NULL and `faults`
 * holds at least one. Errors: STATUS_INVALID, STATUS_NOMEM.
 */
MUST_CHECK enum status rules_parse(const char *text, size_t size, struct rules **rules,
                                   struct fault_list *faults);

/* The shipped profile with this id; given (free()). NULL: there is none, or no memory. */
struct rules *rules_find_shipped(const char *id);
/* The id of shipped profile `index`, from 0, by the alphabet; NULL behind the last. */
const char *rules_shipped_id(uint32_t index);

/*
 * Whether the profile fits the contest: kinds, grades, criteria, E3. Faults stand at `at`, the
 * contest; its candidates, grades … were read and contest->rules is set.
 */
bool rules_check_contest(struct reader *reader, const struct place *at,
                         const struct contest *contest);

/* Whether contest's profile fits the event's groups (A5) and check-in (E1, E2), likewise. */
bool rules_check_event(struct reader *reader, const struct place *at, const struct contest *contest,
                       const struct event *event);

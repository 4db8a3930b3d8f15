#pragma once

#include <stddef.h>

#include "server/model/event.h"
#include "server/model/fault.h"
#include "server/model/roll.h"

/*
 * Rolls, minping-roll(5): CSV as Excel and WPS write it in, struct roll out, every fault with its
 * line ("members.csv:12"). Any thread.
 *
 * A fault never repeats a credential.
 */
#define ROLL_SIZE_MAX (16u << 20) /* bytes of a roll: SEAT_MAX lines of 160 */

/*
 * Reads text[0 .. size), whose name in faults is `file`, against the groups of `event`. On success
 * `roll` is filled (then roll_finish()); otherwise empty, and `faults` (may be NULL) holds at least
 * one. Errors: STATUS_INVALID, STATUS_LIMIT (over ROLL_SIZE_MAX or SEAT_MAX), STATUS_NOMEM.
 */
MUST_CHECK enum status roll_parse(const char *file, const char *text, size_t size,
                                  const struct event *event, struct roll *roll,
                                  struct fault_list *faults);

/* Reads the file at `path` and parses it. STATUS_IO as well. */
MUST_CHECK enum status roll_file_read(const char *path, const struct event *event,
                                      struct roll *roll, struct fault_list *faults);

/*
 * Where the roll of an event is that was read from `event_path`: beside it, unless the event names
 * it from the root. False: it does not fit, or the event has none.
 */
bool roll_path(const char *event_path, const struct event *event, char *path, size_t path_size);

/*
 * Gives the groups of an event with has_roll the seats that the roll has for them, and checks the
 * seats of base stations. Errors: STATUS_INVALID (a base's seats beyond the roll, or nobody has the
 * right to vote).
 */
MUST_CHECK enum status event_seat_roll(struct event *event, const struct roll *roll,
                                       struct fault_list *faults);

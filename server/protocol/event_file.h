#pragma once

#include <stddef.h>

#include "server/model/event.h"
#include "server/model/fault.h"

/*
 * Event files, minping-event(5): JSON in, struct event out, every fault with its JSON path.
 * Pure: reads no file itself but event_file_read(); any thread.
 */

/*
 * Parses and validates `text` completely. On success *event is given; otherwise NULL and `faults`
 * holds at least one. Errors: STATUS_INVALID, STATUS_LIMIT (over EVENT_SIZE_MAX), STATUS_NOMEM.
 */
MUST_CHECK enum status event_parse(const char *text, size_t size, struct event **event,
                                   struct fault_list *faults);

/* Reads the file at `path` (at most EVENT_SIZE_MAX bytes) and parses it. STATUS_IO as well. */
MUST_CHECK enum status event_file_read(const char *path, struct event **event,
                                       struct fault_list *faults);

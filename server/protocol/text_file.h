#pragma once

#include <stddef.h>

#include "server/model/fault.h"

/*
 * Whole text files, for the files of server/protocol that a person names: events, series, rolls.
 * Any thread.
 */

/*
 * Reads the file at `path` into *text, which is given (free()): all of it, or size_max + 1 bytes of
 * a larger one, so that its parser can say that it is too large. Errors: STATUS_IO, STATUS_NOMEM;
 * `faults` (may be NULL) then names path and reason.
 */
MUST_CHECK enum status text_file_read(const char *path, size_t size_max, char **text, size_t *size,
                                      struct fault_list *faults);

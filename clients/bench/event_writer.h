#pragma once

#include <stdint.h>

#include "server/model/fault.h"

/*
 * Writes an event for benchmarks, minping-event(5), to `path`: one appraisal "appraisal" of 40
 * subjects s01 … s40, 11 criteria and 3 grades, live tally; seat_count seats; posts officer-1,
 * operator-1, overlay-1 (public) and base-1 … base-N, each of seats_each seats. Errors: STATUS_IO.
 */
MUST_CHECK enum status event_write(const char *path, uint32_t seat_count, uint32_t base_count,
                                   uint32_t seats_each, struct fault *fault);

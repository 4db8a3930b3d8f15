#pragma once

#include <stdio.h>

#include "server/model/event.h"
#include "server/model/fault.h"

/*
 * minping asrun: what viewers saw at a moment, out of an overlay's as-run log, in words.
 *
 * at  HH:MM:SS[.mmm], local, the newest such moment that is not after the last line; or
 *     YYYY-MM-DDTHH:MM:SS[.mmm], local, or with Z or ±HH:MM behind it
 * A line that cannot be read, and lines the overlay could not write, are said where they fall in
 * what the answer rests on.
 *
 * Errors: STATUS_INVALID: `at` is no such time; STATUS_IO; STATUS_NOT_FOUND: the file begins later,
 * or is empty
 */
MUST_CHECK enum status asrun_answer(const char *path, const char *at, enum language language,
                                    FILE *out, struct fault *fault);

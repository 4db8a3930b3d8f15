#pragma once

#include <stdint.h>
#include <stdio.h>

#include "server/model/event.h"
#include "server/model/fault.h"

/*
 * minping panic: takes all graphics off the air through the overlay's socket alone, without server
 * or network (overlay/panic.h). Says to `out` how many frames that took.
 *
 * timeout_s  how long the overlay may be silent
 * Errors     STATUS_IO: nobody listens there, or the overlay did not do it
 */
MUST_CHECK enum status panic_run(const char *path, uint32_t timeout_s, enum language language,
                                 FILE *out, struct fault *fault);

#pragma once

#include <stdio.h>

#include "clients/ctl/ledger.h"

/*
 * Verification of a stopped server's log: core's count against the second count, sums, and what was
 * acknowledged. Prints what it compared to `out`; on a difference returns STATUS_REFUSED and the
 * fault says where. acks: a file, or NULL.
 */
MUST_CHECK enum status verify_run(const struct ledger *ledger, const char *acks,
                                  enum language language, FILE *out, struct fault *fault);

#pragma once

#include <stdint.h>

#include "clients/ctl/recount.h"

/*
 * Holds what voters were acknowledged (minping-hall --acks, clients/lib/ack_line.h) against the
 * log: every acknowledged mark must be in it, taken while its round was open, with the same choice
 * and the group of its seat, and either counted or replaced by a higher version of the same item.
 * One seat is one slot.
 */
struct acks_report {
    uint64_t line_count;
    uint64_t counted_count;    /* acknowledged marks that count */
    uint64_t superseded_count; /* … that a higher version replaced */
    uint64_t cut_count;        /* 1: the last line has no end; whoever wrote it was killed */
};

/*
 * Errors: STATUS_IO (cannot read), STATUS_INVALID (a line that is none), STATUS_NOMEM, and
 * STATUS_NOT_FOUND: an acknowledged mark is missing or differs. `where` is file:line.
 */
MUST_CHECK enum status acks_check(const char *path, const struct event *event,
                                  const struct recount *recount, struct acks_report *report,
                                  struct fault *fault);

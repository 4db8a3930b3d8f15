#pragma once

#include <stdint.h>

#include "server/model/fault.h"
#include "server/protocol/message.h"

/*
 * The desk of a server under test, through the client library: one question, one answer, each on a
 * connection of its own, so that no post stays connected while something is measured. One thread.
 *
 * url    of the desk's listener; token: of officer-1 where nothing else is said
 * Errors: STATUS_IO (no answer within 10 s), STATUS_REFUSED (the server said no), STATUS_NOMEM.
 */

/* Opens a round of contest "appraisal", subject `subject`; *round: its number. */
MUST_CHECK enum status desk_open_round(const char *url, const char *token, const char *subject,
                                       uint32_t *round, struct fault *fault);

/* Takes the strip of a subject's first criterion to the programme; token: of operator-1. */
MUST_CHECK enum status desk_take_strip(const char *url, const char *token, const char *subject,
                                       struct fault *fault);

MUST_CHECK enum status desk_status(const char *url, const char *token, struct status_report *report,
                                   struct fault *fault);

/*
 * The value of the metric called `name` (without labels) of GET /metrics. STATUS_NOT_FOUND: it has
 * none.
 */
MUST_CHECK enum status desk_metric(const char *url, const char *token, const char *name,
                                   double *value, struct fault *fault);

#pragma once

#include <stdint.h>

#include "server/model/fault.h"
#include "server/protocol/message.h"

/*
 * One errand at a running server, over the client library: a control message and its answer, or
 * the document of the closed figures. Blocks until the answer or the time-out.
 */
struct desk_options {
    const char *url;
    const char *token_file; /* one line, the token of a post */
    const char *ca;         /* or NULL */
    uint32_t timeout_s;
};

/* What came back. */
struct desk_answer {
    enum message_kind kind; /* MESSAGE_DONE, _STATUS, _CASES or _REFUSED */
    struct done done;
    struct status_report status;
    struct cases_report cases;
    struct refused refused;
};

/*
 * Errors: STATUS_INVALID (url, token file, certificate file), STATUS_DENIED (the token is not of a
 * post that may do this), STATUS_IO (no connection, or no answer in time; the act may have been
 * done all the same, and the fault says so), STATUS_NOMEM.
 */
MUST_CHECK enum status desk_control(const struct desk_options *options,
                                    const struct control *control, struct desk_answer *answer,
                                    struct fault *fault);

/*
 * GET /api/v1/view with the token; document_finish() after success. Errors: as above, and
 * STATUS_INVALID for a document that cannot be read.
 */
MUST_CHECK enum status desk_document(const struct desk_options *options, struct document *document,
                                     struct fault *fault);

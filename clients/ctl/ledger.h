#pragma once

#include <stdint.h>

#include "server/core/sitting.h"
#include "server/votelog/votelog.h"

/*
 * The whole log of a stopped server in memory: folded by core into a sitting, and besides as the
 * plain records it consists of, for the second count.
 */

/* What of an act the second count needs; `before` marks came before it in the log. */
struct ledger_act {
    enum act_kind kind;
    uint32_t round;
    uint64_t number;
    uint64_t before;
};

struct ledger {
    struct event *event;
    struct sitting *sitting;
    struct votelog_identity identity;
    struct mark *marks; /* in the order of the log */
    uint64_t mark_count;
    struct ledger_act *acts;
    uint64_t act_count;
};

/*
 * Reads event file (NULL: DIR/event.json, which the server keeps) and log. Errors: STATUS_BUSY (the
 * server runs; the fault names --url), and what event_file_read(), votelog_open_sqlite(),
 * votelog_replay() and sitting_apply() report.
 * ledger_finish() after success.
 */
MUST_CHECK enum status ledger_read(const char *data, const char *event_file, struct ledger *ledger,
                                   struct fault *fault);
void ledger_finish(struct ledger *ledger);

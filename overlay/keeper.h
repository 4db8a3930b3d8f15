#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "overlay/graphic.h"
#include "server/model/fault.h"

/*
 * The keeper: starts the painter, watches its beats, kills and restarts it. A painter that ended or
 * stopped beating is replaced within half a second; after one that never came up the next waits
 * longer and longer, up to 5 s, and has longer to come up. The picture does not depend on it: the
 * outputter holds what it has.
 *
 * The painter is this program again with --painter, the exchange as descriptor 3, and ends when
 * this process does. Main thread only, and that must live as long as the painter.
 */
#define KEEPER_ARGUMENT_MAX 24
#define KEEPER_EXCHANGE_FD 3 /* where the painter finds the exchange */

struct keeper;

/* Figures for the log. */
struct keeper_figures {
    uint64_t starts; /* painters started, the first included */
    bool is_up;      /* this painter has beaten, lately */
};

/*
 * arguments  of the painter, after its name, NULL-ended, kept until destroy
 * STATUS_NOMEM
 */
MUST_CHECK enum status keeper_create(struct graphic_exchange *exchange,
                                     const char *const *arguments, struct keeper **keeper,
                                     struct fault *fault);

/*
 * Starts, looks after, kills. Call it at least every 50 ms with the time of CLOCK_MONOTONIC.
 * False: a painter gave up by itself before any had ever beaten: a theme that cannot be read, say.
 * Trying again would not help; what is wrong is in the log.
 */
bool keeper_poll(struct keeper *keeper, int64_t now_ns);

void keeper_figures_get(const struct keeper *keeper, struct keeper_figures *figures);

/* Asks the painter to end, and kills it when it does not within a third of a second. */
void keeper_destroy(struct keeper *keeper);

#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * The panic's curtain: drawn at once, it stays until something is taken on the bus that is drawn,
 * as the count of its takes shows. Pure, and needs no network.
 *
 * Counts are told apart by the log they belong to, so that a curtain that was written down and
 * drawn again by another process (overlay/panic.h) neither falls by itself nor hides another event.
 */
struct curtain {
    bool is_drawn;
    uint64_t log;       /* 0: not known yet when it was drawn */
    uint64_t programme; /* takes that stay hidden: of the panic, or lower with another log */
};

/*
 * A tick. programme: the takes that the newest graphic shows, 0 for none; log: of which log,
 * 0: nobody knows yet, and nothing is concluded from the sequence.
 */
void curtain_tick(struct curtain *curtain, bool is_panic, uint64_t log, uint64_t programme);

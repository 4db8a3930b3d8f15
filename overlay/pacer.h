#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * The pacer: when a packet of a live stream is due, by this machine's clock. Slot times (27 MHz)
 * are tied to the clock by when packets came in, evened out over some hundred of them; the sender
 * is `delay` and PACER_JITTER_NS behind. A source that began anew ties them anew. Pure; one thread
 * at a time.
 */
#define PACER_JITTER_NS INT64_C(50000000) /* of arrival, that sending allows for */

struct pacer {
    bool is_anchored;
    int64_t anchor_ns; /* CLOCK_MONOTONIC of slot time 0 */
    int64_t delay;     /* 27 MHz, from in to out; set by the owner */
};

/* The packet of slot time `newest` has come in. */
void pacer_note(struct pacer *pacer, int64_t newest, int64_t now_ns);

/* The slot time of what should be coming in now; is_anchored must be set. */
int64_t pacer_slot(const struct pacer *pacer, int64_t now_ns);

/* When the packet of `slot` goes out; is_anchored must be set. */
int64_t pacer_due_ns(const struct pacer *pacer, int64_t slot);

#pragma once

#include <stdint.h>
#include <stdio.h>

#include "server/protocol/message.h"

/*
 * What a simulated hall did and how long its acknowledgements took. Fixed size, however many marks.
 * Pure but for the printing; one thread at a time.
 */
#define LATENCY_STEP_COUNT 32     /* steps in each doubling: read-outs are right to 3 % */
#define LATENCY_DOUBLING_COUNT 28 /* 1 us .. 134 s */

struct latency {
    uint64_t count;
    uint64_t max_us;
    uint32_t buckets[LATENCY_DOUBLING_COUNT * LATENCY_STEP_COUNT];
};

void latency_add(struct latency *latency, uint64_t us);

/* The time in us that `share` (0.0 .. 1.0) of all stayed within, from above; 0 where none. */
uint64_t latency_at(const struct latency *latency, double share);

struct hall_figures {
    uint64_t cast;        /* marks cast, each once */
    uint64_t acked;       /* of them acknowledged */
    uint64_t acked_again; /* acks of what was acknowledged before: answers to resends */
    uint64_t refused[REFUSAL_COUNT];
    uint64_t resent;             /* resends asked for */
    uint64_t reordered;          /* marks sent before the one they follow */
    uint64_t dropped;            /* connections dropped on purpose */
    uint64_t reconnects;         /* connections made again */
    uint64_t receipts_differing; /* receipts that were not the same all through a round: a fault */
    uint64_t rounds_opened;
    uint64_t rounds_closed;
    uint64_t second_best; /* most acks in one second */
    uint64_t first_cast_ns;
    uint64_t last_ack_ns;
    struct latency latency;
};

/* One JSON line, with a newline. */
void hall_figures_print(const struct hall_figures *figures, uint32_t seats, uint64_t unresolved,
                        FILE *file);

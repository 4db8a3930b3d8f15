#pragma once

#include <stdint.h>

/*
 * Times from send to acknowledgement, counted in steps of 50 µs up to 5 s; longer ones count as
 * 5 s. One thread.
 */
#define LATENCY_STEP_NS 50000
#define LATENCY_STEP_COUNT 100001

struct latency {
    uint64_t count;
    uint32_t steps[LATENCY_STEP_COUNT];
};

void latency_clear(struct latency *latency);
/* Negative times count as 0. */
void latency_add(struct latency *latency, int64_t time_ns);

/*
 * The least time in ms, rounded up to a step, that `share` (0 .. 1) of all stay within; 0 when
 * there are none.
 */
double latency_quantile_ms(const struct latency *latency, double share);

#include "clients/hall/figures.h"

#include <inttypes.h>

/* Doubling and step within it; times under LATENCY_STEP_COUNT us have a bucket each. */
static uint32_t bucket_of(uint64_t us)
{
    if (us < LATENCY_STEP_COUNT) {
        return (uint32_t)us;
    }
    uint32_t shift = 63u - (uint32_t)__builtin_clzll(us) - 5u; /* 2^5 = LATENCY_STEP_COUNT */
    uint32_t bucket =
        (shift + 1) * LATENCY_STEP_COUNT + (uint32_t)(us >> shift) - LATENCY_STEP_COUNT;
    uint32_t last = LATENCY_DOUBLING_COUNT * LATENCY_STEP_COUNT - 1;
    return bucket < last ? bucket : last;
}

/* The longest time of a bucket. */
static uint64_t bucket_end(uint32_t bucket)
{
    if (bucket < LATENCY_STEP_COUNT) {
        return bucket;
    }
    uint32_t shift = bucket / LATENCY_STEP_COUNT - 1;
    uint64_t step = bucket % LATENCY_STEP_COUNT + LATENCY_STEP_COUNT;
    return ((step + 1) << shift) - 1;
}

void latency_add(struct latency *latency, uint64_t us)
{
    latency->count++;
    latency->buckets[bucket_of(us)]++;
    if (us > latency->max_us) {
        latency->max_us = us;
    }
}

uint64_t latency_at(const struct latency *latency, double share)
{
    uint64_t wanted = (uint64_t)(share * (double)latency->count + 0.999999);
    uint64_t seen = 0;
    for (uint32_t i = 0; i < LATENCY_DOUBLING_COUNT * LATENCY_STEP_COUNT; i++) {
        seen += latency->buckets[i];
        if (seen >= wanted && seen > 0) {
            uint64_t end = bucket_end(i);
            return end < latency->max_us ? end : latency->max_us;
        }
    }
    return latency->max_us;
}

void hall_figures_print(const struct hall_figures *figures, uint32_t seats, uint64_t unresolved,
                        FILE *file)
{
    uint64_t span_ns = figures->last_ack_ns > figures->first_cast_ns
                           ? figures->last_ack_ns - figures->first_cast_ns
                           : 0;
    double rate = span_ns > 0 ? (double)figures->acked * 1e9 / (double)span_ns : 0.0;
    fprintf(file,
            "{\"seats\":%" PRIu32 ",\"rounds\":%" PRIu64 ",\"closed\":%" PRIu64 ",\"cast\":%" PRIu64
            ",\"acked\":%" PRIu64 ",\"acked_again\":%" PRIu64 ",\"refused\":{",
            seats, figures->rounds_opened, figures->rounds_closed, figures->cast, figures->acked,
            figures->acked_again);
    const char *comma = "";
    for (int reason = REFUSAL_NONE + 1; reason < REFUSAL_COUNT; reason++) {
        if (figures->refused[reason] > 0) {
            fprintf(file, "%s\"%s\":%" PRIu64, comma, refusal_name((enum refusal)reason),
                    figures->refused[reason]);
            comma = ",";
        }
    }
    fprintf(file,
            "},\"resent\":%" PRIu64 ",\"reordered\":%" PRIu64 ",\"dropped\":%" PRIu64
            ",\"reconnects\":%" PRIu64 ",\"receipts_differing\":%" PRIu64
            ",\"ack_p50_ms\":%.3f,\"ack_p99_ms\":%.3f,\"ack_max_ms\":%.3f"
            ",\"marks_per_s\":%.1f,\"marks_best_s\":%" PRIu64 ",\"unresolved\":%" PRIu64 "}\n",
            figures->resent, figures->reordered, figures->dropped, figures->reconnects,
            figures->receipts_differing, (double)latency_at(&figures->latency, 0.5) / 1000.0,
            (double)latency_at(&figures->latency, 0.99) / 1000.0,
            (double)figures->latency.max_us / 1000.0, rate, figures->second_best, unresolved);
}

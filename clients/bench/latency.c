#include "clients/bench/latency.h"

#include <math.h>
#include <string.h>

void latency_clear(struct latency *latency)
{
    memset(latency, 0, sizeof(*latency));
}

void latency_add(struct latency *latency, int64_t time_ns)
{
    int64_t step = time_ns < 0 ? 0 : time_ns / LATENCY_STEP_NS;
    latency->steps[step < LATENCY_STEP_COUNT ? step : LATENCY_STEP_COUNT - 1]++;
    latency->count++;
}

double latency_quantile_ms(const struct latency *latency, double share)
{
    uint64_t wanted = (uint64_t)ceil(share * (double)latency->count);
    uint64_t seen = 0;
    if (latency->count == 0) {
        return 0;
    }
    for (uint32_t step = 0; step < LATENCY_STEP_COUNT; step++) {
        seen += latency->steps[step];
        if (seen >= wanted && seen > 0) {
            return (double)(step + 1) * LATENCY_STEP_NS / 1e6;
        }
    }
    return (double)LATENCY_STEP_COUNT * LATENCY_STEP_NS / 1e6;
}

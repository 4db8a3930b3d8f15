#include "clients/lib/backoff.h"

uint32_t backoff_ms(uint32_t attempt, uint32_t random)
{
    uint64_t base = BACKOFF_MAX_MS;
    if (attempt < 5) {
        base = (uint64_t)BACKOFF_FIRST_MS << attempt;
    }
    if (base > BACKOFF_MAX_MS) {
        base = BACKOFF_MAX_MS;
    }
    return (uint32_t)(base / 2 + ((base * random) >> 32));
}

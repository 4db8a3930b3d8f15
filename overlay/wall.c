#include "overlay/wall.h"

#include <time.h>

static int64_t clock_ns(clockid_t id)
{
    struct timespec now = { 0 };
    clock_gettime(id, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

int64_t wall_monotonic_ns(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

int64_t wall_unix_ms(void)
{
    return clock_ns(CLOCK_REALTIME) / 1000000;
}

uint32_t wall_seconds_of_day(int64_t unix_ms)
{
    time_t seconds = (time_t)(unix_ms / 1000);
    struct tm local = { 0 };
    if (localtime_r(&seconds, &local) == NULL) {
        return 0;
    }
    return (uint32_t)(local.tm_hour * 3600 + local.tm_min * 60 + local.tm_sec);
}

#pragma once

#include <stdint.h>

/* The clocks of the machine, for those who pass time on. Any thread. */
int64_t wall_monotonic_ns(void);
int64_t wall_unix_ms(void);

/* A Unix time as seconds of the day in the machine's time zone, 0 .. 86400. */
uint32_t wall_seconds_of_day(int64_t unix_ms);

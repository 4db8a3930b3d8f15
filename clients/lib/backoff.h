#pragma once

#include <stdint.h>

/*
 * How long to wait before the next try to connect: 250 ms doubling to 5 s, each × 0.5 … 1.5, so
 * that a hall that lost its server together does not come back in one blow. Pure.
 */
#define BACKOFF_FIRST_MS 250
#define BACKOFF_MAX_MS 5000

/* attempt: tries that failed before, 0 … ; random: any 32 bits. Range 125 .. 7500 ms. */
uint32_t backoff_ms(uint32_t attempt, uint32_t random);

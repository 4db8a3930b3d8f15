#pragma once

#include <stdint.h>

/*
 * A small seeded generator for jitter and simulation: xoshiro256** (Blackman and Vigna, 2018),
 * seeded through splitmix64. The same seed gives the same numbers everywhere. Never for keys.
 * Pure; one thread at a time for each generator.
 */
struct prng {
    uint64_t state[4];
};

void prng_init(struct prng *prng, uint64_t seed);

/* A seed from the kernel's random bytes, different at every call. */
uint64_t prng_seed_draw(void);

/* One step of splitmix64 of `value`: spreads a small number over 64 bits. */
uint64_t prng_mix(uint64_t value);

uint64_t prng_next(struct prng *prng);

/* 0 .. bound - 1; bound >= 1. */
uint32_t prng_below(struct prng *prng, uint32_t bound);

/* 0.0 inclusive to 1.0 exclusive. */
double prng_unit(struct prng *prng);

/* Roughly normal, mean 0 and deviation 1, range -6 .. 6: twelve uniforms, less six. */
double prng_normal(struct prng *prng);

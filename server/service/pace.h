#pragma once

#include <stdint.h>

/*
 * The pace of answers to failed hellos: ten at once for each address, then ten a second; what comes
 * faster is answered in its turn. A small fixed table that forgets the address whose allowance is
 * whole again first. Pure; one thread.
 */
#define PACE_BURST 10
#define PACE_STEP_MS 100
#define PACE_WAIT_MAX_MS 10000 /* the longest turn; who comes later waits no longer */
#define PACE_SET_COUNT 256u
#define PACE_WAY_COUNT 4u

struct pace_entry {
    uint64_t key;     /* 0: free */
    int64_t whole_ms; /* when the allowance is whole again */
};

/* All zero: nobody failed. */
struct pace {
    struct pace_entry entries[PACE_SET_COUNT][PACE_WAY_COUNT];
};

/* One more failed. Returns when to answer, now_ms at the earliest. key: an address, not 0. */
int64_t pace_take(struct pace *pace, uint64_t key, int64_t now_ms);

/* Nobody of this address is answered before until_ms. */
void pace_hold(struct pace *pace, uint64_t key, int64_t until_ms);

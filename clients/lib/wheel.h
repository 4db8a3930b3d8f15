#pragma once

#include <stdint.h>

/*
 * A timing wheel: tens of thousands of clients, each with one time at which it is due. Putting and
 * taking cost the same however many there are. Time is passed in. One thread at a time.
 */
#define WHEEL_STEP_MS 10
#define WHEEL_BUCKET_COUNT 1024 /* 10 s a turn; later times wait for a further turn */

/* Embedded in what is due. Zeroed: in no wheel. */
struct wheel_node {
    struct wheel_node *next;
    struct wheel_node *previous;
    uint64_t due_ms;
};

struct wheel {
    struct wheel_node buckets[WHEEL_BUCKET_COUNT];
    uint64_t step; /* every step up to this one was visited */
};

typedef void (*wheel_due_fn)(void *ctx, struct wheel_node *node);

void wheel_init(struct wheel *wheel, uint64_t now_ms);

/* Makes `node` (kept until it is due or taken) due at due_ms; moves it when it is in already. */
void wheel_put(struct wheel *wheel, struct wheel_node *node, uint64_t due_ms);

/* Takes `node` out; nothing happens when it is in no wheel. */
void wheel_take(struct wheel_node *node);

/*
 * Calls `due` for every node that is due by now_ms, each taken out before its call. The call may
 * put and take any node; one it puts at or before now_ms is due in the next step.
 */
void wheel_advance(struct wheel *wheel, uint64_t now_ms, wheel_due_fn due, void *ctx);

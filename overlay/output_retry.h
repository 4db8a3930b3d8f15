#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * When to try again what failed: after 1 s, then after twice as long each time, at most 30 s. What
 * ran for 10 s is well, and its next failure waits 1 s again. Pure: time is passed in.
 */
#define RETRY_FIRST_NS INT64_C(1000000000)
#define RETRY_MAX_NS INT64_C(30000000000)
#define RETRY_WELL_NS INT64_C(10000000000)

/* is_down: it failed and was not begun again; then at_ns is when to begin. Zero: nothing failed. */
struct retry {
    bool is_down;
    int64_t at_ns;
    int64_t begun_ns;
    int64_t wait_ns; /* before the newest attempt; 0: none was needed lately */
};

/* It failed at now_ns. Returns how long to wait, in ns. */
int64_t retry_fail(struct retry *retry, int64_t now_ns);

/* Whether it should be begun now. Then do it, and call retry_begin() or retry_fail(). */
bool retry_is_due(const struct retry *retry, int64_t now_ns);

void retry_begin(struct retry *retry, int64_t now_ns);

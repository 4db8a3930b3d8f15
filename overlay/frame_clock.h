#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * The frame clock: absolute deadlines on CLOCK_MONOTONIC, one a tick, none ever left out. A tick
 * that comes late is followed by the others until the clock has caught up; how late is counted.
 *
 * Needs nothing but libc, so that a control that only sleeps can run the same code. One thread.
 */
#define FRAME_CLOCK_BUCKET_COUNT 20 /* below 1, 2, 4 … 524,288 µs; the last holds all above */

/*
 * ticks          deadlines waited for
 * late_ticks     ticks not done when the next one was due: what a viewer could see
 * wake_late      how late the thread woke, by power of two of µs
 */
struct frame_clock_figures {
    uint64_t ticks;
    uint64_t late_ticks;
    int64_t wake_late_max_ns;
    int64_t wake_late_sum_ns;
    int64_t done_late_max_ns; /* after the next tick's deadline; 0: never */
    uint64_t wake_late[FRAME_CLOCK_BUCKET_COUNT];
};

struct frame_clock {
    int64_t base_ns;
    uint32_t rate;
    uint64_t next_tick;
    struct frame_clock_figures figures;
};

/* rate: ticks a second, 1 .. 1000. base_ns: when tick 0 is due, CLOCK_MONOTONIC. */
void frame_clock_init(struct frame_clock *clock, uint32_t rate, int64_t base_ns);

/* When `tick` is due; exact for any rate, without drift. */
int64_t frame_clock_tick_ns(const struct frame_clock *clock, uint64_t tick);

/* Sleeps until the next tick is due and returns its number; at once when it already is. */
uint64_t frame_clock_wait(struct frame_clock *clock);

/* The work of the tick that frame_clock_wait() returned is done. */
void frame_clock_done(struct frame_clock *clock);

int64_t frame_clock_now_ns(void);

/* Until `until_ns`, CLOCK_MONOTONIC; not at all when that is past. */
void frame_clock_sleep_until(int64_t until_ns);

/* The wake-up lateness in µs, rounded up to a power of two, that `per_mille` of ticks kept. */
uint64_t frame_clock_wake_late_us(const struct frame_clock_figures *figures, uint32_t per_mille);

/*
 * Gives the calling thread the schedule of a frame clock: SCHED_FIFO, or a nice value where that
 * is not allowed. Threads and processes it starts do not inherit it. Returns what it got, static:
 * "SCHED_FIFO 10", "nice -10" or "default".
 */
const char *frame_clock_raise_priority(void);

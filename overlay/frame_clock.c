#include "overlay/frame_clock.h"

#include <assert.h>
#include <errno.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SECOND_NS 1000000000
#define FIFO_PRIORITY 10
#define NICE_VALUE (-10)
#define TIMER_SLACK_NS 1 /* the default lets every sleep end 50 µs late */

void frame_clock_init(struct frame_clock *clock, uint32_t rate, int64_t base_ns)
{
    assert(rate >= 1 && rate <= 1000);
    *clock = (struct frame_clock){ .base_ns = base_ns, .rate = rate };
}

int64_t frame_clock_tick_ns(const struct frame_clock *clock, uint64_t tick)
{
    int64_t seconds = (int64_t)(tick / clock->rate);
    int64_t part = (int64_t)(tick % clock->rate) * SECOND_NS / clock->rate;
    return clock->base_ns + seconds * SECOND_NS + part;
}

int64_t frame_clock_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * SECOND_NS + now.tv_nsec;
}

static void wake_note(struct frame_clock_figures *figures, int64_t late_ns)
{
    if (late_ns < 0)
        late_ns = 0;
    figures->ticks++;
    figures->wake_late_sum_ns += late_ns;
    if (late_ns > figures->wake_late_max_ns)
        figures->wake_late_max_ns = late_ns;
    uint32_t bucket = 0;
    while (bucket < FRAME_CLOCK_BUCKET_COUNT - 1 && late_ns >= (1000 << bucket))
        bucket++;
    figures->wake_late[bucket]++;
}

void frame_clock_sleep_until(int64_t until_ns)
{
    struct timespec until = { .tv_sec = until_ns / SECOND_NS, .tv_nsec = until_ns % SECOND_NS };
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) {
    }
}

uint64_t frame_clock_wait(struct frame_clock *clock)
{
    uint64_t tick = clock->next_tick++;
    int64_t due_ns = frame_clock_tick_ns(clock, tick);
    frame_clock_sleep_until(due_ns);
    wake_note(&clock->figures, frame_clock_now_ns() - due_ns);
    return tick;
}

void frame_clock_done(struct frame_clock *clock)
{
    int64_t late_ns = frame_clock_now_ns() - frame_clock_tick_ns(clock, clock->next_tick);
    if (late_ns <= 0)
        return;
    clock->figures.late_ticks++;
    if (late_ns > clock->figures.done_late_max_ns)
        clock->figures.done_late_max_ns = late_ns;
}

uint64_t frame_clock_wake_late_us(const struct frame_clock_figures *figures, uint32_t per_mille)
{
    uint64_t needed = (figures->ticks * per_mille + 999) / 1000, seen = 0;
    for (uint32_t i = 0; i < FRAME_CLOCK_BUCKET_COUNT; i++) {
        seen += figures->wake_late[i];
        if (seen >= needed)
            return UINT64_C(1) << i;
    }
    return UINT64_C(1) << (FRAME_CLOCK_BUCKET_COUNT - 1);
}

const char *frame_clock_raise_priority(void)
{
    (void)prctl(PR_SET_TIMERSLACK, TIMER_SLACK_NS, 0, 0, 0);
    struct sched_param param = { .sched_priority = FIFO_PRIORITY };
    if (sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &param) == 0)
        return "SCHED_FIFO 10";
    param.sched_priority = 0;
    if (sched_setscheduler(0, SCHED_OTHER | SCHED_RESET_ON_FORK, &param) == 0 &&
        setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), NICE_VALUE) == 0)
        return "nice -10";
    return "default";
}

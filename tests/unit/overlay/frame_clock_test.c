#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "overlay/frame_clock.h"

static void deadlines_are_exact_and_do_not_drift(void **state)
{
    (void)state;
    static const uint32_t rates[] = { 1, 3, 25, 30, 50, 60, 1000 };
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        struct frame_clock clock;
        frame_clock_init(&clock, rates[i], 12345);
        assert_int_equal(12345, frame_clock_tick_ns(&clock, 0));
        /* A year later, to the nanosecond. */
        assert_int_equal(12345 + INT64_C(31536000) * 1000000000,
                         frame_clock_tick_ns(&clock, UINT64_C(31536000) * rates[i]));
        for (uint64_t tick = 0; tick < 2000; tick++) {
            int64_t step =
                frame_clock_tick_ns(&clock, tick + 1) - frame_clock_tick_ns(&clock, tick);
            assert_in_range(step, 1000000000 / rates[i], 1000000000 / rates[i] + 1);
        }
    }
}

/* Deadlines that have passed need no sleep: the test takes no time. */
static void no_tick_is_left_out_however_late(void **state)
{
    (void)state;
    struct frame_clock clock;
    frame_clock_init(&clock, 50, frame_clock_now_ns() - INT64_C(10000000000));
    for (uint64_t tick = 0; tick < 400; tick++) {
        assert_int_equal(tick, frame_clock_wait(&clock));
        frame_clock_done(&clock);
    }
    assert_int_equal(400, clock.figures.ticks);
    assert_int_equal(400, clock.figures.late_ticks);
    assert_true(clock.figures.wake_late_max_ns >= INT64_C(10000000000));
    assert_true(clock.figures.done_late_max_ns >= INT64_C(9980000000) - 1);
    /* The distribution holds every tick, and all of these in its last place. */
    assert_int_equal(400, clock.figures.wake_late[FRAME_CLOCK_BUCKET_COUNT - 1]);
}

static void tick_in_time_is_not_late(void **state)
{
    (void)state;
    struct frame_clock clock;
    /* Due now, and the next a second from now. */
    frame_clock_init(&clock, 1, frame_clock_now_ns());
    assert_int_equal(0, frame_clock_wait(&clock));
    frame_clock_done(&clock);
    assert_int_equal(0, clock.figures.late_ticks);
    assert_int_equal(0, clock.figures.done_late_max_ns);
}

static void percentiles_come_from_the_distribution(void **state)
{
    (void)state;
    struct frame_clock_figures figures = { .ticks = 1000 };
    figures.wake_late[5] = 985; /* below 32 µs */
    figures.wake_late[9] = 14;  /* below 512 µs */
    figures.wake_late[12] = 1;  /* below 4,096 µs */
    assert_int_equal(32, frame_clock_wake_late_us(&figures, 500));
    assert_int_equal(32, frame_clock_wake_late_us(&figures, 985));
    assert_int_equal(512, frame_clock_wake_late_us(&figures, 990));
    assert_int_equal(512, frame_clock_wake_late_us(&figures, 999));
    assert_int_equal(4096, frame_clock_wake_late_us(&figures, 1000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deadlines_are_exact_and_do_not_drift),
        cmocka_unit_test(no_tick_is_left_out_however_late),
        cmocka_unit_test(tick_in_time_is_not_late),
        cmocka_unit_test(percentiles_come_from_the_distribution),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "overlay/slot_clock.h"
#include "overlay/ts_packet.h"

#define STEP (TS_SECOND / 25)

static void time_is_linear_between_clocks(void **state)
{
    struct slot_clock clock = { 0 };
    assert_int_equal(slot_clock_pcr(&clock, 10, 1000, false), SLOT_FIRST);
    assert_int_equal(slot_clock_pcr(&clock, 110, 1000 + STEP, false), SLOT_NEXT);
    assert_int_equal(slot_clock_time(&clock, 110), 1000 + STEP);
    assert_int_equal(slot_clock_time(&clock, 60), 1000 + STEP / 2);
    assert_int_equal(slot_clock_time(&clock, 10), 1000);
    assert_int_equal(slot_clock_time(&clock, 0), 1000 - STEP / 10);
    assert_int_equal(slot_clock_time(&clock, 210), 1000 + 2 * STEP);
}

static void wrap_goes_on(void **state)
{
    struct slot_clock clock = { 0 };
    int64_t first = TS_PCR_WRAP - STEP / 2;
    slot_clock_pcr(&clock, 0, first, false);
    assert_int_equal(slot_clock_pcr(&clock, 100, STEP / 2, false), SLOT_NEXT);
    assert_int_equal(clock.time, first + STEP);
    assert_int_equal(clock.segment, 0);
    /* Time stamps on either side of the wrap lie on either side of its time. */
    int64_t at_wrap = TS_PCR_WRAP / 300;
    assert_int_equal(slot_clock_stamp(&clock, 3600), at_wrap + 3600);
    assert_int_equal(slot_clock_stamp(&clock, TS_WRAP - 3600), at_wrap - 3600);
}

static void jump_begins_a_segment_and_time_goes_on(void **state)
{
    const struct {
        int64_t to;
        bool is_marked;
        enum slot_news news;
    } cases[] = {
        { 2 * STEP - 1, false, SLOT_JUMP }, /* back */
        { 2 * STEP, false, SLOT_JUMP },     /* stands still */
        { 2 * STEP + TS_SECOND, false, SLOT_NEXT },
        { 2 * STEP + TS_SECOND + 1, false, SLOT_JUMP },
        { 4 * STEP, true, SLOT_JUMP },
        { 3 * STEP + 100, true, SLOT_NEXT }, /* marked, and yet it follows */
        { TS_PCR_WRAP / 2, false, SLOT_JUMP },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct slot_clock clock = { 0 };
        slot_clock_pcr(&clock, 0, STEP, false);
        slot_clock_pcr(&clock, 100, 2 * STEP, false);
        assert_int_equal(slot_clock_pcr(&clock, 200, cases[i].to, cases[i].is_marked),
                         cases[i].news);
        if (cases[i].news == SLOT_JUMP) {
            assert_in_range(clock.time, 3 * STEP, 3 * STEP + 299);
            assert_int_equal(clock.segment, 1);
            /* There and back again without rounding. */
            int64_t pts = cases[i].to / 300 + 4321;
            int64_t raw = (clock.pcr - clock.time) / 300;
            assert_int_equal((slot_clock_stamp(&clock, pts) + raw + TS_WRAP) % TS_WRAP, pts);
        }
    }
}

/* Even where it fits: PTS of another stream mean other times. */
static void broken_clock_begins_a_segment(void **state)
{
    (void)state;
    struct slot_clock clock = { 0 };
    slot_clock_pcr(&clock, 0, 1000, false);
    slot_clock_pcr(&clock, 100, 1000 + STEP, false);
    clock.is_broken = true;
    assert_int_equal(slot_clock_pcr(&clock, 200, 1000 + 2 * STEP, false), SLOT_JUMP);
    assert_int_equal(clock.segment, 1);
    assert_int_equal(slot_clock_pcr(&clock, 300, 1000 + 3 * STEP, false), SLOT_NEXT);
}

static void clock_at_the_same_packet_is_not_looked_at(void **state)
{
    struct slot_clock clock = { 0 };
    slot_clock_pcr(&clock, 5, 0, false);
    assert_int_equal(slot_clock_pcr(&clock, 5, STEP, false), SLOT_INVALID);
    assert_int_equal(clock.pcr, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_is_linear_between_clocks),
        cmocka_unit_test(wrap_goes_on),
        cmocka_unit_test(jump_begins_a_segment_and_time_goes_on),
        cmocka_unit_test(broken_clock_begins_a_segment),
        cmocka_unit_test(clock_at_the_same_packet_is_not_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

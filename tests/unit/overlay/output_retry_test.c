#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "overlay/output_retry.h"

#define SECOND INT64_C(1000000000)

static void waits_double_up_to_half_a_minute(void **state)
{
    (void)state;
    static const int64_t wanted_s[] = { 1, 2, 4, 8, 16, 30, 30, 30 };
    struct retry retry = { 0 };
    int64_t now_ns = 5 * SECOND;
    assert_false(retry_is_due(&retry, now_ns));
    for (size_t i = 0; i < sizeof wanted_s / sizeof *wanted_s; i++) {
        assert_int_equal(wanted_s[i] * SECOND, retry_fail(&retry, now_ns));
        now_ns += wanted_s[i] * SECOND;
        assert_false(retry_is_due(&retry, now_ns - 1));
        assert_true(retry_is_due(&retry, now_ns));
    }
}

static void what_ran_well_waits_a_second_again(void **state)
{
    (void)state;
    struct retry retry = { 0 };
    (void)retry_fail(&retry, 0);
    (void)retry_fail(&retry, 1 * SECOND);
    retry_begin(&retry, 3 * SECOND);
    assert_false(retry_is_due(&retry, 100 * SECOND));
    /* It ran for less than it takes to be well: the next wait is longer still. */
    assert_int_equal(4 * SECOND, retry_fail(&retry, 3 * SECOND + RETRY_WELL_NS - 1));
    retry_begin(&retry, 20 * SECOND);
    assert_int_equal(1 * SECOND, retry_fail(&retry, 20 * SECOND + RETRY_WELL_NS));
    /* A failure while it is down is none of something that ran. */
    assert_int_equal(2 * SECOND, retry_fail(&retry, 300 * SECOND));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_double_up_to_half_a_minute),
        cmocka_unit_test(what_ran_well_waits_a_second_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

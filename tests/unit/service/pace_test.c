#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "server/service/pace.h"

static void ten_at_once_then_ten_a_second(void **state)
{
    static struct pace pace;
    memset(&pace, 0, sizeof(pace));
    for (int i = 0; i < 10; i++) {
        assert_int_equal(pace_take(&pace, 7, 5000), 5000);
    }
    for (int i = 1; i <= 5; i++) {
        assert_int_equal(pace_take(&pace, 7, 5000), 5000 + i * PACE_STEP_MS);
    }
    assert_int_equal(pace_take(&pace, 8, 5000), 5000); /* another address */
    assert_int_equal(pace_take(&pace, 7, 7000), 7000); /* all regained */
}

static void no_turn_is_later_than_ten_seconds(void **state)
{
    static struct pace pace;
    memset(&pace, 0, sizeof(pace));
    int64_t due_ms = 0;
    for (int i = 0; i < 5000; i++) {
        due_ms = pace_take(&pace, 7, 1000);
        assert_true(due_ms <= 1000 + PACE_WAIT_MAX_MS);
    }
    assert_int_equal(due_ms, 1000 + PACE_WAIT_MAX_MS);
}

static void who_is_held_waits_and_others_do_not(void **state)
{
    static struct pace pace;
    memset(&pace, 0, sizeof(pace));
    pace_hold(&pace, 7, 12000);
    assert_int_equal(pace_take(&pace, 7, 2000), 12000);
    assert_int_equal(pace_take(&pace, 7, 2000), 12000); /* no later than the longest turn */
    assert_int_equal(pace_take(&pace, 9, 2000), 2000);
    assert_int_equal(pace_take(&pace, 7, 13000), 13000);
}

static void a_flood_of_addresses_forgets_only_who_is_whole_soonest(void **state)
{
    static struct pace pace;
    memset(&pace, 0, sizeof(pace));
    pace_hold(&pace, 7, 9000);
    for (uint64_t key = 100; key < 100100; key++) {
        pace_take(&pace, key, 1000); /* whole again at 1100 */
    }
    assert_int_equal(pace_take(&pace, 7, 1000), 9000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ten_at_once_then_ten_a_second),
        cmocka_unit_test(no_turn_is_later_than_ten_seconds),
        cmocka_unit_test(who_is_held_waits_and_others_do_not),
        cmocka_unit_test(a_flood_of_addresses_forgets_only_who_is_whole_soonest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "overlay/shutter.h"

static void panic_hides_until_the_next_take(void **state)
{
    (void)state;
    struct shutter shutter = { 0 };
    assert_false(shutter_tick(&shutter, 1, 5));
    atomic_store(&shutter.wants_clear, true);
    assert_true(shutter_tick(&shutter, 1, 5));
    assert_false(atomic_load(&shutter.wants_clear));
    assert_true(atomic_load(&shutter.is_cleared));
    assert_int_equal(5, atomic_load(&shutter.programme));
    assert_true(shutter_tick(&shutter, 1, 5));
    assert_false(shutter_tick(&shutter, 1, 6));
    assert_false(atomic_load(&shutter.is_cleared));
}

/* A frame whose second field still shows graphics is not the clear one. */
static void first_clear_frame_is_named(void **state)
{
    (void)state;
    struct shutter shutter = { 0 };
    shutter_frame(&shutter, 7, true);
    assert_int_equal(8, atomic_load(&shutter.frame_next));
    assert_int_equal(0, atomic_load(&shutter.clear_frame));
    atomic_store(&shutter.wants_clear, true);
    (void)shutter_tick(&shutter, 1, 5);
    shutter_frame(&shutter, 8, false);
    assert_int_equal(0, atomic_load(&shutter.clear_frame));
    shutter_frame(&shutter, 9, true);
    shutter_frame(&shutter, 10, true);
    assert_int_equal(10, atomic_load(&shutter.clear_frame));
}

static void stale_source_is_hidden_while_it_is(void **state)
{
    (void)state;
    struct shutter shutter = { 0 };
    atomic_store(&shutter.is_stale, true);
    assert_true(shutter_tick(&shutter, 1, 5));
    assert_false(atomic_load(&shutter.is_cleared));
    atomic_store(&shutter.is_stale, false);
    assert_false(shutter_tick(&shutter, 1, 5));
}

static void closed_shutter_stays_closed_for_its_log(void **state)
{
    (void)state;
    struct shutter shutter = { 0 };
    shutter_close(&shutter, 3, 9);
    assert_true(atomic_load(&shutter.is_cleared));
    assert_true(shutter_tick(&shutter, 0, 0)); /* nothing is known yet */
    assert_true(shutter_tick(&shutter, 3, 9));
    assert_false(shutter_tick(&shutter, 3, 10));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(panic_hides_until_the_next_take),
        cmocka_unit_test(first_clear_frame_is_named),
        cmocka_unit_test(stale_source_is_hidden_while_it_is),
        cmocka_unit_test(closed_shutter_stays_closed_for_its_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

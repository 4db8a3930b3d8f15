#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "overlay/curtain.h"

static void a_panic_hides_until_the_programme_rises(void **state)
{
    struct curtain curtain = { 0 };
    curtain_tick(&curtain, false, 7);
    assert_false(curtain.is_drawn);
    curtain_tick(&curtain, true, 7);
    assert_true(curtain.is_drawn);
    curtain_tick(&curtain, false, 7);
    assert_true(curtain.is_drawn);
    curtain_tick(&curtain, false, 8);
    assert_false(curtain.is_drawn);
}

static void a_second_panic_hides_what_was_taken_since(void **state)
{
    struct curtain curtain = { 0 };
    curtain_tick(&curtain, true, 7);
    curtain_tick(&curtain, true, 8);
    curtain_tick(&curtain, false, 8);
    assert_true(curtain.is_drawn);
    curtain_tick(&curtain, false, 9);
    assert_false(curtain.is_drawn);
}

/* Its sequence begins anew: what was on air there when it came stays hidden, and no more. */
static void with_another_log_the_next_take_is_enough(void **state)
{
    struct curtain curtain = { 0 };
    curtain_tick(&curtain, true, 700);
    curtain_tick(&curtain, false, 2);
    assert_true(curtain.is_drawn);
    curtain_tick(&curtain, false, 3);
    assert_false(curtain.is_drawn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_panic_hides_until_the_programme_rises),
        cmocka_unit_test(a_second_panic_hides_what_was_taken_since),
        cmocka_unit_test(with_another_log_the_next_take_is_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

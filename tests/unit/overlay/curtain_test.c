#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "overlay/curtain.h"

#define LOG 0xfeed
#define OTHER_LOG 0xbeef

static void a_panic_hides_until_the_programme_rises(void **state)
{
    struct curtain curtain = { 0 };
    curtain_tick(&curtain, false, LOG, 7);
    assert_false(curtain.is_drawn);
    curtain_tick(&curtain, true, LOG, 7);
    assert_true(curtain.is_drawn);
    curtain_tick(&curtain, false, LOG, 7);
    assert_true(curtain.is_drawn);
    curtain_tick(&curtain, false, LOG, 8);
    assert_false(curtain.is_drawn);
}

static void a_second_panic_hides_what_was_taken_since(void **state)
{
    struct curtain curtain = { 0 };
    curtain_tick(&curtain, true, LOG, 7);
    curtain_tick(&curtain, true, LOG, 8);
    curtain_tick(&curtain, false, LOG, 8);
    assert_true(curtain.is_drawn);
    curtain_tick(&curtain, false, LOG, 9);
    assert_false(curtain.is_drawn);
}

/* Its sequence begins anew: what was on air there when it came stays hidden, and no more. */
static void with_another_log_the_next_take_is_enough(void **state)
{
    static const uint64_t first[] = { 2, 700, 900 };
    for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++) {
        struct curtain curtain = { 0 };
        curtain_tick(&curtain, true, LOG, 700);
        curtain_tick(&curtain, false, OTHER_LOG, first[i]);
        assert_true(curtain.is_drawn);
        curtain_tick(&curtain, false, OTHER_LOG, first[i] + 1);
        assert_false(curtain.is_drawn);
    }
}

/* Drawn again by the next outputter: its painter has heard nothing yet, and says 0. */
static void what_is_not_known_yet_lifts_nothing(void **state)
{
    struct curtain curtain = { .is_drawn = true, .log = LOG, .programme = 7 };
    curtain_tick(&curtain, false, 0, 0);
    curtain_tick(&curtain, false, 0, 9);
    assert_true(curtain.is_drawn);
    curtain_tick(&curtain, false, LOG, 7);
    assert_true(curtain.is_drawn);
    curtain_tick(&curtain, false, LOG, 8);
    assert_false(curtain.is_drawn);
}

/* A panic before the first picture: what then comes is not new. */
static void a_panic_before_the_first_picture_hides_that_too(void **state)
{
    struct curtain curtain = { 0 };
    curtain_tick(&curtain, true, 0, 0);
    curtain_tick(&curtain, false, LOG, 7);
    assert_true(curtain.is_drawn);
    curtain_tick(&curtain, false, LOG, 8);
    assert_false(curtain.is_drawn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_panic_hides_until_the_programme_rises),
        cmocka_unit_test(a_second_panic_hides_what_was_taken_since),
        cmocka_unit_test(with_another_log_the_next_take_is_enough),
        cmocka_unit_test(what_is_not_known_yet_lifts_nothing),
        cmocka_unit_test(a_panic_before_the_first_picture_hides_that_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/model/record.h"

/* Each is before the next one. */
static const struct mark ordered[] = {
    { .slot = { 0, 1 }, .item = 9, .version = 9, .choice = 1 },
    { .slot = { 0, 1 }, .item = 10, .version = 1, .choice = 0 },
    { .slot = { 0, 1 }, .item = 256, .version = 1, .choice = 0 },
    { .slot = { 0, 2 }, .item = 0, .version = 1, .choice = 2 },
    { .slot = { 0, 2 }, .item = 0, .version = 2, .choice = 1 },
    { .slot = { 0, 2 }, .item = 0, .version = VERSION_MAX, .choice = 0 },
    { .slot = { 0x7f }, .item = 0, .version = 1 },
    { .slot = { 0x80 }, .item = 0, .version = 1 }, /* bytes have no sign */
    { .slot = { 0xff }, .item = 0, .version = 1 },
};

static void marks_are_ordered_by_slot_item_version(void **state)
{
    enum { COUNT = sizeof(ordered) / sizeof(ordered[0]) };

    for (int a = 0; a < COUNT; a++) {
        for (int b = 0; b < COUNT; b++) {
            assert_int_equal(mark_compare(&ordered[a], &ordered[b]), (a > b) - (a < b));
        }
    }
}

static void nothing_else_tells_marks_apart(void **state)
{
    struct mark other = ordered[0];

    other.choice = 2;
    other.round = 7;
    other.nonce[0] = 1;
    assert_int_equal(mark_compare(&ordered[0], &other), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_are_ordered_by_slot_item_version),
        cmocka_unit_test(nothing_else_tells_marks_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

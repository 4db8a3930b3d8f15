#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "overlay/code.h"

/* What the modules mean is read back by zbarimg, in tests/golden/code_test.py. */

static const char text[CODE_TEXT_MAX + 2] =
    "https://vote.example.cn/r/2026/township/secretary#0123456789abcdef0123456789abcdef"
    "0123456789abcdef0123456789abcdef012345";

static void a_text_up_to_the_limit_has_at_most_version_seven(void **state)
{
    (void)state;
    struct code code;
    assert_int_equal(strlen(text), CODE_TEXT_MAX);
    assert_int_equal(code_make(text, CODE_TEXT_MAX, &code), STATUS_OK);
    assert_int_equal(code.side, CODE_SIDE_MAX);
    assert_int_equal(code_make(text, 1, &code), STATUS_OK);
    assert_int_equal(code.side, 21);
}

static void a_longer_text_and_an_empty_one_are_refused(void **state)
{
    (void)state;
    struct code code;
    assert_int_equal(code_make(text, CODE_TEXT_MAX + 1, &code), STATUS_LIMIT);
    assert_int_equal(code_make(text, 0, &code), STATUS_LIMIT);
}

/* The three finders: a dark square with a light ring in it. */
static void finders_stand_in_three_corners(void **state)
{
    (void)state;
    struct code code;
    assert_int_equal(code_make(text, 40, &code), STATUS_OK);
    uint32_t last = code.side - 7;
    const uint32_t corners[3][2] = { { 0, 0 }, { last, 0 }, { 0, last } };
    for (uint32_t c = 0; c < 3; c++) {
        for (uint32_t i = 0; i < 49; i++) {
            uint32_t x = i % 7;
            uint32_t y = i / 7;
            bool is_ring = x == 0 || x == 6 || y == 0 || y == 6;
            bool is_heart = x >= 2 && x <= 4 && y >= 2 && y <= 4;
            assert_int_equal(code.modules[(corners[c][1] + y) * code.side + corners[c][0] + x],
                             is_ring || is_heart);
        }
    }
}

/* Every box: all of the code and its quiet zone are inside, and edges are on even lines. */
static void modules_are_whole_pairs_of_lines_inside_the_box(void **state)
{
    (void)state;
    struct code code;
    struct code_place place;
    assert_int_equal(code_make(text, CODE_TEXT_MAX, &code), STATUS_OK);
    int32_t side = (int32_t)code.side;
    for (int32_t size = 2 * (side + 2 * CODE_QUIET); size < 700; size++) {
        int32_t y = size % 5;
        assert_int_equal(code_fit(&code, 31, y, size, size, &place), STATUS_OK);
        assert_int_equal(place.y % 2, 0);
        assert_int_equal(place.h % 2, 0);
        assert_true(place.h >= CODE_MODULE_MIN && place.w == place.h);
        assert_true(place.x - 31 >= CODE_QUIET * place.w);
        assert_true(31 + size - (place.x + side * place.w) >= CODE_QUIET * place.w);
        assert_true(place.y - y >= CODE_QUIET * place.h - 1);
        assert_true(y + size - (place.y + side * place.h) >= CODE_QUIET * place.h);
    }
    assert_int_equal(code_fit(&code, 0, 0, 2 * (side + 2 * CODE_QUIET) - 1, 400, &place),
                     STATUS_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_up_to_the_limit_has_at_most_version_seven),
        cmocka_unit_test(a_longer_text_and_an_empty_one_are_refused),
        cmocka_unit_test(finders_stand_in_three_corners),
        cmocka_unit_test(modules_are_whole_pairs_of_lines_inside_the_box),
    };
    return cmocka_run_group_tests_name("code", tests, NULL, NULL);
}

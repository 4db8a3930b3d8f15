#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "server/model/rules.h"

#define QUORUM                                                                                     \
    {                                                                                              \
        4, 5, true                                                                                 \
    }
#define QUORUM_1990                                                                                \
    {                                                                                              \
        4, 5, false                                                                                \
    } /* the older wording, 超过 */
#define HALF                                                                                       \
    {                                                                                              \
        1, 2, false                                                                                \
    }

/* RULES.md W1, W3, W4, W5, W8. */
static void thresholds_of_the_worked_examples_hold(void **state)
{
    static const struct {
        struct threshold threshold;
        uint64_t count;
        uint64_t base;
        bool is_met;
        uint64_t least;
    } cases[] = {
        { QUORUM, 80, 100, true, 80 },       { QUORUM_1990, 80, 100, false, 81 },
        { QUORUM, 79, 100, false, 80 },      { QUORUM, 97, 121, true, 97 },
        { QUORUM, 96, 121, false, 97 },      { QUORUM, 964, 1205, true, 964 },
        { QUORUM, 963, 1205, false, 964 },   { HALF, 45, 88, true, 45 },
        { HALF, 44, 88, false, 45 },         { HALF, 51, 100, true, 51 },
        { HALF, 50, 100, false, 51 },        { HALF, 31, 60, true, 31 },
        { HALF, 33, 64, true, 33 },          { HALF, 32, 64, false, 33 },
        { HALF, 30, 60, false, 31 },         { HALF, 50, 88, true, 45 },
        { { 2, 3, true }, 2, 3, true, 2 },   { { 2, 3, false }, 2, 3, false, 3 },
        { { 1, 3, false }, 1, 3, false, 2 }, { { 0, 1, true }, 0, 7, true, 0 },
        { { 1, 1, true }, 7, 7, true, 7 },   { HALF, 0, 0, false, 1 },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(threshold_is_met(&cases[i].threshold, cases[i].count, cases[i].base),
                         cases[i].is_met);
        assert_int_equal(threshold_least(&cases[i].threshold, cases[i].base), cases[i].least);
    }
}

static void the_least_count_is_the_first_that_is_met(void **state)
{
    for (uint32_t den = 1; den <= 7; den++) {
        for (uint32_t num = 0; num <= den; num++) {
            for (uint64_t base = 0; base <= 60; base++) {
                for (int is_inclusive = 0; is_inclusive < 2; is_inclusive++) {
                    struct threshold threshold = { num, den, is_inclusive };
                    uint64_t least = threshold_least(&threshold, base);
                    assert_true(threshold_is_met(&threshold, least, base));
                    assert_true(least == 0 || !threshold_is_met(&threshold, least - 1, base));
                }
            }
        }
    }
}

static void the_largest_counts_do_not_overflow(void **state)
{
    struct threshold threshold = { 9999, 10000, false };
    assert_true(threshold_is_met(&threshold, UINT32_MAX, UINT32_MAX));
    assert_false(threshold_is_met(&threshold, UINT32_MAX - 429497u, UINT32_MAX));
    assert_int_equal(threshold_least(&threshold, UINT32_MAX), 4294537799u);
}

static void every_word_of_a_profile_comes_back(void **state)
{
    for (enum base base = BASE_REGISTERED; base < BASE_COUNT; base++) {
        assert_int_equal(base_parse(base_name(base)), base);
    }
    for (enum remedy remedy = REMEDY_ADJUDICATE; remedy <= REMEDY_COUNT; remedy++) {
        assert_int_equal(remedy_parse(remedy_name(remedy)), remedy);
    }
    assert_int_equal(base_parse("invalid"), BASE_INVALID);
    assert_int_equal(base_parse("half"), BASE_INVALID);
    assert_int_equal(remedy_parse(""), REMEDY_INVALID);
    assert_string_equal(base_name(BASE_COUNT), "invalid");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thresholds_of_the_worked_examples_hold),
        cmocka_unit_test(the_least_count_is_the_first_that_is_met),
        cmocka_unit_test(the_largest_counts_do_not_overflow),
        cmocka_unit_test(every_word_of_a_profile_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/core/cut.h"

static void only_a_tie_across_the_cut_is_a_tie(void **state)
{
    static const struct {
        uint32_t votes[5];
        uint32_t count;
        uint32_t seats;
        uint32_t run_off;
        uint32_t missing;
        const char *standings; /* e elected, t tied, n not */
    } cases[] = {
        { { 50, 44, 38, 38, 10 }, 5, 3, 1, 0, "eettn" }, /* W4 */
        { { 44, 44, 38, 10, 9 }, 5, 3, 0, 0, "eeenn" },  /* wholly above */
        { { 50, 44, 38, 10, 10 }, 5, 3, 0, 0, "eeenn" }, /* wholly below */
        { { 50, 38, 38, 38, 38 }, 5, 3, 2, 0, "etttt" },
        { { 9, 9, 9, 9, 9 }, 5, 3, 3, 0, "ttttt" },
        { { 9, 9, 9 }, 3, 3, 0, 0, "eee" },
        { { 9, 8 }, 2, 3, 0, 1, "ee" },
        { { 0 }, 0, 3, 0, 3, "" },
        { { 10, 38, 44, 38, 50 }, 5, 3, 1, 0, "ntete" }, /* in any order */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint32_t votes[5];
        for (uint32_t k = 0; k < 5; k++) {
            votes[k] = cases[i].votes[k];
        }
        struct cut cut = cut_draw(votes, cases[i].count, cases[i].seats);
        assert_int_equal(cut_run_off_seats(&cut), cases[i].run_off);
        assert_int_equal(cut_missing_seats(&cut), cases[i].missing);
        for (uint32_t k = 0; k < cases[i].count; k++) {
            char expected = cases[i].standings[k];
            assert_int_equal(cut_standing(&cut, cases[i].votes[k]),
                             expected == 'e'   ? STANDING_ELECTED
                             : expected == 't' ? STANDING_TIED
                                               : STANDING_NOT);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_a_tie_across_the_cut_is_a_tie),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

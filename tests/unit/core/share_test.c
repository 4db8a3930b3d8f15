#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/core/share.h"
#include "server/model/limits.h"
#include "server/model/view.h"

/* RULES.md, the appraisal example: 好812 中310 差75. */
static void shares_rounded_half_up_need_not_add_up(void **state)
{
    static const uint32_t counts[] = { 812, 310, 75 };
    uint32_t shares[3];
    shares_round(counts, 3, 1197, ROUNDING_HALF_UP, 10000, shares);
    assert_int_equal(shares[0], 6784);
    assert_int_equal(shares[1], 2590);
    assert_int_equal(shares[2], 627);
    assert_int_equal(shares[0] + shares[1] + shares[2], 10001);
    assert_int_equal(share_of(812 + 310, 1197, 10000), 9373);
}

static void the_largest_remainders_add_up(void **state)
{
    static const struct {
        uint32_t counts[4];
        uint32_t count;
        uint64_t base;
        uint32_t shares[4];
    } cases[] = {
        { { 812, 310, 75 }, 3, 1197, { 6784, 2590, 626 } }, /* cut .62 .81 .57 */
        { { 1, 2 }, 2, 3, { 3333, 6667 } },
        { { 1, 1, 1 }, 3, 3, { 3333, 3333, 3333 } }, /* one is missing, three would want it */
        { { 1, 1, 4 }, 3, 6, { 1666, 1666, 6667 } }, /* all cut .67: the greater first */
        { { 5, 1, 1 }, 3, 7, { 7143, 1428, 1428 } },
        { { 2, 2, 2, 1 }, 4, 7, { 2857, 2857, 2857, 1429 } },
        { { 3, 0 }, 2, 3, { 10000, 0 } },
        { { 1, 1 }, 2, 3, { 3333, 3333 } }, /* 66.67 together: one is missing, two would want it */
        { { 0, 0 }, 2, 0, { 0, 0 } },
        { { 0, 0 }, 2, 5, { 0, 0 } },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint32_t shares[4];
        shares_round(cases[i].counts, cases[i].count, cases[i].base, ROUNDING_LARGEST_REMAINDER,
                     10000, shares);
        for (uint32_t k = 0; k < cases[i].count; k++) {
            assert_int_equal(shares[k], cases[i].shares[k]);
        }
    }
}

static void check_shares(const uint32_t *counts, uint32_t count, uint64_t base,
                         enum rounding rounding, uint32_t whole)
{
    uint32_t shares[4];
    uint64_t sum = 0;
    bool has_equal = false;
    shares_round(counts, count, base, rounding, whole, shares);
    for (uint32_t i = 0; i < count; i++) {
        sum += shares[i];
        /* The one below or the one above the exact share. */
        assert_true(base == 0 || (shares[i] + 1) * base > (uint64_t)counts[i] * whole);
        assert_true(base == 0 || shares[i] * base < (uint64_t)counts[i] * whole + base);
        for (uint32_t j = 0; j < i; j++) {
            assert_true(counts[i] != counts[j] || shares[i] == shares[j]);
            assert_true(counts[i] <= counts[j] || shares[i] >= shares[j]);
            has_equal |= counts[i] == counts[j];
        }
    }
    if (rounding == ROUNDING_LARGEST_REMAINDER && base > 0) {
        assert_true(sum <= whole);
        assert_true(has_equal || sum == whole);
    }
}

/* All counts of 0 to 6 voters in 3 and in 4 grades. */
static void equal_counts_get_equal_shares_in_every_small_hall(void **state)
{
    static const uint32_t wholes[] = { 1, 100, 1000, 10000 };
    for (uint32_t code = 0; code < 7 * 7 * 7 * 7; code++) {
        uint32_t counts[4] = { code % 7, code / 7 % 7, code / 49 % 7, code / 343 };
        uint32_t count = counts[3] == 0 ? 3 : 4;
        uint32_t base = counts[0] + counts[1] + counts[2] + counts[3];
        if (base > 6) {
            continue;
        }
        for (size_t w = 0; w < 4; w++) {
            check_shares(counts, count, base, ROUNDING_HALF_UP, wholes[w]);
            check_shares(counts, count, base, ROUNDING_LARGEST_REMAINDER, wholes[w]);
            check_shares(counts, 4, base, ROUNDING_LARGEST_REMAINDER, wholes[w]);
        }
    }
}

static void shares_of_the_largest_counts_fit(void **state)
{
    static const uint32_t counts[] = { UINT32_MAX, UINT32_MAX - 1 };
    uint32_t shares[2];
    uint64_t base = (uint64_t)counts[0] + counts[1];
    shares_round(counts, 2, base, ROUNDING_LARGEST_REMAINDER, 10000, shares);
    assert_int_equal(shares[0], 5000);
    assert_int_equal(shares[1], 5000);
    shares_round(counts, 2, base, ROUNDING_HALF_UP, 10000, shares);
    assert_int_equal(shares[0], 5000);
    assert_int_equal(shares[1], 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_rounded_half_up_need_not_add_up),
        cmocka_unit_test(the_largest_remainders_add_up),
        cmocka_unit_test(equal_counts_get_equal_shares_in_every_small_hall),
        cmocka_unit_test(shares_of_the_largest_counts_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "clients/lib/backoff.h"

static void each_wait_lies_within_half_and_one_and_a_half_of_its_base(void **state)
{
    static const struct {
        uint32_t attempt;
        uint32_t base_ms;
    } cases[] = { { 0, 250 },  { 1, 500 },  { 2, 1000 },  { 3, 2000 },
                  { 4, 4000 }, { 5, 5000 }, { 40, 5000 }, { UINT32_MAX, 5000 } };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint32_t base_ms = cases[i].base_ms;
        assert_int_equal(backoff_ms(cases[i].attempt, 0), base_ms / 2);
        assert_in_range(backoff_ms(cases[i].attempt, UINT32_MAX), base_ms * 3 / 2 - 1,
                        base_ms * 3 / 2);
        assert_int_equal(backoff_ms(cases[i].attempt, 1u << 31), base_ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_wait_lies_within_half_and_one_and_a_half_of_its_base),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

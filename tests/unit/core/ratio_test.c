#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/core/ratio.h"

static uint64_t rounded(const char *text, uint32_t scale)
{
    mpq_t value;
    mpq_init(value);
    assert_int_equal(mpq_set_str(value, text, 10), 0);
    mpq_canonicalize(value);
    uint64_t result = ratio_round(value, scale);
    mpq_clear(value);
    return result;
}

static void a_ratio_is_rounded_half_up_once(void **state)
{
    static const struct {
        const char *value;
        uint32_t scale;
        uint64_t expected;
    } cases[] = {
        { "0", 100, 0 },
        { "1/3", 100, 33 },
        { "2/3", 100, 67 },
        { "1/200", 100, 1 },     /* exactly half: up */
        { "199/40000", 100, 0 }, /* just under */
        { "108575/1197", 100, 9071 },
        { "108575/1205", 100, 9010 },
        { "1000", 100, 100000 },
        { "1/2", 1, 1 },
        { "0/7", 1, 0 },
        { "18446744073709551615", 1, UINT64_MAX },
        { "1/2", UINT32_MAX, 2147483648u },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(rounded(cases[i].value, cases[i].scale), cases[i].expected);
    }
}

/* What doubles cannot tell: half less one part in 10^60 is still under half. */
static void a_ratio_of_hundreds_of_digits_is_exact(void **state)
{
    mpq_t value;
    mpz_t large;
    mpq_init(value);
    mpz_init(large);
    mpz_ui_pow_ui(large, 10, 300);
    mpz_set(mpq_denref(value), large);
    mpz_fdiv_q_2exp(mpq_numref(value), large, 1);
    assert_int_equal(ratio_round(value, 1), 1);
    mpz_sub_ui(mpq_numref(value), mpq_numref(value), 1);
    assert_int_equal(ratio_round(value, 1), 0);
    mpz_clear(large);
    mpq_clear(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ratio_is_rounded_half_up_once),
        cmocka_unit_test(a_ratio_of_hundreds_of_digits_is_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

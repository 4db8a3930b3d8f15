#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "clients/lib/prng.h"

static void splitmix_gives_its_published_numbers(void **state)
{
    (void)state;
    /* the first outputs of splitmix64 from state 0 and 1234567 */
    assert_int_equal(prng_mix(0), 0xe220a8397b1dcdafu);
    assert_int_equal(prng_mix(1234567), 6457827717110365317u);
}

static void xoshiro_follows_its_recurrence_from_the_published_state(void **state)
{
    (void)state;
    struct prng prng = { { 1, 2, 3, 4 } };
    static const uint64_t expected[] = { 11520u, 0u, 1509978240u, 1215971899390074240u };
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        assert_int_equal(prng_next(&prng), expected[i]);
    }
}

static void the_same_seed_gives_the_same_numbers_and_another_does_not(void **state)
{
    (void)state;
    struct prng a, b, c;
    prng_init(&a, 7);
    prng_init(&b, 7);
    prng_init(&c, 8);
    uint32_t same = 0;
    for (int i = 0; i < 100; i++) {
        uint64_t number = prng_next(&a);
        assert_int_equal(number, prng_next(&b));
        same += number == prng_next(&c) ? 1 : 0;
    }
    assert_int_equal(same, 0);
}

static void ranges_are_kept_and_filled(void **state)
{
    (void)state;
    struct prng prng;
    uint32_t seen[7] = { 0 };
    double sum = 0.0;
    double squares = 0.0;
    prng_init(&prng, 3);
    for (int i = 0; i < 7000; i++) {
        uint32_t number = prng_below(&prng, 7);
        assert_true(number < 7);
        seen[number]++;
        double unit = prng_unit(&prng);
        assert_true(unit >= 0.0 && unit < 1.0);
        double normal = prng_normal(&prng);
        sum += normal;
        squares += normal * normal;
    }
    for (int i = 0; i < 7; i++) {
        assert_in_range(seen[i], 850, 1150);
    }
    assert_true(sum / 7000.0 > -0.05 && sum / 7000.0 < 0.05);
    assert_true(squares / 7000.0 > 0.9 && squares / 7000.0 < 1.1);
    assert_int_equal(prng_below(&prng, 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splitmix_gives_its_published_numbers),
        cmocka_unit_test(xoshiro_follows_its_recurrence_from_the_published_state),
        cmocka_unit_test(the_same_seed_gives_the_same_numbers_and_another_does_not),
        cmocka_unit_test(ranges_are_kept_and_filled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

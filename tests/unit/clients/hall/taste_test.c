#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "clients/hall/taste.h"
#include "server/model/limits.h"

#define SEAT_COUNT 2000

static uint32_t best_count(uint64_t seed, const char *subject, uint32_t item)
{
    uint32_t count = 0;
    for (uint32_t seat = 1; seat <= SEAT_COUNT; seat++) {
        count += taste_choice(seed, seat, subject, item, 0, 3) == 0 ? 1 : 0;
    }
    return count;
}

static void the_same_seed_fills_in_the_same_card(void **state)
{
    (void)state;
    uint32_t differing = 0;
    for (uint32_t seat = 1; seat <= 200; seat++) {
        for (uint32_t item = 0; item < 11; item++) {
            uint8_t choice = taste_choice(1, seat, "s01", item, 0, 3);
            assert_int_equal(choice, taste_choice(1, seat, "s01", item, 0, 3));
            differing += choice != taste_choice(2, seat, "s01", item, 0, 3) ? 1 : 0;
        }
    }
    assert_true(differing > 200);
}

static void choices_stay_in_range_and_a_change_of_mind_changes_them(void **state)
{
    (void)state;
    for (uint32_t grades = 2; grades <= GRADE_MAX; grades++) {
        uint32_t seen = 0;
        for (uint32_t seat = 1; seat <= SEAT_COUNT; seat++) {
            uint8_t first = taste_choice(1, seat, "s01", 0, 0, grades);
            uint8_t changed = taste_choice(1, seat, "s01", 0, 1, grades);
            assert_true(first < grades && changed < grades);
            assert_int_not_equal(first, changed);
            assert_int_equal(taste_choice(1, seat, "s01", 0, 2, grades), first);
            seen |= 1u << first;
        }
        assert_int_equal(seen, (1u << grades) - 1); /* every grade is given by somebody */
    }
}

static void leaders_and_criteria_differ_as_they_do_in_a_hall(void **state)
{
    (void)state;
    uint32_t low = SEAT_COUNT;
    uint32_t high = 0;
    uint64_t sum = 0;
    for (int leader = 1; leader <= 17; leader++) {
        char id[8];
        snprintf(id, sizeof(id), "s%02d", leader);
        for (uint32_t item = 0; item < 11; item++) {
            uint32_t count = best_count(1, id, item);
            low = count < low ? count : low;
            high = count > high ? count : high;
            sum += count;
        }
    }
    assert_in_range(sum / (17 * 11), SEAT_COUNT * 55 / 100, SEAT_COUNT * 85 / 100);
    assert_true(high - low > SEAT_COUNT / 4);
    assert_true(low > SEAT_COUNT / 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_seed_fills_in_the_same_card),
        cmocka_unit_test(choices_stay_in_range_and_a_change_of_mind_changes_them),
        cmocka_unit_test(leaders_and_criteria_differ_as_they_do_in_a_hall),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

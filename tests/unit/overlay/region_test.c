#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "overlay/region.h"

#define WIDTH 400
#define HEIGHT 300

static uint32_t next_below(uint64_t *seed, uint32_t limit)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((*seed >> 33) % limit);
}

static void mark(uint8_t *plane, const struct rect *rect)
{
    for (int32_t y = rect->y; y < rect->y + rect->h; y++) {
        memset(plane + y * WIDTH + rect->x, 1, (size_t)rect->w);
    }
}

static void whatever_is_added_is_covered_before_and_after_reducing(void **state)
{
    (void)state;
    static uint8_t added[WIDTH * HEIGHT];
    static uint8_t covered[WIDTH * HEIGHT];
    static struct region region;
    uint64_t seed = 1;
    for (uint32_t round = 0; round < 60; round++) {
        memset(added, 0, sizeof(added));
        region_clear(&region);
        uint32_t count = 1 + next_below(&seed, 600);
        for (uint32_t i = 0; i < count; i++) {
            struct rect rect = { (int32_t)next_below(&seed, WIDTH - 40),
                                 (int32_t)next_below(&seed, HEIGHT - 40),
                                 (int32_t)next_below(&seed, 20), (int32_t)next_below(&seed, 20) };
            region_add(&region, rect);
            mark(added, &rect);
        }
        for (uint32_t count_max = REGION_RECT_MAX; count_max >= 1; count_max /= 4) {
            region_reduce(&region, count_max);
            assert_true(region.count <= count_max);
            memset(covered, 0, sizeof(covered));
            for (uint32_t i = 0; i < region.count; i++) {
                mark(covered, &region.rects[i]);
            }
            for (size_t i = 0; i < sizeof(added); i++) {
                assert_true(covered[i] >= added[i]);
            }
        }
    }
}

static void what_is_far_apart_stays_apart(void **state)
{
    (void)state;
    static struct region region;
    region_clear(&region);
    region_add(&region, (struct rect){ 0, 0, 100, 100 });
    region_add(&region, (struct rect){ 1000, 900, 100, 100 });
    region_add(&region, (struct rect){ 0, 0, 0, 100 });
    assert_int_equal(region.count, 2);
    region_add(&region, (struct rect){ 90, 0, 30, 100 });
    assert_int_equal(region.count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_is_added_is_covered_before_and_after_reducing),
        cmocka_unit_test(what_is_far_apart_stays_apart),
    };
    return cmocka_run_group_tests_name("region", tests, NULL, NULL);
}

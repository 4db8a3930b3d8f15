#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "overlay/rects.h"

enum { SIDE = 64 };

static void paint(uint8_t picture[SIDE][SIDE], const struct rect *rect)
{
    for (int32_t y = rect->y; y < rect->y + rect->h; y++)
        memset(&picture[y][rect->x], 1, (size_t)rect->w);
}

/* A small generator with a seed, so that a failure can be repeated. */
static uint32_t next_number(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

static void list_covers_whatever_was_put(void **state)
{
    (void)state;
    for (uint32_t run = 1; run <= 200; run++) {
        uint8_t wanted[SIDE][SIDE] = { 0 }, covered[SIDE][SIDE] = { 0 };
        struct rects rects = { 0 };
        uint32_t seed = run, count = next_number(&seed) % 80;
        for (uint32_t i = 0; i < count; i++) {
            struct rect rect = { (int32_t)(next_number(&seed) % 60),
                                 (int32_t)(next_number(&seed) % 60), 1, 1 };
            rect.w += (int32_t)(next_number(&seed) % (uint32_t)(SIDE - rect.x));
            rect.h += (int32_t)(next_number(&seed) % (uint32_t)(SIDE - rect.y)) / 8;
            paint(wanted, &rect);
            rects_put(&rects, rect);
        }
        assert_in_range(rects.count, 0, GRAPHIC_RECT_MAX);
        for (uint32_t i = 0; i < rects.count; i++) {
            assert_true(rect_is_inside(&rects.items[i], SIDE, SIDE));
            paint(covered, &rects.items[i]);
        }
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++)
                assert_true(covered[y][x] >= wanted[y][x]);
        }
    }
}

static void few_far_apart_stay_as_they_are(void **state)
{
    (void)state;
    const struct rect apart[] = { { 0, 0, 10, 10 }, { 500, 0, 10, 10 }, { 0, 500, 10, 10 } };
    struct rects rects = { 0 };
    rects_put_all(&rects, apart, 3);
    assert_int_equal(3, rects.count);
    assert_memory_equal(apart, rects.items, sizeof apart);
}

static void same_and_empty_ones_add_nothing(void **state)
{
    (void)state;
    struct rects rects = { 0 };
    rects_put(&rects, (struct rect){ 4, 4, 10, 10 });
    rects_put(&rects, (struct rect){ 4, 4, 10, 10 });
    rects_put(&rects, (struct rect){ 6, 6, 2, 2 });
    rects_put(&rects, (struct rect){ 100, 100, 0, 5 });
    rects_put(&rects, (struct rect){ 100, 100, 5, -1 });
    assert_int_equal(1, rects.count);
}

static void neighbours_become_one(void **state)
{
    (void)state;
    struct rects rects = { 0 };
    rects_put(&rects, (struct rect){ 0, 0, 10, 10 });
    rects_put(&rects, (struct rect){ 10, 0, 10, 10 });
    assert_int_equal(1, rects.count);
    assert_int_equal(20, rects.items[0].w);
}

static void inside_is_judged_without_overflow(void **state)
{
    (void)state;
    const struct rect outside[] = { { -1, 0, 2, 2 },
                                    { 0, -1, 2, 2 },
                                    { 63, 0, 2, 2 },
                                    { 0, 63, 2, 2 },
                                    { 1, 1, INT32_MAX, 1 },
                                    { 1, 1, 1, INT32_MAX },
                                    { INT32_MAX, 0, INT32_MAX, 1 },
                                    { 0, 0, 0, 1 },
                                    { INT32_MIN, 0, 1, 1 } };
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++)
        assert_false(rect_is_inside(&outside[i], SIDE, SIDE));
    assert_true(rect_is_inside(&(struct rect){ 0, 0, SIDE, SIDE }, SIDE, SIDE));
    assert_true(rect_is_inside(&(struct rect){ 63, 63, 1, 1 }, SIDE, SIDE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(list_covers_whatever_was_put),
        cmocka_unit_test(few_far_apart_stay_as_they_are),
        cmocka_unit_test(same_and_empty_ones_add_nothing),
        cmocka_unit_test(neighbours_become_one),
        cmocka_unit_test(inside_is_judged_without_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <string.h>

#include <cmocka.h>

#include "overlay/scene_motion.h"

#define MS INT64_C(1000000)
#define CHANGE_MS 600

static struct figures figures_of(uint32_t good, uint32_t fair, uint32_t poor)
{
    struct figures figures = { .round = 7, .item_count = 1, .grade_count = 3 };
    figures.items[0] = (struct item_figures){ { good, fair, poor }, good + fair + poor };
    return figures;
}

static void nearly(double a, double b)
{
    assert_true(isfinite(a) && fabs(a - b) < 1e-9);
}

static void easing_runs_from_0_to_1_and_never_back(void **state)
{
    (void)state;
    double last = 0.0;
    nearly(motion_ease(-5, 0, 500), 0.0);
    nearly(motion_ease(0, 0, 500), 0.0);
    for (int64_t ms = 1; ms <= 600; ms++) {
        double now = motion_ease(ms * MS, 0, 500);
        assert_true(now >= last && now <= 1.0);
        last = now;
    }
    nearly(last, 1.0);
    assert_true(motion_ease(250 * MS, 0, 500) > 0.8);
    nearly(motion_ease(INT64_MAX / 2, 0, 500), 1.0);
}

static void edges_without_votes_are_zero_and_finite(void **state)
{
    (void)state;
    double edges[GRADE_MAX];
    struct figures figures = figures_of(0, 0, 0);
    motion_edges(NULL, &figures, 0, 0, CHANGE_MS, edges);
    for (uint32_t g = 0; g < GRADE_MAX; g++) {
        nearly(edges[g], 0.0);
    }
}

static void a_bar_sets_out_from_where_it_is(void **state)
{
    (void)state;
    struct motion motion = { 0 };
    double edges[GRADE_MAX];
    struct figures first = figures_of(50, 25, 25);
    struct figures second = figures_of(80, 10, 10);
    struct figures third = figures_of(20, 40, 40);
    motion_update(&motion, &first, 0, CHANGE_MS);
    motion_edges(&motion, &first, 0, 0, CHANGE_MS, edges);
    nearly(edges[0], 0.5); /* the first figures of a round stand at once */
    nearly(edges[2], 1.0);

    motion_update(&motion, &second, 1000 * MS, CHANGE_MS);
    motion_edges(&motion, &second, 0, 1000 * MS, CHANGE_MS, edges);
    nearly(edges[0], 0.5);
    motion_edges(&motion, &second, 0, 1300 * MS, CHANGE_MS, edges);
    double halfway = edges[0];
    assert_true(halfway > 0.5 && halfway < 0.8);

    motion_update(&motion, &third, 1300 * MS, CHANGE_MS);
    motion_edges(&motion, &third, 0, 1300 * MS, CHANGE_MS, edges);
    nearly(edges[0], halfway);
    motion_edges(&motion, &third, 0, 1900 * MS, CHANGE_MS, edges);
    nearly(edges[0], 0.2);
    nearly(edges[1], 0.6);
}

static void the_same_figures_again_do_not_start_a_movement(void **state)
{
    (void)state;
    struct motion motion = { 0 };
    double edges[GRADE_MAX];
    struct figures first = figures_of(50, 25, 25);
    struct figures second = figures_of(80, 10, 10);
    motion_update(&motion, &first, 0, CHANGE_MS);
    motion_update(&motion, &second, 1000 * MS, CHANGE_MS);
    motion_update(&motion, &second, 1599 * MS, CHANGE_MS);
    motion_edges(&motion, &second, 0, 1600 * MS, CHANGE_MS, edges);
    nearly(edges[0], 0.8);
}

static void another_round_has_nothing_to_do_with_the_one_before(void **state)
{
    (void)state;
    struct motion motion = { 0 };
    double edges[GRADE_MAX];
    struct figures first = figures_of(50, 25, 25);
    struct figures other = figures_of(10, 0, 0);
    motion_update(&motion, &first, 0, CHANGE_MS);
    other.round = 8;
    motion_edges(&motion, &other, 0, 0, CHANGE_MS, edges);
    nearly(edges[0], 1.0); /* closed figures of another round: exact, whatever moves */
    motion_update(&motion, &other, 0, CHANGE_MS);
    motion_edges(&motion, &other, 0, 0, CHANGE_MS, edges);
    nearly(edges[0], 1.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(easing_runs_from_0_to_1_and_never_back),
        cmocka_unit_test(edges_without_votes_are_zero_and_finite),
        cmocka_unit_test(a_bar_sets_out_from_where_it_is),
        cmocka_unit_test(the_same_figures_again_do_not_start_a_movement),
        cmocka_unit_test(another_round_has_nothing_to_do_with_the_one_before),
    };
    return cmocka_run_group_tests_name("scene_motion", tests, NULL, NULL);
}

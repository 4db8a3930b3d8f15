#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "clients/lib/prng.h"
#include "clients/lib/wheel.h"

#define NODE_COUNT 2000

struct entry {
    struct wheel_node node;
    uint32_t fired_count;
    uint64_t fired_ms;
};

struct bench {
    struct wheel wheel;
    uint64_t now_ms;
    struct entry entries[NODE_COUNT];
};

static void on_due(void *ctx, struct wheel_node *node)
{
    struct bench *bench = ctx;
    struct entry *entry = (struct entry *)node;
    entry->fired_count++;
    entry->fired_ms = bench->now_ms;
}

static int bench_make(void **state)
{
    struct bench *bench = calloc(1, sizeof(*bench));
    bench->now_ms = 123456789;
    wheel_init(&bench->wheel, bench->now_ms);
    *state = bench;
    return 0;
}

static int bench_free(void **state)
{
    free(*state);
    return 0;
}

static void bench_advance(struct bench *bench, uint64_t ms)
{
    bench->now_ms += ms;
    wheel_advance(&bench->wheel, bench->now_ms, on_due, bench);
}

static void every_node_is_due_once_at_its_time_and_never_before(void **state)
{
    struct bench *bench = *state;
    struct prng prng;
    uint64_t start_ms = bench->now_ms;
    prng_init(&prng, 1);
    for (uint32_t i = 0; i < NODE_COUNT; i++) {
        /* up to three turns of the wheel */
        wheel_put(&bench->wheel, &bench->entries[i].node, start_ms + prng_below(&prng, 30000));
    }
    while (bench->now_ms < start_ms + 31000) {
        bench_advance(bench, 1 + prng_below(&prng, 25));
        for (uint32_t i = 0; i < NODE_COUNT; i++) {
            if (bench->entries[i].fired_count == 0) {
                /* not fired yet: it is at most two steps and an advance late */
                assert_true(bench->entries[i].node.due_ms + 2 * WHEEL_STEP_MS > bench->now_ms);
            }
        }
    }
    for (uint32_t i = 0; i < NODE_COUNT; i++) {
        struct entry *entry = &bench->entries[i];
        assert_int_equal(entry->fired_count, 1);
        assert_true(entry->fired_ms >= entry->node.due_ms);
    }
}

static void a_node_that_was_taken_or_moved_is_not_due_at_its_old_time(void **state)
{
    struct bench *bench = *state;
    struct wheel_node *taken = &bench->entries[0].node;
    struct wheel_node *moved = &bench->entries[1].node;
    wheel_put(&bench->wheel, taken, bench->now_ms + 100);
    wheel_put(&bench->wheel, moved, bench->now_ms + 100);
    wheel_take(taken);
    wheel_take(taken);
    wheel_put(&bench->wheel, moved, bench->now_ms + 5000);
    bench_advance(bench, 200);
    assert_int_equal(bench->entries[0].fired_count, 0);
    assert_int_equal(bench->entries[1].fired_count, 0);
    bench_advance(bench, 5000);
    assert_int_equal(bench->entries[0].fired_count, 0);
    assert_int_equal(bench->entries[1].fired_count, 1);
}

static void after_a_long_stop_everything_is_due_at_once(void **state)
{
    struct bench *bench = *state;
    for (uint32_t i = 0; i < NODE_COUNT; i++) {
        wheel_put(&bench->wheel, &bench->entries[i].node, bench->now_ms + 37 * i);
    }
    bench_advance(bench, 1000000);
    for (uint32_t i = 0; i < NODE_COUNT; i++) {
        assert_int_equal(bench->entries[i].fired_count, 1);
    }
}

static void on_due_again(void *ctx, struct wheel_node *node)
{
    struct bench *bench = ctx;
    on_due(ctx, node);
    wheel_put(&bench->wheel, node, 0);   /* overdue: in the next step */
    wheel_take(&bench->entries[1].node); /* another one of the same bucket */
}

static void a_call_may_put_and_take_any_node(void **state)
{
    struct bench *bench = *state;
    wheel_put(&bench->wheel, &bench->entries[0].node, bench->now_ms + 10);
    wheel_put(&bench->wheel, &bench->entries[1].node, bench->now_ms + 10);
    bench->now_ms += 20;
    wheel_advance(&bench->wheel, bench->now_ms, on_due_again, bench);
    assert_in_range(bench->entries[0].fired_count, 1, 2);
    assert_int_equal(bench->entries[1].fired_count, 0);
    uint32_t before = bench->entries[0].fired_count;
    bench->now_ms += WHEEL_STEP_MS;
    wheel_advance(&bench->wheel, bench->now_ms, on_due_again, bench);
    assert_int_equal(bench->entries[0].fired_count, before + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_node_is_due_once_at_its_time_and_never_before,
                                        bench_make, bench_free),
        cmocka_unit_test_setup_teardown(a_node_that_was_taken_or_moved_is_not_due_at_its_old_time,
                                        bench_make, bench_free),
        cmocka_unit_test_setup_teardown(after_a_long_stop_everything_is_due_at_once, bench_make,
                                        bench_free),
        cmocka_unit_test_setup_teardown(a_call_may_put_and_take_any_node, bench_make, bench_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

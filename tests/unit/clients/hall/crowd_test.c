#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "clients/hall/crowd.h"
#include "clients/hall/voter.h"
#include "tests/unit/clients/lib/fake_server.h"

/*
 * A hall of one keypad against a server that the test plays by hand. Nothing sleeps: both sides
 * turn until what must happen has happened, or 20 s are over.
 */
#define SEED 5
#define SEAT 17
#define WELCOME                                                                                    \
    "{\"t\":\"welcome\",\"protocol\":1,\"log\":\"0123456789abcdef\",\"role\":\"voter\","           \
    "\"audience\":\"public\",\"post\":\"\",\"seat\":17,\"round\":{\"round\":3,\"state\":\"open\"," \
    "\"contest\":\"appraisal\",\"subject\":\"s01\",\"items\":6,\"choices\":3},\"versions\":[]}"

struct stand {
    struct fake_server *server;
    struct client_loop *loop;
    struct crowd *crowd;
    struct roll_seat seat;
    struct roll roll;
    char url[64];
};

static int64_t clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void stand_make(struct stand *stand, double reorder)
{
    memset(stand, 0, sizeof(*stand));
    stand->server = fake_server_create(0);
    assert_non_null(stand->server);
    snprintf(stand->url, sizeof(stand->url), "ws://127.0.0.1:%u", fake_server_port(stand->server));
    stand->seat.seat = SEAT;
    snprintf(stand->seat.credential, sizeof(stand->seat.credential), "ABCD-EFGH-JKMN");
    stand->roll = (struct roll){ .seats = &stand->seat, .count = 1 };
    const struct crowd_options options = { .url = stand->url,
                                           .roll = &stand->roll,
                                           .seed = SEED,
                                           .pace_scale = 0.001,
                                           .reorder = reorder,
                                           .acks_fd = -1 };
    assert_int_equal(client_loop_create(NULL, 4, &stand->loop, NULL), STATUS_OK);
    assert_int_equal(crowd_create(stand->loop, &options, &stand->crowd, NULL), STATUS_OK);
}

static void stand_free(struct stand *stand)
{
    crowd_destroy(stand->crowd);
    client_loop_destroy(stand->loop);
    fake_server_destroy(stand->server);
}

static void until_heard(struct stand *stand, uint32_t count)
{
    int64_t until_ns = clock_ns() + 20 * INT64_C(1000000000);
    while (fake_server_heard_count(stand->server) < count && clock_ns() < until_ns) {
        fake_server_turn(stand->server);
        crowd_tick(stand->crowd);
        client_loop_run(stand->loop, clock_ns() + 1000000);
    }
    assert_int_equal(fake_server_heard_count(stand->server), count);
}

/* The items of the casts that were heard, in their order; the plan is that of the same person. */
static uint32_t items_heard(struct stand *stand, uint32_t items[6], uint32_t planned[6])
{
    static const struct round_notice round = {
        .round = 3, .state = ROUND_OPEN, .item_count = 6, .grade_count = 3
    };
    static const struct voter_habits steady = { 0 };
    struct voter voter;
    voter_init(&voter, SEED, SEAT, 0.0);
    voter_plan(&voter, &round, &steady);
    until_heard(stand, 1);
    fake_server_forget(stand->server);
    fake_server_send(stand->server, WELCOME, 0);
    until_heard(stand, voter.step_count);
    for (uint32_t i = 0; i < voter.step_count; i++) {
        const char *marks = strstr(fake_server_heard(stand->server, i), "\"marks\":[");
        assert_non_null(marks);
        items[i] = (uint32_t)(marks[9] - '0');
        planned[i] = voter.steps[i];
    }
    return voter.step_count;
}

static void marks_go_out_in_the_order_of_the_items(void **state)
{
    struct stand stand;
    uint32_t items[6], planned[6];
    (void)state;
    stand_make(&stand, 0.0);
    uint32_t count = items_heard(&stand, items, planned);
    assert_true(count >= 4);
    assert_memory_equal(items, planned, count * sizeof(items[0]));
    assert_int_equal(crowd_figures(stand.crowd)->reordered, 0);
    stand_free(&stand);
}

static void a_reordered_mark_goes_out_after_the_next_one(void **state)
{
    struct stand stand;
    uint32_t items[6], planned[6];
    (void)state;
    stand_make(&stand, 1.0);
    uint32_t count = items_heard(&stand, items, planned);
    for (uint32_t i = 0; i + 1 < count; i += 2) {
        assert_int_equal(items[i], planned[i + 1]);
        assert_int_equal(items[i + 1], planned[i]);
    }
    assert_int_equal(crowd_figures(stand.crowd)->reordered, count / 2);
    assert_int_equal(crowd_figures(stand.crowd)->cast, count);
    assert_int_equal(crowd_waiting(stand.crowd), count);
    stand_free(&stand);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_go_out_in_the_order_of_the_items),
        cmocka_unit_test(a_reordered_mark_goes_out_after_the_next_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/net/gate.h"

#define SEED 0x123456789abcdef0u

static struct gate_address address_of(uint32_t number)
{
    struct gate_address address = { .bytes = { [10] = 0xff, 0xff, 127, 0, 0 } };
    address.bytes[14] = (uint8_t)(number >> 8);
    address.bytes[15] = (uint8_t)number;
    return address;
}

static struct gate *gate_of(uint32_t stranger_max)
{
    struct gate *gate = NULL;
    assert_int_equal(gate_create(stranger_max, SEED, &gate, NULL), STATUS_OK);
    return gate;
}

static uint32_t enter(struct gate *gate, uint32_t number, int *owner, int64_t now_ms)
{
    struct gate_address address = address_of(number);
    return gate_enter(gate, &address, owner, now_ms);
}

static void the_oldest_of_who_holds_most_makes_room(void **state)
{
    int owners[8] = { 0 };
    struct gate *gate = gate_of(8);
    assert_null(gate_oldest_of_most(gate));
    uint32_t lone = enter(gate, 1, &owners[0], 0);
    uint32_t first = enter(gate, 2, &owners[1], 1);
    uint32_t second = enter(gate, 2, &owners[2], 2);
    assert_ptr_equal(gate_oldest_of_most(gate), &owners[1]);
    gate_leave(gate, first);
    assert_ptr_equal(gate_oldest_of_most(gate), &owners[0]); /* as many, but for longer */
    gate_leave(gate, lone);
    assert_ptr_equal(gate_oldest_of_most(gate), &owners[2]);
    gate_leave(gate, second);
    assert_null(gate_oldest_of_most(gate));
    assert_int_equal(gate_count(gate), 0);
    gate_destroy(gate);
}

/* A flood of a thousand and a hall of one address: only the flood loses places. */
static void a_flood_pushes_out_itself(void **state)
{
    static int flood[1000];
    static int hall[100];
    static uint32_t places[100];
    struct gate *gate = gate_of(300);
    uint32_t pushed_count = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        if (i % 10 == 0) {
            while ((places[i / 10] = enter(gate, 1, &hall[i / 10], i)) == GATE_NONE) {
                int *oldest = gate_oldest_of_most(gate);
                assert_true(oldest >= flood && oldest < flood + 1000);
                gate_leave(gate, (uint32_t)*oldest);
            }
        }
        uint32_t place;
        while ((place = enter(gate, 2, &flood[i], i)) == GATE_NONE) {
            int *oldest = gate_oldest_of_most(gate);
            assert_ptr_equal(oldest, &flood[pushed_count++]);
            gate_leave(gate, (uint32_t)*oldest);
        }
        flood[i] = (int)place;
        if (i % 10 == 9) {
            gate_leave(gate, places[i / 10]); /* said hello */
        }
    }
    assert_true(pushed_count >= 700);
    gate_destroy(gate);
}

static void a_full_gate_takes_nobody_until_one_leaves(void **state)
{
    int owners[3] = { 0 };
    struct gate *gate = gate_of(2);
    uint32_t place = enter(gate, 1, &owners[0], 0);
    assert_int_not_equal(enter(gate, 2, &owners[1], 0), GATE_NONE);
    assert_int_equal(enter(gate, 3, &owners[2], 0), GATE_NONE);
    assert_int_equal(gate_count(gate), 2);
    gate_leave(gate, place);
    assert_int_not_equal(enter(gate, 3, &owners[2], 0), GATE_NONE);
    gate_destroy(gate);
}

static void who_dawdles_is_overdue_and_who_is_served_is_not(void **state)
{
    int owners[4] = { 0 };
    uint32_t looked = 0;
    struct gate *gate = gate_of(4);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(enter(gate, i, &owners[i], 0), i);
    }
    gate_step(gate, 1, GATE_STAGE_DOCUMENT, 5000);
    gate_step(gate, 2, GATE_STAGE_IDLE, 5000);
    gate_step(gate, 3, GATE_STAGE_HANDSHAKE, 5000);
    assert_null(gate_overdue(gate, GATE_HANDSHAKE_MS, 4, &looked));
    assert_int_equal(looked, 4);
    looked = 0;
    assert_ptr_equal(gate_overdue(gate, GATE_HANDSHAKE_MS + 1, 4, &looked), &owners[0]);
    gate_leave(gate, 0);
    assert_null(gate_overdue(gate, GATE_HANDSHAKE_MS + 1, 4, &looked));
    looked = 0;
    assert_ptr_equal(gate_overdue(gate, 5001 + GATE_DOCUMENT_MS, 4, &looked), &owners[1]);
    assert_ptr_equal(gate_overdue(gate, 5001 + GATE_DOCUMENT_MS, 4, &looked), &owners[3]);
    assert_null(gate_overdue(gate, 5001 + GATE_DOCUMENT_MS, 4, &looked));
    gate_destroy(gate);
}

#define PLAIN_MAX 64
#define NUMBER_COUNT 8

/* A second gate, slow and plain: a list in the order they came. Owners are its ids. */
struct plain {
    struct {
        int *id;
        uint32_t number;
        uint32_t place;
    } list[PLAIN_MAX];
    uint32_t count;
};

static void plain_remove(struct plain *plain, uint32_t at)
{
    plain->count--;
    memmove(&plain->list[at], &plain->list[at + 1], (plain->count - at) * sizeof(plain->list[0]));
}

/* Whether `id` is the oldest of an address that holds most. */
static bool plain_is_oldest_of_most(const struct plain *plain, const int *id)
{
    uint32_t counts[NUMBER_COUNT] = { 0 };
    const int *oldest[NUMBER_COUNT] = { NULL };
    uint32_t most = 0;
    for (uint32_t i = 0; i < plain->count; i++) {
        uint32_t number = plain->list[i].number;
        oldest[number] = counts[number] == 0 ? plain->list[i].id : oldest[number];
        most = ++counts[number] > most ? counts[number] : most;
    }
    for (uint32_t number = 0; number < NUMBER_COUNT; number++) {
        if (counts[number] == most && oldest[number] == id) {
            return true;
        }
    }
    return false;
}

static void it_agrees_with_a_plain_list(void **state)
{
    static int ids[PLAIN_MAX]; /* used in turn: the one of 64 arrivals ago may be here still */
    static bool is_used[PLAIN_MAX];
    struct plain plain = { .count = 0 };
    struct gate *gate = gate_of(PLAIN_MAX);
    uint64_t random = 1;
    for (uint32_t step = 0; step < 200000; step++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        uint32_t draw = (uint32_t)(random >> 33);
        uint32_t wanted = step / 5000 % 2 == 0 ? 84 : 44; /* of 128: it fills, and empties */
        if (draw % 128 < wanted && plain.count < PLAIN_MAX) {
            uint32_t id = 0;
            while (is_used[id]) {
                id++;
            }
            is_used[id] = true;
            plain.list[plain.count].id = &ids[id];
            plain.list[plain.count].number = draw / 128 % NUMBER_COUNT;
            plain.list[plain.count].place =
                enter(gate, plain.list[plain.count].number, &ids[id], step);
            assert_int_not_equal(plain.list[plain.count].place, GATE_NONE);
            plain.count++;
        } else if (plain.count > 0) {
            uint32_t at = draw / 128 % plain.count;
            gate_leave(gate, plain.list[at].place);
            is_used[plain.list[at].id - ids] = false;
            plain_remove(&plain, at);
        }
        assert_int_equal(gate_count(gate), plain.count);
        const int *oldest = gate_oldest_of_most(gate);
        assert_true(oldest == NULL ? plain.count == 0 : plain_is_oldest_of_most(&plain, oldest));
    }
    gate_destroy(gate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_oldest_of_who_holds_most_makes_room),
        cmocka_unit_test(a_flood_pushes_out_itself),
        cmocka_unit_test(a_full_gate_takes_nobody_until_one_leaves),
        cmocka_unit_test(who_dawdles_is_overdue_and_who_is_served_is_not),
        cmocka_unit_test(it_agrees_with_a_plain_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * The disk is full, step by step, without a thread: with a backend that has room or has none, what
 * waits is dropped and said to be, urgent acts go on the reserve, and nothing is offered in
 * between, so that nobody relies on what was dropped.
 */
#include "tests/contract/log_fixture.h"

#include <string.h>

struct room {
    bool is_full;     /* writes find no room … */
    bool has_reserve; /* … unless the reserve is spent for them */
    bool spends_in_vain;
    uint32_t act_count; /* written */
    uint32_t mark_count;
    uint64_t batch; /* the last that was written */
    uint32_t probe_count;
};

static struct room room;

static enum status room_open(const struct votelog_options *options,
                             struct votelog_identity *identity, void **state,
                             struct votelog_extent *extent, struct fault *fault)
{
    *extent = (struct votelog_extent){ 0 };
    *state = &room;
    return votelog_id_draw(identity->log_id, fault);
}

static enum status room_replay(void *state, votelog_visit_fn visit, void *ctx, struct fault *fault)
{
    return STATUS_OK;
}

static enum status room_write(void *state, uint64_t batch, const struct mark *marks, uint32_t count,
                              const struct act *act, struct fault *fault)
{
    assert_true(count > 0 || act != NULL);
    assert_int_equal(batch, room.batch + 1); /* a dropped batch uses no number */
    if (room.is_full && (room.has_reserve || room.spends_in_vain)) {
        return fault_set(fault, STATUS_NO_SPACE, "", "full");
    }
    room.batch = batch;
    room.mark_count += count;
    room.act_count += act != NULL;
    return STATUS_OK;
}

static enum status room_rest(void *state, struct fault *fault)
{
    return STATUS_OK;
}

static bool room_spend(void *state)
{
    bool had_reserve = room.has_reserve;
    room.has_reserve = false;
    return had_reserve;
}

static bool room_restore(void *state)
{
    room.probe_count++;
    room.has_reserve = room.has_reserve || !room.is_full;
    return !room.is_full;
}

static void room_fail(void *state, const struct fault *fault)
{
    fail_msg("a full disk is no failure");
}

static enum status room_close(void *state, bool is_failed, struct fault *fault)
{
    assert_false(is_failed);
    return STATUS_OK;
}

static enum status open_room(const struct votelog_options *options,
                             struct votelog_identity *identity, struct votelog **log,
                             struct fault *fault)
{
    static const struct votelog_backend backend = { .open = room_open,
                                                    .replay = room_replay,
                                                    .write_batch = room_write,
                                                    .spend_reserve = room_spend,
                                                    .restore_reserve = room_restore,
                                                    .rest = room_rest,
                                                    .fail = room_fail,
                                                    .close = room_close };
    return votelog_open_stepped(&backend, options, identity, log, fault);
}

static int setup(void **state)
{
    room = (struct room){ .has_reserve = true };
    (void)fixture_setup(state, open_room);
    fixture_open(*state, NULL);
    return 0;
}

static enum status offer(struct log_fixture *fixture, uint32_t count, uint64_t *ticket)
{
    struct mark marks[8];
    uint64_t seed = 5;
    for (uint32_t i = 0; i < count; i++) {
        marks[i] = mark_draw(&seed, i);
    }
    return votelog_append_marks(fixture->log, marks, count, ticket);
}

static enum status do_act(struct log_fixture *fixture, enum act_kind kind, uint64_t *ticket)
{
    struct act act = act_make(kind, 1);
    return votelog_append_act(fixture->log, &act, ticket);
}

static bool is_full(struct log_fixture *fixture)
{
    struct votelog_figures figures;
    votelog_figures(fixture->log, &figures);
    return figures.is_full;
}

static void what_waits_is_dropped_and_urgent_acts_are_kept(void **state)
{
    struct log_fixture *fixture = *state;
    uint64_t kept, dropped, act, late;
    assert_int_equal(offer(fixture, 3, &kept), STATUS_OK);
    assert_true(votelog_step(fixture->log));
    room.is_full = true;
    assert_int_equal(offer(fixture, 2, &dropped), STATUS_OK);
    assert_int_equal(do_act(fixture, ACT_CLOSE, &act), STATUS_OK);
    assert_true(votelog_step(fixture->log));
    assert_true(is_full(fixture));
    assert_int_equal(offer(fixture, 1, &late), STATUS_NO_SPACE);
    assert_int_equal(do_act(fixture, ACT_OPEN, &late), STATUS_NO_SPACE);
    assert_int_equal(do_act(fixture, ACT_TAKE, &late), STATUS_OK);
    assert_true(votelog_step(fixture->log));
    /* 3 marks, the drop, the close, the take: in this order. */
    assert_int_equal(fixture_drain(fixture, 3), 3);
    assert_int_equal(fixture_settled(fixture), kept);
    assert_int_equal(fixture_drain(fixture, 1), 1);
    assert_int_equal(fixture->live.drop_count, 1);
    assert_int_equal(fixture->live.dropped_up_to, dropped);
    assert_int_equal(fixture_drain(fixture, 10), 2);
    assert_int_equal(fixture_settled(fixture), late);
    assert_int_equal(room.mark_count, 3);
    assert_int_equal(room.act_count, 2);
    assert_int_equal(room.batch, 3);
}

static void acts_that_can_wait_are_dropped_with_the_marks(void **state)
{
    struct log_fixture *fixture = *state;
    uint64_t marks, act;
    room.is_full = true;
    assert_int_equal(offer(fixture, 2, &marks), STATUS_OK);
    assert_int_equal(do_act(fixture, ACT_OPEN, &act), STATUS_OK);
    assert_true(votelog_step(fixture->log));
    assert_int_equal(fixture_drain(fixture, 10), 2);
    assert_int_equal(fixture->live.drop_count, 2);
    assert_int_equal(fixture->live.dropped_up_to, act);
    assert_int_equal(room.batch, 0);
    assert_true(room.has_reserve); /* it is for others */
}

static void where_the_reserve_is_used_up_even_urgent_acts_are_dropped(void **state)
{
    struct log_fixture *fixture = *state;
    uint64_t act;
    room.is_full = true;
    room.spends_in_vain = true;
    assert_int_equal(do_act(fixture, ACT_CLOSE, &act), STATUS_OK);
    assert_true(votelog_step(fixture->log));
    assert_int_equal(fixture_drain(fixture, 10), 1);
    assert_int_equal(fixture->live.dropped_up_to, act);
    assert_int_equal(votelog_health(fixture->log, NULL), STATUS_OK);
}

/* Or a second sending of what was dropped could be taken for recorded. */
static void nothing_is_taken_before_the_drop_was_handed_back(void **state)
{
    struct log_fixture *fixture = *state;
    uint64_t ticket;
    room.is_full = true;
    assert_int_equal(offer(fixture, 2, &ticket), STATUS_OK);
    assert_true(votelog_step(fixture->log));
    room.is_full = false;
    assert_false(votelog_step(fixture->log));
    assert_int_equal(room.probe_count, 0);
    assert_int_equal(offer(fixture, 1, &ticket), STATUS_NO_SPACE);
    assert_int_equal(fixture_drain(fixture, 10), 1);
    assert_false(votelog_step(fixture->log));
    assert_int_equal(room.probe_count, 1);
    assert_false(is_full(fixture));
    assert_int_equal(offer(fixture, 2, &ticket), STATUS_OK);
    assert_true(votelog_step(fixture->log));
    assert_int_equal(fixture_drain(fixture, 10), 2);
    assert_int_equal(fixture_settled(fixture), ticket);
    assert_int_equal(room.mark_count, 2);
}

/* A round would open without the zero check before it: a log that no start would take. */
static void what_was_offered_behind_a_drop_is_dropped_though_there_is_room_again(void **state)
{
    struct log_fixture *fixture = *state;
    uint64_t check, open;
    room.is_full = true;
    assert_int_equal(do_act(fixture, ACT_ZERO_CHECK, &check), STATUS_OK);
    assert_int_equal(do_act(fixture, ACT_OPEN, &open), STATUS_OK);
    assert_true(votelog_step(fixture->log));
    assert_int_equal(fixture_drain(fixture, 10), 1);
    room.is_full = false;
    assert_true(votelog_step(fixture->log));
    assert_int_equal(fixture_drain(fixture, 10), 1);
    assert_int_equal(fixture->live.dropped_up_to, open);
    assert_int_equal(room.act_count, 0);
    assert_false(votelog_step(fixture->log));
    assert_false(is_full(fixture));
    assert_int_equal(do_act(fixture, ACT_OPEN, &open), STATUS_OK);
    assert_true(votelog_step(fixture->log));
    assert_int_equal(fixture_drain(fixture, 10), 1);
    assert_int_equal(room.act_count, 1);
}

/* The control: with room none of this happens. */
static void with_room_everything_is_kept(void **state)
{
    struct log_fixture *fixture = *state;
    uint64_t ticket;
    assert_int_equal(offer(fixture, 2, &ticket), STATUS_OK);
    assert_int_equal(do_act(fixture, ACT_OPEN, &ticket), STATUS_OK);
    assert_true(votelog_step(fixture->log));
    assert_false(votelog_step(fixture->log));
    assert_int_equal(fixture_drain(fixture, 10), 3);
    assert_int_equal(fixture->live.drop_count, 0);
    assert_true(room.has_reserve);
}

int main(void)
{
#define FULL(test) cmocka_unit_test_setup_teardown(test, setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        FULL(what_waits_is_dropped_and_urgent_acts_are_kept),
        FULL(acts_that_can_wait_are_dropped_with_the_marks),
        FULL(where_the_reserve_is_used_up_even_urgent_acts_are_dropped),
        FULL(nothing_is_taken_before_the_drop_was_handed_back),
        FULL(what_was_offered_behind_a_drop_is_dropped_though_there_is_room_again),
        FULL(with_room_everything_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * The disk is full: who waits hears 'storage full', a second sending is never acknowledged for what
 * was dropped, the officer's close goes, and with room again the very same casts are recorded.
 */
#include <stdio.h>
#include <string.h>

#include "hall.h"
#include "server/votelog/votelog_impl.h"

static const struct sender voter = { 1, 1 };
static const struct sender other = { 3, 1 };
static const struct sender officer = { 2, 1 };

/* A log that keeps nothing and has room or not. */
static bool has_room;
static bool has_reserve = true;

static enum status scarce_open(const struct votelog_options *options,
                               struct votelog_identity *identity, void **state,
                               struct votelog_extent *extent, struct fault *fault)
{
    *state = NULL;
    *extent = (struct votelog_extent){ 0 };
    return votelog_id_draw(identity->log_id, fault);
}

static enum status scarce_replay(void *state, votelog_visit_fn visit, void *ctx,
                                 struct fault *fault)
{
    return STATUS_OK;
}

/* Marks find no room; the acts that come are those the reserve is for. */
static enum status scarce_write(void *state, uint64_t batch, const struct mark *marks,
                                uint32_t count, const struct act *act, struct fault *fault)
{
    return has_room || (count == 0 && has_reserve) ? STATUS_OK
                                                   : fault_set(fault, STATUS_NO_SPACE, "", "full");
}

static enum status scarce_rest(void *state, struct fault *fault)
{
    return STATUS_OK;
}

static bool scarce_spend(void *state)
{
    return false;
}

static bool scarce_restore(void *state)
{
    return has_room;
}

static enum status scarce_close(void *state, bool is_failed, struct fault *fault)
{
    return STATUS_OK;
}

static enum status open_scarce(const struct votelog_options *options,
                               struct votelog_identity *identity, struct votelog **log,
                               struct fault *fault)
{
    static const struct votelog_backend backend = { .open = scarce_open,
                                                    .replay = scarce_replay,
                                                    .write_batch = scarce_write,
                                                    .spend_reserve = scarce_spend,
                                                    .restore_reserve = scarce_restore,
                                                    .rest = scarce_rest,
                                                    .close = scarce_close };
    return votelog_open_stepped(&backend, options, identity, log, fault);
}

/* Everything that waits is written or dropped, and handed back. */
static void settle(struct hall *hall)
{
    uint32_t visited;
    do {
        (void)votelog_step(hall->log);
        assert_int_equal(room_drain(hall->room, 1000, &visited, NULL), STATUS_OK);
    } while (visited > 0);
}

static enum room_outcome cast(struct hall *hall, struct sender sender, uint32_t seat,
                              uint32_t version, uint8_t nonce, struct refused *refused)
{
    static struct ack ack;
    return room_cast(hall->room, sender, seat, hall_cast(1, seat, 0, version, 1, nonce), &ack,
                     refused);
}

static enum room_outcome act(struct hall *hall, enum control_kind kind, struct refused *refused)
{
    struct control control = { .kind = kind, .id = 77 };
    if (kind == CONTROL_REVOKE) {
        control.number = 5;
        snprintf(control.params, sizeof(control.params), "reason=lost\n");
    }
    snprintf(control.contest, sizeof(control.contest), "appraisal");
    snprintf(control.subject, sizeof(control.subject), kind == CONTROL_OPEN ? "s1" : "");
    return room_control(hall->room, officer, "officer-1", &control, 5000, refused);
}

static uint32_t recorded(const struct hall *hall)
{
    return sitting_latest(room_sitting(hall->room))->tally.cast_count;
}

/* An open round in which seat 1 has voted, then no room. */
static void fill(struct hall *hall)
{
    struct refused refused;
    has_room = true;
    hall_open_log(hall, fixture_event(LIVE_TALLY), open_scarce);
    assert_int_equal(act(hall, CONTROL_OPEN, &refused), ROOM_PENDING);
    settle(hall);
    assert_int_equal(cast(hall, voter, 1, 1, 7, &refused), ROOM_PENDING);
    settle(hall);
    assert_int_equal(hall->ack_count, 1);
    has_room = false;
}

static void who_waits_is_told_and_a_second_sending_is_not_acknowledged(void **state)
{
    struct hall hall;
    struct refused refused;
    fill(&hall);
    assert_int_equal(cast(&hall, voter, 2, 1, 8, &refused), ROOM_PENDING);
    assert_int_equal(cast(&hall, other, 2, 1, 8, &refused), ROOM_PENDING); /* sent again */
    (void)votelog_step(hall.log);
    assert_int_equal(cast(&hall, voter, 2, 1, 8, &refused), ROOM_PENDING); /* and again */
    assert_int_equal(cast(&hall, voter, 3, 1, 9, &refused), ROOM_REFUSED);
    assert_int_equal(refused.refusal, REFUSAL_STORAGE_FULL);
    settle(&hall);
    assert_int_equal(hall.ack_count, 1);
    assert_int_equal(hall.refused_count, 3);
    assert_int_equal(hall.refused.refusal, REFUSAL_STORAGE_FULL);
    assert_int_equal(room_waiting(hall.room), 0);
    assert_int_equal(recorded(&hall), 1);
    hall_close(&hall);
}

static void with_room_again_the_same_cast_is_recorded_once(void **state)
{
    struct hall hall;
    struct refused refused;
    fill(&hall);
    assert_int_equal(cast(&hall, voter, 2, 1, 8, &refused), ROOM_PENDING);
    settle(&hall);
    assert_int_equal(cast(&hall, voter, 2, 1, 8, &refused), ROOM_REFUSED);
    has_room = true;
    settle(&hall);
    assert_int_equal(cast(&hall, voter, 2, 1, 8, &refused), ROOM_PENDING);
    assert_int_equal(cast(&hall, other, 2, 1, 8, &refused), ROOM_PENDING);
    settle(&hall);
    assert_int_equal(hall.ack_count, 3);
    assert_string_equal(hall.acks[1].outcomes[0].receipt, hall.acks[2].outcomes[0].receipt);
    assert_int_equal(recorded(&hall), 2);
    hall_close(&hall);
}

static void what_is_recorded_is_acknowledged_all_the_while(void **state)
{
    static struct ack ack;
    struct hall hall;
    struct refused refused;
    fill(&hall);
    assert_int_equal(cast(&hall, voter, 2, 1, 8, &refused), ROOM_PENDING);
    settle(&hall);
    assert_int_equal(room_cast(hall.room, voter, 1, hall_cast(1, 1, 0, 1, 1, 7), &ack, &refused),
                     ROOM_ANSWERED);
    assert_string_equal(ack.outcomes[0].receipt, hall.acks[0].outcomes[0].receipt);
    hall_close(&hall);
}

static void the_close_goes_and_other_acts_wait_for_room(void **state)
{
    struct hall hall;
    struct refused refused;
    fill(&hall);
    assert_int_equal(cast(&hall, voter, 2, 1, 8, &refused), ROOM_PENDING);
    assert_int_equal(act(&hall, CONTROL_CLOSE, &refused), ROOM_PENDING);
    settle(&hall);
    assert_int_equal(hall.done_count, 2);
    assert_int_equal(hall.refused_count, 1);
    assert_int_equal(sitting_latest(room_sitting(hall.room))->state, ROUND_CLOSED);
    assert_int_equal(act(&hall, CONTROL_CERTIFY, &refused), ROOM_REFUSED);
    assert_int_equal(refused.refusal, REFUSAL_STORAGE_FULL);
    has_room = true;
    settle(&hall);
    assert_int_equal(act(&hall, CONTROL_CERTIFY, &refused), ROOM_PENDING);
    settle(&hall);
    assert_int_equal(hall.done_count, 3);
    assert_int_equal(recorded(&hall), 1);
    hall_close(&hall);
}

/* An act that was dropped with the votes leaves the way free for the next. */
static void a_dropped_act_is_refused_and_not_under_way_any_more(void **state)
{
    struct hall hall;
    struct refused refused;
    fill(&hall);
    assert_int_equal(cast(&hall, voter, 2, 1, 8, &refused), ROOM_PENDING);
    assert_int_equal(act(&hall, CONTROL_REVOKE, &refused), ROOM_PENDING);
    settle(&hall);
    assert_int_equal(hall.refused_count, 2);
    assert_int_equal(act(&hall, CONTROL_PAUSE, &refused), ROOM_PENDING);
    settle(&hall);
    assert_int_equal(hall.done_count, 2);
    hall_close(&hall);
}

/* The views would stop for good with the epochs that are left. */
static void epochs_that_found_no_room_are_known_to_be_missing(void **state)
{
    struct hall hall;
    fill(&hall);
    assert_int_equal(room_reserve_epochs(hall.room, 100, 1000), STATUS_OK);
    settle(&hall);
    assert_int_equal(hall.epochs_reserved, 100);
    has_reserve = false;
    assert_int_equal(room_reserve_epochs(hall.room, 200, 1000), STATUS_OK);
    hall.epochs_reserved = 0;
    settle(&hall);
    assert_int_equal(hall.epochs_reserved, 100); /* said again: the further ones are not there */
    has_reserve = true;
    assert_int_equal(room_reserve_epochs(hall.room, 200, 1000), STATUS_OK);
    settle(&hall);
    assert_int_equal(hall.epochs_reserved, 200);
    hall_close(&hall);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_waits_is_told_and_a_second_sending_is_not_acknowledged),
        cmocka_unit_test(with_room_again_the_same_cast_is_recorded_once),
        cmocka_unit_test(what_is_recorded_is_acknowledged_all_the_while),
        cmocka_unit_test(the_close_goes_and_other_acts_wait_for_room),
        cmocka_unit_test(a_dropped_act_is_refused_and_not_under_way_any_more),
        cmocka_unit_test(epochs_that_found_no_room_are_known_to_be_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * What is on its way to the log when something else comes: nothing may be offered that the fold
 * would refuse, or that would count for nothing behind what was offered before it.
 */
#include <stdio.h>
#include <string.h>

#include "election_fixture.h"
#include "hall.h"
#include "server/model/rules.h"

static const struct sender voter = { 1, 1 };
static const struct sender officer = { 2, 1 };

static enum room_outcome act(struct hall *hall, enum control_kind kind, uint32_t round,
                             uint64_t number, const char *params)
{
    struct refused refused;
    struct control control = { .kind = kind, .id = 77, .round = round, .number = number };
    if (kind == CONTROL_OPEN) {
        snprintf(control.contest, sizeof(control.contest), "secretary");
    }
    snprintf(control.params, sizeof(control.params), "%s", params);
    return room_control(hall->room, officer, "officer-1", &control, 5000, &refused);
}

static enum refusal refused_by(struct hall *hall, uint32_t seat, const struct cast *cast)
{
    static struct ack ack;
    struct refused refused = { 0 };
    enum room_outcome outcome = room_cast(hall->room, voter, seat, cast, &ack, &refused);
    return outcome == ROOM_REFUSED ? refused.refusal : REFUSAL_NONE;
}

/* One voter could end the server with it: the fold takes no name in a contest without lines. */
static void a_name_that_no_line_uses_is_refused(void **state)
{
    struct hall hall;
    hall_open(&hall, LIVE_TALLY);
    hall_control(&hall, CONTROL_OPEN, "s1");
    struct cast *cast = hall_cast(1, 1, 0, 1, 1, 7);
    snprintf(cast->names[0], WRITTEN_NAME_SIZE, "另选人一号");
    cast->name_count = cast->cards[0].name_count = 1;
    assert_int_equal(refused_by(&hall, 1, cast), REFUSAL_BAD_VALUE);
    assert_int_equal(refused_by(&hall, 2, hall_cast(1, 2, 0, 1, 1, 7)), REFUSAL_NONE);
    hall_settle(&hall);
    assert_int_equal(sitting_name_count(room_sitting(hall.room), 0), 0);
    hall_close(&hall);
}

/* It would stand behind the ask in the log and be counted by nobody, acknowledged all the same. */
static void no_cast_is_offered_behind_an_ask(void **state)
{
    struct hall hall;
    struct event *event = fixture_event(LIVE_TALLY);
    event->contests[0].rules->asking = ASKING_ITEM;
    hall_open_event(&hall, event);
    hall_control(&hall, CONTROL_OPEN, "s1");
    assert_int_equal(act(&hall, CONTROL_ASK, 0, 1, ""), ROOM_PENDING);
    assert_int_equal(refused_by(&hall, 1, hall_cast(1, 1, 1, 1, 1, 7)), REFUSAL_BUSY);
    hall_settle(&hall);
    assert_int_equal(refused_by(&hall, 1, hall_cast(1, 1, 1, 1, 1, 7)), REFUSAL_BAD_VALUE);
    assert_int_equal(refused_by(&hall, 1, hall_cast(1, 1, 0, 1, 1, 7)), REFUSAL_NONE);
    hall_settle(&hall);
    assert_int_equal(sitting_ignored_total(room_sitting(hall.room)), 0);
    assert_int_equal(sitting_current(room_sitting(hall.room))->tally.cast_count, 1);
    hall_close(&hall);
}

static void voiding_an_earlier_round_closes_nothing_else(void **state)
{
    struct hall hall;
    hall_open(&hall, LIVE_TALLY);
    hall_control(&hall, CONTROL_OPEN, "s1");
    hall_control(&hall, CONTROL_CLOSE, "");
    hall_control(&hall, CONTROL_OPEN, "s2");
    assert_int_equal(act(&hall, CONTROL_VOID, 1, 0, "reason=设备故障\n"), ROOM_PENDING);
    assert_int_equal(refused_by(&hall, 1, hall_cast(2, 1, 0, 1, 1, 7)), REFUSAL_NONE);
    hall_settle(&hall);
    assert_int_equal(act(&hall, CONTROL_VOID, 2, 0, "reason=设备故障\n"), ROOM_PENDING);
    assert_int_equal(refused_by(&hall, 2, hall_cast(2, 2, 0, 1, 1, 7)), REFUSAL_CLOSED);
    hall_settle(&hall);
    assert_int_equal(sitting_ignored_total(room_sitting(hall.room)), 0);
    hall_close(&hall);
}

/* A base station has no credential of the pad: who found a lost one must not vote with it. */
static void a_revoked_pad_is_refused_at_a_base_station(void **state)
{
    struct hall hall;
    static struct ack ack;
    struct refused refused;
    hall_open(&hall, LIVE_TALLY);
    hall_control(&hall, CONTROL_OPEN, "s1");
    assert_int_equal(act(&hall, CONTROL_REVOKE, 0, 2, "reason=遗失\n"), ROOM_PENDING);
    hall_settle(&hall);
    assert_int_equal(room_cast(hall.room, voter, 0, hall_cast(1, 2, 0, 1, 1, 7), &ack, &refused),
                     ROOM_ANSWERED);
    assert_int_equal(ack.outcomes[0].refusal, REFUSAL_NOT_ELIGIBLE);
    assert_int_equal(act(&hall, CONTROL_REPLACE, 0, 2, "reason=补发\n"), ROOM_PENDING);
    hall_settle(&hall);
    assert_int_equal(room_cast(hall.room, voter, 0, hall_cast(1, 2, 0, 1, 1, 7), &ack, &refused),
                     ROOM_PENDING);
    hall_settle(&hall);
    hall_close(&hall);
}

/* In the log nothing of a pad stands behind the act that revoked it; what came before it counts. */
static void no_cast_is_offered_behind_the_revoke_of_its_pad(void **state)
{
    struct hall hall;
    hall_open(&hall, LIVE_TALLY);
    hall_control(&hall, CONTROL_OPEN, "s1");
    assert_int_equal(refused_by(&hall, 2, hall_cast(1, 2, 0, 1, 1, 7)), REFUSAL_NONE);
    assert_int_equal(act(&hall, CONTROL_REVOKE, 0, 2, "reason=遗失\n"), ROOM_PENDING);
    assert_int_equal(refused_by(&hall, 2, hall_cast(1, 2, 0, 2, 0, 8)), REFUSAL_BUSY);
    assert_int_equal(refused_by(&hall, 2, hall_cast(1, 2, 0, 1, 1, 7)), REFUSAL_NONE);
    assert_int_equal(refused_by(&hall, 3, hall_cast(1, 3, 0, 1, 0, 7)), REFUSAL_NONE);
    hall_settle(&hall);
    assert_int_equal(refused_by(&hall, 2, hall_cast(1, 2, 0, 2, 0, 8)), REFUSAL_NOT_ELIGIBLE);
    const struct round *round = sitting_current(room_sitting(hall.room));
    assert_int_equal(round->tally.counts[0][1], 1);
    assert_int_equal(round->tally.cast_count, 2);
    hall_close(&hall);
}

/* What waits for the room's own check-in is offered afterwards, never from within a drain's visit.
 */
static void an_act_that_was_held_is_done(void **state)
{
    struct hall hall;
    struct event *event = election_event(5, 2, 1);
    event->check_in = CHECK_IN_PAD;
    hall_open_event(&hall, event);
    assert_int_equal(act(&hall, CONTROL_CHECK_IN_OPEN, 0, 0, ""), ROOM_PENDING);
    hall_settle(&hall);
    for (uint32_t seat = 1; seat <= 4; seat++) {
        room_arrived(hall.room, seat, 1000);
    }
    room_tick(hall.room, (struct moment){ 2000, 2000 });
    assert_int_equal(act(&hall, CONTROL_OPEN, 0, 0, ""), ROOM_PENDING);
    hall_wait(&hall);
    assert_non_null(sitting_current(room_sitting(hall.room)));
    assert_int_equal(hall.done_count, 2);
    assert_int_equal(hall.refused_count, 0);
    hall_close(&hall);
}

/* A pad that connects over and over takes nobody's place among the arrivals. */
static void every_arrival_is_checked_in(void **state)
{
    struct hall hall;
    struct event *event = election_event(5, 2, 1);
    event->check_in = CHECK_IN_PAD;
    hall_open_event(&hall, event);
    assert_int_equal(act(&hall, CONTROL_CHECK_IN_OPEN, 0, 0, ""), ROOM_PENDING);
    hall_settle(&hall);
    for (uint32_t i = 0; i < 20; i++) {
        room_arrived(hall.room, 1, 1000);
    }
    room_arrived(hall.room, 2, 1000);
    room_tick(hall.room, (struct moment){ 2000, 2000 });
    hall_wait(&hall);
    assert_true(attendance_is_present(sitting_attendance(room_sitting(hall.room)), 1));
    assert_true(attendance_is_present(sitting_attendance(room_sitting(hall.room)), 2));
    hall_close(&hall);
}

/* The cards of a round that is to be repeated are nobody's to read. */
static void a_void_round_shows_no_cards(void **state)
{
    struct hall hall;
    static struct cases_report report;
    hall_open_event(&hall, election_event(4, 2, 1));
    assert_int_equal(act(&hall, CONTROL_CHECK_IN, 0, 0, "seats=1-4\n"), ROOM_PENDING);
    hall_settle(&hall);
    assert_int_equal(act(&hall, CONTROL_OPEN, 0, 0, ""), ROOM_PENDING);
    hall_settle(&hall);
    struct cast *cast = hall_cast(1, 1, 0, 1, CHOICE_ABSTAIN, 7);
    cast->marks[1] = (struct cast_mark){ .version = 1, .item = 1, .choice = CHOICE_ABSTAIN };
    cast->marks[2] = (struct cast_mark){ .version = 1, .item = 2, .choice = 1 };
    cast->mark_count = cast->cards[0].mark_count = 3;
    snprintf(cast->names[0], WRITTEN_NAME_SIZE, "另选人一号");
    cast->name_count = cast->cards[0].name_count = 1;
    assert_int_equal(refused_by(&hall, 1, cast), REFUSAL_NONE);
    hall_settle(&hall);
    assert_int_equal(act(&hall, CONTROL_CLOSE, 0, 0, ""), ROOM_PENDING);
    hall_settle(&hall);
    assert_true(room_cases(hall.room, 1, &report));
    assert_int_equal(report.total, 1);
    assert_int_equal(act(&hall, CONTROL_VOID, 1, 0, "reason=设备故障\n"), ROOM_PENDING);
    hall_settle(&hall);
    assert_true(room_cases(hall.room, 1, &report));
    assert_int_equal(report.total, 0);
    assert_int_equal(report.count, 0);
    hall_close(&hall);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_that_no_line_uses_is_refused),
        cmocka_unit_test(no_cast_is_offered_behind_an_ask),
        cmocka_unit_test(voiding_an_earlier_round_closes_nothing_else),
        cmocka_unit_test(a_revoked_pad_is_refused_at_a_base_station),
        cmocka_unit_test(no_cast_is_offered_behind_the_revoke_of_its_pad),
        cmocka_unit_test(an_act_that_was_held_is_done),
        cmocka_unit_test(every_arrival_is_checked_in),
        cmocka_unit_test(a_void_round_shows_no_cards),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

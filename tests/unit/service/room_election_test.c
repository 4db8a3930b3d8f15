#include <stdio.h>
#include <string.h>

#include "election_fixture.h"
#include "hall.h"
#include "server/model/rules.h"

static const struct sender voter = { 1, 1 };
static const struct sender officer = { 2, 1 };
static struct refused refused;

static struct control control_make(enum control_kind kind, const char *params)
{
    struct control control = { .kind = kind, .id = 77 };
    if (kind == CONTROL_OPEN || kind == CONTROL_LOT) {
        snprintf(control.contest, sizeof(control.contest), "secretary");
    }
    snprintf(control.params, sizeof(control.params), "%s", params);
    return control;
}

static void act_at(struct hall *hall, enum control_kind kind, const char *params, int64_t now_ms)
{
    struct control control = control_make(kind, params);
    assert_int_equal(room_control(hall->room, officer, "officer-1", &control, now_ms, &refused),
                     ROOM_PENDING);
    hall_settle(hall);
}

/* A whole ballot: a character an item as in election_ballot(), names for the lines. */
static struct cast *ballot(uint32_t version, const char *marks, const char *name)
{
    static struct cast cast;
    memset(&cast, 0, sizeof(cast));
    cast.id = version;
    cast.round = 1;
    cast.card_count = 1;
    memset(cast.cards[0].nonce, (int)version, NONCE_SIZE);
    for (uint16_t item = 0; marks[item] != '\0'; item++) {
        if (marks[item] == '.') {
            continue;
        }
        cast.marks[cast.mark_count++] = (struct cast_mark){
            .version = version,
            .item = item,
            .choice = marks[item] == 'o'   ? CHOICE_FOR
                      : marks[item] == 'x' ? CHOICE_AGAINST
                      : marks[item] == '-' ? CHOICE_ABSTAIN
                                           : (uint16_t)(marks[item] - '0'),
        };
    }
    cast.cards[0].mark_count = cast.mark_count;
    if (name != NULL) {
        snprintf(cast.names[0], WRITTEN_NAME_SIZE, "%s", name);
        cast.name_count = cast.cards[0].name_count = 1;
    }
    return &cast;
}

static enum refusal refused_by(struct hall *hall, uint32_t seat, const struct cast *cast)
{
    static struct ack ack;
    memset(&refused, 0, sizeof(refused));
    enum room_outcome outcome = room_cast(hall->room, voter, seat, cast, &ack, &refused);
    if (outcome == ROOM_REFUSED) {
        return refused.refusal;
    }
    hall_settle(hall);
    return REFUSAL_NONE;
}

static void only_the_electorate_may_cast(void **state)
{
    struct hall hall;
    hall_open_event(&hall, election_event(5, 2, 1));
    act_at(&hall, CONTROL_CHECK_IN, "seats=1-4\n", 1000);
    act_at(&hall, CONTROL_OPEN, "", 2000);
    assert_int_equal(refused_by(&hall, 1, ballot(1, "ox0", NULL)), REFUSAL_NONE);
    assert_int_equal(refused_by(&hall, 5, ballot(1, "ox0", NULL)), REFUSAL_NOT_ELIGIBLE);
    assert_int_equal(refused_by(&hall, 6, ballot(1, "ox0", NULL)), REFUSAL_NOT_ELIGIBLE);
    assert_int_equal(refused_by(&hall, 7, ballot(1, "ox0", NULL)), REFUSAL_TEST);
    /* Who comes late waits for the next round; who leaves has voted. */
    act_at(&hall, CONTROL_CHECK_IN, "seats=5\n", 3000);
    act_at(&hall, CONTROL_CHECK_OUT, "seats=1\n", 3000);
    assert_int_equal(refused_by(&hall, 5, ballot(1, "ox0", NULL)), REFUSAL_NOT_ELIGIBLE);
    assert_int_equal(refused_by(&hall, 1, ballot(1, "ox0", NULL)), REFUSAL_NONE);
    assert_int_equal(sitting_current(room_sitting(hall.room))->tally.cast_count, 1);
    hall_close(&hall);
}

static void a_ballot_is_cast_whole(void **state)
{
    struct hall hall;
    hall_open_event(&hall, election_event(4, 2, 1));
    act_at(&hall, CONTROL_CHECK_IN, "seats=1-4\n", 1000);
    act_at(&hall, CONTROL_OPEN, "", 2000);
    static const struct {
        const char *marks;
        uint16_t item;
        const char *text;
    } wrong[] = {
        { "o", 1, "'c2' is missing: a ballot is cast whole" },
        { "ox", 2, "'other-1' is missing: a ballot is cast whole" },
        { "ox00", 3, "no item 3: a card has 3 items" },
        { "o30", 1, "'c2' has no such choice" },
        { "xx1", 2,
          "'other-1' names nobody that stands in the message, or too many names were "
          "written in" },
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(refused_by(&hall, 1, ballot(1, wrong[i].marks, NULL)), REFUSAL_BAD_VALUE);
        assert_int_equal(refused.item, wrong[i].item);
        assert_string_equal(refused.text, wrong[i].text);
    }
    assert_int_equal(refused_by(&hall, 1, ballot(1, "ox0", NULL)), REFUSAL_NONE);
    hall_close(&hall);
}

static void a_vote_for_a_withdrawn_candidate_is_refused_by_name(void **state)
{
    struct hall hall;
    hall_open_event(&hall, election_event(4, 3, 1));
    act_at(&hall, CONTROL_CHECK_IN, "seats=1-4\n", 1000);
    struct control withdraw = control_make(CONTROL_WITHDRAW, "candidate=c2\nreason=本人要求\n");
    snprintf(withdraw.contest, sizeof(withdraw.contest), "secretary");
    assert_int_equal(room_control(hall.room, officer, "officer-1", &withdraw, 1500, &refused),
                     ROOM_PENDING);
    hall_settle(&hall);
    act_at(&hall, CONTROL_OPEN, "", 2000);
    assert_int_equal(refused_by(&hall, 1, ballot(1, "xox0", NULL)), REFUSAL_BAD_VALUE);
    assert_string_equal(refused.text, "'c2' does not stand in this round");
    assert_int_equal(refused_by(&hall, 1, ballot(1, "o.x0", NULL)), REFUSAL_NONE);
    hall_close(&hall);
}

static void a_name_goes_into_the_log_once_before_its_marks(void **state)
{
    struct hall hall;
    struct ack ack;
    hall_open_event(&hall, election_event(4, 2, 1));
    act_at(&hall, CONTROL_CHECK_IN, "seats=1-4\n", 1000);
    act_at(&hall, CONTROL_OPEN, "", 2000);
    /* Two of the same name on their way at once. */
    for (uint32_t seat = 1; seat <= 2; seat++) {
        assert_int_equal(
            room_cast(hall.room, voter, seat, ballot(1, "xx1", "另选人一号"), &ack, &refused),
            ROOM_PENDING);
    }
    hall_settle(&hall);
    assert_int_equal(refused_by(&hall, 3, ballot(1, "xx1", "另选人二号")), REFUSAL_NONE);
    assert_int_equal(refused_by(&hall, 3, ballot(2, "xx1", "另选人一号")), REFUSAL_NONE);
    const struct sitting *sitting = room_sitting(hall.room);
    assert_int_equal(sitting_name_count(sitting, 0), 2);
    assert_string_equal(sitting_name(sitting, 0, 1), "另选人一号");
    assert_int_equal(sitting_ignored_total(sitting), 0);
    act_at(&hall, CONTROL_CLOSE, "", 3000);
    const struct figures *figures = sitting_latest(sitting)->figures;
    assert_int_equal(figures->election.name_count, 1); /* the other one got no vote in the end */
    assert_string_equal(figures->election.names[0].name, "另选人一号");
    assert_int_equal(figures->election.names[0].votes, 3);
    hall_close(&hall);
}

static void one_seat_cannot_fill_the_list_of_names(void **state)
{
    struct hall hall;
    char name[32];
    uint32_t version = 1;
    hall_open_event(&hall, election_event(4, 2, 1));
    act_at(&hall, CONTROL_CHECK_IN, "seats=1-4\n", 1000);
    act_at(&hall, CONTROL_OPEN, "", 2000);
    for (; version <= 48; version++) {
        snprintf(name, sizeof(name), "name %u", version);
        assert_int_equal(refused_by(&hall, 1, ballot(version, "xx1", name)), REFUSAL_NONE);
    }
    assert_int_equal(refused_by(&hall, 1, ballot(version, "xx1", "one more")), REFUSAL_BAD_VALUE);
    assert_int_equal(refused_by(&hall, 1, ballot(version, "xx1", "name 3")), REFUSAL_NONE);
    assert_int_equal(refused_by(&hall, 2, ballot(1, "xx1", "one more")), REFUSAL_NONE);
    hall_close(&hall);
}

/* A clock that nobody sets. */
static struct moment both(int64_t ms)
{
    return (struct moment){ .unix_ms = ms, .steady_ms = ms };
}

static void a_timer_closes_the_round(void **state)
{
    struct hall hall;
    hall_open_event(&hall, election_event(4, 2, 1));
    act_at(&hall, CONTROL_CHECK_IN, "seats=1-4\n", 1000);
    struct control wrong = control_make(CONTROL_OPEN, "seconds=0\n");
    assert_int_equal(room_control(hall.room, officer, "officer-1", &wrong, 1, &refused),
                     ROOM_REFUSED);
    assert_int_equal(refused.refusal, REFUSAL_BAD_VALUE);
    act_at(&hall, CONTROL_OPEN, "seconds=60\n", 2000);
    const struct sitting *sitting = room_sitting(hall.room);
    assert_int_equal(sitting_current(sitting)->ends_ms, 62000);
    room_tick(hall.room, both(2000));
    room_tick(hall.room, both(61999));
    assert_int_equal(refused_by(&hall, 1, ballot(1, "ox0", NULL)), REFUSAL_NONE);
    room_tick(hall.room, both(62000));
    assert_int_equal(refused_by(&hall, 2, ballot(1, "ox0", NULL)), REFUSAL_CLOSED);
    hall_wait(&hall);
    assert_null(sitting_current(sitting));
    assert_int_equal(sitting_latest(sitting)->state, ROUND_CLOSED);
    assert_int_equal(sitting_latest(sitting)->closed_ms, 62000);
    hall_close(&hall);
}

/* The clock is set an hour ahead and back; the round lasts its minute, the record says what is
 * told. */
static void a_clock_that_is_set_moves_no_timer(void **state)
{
    struct hall hall;
    hall_open_event(&hall, election_event(4, 2, 1));
    act_at(&hall, CONTROL_CHECK_IN, "seats=1-4\n", 1000);
    act_at(&hall, CONTROL_OPEN, "seconds=60\n", 2000);
    room_tick(hall.room, (struct moment){ .unix_ms = 3602000, .steady_ms = 500 });
    room_tick(hall.room, (struct moment){ .unix_ms = 3662000, .steady_ms = 60499 });
    assert_int_equal(refused_by(&hall, 1, ballot(1, "ox0", NULL)), REFUSAL_NONE);
    room_tick(hall.room, (struct moment){ .unix_ms = 1500, .steady_ms = 60500 });
    assert_int_equal(refused_by(&hall, 2, ballot(1, "ox0", NULL)), REFUSAL_CLOSED);
    hall_wait(&hall);
    assert_int_equal(sitting_latest(room_sitting(hall.room))->closed_ms, 1500);
    hall_close(&hall);
}

/* After a restart only Unix time tells what is left: nothing at least, the whole minute at most. */
static void a_restart_reckons_what_is_left_of_a_timer(void **state)
{
    static const struct {
        int64_t unix_ms;
        int64_t left_ms;
    } cases[] = { { 32000, 30000 }, { 1000, 60000 }, { 3602000, 0 } };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct hall hall;
        hall_open_log(&hall, election_event(4, 2, 1), votelog_open_sqlite);
        act_at(&hall, CONTROL_CHECK_IN, "seats=1-4\n", 1000);
        act_at(&hall, CONTROL_OPEN, "seconds=60\n", 2000);
        room_tick(hall.room, both(2000));
        hall_restart(&hall);
        if (cases[i].left_ms > 0) {
            room_tick(hall.room, (struct moment){ cases[i].unix_ms, 700 });
            room_tick(hall.room, (struct moment){ 0, 699 + cases[i].left_ms });
            assert_int_equal(refused_by(&hall, 1, ballot(1, "ox0", NULL)), REFUSAL_NONE);
        }
        room_tick(hall.room, (struct moment){ cases[i].unix_ms, 700 + cases[i].left_ms });
        assert_int_equal(refused_by(&hall, 2, ballot(1, "ox0", NULL)), REFUSAL_CLOSED);
        hall_wait(&hall);
        hall_close(&hall);
    }
}

static void pads_that_connect_are_checked_in_while_check_in_is_open(void **state)
{
    struct hall hall;
    struct event *event = election_event(5, 2, 1);
    event->check_in = CHECK_IN_PAD;
    hall_open_event(&hall, event);
    const struct attendance *attendance = sitting_attendance(room_sitting(hall.room));
    room_arrived(hall.room, 1, 900);
    room_tick(hall.room, both(1900));
    assert_false(attendance_is_present(attendance, 1)); /* check-in has not begun */
    act_at(&hall, CONTROL_CHECK_IN_OPEN, "", 2000);
    room_arrived(hall.room, 3, 2100);
    room_arrived(hall.room, 1, 2150);
    room_arrived(hall.room, 3, 2150);
    room_arrived(hall.room, 2, 2150);
    room_tick(hall.room, both(2200));
    assert_false(attendance_is_present(attendance, 1)); /* gathered first */
    room_tick(hall.room, both(2300));
    /* An act of an officer meanwhile waits for it, and is then done. */
    struct control open = control_make(CONTROL_OPEN, "");
    assert_int_equal(room_control(hall.room, officer, "officer-1", &open, 2301, &refused),
                     ROOM_PENDING);
    hall_wait(&hall);
    assert_true(attendance_is_present(attendance, 1));
    assert_true(attendance_is_present(attendance, 3));
    assert_int_equal(hall.roll_change_count, 2);
    assert_int_equal(hall.refused_count, 1); /* three of five are no quorum */
    assert_non_null(strstr(hall.refused.text, "E2: 3 of 5"));
    act_at(&hall, CONTROL_CHECK_IN_CLOSE, "", 3000);
    room_arrived(hall.room, 4, 3100);
    room_tick(hall.room, both(3400));
    assert_false(attendance_is_present(attendance, 4));
    act_at(&hall, CONTROL_CHECK_IN, "seats=4\n", 3500); /* late, and let in by the officer */
    assert_true(attendance_is_present(attendance, 4));
    hall_close(&hall);
}

/* A seat that voted and then gets a new pad is the same voter: one card. */
static void a_replaced_pad_is_the_same_voter(void **state)
{
    struct hall hall;
    hall_open_event(&hall, election_event(4, 2, 1));
    act_at(&hall, CONTROL_CHECK_IN, "seats=1-4\n", 1000);
    act_at(&hall, CONTROL_OPEN, "", 2000);
    assert_int_equal(refused_by(&hall, 2, ballot(1, "ox0", NULL)), REFUSAL_NONE);
    struct control revoke = control_make(CONTROL_REVOKE, "reason=遗失\n");
    revoke.number = 2;
    assert_int_equal(room_control(hall.room, officer, "officer-1", &revoke, 3000, &refused),
                     ROOM_PENDING);
    hall_settle(&hall);
    struct control replace = control_make(CONTROL_REPLACE, "reason=补发\n");
    replace.number = 2;
    assert_int_equal(room_control(hall.room, officer, "officer-1", &replace, 3000, &refused),
                     ROOM_PENDING);
    hall_settle(&hall);
    struct seat_versions versions;
    assert_true(room_versions(hall.room, 2, &versions));
    assert_int_equal(refused_by(&hall, 2, ballot(2, "xo0", NULL)), REFUSAL_NONE);
    assert_int_equal(sitting_current(room_sitting(hall.room))->tally.cast_count, 1);
    hall_close(&hall);
}

static void a_case_is_told_without_whose_it_is(void **state)
{
    struct hall hall;
    hall_open_event(&hall, election_event(4, 2, 1));
    act_at(&hall, CONTROL_CHECK_IN, "seats=1-4\n", 1000);
    act_at(&hall, CONTROL_OPEN, "", 2000);
    assert_int_equal(refused_by(&hall, 4, ballot(1, "--1", "另选人一号")), REFUSAL_NONE);
    act_at(&hall, CONTROL_CLOSE, "", 3000);
    static struct cases_report report;
    assert_true(room_cases(hall.room, 0, &report));
    assert_int_equal(report.round, 1);
    assert_int_equal(report.total, 1);
    assert_int_equal(report.cases[0].number, 1);
    assert_string_equal(report.cases[0].rule, "W7");
    assert_string_equal(report.cases[0].text, "abstain: c1 c2; other-1: 另选人一号");
    assert_false(room_cases(hall.room, 2, &report));
    hall_close(&hall);
}

static void the_first_answer_is_final_where_the_rules_say_so(void **state)
{
    struct hall hall;
    struct event *event = election_event(4, 2, 1);
    event->contests[0].rules->answer = ANSWER_FIRST;
    hall_open_event(&hall, event);
    act_at(&hall, CONTROL_CHECK_IN, "seats=1-4\n", 1000);
    act_at(&hall, CONTROL_OPEN, "", 2000);
    assert_int_equal(refused_by(&hall, 1, ballot(1, "ox0", NULL)), REFUSAL_NONE);
    assert_int_equal(refused_by(&hall, 1, ballot(2, "xo0", NULL)), REFUSAL_FINAL);
    assert_int_equal(refused_by(&hall, 1, ballot(1, "ox0", NULL)), REFUSAL_NONE); /* a resend */
    hall_close(&hall);
}

/* Pads with three buttons: one candidate after the other, and only the one that is asked. */
static void a_ballot_asked_item_by_item_is_cast_item_by_item(void **state)
{
    struct hall hall;
    struct event *event = election_event(4, 2, 1);
    event->contests[0].rules->asking = ASKING_ITEM;
    hall_open_event(&hall, event);
    act_at(&hall, CONTROL_CHECK_IN, "seats=1-4\n", 1000);
    act_at(&hall, CONTROL_OPEN, "", 2000);
    struct control ask = control_make(CONTROL_ASK, "");
    for (uint16_t item = 0; item < 2; item++) {
        ask.number = item + 1u;
        assert_int_equal(room_control(hall.room, officer, "officer-1", &ask, 2500, &refused),
                         ROOM_PENDING);
        hall_settle(&hall);
        assert_int_equal(refused_by(&hall, 1, ballot(1, item == 0 ? "o" : ".x", NULL)),
                         REFUSAL_NONE);
        assert_int_equal(refused_by(&hall, 1, ballot(2, item == 0 ? ".x" : "o", NULL)),
                         REFUSAL_BAD_VALUE);
        assert_string_equal(refused.text,
                            item == 0 ? "'c2' is not asked now" : "'c1' is not asked now");
    }
    ask.number = 4;
    assert_int_equal(room_control(hall.room, officer, "officer-1", &ask, 2500, &refused),
                     ROOM_REFUSED);
    act_at(&hall, CONTROL_CLOSE, "", 3000);
    const struct figures *figures = sitting_latest(room_sitting(hall.room))->figures;
    assert_int_equal(figures->valid_count, 1);
    assert_int_equal(figures->items[0].counts[CHOICE_FOR], 1);
    assert_int_equal(figures->items[1].counts[CHOICE_AGAINST], 1);
    hall_close(&hall);
}

static void the_lot_is_the_servers_to_draw(void **state)
{
    struct hall hall;
    hall_open_event(&hall, election_event(4, 3, 1));
    act_at(&hall, CONTROL_LOT, "", 1000);
    const uint8_t *order = sitting_order(room_sitting(hall.room), 0);
    assert_int_equal(1 << order[0] | 1 << order[1] | 1 << order[2], 7);
    hall_close(&hall);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_electorate_may_cast),
        cmocka_unit_test(a_ballot_is_cast_whole),
        cmocka_unit_test(a_vote_for_a_withdrawn_candidate_is_refused_by_name),
        cmocka_unit_test(a_name_goes_into_the_log_once_before_its_marks),
        cmocka_unit_test(one_seat_cannot_fill_the_list_of_names),
        cmocka_unit_test(a_timer_closes_the_round),
        cmocka_unit_test(a_clock_that_is_set_moves_no_timer),
        cmocka_unit_test(a_restart_reckons_what_is_left_of_a_timer),
        cmocka_unit_test(pads_that_connect_are_checked_in_while_check_in_is_open),
        cmocka_unit_test(a_replaced_pad_is_the_same_voter),
        cmocka_unit_test(a_case_is_told_without_whose_it_is),
        cmocka_unit_test(the_first_answer_is_final_where_the_rules_say_so),
        cmocka_unit_test(a_ballot_asked_item_by_item_is_cast_item_by_item),
        cmocka_unit_test(the_lot_is_the_servers_to_draw),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

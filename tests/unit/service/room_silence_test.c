/*
 * What an open round says of choices: nothing. Two halls in which the same seats cast at the same
 * moments, and choose otherwise, are the same to everybody until the round is over.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "election_fixture.h"
#include "hall.h"
#include "server/model/rules.h"
#include "server/service/publisher.h"

/* A hall and what goes out of it. */
struct stage {
    struct hall hall;
    struct publisher *publisher;
};

static bool reserve(void *ctx, uint64_t upto)
{
    return true;
}

static void stage_open(struct stage *stage, struct event *event)
{
    hall_open_event(&stage->hall, event);
    assert_int_equal(publisher_create(room_sitting(stage->hall.room), "0123456789abcdef", reserve,
                                      NULL, &stage->publisher, NULL),
                     STATUS_OK);
    publisher_reserved(stage->publisher, 1000);
}

static void stage_close(struct stage *stage)
{
    publisher_destroy(stage->publisher);
    hall_close(&stage->hall);
}

static void act(struct stage *stage, enum control_kind kind, const char *contest,
                const char *params)
{
    struct refused refused;
    struct sender officer = { 2, 1 };
    struct control control = { .kind = kind, .id = 77 };
    snprintf(control.contest, sizeof(control.contest), "%s", contest);
    snprintf(control.params, sizeof(control.params), "%s", params);
    assert_int_equal(room_control(stage->hall.room, officer, "officer-1", &control, 5000, &refused),
                     ROOM_PENDING);
    hall_settle(&stage->hall);
}

/* A whole ballot of `count` items; choices "o", "x", "-", or a digit: a name of `names`. */
static void ballot(struct stage *stage, uint32_t seat, uint32_t version, const char *choices,
                   const char *name)
{
    static struct ack ack;
    struct refused refused;
    struct sender voter = { 1, 1 };
    struct cast *cast = hall_cast(1, seat, 0, version, 0, (uint8_t)version);
    for (uint16_t item = 0; choices[item] != '\0'; item++) {
        cast->marks[item] = (struct cast_mark){ .version = version, .item = item };
        cast->marks[item].choice = choices[item] == 'o'   ? CHOICE_FOR
                                   : choices[item] == 'x' ? CHOICE_AGAINST
                                   : choices[item] == '-' ? CHOICE_ABSTAIN
                                                          : (uint16_t)(choices[item] - '0');
        cast->mark_count = cast->cards[0].mark_count = item + 1u;
    }
    if (name != NULL) {
        snprintf(cast->names[0], WRITTEN_NAME_SIZE, "%s", name);
        cast->name_count = cast->cards[0].name_count = 1;
    }
    assert_int_equal(room_cast(stage->hall.room, voter, seat, cast, &ack, &refused), ROOM_PENDING);
    hall_settle(&stage->hall);
}

/* View, document, epoch and whether something went out at all, of every audience up to `last`. */
static void views_equal(struct stage *a, struct stage *b, enum audience last)
{
    (void)room_take_dirty(a->hall.room);
    (void)room_take_dirty(b->hall.room);
    publisher_touch(a->publisher);
    publisher_touch(b->publisher);
    uint32_t sent = (2u << last) - 1;
    assert_int_equal(publisher_tick(a->publisher, 9000) & sent,
                     publisher_tick(b->publisher, 9000) & sent);
    for (int audience = AUDIENCE_PUBLIC; audience <= (int)last; audience++) {
        const struct blob *left = publisher_view(a->publisher, (enum audience)audience);
        const struct blob *right = publisher_view(b->publisher, (enum audience)audience);
        assert_string_equal(left->data, right->data);
        left = publisher_document(a->publisher, (enum audience)audience, 9000);
        right = publisher_document(b->publisher, (enum audience)audience, 9000);
        assert_string_equal(left->data, right->data);
    }
}

/* What voters and posts are told beside views. */
static void words_equal(struct stage *a, struct stage *b)
{
    static struct cases_report cases[2];
    struct round_notice notices[2];
    struct seat_versions versions[2];
    room_round_notice(a->hall.room, &notices[0]);
    room_round_notice(b->hall.room, &notices[1]);
    assert_memory_equal(&notices[0], &notices[1], sizeof(notices[0]));
    assert_int_equal(room_cases(a->hall.room, 0, &cases[0]),
                     room_cases(b->hall.room, 0, &cases[1]));
    assert_memory_equal(&cases[0], &cases[1], sizeof(cases[0]));
    assert_int_equal(cases[0].total, 0);
    for (uint32_t seat = 1; seat <= a->hall.event->seat_count; seat++) {
        assert_int_equal(room_versions(a->hall.room, seat, &versions[0]),
                         room_versions(b->hall.room, seat, &versions[1]));
        assert_memory_equal(&versions[0], &versions[1], sizeof(versions[0]));
    }
    assert_int_equal(room_recorded_total(a->hall.room), room_recorded_total(b->hall.room));
    assert_int_equal(sitting_latest(room_sitting(a->hall.room))->tally.cast_count,
                     sitting_latest(room_sitting(b->hall.room))->tally.cast_count);
    assert_int_equal(a->hall.round_change_count, b->hall.round_change_count);
    assert_int_equal(a->hall.roll_change_count, b->hall.roll_change_count);
}

static void an_open_election_is_the_same_whatever_is_chosen(void **state)
{
    static struct stage a;
    static struct stage b;
    static const char *const plain[] = { "ox0", "ox0", "xo0", "--0" };
    static const char *const other[] = { "xx1", "--1", "oo0", "xx1" };
    static const char *const named[] = { "另选人一号", "候选人1", NULL, "另选人二号" };
    stage_open(&a, election_event(5, 2, 1));
    stage_open(&b, election_event(5, 2, 1));
    act(&a, CONTROL_CHECK_IN, "", "seats=1-4\n");
    act(&b, CONTROL_CHECK_IN, "", "seats=1-4\n");
    act(&a, CONTROL_OPEN, "secretary", "");
    act(&b, CONTROL_OPEN, "secretary", "");
    for (uint32_t i = 0; i < 4; i++) {
        ballot(&a, i + 1, 1, plain[i], NULL);
        ballot(&b, i + 1, 1, other[i], named[i]);
        views_equal(&a, &b, AUDIENCE_SCRUTINEER);
        words_equal(&a, &b);
    }
    ballot(&a, 1, 2, "xo0", NULL);
    ballot(&b, 1, 2, "xx1", "另选人三号"); /* a change of mind */
    views_equal(&a, &b, AUDIENCE_SCRUTINEER);
    act(&a, CONTROL_PAUSE, "", "");
    act(&b, CONTROL_PAUSE, "", "");
    views_equal(&a, &b, AUDIENCE_SCRUTINEER);
    words_equal(&a, &b);
    act(&a, CONTROL_VOID, "", "reason=设备故障\n");
    act(&b, CONTROL_VOID, "", "reason=设备故障\n");
    words_equal(&a, &b);
    views_equal(&a, &b, AUDIENCE_SCRUTINEER);
    stage_close(&a);
    stage_close(&b);
}

/* Hidden: the public and the hall do not even hear that somebody voted. */
static void a_hidden_round_is_silent_to_the_public(void **state)
{
    static struct stage a;
    static struct stage b;
    struct event *left = election_event(5, 2, 1);
    struct event *right = election_event(5, 2, 1);
    left->contests[0].live = LIVE_HIDDEN;
    right->contests[0].live = LIVE_HIDDEN;
    stage_open(&a, left);
    stage_open(&b, right);
    act(&a, CONTROL_CHECK_IN, "", "seats=1-4\n");
    act(&b, CONTROL_CHECK_IN, "", "seats=1-4\n");
    act(&a, CONTROL_OPEN, "secretary", "");
    act(&b, CONTROL_OPEN, "secretary", "");
    views_equal(&a, &b, AUDIENCE_SCRUTINEER);
    for (uint32_t seat = 1; seat <= 4; seat++) {
        ballot(&a, seat, 1, "xx1", "另选人一号");
        views_equal(&a, &b, AUDIENCE_INTERNAL);
    }
    act(&a, CONTROL_VOID, "", "reason=设备故障\n");
    act(&b, CONTROL_VOID, "", "reason=设备故障\n");
    stage_close(&a);
    stage_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_open_election_is_the_same_whatever_is_chosen),
        cmocka_unit_test(a_hidden_round_is_silent_to_the_public),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/model/rules.h"

struct event *fixture_event(enum live live)
{
    struct event *event = calloc(1, sizeof(*event));
    struct contest *contest = calloc(1, sizeof(*contest));
    event->contests = contest;
    event->contest_count = 1;
    event->seat_count = 6;
    snprintf(event->id, sizeof(event->id), "small");
    snprintf(contest->id, sizeof(contest->id), "appraisal");
    contest->kind = CONTEST_APPRAISAL;
    contest->live = live;
    contest->grade_count = 3;
    contest->criterion_count = 2;
    contest->subject_count = 3;
    contest->rules = calloc(1, sizeof(*contest->rules));
    snprintf(contest->rules->id, ID_SIZE, "plain");
    contest->rules->version = 1;
    contest->rules->kind = CONTEST_APPRAISAL;
    contest->rules->answer = ANSWER_LAST;
    contest->rules->secrecy = SECRECY_SECRET;
    contest->rules->asking = ASKING_CARD;
    contest->rules->rounding = ROUNDING_HALF_UP;
    event->check_in = CHECK_IN_NONE;
    event->groups = calloc(1, sizeof(*event->groups));
    event->group_count = 1;
    snprintf(event->groups[0].id, ID_SIZE, "hall");
    event->groups[0].first_seat = 1;
    event->groups[0].seat_count = 6;
    event->groups[0].vote_count = 6;
    contest->grades = calloc(3, sizeof(*contest->grades));
    contest->criteria = calloc(2, sizeof(*contest->criteria));
    contest->subjects = calloc(3, sizeof(*contest->subjects));
    for (uint32_t i = 0; i < 3; i++) {
        snprintf(contest->grades[i].id, ID_SIZE, "g%u", i + 1);
        snprintf(contest->subjects[i].id, ID_SIZE, "s%u", i + 1);
    }
    for (uint32_t i = 0; i < 2; i++) {
        snprintf(contest->criteria[i].id, ID_SIZE, "c%u", i + 1);
    }
    static const struct post posts[] = {
        { "officer-1", ROLE_OFFICER, AUDIENCE_OFFICER, 0, 0 },
        { "operator-1", ROLE_OPERATOR, AUDIENCE_OPERATOR, 0, 0 },
        { "overlay-1", ROLE_OVERLAY, AUDIENCE_PUBLIC, 0, 0 },
        { "base-1", ROLE_BASE, AUDIENCE_PUBLIC, 1, 4 },
    };
    event->posts = malloc(sizeof(posts));
    memcpy(event->posts, posts, sizeof(posts));
    event->post_count = 4;
    return event;
}

struct mark fixture_mark(uint32_t round, uint8_t who, uint16_t item, uint32_t version,
                         uint8_t choice, uint8_t nonce)
{
    struct mark mark = { .round = round, .item = item, .version = version, .choice = choice };
    memset(mark.slot, who, sizeof(mark.slot));
    memset(mark.nonce, nonce, sizeof(mark.nonce));
    return mark;
}

struct applied fixture_apply_mark(struct sitting *sitting, const struct mark *mark)
{
    struct record record = { .batch = 1, .mark = mark };
    struct applied applied;
    assert_int_equal(sitting_apply(sitting, &record, &applied, NULL), STATUS_OK);
    return applied;
}

struct applied fixture_apply_act(struct sitting *sitting, const struct act *act,
                                 enum status expected)
{
    struct record record = { .batch = 1, .act = act };
    struct applied applied;
    struct fault fault = { 0 };
    assert_int_equal(sitting_apply(sitting, &record, &applied, &fault), expected);
    assert_int_equal(fault.status, expected);
    return applied;
}

void fixture_open(struct sitting *sitting, uint32_t round, const char *subject)
{
    struct act act = { .kind = ACT_ZERO_CHECK, .round = round, .at_ms = 1000 };
    snprintf(act.contest, sizeof(act.contest), "appraisal");
    snprintf(act.subject, sizeof(act.subject), "%s", subject);
    if (round > sitting_round_count(sitting)) {
        fixture_apply_act(sitting, &act, STATUS_OK);
    }
    struct opening opening;
    assert_int_equal(sitting_may_open(sitting, "appraisal", subject, NULL, &opening, NULL),
                     STATUS_OK);
    assert_int_equal(opening.round, round);
    opening_write(sitting, &opening, 0, &act);
    assert_true(fixture_apply_act(sitting, &act, STATUS_OK).round_changed);
}

void fixture_pause(struct sitting *sitting, uint32_t round)
{
    struct act act = { .kind = ACT_PAUSE, .round = round, .at_ms = 1500 };
    fixture_apply_act(sitting, &act, STATUS_OK);
}

void fixture_close(struct sitting *sitting, uint32_t round)
{
    struct act act = { .kind = ACT_CLOSE, .round = round, .at_ms = 2000 };
    fixture_apply_act(sitting, &act, STATUS_OK);
}

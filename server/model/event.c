#include "server/model/event.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/model/name_table.h"
#include "server/model/rules.h"

static const char *const kind_names[] = {
    [CONTEST_INVALID] = "invalid",   [CONTEST_APPRAISAL] = "appraisal",
    [CONTEST_ELECTION] = "election", [CONTEST_MOTION] = "motion",
    [CONTEST_POLL] = "poll",
};

static const char *const check_in_names[] = {
    [CHECK_IN_INVALID] = "invalid",
    [CHECK_IN_NONE] = "none",
    [CHECK_IN_OFFICER] = "officer",
    [CHECK_IN_PAD] = "pad",
};

static const char *const step_names[] = {
    [STEP_INVALID] = "invalid", [STEP_RECOMMENDATION] = "recommendation",
    [STEP_NOTICE] = "notice",   [STEP_SPEECH] = "speech",
    [STEP_VOTE] = "vote",       [STEP_OTHER] = "other",
};

/* Choices that are the same in every contest of a kind. */
static const char *const vote_choices[CHOICE_VOTE_COUNT] = { "for", "against", "abstain" };
static const char *const poll_choices[CHOICE_POLL_COUNT] = { "chosen", "not-chosen" };

#define LINE_PREFIX "other-"

static const char *const live_names[] = {
    [LIVE_INVALID] = "invalid",
    [LIVE_HIDDEN] = "hidden",
    [LIVE_TURNOUT] = "turnout",
    [LIVE_TALLY] = "tally",
};

static const char *const audience_names[AUDIENCE_COUNT] = {
    [AUDIENCE_INVALID] = "invalid",
    [AUDIENCE_PUBLIC] = "public",
    [AUDIENCE_HALL] = "hall",
    [AUDIENCE_INTERNAL] = "internal",
    [AUDIENCE_OPERATOR] = "operator",
    [AUDIENCE_OFFICER] = "officer",
    [AUDIENCE_SCRUTINEER] = "scrutineer",
};

static const char *const role_names[ROLE_COUNT] = {
    [ROLE_INVALID] = "invalid",   [ROLE_VIEWER] = "viewer",   [ROLE_VOTER] = "voter",
    [ROLE_BASE] = "base",         [ROLE_OVERLAY] = "overlay", [ROLE_SCREEN] = "screen",
    [ROLE_OPERATOR] = "operator", [ROLE_OFFICER] = "officer", [ROLE_SCRUTINEER] = "scrutineer",
};

const char *label_text(const struct label *label, enum language language)
{
    return language == LANGUAGE_EN && label->en[0] != '\0' ? label->en : label->zh;
}

static void contest_finish(struct contest *contest)
{
    free(contest->grades);
    free(contest->criteria);
    free(contest->subjects);
    free(contest->candidates);
    free(contest->rules);
}

void event_destroy(struct event *event)
{
    if (!event) {
        return;
    }
    for (uint32_t i = 0; event->contests && i < event->contest_count; i++) {
        contest_finish(&event->contests[i]);
    }
    free(event->groups);
    free(event->contests);
    free(event->posts);
    free(event->steps);
    free(event);
}

int32_t event_find_contest(const struct event *event, const char *id)
{
    for (uint32_t i = 0; i < event->contest_count; i++) {
        if (strcmp(event->contests[i].id, id) == 0) {
            return (int32_t)i;
        }
    }
    return -1;
}

int32_t event_find_post(const struct event *event, const char *id)
{
    for (uint32_t i = 0; i < event->post_count; i++) {
        if (strcmp(event->posts[i].id, id) == 0) {
            return (int32_t)i;
        }
    }
    return -1;
}

int32_t contest_find_subject(const struct contest *contest, const char *id)
{
    for (uint32_t i = 0; i < contest->subject_count; i++) {
        if (strcmp(contest->subjects[i].id, id) == 0) {
            return (int32_t)i;
        }
    }
    return -1;
}

int32_t contest_find_criterion(const struct contest *contest, const char *id)
{
    for (uint32_t i = 0; i < contest->criterion_count; i++) {
        if (strcmp(contest->criteria[i].id, id) == 0) {
            return (int32_t)i;
        }
    }
    return -1;
}

const char *contest_kind_name(enum contest_kind kind)
{
    return name_table_name(kind_names, NAME_COUNT(kind_names), kind);
}

const char *live_name(enum live live)
{
    return name_table_name(live_names, NAME_COUNT(live_names), live);
}

const char *audience_name(enum audience audience)
{
    return name_table_name(audience_names, NAME_COUNT(audience_names), audience);
}

const char *role_name(enum role role)
{
    return name_table_name(role_names, NAME_COUNT(role_names), role);
}

enum contest_kind contest_kind_parse(const char *name)
{
    return (enum contest_kind)name_table_parse(kind_names, NAME_COUNT(kind_names), name);
}

enum live live_parse(const char *name)
{
    return (enum live)name_table_parse(live_names, NAME_COUNT(live_names), name);
}

enum audience audience_parse(const char *name)
{
    return (enum audience)name_table_parse(audience_names, NAME_COUNT(audience_names), name);
}

enum role role_parse(const char *name)
{
    return (enum role)name_table_parse(role_names, NAME_COUNT(role_names), name);
}

bool id_is_valid(const char *text)
{
    size_t size = 0;

    for (; text[size] != '\0'; size++) {
        char c = text[size];
        bool is_alnum = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');

        if (size == ID_SIZE - 1 || !(is_alnum || (c == '-' && size > 0))) {
            return false;
        }
    }
    return size > 0;
}

const char *check_in_name(enum check_in check_in)
{
    return name_table_name(check_in_names, NAME_COUNT(check_in_names), check_in);
}

enum check_in check_in_parse(const char *name)
{
    return (enum check_in)name_table_parse(check_in_names, NAME_COUNT(check_in_names), name);
}

const char *step_kind_name(enum step_kind kind)
{
    return name_table_name(step_names, NAME_COUNT(step_names), kind);
}

enum step_kind step_kind_parse(const char *name)
{
    return (enum step_kind)name_table_parse(step_names, NAME_COUNT(step_names), name);
}

int32_t contest_find_candidate(const struct contest *contest, const char *id)
{
    for (uint32_t i = 0; i < contest->candidate_count; i++) {
        if (strcmp(contest->candidates[i].id, id) == 0) {
            return (int32_t)i;
        }
    }
    return -1;
}

int32_t event_find_step(const struct event *event, const char *id)
{
    for (uint32_t i = 0; i < event->step_count; i++) {
        if (strcmp(event->steps[i].id, id) == 0) {
            return (int32_t)i;
        }
    }
    return -1;
}

int32_t event_find_group(const struct event *event, uint32_t seat)
{
    for (uint32_t i = 0; i < event->group_count; i++) {
        const struct group *group = &event->groups[i];
        if (seat >= group->first_seat && seat - group->first_seat < group->seat_count) {
            return (int32_t)i;
        }
    }
    return -1;
}

bool event_seat_votes(const struct event *event, uint32_t seat)
{
    int32_t index = event_find_group(event, seat);
    if (index < 0) {
        return false;
    }
    const struct group *group = &event->groups[index];
    return !group->is_test && seat - group->first_seat < group->vote_count;
}

uint32_t event_vote_count(const struct event *event)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < event->group_count; i++) {
        count += event->groups[i].is_test ? 0 : event->groups[i].vote_count;
    }
    return count;
}

uint32_t contest_item_count(const struct contest *contest)
{
    switch (contest->kind) {
    case CONTEST_APPRAISAL:
        return contest->criterion_count;
    case CONTEST_ELECTION:
    case CONTEST_POLL:
        return contest->candidate_count + contest->write_in_count;
    default:
        return 1;
    }
}

bool contest_item_is_line(const struct contest *contest, uint32_t item)
{
    return (contest->kind == CONTEST_ELECTION || contest->kind == CONTEST_POLL) &&
           item >= contest->candidate_count;
}

uint32_t contest_choice_count(const struct contest *contest)
{
    switch (contest->kind) {
    case CONTEST_APPRAISAL:
        return contest->grade_count;
    case CONTEST_POLL:
        return CHOICE_POLL_COUNT;
    default:
        return CHOICE_VOTE_COUNT;
    }
}

const char *contest_item_id(const struct contest *contest, uint32_t item, char buffer[ID_SIZE])
{
    assert(item < contest_item_count(contest));
    if (contest->kind == CONTEST_APPRAISAL) {
        return contest->criteria[item].id;
    }
    if (contest->kind == CONTEST_MOTION) {
        return "motion";
    }
    if (item < contest->candidate_count) {
        return contest->candidates[item].id;
    }
    snprintf(buffer, ID_SIZE, LINE_PREFIX "%u", (unsigned)(item - contest->candidate_count + 1));
    return buffer;
}

int32_t contest_find_item(const struct contest *contest, const char *id)
{
    char buffer[ID_SIZE];
    for (uint32_t item = 0; item < contest_item_count(contest); item++) {
        if (strcmp(contest_item_id(contest, item, buffer), id) == 0) {
            return (int32_t)item;
        }
    }
    return -1;
}

const char *contest_choice_id(const struct contest *contest, uint32_t choice)
{
    assert(choice < contest_choice_count(contest));
    return contest->kind == CONTEST_APPRAISAL ? contest->grades[choice].id
           : contest->kind == CONTEST_POLL    ? poll_choices[choice]
                                              : vote_choices[choice];
}

int32_t contest_find_choice(const struct contest *contest, const char *id)
{
    for (uint32_t choice = 0; choice < contest_choice_count(contest); choice++) {
        if (strcmp(contest_choice_id(contest, choice), id) == 0) {
            return (int32_t)choice;
        }
    }
    return -1;
}

#include "server/model/event.h"

#include <stdlib.h>
#include <string.h>

#include "server/model/name_table.h"

static const char *const kind_names[] = {
    [CONTEST_INVALID] = "invalid",
    [CONTEST_APPRAISAL] = "appraisal",
};

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

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "server/model/limits.h"
#include "server/model/status.h"

/*
 * The event: what is decided in the hall, by whom, and who works there. Plain values, read once
 * from minping-event(5) by protocol/event_file.h, never changed afterwards; any thread may read.
 */

/* A text in the two languages. Valid UTF-8, no control or bidi characters, never empty in zh. */
struct label {
    char zh[LABEL_SIZE];
    char en[LABEL_SIZE];
};

enum language { LANGUAGE_INVALID = 0, LANGUAGE_ZH_CN, LANGUAGE_EN };

/* The text of `label` in `language`; zh where en is empty. Borrowed from `label`. */
const char *label_text(const struct label *label, enum language language);

enum contest_kind { CONTEST_INVALID = 0, CONTEST_APPRAISAL };

/* What of an open round may leave the server. */
enum live { LIVE_INVALID = 0, LIVE_HIDDEN, LIVE_TURNOUT, LIVE_TALLY };

/* Who sees a view, least first. */
enum audience {
    AUDIENCE_INVALID = 0,
    AUDIENCE_PUBLIC,
    AUDIENCE_HALL,
    AUDIENCE_INTERNAL,
    AUDIENCE_OPERATOR,
    AUDIENCE_OFFICER,
    AUDIENCE_SCRUTINEER,
    AUDIENCE_COUNT,
};

/* What a connection is. voter and viewer need no post; the others prove themselves by token. */
enum role {
    ROLE_INVALID = 0,
    ROLE_VIEWER,
    ROLE_VOTER,
    ROLE_BASE,
    ROLE_OVERLAY,
    ROLE_SCREEN,
    ROLE_OPERATOR,
    ROLE_OFFICER,
    ROLE_SCRUTINEER,
    ROLE_COUNT,
};

struct grade {
    char id[ID_SIZE];
    struct label label;
};

struct criterion {
    char id[ID_SIZE];
    struct label label;
};

/* One who is appraised, on air by post: "区委常委一号". */
struct subject {
    char id[ID_SIZE];
    struct label name;
    struct label office; /* body and office, the second line of a strap; may be empty */
};

struct contest {
    char id[ID_SIZE];
    enum contest_kind kind;
    enum live live;
    struct label title;
    struct grade *grades; /* grade_count 2 .. GRADE_MAX, best first */
    struct criterion *criteria;
    struct subject *subjects;
    uint32_t grade_count;
    uint32_t criterion_count; /* 1 .. CRITERION_MAX: the items of a card, in their order */
    uint32_t subject_count;   /* 1 .. SUBJECT_MAX */
};

/* Seats first_seat .. first_seat + seat_count - 1 belong to the group. */
struct group {
    char id[ID_SIZE];
    struct label label;
    uint32_t first_seat;
    uint32_t seat_count;
};

struct post {
    char id[ID_SIZE];
    enum role role;
    enum audience audience;
    uint32_t first_seat; /* base stations: the pads it may cast for; otherwise 0, 0 */
    uint32_t seat_count;
};

struct event {
    char id[ID_SIZE];
    struct label title;
    uint8_t hash[32]; /* BLAKE2b-256 of the file's bytes; zero where it came from no file */
    struct group *groups;
    struct contest *contests;
    struct post *posts;
    uint32_t group_count;
    uint32_t contest_count;
    uint32_t post_count;
    uint32_t seat_count; /* seats are numbered 1 .. seat_count, groups in their order */
};

/* Frees an event made by event_create-like functions; NULL is accepted. */
void event_destroy(struct event *event);

/* Each returns the index, or -1 where there is none. */
int32_t event_find_contest(const struct event *event, const char *id);
int32_t event_find_post(const struct event *event, const char *id);
int32_t contest_find_subject(const struct contest *contest, const char *id);
int32_t contest_find_criterion(const struct contest *contest, const char *id);

/* The words of the files and messages: "appraisal", "tally", "public", "overlay" … and back. */
const char *contest_kind_name(enum contest_kind kind);
const char *live_name(enum live live);
const char *audience_name(enum audience audience);
const char *role_name(enum role role);
enum contest_kind contest_kind_parse(const char *name);
enum live live_parse(const char *name);
enum audience audience_parse(const char *name);
enum role role_parse(const char *name);

/* Whether `text` is [a-z0-9][a-z0-9-]{0,31}. */
bool id_is_valid(const char *text);

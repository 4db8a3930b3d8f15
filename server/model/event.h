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

/*
 * What is decided. Of each, a card has items, and each item is given one choice:
 *   appraisal  criteria × grades, a card a subject
 *   election   candidates, then a line for each write-in × for, against, abstain
 *   motion     one item × for, against, abstain
 *   poll       options × chosen, not chosen
 */
enum contest_kind {
    CONTEST_INVALID = 0,
    CONTEST_APPRAISAL,
    CONTEST_ELECTION,
    CONTEST_MOTION,
    CONTEST_POLL,
};

/* Choices of elections and motions, and of polls. On a write-in line a choice is a name's number.
 */
enum { CHOICE_FOR = 0, CHOICE_AGAINST = 1, CHOICE_ABSTAIN = 2, CHOICE_VOTE_COUNT = 3 };
enum { CHOICE_CHOSEN = 0, CHOICE_NOT_CHOSEN = 1, CHOICE_POLL_COUNT = 2 };

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

/*
 * One who is appraised, on air by post: "区委常委一号"; a candidate; or an option of a poll (its
 * title is `name`).
 */
struct subject {
    char id[ID_SIZE];
    struct label name;
    struct label office; /* body and office, the second line of a strap; may be empty */
};

struct rules; /* server/model/rules.h */

struct contest {
    char id[ID_SIZE];
    enum contest_kind kind;
    enum live live;
    struct label title;
    struct grade *grades; /* appraisals: grade_count 2 .. GRADE_MAX, best first; others 0 */
    struct criterion *criteria;
    struct subject *subjects;
    struct subject *candidates; /* elections; of polls, the options; others 0 */
    struct rules *rules;        /* never NULL but in texts read from a document */
    uint32_t grade_count;
    uint32_t criterion_count; /* appraisals: 1 .. CRITERION_MAX; others 0 */
    uint32_t subject_count;   /* appraisals: 1 .. SUBJECT_MAX; others 0 */
    uint32_t candidate_count; /* 1 .. CANDIDATE_MAX */
    uint32_t seats;           /* elections: to be filled; polls: options one card may choose */
    uint32_t write_in_count;  /* lines for other names, 0 .. WRITE_IN_MAX */
    /* Elections: order[p] is the candidate shown at place p. Items keep the file's order, so that a
       log never depends on a collation's version. */
    uint8_t order[CANDIDATE_MAX];
};

/*
 * Seats first_seat .. first_seat + seat_count - 1 belong to the group, the first vote_count of them
 * with the right to vote. is_test: keypads for trying out; nothing of theirs is ever counted.
 */
struct group {
    char id[ID_SIZE];
    struct label label;
    uint32_t first_seat;
    uint32_t seat_count;
    uint32_t vote_count;
    bool is_test;
};

/* Who counts as present. */
enum check_in {
    CHECK_IN_INVALID = 0,
    CHECK_IN_NONE,    /* nobody is checked in: every voting seat may vote, 实到 is not known */
    CHECK_IN_OFFICER, /* at the door: the officer's act */
    CHECK_IN_PAD,     /* a voter's keypad or page that connects while check-in is open */
};

/* A step of the meeting before, between and after the votes. */
enum step_kind {
    STEP_INVALID = 0,
    STEP_RECOMMENDATION, /* names are put forward: a poll decides the shortlist */
    STEP_NOTICE,         /* the candidates' notice period */
    STEP_SPEECH,         /* of `candidate`, at most `seconds` */
    STEP_VOTE,
    STEP_OTHER,
};

struct step {
    char id[ID_SIZE];
    enum step_kind kind;
    struct label label;
    char contest[ID_SIZE];   /* or "" */
    char candidate[ID_SIZE]; /* speeches, or "" */
    uint32_t seconds;        /* 0: no limit */
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
    struct step *steps;
    uint32_t group_count;
    uint32_t contest_count;
    uint32_t post_count;
    uint32_t step_count;
    enum check_in check_in;
    bool has_roll;       /* the seats come from a roll: seat_count is 0 until it was read */
    char roll[256];      /* its file, as the event names it; "" without one */
    uint32_t seat_count; /* seats are numbered 1 .. seat_count, groups in their order */
};

/* Frees an event made by event_create-like functions; NULL is accepted. */
void event_destroy(struct event *event);

/* Each returns the index, or -1 where there is none. */
int32_t event_find_contest(const struct event *event, const char *id);
int32_t event_find_post(const struct event *event, const char *id);
int32_t contest_find_subject(const struct contest *contest, const char *id);
int32_t contest_find_criterion(const struct contest *contest, const char *id);
int32_t contest_find_candidate(const struct contest *contest, const char *id);
int32_t event_find_step(const struct event *event, const char *id);
/* The group a seat belongs to. */
int32_t event_find_group(const struct event *event, uint32_t seat);
/* Whether the seat may vote: in a group that is no test, among those with the right. */
bool event_seat_votes(const struct event *event, uint32_t seat);
/* Seats with the right to vote, tests left out: 应到. */
uint32_t event_vote_count(const struct event *event);

/* Items of a card, 1 .. ITEM_MAX, write-in lines included; and choices of each, 2 .. GRADE_MAX. */
uint32_t contest_item_count(const struct contest *contest);
uint32_t contest_choice_count(const struct contest *contest);
/* Whether an item is a line for another name. */
bool contest_item_is_line(const struct contest *contest, uint32_t item);
/*
 * The id of an item: a criterion's, a candidate's or option's, "motion", or "other-1" … of a
 * write-in line. And back: the item's index, or -1. Names a line into `buffer`.
 */
const char *contest_item_id(const struct contest *contest, uint32_t item, char buffer[ID_SIZE]);
int32_t contest_find_item(const struct contest *contest, const char *id);
/* The id of a choice: a grade's, "for", "against", "abstain", "chosen", "not-chosen"; and back. */
const char *contest_choice_id(const struct contest *contest, uint32_t choice);
int32_t contest_find_choice(const struct contest *contest, const char *id);

/* The words of the files and messages: "appraisal", "tally", "public", "overlay" … and back. */
const char *contest_kind_name(enum contest_kind kind);
const char *live_name(enum live live);
const char *audience_name(enum audience audience);
const char *role_name(enum role role);
enum contest_kind contest_kind_parse(const char *name);
enum live live_parse(const char *name);
enum audience audience_parse(const char *name);
enum role role_parse(const char *name);
const char *check_in_name(enum check_in check_in);
enum check_in check_in_parse(const char *name);
const char *step_kind_name(enum step_kind kind);
enum step_kind step_kind_parse(const char *name);

/* Whether `text` is [a-z0-9][a-z0-9-]{0,31}. */
bool id_is_valid(const char *text);

#pragma once

#include "clients/ctl/sheet.h"

/*
 * An event with a contest of each kind and figures of it by hand, for the tests of sheets: what a
 * server would publish, without one. Contests: "appraisal", "committee" (election of 5 among 6),
 * "plan" (motion), "names" (poll with a shortlist of 2).
 */
struct hall {
    struct event event;
    struct contest contests[4];
    struct rules rules[4];
    struct document document;
    struct figures figures[8];
};

enum { HALL_APPRAISAL = 0, HALL_ELECTION, HALL_MOTION, HALL_POLL };

/* The event of four contests, no rounds yet. */
void hall_init(struct hall *hall);

/* The next round, over, of 10 registered with nobody checked in; counts are the caller's. */
struct figures *hall_round(struct hall *hall, uint32_t contest);
void figures_turnout(struct figures *figures, uint32_t registered, uint32_t present,
                     uint32_t issued, uint32_t returned, uint32_t void_count);

/* Rounds of RULES.md: W3 by those present, with the reading by those registered beside it. */
struct figures *hall_w3(struct hall *hall);
/* 1205 raters: 812, 310, 75 and 8 blanks on the first criterion; nobody marks the second. */
struct figures *hall_worked_appraisal(struct hall *hall);
struct figures *hall_motion(struct hall *hall);
struct figures *hall_poll(struct hall *hall);

/* The sheet of the rounds so far; the caller finishes it. */
void hall_sheet(struct hall *hall, struct sheet *sheet);

/* What is printed of it; kind 'j', 'c' or 't'. The caller frees it. */
char *hall_print(struct hall *hall, char kind, enum language language);

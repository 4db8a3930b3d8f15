#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/core/card.h"
#include "server/model/event.h"
#include "server/model/rules.h"

/* A contest with its rules and event, for tests of counts; all in one place, nothing to free. */
struct counting {
    struct event event;
    struct contest contest;
    struct rules rules;
    struct group groups[GROUP_MAX];
    struct subject candidates[CANDIDATE_MAX];
    struct criterion criteria[CRITERION_MAX];
    struct grade grades[GRADE_MAX];
};

/*
 * A party branch's election: candidates c1 … (候选人1号 …, "Candidate 1" …), more than half of
 * 实到, 应到 beside, more than 发出 is void, names need a × each (W7 adjudicate), a tenth of seats
 * more.
 */
void counting_election(struct counting *counting, uint32_t candidate_count, uint32_t seats,
                       uint32_t write_in_count);

/* Criteria k1 …, grades g1 …; no values. Groups a, b, c of 10 seats each; not weighed. */
void counting_appraisal(struct counting *counting, uint32_t criterion_count, uint32_t grade_count);

/* Grade g is worth values[g]; a negative value: nothing. */
void counting_values(struct counting *counting, const int32_t *values, uint32_t count);

/* A motion, or a poll of options c1 …; more than half of 实到. */
void counting_motion(struct counting *counting);
void counting_poll(struct counting *counting, uint32_t option_count, uint32_t seats);

/* A card, an item a character: 'o' for or chosen, 'x' against, 'a' abstain, '-' blank, digits a
 * choice or the number of a name. */
struct card counting_card(const char *choices);

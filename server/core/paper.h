#pragma once

#include <stdint.h>

#include "server/model/event.h"
#include "server/model/fault.h"

/*
 * A batch of ballots counted by hand, as an act's lines carry it. Entered by one post and confirmed
 * by another before it counts; marked wherever its votes are shown.
 *
 *   group=ID          whose ballots (appraisals weigh by group); the first group that is no test
 *                     where missing
 *   issued=N          ballots given out and ballots that came back, both required; a line each
 *   returned=N
 *   void=N            of those that came back; 0 where missing
 *   ID=a,b,c          of each item: how many marks of each choice; an item left out has none
 *   names=NAME:n,…    ballots with lines: votes of names written in; a name has no ',' ':' or '=';
 *                     a candidate's votes stand with the candidate, however they were written
 *
 * Numbers are 0 .. SEAT_MAX. An item whose id is one of these words cannot be entered by hand.
 */
struct paper {
    uint32_t group;
    uint32_t issued;
    uint32_t returned;
    uint32_t void_count;
    uint32_t counts[ITEM_MAX][GRADE_MAX];
    uint32_t name_count;
    struct paper_name {
        char name[WRITTEN_NAME_SIZE];
        uint32_t votes;
    } names[WRITE_IN_MAX * 4];
};

/*
 * Reads the lines. Errors: STATUS_INVALID, the fault names the line and what is wrong with it
 * (unknown item, more marks of an item than valid ballots, more void than returned …).
 */
MUST_CHECK enum status paper_parse(const struct event *event, const struct contest *contest,
                                   const char *lines, struct paper *paper, struct fault *fault);

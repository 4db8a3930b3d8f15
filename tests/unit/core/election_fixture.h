#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/core/sitting.h"

/*
 * A branch that elects: contest "secretary" under rules as RULES.md's E1 … E15 have them, quorum
 * 4/5, base present; `voters` members with the right to vote (seats from 1), one without, and one
 * test pad.
 */
struct event *election_event(uint32_t voters, uint32_t candidates, uint32_t seats);

/* An act of a post; params are "key=value\n" lines. */
struct act election_act(enum act_kind kind, const char *post, const char *params);

/* Asks whether the act may be done and, if so, applies it. `why` (or NULL): the fault's text. */
enum status election_do(struct sitting *sitting, struct act act, char why[256]);

/* Zero check and opening, if the rules allow it. */
enum status election_open(struct sitting *sitting, const char *candidates, char why[256]);

/* The same with ballots of paper alone. */
enum status election_open_paper(struct sitting *sitting);

/* Checks these seats in. */
void election_present(struct sitting *sitting, const char *seats);

/*
 * A ballot in the current round of somebody (`who` fills slot and nonce): a character an item: o
 * for, x against, - abstain, a digit the number of a name on a line, '.' nothing.
 */
void election_ballot(struct sitting *sitting, uint8_t who, const char *marks);

/* The next name written in. */
void election_name(struct sitting *sitting, const char *name);

void election_close(struct sitting *sitting);

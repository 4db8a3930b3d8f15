#pragma once

/*
 * What the sitting's files share: sitting.c (the fold), sitting_round.c (what may open and what an
 * open does), sitting_act.c (whether another act may be done), sitting_apply.c (what it does),
 * sitting_count.c (figures of a round).
 */

#include "server/core/sitting.h"
#include "server/model/rules.h"

/* What is known of a contest beside its rounds. */
struct contest_state {
    uint64_t withdrawn;
    bool has_lot;
    uint8_t order[CANDIDATE_MAX];
    uint32_t stopped_round; /* E12: the round after which the hall stopped; 0: none */
    uint32_t name_count;
    uint32_t name_capacity;
    char (*names)[WRITTEN_NAME_SIZE]; /* [number - 1] */
};

struct sitting {
    const struct event *event;
    struct attendance *attendance;
    struct contest_state *contests;
    struct step_progress *steps;
    struct round **rounds; /* rounds[number - 1] */
    uint32_t round_count;
    uint32_t round_capacity;
    uint32_t current;      /* number of the open or paused round, else 0 */
    uint32_t zero_checked; /* number of the round whose zero check is the last one recorded */
    bool is_check_in_open;
    char roll_hash[65];
    uint64_t epochs_reserved;
    uint64_t ignored_total;
    uint64_t early_total;
    uint64_t count_total;
    struct programme programme;
};

/* The contest of a round. */
const struct contest *round_contest(const struct sitting *sitting, const struct round *round);

/* The newest round of an election whose result stands, or NULL: void ones change nothing. */
const struct round *sitting_standing_round(const struct sitting *sitting, uint32_t contest);

/* The lot of an ACT_LOT: order=… names every candidate once. */
MUST_CHECK enum status sitting_lot_read(const struct contest *contest, const struct act *act,
                                        uint8_t order[CANDIDATE_MAX], struct fault *fault);
/* Which step an ACT_STEP means, and whether it begins or ends. */
MUST_CHECK enum status sitting_step_check(const struct sitting *sitting, const struct act *act,
                                          uint32_t *index, bool *is_begun, struct fault *fault);

/* A further name of a contest. STATUS_NOMEM. */
MUST_CHECK enum status names_append(struct contest_state *state, const char *name);

/* An ACT_OPEN as it was logged. */
MUST_CHECK enum status sitting_apply_open(struct sitting *sitting, const struct act *act,
                                          struct fault *fault);

/* Every act of officers but an open; fault without batch and act. */
MUST_CHECK enum status sitting_apply_other(struct sitting *sitting, const struct act *act,
                                           struct applied *applied, struct fault *fault);

/*
 * Counts a round that is over anew: cases when it has none yet, figures, and the ranks of its
 * contest. STATUS_NOMEM.
 */
MUST_CHECK enum status sitting_count(struct sitting *sitting, struct round *round,
                                     struct fault *fault);

/* The count of an election's round, from its ballots, rulings and paper. Given; NULL: no memory. */
struct election_count *sitting_election_count(const struct sitting *sitting,
                                              const struct round *round);
/* 应到, 实到, 发出 with paper. */
void round_turnout(const struct round *round, struct turnout *turnout);

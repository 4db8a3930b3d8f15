#pragma once

#include "tests/sim/world.h"

/* What a run came to. */
struct outcome {
    bool is_good;
    uint32_t step; /* the last one */
    const char *invariant;
    char why[BOOK_WHY_SIZE];
    char *history; /* "" unless the plan has one; outcome_finish() */
};

/* One run. An assert of the product that fails is a violation too. False: is_good is. */
bool sim_run(const struct plan *plan, const char *dir, struct event *event,
             struct outcome *outcome);
void outcome_finish(struct outcome *outcome);

/*
 * Leaves out of a run that fails what it fails without (later steps, whole classes of steps, single
 * ones), and prints seed, invariant, step and the history of what is left.
 */
void shrink_print(const struct plan *plan, const char *dir, struct event *event);

#include "tests/sim/shrink.h"

#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/memory.h"

#define RUN_MAX 600 /* runs that a shortening may take: seconds */

/* An assert that fails comes back here; its world is left as it is. */
static sigjmp_buf aborted;

static void abort_came(int number)
{
    (void)number;
    siglongjmp(aborted, 1);
}

static void outcome_take(struct outcome *outcome, struct world *world)
{
    outcome->step = world->step;
    outcome->invariant = world->invariant;
    memcpy(outcome->why, world->why, sizeof(outcome->why));
    outcome->history = memory_make(1, world->history_size + 1);
    if (world->history_size > 0) {
        memcpy(outcome->history, world->history, world->history_size);
    }
}

bool sim_run(const struct plan *plan, const char *dir, struct event *event, struct outcome *outcome)
{
    static struct world *world;
    memset(outcome, 0, sizeof(*outcome));
    world = world_create(plan, dir, event);
    if (sigsetjmp(aborted, 1) != 0) {
        world_violate(world, "asserts hold", "an assert of the product failed, see above");
        outcome_take(outcome, world);
        return false;
    }
    (void)signal(SIGABRT, abort_came);
    outcome->is_good = world_run(world);
    (void)signal(SIGABRT, SIG_DFL);
    outcome_take(outcome, world);
    world_destroy(world);
    return outcome->is_good;
}

void outcome_finish(struct outcome *outcome)
{
    free(outcome->history);
    outcome->history = NULL;
}

/* Whether the run fails still, by the same invariant. */
static bool still_fails(const struct plan *plan, const char *dir, struct event *event,
                        const char *invariant, uint32_t *run_count)
{
    struct outcome outcome;
    if (*run_count >= RUN_MAX) {
        return false;
    }
    ++*run_count;
    bool is_same =
        !sim_run(plan, dir, event, &outcome) && strcmp(outcome.invariant, invariant) == 0;
    outcome_finish(&outcome);
    return is_same;
}

static void classes_leave_out(struct plan *plan, const char *dir, struct event *event,
                              const char *invariant, uint32_t *run_count)
{
    for (uint32_t which = CLASS_COUNT; which-- > 1;) {
        struct plan without = *plan;
        without.classes &= ~(1u << which);
        if (still_fails(&without, dir, event, invariant, run_count)) {
            plan->classes = without.classes;
        }
    }
}

/* Halves, quarters … single steps are left out where the run fails without them. */
static void steps_leave_out(struct plan *plan, bool *skipped, const char *dir, struct event *event,
                            const char *invariant, uint32_t *run_count)
{
    bool *before = memory_make(plan->step_count + 1, sizeof(*before));
    for (uint32_t size = (plan->step_count + 1) / 2; size >= 1; size /= 2) {
        for (uint32_t first = 1; first <= plan->step_count; first += size) {
            uint32_t count =
                plan->step_count + 1 - first < size ? plan->step_count + 1 - first : size;
            memcpy(before, skipped + first, count);
            memset(skipped + first, true, count);
            if (memcmp(before, skipped + first, count) != 0 &&
                !still_fails(plan, dir, event, invariant, run_count)) {
                memcpy(skipped + first, before, count);
            }
        }
    }
    free(before);
}

void shrink_print(const struct plan *plan, const char *dir, struct event *event)
{
    struct outcome first;
    struct outcome last;
    struct plan least = *plan;
    uint32_t run_count = 0;
    if (sim_run(plan, dir, event, &first)) {
        printf("seed %" PRIu64 " failed once and then did not\n", plan->seed);
        outcome_finish(&first);
        return;
    }
    bool *skipped = memory_make(plan->step_count + 2, sizeof(*skipped));
    least.skipped = skipped;
    if (first.step < least.step_count) {
        least.step_count = first.step;
    }
    classes_leave_out(&least, dir, event, first.invariant, &run_count);
    steps_leave_out(&least, skipped, dir, event, first.invariant, &run_count);
    least.has_history = true;
    (void)sim_run(&least, dir, event, &last);
    uint32_t kept = 0;
    for (uint32_t step = 1; step <= least.step_count; step++) {
        kept += !skipped[step];
    }
    printf("seed %" PRIu64 ", step %u: '%s' does not hold: %s\n", plan->seed, first.step,
           first.invariant, first.why);
    printf("shortened to %u of %u steps in %u runs: %s\n%s", kept, first.step, run_count, last.why,
           last.history);
    outcome_finish(&first);
    outcome_finish(&last);
    free(skipped);
}

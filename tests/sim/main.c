/*
 * minping-sim: simulated halls from seeds, held against what the vote log promises (TRUST P14).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/shrink.h"
#include "tests/sim/world.h"

#ifdef SIM_MUTANT_COUNT
uint32_t sim_mutant; /* which planted bug is in force; read by the copies that mutants.py makes */
#else
#define SIM_MUTANT_COUNT 0
static uint32_t sim_mutant;
#endif

#define STEP_DEFAULT 700

static const char usage[] =
    "usage: minping-sim --seed N [--count N] [--steps N] [--mutant K] [--history]\n"
    "  runs seeds N to N + count - 1 of simulated halls; status 1 when an invariant does not hold\n"
    "  --steps N    steps of each run, 1 to 100000 (700)\n"
    "  --mutant K   with planted bug K (minping-sim-mutants alone)\n"
    "  --history    prints what happened in every run\n"
    "  --help       prints this\n"
    "  --version    prints the version\n";

struct options {
    uint64_t seed;
    uint64_t count;
    uint64_t steps;
    uint64_t mutant;
    bool has_seed;
    bool has_history;
};

static bool number_read(const char *text, uint64_t most, uint64_t *number)
{
    char *end;
    if (text == NULL || text[0] < '0' || text[0] > '9') {
        return false;
    }
    *number = strtoull(text, &end, 10);
    return *end == '\0' && *number <= most;
}

static bool options_read(int argc, char **argv, struct options *options)
{
    *options = (struct options){ .count = 1, .steps = STEP_DEFAULT };
    for (int i = 1; i < argc; i++) {
        const char *name = argv[i];
        if (strcmp(name, "--history") == 0) {
            options->has_history = true;
            continue;
        }
        const char *value = i + 1 < argc ? argv[++i] : NULL;
        bool is_good =
            strcmp(name, "--seed") == 0     ? number_read(value, UINT64_MAX, &options->seed)
            : strcmp(name, "--count") == 0  ? number_read(value, UINT32_MAX, &options->count)
            : strcmp(name, "--steps") == 0  ? number_read(value, 100000, &options->steps)
            : strcmp(name, "--mutant") == 0 ? number_read(value, SIM_MUTANT_COUNT, &options->mutant)
                                            : false;
        if (!is_good) {
            return false;
        }
        options->has_seed = options->has_seed || strcmp(name, "--seed") == 0;
    }
    return options->has_seed && options->count >= 1 && options->steps >= 1;
}

static int seeds_run(const struct options *options, const char *dir, struct event *event)
{
    uint64_t step_total = 0;
    for (uint64_t i = 0; i < options->count; i++) {
        const struct plan plan = { .seed = options->seed + i,
                                   .step_count = (uint32_t)options->steps,
                                   .classes = (1u << CLASS_COUNT) - 1,
                                   .has_history = options->has_history };
        struct outcome outcome;
        bool is_good = sim_run(&plan, dir, event, &outcome);
        step_total += outcome.step;
        if (options->has_history) {
            printf("seed %" PRIu64 "\n%s", plan.seed, outcome.history);
        }
        outcome_finish(&outcome);
        if (!is_good) {
            shrink_print(&plan, dir, event);
            return 1;
        }
    }
    printf("%" PRIu64 " seeds, %" PRIu64 " steps, 0 violations\n", options->count, step_total);
    return 0;
}

int main(int argc, char **argv)
{
    struct options options;
    char dir[64];
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        fputs(usage, stdout);
        return 0;
    }
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        puts("minping-sim " MINPING_VERSION);
        return 0;
    }
    if (!options_read(argc, argv, &options)) {
        fputs(usage, stderr);
        return 2;
    }
    sim_mutant = (uint32_t)options.mutant;
    struct event *event = hall_event();
    world_custody_make(dir, event);
    int status = seeds_run(&options, dir, event);
    world_custody_remove(dir);
    event_destroy(event);
    return status;
}

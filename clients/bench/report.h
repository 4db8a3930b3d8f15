#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/*
 * What a benchmark found: a table for people and one line of JSON for machines.
 *
 * The JSON object has "bench", "ratio" (product ÷ floor, or as the bench's section of
 * minping-bench(1) says), "floor" (the floor's figure in the same unit as the product's), every
 * figure by its name, and "met": whether every goal was reached. One thread.
 */
#define REPORT_FIGURE_MAX 40 /* the longest table has about twenty lines */
#define REPORT_NAME_SIZE 32
#define REPORT_LABEL_SIZE 64
#define REPORT_UNIT_SIZE 16
#define REPORT_GOAL_SIZE 48

/*
 * name   key of the JSON object
 * goal   what it must reach, in words, or "": no goal
 */
struct report_figure {
    char name[REPORT_NAME_SIZE];
    char label[REPORT_LABEL_SIZE];
    char unit[REPORT_UNIT_SIZE];
    char goal[REPORT_GOAL_SIZE];
    double value;
    uint32_t decimals;
    bool is_met;
};

struct report {
    char bench[REPORT_NAME_SIZE];
    char title[160];
    double ratio;
    double floor;
    struct report_figure figures[REPORT_FIGURE_MAX];
    uint32_t figure_count;
};

/* Adds a line. More than REPORT_FIGURE_MAX is a programmer's mistake. */
void report_put(struct report *report, const char *name, const char *label, double value,
                uint32_t decimals, const char *unit);

/* Adds a line with a goal: is_met says whether it was reached. */
void report_put_goal(struct report *report, const char *name, const char *label, double value,
                     uint32_t decimals, const char *unit, const char *goal, bool is_met);

/* Whether every goal was reached. */
bool report_is_met(const struct report *report);

void report_print_table(const struct report *report, FILE *file);
/* One line with its newline; a value that is not finite is written as null. */
void report_print_json(const struct report *report, FILE *file);

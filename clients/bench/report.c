#include "clients/bench/report.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define LABEL_COLUMNS 50

void report_put_goal(struct report *report, const char *name, const char *label, double value,
                     uint32_t decimals, const char *unit, const char *goal, bool is_met)
{
    assert(report->figure_count < REPORT_FIGURE_MAX);
    struct report_figure *figure = &report->figures[report->figure_count++];
    snprintf(figure->name, sizeof(figure->name), "%s", name);
    snprintf(figure->label, sizeof(figure->label), "%s", label);
    snprintf(figure->unit, sizeof(figure->unit), "%s", unit);
    snprintf(figure->goal, sizeof(figure->goal), "%s", goal);
    figure->value = value;
    figure->decimals = decimals;
    figure->is_met = is_met;
}

void report_put(struct report *report, const char *name, const char *label, double value,
                uint32_t decimals, const char *unit)
{
    report_put_goal(report, name, label, value, decimals, unit, "", true);
}

bool report_is_met(const struct report *report)
{
    for (uint32_t i = 0; i < report->figure_count; i++) {
        if (!report->figures[i].is_met) {
            return false;
        }
    }
    return true;
}

void report_print_table(const struct report *report, FILE *file)
{
    fprintf(file, "%s: %s\n", report->bench, report->title);
    for (uint32_t i = 0; i < report->figure_count; i++) {
        const struct report_figure *figure = &report->figures[i];
        fprintf(file, "  %-*s %14.*f %-8s", LABEL_COLUMNS, figure->label, (int)figure->decimals,
                figure->value, figure->unit);
        if (figure->goal[0] != '\0') {
            fprintf(file, "  %s: %s", figure->goal, figure->is_met ? "met" : "NOT met");
        }
        fputc('\n', file);
    }
}

static void number_print(FILE *file, const char *name, double value)
{
    if (isfinite(value)) {
        fprintf(file, ",\"%s\":%.6g", name, value);
    } else {
        fprintf(file, ",\"%s\":null", name);
    }
}

void report_print_json(const struct report *report, FILE *file)
{
    fprintf(file, "{\"bench\":\"%s\"", report->bench);
    number_print(file, "ratio", report->ratio);
    number_print(file, "floor", report->floor);
    for (uint32_t i = 0; i < report->figure_count; i++) {
        number_print(file, report->figures[i].name, report->figures[i].value);
    }
    fprintf(file, ",\"met\":%s}\n", report_is_met(report) ? "true" : "false");
}

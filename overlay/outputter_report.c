#include "overlay/outputter_report.h"

#include <stdio.h>
#include <string.h>

_Static_assert(OUTPUT_MAX == AIR_OUTPUT_MAX, "a report names every output");

void outputter_report_keeper(const struct keeper *keeper, struct air_report *report)
{
    struct keeper_figures figures;
    keeper_figures_get(keeper, &figures);
    report->painters = figures.starts;
    report->is_painter_up = figures.is_up;
}

static void output_say(const struct output *output, struct air_output *said)
{
    struct output_figures figures;
    output_figures_get(output, &figures);
    air_name_set(said->name, output_name(output));
    said->state = !figures.is_failed ? AIR_UP : figures.is_retrying ? AIR_RETRYING : AIR_FAILED;
    said->frames = figures.frames;
    said->drops = figures.drops;
    said->restarts = figures.restarts;
}

void outputter_report(struct air *air, const struct keeper *keeper, struct air_report *report)
{
    struct air_figures figures;
    *report = (struct air_report){ .output_count = air->output_count };
    air_figures_get(air, &figures, &report->late);
    snprintf(report->format, sizeof report->format, "%s", air->video.format->name);
    report->frames = figures.frames;
    report->repeated = figures.repeated;
    report->is_panic = atomic_load(&air->shutter.is_cleared);
    report->is_hidden = atomic_load(&air->shutter.is_stale);
    report->convert = (struct air_work){ figures.graphics, figures.convert_ns_sum / 1000,
                                         figures.convert_ns_max / 1000 };
    report->blend = (struct air_work){ figures.blends, figures.blend_ns_sum / 1000,
                                       figures.blend_ns_max / 1000 };
    memcpy(report->delays, figures.delays, sizeof report->delays);
    report->delay_ms_sum = figures.delay_ms_sum;
    outputter_report_keeper(keeper, report);
    for (uint32_t i = 0; i < air->output_count; i++)
        output_say(air->outputs[i], &report->outputs[i]);
}

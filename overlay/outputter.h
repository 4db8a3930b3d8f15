#pragma once

#include "overlay/background.h"
#include "overlay/inserter.h"
#include "overlay/output.h"

/*
 * The outputter: the process that puts frames out. Outputs, air, keeper; signals; the figures at
 * the end. It parses no view, theme or event and draws nothing.
 *
 * painter_arguments  after the painter's name, NULL-ended
 * seconds            0: until SIGTERM or SIGINT
 * hold_s             how long the picture stays when painter or server is gone; 0: for ever
 * panic_socket       NULL: none; asrun: file of the as-run log, or NULL
 * input              kind TS_SOURCE_INVALID: none; else graphics go into it, by insertion_run(), to
 *                    sinks; targets are of no use, and background is the slate
 * is_painter_alone   the painter talks to no server: only its own absence counts for hold_s
 */
struct outputter_options {
    const struct format *format;
    struct output_target targets[OUTPUT_MAX];
    uint32_t target_count;
    struct ts_source_target input;
    struct ts_sink_target sinks[TS_SINK_MAX];
    enum input_lost lost;
    struct background background;
    bool is_straight;
    uint32_t seconds;
    uint32_t hold_s;
    bool is_painter_alone;
    const char *panic_socket;
    const char *asrun;
    const char *const *painter_arguments;
};

/*
 * Runs on the main thread to the end. One line an event on stderr, one JSON line of figures on
 * stdout. Returns the exit status: 0, or 1: something failed, and was said.
 */
int outputter_run(const struct outputter_options *options);

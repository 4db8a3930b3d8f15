#pragma once

#include "overlay/outputter.h"
#include "overlay/painter.h"

/*
 * The command line of minping-overlay, minping-overlay(1). Every text is borrowed from argv.
 */
enum command {
    COMMAND_INVALID = 0,
    COMMAND_AIR,     /* outputter and painter */
    COMMAND_VIEW,    /* one scene of a saved view */
    COMMAND_CHECK,   /* texts of an event */
    COMMAND_PAINTER, /* started by the outputter */
    COMMAND_HELP,
    COMMAND_VERSION,
};

/*
 * painter_arguments  of the painter, in outputter; NULL-ended
 * painter_parent     COMMAND_PAINTER: the outputter's process id
 */
struct options {
    enum command command;
    struct outputter_options outputter;
    struct painter_options painter;
    struct painter_still still;
    const char *event_file;
    const char *painter_arguments[24];
    char params[PARAMS_SIZE];
    int painter_parent;
};

/* STATUS_INVALID: wrong usage, and what. `options` must stay where it is: it points into itself. */
MUST_CHECK enum status options_read(int argc, char **argv, struct options *options,
                                    struct fault *fault);

extern const char options_usage[];

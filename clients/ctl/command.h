#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "clients/ctl/count_options.h"
#include "server/model/event.h"
#include "server/protocol/message.h"

/*
 * The command line of minping(1): what to do, and with which options.
 */
enum verb {
    VERB_INVALID = 0,
    VERB_ACT, /* what `control` says */
    VERB_RESULTS,
    VERB_VERIFY,
    VERB_SERIES,
    VERB_COUNT,
    VERB_ROLL_CALL,
    VERB_PANIC,
    VERB_ASRUN,
};

enum format { FORMAT_INVALID = 0, FORMAT_JSON, FORMAT_CSV, FORMAT_TEXT };

/* Texts point into argv. */
struct command {
    enum verb verb;
    struct control control; /* of VERB_ACT */
    const char *url;
    const char *token_file;
    const char *ca;
    const char *data;
    const char *event;
    const char *acks;
    const char *contest; /* count; results --data: which; NULL: all */
    const char *file;    /* series, asrun */
    const char *at;      /* asrun */
    const char *socket;  /* panic */
    const char *output;  /* or NULL: standard output */
    uint32_t timeout_s;
    enum format format;
    enum language language;
    struct count_options count; /* count */
};

enum parsed { PARSED_INVALID = 0, PARSED_RUN, PARSED_DONE, PARSED_WRONG };

/* PARSED_DONE: help or version was printed. PARSED_WRONG: what is wrong was printed to stderr. */
enum parsed command_parse(int argc, char **argv, struct command *command);

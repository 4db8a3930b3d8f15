#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "server/model/view.h"

/*
 * The options of `minping count` that no other command has. Texts point into argv.
 */
enum count_option_id {
    COUNT_OPTION_CARDS = 512, /* above those of command.c */
    COUNT_OPTION_REGISTERED,
    COUNT_OPTION_PRESENT,
    COUNT_OPTION_ISSUED,
    COUNT_OPTION_STAGE,
    COUNT_OPTION_SEATS,
    COUNT_OPTION_CANDIDATES,
    COUNT_OPTION_NAMES,
};

/* Rows of a table of getopt_long(3). */
#define COUNT_LONG_OPTIONS                                                                         \
    { "cards", required_argument, NULL, COUNT_OPTION_CARDS },                                      \
        { "registered", required_argument, NULL, COUNT_OPTION_REGISTERED },                        \
        { "present", required_argument, NULL, COUNT_OPTION_PRESENT },                              \
        { "issued", required_argument, NULL, COUNT_OPTION_ISSUED },                                \
        { "stage", required_argument, NULL, COUNT_OPTION_STAGE },                                  \
        { "seats", required_argument, NULL, COUNT_OPTION_SEATS },                                  \
        { "candidates", required_argument, NULL, COUNT_OPTION_CANDIDATES },                        \
    {                                                                                              \
        "names", required_argument, NULL, COUNT_OPTION_NAMES                                       \
    }

/* A number that may be left out. */
struct count_number {
    bool is_set;
    uint32_t value; /* 0 .. SEAT_MAX */
};

struct count_options {
    const char *cards;
    struct count_number registered;
    struct count_number present;
    struct count_number issued;
    struct count_number seats;
    enum round_stage stage; /* STAGE_INVALID: not said */
    const char *candidates; /* ids between commas */
    const char *names;      /* names between commas */
};

/* Takes one of the options above. False: what is wrong was printed to stderr. */
bool count_option_take(int id, const char *text, struct count_options *options);

/* Whether any of them was given. */
bool count_options_are_given(const struct count_options *options);

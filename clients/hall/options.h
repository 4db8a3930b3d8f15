#pragma once

#include <stdint.h>

#include "clients/hall/taste.h"

/*
 * The command line of minping-hall(1).
 */
struct hall_options {
    const char *url;
    const char *roll;
    const char *truth; /* or NULL */
    const char *acks;  /* or NULL */
    const char *ca;    /* or NULL */
    uint32_t seats;
    uint32_t first;
    uint32_t until_closed; /* 0: until a signal */
    uint64_t seed;
    double rate; /* marks/s of the whole hall; 0: everybody at their own pace */
    double resend;
    double revote;
    double drop;
    double reorder;
    double write_in;
    double void_card;
    double abstain;
    double disputed;
    double stay_away;
    double leave;
    enum taste taste;
};

enum parsed { PARSED_INVALID = 0, PARSED_RUN, PARSED_DONE, PARSED_WRONG };

/* PARSED_DONE: help or version was printed. PARSED_WRONG: what is wrong was printed to stderr. */
enum parsed hall_options_parse(int argc, char **argv, struct hall_options *options);

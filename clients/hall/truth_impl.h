#pragma once

#include "clients/hall/pile.h"
#include "clients/hall/truth.h"

/*
 * What truth.c and truth_print.c share. Nobody else includes it.
 */
struct truth_round {
    bool is_known;
    bool is_void;
    enum contest_kind kind;
    uint32_t item_count;
    uint32_t grade_count;
    char contest[ID_SIZE];
    char subject[ID_SIZE];
    struct hand_turnout turnout;
    uint32_t *marks;   /* appraisals: [seat_count][item_count] */
    struct pile *pile; /* everything else */
};

struct truth {
    uint32_t seat_first;
    uint32_t seat_count;
    uint32_t round_last;
    struct truth_round rounds[ROUND_MAX + 1];
};

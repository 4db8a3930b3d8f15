#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "server/model/limits.h"

struct member {
    uint32_t group;
    bool has_vote;
    char name[LABEL_SIZE];
    char credential[33];
    uint32_t line;
};

struct roll {
    struct member *members;
    uint32_t count;
};

#pragma once

#include <stdint.h>

#include "server/model/fault.h"
#include "server/protocol/message.h"

/*
 * The roll: a credential for each seat, from roll.csv as minpingd writes it. Header line
 * `seat,credential,group`, then one line a seat. Read once; any thread.
 */
struct roll_seat {
    uint32_t seat;
    char credential[CREDENTIAL_SIZE];
};

struct roll {
    struct roll_seat *seats;
    uint32_t count;
};

/*
 * Reads the lines of `count` seats, beginning with the first line whose seat is `first_seat` or
 * higher. Errors: STATUS_IO (cannot read), STATUS_INVALID (a line that is none; `where` names it),
 * STATUS_LIMIT (fewer seats than asked for), STATUS_NOMEM. roll_finish() after success.
 */
MUST_CHECK enum status roll_read(const char *path, uint32_t first_seat, uint32_t count,
                                 struct roll *roll, struct fault *fault);
void roll_finish(struct roll *roll);

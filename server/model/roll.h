#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "server/model/limits.h"

/*
 * The roll: who may come, minping-roll(5). Plain values, read once by protocol/roll_file.h. Names
 * are for the door and the sheet of who came; nothing that counts votes ever sees them.
 */
#define CREDENTIAL_SIZE 33  /* 32 characters and NUL: numbers of keypads of any make fit */
#define CREDENTIAL_LEAST 10 /* characters but '-': fewer can be guessed */

struct member {
    uint32_t group; /* index in the event */
    bool has_vote;
    char name[LABEL_SIZE];
    char credential[CREDENTIAL_SIZE]; /* "": the server draws one */
    uint32_t line;                    /* of the file, from 1 */
};

/*
 * members  members[i] has seat i + 1: by group in the event's order, in a group those with the
 *          right to vote first, then by line
 * ignored  names of columns that mean nothing here, ", " between them, cut where they do not fit
 */
struct roll {
    struct member *members;
    uint32_t count; /* 0 .. SEAT_MAX */
    char ignored[256];
};

/* Frees what the roll holds, and empties it. */
void roll_finish(struct roll *roll);

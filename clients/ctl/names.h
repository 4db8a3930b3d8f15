#pragma once

#include <stdint.h>

#include "server/model/fault.h"
#include "server/model/limits.h"

/*
 * Names written in on the ballots of one count, numbered from 1 in the order in which they came.
 * Pure; one thread at a time.
 */
struct names {
    char (*texts)[WRITTEN_NAME_SIZE]; /* texts[number - 1], as first written */
    char (*plain)[WRITTEN_NAME_SIZE]; /* the same as core compares them */
    uint32_t count;
    uint16_t *table;
};

/* Errors: STATUS_NOMEM. names_finish() in either case. */
MUST_CHECK enum status names_init(struct names *names);
void names_finish(struct names *names);

/*
 * The number of a name: the one it has, or the next. Two that differ in blanks or dots are one
 * (server/core/written.h); those around it are cut off `text`.
 * Errors: STATUS_INVALID: blank, over WRITTEN_CODEPOINT_MAX characters, no UTF-8, a control or a
 * character that turns the direction of text; STATUS_LIMIT: one more than WRITTEN_NAME_MAX.
 */
MUST_CHECK enum status names_number(struct names *names, char *text, uint16_t *number,
                                    struct fault *fault);

/* Characters of a text; UINT32_MAX: it is no UTF-8, or has controls or what turns direction. */
uint32_t text_length(const char *text);

/* FNV-1a, of an id or a name, for a table. Whoever writes a file can make only his own slow. */
uint32_t text_hash(const char *text, uint32_t seed);

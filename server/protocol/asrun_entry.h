#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/model/fault.h"
#include "server/model/limits.h"

/*
 * A line of an overlay's as-run log, minping-air(7), as a C value. Pure.
 */
#define ASRUN_ENTRY_SIZE_MAX 16384 /* bytes of a line; a longer one is refused */
#define ASRUN_TEXT_SIZE 2048

/*
 * at      as written: 2026-11-27T20:14:07.120+08:00
 * why     what happened, layer: where, "all" for the whole picture; scene "" for a clear layer
 * params  "key=value\n" lines; text: a line for each text on the picture
 * words, picture  checksums as 16 digits, "" where the line has none
 * lost    lines that are missing before this one
 */
struct asrun_entry {
    uint64_t frame;
    char at[40];
    char timecode[16];
    char why[16];
    char layer[16];
    char scene[ID_SIZE];
    char post[ID_SIZE];
    uint32_t take;
    uint64_t epoch;
    char params[PARAMS_SIZE];
    char text[ASRUN_TEXT_SIZE];
    bool is_cut;
    char words[17];
    char picture[17];
    uint64_t lost;
};

/* Keys that are not known are passed over. STATUS_INVALID, STATUS_LIMIT: not such a line, and why.
 */
MUST_CHECK enum status asrun_entry_decode(const char *text, size_t size, struct asrun_entry *entry,
                                          struct fault *fault);

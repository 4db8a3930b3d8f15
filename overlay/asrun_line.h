#pragma once

#include <stddef.h>
#include <stdint.h>

#include "overlay/cue.h"

/*
 * One line of the as-run log as text. Whatever the texts hold, a line is one line of JSON in UTF-8:
 * what is no UTF-8 becomes U+FFFD.
 */
#define ASRUN_LINE_SIZE 16384 /* six bytes for each byte of a cue's texts, and room */

enum asrun_why {
    ASRUN_INVALID = 0,
    ASRUN_START, /* of this overlay */
    ASRUN_END,
    ASRUN_TAKE, /* an operator took */
    ASRUN_CLEAR,
    ASRUN_CUT,
    ASRUN_FIGURES, /* another view's */
    ASRUN_SETTLED, /* the picture stands still again: after an entrance, a page, a second */
    ASRUN_PANIC,
    ASRUN_STALE,  /* painter or server is gone for too long */
    ASRUN_BYPASS, /* the input's own pictures go out */
    ASRUN_SHOWN,  /* again, after a panic, a stale picture or a bypass */
    ASRUN_COUNT,
};

/*
 * wall_ns  Unix time in ns when the frame is seen: handed to the outputs
 * layer    LAYER_ALL: of the whole picture, and the cue says nothing
 * picture  checksum of the frame's pixels, 0: none
 * lost     lines that are missing before this one
 * frame_rate of the time code's last two digits
 */
struct asrun_line {
    uint64_t frame;
    int64_t wall_ns;
    enum asrun_why why;
    enum layer layer;
    uint64_t epoch;
    uint64_t log;
    uint64_t picture;
    uint64_t lost;
    uint32_t frame_rate;
    struct cue cue;
};

/* Returns the size with the newline and without NUL, or 0 where it would not fit. */
size_t asrun_line_format(const struct asrun_line *line, char *text, size_t size);

#pragma once

#include <stddef.h>
#include <stdint.h>

#include "server/model/programme.h"
#include "server/model/status.h"

/*
 * QR codes (ISO/IEC 18004, by libqrencode) as squares that are dark or light. Pure; any thread.
 *
 * At level M, which withstands 15 % of wrong modules, version 7 holds 122 bytes: more is refused,
 * so that a module is still large enough on a small set.
 */
#define CODE_TEXT_MAX RESULT_CODE_MAX
#define CODE_SIDE_MAX 45  /* modules of version 7 */
#define CODE_QUIET 4      /* light modules around it (7.3.4 of the standard) */
#define CODE_MODULE_MIN 2 /* lines of a module: one of each field */

/* modules: side × side (21 .. CODE_SIDE_MAX), row by row; 1 is dark. The quiet zone is not in it.
 */
struct code {
    uint32_t side;
    uint8_t modules[CODE_SIDE_MAX * CODE_SIDE_MAX];
};

/* Where a code's modules go in a box: left, top of the first one, and its size, in px. */
struct code_place {
    int32_t x, y, w, h;
};

/* `text` of 1 .. CODE_TEXT_MAX bytes as a code. Errors: STATUS_LIMIT, STATUS_NOMEM. */
MUST_CHECK enum status code_make(const char *text, size_t size, struct code *code);

/*
 * The largest modules with which the code and its quiet zone fit a box of w × h px at x, y, in its
 * middle. Each is a whole number of px, and of pairs of lines that begin with an even one, so that
 * no edge flickers in an interlaced picture. STATUS_LIMIT: they would be smaller than
 * CODE_MODULE_MIN.
 */
MUST_CHECK enum status code_fit(const struct code *code, int32_t x, int32_t y, int32_t w, int32_t h,
                                struct code_place *place);

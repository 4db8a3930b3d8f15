#pragma once

#include <stdint.h>

#include "overlay/scene_pen.h"

/*
 * Text on several lines. Only scene*.c include this.
 *
 * Lines break at blanks and between Chinese characters; no line begins with a closing mark or ends
 * with an opening one, and no mark is parted from the letter it stands on. What cannot be broken is
 * condensed to the width, never cut.
 */
#define WRAP_LINE_MAX 24 /* parameters have 511 bytes: at most 170 Chinese characters */

struct line {
    const char *text; /* into the text that was wrapped */
    uint16_t size;
};

/* Breaks `text` into at most WRAP_LINE_MAX lines of `width` px; the last takes what is left. */
uint32_t wrap_lines(const struct pen *pen, const char *text, int32_t size_px, bool is_bold,
                    int32_t width, struct line lines[WRAP_LINE_MAX]);

/* The largest even size from size_px down to size_min in which `text` has at most line_max lines.
 */
int32_t wrap_fit(const struct pen *pen, const char *text, int32_t size_px, int32_t size_min,
                 bool is_bold, int32_t width, uint32_t line_max);

/*
 * A text of a take: "NAME_zh" or "NAME_en" by the language, the other where it is missing, "" where
 * both are. name: at most 16 bytes. Returns text.
 */
const char *wrap_param(const struct scene_data *data, const char *params, const char *name,
                       char text[PARAMS_SIZE]);

/* Puts lines first .. first + count - 1, pitch px apart, from `baseline` on; rows from 0. */
void wrap_put(struct pen *pen, enum part part, const struct line *lines, uint32_t first,
              uint32_t count, const struct words *words, int32_t pitch);

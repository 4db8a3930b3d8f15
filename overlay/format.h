#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * Television formats as data. Adding one is one line in format.c.
 *
 * tick   the moment a picture is drawn for: a frame of a progressive format, a field of an
 *        interlaced one. Tick t of an interlaced format is the top field of frame t / 2 when t is
 *        even and its bottom field when t is odd (top field first).
 */
struct format {
    const char *name; /* "1080i25" */
    uint32_t width_px;
    uint32_t height_px;
    uint32_t frame_rate; /* frames a second */
    uint32_t tick_rate;  /* ticks a second: frame_rate, or twice that when interlaced */
    bool is_interlaced;
};

/* Borrowed, static; NULL when there is no such format. */
const struct format *format_find(const char *name);

/* Names of all, separated by ", ". Static. */
const char *format_names(void);

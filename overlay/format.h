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

/*
 * R'G'B' as Y'CbCr, video range.
 *
 * COLOUR_BT709  ITU-R BT.709-6, its matrix and primaries
 * COLOUR_BT601  ITU-R BT.601-7, its matrix with the primaries of 625 lines (EBU Tech. 3213)
 */
enum colour { COLOUR_INVALID = 0, COLOUR_BT709, COLOUR_BT601 };

/*
 * aspect_*      of the whole picture, all its columns. Where its pixels are not square scenes are
 *               laid out on a canvas that has square ones, and squeezed when they are painted.
 *               576 lines: 720 columns are 16:9 or 4:3, as encoders and players take them, not the
 *               702 of an analogue line
 * colour        matrix and primaries
 * bitrate_kbps  of the files made of it
 */
struct format {
    const char *name; /* "1080i25" */
    uint32_t width_px;
    uint32_t height_px;
    uint32_t frame_rate; /* frames a second */
    uint32_t tick_rate;  /* ticks a second: frame_rate, or twice that when interlaced */
    bool is_interlaced;
    uint32_t aspect_width, aspect_height;
    enum colour colour;
    uint32_t bitrate_kbps;
};

/* The lines of the canvas that scenes are laid out on, whatever the format. */
#define CANVAS_HEIGHT_PX 1080

/* Borrowed, static; NULL when there is no such format. */
const struct format *format_find(const char *name);

/* Format `index` of the table, from 0; NULL after the last. Borrowed, static. */
const struct format *format_at(uint32_t index);

/* Names of all, separated by ", ". `buffer` holds FORMAT_NAMES_SIZE bytes; returns it. */
#define FORMAT_NAMES_SIZE 160
const char *format_names(char buffer[FORMAT_NAMES_SIZE]);

/* How wide the canvas of square pixels is: 1920 at 16:9, 1440 at 4:3. */
uint32_t format_canvas_width(const struct format *format);

/* Width to height of one pixel, in lowest terms: 1:1, 64:45, 16:15. */
void format_pixel_aspect(const struct format *format, uint32_t *width, uint32_t *height);

#pragma once

#include <stddef.h>
#include <stdint.h>

#include "server/model/fault.h"
#include "server/model/limits.h"

/*
 * A theme: colours, sizes and times of all scenes as data. One JSON file; minping.json is built in.
 *
 * Lengths are px of a picture of 1920 × 1080; a picture of another size scales them. Colours are
 * 0xAARRGGBB, straight alpha, R'G'B' as the output's colour matrix has it.
 * Plain values after theme_parse(); any thread may read.
 */
#define THEME_SIZE_MAX 65536 /* bytes of a theme file; the first one has 2 kB */
#define THEME_FONT_SIZE 64
#define THEME_WIDTH_PX 1920
#define THEME_HEIGHT_PX 1080
#define THEME_TYPE_MIN_PX 28 /* the least that reads on a small set (LOOK.md) */

/* The mark beside a grade's word, so that colour is never all that tells grades apart. */
enum shape { SHAPE_INVALID = 0, SHAPE_SQUARE, SHAPE_CIRCLE, SHAPE_DIAMOND, SHAPE_TRIANGLE };

/*
 * fill   of bars and marks
 * ink    of figures on the ground
 */
struct grade_style {
    uint32_t fill;
    uint32_t ink;
    enum shape shape;
};

/*
 * ground, ground_light  ends of the full-screen ground's gradient, opaque
 * panel, panel_foot     behind text that stands over pictures
 * band                  every second row of the matrix
 * track, line           an empty bar; rules between rows
 * ink, muted            text; labels and notes
 * mark, gold, quiet     accents: live; rules and pauses; over and done
 * grades                best to worst; theme_grade() picks from them
 * *_px                  type sizes and rows, >= THEME_TYPE_MIN_PX for type
 * *_ms                  of movements 1 .. 5000; turn_ms, page_ms 1000 .. 60000
 */
struct theme {
    char font[THEME_FONT_SIZE];
    uint32_t ground, ground_light, panel, panel_foot, band, track, line;
    uint32_t ink, muted, mark, gold, quiet;
    struct grade_style grades[GRADE_MAX];
    int32_t left_px, top_px, right_px, bottom_px;
    int32_t name_px, title_px, figure_px, label_px, cell_px, small_px;
    int32_t board_row_px, board_bar_px, matrix_row_px, matrix_bar_px;
    int32_t in_ms, change_ms, out_ms, stagger_ms, turn_ms, page_ms;
};

/*
 * Reads a theme. Every key is required and no other is allowed. Errors: STATUS_INVALID with the
 * JSON path, STATUS_LIMIT (over THEME_SIZE_MAX).
 */
MUST_CHECK enum status theme_parse(const char *text, size_t size, struct theme *theme,
                                   struct fault *fault);

/* Reads the file at `path`, or the built-in theme where it is NULL. STATUS_IO as well. */
MUST_CHECK enum status theme_load(const char *path, struct theme *theme, struct fault *fault);

/*
 * The style of grade `index` of `grade_count` (1 .. GRADE_MAX): spread over all styles, so that the
 * best and the worst grade look the same however many there are.
 */
const struct grade_style *theme_grade(const struct theme *theme, uint32_t index,
                                      uint32_t grade_count);

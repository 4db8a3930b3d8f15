#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "overlay/format.h"
#include "server/model/event.h"
#include "server/model/fault.h"
#include "server/model/limits.h"

/*
 * A theme: colours, sizes, places, times and language of all scenes as data. One JSON file each;
 * minping.json and light.json are built in.
 *
 * Lengths are px of a canvas of square pixels, width_px × 1080; a picture of another size scales
 * them. Colours are 0xAARRGGBB, straight alpha, R'G'B' as the output's colour matrix has it.
 * Plain values after theme_parse(); any thread may read.
 */
#define THEME_SIZE_MAX 65536 /* bytes of a theme file; the first one has 3 kB */
#define THEME_FONT_SIZE 64
#define THEME_PATH_SIZE 512
#define THEME_LENGTH_MAX 64         /* lengths of one layout; the first theme has 30 */
#define THEME_LOGO_SIZE_MAX 1048576 /* bytes of a logo's file */
#define THEME_LOGO_SIDE_MAX_PX 1024 /* of a logo as it is in its file */
#define THEME_WIDTH_PX 1920
#define THEME_HEIGHT_PX 1080
#define THEME_TYPE_MIN_PX 28    /* the least that reads on a small set (LOOK.md) */
#define THEME_TYPE_MIN_SD_PX 32 /* the same in 576 lines: 17 of them a Chinese character */

/*
 * The layouts of a theme, one for each kind of format: what differs from the first one is said in
 * the file's sections "sd" and "sd_4x3".
 *
 * LAYOUT_HD      16:9, 720 lines and more; canvas 1920 wide
 * LAYOUT_SD      16:9, 576 lines; canvas 1920 wide, seen through 720 columns: larger type
 * LAYOUT_SD_4X3  4:3; canvas 1440 wide
 */
enum layout { LAYOUT_INVALID = 0, LAYOUT_HD, LAYOUT_SD, LAYOUT_SD_4X3, LAYOUT_COUNT };

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
 * on_mark               text on mark and on quiet
 * grades                best to worst; theme_grade() picks from them
 * language              of what is drawn, where nobody asks for another one
 * logo_file             PNG that stands on the full-screen ground, behind all words, or ""; in the
 *                       box logo_*_px, as large as fits, in the middle
 * width_px              of the canvas; left_px .. bottom_px: its safe area
 * *_px                  type sizes, rows and places, >= THEME_TYPE_MIN_PX for type
 * *_ms                  of movements 1 .. 5000; turn_ms, page_ms 1000 .. 60000
 * lengths               of every layout, for theme_lay_out()
 */
struct theme {
    char font[THEME_FONT_SIZE];
    uint32_t ground, ground_light, panel, panel_foot, band, track, line;
    uint32_t ink, muted, mark, on_mark, gold, quiet;
    struct grade_style grades[GRADE_MAX];
    enum language language;
    char logo_file[THEME_PATH_SIZE];
    enum layout layout; /* which of them the lengths below are of */
    int32_t width_px;
    int32_t left_px, top_px, right_px, bottom_px;
    int32_t name_px, title_px, figure_px, label_px, cell_px, small_px;
    int32_t board_row_px, board_bar_px, matrix_row_px, matrix_bar_px;
    int32_t strap_top_px, strip_top_px, bug_top_px;
    int32_t logo_left_px, logo_top_px, logo_width_px, logo_height_px;
    int32_t in_ms, change_ms, out_ms, stagger_ms, turn_ms, page_ms;
    int32_t lengths[LAYOUT_COUNT][THEME_LENGTH_MAX];
};

/*
 * Reads a theme, laid out for LAYOUT_HD. Every key is required, but in "sd" and "sd_4x3", and no
 * other is allowed. Errors: STATUS_INVALID with the JSON path, STATUS_LIMIT (over THEME_SIZE_MAX).
 */
MUST_CHECK enum status theme_parse(const char *text, size_t size, struct theme *theme,
                                   struct fault *fault);

/*
 * Reads the built-in theme of that name ("minping", "light"; NULL: the first one), or else the file
 * at `path`, to which logo_file is relative. STATUS_IO as well.
 */
MUST_CHECK enum status theme_load(const char *path, struct theme *theme, struct fault *fault);

/* Whether `path` (NULL: yes) is a built-in theme, which never changes. */
bool theme_is_built_in(const char *path);

/* The layout of a format. */
enum layout layout_of(const struct format *format);

/* Sets the lengths and width_px to those of a layout. Any number of times. */
void theme_lay_out(struct theme *theme, enum layout layout);

/*
 * The style of grade `index` of `grade_count` (1 .. GRADE_MAX): spread over all styles, so that the
 * best and the worst grade look the same however many there are.
 */
const struct grade_style *theme_grade(const struct theme *theme, uint32_t index,
                                      uint32_t grade_count);

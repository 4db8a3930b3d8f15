#pragma once

#include "overlay/scene.h"
#include "server/text/text.h"

/*
 * The pen: how scenes put nodes down. Only scene*.c include this.
 *
 * base     layer and slot of the cue, in the upper bits of every key
 * opacity  0 .. 255, of the nodes put next; nodes of opacity 0 are left out
 */
struct pen {
    struct scene *scene;
    const struct scene_data *data;
    const struct theme *theme;
    uint32_t base;
    uint8_t opacity;
};

/* What a node is in its scene: the upper part of its key. At most 128. */
enum part {
    PART_PANEL = 1,
    PART_FOOT,
    PART_EDGE,
    PART_MARK,
    PART_RULE,
    PART_NAME,
    PART_OFFICE,
    PART_BADGE,
    PART_BADGE_TEXT,
    PART_TURNOUT,
    PART_TIME,
    PART_NOTE,
    PART_HEAD,
    PART_LEGEND,
    PART_LEGEND_TEXT,
    PART_LABEL,
    PART_TRACK,
    PART_BAR,
    PART_FIGURE,
    PART_LINE,
    PART_BAND,
    PART_TOTAL,
    PART_PAGE,
    PART_HELD,
    PART_PAPER,
    PART_PORTRAIT,
    PART_PREVIEW,
    PART_TEST,
};

/* A text to put: baseline and box in px; width is the most it may take. */
struct words {
    const char *text;
    int32_t x, baseline, width;
    int32_t size;
    uint32_t colour;
    enum align align;
    bool is_bold;
    bool is_figure;
};

/* row and column 0 .. 1023. Boxes without area and texts without bytes put nothing. */
void pen_rect(struct pen *pen, enum part part, uint32_t row, uint32_t column, struct rect box,
              uint32_t colour);
void pen_ground(struct pen *pen);
void pen_shape(struct pen *pen, enum part part, uint32_t row, uint32_t column, struct rect box,
               enum shape shape, uint32_t colour);
/* The portrait called `name`; nothing is put where it is not there. */
void pen_portrait(struct pen *pen, struct rect box, const char *name);
void pen_words(struct pen *pen, enum part part, uint32_t row, uint32_t column,
               const struct words *words);

/* The dark modules of a QR code of `text`, code.h: 1 .. CODE_TEXT_MAX bytes. */
void pen_code(struct pen *pen, enum part part, uint32_t row, uint32_t column, struct rect box,
              const char *text, uint32_t colour);

int32_t pen_measure(const struct pen *pen, const char *text, int32_t size, bool is_bold,
                    bool is_figure);

/* The largest size from `size` down to size_min, both even, in which `text` is at most `width`. */
int32_t pen_fit(const struct pen *pen, const char *text, int32_t size, int32_t size_min,
                int32_t width, bool is_bold);

/*
 * A pattern of the catalogue on one line: its own words as `words` says, its values in value_size,
 * bold and ink where that is larger, else like the words. words->text is the pattern; words->align
 * says which end x is. Condensed as one when wider than words->width. Returns the width taken.
 */
int32_t pen_pattern(struct pen *pen, enum part part, uint32_t row, const struct words *words,
                    int32_t value_size, const struct text_value *values, uint32_t value_count);

/* What a cue's opacities are: of panels, and of what stands on them. 0 .. 255. */
uint8_t cue_panel_opacity(const struct scene_data *data, const struct scene_cue *cue);
uint8_t cue_opacity(const struct scene_data *data, const struct scene_cue *cue, int64_t delay_ms);
/* How far the entrance is, 0 .. 1, for what grows. */
double cue_growth(const struct scene_data *data, const struct scene_cue *cue, int64_t delay_ms);

/* "318,204"; at most 26 characters and NUL. Returns buffer. */
#define NUMBER_SIZE 32
const char *number_text(uint64_t number, char buffer[NUMBER_SIZE]);
/* "67.0" of count in base; "—" of the catalogue where the base is 0. */
const char *share_text(const struct pen *pen, uint64_t count, uint64_t base,
                       char buffer[NUMBER_SIZE]);
/* A person's name; two Chinese characters are spaced to three. Returns buffer. */
#define NAME_SIZE (LABEL_SIZE + 4)
const char *name_text(const char *name, char buffer[NAME_SIZE]);

/*
 * The contest of a cue's params, its subject, the person of a strap (subject or candidate), and the
 * figures to show; NULL: none.
 */
const struct contest *scene_contest(const struct scene_data *data, const char *params);
const struct subject *scene_subject(const struct contest *contest, const char *params);
const struct subject *scene_person(const struct contest *contest, const char *params);
const struct figures *scene_figures(const struct scene_data *data, const struct contest *contest,
                                    const struct subject *subject);

/* The scenes. */
void scene_strap_add(struct pen *pen, const struct scene_cue *cue);
void scene_strip_add(struct pen *pen, const struct scene_cue *cue);
void scene_board_add(struct pen *pen, const struct scene_cue *cue);
void scene_matrix_add(struct pen *pen, const struct scene_cue *cue);
void scene_turnout_add(struct pen *pen, const struct scene_cue *cue);
void scene_clock_add(struct pen *pen, const struct scene_cue *cue);
void scene_crawl_add(struct pen *pen, const struct scene_cue *cue);
void scene_opinion_add(struct pen *pen, const struct scene_cue *cue);
void scene_correction_add(struct pen *pen, const struct scene_cue *cue);
void scene_notice_add(struct pen *pen, const struct scene_cue *cue);
void scene_race_add(struct pen *pen, const struct scene_cue *cue);
void scene_result_add(struct pen *pen, const struct scene_cue *cue);

/* "1:02:03", "12:05"; what is left rounded up, "+0:05" what is over rounded down. */
const char *clock_text(int64_t left_ms, char buffer[NUMBER_SIZE]);
bool clock_is_ready(const struct scene_data *data, const char *params);

/* It has words, and the server's time is known where it counts one down. */
bool notice_is_ready(const struct scene_data *data, const char *params);

/* How much of the crawl's band is there: what stands in the lower layer makes room for it. */
uint8_t crawl_opacity(const struct scene_data *data, const struct scene_cue *cue);

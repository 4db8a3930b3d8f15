#pragma once

#include "overlay/scene_pen.h"

/*
 * Parts that several scenes share. Only scene*.c include this.
 */

/* The state of the round as a coloured cell; x is the end that `align` names. Returns its width. */
#define BADGE_PAD_PX 22
int32_t part_badge(struct pen *pen, const struct figures *figures, int32_t x, int32_t y,
                   int32_t height, enum align align);

/* The width part_badge() will take. */
int32_t part_badge_width(const struct pen *pen, const struct figures *figures);

/* "截至 20:14:07 № 318,204" on one line; x is the end that `align` names. Returns the width. */
int32_t part_time(struct pen *pen, int32_t x, int32_t baseline, int32_t width, enum align align);

/*
 * A bar of an item: the parts of its grades between edges (0 .. 1), over an empty track. box even.
 * row, column tell bars of one scene apart; column + grade must stay below 1024.
 */
void part_bar(struct pen *pen, uint32_t row, uint32_t column, struct rect box,
              const double edges[GRADE_MAX], uint32_t grade_count, bool has_track);

/* A grade's mark in a square of `size` px. */
void part_shape(struct pen *pen, uint32_t row, uint32_t column, int32_t x, int32_t y, int32_t size,
                const struct grade_style *style);

/* What stands where figures are held back or not there yet: "投票进行中". */
const char *part_held_text(const struct pen *pen, const struct figures *figures);

/* What stands under it: "结果按规定公布". */
const char *part_held_note(const struct pen *pen, const struct figures *figures);

/*
 * A panel where figures would stand: how the round stands, and how many have voted where that may
 * be shown. figures NULL: that there is no data.
 */
void part_held_panel(struct pen *pen, const struct figures *figures, struct rect box);

/* Whether the round is void: whatever is counted of it is nobody's result. */
bool part_is_void(const struct figures *figures);

/* Whether figures may be drawn for this round. */
bool part_has_tally(const struct figures *figures);

/* Whether what is shown of the round has ballots in it that were counted by hand. */
bool part_has_paper(const struct figures *figures);

/* A pattern of the catalogue, filled; "" where it does not fit. Returns buffer. */
#define NOTE_SIZE 640
const char *part_text(const struct pen *pen, enum text_id id, const struct text_value *values,
                      uint32_t value_count, char buffer[NOTE_SIZE]);

/*
 * "含纸质票 26" and what parts it from `rest`, or nothing where no paper was counted; then `rest`.
 * Longer than the buffer it is cut. Returns buffer.
 */
const char *part_note_text(const struct pen *pen, const struct figures *figures, const char *rest,
                           char buffer[NOTE_SIZE]);

/* Whether the shares shown of an item add up to something else than 100.0. */
bool part_is_rounded(const struct item_figures *item, uint32_t grade_count);

/*
 * Which of page_count pages is up, from 0: the next one every page_ms since the entrance until the
 * first continue, or with pages=manual never, and the next one with every continue.
 */
uint32_t part_page(const struct scene_data *data, const struct scene_cue *cue, int32_t page_ms,
                   uint32_t page_count);

/* When the page (or turn) that is up began. */
int64_t part_page_ns(const struct scene_data *data, const struct scene_cue *cue, int32_t page_ms);

/* The opacity of what came up with that page (or turn): it fades in, unless it is the first. */
uint8_t part_turned(const struct scene_data *data, const struct scene_cue *cue, int64_t turned_ns,
                    uint8_t opacity);

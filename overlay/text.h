#pragma once

#include <cairo.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/model/fault.h"

/*
 * Letters: pango's shaping and cairo's rasterising, done once and kept as masks.
 *
 * Shapes are Chinese (language zh-cn whatever the locale says), without hinting, antialiased in
 * grey. A mask is one coverage byte a pixel; the caller puts the colour through it. Figures are
 * kept glyph by glyph, each digit equally wide at whole px, so that a changed figure costs no
 * shaping and no number dances.
 *
 * Threads: one engine, one thread.
 */
#define TEXT_CACHE_MAX 3072             /* texts kept; a matrix of 200 × 40 turns over 4 pages */
#define TEXT_CACHE_SIZE_MAX (48u << 20) /* bytes of masks kept; a board has 1 MB */
#define TEXT_PX_MAX 400                 /* the largest size; a mark of 150 px at 2160 lines */

struct text_engine;

/* *engine is given. Errors: STATUS_NOMEM; STATUS_NOT_FOUND: no font of that name is installed. */
MUST_CHECK enum status text_engine_create(const char *font, struct text_engine **engine,
                                          struct fault *fault);
void text_engine_destroy(struct text_engine *engine);

/*
 * Letters are painted `stretch` (0.25 .. 4) times as wide as they are high, for pictures whose
 * pixels are not square. Before the first text; 1 otherwise. Measuring knows nothing of it.
 */
void text_engine_stretch_set(struct text_engine *engine, double stretch);

/* The width in px of `text`; a scene_measure_fn whose ctx is the engine. */
int32_t text_engine_measure(void *ctx, const char *text, size_t size, int32_t size_px,
                            bool is_bold, bool is_figure);

/* The width in px that `text` has when it is painted: stretched. */
int32_t text_engine_width(struct text_engine *engine, const char *text, size_t size,
                          int32_t size_px, bool is_bold, bool is_figure);

/* How many of the text's characters no installed font has. */
uint32_t text_engine_missing(struct text_engine *engine, const char *text, size_t size);

/*
 * A rasterised stretch of text.
 *
 * surface  CAIRO_FORMAT_A8, the coverage of each pixel; borrowed until the next call of any
 *          text_engine function; NULL where there is no ink
 * left_px, top_px  of the mask, from where the text begins and from its baseline
 * advance_px  to where what follows begins
 */
struct text_mask {
    cairo_surface_t *surface;
    int32_t left_px, top_px;
    int32_t width_px, height_px;
    int32_t advance_px;
};

/*
 * The mask of `text`, condensed to width_max_px where it is wider (0: as wide as it is).
 * size_px 1 .. TEXT_PX_MAX. Errors: STATUS_NOMEM (cairo or pango failed).
 */
MUST_CHECK enum status text_engine_mask(struct text_engine *engine, const char *text, size_t size,
                                        int32_t size_px, bool is_bold, int32_t width_max_px,
                                        struct text_mask *mask);

/* The mask of one character of a figure. */
MUST_CHECK enum status text_engine_figure(struct text_engine *engine, char character,
                                          int32_t size_px, bool is_bold, struct text_mask *mask);

#pragma once

#include <cairo.h>
#include <stdint.h>

#include "overlay/graphic.h"
#include "overlay/scene.h"
#include "overlay/text.h"

/*
 * The brush: a list of nodes becomes a picture, ARGB32 premultiplied, drawn with cairo. It keeps
 * the last picture and its nodes; what is the same keeps its pixels, and only what differs is
 * painted again.
 *
 * Threads: one paint, one thread.
 */
struct paint;

/*
 * width_px × height_px 16 .. 8192, of a picture that shows the whole of the theme's canvas. `theme`
 * is kept until paint_destroy(); *paint is given. Errors: STATUS_NOMEM; STATUS_NOT_FOUND: the
 * theme's font is not installed; STATUS_IO, STATUS_LIMIT: its logo cannot be read, or is too large.
 */
MUST_CHECK enum status paint_create(const struct theme *theme, uint32_t width_px,
                                    uint32_t height_px, struct paint **paint, struct fault *fault);
void paint_destroy(struct paint *paint);

/* Where portraits come from; kept, NULL: nowhere. */
struct portraits;
void paint_portraits_set(struct paint *paint, struct portraits *portraits);

/* The letters of this picture, for scenes to measure with. Borrowed. */
struct text_engine *paint_text_engine(struct paint *paint);

/*
 * Draws `scene` (already scaled). rects: what changed since the last good call, *rect_count of
 * them, 0: nothing. The first picture changes as a whole.
 *
 * Errors, after which the next good call draws everything anew: STATUS_INVALID: the scene is full
 * or holds a node out of all range; the picture is as it was. STATUS_NOMEM: cairo failed; the
 * picture is not to be shown.
 */
MUST_CHECK enum status paint_draw(struct paint *paint, const struct scene *scene,
                                  struct rect rects[GRAPHIC_RECT_MAX], uint32_t *rect_count);

/* Rasterises all texts of a scene without drawing, so that its first picture is quick. */
MUST_CHECK enum status paint_warm(struct paint *paint, const struct scene *scene);

/* The picture; borrowed until paint_destroy(). Stride in bytes. */
const uint8_t *paint_pixels(const struct paint *paint, uint32_t *stride_size);

/* Writes the picture as PNG over `background` (0xffRRGGBB), or as it is where that is 0. */
MUST_CHECK enum status paint_write_png(struct paint *paint, uint32_t background, const char *path,
                                       struct fault *fault);

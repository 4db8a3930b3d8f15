#pragma once

#include "overlay/graphic.h"

/*
 * A bounded list of rectangles that covers everything put into it. When it is full, a rectangle is
 * joined with the one it grows least, so it may cover more than was put, never less.
 */
struct rects {
    uint32_t count;
    struct rect items[GRAPHIC_RECT_MAX];
};

/* An empty rectangle, or one that another already covers, changes nothing. */
void rects_put(struct rects *rects, struct rect rect);
void rects_put_all(struct rects *rects, const struct rect *items, uint32_t count);

/* Whether `rect` has an area and lies within width_px × height_px, counted without overflow. */
bool rect_is_inside(const struct rect *rect, uint32_t width_px, uint32_t height_px);

#pragma once

#include "overlay/paint.h"

/*
 * The inside of the brush: paint.c finds what changed and keeps the picture, paint_node.c draws.
 * Only these two include this.
 */
#define PAINT_INDEX_SIZE 16384 /* a power of two above twice SCENE_NODE_MAX */

/*
 * last     what the picture shows; its nodes are found by key through `index` (place + 1; 0: free)
 * is_whole the next picture is drawn as a whole
 */
struct paint {
    const struct theme *theme;
    struct text_engine *text;
    struct portraits *portraits; /* or NULL */
    cairo_surface_t *canvas;
    cairo_surface_t *ground;
    cairo_t *cr;
    uint32_t *pixels;
    uint32_t pixel_stride; /* px */
    int32_t width, height;
    bool is_whole;
    struct scene *last;
    uint16_t index[PAINT_INDEX_SIZE];
};

/* Where a node may have put ink, inside the picture. */
struct rect paint_node_bounds(const struct paint *paint, const struct node *node);

/* Draws one changed rectangle, from the topmost node that hides all below it. */
MUST_CHECK enum status paint_rect_draw(struct paint *paint, const struct scene *scene,
                                       const struct rect *rect);

void paint_source_set(cairo_t *cr, uint32_t colour, uint8_t opacity);

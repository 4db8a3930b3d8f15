#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "overlay/graphic.h"

/*
 * A region: the changed parts of a picture as rectangles that may touch but need not be exact: what
 * lies close together becomes one. Plain values, any thread.
 */
#define REGION_RECT_MAX 256 /* more changes than this stand close together anyway */

struct region {
    uint32_t count;
    struct rect rects[REGION_RECT_MAX];
};

bool rect_is_empty(const struct rect *rect);
struct rect rect_intersect(const struct rect *a, const struct rect *b);
struct rect rect_unite(const struct rect *a, const struct rect *b);
bool rect_contains(const struct rect *outer, const struct rect *inner);

void region_clear(struct region *region);

/* Adds a rectangle; empty ones add nothing. When all places are taken the nearest one grows. */
void region_add(struct region *region, struct rect rect);

/* Unites neighbours until at most count_max (1 .. REGION_RECT_MAX) are left, wasting little. */
void region_reduce(struct region *region, uint32_t count_max);

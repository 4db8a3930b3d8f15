#include "overlay/region.h"

#include <assert.h>
#include <stdlib.h>

/* Painting one rectangle more costs about as much as this many px of a larger one. */
#define MERGE_SLACK_PX 4096

bool rect_is_empty(const struct rect *rect)
{
    return rect->w <= 0 || rect->h <= 0;
}

struct rect rect_intersect(const struct rect *a, const struct rect *b)
{
    int32_t x = a->x > b->x ? a->x : b->x;
    int32_t y = a->y > b->y ? a->y : b->y;
    int32_t right = a->x + a->w < b->x + b->w ? a->x + a->w : b->x + b->w;
    int32_t bottom = a->y + a->h < b->y + b->h ? a->y + a->h : b->y + b->h;
    return (struct rect){ x, y, right - x, bottom - y };
}

struct rect rect_unite(const struct rect *a, const struct rect *b)
{
    int32_t x = a->x < b->x ? a->x : b->x;
    int32_t y = a->y < b->y ? a->y : b->y;
    int32_t right = a->x + a->w > b->x + b->w ? a->x + a->w : b->x + b->w;
    int32_t bottom = a->y + a->h > b->y + b->h ? a->y + a->h : b->y + b->h;
    return (struct rect){ x, y, right - x, bottom - y };
}

bool rect_contains(const struct rect *outer, const struct rect *inner)
{
    return inner->x >= outer->x && inner->y >= outer->y &&
           inner->x + inner->w <= outer->x + outer->w &&
           inner->y + inner->h <= outer->y + outer->h;
}

static int64_t area(const struct rect *rect)
{
    return (int64_t)rect->w * rect->h;
}

/* What uniting the two would paint that neither of them needs. */
static int64_t waste(const struct rect *a, const struct rect *b)
{
    struct rect both = rect_unite(a, b);
    return area(&both) - area(a) - area(b);
}

void region_clear(struct region *region)
{
    region->count = 0;
}

void region_add(struct region *region, struct rect rect)
{
    if (rect_is_empty(&rect)) {
        return;
    }
    for (;;) {
        uint32_t best = region->count;
        int64_t least = MERGE_SLACK_PX + 1;
        bool is_full = region->count == REGION_RECT_MAX;
        for (uint32_t i = 0; i < region->count; i++) {
            int64_t wasted = waste(&region->rects[i], &rect);
            if (wasted < least || (is_full && best == region->count)) {
                best = i;
                least = wasted;
            }
        }
        if (best == region->count) {
            region->rects[region->count++] = rect;
            return;
        }
        /* The united one may now be close to others: take it out and add it again. */
        rect = rect_unite(&region->rects[best], &rect);
        region->rects[best] = region->rects[--region->count];
    }
}

static int rect_order(const void *a, const void *b)
{
    const struct rect *one = a;
    const struct rect *two = b;
    if (one->y != two->y) {
        return one->y < two->y ? -1 : 1;
    }
    return one->x < two->x ? -1 : one->x > two->x;
}

void region_reduce(struct region *region, uint32_t count_max)
{
    assert(count_max >= 1);
    if (region->count <= count_max) {
        return;
    }
    qsort(region->rects, region->count, sizeof(region->rects[0]), rect_order);
    while (region->count > count_max) {
        uint32_t best = 0;
        int64_t least = INT64_MAX;
        for (uint32_t i = 0; i + 1 < region->count; i++) {
            int64_t wasted = waste(&region->rects[i], &region->rects[i + 1]);
            if (wasted < least) {
                best = i;
                least = wasted;
            }
        }
        region->rects[best] = rect_unite(&region->rects[best], &region->rects[best + 1]);
        region->count--;
        for (uint32_t i = best + 1; i < region->count; i++) {
            region->rects[i] = region->rects[i + 1];
        }
    }
}

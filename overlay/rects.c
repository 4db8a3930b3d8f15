#include "overlay/rects.h"

static bool rect_covers(const struct rect *outer, const struct rect *inner)
{
    return inner->x >= outer->x && inner->y >= outer->y &&
           inner->x + inner->w <= outer->x + outer->w && inner->y + inner->h <= outer->y + outer->h;
}

static struct rect rect_join(const struct rect *a, const struct rect *b)
{
    int32_t x = a->x < b->x ? a->x : b->x;
    int32_t y = a->y < b->y ? a->y : b->y;
    int32_t right = a->x + a->w > b->x + b->w ? a->x + a->w : b->x + b->w;
    int32_t bottom = a->y + a->h > b->y + b->h ? a->y + a->h : b->y + b->h;
    return (struct rect){ x, y, right - x, bottom - y };
}

static int64_t rect_area(const struct rect *rect)
{
    return (int64_t)rect->w * rect->h;
}

void rects_put(struct rects *rects, struct rect rect)
{
    if (rect.w <= 0 || rect.h <= 0)
        return;
    uint32_t best = 0;
    int64_t best_growth = INT64_MAX;
    for (uint32_t i = 0; i < rects->count; i++) {
        if (rect_covers(&rects->items[i], &rect))
            return;
        struct rect joined = rect_join(&rects->items[i], &rect);
        int64_t growth = rect_area(&joined) - rect_area(&rects->items[i]);
        if (growth < best_growth) {
            best_growth = growth;
            best = i;
        }
    }
    /* A join that covers nothing new beside the two saves a rectangle and costs nothing. */
    bool is_free = rects->count > 0 && best_growth <= rect_area(&rect);
    if (!is_free && rects->count < GRAPHIC_RECT_MAX) {
        rects->items[rects->count++] = rect;
        return;
    }
    rects->items[best] = rect_join(&rects->items[best], &rect);
}

void rects_put_all(struct rects *rects, const struct rect *items, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        rects_put(rects, items[i]);
}

bool rect_is_inside(const struct rect *rect, uint32_t width_px, uint32_t height_px)
{
    return rect->x >= 0 && rect->y >= 0 && rect->w > 0 && rect->h > 0 &&
           (int64_t)rect->x + rect->w <= (int64_t)width_px &&
           (int64_t)rect->y + rect->h <= (int64_t)height_px;
}

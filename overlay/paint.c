#include "overlay/paint.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "overlay/logo.h"
#include "overlay/paint_impl.h"
#include "overlay/region.h"

#define POSITION_MAX 32768

/* An 8 × 8 ordered dither: the ground's few steps of dark blue must not show as bands. */
static const uint8_t dither[8][8] = {
    { 0, 32, 8, 40, 2, 34, 10, 42 },  { 48, 16, 56, 24, 50, 18, 58, 26 },
    { 12, 44, 4, 36, 14, 46, 6, 38 }, { 60, 28, 52, 20, 62, 30, 54, 22 },
    { 3, 35, 11, 43, 1, 33, 9, 41 },  { 51, 19, 59, 27, 49, 17, 57, 25 },
    { 15, 47, 7, 39, 13, 45, 5, 37 }, { 63, 31, 55, 23, 61, 29, 53, 21 },
};

/* One channel between two 8-bit values; part 0 .. 4096, noise 0 .. 63. */
static uint32_t channel_mix(uint32_t from, uint32_t to, uint32_t part, uint32_t noise)
{
    uint32_t fine = from * (4096 - part) + to * part; /* 20 bits */
    return (fine + noise * 64) / 4096;
}

/* The ground: the theme's two blues along the diagonal, light at the upper right. */
static void ground_draw(struct paint *paint)
{
    cairo_surface_flush(paint->ground);
    uint32_t *row = (uint32_t *)(void *)cairo_image_surface_get_data(paint->ground);
    size_t stride = (size_t)cairo_image_surface_get_stride(paint->ground) / 4;
    uint32_t a = paint->theme->ground;
    uint32_t b = paint->theme->ground_light;
    for (int32_t y = 0; y < paint->height; y++, row += stride) {
        uint32_t down = (uint32_t)(y * 2048 / paint->height);
        for (int32_t x = 0; x < paint->width; x++) {
            uint32_t along = (uint32_t)(x * 2048 / paint->width);
            uint32_t part = along + 2048 - down;
            uint32_t noise = dither[y & 7][x & 7];
            row[x] = 0xff000000u | channel_mix(a >> 16 & 255, b >> 16 & 255, part, noise) << 16 |
                     channel_mix(a >> 8 & 255, b >> 8 & 255, part, noise) << 8 |
                     channel_mix(a & 255, b & 255, part, noise);
        }
    }
    cairo_surface_mark_dirty(paint->ground);
}

static bool canvas_make(struct paint *paint)
{
    if (paint->cr != NULL) {
        cairo_destroy(paint->cr);
    }
    if (paint->canvas != NULL) {
        cairo_surface_destroy(paint->canvas);
    }
    paint->canvas = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, paint->width, paint->height);
    paint->cr = cairo_create(paint->canvas);
    paint->pixels = (uint32_t *)(void *)cairo_image_surface_get_data(paint->canvas);
    paint->pixel_stride = (uint32_t)cairo_image_surface_get_stride(paint->canvas) / 4;
    paint->is_whole = true;
    return paint->pixels != NULL && cairo_status(paint->cr) == CAIRO_STATUS_SUCCESS;
}

enum status paint_create(const struct theme *theme, uint32_t width_px, uint32_t height_px,
                         struct paint **paint, struct fault *fault)
{
    assert(width_px >= 16 && width_px <= 8192 && height_px >= 16 && height_px <= 8192);
    *paint = NULL;
    struct paint *made = calloc(1, sizeof(*made));
    if (made == NULL) {
        return fault_set(fault, STATUS_NOMEM, "", "no memory for the picture");
    }
    made->theme = theme;
    made->width = (int32_t)width_px;
    made->height = (int32_t)height_px;
    made->last = calloc(1, sizeof(*made->last));
    made->ground = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, made->width, made->height);
    enum status status = text_engine_create(theme->font, &made->text, fault);
    if (status == STATUS_OK && (made->last == NULL || !canvas_make(made) ||
                                cairo_surface_status(made->ground) != CAIRO_STATUS_SUCCESS)) {
        status = fault_set(fault, STATUS_NOMEM, "", "no memory for the picture");
    }
    if (status != STATUS_OK) {
        paint_destroy(made);
        return status;
    }
    /* How wide a pixel is for its height, and so how narrow letters are painted. */
    double stretch = (double)width_px * THEME_HEIGHT_PX / ((double)theme->width_px * height_px);
    text_engine_stretch_set(made->text, stretch);
    ground_draw(made);
    status = logo_draw(theme, made->ground, fault);
    if (status != STATUS_OK) {
        paint_destroy(made);
        return status;
    }
    *paint = made;
    return STATUS_OK;
}

void paint_destroy(struct paint *paint)
{
    if (paint == NULL) {
        return;
    }
    if (paint->cr != NULL) {
        cairo_destroy(paint->cr);
    }
    if (paint->canvas != NULL) {
        cairo_surface_destroy(paint->canvas);
    }
    cairo_surface_destroy(paint->ground);
    text_engine_destroy(paint->text);
    free(paint->last);
    free(paint);
}

void paint_portraits_set(struct paint *paint, struct portraits *portraits)
{
    paint->portraits = portraits;
}

struct text_engine *paint_text_engine(struct paint *paint)
{
    return paint->text;
}

const uint8_t *paint_pixels(const struct paint *paint, uint32_t *stride_size)
{
    *stride_size = paint->pixel_stride * 4;
    return (const uint8_t *)paint->pixels;
}

static uint32_t key_slot(uint32_t key)
{
    return key * 2654435761u >> 18 & (PAINT_INDEX_SIZE - 1);
}

static void index_build(struct paint *paint)
{
    memset(paint->index, 0, sizeof(paint->index));
    for (uint32_t i = 0; i < paint->last->node_count; i++) {
        uint32_t slot = key_slot(paint->last->nodes[i].key);
        while (paint->index[slot] != 0) {
            slot = (slot + 1) & (PAINT_INDEX_SIZE - 1);
        }
        paint->index[slot] = (uint16_t)(i + 1);
    }
}

/* The place of `key` in the last scene, or -1. */
static int32_t index_find(const struct paint *paint, uint32_t key)
{
    for (uint32_t slot = key_slot(key); paint->index[slot] != 0;
         slot = (slot + 1) & (PAINT_INDEX_SIZE - 1)) {
        if (paint->last->nodes[paint->index[slot] - 1].key == key) {
            return paint->index[slot] - 1;
        }
    }
    return -1;
}

static bool node_same(const struct node *a, const char *a_texts, const struct node *b,
                      const char *b_texts)
{
    return memcmp(&a->box, &b->box, sizeof(a->box)) == 0 && a->colour == b->colour &&
           a->kind == b->kind && a->opacity == b->opacity && a->shape == b->shape &&
           a->baseline_px == b->baseline_px && a->size_px == b->size_px && a->align == b->align &&
           a->is_bold == b->is_bold && a->is_figure == b->is_figure &&
           a->text_size == b->text_size &&
           memcmp(a_texts + a->text, b_texts + b->text, a->text_size) == 0;
}

/* A rectangle that only became wider or narrower changes nothing but its ends. */
static bool ends_add(struct region *region, const struct node *old, const struct node *new)
{
    const struct rect *a = &old->box;
    const struct rect *b = &new->box;
    int32_t a_end = a->x + a->w;
    int32_t b_end = b->x + b->w;
    if (old->kind != NODE_RECT || new->kind != NODE_RECT || old->colour != new->colour ||
        old->opacity != new->opacity || a->y != b->y || a->h != b->h || a_end <= b->x ||
        b_end <= a->x) {
        return false;
    }
    int32_t left = a->x < b->x ? a->x : b->x;
    int32_t right = a_end < b_end ? a_end : b_end;
    region_add(region, (struct rect){ left, a->y, abs(a->x - b->x), a->h });
    region_add(region, (struct rect){ right, a->y, abs(a_end - b_end), a->h });
    return true;
}

/* Collects what differs between the last scene and this one. */
static void changes_find(struct paint *paint, const struct scene *scene, struct region *region)
{
    static const uint8_t kept = 1;
    uint8_t seen[SCENE_NODE_MAX];
    const struct scene *last = paint->last;
    memset(seen, 0, last->node_count);
    for (uint32_t i = 0; i < scene->node_count; i++) {
        const struct node *node = &scene->nodes[i];
        int32_t at = index_find(paint, node->key);
        if (at < 0) {
            region_add(region, paint_node_bounds(paint, node));
            continue;
        }
        const struct node *old = &last->nodes[at];
        seen[at] = kept;
        if (!node_same(old, last->texts, node, scene->texts) && !ends_add(region, old, node)) {
            region_add(region, paint_node_bounds(paint, old));
            region_add(region, paint_node_bounds(paint, node));
        }
    }
    for (uint32_t i = 0; i < last->node_count; i++) {
        if (seen[i] == 0) {
            region_add(region, paint_node_bounds(paint, &last->nodes[i]));
        }
    }
}

static bool scene_is_sane(const struct scene *scene)
{
    bool is_sane = !scene->is_full && scene->node_count <= SCENE_NODE_MAX;
    for (uint32_t i = 0; is_sane && i < scene->node_count; i++) {
        const struct node *node = &scene->nodes[i];
        const struct rect *box = &node->box;
        is_sane = abs(box->x) <= POSITION_MAX && abs(box->y) <= POSITION_MAX && box->w >= 0 &&
                  box->h >= 0 && box->w <= POSITION_MAX && box->h <= POSITION_MAX &&
                  node->text + node->text_size < SCENE_TEXT_MAX &&
                  (node->kind != NODE_TEXT || (node->size_px >= 1 && node->size_px <= TEXT_PX_MAX &&
                                               abs(node->baseline_px) <= POSITION_MAX));
    }
    return is_sane;
}

static void last_keep(struct paint *paint, const struct scene *scene)
{
    paint->last->node_count = scene->node_count;
    paint->last->text_size = scene->text_size;
    memcpy(paint->last->nodes, scene->nodes, scene->node_count * sizeof(scene->nodes[0]));
    memcpy(paint->last->texts, scene->texts, scene->text_size);
    index_build(paint);
    paint->is_whole = false;
}

enum status paint_draw(struct paint *paint, const struct scene *scene,
                       struct rect rects[GRAPHIC_RECT_MAX], uint32_t *rect_count)
{
    struct region region;
    *rect_count = 0;
    region_clear(&region);
    if (!scene_is_sane(scene)) {
        return STATUS_INVALID;
    }
    if (paint->is_whole) {
        region_add(&region, (struct rect){ 0, 0, paint->width, paint->height });
    } else {
        changes_find(paint, scene, &region);
    }
    if (region.count == 0) {
        return STATUS_OK;
    }
    enum status status = STATUS_OK;
    for (uint32_t i = 0; status == STATUS_OK && i < region.count; i++) {
        status = paint_rect_draw(paint, scene, &region.rects[i]);
    }
    cairo_surface_flush(paint->canvas);
    if (status != STATUS_OK || cairo_status(paint->cr) != CAIRO_STATUS_SUCCESS) {
        (void)canvas_make(paint);
        return STATUS_NOMEM;
    }
    last_keep(paint, scene);
    region_reduce(&region, GRAPHIC_RECT_MAX);
    memcpy(rects, region.rects, region.count * sizeof(rects[0]));
    *rect_count = region.count;
    return STATUS_OK;
}

enum status paint_warm(struct paint *paint, const struct scene *scene)
{
    struct text_mask mask;
    enum status status = STATUS_OK;
    for (uint32_t i = 0; status == STATUS_OK && i < scene->node_count; i++) {
        const struct node *node = &scene->nodes[i];
        const char *text = scene->texts + node->text;
        if (node->kind != NODE_TEXT) {
            continue;
        }
        status = text_engine_mask(paint->text, text, node->text_size, node->size_px, node->is_bold,
                                  node->box.w, &mask);
        for (uint32_t k = 0; status == STATUS_OK && node->is_figure && k < 13; k++) {
            status = text_engine_figure(paint->text, "0123456789.,:"[k], node -> size_px,
                                        node -> is_bold, &mask);
        }
    }
    return status;
}

enum status paint_write_png(struct paint *paint, uint32_t background, const char *path,
                            struct fault *fault)
{
    cairo_surface_t *out = cairo_image_surface_create(
        background != 0 ? CAIRO_FORMAT_RGB24 : CAIRO_FORMAT_ARGB32, paint->width, paint->height);
    cairo_t *cr = cairo_create(out);
    if (background != 0) {
        paint_source_set(cr, background, 255);
        cairo_paint(cr);
    }
    cairo_surface_mark_dirty(paint->canvas);
    cairo_set_source_surface(cr, paint->canvas, 0, 0);
    cairo_paint(cr);
    cairo_status_t failed = cairo_status(cr);
    cairo_destroy(cr);
    if (failed == CAIRO_STATUS_SUCCESS) {
        failed = cairo_surface_write_to_png(out, path);
    }
    cairo_surface_destroy(out);
    if (failed != CAIRO_STATUS_SUCCESS) {
        return fault_set(fault, STATUS_IO, "", "cannot write '%s': %s", path,
                         cairo_status_to_string(failed));
    }
    return STATUS_OK;
}

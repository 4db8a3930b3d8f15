#include "overlay/text.h"

#include <assert.h>
#include <math.h>
#include <pango/pangocairo.h>
#include <stdlib.h>
#include <string.h>

#define BUCKET_COUNT 4096 /* a power of two above TEXT_CACHE_MAX */
#define FACE_MAX 32       /* sizes and weights in use at once; the first theme has 14 */
#define MASK_EDGE_PX 2    /* antialiased ink beyond pango's ink box */

/* One text at one size. Measured when made; its mask is drawn when it is first asked for. */
struct entry {
    struct entry *next_in_bucket;
    struct entry *newer, *older; /* the newest is engine->newest */
    uint64_t hash;
    struct text_mask mask;
    int32_t natural_px; /* width before stretching and condensing */
    int32_t painted_px; /* and before condensing alone */
    int32_t size_px;
    int32_t width_max_px;
    uint32_t mask_size; /* bytes */
    bool is_bold;
    bool is_drawn;
    size_t size;
    char text[];
};

struct face {
    int32_t size_px;
    bool is_bold;
    PangoFontDescription *description;
};

struct text_engine {
    PangoFontMap *map;
    PangoContext *context;
    PangoLayout *layout;
    char font[64];
    double stretch;
    struct face faces[FACE_MAX];
    uint32_t face_count;
    uint32_t face_next; /* the one that goes when all places are taken */
    struct entry *buckets[BUCKET_COUNT];
    struct entry *newest, *oldest;
    uint32_t entry_count;
    size_t mask_size;
};

enum status text_engine_create(const char *font, struct text_engine **engine, struct fault *fault)
{
    *engine = NULL;
    struct text_engine *made = calloc(1, sizeof(*made));
    if (made == NULL) {
        return fault_set(fault, STATUS_NOMEM, "", "no memory for fonts");
    }
    assert(strlen(font) < sizeof(made->font));
    memcpy(made->font, font, strlen(font) + 1);
    made->stretch = 1.0;
    made->map = pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT);
    made->context = pango_font_map_create_context(made->map);
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(made->context, options);
    cairo_font_options_destroy(options);
    pango_cairo_context_set_resolution(made->context, 72.0);
    pango_context_set_language(made->context, pango_language_from_string("zh-cn"));
    made->layout = pango_layout_new(made->context);
    pango_layout_set_auto_dir(made->layout, FALSE);
    pango_layout_set_single_paragraph_mode(made->layout, TRUE);

    PangoFontDescription *wanted = pango_font_description_new();
    pango_font_description_set_family(wanted, font);
    PangoFont *found = pango_context_load_font(made->context, wanted);
    PangoFontDescription *got = found != NULL ? pango_font_describe(found) : NULL;
    const char *family = got != NULL ? pango_font_description_get_family(got) : NULL;
    bool is_found = family != NULL && strcmp(family, font) == 0;
    if (!is_found) {
        (void)fault_set(fault, STATUS_NOT_FOUND, "", "no font '%s' is installed (nearest: '%s')",
                        font, family != NULL ? family : "none");
    }
    if (got != NULL) {
        pango_font_description_free(got);
    }
    if (found != NULL) {
        g_object_unref(found);
    }
    pango_font_description_free(wanted);
    if (!is_found) {
        text_engine_destroy(made);
        return STATUS_NOT_FOUND;
    }
    *engine = made;
    return STATUS_OK;
}

static void entry_unlink(struct text_engine *engine, struct entry *entry)
{
    if (entry->newer != NULL) {
        entry->newer->older = entry->older;
    } else {
        engine->newest = entry->older;
    }
    if (entry->older != NULL) {
        entry->older->newer = entry->newer;
    } else {
        engine->oldest = entry->newer;
    }
}

static void entry_link(struct text_engine *engine, struct entry *entry)
{
    entry->newer = NULL;
    entry->older = engine->newest;
    if (engine->newest != NULL) {
        engine->newest->newer = entry;
    } else {
        engine->oldest = entry;
    }
    engine->newest = entry;
}

static void entry_destroy(struct text_engine *engine, struct entry *entry)
{
    struct entry **at = &engine->buckets[entry->hash & (BUCKET_COUNT - 1)];
    while (*at != entry) {
        at = &(*at)->next_in_bucket;
    }
    *at = entry->next_in_bucket;
    entry_unlink(engine, entry);
    engine->entry_count--;
    engine->mask_size -= entry->mask_size;
    if (entry->mask.surface != NULL) {
        cairo_surface_destroy(entry->mask.surface);
    }
    free(entry);
}

void text_engine_destroy(struct text_engine *engine)
{
    if (engine == NULL) {
        return;
    }
    while (engine->oldest != NULL) {
        entry_destroy(engine, engine->oldest);
    }
    for (uint32_t i = 0; i < engine->face_count; i++) {
        pango_font_description_free(engine->faces[i].description);
    }
    g_object_unref(engine->layout);
    g_object_unref(engine->context);
    g_object_unref(engine->map);
    free(engine);
}

static const PangoFontDescription *face_get(struct text_engine *engine, int32_t size_px,
                                            bool is_bold)
{
    for (uint32_t i = 0; i < engine->face_count; i++) {
        if (engine->faces[i].size_px == size_px && engine->faces[i].is_bold == is_bold) {
            return engine->faces[i].description;
        }
    }
    struct face *face = &engine->faces[engine->face_next];
    if (engine->face_count < FACE_MAX) {
        engine->face_count++;
    } else {
        pango_font_description_free(face->description);
    }
    engine->face_next = (engine->face_next + 1) % FACE_MAX;
    face->size_px = size_px;
    face->is_bold = is_bold;
    face->description = pango_font_description_new();
    pango_font_description_set_family(face->description, engine->font);
    pango_font_description_set_absolute_size(face->description, (double)size_px * PANGO_SCALE);
    pango_font_description_set_weight(face->description,
                                      is_bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    return face->description;
}

static void layout_set(struct text_engine *engine, const char *text, size_t size, int32_t size_px,
                       bool is_bold)
{
    pango_layout_set_font_description(engine->layout, face_get(engine, size_px, is_bold));
    pango_layout_set_text(engine->layout, text, (int)size);
}

static uint64_t entry_hash(const char *text, size_t size, int32_t size_px, bool is_bold,
                           int32_t width_max_px)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ (uint64_t)(uint32_t)size_px << 33 ^
                    (uint64_t)(uint32_t)width_max_px << 1 ^ (is_bold ? 1 : 0);
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
    }
    return hash ^ hash >> 29;
}

/* The entry, found or made and measured. NULL: no memory. */
static struct entry *entry_get(struct text_engine *engine, const char *text, size_t size,
                               int32_t size_px, bool is_bold, int32_t width_max_px)
{
    uint64_t hash = entry_hash(text, size, size_px, is_bold, width_max_px);
    struct entry **bucket = &engine->buckets[hash & (BUCKET_COUNT - 1)];
    for (struct entry *entry = *bucket; entry != NULL; entry = entry->next_in_bucket) {
        if (entry->hash == hash && entry->size == size && entry->size_px == size_px &&
            entry->is_bold == is_bold && entry->width_max_px == width_max_px &&
            memcmp(entry->text, text, size) == 0) {
            if (entry != engine->newest) {
                entry_unlink(engine, entry);
                entry_link(engine, entry);
            }
            return entry;
        }
    }
    struct entry *made = calloc(1, sizeof(*made) + size + 1);
    if (made == NULL) {
        return NULL;
    }
    memcpy(made->text, text, size);
    made->size = size;
    made->size_px = size_px;
    made->is_bold = is_bold;
    made->width_max_px = width_max_px;
    made->hash = hash;
    layout_set(engine, text, size, size_px, is_bold);
    PangoRectangle logical;
    pango_layout_get_extents(engine->layout, NULL, &logical);
    made->natural_px = (logical.width + PANGO_SCALE - 1) / PANGO_SCALE;
    made->painted_px = engine->stretch == 1.0
                           ? made->natural_px
                           : (int32_t)lround(logical.width * engine->stretch / PANGO_SCALE);
    made->mask.advance_px = made->painted_px;
    if (width_max_px > 0 && made->painted_px > width_max_px) {
        made->mask.advance_px = width_max_px;
    }
    if (engine->entry_count == TEXT_CACHE_MAX) {
        entry_destroy(engine, engine->oldest);
    }
    made->next_in_bucket = *bucket;
    *bucket = made;
    entry_link(engine, made);
    engine->entry_count++;
    return made;
}

void text_engine_stretch_set(struct text_engine *engine, double stretch)
{
    assert(engine->entry_count == 0 && stretch >= 0.25 && stretch <= 4.0);
    engine->stretch = stretch;
}

/* The widths, natural and painted, of a text that is no figure. */
static void plain_widths(struct text_engine *engine, const char *text, size_t size,
                         int32_t size_px, bool is_bold, int32_t widths[2])
{
    const struct entry *entry = entry_get(engine, text, size, size_px, is_bold, 0);
    widths[0] += entry != NULL ? entry->natural_px : (int32_t)size * size_px;
    widths[1] += entry != NULL ? entry->painted_px : (int32_t)size * size_px;
}

static void widths_of(struct text_engine *engine, const char *text, size_t size, int32_t size_px,
                      bool is_bold, bool is_figure, int32_t widths[2])
{
    if (!is_figure) {
        plain_widths(engine, text, size, size_px, is_bold, widths);
        return;
    }
    for (size_t i = 0; i < size; i++) {
        const char *shaped = text[i] >= '0' && text[i] <= '9' ? "0" : &text[i];
        plain_widths(engine, shaped, 1, size_px, is_bold, widths);
    }
}

int32_t text_engine_measure(void *ctx, const char *text, size_t size, int32_t size_px,
                            bool is_bold, bool is_figure)
{
    int32_t widths[2] = { 0 };
    widths_of(ctx, text, size, size_px, is_bold, is_figure, widths);
    return widths[0];
}

int32_t text_engine_width(struct text_engine *engine, const char *text, size_t size,
                          int32_t size_px, bool is_bold, bool is_figure)
{
    int32_t widths[2] = { 0 };
    widths_of(engine, text, size, size_px, is_bold, is_figure, widths);
    return widths[1];
}

uint32_t text_engine_missing(struct text_engine *engine, const char *text, size_t size)
{
    layout_set(engine, text, size, 36, false);
    return (uint32_t)pango_layout_get_unknown_glyphs_count(engine->layout);
}

static enum status entry_draw(struct text_engine *engine, struct entry *entry)
{
    layout_set(engine, entry->text, entry->size, entry->size_px, entry->is_bold);
    PangoRectangle ink;
    pango_layout_get_pixel_extents(engine->layout, &ink, NULL);
    int32_t baseline = PANGO_PIXELS(pango_layout_get_baseline(engine->layout));
    entry->is_drawn = true;
    if (ink.width <= 0 || ink.height <= 0) {
        return STATUS_OK;
    }
    double condensed =
        entry->painted_px > 0 ? (double)entry->mask.advance_px / entry->painted_px : 1.0;
    double scale = condensed * engine->stretch;
    int32_t left = (int32_t)floor(ink.x * scale) - MASK_EDGE_PX;
    int32_t right = (int32_t)ceil((ink.x + ink.width) * scale) + MASK_EDGE_PX;
    int32_t top = ink.y - MASK_EDGE_PX;
    int32_t height = ink.height + 2 * MASK_EDGE_PX;
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_A8, right - left, height);
    cairo_t *cr = cairo_create(surface);
    cairo_translate(cr, -left, -top);
    cairo_scale(cr, scale, 1.0);
    cairo_set_source_rgba(cr, 1, 1, 1, 1);
    pango_cairo_show_layout(cr, engine->layout);
    bool is_good = cairo_status(cr) == CAIRO_STATUS_SUCCESS;
    cairo_destroy(cr);
    cairo_surface_flush(surface);
    if (!is_good || cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS) {
        cairo_surface_destroy(surface);
        entry->is_drawn = false;
        return STATUS_NOMEM;
    }
    entry->mask.surface = surface;
    entry->mask.left_px = left;
    entry->mask.top_px = top - baseline;
    entry->mask.width_px = right - left;
    entry->mask.height_px = height;
    entry->mask_size = (uint32_t)(cairo_image_surface_get_stride(surface) * height);
    engine->mask_size += entry->mask_size;
    while (engine->mask_size > TEXT_CACHE_SIZE_MAX && engine->oldest != entry) {
        assert(engine->oldest->older == NULL);
        entry_destroy(engine, engine->oldest);
    }
    return STATUS_OK;
}

enum status text_engine_mask(struct text_engine *engine, const char *text, size_t size,
                             int32_t size_px, bool is_bold, int32_t width_max_px,
                             struct text_mask *mask)
{
    assert(size_px >= 1 && size_px <= TEXT_PX_MAX);
    /* What fits keeps one entry, whatever box it stands in. */
    struct entry *entry = entry_get(engine, text, size, size_px, is_bold, 0);
    if (entry != NULL && width_max_px > 0 && entry->painted_px > width_max_px) {
        entry = entry_get(engine, text, size, size_px, is_bold, width_max_px);
    }
    if (entry == NULL || (!entry->is_drawn && entry_draw(engine, entry) != STATUS_OK)) {
        return STATUS_NOMEM;
    }
    *mask = entry->mask;
    return STATUS_OK;
}

enum status text_engine_figure(struct text_engine *engine, char character, int32_t size_px,
                               bool is_bold, struct text_mask *mask)
{
    bool is_digit = character >= '0' && character <= '9';
    enum status status =
        text_engine_mask(engine, &character, 1, size_px, is_bold, 0, mask);
    if (status == STATUS_OK && is_digit) {
        mask->advance_px = text_engine_width(engine, "0", 1, size_px, is_bold, false);
    }
    return status;
}

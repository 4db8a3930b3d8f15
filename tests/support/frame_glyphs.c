#include "tests/support/frame_glyphs.h"

#include <cairo.h>
#include <stdlib.h>
#include <string.h>

/*
 * Steps of luma, squared. The product rounds four times, to 2 steps at most; a line of a digit that
 * is another one's is hundreds of squared steps away in the mean.
 */
#define LINE_MAX_ERROR 60.0
#define BLANK ' '

static const char characters[] = "0123456789.,: ";
#define CHARACTER_COUNT (sizeof(characters) - 1)

/* How one character must look at one place: lines × advance, luma. */
struct glyph {
    int32_t advance_px;
    int16_t *luma;
};

struct glyph_place {
    int32_t top_px;
    int32_t lines;
    struct glyph glyphs[CHARACTER_COUNT];
};

struct glyphs {
    const struct frame_layout *layout;
    struct glyph_place places[LAYOUT_PLACE_MAX];
};

/* Coverage 0 .. 1 of a mask at (x, y) from where the character begins and from its baseline. */
static double coverage(const struct text_mask *mask, int32_t x, int32_t y)
{
    x -= mask->left_px;
    y -= mask->top_px;
    if (mask->surface == NULL || x < 0 || y < 0 || x >= mask->width_px || y >= mask->height_px) {
        return 0;
    }
    const uint8_t *data = cairo_image_surface_get_data(mask->surface);
    return data[(size_t)y * (size_t)cairo_image_surface_get_stride(mask->surface) + (size_t)x] /
           255.0;
}

/* The lines that any character has ink on, and one more on either side for the filter. */
static enum status lines_find(const struct place *place, struct text_engine *engine,
                              struct glyph_place *where, struct fault *fault)
{
    int32_t top = 0, bottom = 0;
    for (uint32_t k = 0; k < CHARACTER_COUNT && characters[k] != BLANK; k++) {
        struct text_mask mask = { 0 };
        if (text_engine_figure(engine, characters[k], place->size_px, place->is_bold, &mask) !=
            STATUS_OK) {
            return fault_set(fault, STATUS_NOMEM, "", "a glyph cannot be drawn");
        }
        top = mask.top_px < top ? mask.top_px : top;
        bottom = mask.top_px + mask.height_px > bottom ? mask.top_px + mask.height_px : bottom;
    }
    where->top_px = place->baseline_px + top - 1;
    where->lines = bottom - top + 2;
    return STATUS_OK;
}

static enum status glyph_make(const struct place *place, struct text_engine *engine, char character,
                              bool is_interlaced, const struct glyph_place *where,
                              struct glyph *glyph, struct fault *fault)
{
    struct text_mask mask = { 0 };
    bool is_blank = character == BLANK;
    enum status status = text_engine_figure(engine, is_blank ? '0' : character, place->size_px,
                                            place->is_bold, &mask);
    if (status != STATUS_OK) {
        return fault_set(fault, status, "", "a glyph cannot be drawn");
    }
    glyph->advance_px = mask.advance_px;
    glyph->luma = calloc((size_t)where->lines * (size_t)mask.advance_px, sizeof(*glyph->luma));
    if (glyph->luma == NULL) {
        return fault_set(fault, STATUS_NOMEM, "", "no memory for glyphs");
    }
    int16_t *out = glyph->luma;
    for (int32_t line = 0; line < where->lines; line++) {
        int32_t y = where->top_px + line - place->baseline_px;
        for (int32_t x = 0; x < mask.advance_px; x++) {
            double part = coverage(&mask, x, y);
            if (is_interlaced) {
                part = (coverage(&mask, x, y - 1) + 2 * part + coverage(&mask, x, y + 1)) / 4;
            }
            part = is_blank ? 0 : part;
            *out++ = (int16_t)(place->under + part * (place->ink - place->under) + 0.5);
        }
    }
    return STATUS_OK;
}

enum status glyphs_create(const struct frame_layout *layout, struct text_engine *engine,
                          bool is_interlaced, struct glyphs **glyphs, struct fault *fault)
{
    struct glyphs *made = calloc(1, sizeof(*made));
    if (made == NULL) {
        return fault_set(fault, STATUS_NOMEM, "", "no memory for glyphs");
    }
    made->layout = layout;
    enum status status = STATUS_OK;
    for (uint32_t i = 0; status == STATUS_OK && i < layout->place_count; i++) {
        const struct place *place = &layout->places[i];
        struct glyph_place *where = &made->places[i];
        status = lines_find(place, engine, where, fault);
        for (uint32_t k = 0; status == STATUS_OK && k < CHARACTER_COUNT; k++) {
            status = glyph_make(place, engine, characters[k], is_interlaced, where,
                                &where->glyphs[k], fault);
        }
    }
    if (status != STATUS_OK) {
        glyphs_destroy(made);
        return status;
    }
    *glyphs = made;
    return STATUS_OK;
}

void glyphs_destroy(struct glyphs *glyphs)
{
    if (glyphs == NULL) {
        return;
    }
    for (uint32_t i = 0; i < LAYOUT_PLACE_MAX; i++) {
        for (uint32_t k = 0; k < CHARACTER_COUNT; k++) {
            free(glyphs->places[i].glyphs[k].luma);
        }
    }
    free(glyphs);
}

static int32_t line_error(const uint8_t *restrict luma, const int16_t *restrict wanted,
                          int32_t count)
{
    int32_t sum = 0;
    for (int32_t x = 0; x < count; x++) {
        int32_t difference = luma[x] - wanted[x];
        sum += difference * difference;
    }
    return sum;
}

/* The worst line's mean error of a glyph that begins at column x; stops above `most`. */
static double glyph_error(const struct glyphs *glyphs, const struct glyph_place *where,
                          const struct glyph *glyph, const uint8_t *luma, int32_t x, uint32_t first,
                          uint32_t step, double most)
{
    const struct frame_layout *layout = glyphs->layout;
    double worst = 0;
    if (x < 0 || x + glyph->advance_px > (int32_t)layout->width_px) {
        return most;
    }
    for (int32_t line = 0; line < where->lines && worst < most; line++) {
        uint32_t y = (uint32_t)(where->top_px + line);
        if (y % step != first) {
            continue;
        }
        double error = (double)line_error(luma + (size_t)y * layout->width_px + x,
                                          glyph->luma + (size_t)line * (size_t)glyph->advance_px,
                                          glyph->advance_px) /
                       glyph->advance_px;
        worst = error > worst ? error : worst;
    }
    return worst;
}

void glyphs_read(const struct glyphs *glyphs, uint32_t index, const uint8_t *luma, uint32_t first,
                 uint32_t step, char text[GLYPH_TEXT_SIZE])
{
    const struct place *place = &glyphs->layout->places[index];
    const struct glyph_place *where = &glyphs->places[index];
    int32_t x = place->is_right ? place->box.x + place->box.w : place->box.x;
    char read[GLYPH_TEXT_SIZE];
    uint32_t count = 0;
    while (count < GLYPH_TEXT_SIZE - 1) {
        double least = LINE_MAX_ERROR;
        uint32_t best = CHARACTER_COUNT;
        for (uint32_t k = 0; k < CHARACTER_COUNT; k++) {
            const struct glyph *glyph = &where->glyphs[k];
            double error =
                glyph_error(glyphs, where, glyph, luma, place->is_right ? x - glyph->advance_px : x,
                            first, step, least);
            if (error < least) {
                least = error;
                best = k;
            }
        }
        if (best < CHARACTER_COUNT && characters[best] == BLANK) {
            break;
        }
        read[count++] = best < CHARACTER_COUNT ? characters[best] : '?';
        if (best == CHARACTER_COUNT) {
            break;
        }
        int32_t advance = where->glyphs[best].advance_px;
        x += place->is_right ? -advance : advance;
    }
    for (uint32_t i = 0; i < count; i++) {
        text[i] = place->is_right ? read[count - 1 - i] : read[i];
    }
    text[count] = '\0';
}

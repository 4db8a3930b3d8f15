#include "overlay/blend.h"

#include <assert.h>
#include <string.h>

#include "overlay/vector.h"

/*
 * graphic + (255 - alpha) × under / 255, rounded and at most 255. × 257 and then the upper half is
 * exact for every product of two bytes, and what vector units have an instruction for.
 */
static inline uint16_t mix(uint16_t graphic, uint16_t alpha, uint16_t under)
{
    uint16_t x = (uint16_t)((uint16_t)(255 - alpha) * under + 128);
    uint16_t sum = (uint16_t)(graphic + (uint16_t)(x * 257u >> 16));
    return sum > 255 ? 255 : sum;
}

static inline uint16_t word_at(const uint8_t *bytes)
{
    uint16_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

/* Two bytes at a time, in lanes of 16 bits as they lie: nothing has to change its place. */
static inline void pair_mix(uint8_t *out, const uint8_t *under, const uint8_t *graphic,
                            const uint8_t *alpha)
{
    uint16_t g = word_at(graphic), a = word_at(alpha), u = word_at(under);
    uint16_t low = mix(g & 255, a & 255, u & 255), high = mix(g >> 8, a >> 8, u >> 8);
    uint16_t word = (uint16_t)(low | high << 8);
    memcpy(out, &word, sizeof word);
}

static VECTOR void run_blend(uint8_t *restrict out, const uint8_t *restrict under,
                             const uint8_t *restrict graphic, const uint8_t *restrict alpha,
                             uint32_t count)
{
    for (size_t i = 0; i < count / 2; i++)
        pair_mix(out + 2 * i, under + 2 * i, graphic + 2 * i, alpha + 2 * i);
    if (count % 2 != 0)
        out[count - 1] = (uint8_t)mix(graphic[count - 1], alpha[count - 1], under[count - 1]);
}

/* The same in place; apart, because vector code needs to know that nothing else overlaps. */
static VECTOR void run_blend_onto(uint8_t *restrict out, const uint8_t *restrict graphic,
                                  const uint8_t *restrict alpha, uint32_t count)
{
    for (size_t i = 0; i < count / 2; i++)
        pair_mix(out + 2 * i, out + 2 * i, graphic + 2 * i, alpha + 2 * i);
    if (count % 2 != 0)
        out[count - 1] = (uint8_t)mix(graphic[count - 1], alpha[count - 1], out[count - 1]);
}

static void row_blend(uint8_t *out, const uint8_t *under, const uint8_t *graphic,
                      const uint8_t *alpha, struct span span, uint32_t width)
{
    uint32_t count = span.end - span.begin, at = span.begin;
    if (out == under && span.is_solid) {
        memcpy(out + at, graphic + at, count);
        return;
    }
    if (out == under) {
        run_blend_onto(out + at, graphic + at, alpha + at, count);
        return;
    }
    memcpy(out, under, span.begin);
    if (span.is_solid)
        memcpy(out + at, graphic + at, count);
    else
        run_blend(out + at, under + at, graphic + at, alpha + at, count);
    memcpy(out + span.end, under + span.end, width - span.end);
}

static void row_copy(uint8_t *out, const uint8_t *under, uint32_t width)
{
    if (out != under)
        memcpy(out, under, width);
}

static uint32_t lines_first(enum lines lines)
{
    assert(lines != LINES_INVALID);
    return lines == LINES_BOTTOM ? 1 : 0;
}

static uint32_t lines_step(enum lines lines)
{
    return lines == LINES_ALL ? 1 : 2;
}

void blend(const struct planes *planes, enum lines lines, uint32_t width_px, uint32_t height_px,
           const struct picture *under, const struct picture *out)
{
    assert(planes == NULL || (planes->kind == PLANE_YUV && planes->width_px == width_px &&
                              planes->height_px == height_px));
    uint32_t first = lines_first(lines), step = lines_step(lines);
    for (uint32_t y = first; y < height_px; y += step) {
        uint8_t *to = out->y + (size_t)y * out->y_stride;
        const uint8_t *from = under->y + (size_t)y * under->y_stride;
        size_t at = (size_t)y * width_px;
        if (planes == NULL)
            row_copy(to, from, width_px);
        else
            row_blend(to, from, planes->y + at, planes->a + at, planes->spans[y], width_px);
    }
    uint32_t half = width_px / 2;
    for (uint32_t c = first; c < height_px / 2; c += step) {
        size_t at = (size_t)c * half, to = (size_t)c * out->c_stride;
        size_t from = (size_t)c * under->c_stride;
        if (planes == NULL) {
            row_copy(out->cb + to, under->cb + from, half);
            row_copy(out->cr + to, under->cr + from, half);
            continue;
        }
        struct span span = planes->chroma_spans[c];
        row_blend(out->cb + to, under->cb + from, planes->cb + at, planes->ca + at, span, half);
        row_blend(out->cr + to, under->cr + from, planes->cr + at, planes->ca + at, span, half);
    }
}

void blend_bgra(const struct planes *planes, enum lines lines, uint32_t width_px,
                uint32_t height_px, const struct picture *out)
{
    assert(planes == NULL || (planes->kind == PLANE_BGRA && planes->width_px == width_px &&
                              planes->height_px == height_px));
    uint32_t step = lines_step(lines);
    size_t size = (size_t)width_px * 4;
    for (uint32_t y = lines_first(lines); y < height_px; y += step) {
        uint8_t *to = out->y + (size_t)y * out->y_stride;
        if (planes == NULL)
            memset(to, 0, size);
        else
            memcpy(to, planes->bgra + y * size, size);
    }
}

void lines_copy(enum lines lines, bool is_bgra, uint32_t width_px, uint32_t height_px,
                const struct picture *from, const struct picture *to)
{
    if (!is_bgra) {
        blend(NULL, lines, width_px, height_px, from, to);
        return;
    }
    for (uint32_t y = lines_first(lines); y < height_px; y += lines_step(lines))
        memcpy(to->y + (size_t)y * to->y_stride, from->y + (size_t)y * from->y_stride,
               (size_t)width_px * 4);
}

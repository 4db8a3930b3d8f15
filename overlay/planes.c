#include "overlay/planes.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "overlay/rects.h"
#include "overlay/vector.h"

#define SIDE_MAX_PX 8192
#define ALIGN 64
#define COLUMN_GROUP 512 /* and columns: what lies between two steps stays in the first cache */
#define ROW_GROUP 4      /* lines converted at a time: two of either field */
#define ROW_COUNT (ROW_GROUP + 2) /* and two in which chroma is made of them */

/*
 * Pixels are worked on in lanes of 16 bits as they lie in memory, so that plain loops become vector
 * code: B and R of a pixel in one array, G and A in the other, 128 × their value. A product keeps
 * its upper half, 64 × the result; HALF rounds it and makes up for what four such cuts lose.
 */
#define VALUE_SHIFT 7
#define RESULT_SHIFT 6
#define HALF (32 + 2)

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "lanes are told apart by byte order");

/*
 * The factors of R', G', B' for channels of 0 .. 255 with video range, × 2^15. Those of a colour
 * difference add up to 0, so that grey stays grey, and those of luma to 219 / 255.
 */
struct factors {
    int16_t y_r, y_g, y_b, cb_r, cb_g, cr_g, cr_b;
};
enum {
    Y_A = 2056,     /* 16 / 255 */
    C_MAIN = 14392, /* 224 / 255 × 0.5: of B' in Cb, of R' in Cr */
    C_A = 16448,    /* 128 / 255 */
};

static const struct factors factors[] = {
    /* ITU-R BT.709-6, 3.2 and 3.4: 0.2126, 0.7152, 0.0722; 1.8556, 1.5748 */
    [COLOUR_BT709] = { 5983, 20127, 2032, -3298, -11094, -13072, -1320 },
    /* ITU-R BT.601-7, 2.5.1 and 2.5.2: 0.299, 0.587, 0.114; 1.772, 1.402 */
    [COLOUR_BT601] = { 8414, 16520, 3208, -4857, -9535, -12052, -2340 },
};

/* A row being converted: B, R, B, R … and G, A, G, A …; a column of margin on either side. */
struct row {
    uint16_t *br, *ga;
};

static size_t align_ceil(size_t size)
{
    return (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

static size_t row_size(uint32_t width_px)
{
    uint32_t count = width_px < COLUMN_GROUP ? width_px : COLUMN_GROUP;
    return align_ceil((count + 2) * 2 * sizeof(uint16_t)) * 2;
}

static struct row row_at(const struct planes *planes, uint32_t index)
{
    size_t lanes = row_size(planes->width_px) / sizeof(uint16_t);
    uint16_t *first = planes->scratch + index * lanes;
    return (struct row){ first, first + lanes / 2 };
}

/* The next `size` bytes of the one allocation; NULL while it is only measured. */
static void *carve(uint8_t *memory, size_t *offset, size_t size)
{
    void *part = memory == NULL ? NULL : memory + *offset;
    *offset += align_ceil(size);
    return part;
}

static size_t planes_carve(struct planes *planes, uint8_t *memory)
{
    size_t luma = (size_t)planes->width_px * planes->height_px, chroma = luma / 4, offset = 0;
    if (planes->kind == PLANE_BGRA) {
        planes->bgra = carve(memory, &offset, luma * 4);
    } else {
        planes->y = carve(memory, &offset, luma);
        planes->cb = carve(memory, &offset, chroma);
        planes->cr = carve(memory, &offset, chroma);
        planes->ca = carve(memory, &offset, chroma);
        planes->a = carve(memory, &offset, luma);
        planes->spans = carve(memory, &offset, planes->height_px * sizeof *planes->spans);
        planes->chroma_spans =
            carve(memory, &offset, planes->height_px / 2 * sizeof *planes->spans);
    }
    planes->scratch = carve(memory, &offset, ROW_COUNT * row_size(planes->width_px));
    return offset;
}

static struct matrix matrix_make(int16_t b, int16_t g, int16_t r, int16_t a)
{
    struct matrix matrix;
    for (uint32_t i = 0; i < MATRIX_RUN_PX; i++) {
        matrix.br[2 * i] = b;
        matrix.br[2 * i + 1] = r;
        matrix.ga[2 * i] = g;
        matrix.ga[2 * i + 1] = a;
    }
    return matrix;
}

enum status planes_init(struct planes *planes, enum plane_kind kind, uint32_t width_px,
                        uint32_t height_px, enum colour colour, bool is_interlaced,
                        bool is_straight)
{
    assert(width_px >= 16 && width_px <= SIDE_MAX_PX && width_px % 2 == 0);
    assert(height_px >= 16 && height_px <= SIDE_MAX_PX && height_px % 4 == 0);
    assert(colour == COLOUR_BT709 || colour == COLOUR_BT601);
    *planes = (struct planes){ .kind = kind,
                               .width_px = width_px,
                               .height_px = height_px,
                               .is_interlaced = is_interlaced,
                               .is_straight = is_straight };
    size_t size = planes_carve(planes, NULL);
    planes->memory = aligned_alloc(ALIGN, size);
    if (planes->memory == NULL)
        return STATUS_NOMEM;
    memset(planes->memory, 0, size);
    planes_carve(planes, planes->memory);
    const struct factors *f = &factors[colour];
    planes->to_y = matrix_make(f->y_b, f->y_g, f->y_r, Y_A);
    planes->to_cb = matrix_make(C_MAIN, f->cb_g, f->cb_r, C_A);
    planes->to_cr = matrix_make(f->cr_b, f->cr_g, C_MAIN, C_A);
    return STATUS_OK;
}

void planes_finish(struct planes *planes)
{
    free(planes->memory);
    *planes = (struct planes){ 0 };
}

/* A line of `count` pixels under the filter 1-2-1, with the lines above and below it. */
static VECTOR void line_filter(const uint16_t *restrict above, const uint16_t *restrict line,
                               const uint16_t *restrict below, uint32_t count,
                               uint16_t *restrict br, uint16_t *restrict ga)
{
    for (size_t i = 0; i < 2 * (size_t)count; i++) {
        br[i] = (uint16_t)(((above[i] & 255) + 2 * (line[i] & 255) + (below[i] & 255))
                           << (VALUE_SHIFT - 2));
        ga[i] = (uint16_t)(((above[i] >> 8) + 2 * (line[i] >> 8) + (below[i] >> 8))
                           << (VALUE_SHIFT - 2));
    }
}

static VECTOR void line_scale(const uint16_t *restrict line, uint32_t count, uint16_t *restrict br,
                              uint16_t *restrict ga)
{
    for (size_t i = 0; i < 2 * (size_t)count; i++) {
        br[i] = (uint16_t)((line[i] & 255) << VALUE_SHIFT);
        ga[i] = (uint16_t)((line[i] >> 8) << VALUE_SHIFT);
    }
}

static uint32_t clamp_row(const struct planes *planes, int64_t y)
{
    return y < 0 ? 0 : y >= planes->height_px ? planes->height_px - 1 : (uint32_t)y;
}

/*
 * Line y, columns begin .. end - 1, filtered, with a column more on either side (at the picture's
 * edges the last one again); the row's first pixel is column begin - 1.
 */
static void row_read(const struct planes *planes, const uint16_t *pixels, uint32_t y,
                     uint32_t begin, uint32_t end, struct row row)
{
    uint32_t from = begin == 0 ? 0 : begin - 1;
    uint32_t to = end == planes->width_px ? end : end + 1;
    uint32_t shift = 2 * (from + 1 - begin);
    size_t stride = 2 * (size_t)planes->width_px;
    const uint16_t *line = pixels + y * stride + 2 * (size_t)from;
    if (planes->is_interlaced)
        line_filter(pixels + clamp_row(planes, (int64_t)y - 1) * stride + 2 * (size_t)from, line,
                    pixels + clamp_row(planes, (int64_t)y + 1) * stride + 2 * (size_t)from,
                    to - from, row.br + shift, row.ga + shift);
    else
        line_scale(line, to - from, row.br + shift, row.ga + shift);
    uint32_t last = 2 * (end - begin + 1);
    for (uint32_t lane = 0; lane < 2; lane++) {
        if (begin == 0) {
            row.br[lane] = row.br[2 + lane];
            row.ga[lane] = row.ga[2 + lane];
        }
        if (end == planes->width_px) {
            row.br[last + lane] = row.br[last - 2 + lane];
            row.ga[last + lane] = row.ga[last - 2 + lane];
        }
    }
}

/* At most MATRIX_RUN_PX pixels. */
static VECTOR void run_convert(const uint16_t *restrict br, const uint16_t *restrict ga,
                               uint32_t count, const struct matrix *restrict matrix,
                               uint8_t *restrict out)
{
    int16_t sums[2 * MATRIX_RUN_PX];
    for (size_t i = 0; i < 2 * (size_t)count; i++)
        sums[i] = (int16_t)(((int16_t)br[i] * matrix->br[i] >> 16) +
                            ((int16_t)ga[i] * matrix->ga[i] >> 16));
    for (size_t i = 0; i < count; i++) /* the loop above filled 2 × count of them */
        /* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult) */
        out[i] = (uint8_t)((uint16_t)(sums[2 * i] + sums[2 * i + 1] + HALF) >> RESULT_SHIFT);
}

static VECTOR void alpha_convert(const uint16_t *restrict ga, uint32_t count, uint8_t *restrict out)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t word;
        memcpy(&word, ga + 2 * i, sizeof word);
        out[i] = (uint8_t)(((word >> 16) + 64) >> VALUE_SHIFT);
    }
}

static void row_convert(struct row row, uint32_t count, const struct matrix *matrix, uint8_t *out)
{
    for (uint32_t i = 0; i < count; i += MATRIX_RUN_PX)
        run_convert(row.br + 2 * i, row.ga + 2 * i,
                    count - i < MATRIX_RUN_PX ? count - i : MATRIX_RUN_PX, matrix, out + i);
}

/* (weight × near + (4 - weight) × far) / 4. What it cuts off is less than 1 of 128. */
static VECTOR void lanes_mix(const uint16_t *restrict near, const uint16_t *restrict far,
                             uint32_t weight, uint32_t count, uint16_t *restrict out)
{
    uint16_t rest = (uint16_t)(4 - weight), wide = (uint16_t)weight;
    for (size_t i = 0; i < count; i++)
        out[i] = (uint16_t)((uint16_t)(wide * (near[i] >> 1) + rest * (far[i] >> 1)) >> 1);
}

/* Half as many pixels, by 1-2-1 around every second one: pixel i out of pixel 2 i + 1. */
static VECTOR void lanes_halve(const uint16_t *restrict in, uint32_t count, uint16_t *restrict out)
{
    const uint64_t halves = 0x7fff7fff; /* two lanes shifted down by one; sums stay below 2^16 */
    for (size_t i = 0; i < count; i++) {
        uint64_t pair, next;
        memcpy(&pair, in + 4 * i, sizeof pair);
        memcpy(&next, in + 4 * i + 4, sizeof next);
        uint64_t sum = (pair >> 1 & halves) + (pair >> 32) + (next >> 1 & halves);
        uint32_t half = (uint32_t)(sum >> 1 & halves);
        memcpy(out + 2 * i, &half, sizeof half);
    }
}

/* Chroma row c of two lines that it lies between. Columns begin .. end - 1 of luma. */
static void chroma_convert(struct planes *planes, struct row near, struct row far, uint32_t weight,
                           uint32_t c, uint32_t begin, uint32_t end)
{
    struct row mixed = row_at(planes, ROW_GROUP), row = row_at(planes, ROW_GROUP + 1);
    uint32_t lanes = 2 * (end - begin + 2), count = (end - begin) / 2;
    lanes_mix(near.br, far.br, weight, lanes, mixed.br);
    lanes_mix(near.ga, far.ga, weight, lanes, mixed.ga);
    lanes_halve(mixed.br, count, row.br);
    lanes_halve(mixed.ga, count, row.ga);
    uint32_t half = planes->width_px / 2;
    size_t at = (size_t)c * half + begin / 2;
    row_convert(row, count, &planes->to_cb, planes->cb + at);
    row_convert(row, count, &planes->to_cr, planes->cr + at);
    alpha_convert(row.ga, count, planes->ca + at);
}

/* Four lines from y, a multiple of 4; columns begin .. end - 1, both even. */
static void group_convert(struct planes *planes, const uint16_t *pixels, uint32_t y, uint32_t begin,
                          uint32_t end)
{
    struct row rows[ROW_GROUP];
    for (uint32_t i = 0; i < ROW_GROUP; i++) {
        rows[i] = row_at(planes, i);
        row_read(planes, pixels, y + i, begin, end, rows[i]);
        struct row inner = { rows[i].br + 2, rows[i].ga + 2 };
        size_t line = (size_t)(y + i) * planes->width_px;
        row_convert(inner, end - begin, &planes->to_y, planes->y + line + begin);
        alpha_convert(inner.ga, end - begin, planes->a + line + begin);
    }
    uint32_t c = y / 2;
    if (planes->is_interlaced) {
        chroma_convert(planes, rows[0], rows[2], 3, c, begin, end);
        chroma_convert(planes, rows[1], rows[3], 1, c + 1, begin, end);
    } else {
        chroma_convert(planes, rows[0], rows[1], 2, c, begin, end);
        chroma_convert(planes, rows[2], rows[3], 2, c + 1, begin, end);
    }
}

static VECTOR uint16_t is_solid(const uint8_t *alpha, uint32_t count)
{
    uint8_t common = 255;
    for (size_t i = 0; i < count; i++)
        common &= alpha[i];
    return common == 255;
}

/* Where `alpha` is not 0. */
static struct span span_find(const uint8_t *alpha, uint32_t count)
{
    uint32_t begin = 0, end = count;
    uint64_t word;
    while (begin + 8 <= count && (memcpy(&word, alpha + begin, 8), word == 0))
        begin += 8;
    while (begin < count && alpha[begin] == 0)
        begin++;
    if (begin == count)
        return (struct span){ 0, 0, 0 };
    while (end >= begin + 8 && (memcpy(&word, alpha + end - 8, 8), word == 0))
        end -= 8;
    while (alpha[end - 1] == 0)
        end--;
    return (struct span){ (uint16_t)begin, (uint16_t)end, is_solid(alpha + begin, end - begin) };
}

/* Says anew where four lines from y, and their two of chroma, have alpha. */
static void group_span(struct planes *planes, uint32_t y)
{
    uint32_t width = planes->width_px, half = width / 2;
    for (uint32_t i = y; i < y + ROW_GROUP; i++)
        planes->spans[i] = span_find(planes->a + (size_t)i * width, width);
    for (uint32_t c = y / 2; c < y / 2 + ROW_GROUP / 2; c++)
        planes->chroma_spans[c] = span_find(planes->ca + (size_t)c * half, half);
}

static uint8_t straight(uint8_t value, float factor)
{
    float full = (float)value * factor + 0.5f;
    return full > 255.0f ? 255 : (uint8_t)full;
}

static void bgra_line_convert(struct planes *planes, const uint16_t *pixels, uint32_t y,
                              uint32_t begin, uint32_t end)
{
    struct row row = row_at(planes, 0);
    row_read(planes, pixels, y, begin, end, row);
    uint8_t *out = planes->bgra + ((size_t)y * planes->width_px + begin) * 4;
    for (uint32_t i = 0; i < end - begin; i++, out += 4) {
        for (uint32_t lane = 0; lane < 2; lane++) {
            out[2 * lane] = (uint8_t)((row.br[2 * i + 2 + lane] + 64) >> VALUE_SHIFT);
            out[2 * lane + 1] = (uint8_t)((row.ga[2 * i + 2 + lane] + 64) >> VALUE_SHIFT);
        }
        if (planes->is_straight && out[3] != 255) {
            float factor = out[3] == 0 ? 0.0f : 255.0f / (float)out[3];
            for (int channel = 0; channel < 3; channel++)
                out[channel] = straight(out[channel], factor);
        }
    }
}

static void bgra_convert(struct planes *planes, const uint16_t *pixels, uint32_t y, uint32_t begin,
                         uint32_t end)
{
    for (uint32_t i = y; i < y + ROW_GROUP; i++)
        bgra_line_convert(planes, pixels, i, begin, end);
}

/* One rectangle. is_stale: of each group of lines, set where it is touched. */
static void rect_convert(struct planes *planes, const uint16_t *lanes, const struct rect *rect,
                         uint8_t *is_stale)
{
    int32_t reach = planes->is_interlaced ? 1 : 0;
    /* Chroma columns reach one to either side; groups are of four lines. */
    uint32_t begin = (uint32_t)rect->x & ~1u;
    uint32_t end = ((uint32_t)(rect->x + rect->w) & ~1u) + 2;
    if (end > planes->width_px)
        end = planes->width_px;
    uint32_t top = clamp_row(planes, rect->y - reach) & ~3u;
    uint32_t bottom = clamp_row(planes, rect->y + rect->h - 1 + reach);
    for (uint32_t y = top; y <= bottom; y += ROW_GROUP) {
        for (uint32_t x = begin; x < end; x += COLUMN_GROUP) {
            uint32_t to = end - x < COLUMN_GROUP ? end : x + COLUMN_GROUP;
            if (planes->kind == PLANE_YUV)
                group_convert(planes, lanes, y, x, to);
            else
                bgra_convert(planes, lanes, y, x, to);
        }
        is_stale[y / ROW_GROUP] = 1;
    }
}

void planes_convert(struct planes *planes, const uint8_t *pixels, const struct rect *rects,
                    uint32_t rect_count)
{
    uint8_t is_stale[SIDE_MAX_PX / ROW_GROUP] = { 0 };
    for (uint32_t i = 0; i < rect_count; i++) {
        assert(rect_is_inside(&rects[i], planes->width_px, planes->height_px));
        rect_convert(planes, (const uint16_t *)(const void *)pixels, &rects[i], is_stale);
    }
    /* Many rectangles share their lines: each is looked along once. */
    for (uint32_t y = 0; planes->kind == PLANE_YUV && y < planes->height_px; y += ROW_GROUP) {
        if (is_stale[y / ROW_GROUP] != 0)
            group_span(planes, y);
    }
}

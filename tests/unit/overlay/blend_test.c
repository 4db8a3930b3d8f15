#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "overlay/blend.h"

/* Wider than what is converted at a time, and not a multiple of it. */
enum { W = 1054, H = 16, LUMA = W * H, CHROMA = LUMA / 4, FRAME = LUMA + 2 * CHROMA };

struct i420 {
    uint8_t bytes[FRAME];
};

static struct picture picture_of(struct i420 *frame)
{
    return (struct picture){ frame->bytes, frame->bytes + LUMA, frame->bytes + LUMA + CHROMA, W,
                             W / 2 };
}

/* A small generator with a seed, so that a failure can be repeated. */
static uint32_t next_number(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

/* Any premultiplied picture; a third is opaque, a third transparent. */
static void pixels_fill(uint32_t *pixels, uint32_t *seed)
{
    for (int i = 0; i < LUMA; i++) {
        uint32_t kind = next_number(seed) % 3;
        uint32_t a = kind == 0 ? 0 : kind == 1 ? 255 : next_number(seed) % 256;
        uint32_t r = next_number(seed) % (a + 1), g = next_number(seed) % (a + 1);
        pixels[i] = a << 24 | r << 16 | g << 8 | next_number(seed) % (a + 1);
    }
}

static void frame_fill(struct i420 *frame, uint32_t *seed)
{
    for (int i = 0; i < FRAME; i++)
        frame->bytes[i] = (uint8_t)next_number(seed);
}

static int clamp(int value, int last)
{
    return value < 0 ? 0 : value > last ? last : value;
}

/* The reference, plain and in double: channel 0 .. 3 = b, g, r, a of the filtered graphic. */
static double channel_at(const uint32_t *pixels, int x, int y, int channel)
{
    return pixels[clamp(y, H - 1) * W + clamp(x, W - 1)] >> (8 * channel) & 255;
}

static double filtered_at(const uint32_t *pixels, int x, int y, int channel, bool is_interlaced)
{
    if (!is_interlaced)
        return channel_at(pixels, x, y, channel);
    return (channel_at(pixels, x, y - 1, channel) + 2 * channel_at(pixels, x, y, channel) +
            channel_at(pixels, x, y + 1, channel)) /
           4;
}

/* The matrix under test, and what the recommendations give R' and B' of luma. */
static enum colour colour = COLOUR_BT709;

static double red_part(void)
{
    return colour == COLOUR_BT709 ? 0.2126 : 0.299;
}

static double blue_part(void)
{
    return colour == COLOUR_BT709 ? 0.0722 : 0.114;
}

static double full_luma_of(const double c[4])
{
    return red_part() * c[2] + (1 - red_part() - blue_part()) * c[1] + blue_part() * c[0];
}

static double luma_of(const double c[4])
{
    return (219 * full_luma_of(c) + 16 * c[3]) / 255;
}

static double cb_of(const double c[4])
{
    return (224 * (c[0] - full_luma_of(c)) / (2 * (1 - blue_part())) + 128 * c[3]) / 255;
}

static double cr_of(const double c[4])
{
    return (224 * (c[2] - full_luma_of(c)) / (2 * (1 - red_part())) + 128 * c[3]) / 255;
}

static void luma_reference(const uint32_t *pixels, int x, int y, bool is_interlaced, double c[4])
{
    for (int channel = 0; channel < 4; channel++)
        c[channel] = filtered_at(pixels, x, y, channel, is_interlaced);
}

static void chroma_reference(const uint32_t *pixels, int cx, int cy, bool is_interlaced,
                             double c[4])
{
    int near = is_interlaced ? (cy / 2) * 4 + cy % 2 : 2 * cy;
    int far = is_interlaced ? near + 2 : near + 1;
    double wide = !is_interlaced ? 0.5 : cy % 2 == 0 ? 0.75 : 0.25;
    for (int channel = 0; channel < 4; channel++) {
        double sum = 0;
        for (int tap = -1; tap <= 1; tap++) {
            int x = 2 * cx + tap;
            sum += (tap == 0 ? 0.5 : 0.25) *
                   (wide * filtered_at(pixels, x, near, channel, is_interlaced) +
                    (1 - wide) * filtered_at(pixels, x, far, channel, is_interlaced));
        }
        c[channel] = sum;
    }
}

static void assert_near(double wanted, uint8_t got, const char *what, int x, int y)
{
    long full = lround(wanted > 255.0 ? 255.0 : wanted);
    if (labs(full - got) > 1)
        fail_msg("%s at %d, %d: wanted %.3f, got %d", what, x, y, wanted, got);
}

static void planes_make(struct planes *planes, const uint32_t *pixels, bool is_interlaced)
{
    const struct rect all = { 0, 0, W, H };
    assert_int_equal(STATUS_OK, planes_init(planes, PLANE_YUV, W, H, colour, is_interlaced, false));
    planes_convert(planes, (const uint8_t *)pixels, &all, 1);
}

/* Graphic, alpha and sum are each rounded to a byte: that may add up to one step, not to two. */
static void blend_is_within_one_step_of_the_exact_result(void **state)
{
    (void)state;
    for (uint32_t run = 0; run < 16; run++) {
        bool is_interlaced = run % 2 == 1;
        uint32_t seed = run + 1;
        colour = run < 8 ? COLOUR_BT709 : COLOUR_BT601;
        static uint32_t pixels[LUMA];
        static struct i420 under, out;
        pixels_fill(pixels, &seed);
        frame_fill(&under, &seed);
        struct planes planes;
        planes_make(&planes, pixels, is_interlaced);
        struct picture from = picture_of(&under), to = picture_of(&out);
        blend(&planes, LINES_ALL, W, H, &from, &to);
        double c[4];
        for (int y = 0; y < H; y++) {
            for (int x = 0; x < W; x++) {
                luma_reference(pixels, x, y, is_interlaced, c);
                assert_near(luma_of(c) + (1 - c[3] / 255) * under.bytes[y * W + x],
                            out.bytes[y * W + x], "luma", x, y);
            }
        }
        for (int y = 0; y < H / 2; y++) {
            for (int x = 0; x < W / 2; x++) {
                int at = LUMA + y * (W / 2) + x;
                chroma_reference(pixels, x, y, is_interlaced, c);
                double rest = 1 - c[3] / 255;
                assert_near(cb_of(c) + rest * under.bytes[at], out.bytes[at], "cb", x, y);
                assert_near(cr_of(c) + rest * under.bytes[at + CHROMA], out.bytes[at + CHROMA],
                            "cr", x, y);
            }
        }
        planes_finish(&planes);
    }
}

static void transparent_graphic_leaves_every_byte(void **state)
{
    (void)state;
    static uint32_t pixels[LUMA];
    static struct i420 under, out;
    uint32_t seed = 7;
    frame_fill(&under, &seed);
    /* Apart, in place, and after something was there and went. */
    for (int was_used = 0; was_used < 2; was_used++) {
        struct planes planes;
        memset(pixels, was_used ? 255 : 0, sizeof pixels);
        planes_make(&planes, pixels, was_used);
        memset(pixels, 0, sizeof pixels);
        const struct rect all = { 0, 0, W, H };
        planes_convert(&planes, (const uint8_t *)pixels, &all, 1);
        struct picture from = picture_of(&under), to = picture_of(&out);
        blend(&planes, LINES_ALL, W, H, &from, &to);
        assert_memory_equal(under.bytes, out.bytes, FRAME);
        blend(&planes, LINES_ALL, W, H, &to, &to);
        assert_memory_equal(under.bytes, out.bytes, FRAME);
        planes_finish(&planes);
    }
}

/* Alpha 0 beside other pixels, where the vector code meets both. */
static void transparent_pixels_between_others_leave_their_byte(void **state)
{
    (void)state;
    static uint32_t pixels[LUMA];
    static struct i420 under, out;
    uint32_t seed = 9;
    frame_fill(&under, &seed);
    for (int i = 0; i < LUMA; i++)
        pixels[i] = i % 3 == 0 ? 0xff808080 : 0;
    struct planes planes;
    planes_make(&planes, pixels, false);
    struct picture from = picture_of(&under), to = picture_of(&out);
    blend(&planes, LINES_ALL, W, H, &from, &to);
    for (int i = 0; i < LUMA; i++) {
        if (pixels[i] == 0)
            assert_int_equal(under.bytes[i], out.bytes[i]);
    }
    planes_finish(&planes);
}

static void opaque_colours_come_out_exactly_legal(void **state)
{
    (void)state;
    /* 100 % bars in 8 bit. */
    static const struct {
        enum colour colour;
        uint32_t rgb;
        uint8_t y, cb, cr;
    } bars[] = {
        { COLOUR_BT709, 0xffffff, 235, 128, 128 }, { COLOUR_BT709, 0xffff00, 219, 16, 138 },
        { COLOUR_BT709, 0x00ffff, 188, 154, 16 },  { COLOUR_BT709, 0x00ff00, 173, 42, 26 },
        { COLOUR_BT709, 0xff00ff, 78, 214, 230 },  { COLOUR_BT709, 0xff0000, 63, 102, 240 },
        { COLOUR_BT709, 0x0000ff, 32, 240, 118 },  { COLOUR_BT709, 0x000000, 16, 128, 128 },
        { COLOUR_BT601, 0xffffff, 235, 128, 128 }, { COLOUR_BT601, 0xffff00, 210, 16, 146 },
        { COLOUR_BT601, 0x00ffff, 170, 166, 16 },  { COLOUR_BT601, 0x00ff00, 145, 54, 34 },
        { COLOUR_BT601, 0xff00ff, 106, 202, 222 }, { COLOUR_BT601, 0xff0000, 81, 90, 240 },
        { COLOUR_BT601, 0x0000ff, 41, 240, 110 },  { COLOUR_BT601, 0x000000, 16, 128, 128 },
    };
    for (size_t i = 0; i < sizeof bars / sizeof *bars; i++) {
        colour = bars[i].colour;
        for (int is_interlaced = 0; is_interlaced < 2; is_interlaced++) {
            static uint32_t pixels[LUMA];
            static struct i420 out;
            memset(out.bytes, 99, FRAME);
            for (int pixel = 0; pixel < LUMA; pixel++)
                pixels[pixel] = 0xff000000 | bars[i].rgb;
            struct planes planes;
            planes_make(&planes, pixels, is_interlaced);
            struct picture to = picture_of(&out);
            blend(&planes, LINES_ALL, W, H, &to, &to);
            for (int at = 0; at < LUMA; at++)
                assert_int_equal(bars[i].y, out.bytes[at]);
            for (int at = 0; at < CHROMA; at++) {
                assert_int_equal(bars[i].cb, out.bytes[LUMA + at]);
                assert_int_equal(bars[i].cr, out.bytes[LUMA + CHROMA + at]);
            }
            planes_finish(&planes);
        }
    }
    colour = COLOUR_BT709;
}

static void grey_has_no_colour_at_any_alpha(void **state)
{
    (void)state;
    static uint32_t pixels[LUMA];
    static struct i420 out;
    for (uint32_t i = 0; i < LUMA; i++) {
        uint32_t a = i % 256, grey = a * (i % 7) / 6;
        pixels[i] = a << 24 | grey << 16 | grey << 8 | grey;
    }
    for (colour = COLOUR_BT601; colour >= COLOUR_BT709; colour--) {
        memset(out.bytes, 128, FRAME);
        struct planes planes;
        planes_make(&planes, pixels, false);
        struct picture to = picture_of(&out);
        blend(&planes, LINES_ALL, W, H, &to, &to);
        for (int at = LUMA; at < FRAME; at++)
            assert_in_range(out.bytes[at], 127, 129);
        planes_finish(&planes);
    }
    colour = COLOUR_BT709;
}

static void a_field_touches_no_line_of_the_other(void **state)
{
    (void)state;
    static uint32_t pixels[LUMA];
    static struct i420 under, both, out, before;
    uint32_t seed = 11;
    pixels_fill(pixels, &seed);
    frame_fill(&under, &seed);
    struct planes planes;
    planes_make(&planes, pixels, true);
    struct picture from = picture_of(&under), whole = picture_of(&both), to = picture_of(&out);
    blend(&planes, LINES_ALL, W, H, &from, &whole);
    for (int field = 0; field < 2; field++) {
        frame_fill(&before, &seed);
        out = before;
        blend(&planes, field == 0 ? LINES_TOP : LINES_BOTTOM, W, H, &from, &to);
        for (int y = 0; y < H; y++)
            assert_memory_equal((y % 2 == field ? both : before).bytes + y * W, out.bytes + y * W,
                                W);
        for (int c = 0; c < H; c++) { /* both chroma planes: H / 2 rows each, an even number */
            int at = LUMA + c * (W / 2);
            assert_memory_equal((c % 2 == field ? both : before).bytes + at, out.bytes + at, W / 2);
        }
    }
    planes_finish(&planes);
}

static void in_place_is_the_same_as_apart(void **state)
{
    (void)state;
    static uint32_t pixels[LUMA];
    static struct i420 under, out;
    uint32_t seed = 13;
    pixels_fill(pixels, &seed);
    frame_fill(&under, &seed);
    struct planes planes;
    planes_make(&planes, pixels, true);
    struct picture from = picture_of(&under), to = picture_of(&out);
    blend(&planes, LINES_ALL, W, H, &from, &to);
    blend(&planes, LINES_ALL, W, H, &from, &from);
    assert_memory_equal(out.bytes, under.bytes, FRAME);
    planes_finish(&planes);
}

/* Every alpha over every byte, in every place of a vector, and the odd one at a row's end. */
static void every_product_is_rounded_once(void **state)
{
    (void)state;
    static uint32_t pixels[LUMA];
    static struct i420 under, out;
    static const uint8_t graphics[] = { 0, 1, 16, 128, 235, 255 };
    struct planes planes;
    planes_make(&planes, pixels, false);
    for (uint32_t y = 0; y < H; y++)
        planes.spans[y] = (struct span){ .begin = 0, .end = (uint16_t)(W - y % 2) };
    struct picture from = picture_of(&under), to = picture_of(&out);
    for (uint32_t first = 0; first < 65536; first += LUMA - W) {
        uint8_t graphic = graphics[first / (LUMA - W) % sizeof graphics];
        for (uint32_t i = 0; i < LUMA; i++) {
            planes.a[i] = (uint8_t)((first + i) >> 8);
            planes.y[i] = graphic;
            under.bytes[i] = (uint8_t)(first + i);
        }
        blend(&planes, LINES_ALL, W, H, &from, &to);
        for (uint32_t i = 0; i < LUMA; i++) {
            uint32_t product = (255u - planes.a[i]) * under.bytes[i];
            uint32_t sum = graphic + (2 * product + 255) / 510;
            bool is_beyond = i % W >= planes.spans[i / W].end;
            assert_int_equal(is_beyond ? under.bytes[i] : sum > 255 ? 255 : sum, out.bytes[i]);
        }
    }
    planes_finish(&planes);
}

static void opaque_rows_are_known_and_put_as_they_are(void **state)
{
    (void)state;
    static uint32_t pixels[LUMA];
    static struct i420 under, out;
    uint32_t seed = 17;
    frame_fill(&under, &seed);
    for (uint32_t i = 0; i < LUMA; i++)
        pixels[i] = 0xff000000 | next_number(&seed);
    pixels[9 * W + W / 2] = 0; /* one pixel in row 9 lets through, and so its row of chroma */
    struct planes planes;
    planes_make(&planes, pixels, false);
    for (uint32_t y = 0; y < H; y++)
        assert_int_equal(y != 9, planes.spans[y].is_solid);
    for (uint32_t c = 0; c < H / 2; c++)
        assert_int_equal(c != 4, planes.chroma_spans[c].is_solid);
    struct picture from = picture_of(&under), to = picture_of(&out);
    blend(&planes, LINES_ALL, W, H, &from, &to);
    assert_memory_equal(planes.y, out.bytes, 9 * W);
    assert_memory_equal(planes.y + 10 * W, out.bytes + 10 * W, (H - 10) * W);
    assert_int_equal(under.bytes[9 * W + W / 2], out.bytes[9 * W + W / 2]);
    assert_memory_equal(planes.cb, to.cb, 4 * W / 2);
    blend(&planes, LINES_ALL, W, H, &from, &from);
    assert_memory_equal(out.bytes, under.bytes, FRAME);

    /* A row that is made opaque again is known to be. */
    const struct rect mended = { W / 2, 9, 1, 1 };
    pixels[9 * W + W / 2] = 0xff000000;
    planes_convert(&planes, (const uint8_t *)pixels, &mended, 1);
    assert_int_equal(1, planes.spans[9].is_solid);
    planes_finish(&planes);
}

static void converting_what_changed_is_converting_all(void **state)
{
    (void)state;
    for (uint32_t run = 0; run < 40; run++) {
        static uint32_t pixels[LUMA];
        uint32_t seed = run + 100;
        bool is_interlaced = run % 2 == 1;
        struct planes planes, whole;
        pixels_fill(pixels, &seed);
        planes_make(&planes, pixels, is_interlaced);
        for (int change = 0; change < 6; change++) {
            struct rect rect = { (int32_t)(next_number(&seed) % W),
                                 (int32_t)(next_number(&seed) % H), 1, 1 };
            rect.w += (int32_t)(next_number(&seed) % (uint32_t)(W - rect.x));
            rect.h += (int32_t)(next_number(&seed) % (uint32_t)(H - rect.y));
            uint32_t value = next_number(&seed) % 3 == 0 ? 0 : 0x80402010 + next_number(&seed) % 64;
            for (int y = rect.y; y < rect.y + rect.h; y++) {
                for (int x = rect.x; x < rect.x + rect.w; x++)
                    pixels[y * W + x] = value;
            }
            planes_convert(&planes, (const uint8_t *)pixels, &rect, 1);
        }
        planes_make(&whole, pixels, is_interlaced);
        assert_memory_equal(whole.y, planes.y, LUMA);
        assert_memory_equal(whole.a, planes.a, LUMA);
        assert_memory_equal(whole.cb, planes.cb, CHROMA);
        assert_memory_equal(whole.cr, planes.cr, CHROMA);
        assert_memory_equal(whole.ca, planes.ca, CHROMA);
        assert_memory_equal(whole.spans, planes.spans, H * sizeof *whole.spans);
        assert_memory_equal(whole.chroma_spans, planes.chroma_spans,
                            H / 2 * sizeof *whole.chroma_spans);
        planes_finish(&planes);
        planes_finish(&whole);
    }
}

static void bgra_goes_out_premultiplied_or_straight(void **state)
{
    (void)state;
    static uint32_t pixels[LUMA];
    static uint8_t out[LUMA * 4];
    uint32_t seed = 17;
    pixels_fill(pixels, &seed);
    for (int is_straight = 0; is_straight < 2; is_straight++) {
        struct planes planes;
        const struct rect all = { 0, 0, W, H };
        assert_int_equal(STATUS_OK,
                         planes_init(&planes, PLANE_BGRA, W, H, COLOUR_BT709, false, is_straight));
        planes_convert(&planes, (const uint8_t *)pixels, &all, 1);
        struct picture to = { .y = out, .y_stride = W * 4 };
        blend_bgra(&planes, LINES_ALL, W, H, &to);
        for (int i = 0; i < LUMA; i++) {
            uint32_t a = pixels[i] >> 24;
            assert_int_equal(a, out[4 * i + 3]);
            for (int channel = 0; channel < 3; channel++) {
                double value = pixels[i] >> (8 * channel) & 255;
                double wanted = !is_straight ? value : a == 0 ? 0 : value * 255 / a;
                assert_true(fabs(wanted - out[4 * i + channel]) <= 0.51);
            }
        }
        memset(out, 1, sizeof out);
        blend_bgra(NULL, LINES_BOTTOM, W, H, &to);
        for (int y = 0; y < H; y++)
            assert_int_equal(y % 2 == 0 ? 1 : 0, out[y * W * 4 + 5]);
        planes_finish(&planes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blend_is_within_one_step_of_the_exact_result),
        cmocka_unit_test(transparent_graphic_leaves_every_byte),
        cmocka_unit_test(transparent_pixels_between_others_leave_their_byte),
        cmocka_unit_test(opaque_colours_come_out_exactly_legal),
        cmocka_unit_test(grey_has_no_colour_at_any_alpha),
        cmocka_unit_test(a_field_touches_no_line_of_the_other),
        cmocka_unit_test(in_place_is_the_same_as_apart),
        cmocka_unit_test(every_product_is_rounded_once),
        cmocka_unit_test(opaque_rows_are_known_and_put_as_they_are),
        cmocka_unit_test(converting_what_changed_is_converting_all),
        cmocka_unit_test(bgra_goes_out_premultiplied_or_straight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

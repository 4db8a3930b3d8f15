#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cairo.h>
#include <semaphore.h>
#include <time.h>

#include "overlay/monitor.h"

#define MS INT64_C(1000000)
#define COLOUR 0x203040u
#define TURN_MAX 60000 /* of a millisecond, for a picture that must come */

/* What the monitor made last, and a canvas to show. */
struct desk {
    struct monitor *monitor;
    const struct format *format;
    uint32_t *canvas;
    sem_t made;
    uint8_t png[MONITOR_SIZE_MAX];
    size_t png_size;
    size_t read_size;
};

static void keep(void *ctx, const uint8_t *bytes, size_t size)
{
    struct desk *desk = ctx;
    memcpy(desk->png, bytes, size);
    desk->png_size = size;
    sem_post(&desk->made);
}

static void desk_open(struct desk *desk, const char *format)
{
    memset(desk, 0, sizeof(*desk));
    sem_init(&desk->made, 0, 0);
    desk->format = format_find(format);
    desk->canvas = calloc((size_t)desk->format->width_px * desk->format->height_px, 4);
    assert_non_null(desk->canvas);
    assert_int_equal(monitor_create(desk->format, COLOUR, keep, desk, &desk->monitor, NULL),
                     STATUS_OK);
}

static void desk_close(struct desk *desk)
{
    monitor_destroy(desk->monitor);
    free(desk->canvas);
    sem_destroy(&desk->made);
}

static void fill(struct desk *desk, const struct rect *rect, uint32_t pixel)
{
    for (int32_t y = rect->y; y < rect->y + rect->h; y++) {
        for (int32_t x = rect->x; x < rect->x + rect->w; x++) {
            desk->canvas[(uint32_t)y * desk->format->width_px + (uint32_t)x] = pixel;
        }
    }
}

static void show(struct desk *desk, const struct rect *rect, bool is_hidden, int64_t now_ms)
{
    monitor_show(desk->monitor, (const uint8_t *)desk->canvas, desk->format->width_px * 4, rect,
                 rect != NULL ? 1 : 0, is_hidden, now_ms * MS);
}

/* Shows it again and again, as a painter does, until it is made. */
static void await(struct desk *desk, const struct rect *rect, bool is_hidden, int64_t now_ms)
{
    const struct timespec turn = { .tv_nsec = MS };
    int turns = 0;
    for (show(desk, rect, is_hidden, now_ms); sem_trywait(&desk->made) != 0; turns++) {
        assert_true(turns < TURN_MAX);
        nanosleep(&turn, NULL);
        show(desk, NULL, is_hidden, now_ms);
    }
}

static cairo_status_t png_take(void *ctx, unsigned char *bytes, unsigned int size)
{
    struct desk *desk = ctx;
    if (size > desk->png_size - desk->read_size) {
        return CAIRO_STATUS_READ_ERROR;
    }
    memcpy(bytes, desk->png + desk->read_size, size);
    desk->read_size += size;
    return CAIRO_STATUS_SUCCESS;
}

static void assert_pixel(struct desk *desk, uint32_t x, uint32_t y, uint32_t colour)
{
    desk->read_size = 0;
    cairo_surface_t *surface = cairo_image_surface_create_from_png_stream(png_take, desk);
    assert_int_equal(cairo_surface_status(surface), CAIRO_STATUS_SUCCESS);
    assert_int_equal(cairo_image_surface_get_width(surface), MONITOR_WIDTH);
    assert_int_equal(cairo_image_surface_get_height(surface), MONITOR_HEIGHT);
    const uint8_t *row = cairo_image_surface_get_data(surface) +
                         (size_t)y * (size_t)cairo_image_surface_get_stride(surface);
    uint32_t pixel;
    memcpy(&pixel, row + (size_t)x * 4, sizeof(pixel));
    assert_int_equal(pixel & 0xffffffu, colour);
    cairo_surface_destroy(surface);
}

static void graphics_stand_over_the_colour_at_their_place(void **state)
{
    struct desk desk;
    const struct rect box = { 400, 200, 40, 20 }; /* ten by five small pixels, from 100, 50 */
    desk_open(&desk, "1080p25");
    fill(&desk, &box, 0xffc02010u);
    await(&desk, &box, false, 1);
    assert_pixel(&desk, 100, 50, 0xc02010u);
    assert_pixel(&desk, 109, 54, 0xc02010u);
    assert_pixel(&desk, 110, 54, COLOUR);
    assert_pixel(&desk, 99, 50, COLOUR);
    assert_pixel(&desk, 100, 55, COLOUR);
    /* Half of a small pixel, and half transparent: a quarter of it. */
    const struct rect half = { 800, 400, 2, 4 };
    fill(&desk, &half, 0x80800000u);
    await(&desk, &half, false, 300);
    assert_pixel(&desk, 200, 100, 0x582430u);
    desk_close(&desk);
}

static void every_changed_column_is_scaled_whatever_the_format(void **state)
{
    static const char *const formats[] = { "1080p50", "720p50" };
    for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
        struct desk desk;
        desk_open(&desk, formats[i]);
        await(&desk, NULL, false, 1);
        /* Columns one by one, as if nothing else had changed, must come to the same as all. */
        for (uint32_t x = 0; x < desk.format->width_px; x++) {
            const struct rect column = { (int32_t)x, 0, 1, (int32_t)desk.format->height_px };
            fill(&desk, &column, 0xffffffffu);
            show(&desk, &column, false, 2); /* too early: it waits with the others */
        }
        await(&desk, NULL, false, 1000);
        for (uint32_t x = 0; x < MONITOR_WIDTH; x += 7) {
            assert_pixel(&desk, x, 7 * x % MONITOR_HEIGHT, 0xffffffu);
        }
        desk_close(&desk);
    }
}

static void a_narrow_picture_is_black_at_its_sides(void **state)
{
    struct desk desk;
    desk_open(&desk, "576i25-4x3");
    await(&desk, NULL, false, 1);
    assert_pixel(&desk, 59, 100, 0);
    assert_pixel(&desk, 60, 100, COLOUR);
    assert_pixel(&desk, 419, 100, COLOUR);
    assert_pixel(&desk, 420, 100, 0);
    desk_close(&desk);
}

static void what_is_hidden_is_not_shown(void **state)
{
    struct desk desk;
    const struct rect all = { 0, 0, 1920, 1080 };
    desk_open(&desk, "1080p25");
    fill(&desk, &all, 0xffffffffu);
    await(&desk, &all, true, 1);
    assert_pixel(&desk, 240, 135, COLOUR);
    await(&desk, NULL, false, 1000);
    assert_pixel(&desk, 240, 135, 0xffffffu);
    desk_close(&desk);
}

/* Five a second when something changes; one in four seconds when nothing does. */
static void pictures_come_at_their_pace(void **state)
{
    struct desk desk;
    const struct rect box = { 0, 0, 8, 8 };
    desk_open(&desk, "1080p25");
    await(&desk, NULL, false, 1);
    show(&desk, &box, false, MONITOR_GAP_MS); /* a millisecond too early */
    assert_int_equal(sem_trywait(&desk.made), -1);
    await(&desk, NULL, false, 1 + MONITOR_GAP_MS);
    show(&desk, NULL, false, MONITOR_GAP_MS + MONITOR_KEEP_MS);
    assert_int_equal(sem_trywait(&desk.made), -1);
    await(&desk, NULL, false, 1 + MONITOR_GAP_MS + MONITOR_KEEP_MS);
    desk_close(&desk);
}

static void a_picture_that_is_too_large_is_dropped_and_counted(void **state)
{
    struct desk desk;
    const struct rect all = { 0, 0, 1920, 1080 };
    const struct timespec turn = { .tv_nsec = 1000000 };
    uint32_t noise = 1;
    desk_open(&desk, "1080p25");
    for (uint32_t y = 0; y < 1080; y += 4) {
        for (uint32_t x = 0; x < 1920; x += 4) {
            const struct rect block = { (int32_t)x, (int32_t)y, 4, 4 };
            noise = noise * 1664525u + 1013904223u;
            fill(&desk, &block, 0xff000000u | noise >> 8);
        }
    }
    show(&desk, &all, false, 1);
    while (monitor_dropped_total(desk.monitor) == 0) {
        nanosleep(&turn, NULL);
    }
    assert_int_equal(sem_trywait(&desk.made), -1);
    fill(&desk, &all, 0xff102030u);
    for (int64_t now_ms = 1000; sem_trywait(&desk.made) != 0; now_ms += MONITOR_KEEP_MS) {
        show(&desk, &all, false, now_ms);
        nanosleep(&turn, NULL);
    }
    assert_pixel(&desk, 0, 0, 0x102030u);
    assert_int_equal(monitor_dropped_total(desk.monitor), 1);
    desk_close(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(graphics_stand_over_the_colour_at_their_place),
        cmocka_unit_test(every_changed_column_is_scaled_whatever_the_format),
        cmocka_unit_test(a_narrow_picture_is_black_at_its_sides),
        cmocka_unit_test(what_is_hidden_is_not_shown),
        cmocka_unit_test(pictures_come_at_their_pace),
        cmocka_unit_test(a_picture_that_is_too_large_is_dropped_and_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

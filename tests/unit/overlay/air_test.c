#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "overlay/air.h"
#include "overlay/output_impl.h"

enum { W = 64, H = 32, LUMA = W * H, FRAME_MAX = 64 };

static const struct format interlaced = { "test-i", W, H, 25, 50, true, 16, 9, COLOUR_BT709, 8000 };
static const struct format progressive = {
    "test-p", W, H, 50, 50, false, 16, 9, COLOUR_BT709, 8000
};

/* An output that keeps what it was given. */
struct keep {
    struct output base;
    uint32_t count;
    struct frame frames[FRAME_MAX];
    uint8_t bytes[FRAME_MAX][LUMA * 4];
};

static void keep_put(struct output *output, const struct frame *frame)
{
    struct keep *keep = (struct keep *)output;
    assert_true(keep->count < FRAME_MAX);
    keep->frames[keep->count] = *frame;
    gst_buffer_extract(frame->buffer, 0, keep->bytes[keep->count], sizeof keep->bytes[0]);
    keep->count++;
}

static const struct output_ops keep_ops = { .put = keep_put };

struct rig {
    struct graphic_exchange *exchange;
    struct graphic_exchange *painter;
    struct air air;
    struct keep keep;
    struct output *outputs[1];
    uint32_t canvas[LUMA];
};

static struct rig *rig_create(const struct format *format, bool has_alpha)
{
    struct rig *rig = calloc(1, sizeof *rig);
    struct video video = { format, has_alpha, false };
    assert_non_null(rig);
    rig->keep.base.ops = &keep_ops;
    rig->outputs[0] = &rig->keep.base;
    assert_int_equal(STATUS_OK, graphic_exchange_create(W, H, 50, &rig->exchange, NULL));
    assert_int_equal(STATUS_OK, graphic_exchange_attach(graphic_exchange_fd(rig->exchange),
                                                        &rig->painter, NULL));
    static const struct cues cues = { .log = 1 };
    graphic_cues_set(rig->painter, &cues);
    uint8_t *background = NULL;
    if (!has_alpha) {
        background = malloc(LUMA * 3 / 2);
        assert_non_null(background);
        memset(background, 50, LUMA * 3 / 2);
    }
    assert_int_equal(STATUS_OK,
                     air_init(&rig->air, &video, rig->exchange, rig->outputs, 1, background, NULL));
    return rig;
}

static void rig_destroy(struct rig *rig)
{
    air_finish(&rig->air);
    graphic_exchange_destroy(rig->painter);
    graphic_exchange_destroy(rig->exchange);
    free(rig);
}

/* An opaque grey over everything, whose luma is `luma`. */
static void paint_view(struct rig *rig, uint64_t tick, uint64_t epoch, uint64_t programme,
                       uint8_t luma)
{
    uint32_t grey = (uint32_t)((luma - 16) * 255 + 109) / 219;
    for (int i = 0; i < LUMA; i++)
        rig->canvas[i] = 0xff000000 | grey << 16 | grey << 8 | grey;
    const struct rect all = { 0, 0, W, H };
    assert_int_equal(STATUS_OK, graphic_publish(rig->painter, (const uint8_t *)rig->canvas, W * 4,
                                                tick, epoch, programme, &all, 1));
}

static void paint(struct rig *rig, uint64_t tick, uint64_t programme, uint8_t luma)
{
    paint_view(rig, tick, 1, programme, luma);
}

static void assert_field(const struct rig *rig, uint32_t index, int field, uint8_t luma)
{
    for (int y = 0; y < H; y++) {
        for (int x = 0; (field < 0 || y % 2 == field) && x < W; x++)
            assert_int_equal(luma, rig->keep.bytes[index][y * W + x]);
    }
}

static void each_field_shows_the_graphic_of_its_own_tick(void **state)
{
    (void)state;
    struct rig *rig = rig_create(&interlaced, false);
    for (uint64_t tick = 0; tick < 40; tick++) {
        paint(rig, tick, 1, (uint8_t)(100 + tick));
        air_tick(&rig->air, tick);
    }
    assert_int_equal(20, rig->keep.count);
    for (uint32_t n = 0; n < 20; n++) {
        assert_int_equal(n, rig->keep.frames[n].index);
        assert_true(rig->keep.frames[n].is_changed);
        assert_field(rig, n, 0, (uint8_t)(100 + 2 * n));
        assert_field(rig, n, 1, (uint8_t)(101 + 2 * n));
    }
    assert_int_equal(0, rig->air.figures.held);
    rig_destroy(rig);
}

/* A change at each place in the frame: before it, at its first field, at its second. */
static void change_between_fields_keeps_the_earlier_field(void **state)
{
    (void)state;
    for (uint64_t change = 4; change <= 5; change++) {
        struct rig *rig = rig_create(&interlaced, false);
        for (uint64_t tick = 0; tick < 10; tick++) {
            if (tick == 0 || tick == change)
                paint(rig, tick, 1, tick == 0 ? 60 : 200);
            air_tick(&rig->air, tick);
        }
        assert_field(rig, 1, -1, 60);
        assert_field(rig, 2, 0, change == 4 ? 200 : 60);
        assert_field(rig, 2, 1, 200);
        assert_field(rig, 3, -1, 200);
        assert_field(rig, 4, -1, 200);
        assert_true(rig->keep.frames[2].is_changed);
        assert_false(rig->keep.frames[4].is_changed);
        rig_destroy(rig);
    }
}

/* A view that comes for the second field is shown in both: no frame mixes two epochs. */
static void one_frame_shows_one_epoch(void **state)
{
    (void)state;
    for (uint64_t change = 4; change <= 5; change++) {
        struct rig *rig = rig_create(&interlaced, false);
        for (uint64_t tick = 0; tick < 10; tick++) {
            if (tick == 0 || tick == change)
                paint_view(rig, tick, tick == 0 ? 7 : 8, 1, tick == 0 ? 60 : 200);
            air_tick(&rig->air, tick);
        }
        assert_field(rig, 1, -1, 60);
        assert_field(rig, 2, -1, 200);
        assert_field(rig, 3, -1, 200);
        rig_destroy(rig);
    }
}

/* Made 30 ms ago, shown now; not one that was there first, is not seen, or changed nothing. */
static void an_epoch_is_timed_by_its_first_frame(void **state)
{
    static const struct {
        uint64_t epoch;
        bool is_known;
        bool is_panic;
        uint64_t total;
    } steps[] = { { 5, true, false, 0 },  { 6, true, false, 1 }, { 6, true, false, 1 },
                  { 8, false, false, 1 }, { 9, true, false, 2 }, { 10, true, true, 2 },
                  { 10, true, false, 2 }, { 7, true, false, 2 }, { 11, true, false, 3 } };
    struct rig *rig = rig_create(&progressive, false);
    struct air_figures figures;
    uint64_t late;
    for (uint64_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        int64_t made_ns = frame_clock_now_ns() - 30000000;
        graphic_epoch_ns_set(rig->painter, steps[i].is_known ? made_ns : 0);
        paint_view(rig, i, steps[i].epoch, i + 1, 100);
        atomic_store(&rig->air.shutter.wants_clear, steps[i].is_panic);
        air_tick(&rig->air, i);
        air_figures_get(&rig->air, &figures, &late);
        assert_int_equal(air_delay_total(figures.delays), steps[i].total);
        assert_int_equal(figures.frames, i + 1);
    }
    assert_int_equal(figures.delays[0], 0); /* none took 20 ms or less */
    assert_true(figures.delay_ms_sum >= 90);
    rig_destroy(rig);
}

static void frames_go_out_before_there_is_any_graphic(void **state)
{
    (void)state;
    struct rig *rig = rig_create(&progressive, false);
    for (uint64_t tick = 0; tick < 5; tick++)
        air_tick(&rig->air, tick);
    assert_int_equal(5, rig->keep.count);
    for (uint32_t n = 0; n < 5; n++)
        assert_field(rig, n, -1, 50);
    assert_int_equal(4, rig->air.figures.repeated);
    assert_int_equal(0, rig->air.figures.held);
    rig_destroy(rig);
}

static void picture_holds_and_settles_once(void **state)
{
    (void)state;
    struct rig *rig = rig_create(&progressive, false);
    paint(rig, 0, 1, 90);
    for (uint64_t tick = 0; tick < 40; tick++)
        air_tick(&rig->air, tick);
    uint32_t settled = 0;
    for (uint32_t n = 0; n < 40; n++) {
        assert_field(rig, n, -1, 90);
        settled += rig->keep.frames[n].is_settled;
    }
    assert_int_equal(1, settled);
    assert_true(rig->keep.frames[10].is_settled);
    assert_int_equal(39, rig->air.figures.held);
    rig_destroy(rig);
}

/* The next tick is asked for by each tick, and only once its own graphic has been taken. */
static void tick_asks_for_the_next(void **state)
{
    (void)state;
    struct rig *rig = rig_create(&progressive, false);
    uint64_t tick;
    int64_t tick_ns;
    for (uint64_t i = 0; i < 3; i++) {
        assert_false(graphic_await(rig->painter, 0, &tick, &tick_ns));
        air_tick(&rig->air, i);
        assert_true(graphic_await(rig->painter, 0, &tick, &tick_ns));
        assert_int_equal(i + 1, tick);
        assert_int_equal((i + 1) * 1000000000 / progressive.tick_rate, tick_ns);
    }
    rig_destroy(rig);
}

static void panic_clears_until_the_programme_rises(void **state)
{
    (void)state;
    struct rig *rig = rig_create(&progressive, false);
    paint(rig, 0, 5, 90);
    air_tick(&rig->air, 0);
    atomic_store(&rig->air.shutter.wants_clear, true);
    air_tick(&rig->air, 1);
    paint(rig, 2, 5, 120); /* the same programme goes on counting */
    air_tick(&rig->air, 2);
    paint(rig, 3, 4, 130); /* one from before */
    air_tick(&rig->air, 3);
    assert_true(atomic_load(&rig->air.shutter.is_cleared));
    paint(rig, 4, 6, 140);
    air_tick(&rig->air, 4);
    assert_false(atomic_load(&rig->air.shutter.is_cleared));
    static const uint8_t wanted[] = { 90, 50, 50, 50, 140 };
    for (uint32_t n = 0; n < 5; n++)
        assert_field(rig, n, -1, wanted[n]);
    rig_destroy(rig);
}

static void panic_is_off_air_with_the_next_field(void **state)
{
    (void)state;
    struct rig *rig = rig_create(&interlaced, false);
    paint(rig, 0, 5, 90);
    air_tick(&rig->air, 0);
    air_tick(&rig->air, 1);
    air_tick(&rig->air, 2);
    atomic_store(&rig->air.shutter.wants_clear, true);
    air_tick(&rig->air, 3);
    air_tick(&rig->air, 4);
    air_tick(&rig->air, 5);
    assert_field(rig, 0, -1, 90);
    assert_field(rig, 1, 0, 90);
    assert_field(rig, 1, 1, 50);
    assert_field(rig, 2, -1, 50);
    rig_destroy(rig);
}

static void stale_picture_is_hidden_and_comes_back(void **state)
{
    (void)state;
    struct rig *rig = rig_create(&progressive, false);
    paint(rig, 0, 5, 90);
    air_tick(&rig->air, 0);
    atomic_store(&rig->air.shutter.is_stale, true);
    air_tick(&rig->air, 1);
    atomic_store(&rig->air.shutter.is_stale, false);
    air_tick(&rig->air, 2);
    assert_field(rig, 0, -1, 90);
    assert_field(rig, 1, -1, 50);
    assert_field(rig, 2, -1, 90);
    rig_destroy(rig);
}

static void alpha_goes_out_where_nothing_is_under_it(void **state)
{
    (void)state;
    struct rig *rig = rig_create(&progressive, true);
    air_tick(&rig->air, 0);
    for (int i = 0; i < LUMA; i++)
        rig->canvas[i] = 0x80402010;
    const struct rect all = { 0, 0, W, H };
    assert_int_equal(STATUS_OK, graphic_publish(rig->painter, (const uint8_t *)rig->canvas, W * 4,
                                                1, 0, 0, &all, 1));
    air_tick(&rig->air, 1);
    static const uint8_t clear[LUMA * 4];
    assert_memory_equal(clear, rig->keep.bytes[0], sizeof clear);
    assert_memory_equal(rig->canvas, rig->keep.bytes[1], sizeof rig->canvas);
    rig_destroy(rig);
}

/* An output that never gives a buffer back: the air repeats the last picture, and never waits. */
static void air_without_buffers_repeats_and_counts(void **state)
{
    (void)state;
    struct rig *rig = rig_create(&progressive, false);
    GstBuffer *hoard[400];
    uint32_t hoarded = 0;
    paint(rig, 0, 1, 90);
    air_tick(&rig->air, 0);
    GstBufferPoolAcquireParams params = { .flags = GST_BUFFER_POOL_ACQUIRE_FLAG_DONTWAIT };
    while (hoarded < 400 &&
           gst_buffer_pool_acquire_buffer(rig->air.pool, &hoard[hoarded], &params) == GST_FLOW_OK)
        hoarded++;
    assert_in_range(hoarded, 1, 399); /* the pool has an end */
    paint(rig, 1, 1, 120);
    air_tick(&rig->air, 1);
    assert_int_equal(2, rig->keep.count);
    assert_field(rig, 1, -1, 90);
    assert_int_equal(1, rig->air.figures.starved);
    for (uint32_t i = 0; i < hoarded; i++)
        gst_buffer_unref(hoard[i]);
    air_tick(&rig->air, 2); /* nothing new came, but the last change is still to be shown */
    assert_field(rig, 2, -1, 120);
    rig_destroy(rig);
}

static int start(void **state)
{
    (void)state;
    gst_init(NULL, NULL);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_field_shows_the_graphic_of_its_own_tick),
        cmocka_unit_test(change_between_fields_keeps_the_earlier_field),
        cmocka_unit_test(one_frame_shows_one_epoch),
        cmocka_unit_test(an_epoch_is_timed_by_its_first_frame),
        cmocka_unit_test(frames_go_out_before_there_is_any_graphic),
        cmocka_unit_test(picture_holds_and_settles_once),
        cmocka_unit_test(tick_asks_for_the_next),
        cmocka_unit_test(panic_clears_until_the_programme_rises),
        cmocka_unit_test(panic_is_off_air_with_the_next_field),
        cmocka_unit_test(stale_picture_is_hidden_and_comes_back),
        cmocka_unit_test(alpha_goes_out_where_nothing_is_under_it),
        cmocka_unit_test(air_without_buffers_repeats_and_counts),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}

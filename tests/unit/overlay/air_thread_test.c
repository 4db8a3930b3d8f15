#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "overlay/air.h"
#include "overlay/output_impl.h"

/*
 * The air's thread with everything that touches it while it runs: a painter, the main thread with
 * its panic, its figures and its polling, and an output that has a thread of its own. For TSan: one
 * exchange object serves both sides, so that both see the same addresses.
 */
enum { W = 64, H = 32, FRAME_COUNT = 100 };

static const struct format format = { "test-i", W, H, 25, 50, true, 16, 9, COLOUR_BT709, 8000 };

/* An output that counts, to be compared with what the air says it sent. */
struct count {
    struct output base;
    uint64_t next_index;
};

static void count_put(struct output *output, const struct frame *frame)
{
    struct count *count = (struct count *)output;
    assert(frame->index == count->next_index); /* cmocka's jump must not leave this thread */
    count->next_index++;
    atomic_fetch_add_explicit(&output->frames, 1, memory_order_relaxed);
}

static const struct output_ops count_ops = { .put = count_put };

struct rig {
    char dir[32];
    char still[48];
    struct graphic_exchange *exchange;
    struct air air;
    struct count count;
    struct output *outputs[2];
    atomic_bool is_stopping;
};

static void *painter_run(void *ctx)
{
    struct rig *rig = ctx;
    uint32_t *canvas = calloc(W * H, sizeof *canvas);
    struct painter_figures figures = { 0 };
    const struct rect all = { 0, 0, W, H };
    assert(canvas != NULL);
    while (!atomic_load(&rig->is_stopping)) {
        uint64_t tick;
        int64_t tick_ns;
        graphic_beat(rig->exchange, frame_clock_now_ns());
        if (!graphic_await(rig->exchange, 40, &tick, &tick_ns))
            continue;
        for (uint32_t i = 0; i < W * H; i++)
            canvas[i] = 0xff000000 | (uint32_t)(tick & 0xff);
        enum status status = graphic_publish(rig->exchange, (const uint8_t *)canvas, W * 4, tick,
                                             tick, tick, &all, 1);
        assert(status == STATUS_OK);
        figures.painted_total++;
        graphic_figures_set(rig->exchange, &figures);
    }
    free(canvas);
    return NULL;
}

static struct rig *rig_create(void)
{
    struct rig *rig = calloc(1, sizeof *rig);
    assert_non_null(rig);
    snprintf(rig->dir, sizeof rig->dir, "/tmp/minping-air.XXXXXX");
    assert_non_null(mkdtemp(rig->dir));
    snprintf(rig->still, sizeof rig->still, "%s/still.png", rig->dir);
    const struct video video = { .format = &format };
    const struct output_target target = { .kind = OUTPUT_PNG, .path = rig->still };
    output_init(&rig->count.base, &count_ops, &target, &video);
    rig->outputs[0] = &rig->count.base;
    assert_int_equal(STATUS_OK, output_png_open(&target, &video, &rig->outputs[1], NULL));
    assert_int_equal(STATUS_OK, graphic_exchange_create(W, H, 50, &rig->exchange, NULL));
    uint8_t *background = malloc(W * H * 3 / 2);
    assert_non_null(background);
    memset(background, 50, W * H * 3 / 2);
    assert_int_equal(STATUS_OK,
                     air_init(&rig->air, &video, rig->exchange, rig->outputs, 2, background, NULL));
    rig->air.frame_max = FRAME_COUNT;
    return rig;
}

static void rig_destroy(struct rig *rig)
{
    air_finish(&rig->air);
    output_destroy(rig->outputs[1]);
    graphic_exchange_destroy(rig->exchange);
    unlink(rig->still);
    assert_int_equal(0, rmdir(rig->dir));
    free(rig);
}

/* What the main thread does every few milliseconds while the air runs. */
static void main_turn(struct rig *rig, uint64_t turn)
{
    struct painter_figures painter;
    struct output_figures output;
    const struct timespec pause = { .tv_nsec = 5000000 };
    graphic_figures_get(rig->exchange, &painter);
    assert_true(graphic_beat_ns(rig->exchange) <= frame_clock_now_ns());
    atomic_store(&rig->air.shutter.is_stale, turn % 16 == 3);
    if (turn % 64 == 32)
        atomic_store(&rig->air.shutter.wants_clear, true);
    (void)atomic_load(&rig->air.shutter.is_cleared);
    for (uint32_t i = 0; i < 2; i++)
        output_figures_get(rig->outputs[i], &output);
    output_poll(rig->outputs[1], frame_clock_now_ns());
    nanosleep(&pause, NULL);
}

static void all_that_touch_the_air_do_so_at_once(void **state)
{
    struct rig *rig = rig_create();
    struct painter_figures painter;
    pthread_t thread;
    assert_int_equal(0, pthread_create(&thread, NULL, painter_run, rig));
    assert_int_equal(STATUS_OK, air_start(&rig->air, NULL));
    for (uint64_t turn = 0; !atomic_load(&rig->air.is_ended); turn++)
        main_turn(rig, turn);
    air_join(&rig->air);
    atomic_store(&rig->is_stopping, true);
    pthread_join(thread, NULL);
    output_end(rig->outputs[1]);
    while (!output_is_done(rig->outputs[1]))
        main_turn(rig, 0);
    graphic_figures_get(rig->exchange, &painter);
    assert_int_equal(FRAME_COUNT, rig->air.figures.frames);
    assert_int_equal(FRAME_COUNT, rig->count.next_index);
    assert_true(rig->air.figures.graphics > 0);
    assert_true(painter.painted_total >= rig->air.figures.graphics);
    assert_true(atomic_load(&rig->outputs[1]->stills) > 0);
    assert_false(atomic_load(&rig->outputs[1]->is_failed));
    rig_destroy(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_that_touch_the_air_do_so_at_once),
    };
    gst_init(NULL, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

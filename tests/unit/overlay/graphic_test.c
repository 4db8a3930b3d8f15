#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "overlay/graphic.h"

enum { W = 256, H = 144, COUNT = W * H, STRIDE = W * 4 };

static const struct rect whole = { 0, 0, W, H };

struct pair {
    struct graphic_exchange *outputter;
    struct graphic_exchange *painter;
    uint32_t canvas[COUNT];
};

static uint32_t next_number(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

static int setup(void **state)
{
    struct pair *pair = calloc(1, sizeof *pair);
    assert_non_null(pair);
    assert_int_equal(STATUS_OK, graphic_exchange_create(W, H, 50, &pair->outputter, NULL));
    assert_int_equal(STATUS_OK, graphic_exchange_attach(graphic_exchange_fd(pair->outputter),
                                                        &pair->painter, NULL));
    *state = pair;
    return 0;
}

static int teardown(void **state)
{
    struct pair *pair = *state;
    graphic_exchange_destroy(pair->painter);
    graphic_exchange_destroy(pair->outputter);
    free(pair);
    return 0;
}

static void fill(uint32_t *canvas, const struct rect *rect, uint32_t value)
{
    for (int32_t y = rect->y; y < rect->y + rect->h; y++) {
        for (int32_t x = rect->x; x < rect->x + rect->w; x++)
            canvas[y * W + x] = value;
    }
}

static void publish(struct pair *pair, uint64_t tick, struct rect rect, uint32_t value)
{
    fill(pair->canvas, &rect, value);
    assert_int_equal(STATUS_OK, graphic_publish(pair->painter, (const uint8_t *)pair->canvas,
                                                STRIDE, tick, tick * 10, tick * 100, &rect, 1));
}

static void graphic_arrives_with_all_it_says(void **state)
{
    struct pair *pair = *state;
    struct graphic_info info;
    const uint8_t *pixels;
    assert_false(graphic_take(pair->outputter, 0, &info, &pixels));
    publish(pair, 7, (struct rect){ 10, 20, 30, 40 }, 0xff123456);
    assert_true(graphic_take(pair->outputter, 0, &info, &pixels));
    assert_int_equal(1, info.sequence);
    assert_int_equal(7, info.tick);
    assert_int_equal(70, info.epoch);
    assert_int_equal(700, info.programme);
    assert_true(info.is_whole);
    assert_int_equal(1, info.rect_count);
    assert_memory_equal(&whole, info.rects, sizeof whole);
    assert_memory_equal(pair->canvas, pixels, sizeof pair->canvas);
    assert_false(graphic_take(pair->outputter, info.sequence, &info, &pixels));
}

static void newest_wins_and_rectangles_of_skipped_ones_are_kept(void **state)
{
    struct pair *pair = *state;
    struct graphic_info info;
    const uint8_t *pixels;
    publish(pair, 1, whole, 0);
    assert_true(graphic_take(pair->outputter, 0, &info, &pixels));
    const struct rect changed[] = { { 0, 0, 8, 8 }, { 200, 0, 8, 8 }, { 0, 100, 8, 8 } };
    for (uint32_t i = 0; i < 3; i++)
        publish(pair, 2 + i, changed[i], 0xff000001 + i);
    assert_true(graphic_take(pair->outputter, 1, &info, &pixels));
    assert_int_equal(4, info.sequence);
    assert_int_equal(4, info.tick);
    assert_false(info.is_whole);
    assert_int_equal(3, info.rect_count);
    assert_memory_equal(changed, info.rects, sizeof changed);
    assert_memory_equal(pair->canvas, pixels, sizeof pair->canvas);
}

/* The reader's own picture, kept up to date from the rectangles alone, is the painter's canvas. */
static void rectangles_alone_keep_a_copy_true(void **state)
{
    struct pair *pair = *state;
    static uint32_t copy[COUNT];
    memset(copy, 0xee, sizeof copy);
    uint32_t seed = 5;
    uint64_t sequence = 0;
    for (uint64_t tick = 1; tick <= 3000; tick++) {
        struct rect rects[GRAPHIC_RECT_MAX + 8];
        uint32_t count = 1 + next_number(&seed) % (next_number(&seed) % 16 == 0 ? 40 : 3);
        for (uint32_t i = 0; i < count; i++) {
            rects[i] = (struct rect){ (int32_t)(next_number(&seed) % W),
                                      (int32_t)(next_number(&seed) % H), 1, 1 };
            rects[i].w += (int32_t)(next_number(&seed) % (uint32_t)(W - rects[i].x)) / 4;
            rects[i].h += (int32_t)(next_number(&seed) % (uint32_t)(H - rects[i].y)) / 4;
            fill(pair->canvas, &rects[i], next_number(&seed));
        }
        assert_int_equal(STATUS_OK, graphic_publish(pair->painter, (const uint8_t *)pair->canvas,
                                                    STRIDE, tick, 0, 0, rects, count));
        if (next_number(&seed) % (tick % 200 < 40 ? 30 : 3) != 0)
            continue;
        struct graphic_info info;
        const uint8_t *pixels;
        assert_true(graphic_take(pair->outputter, sequence, &info, &pixels));
        assert_int_equal(tick, info.tick);
        sequence = info.sequence;
        assert_in_range(info.rect_count, 1, GRAPHIC_RECT_MAX);
        for (uint32_t i = 0; i < info.rect_count; i++) {
            const struct rect *rect = &info.rects[i];
            for (int32_t y = rect->y; y < rect->y + rect->h; y++)
                memcpy(&copy[y * W + rect->x], pixels + (y * W + rect->x) * 4, (size_t)rect->w * 4);
        }
        assert_memory_equal(pair->canvas, copy, sizeof copy);
        assert_memory_equal(pair->canvas, pixels, sizeof copy);
    }
}

static void nothing_changed_publishes_nothing(void **state)
{
    struct pair *pair = *state;
    struct graphic_info info;
    const uint8_t *pixels;
    assert_int_equal(STATUS_OK, graphic_publish(pair->painter, (const uint8_t *)pair->canvas,
                                                STRIDE, 1, 0, 0, &whole, 0));
    assert_false(graphic_take(pair->outputter, 0, &info, &pixels));
}

static void rectangle_outside_is_refused_and_publishes_nothing(void **state)
{
    struct pair *pair = *state;
    const struct rect outside[] = { { 0, 0, W + 1, 1 }, { -1, 0, 1, 1 }, { 0, H, 1, 1 } };
    struct graphic_info info;
    const uint8_t *pixels;
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++)
        assert_int_equal(STATUS_INVALID,
                         graphic_publish(pair->painter, (const uint8_t *)pair->canvas, STRIDE, 1, 0,
                                         0, &outside[i], 1));
    assert_false(graphic_take(pair->outputter, 0, &info, &pixels));
}

/* Changes one byte of the pixel at 0, 0 in every buffer, as a wild write of a painter would. */
static void pixels_damage(const struct graphic_exchange *exchange)
{
    struct stat stat;
    int fd = graphic_exchange_fd(exchange);
    assert_int_equal(0, fstat(fd, &stat));
    uint8_t *map = mmap(NULL, (size_t)stat.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    assert_true(map != MAP_FAILED);
    size_t buffer = ((size_t)COUNT * 4 + 4095) / 4096 * 4096;
    for (size_t i = 1; i <= GRAPHIC_BUFFER_COUNT; i++)
        map[(size_t)stat.st_size - i * buffer] ^= 1;
    munmap(map, (size_t)stat.st_size);
}

static void torn_graphic_is_not_shown_and_the_next_mends_it(void **state)
{
    struct pair *pair = *state;
    struct graphic_info info;
    const uint8_t *pixels, *more;
    publish(pair, 1, whole, 0xff000001);
    assert_true(graphic_take(pair->outputter, 0, &info, &pixels));
    publish(pair, 2, whole, 0xff000002);
    pixels_damage(pair->outputter);
    assert_false(graphic_take(pair->outputter, 1, &info, &more));
    /* Taken away it is: it is not offered again. What comes next is whole and complete. */
    assert_false(graphic_take(pair->outputter, 1, &info, &more));
    publish(pair, 3, (struct rect){ 100, 100, 2, 2 }, 0xff000003);
    assert_true(graphic_take(pair->outputter, 1, &info, &more));
    assert_true(info.is_whole);
    assert_int_equal(3, info.tick);
    assert_memory_equal(pair->canvas, more, sizeof pair->canvas);
    /* And so is every buffer after it. */
    for (uint64_t tick = 4; tick < 10; tick++) {
        uint64_t sequence = info.sequence;
        publish(pair, tick, (struct rect){ 50, 50, 2, 2 }, (uint32_t)tick);
        assert_true(graphic_take(pair->outputter, sequence, &info, &more));
        assert_memory_equal(pair->canvas, more, sizeof pair->canvas);
    }
}

static void next_painter_goes_on_counting_and_sends_everything(void **state)
{
    struct pair *pair = *state;
    struct graphic_info info;
    const uint8_t *pixels;
    publish(pair, 1, whole, 1);
    publish(pair, 2, (struct rect){ 0, 0, 4, 4 }, 2);
    assert_true(graphic_take(pair->outputter, 0, &info, &pixels));
    publish(pair, 3, (struct rect){ 8, 8, 4, 4 }, 3);
    graphic_exchange_destroy(pair->painter);
    assert_int_equal(STATUS_OK, graphic_exchange_attach(graphic_exchange_fd(pair->outputter),
                                                        &pair->painter, NULL));
    publish(pair, 4, (struct rect){ 16, 16, 4, 4 }, 4);
    assert_true(graphic_take(pair->outputter, 2, &info, &pixels));
    assert_int_equal(4, info.sequence);
    assert_true(info.is_whole);
    assert_memory_equal(pair->canvas, pixels, sizeof pair->canvas);
}

/* Publishes for ever: picture n is filled with n and says so as its epoch. */
static void painter_work(int fd, uint32_t *canvas)
{
    struct graphic_exchange *exchange = NULL;
    if (graphic_exchange_attach(fd, &exchange, NULL) != STATUS_OK)
        _exit(1);
    for (uint32_t n = 1;; n++) {
        fill(canvas, &whole, n);
        if (graphic_publish(exchange, (const uint8_t *)canvas, STRIDE, n, n, n, &whole, 1) !=
            STATUS_OK)
            _exit(1);
    }
}

static void painter_killed_at_any_moment_leaves_the_last_graphic_whole(void **state)
{
    struct pair *pair = *state;
    uint32_t seed = 23, taken = 0;
    uint64_t sequence = 0;
    const uint8_t *held = NULL;
    uint32_t held_value = 0;
    for (int run = 0; run < 80; run++) {
        pid_t painter = fork();
        assert_true(painter >= 0);
        if (painter == 0)
            painter_work(graphic_exchange_fd(pair->outputter), pair->canvas);
        struct timespec pause = { .tv_nsec = 1000000 + next_number(&seed) % 9000000 };
        nanosleep(&pause, NULL);
        assert_int_equal(0, kill(painter, SIGKILL));
        int status = 0;
        assert_int_equal(painter, waitpid(painter, &status, 0));
        assert_true(WIFSIGNALED(status));
        /* What was held before it began is untouched. */
        for (int i = 0; held != NULL && i < COUNT; i++)
            assert_memory_equal(&held_value, held + i * 4, 4);
        struct graphic_info info;
        const uint8_t *pixels;
        if (!graphic_take(pair->outputter, sequence, &info, &pixels))
            continue;
        taken++;
        assert_true(info.sequence > sequence);
        sequence = info.sequence;
        held = pixels;
        held_value = (uint32_t)info.epoch;
        for (int i = 0; i < COUNT; i++)
            assert_memory_equal(&held_value, pixels + i * 4, 4);
    }
    assert_true(taken > 20); /* or the painters never came to publish, and nothing was shown */
}

/* Both sides at full speed: no picture is ever a mixture of two. */
static void no_taken_graphic_mixes_two_pictures(void **state)
{
    struct pair *pair = *state;
    pid_t painter = fork();
    assert_true(painter >= 0);
    if (painter == 0)
        painter_work(graphic_exchange_fd(pair->outputter), pair->canvas);
    uint64_t sequence = 0;
    struct timespec begun, now;
    clock_gettime(CLOCK_MONOTONIC, &begun);
    uint32_t taken = 0;
    do {
        struct graphic_info info;
        const uint8_t *pixels;
        if (graphic_take(pair->outputter, sequence, &info, &pixels)) {
            assert_true(info.sequence > sequence);
            sequence = info.sequence;
            uint32_t value = (uint32_t)info.epoch;
            for (int i = 0; i < COUNT; i++)
                assert_memory_equal(&value, pixels + i * 4, 4);
            taken++;
        }
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while (now.tv_sec - begun.tv_sec < 10 && taken < 300);
    kill(painter, SIGKILL);
    waitpid(painter, NULL, 0);
    assert_int_equal(300, taken);
}

static void request_wakes_the_painter_with_the_newest(void **state)
{
    struct pair *pair = *state;
    uint64_t tick = 0;
    int64_t tick_ns = 0;
    assert_false(graphic_await(pair->painter, 1, &tick, &tick_ns));
    for (uint64_t i = 1; i <= 1000; i++)
        graphic_request(pair->outputter, i, (int64_t)i * 20);
    assert_true(graphic_await(pair->painter, 1000, &tick, &tick_ns));
    assert_int_equal(1000, tick);
    assert_int_equal(20000, tick_ns);
    assert_false(graphic_await(pair->painter, 1, &tick, &tick_ns));
}

static void answer_is_that_of_the_newest_request(void **state)
{
    struct pair *pair = *state;
    uint64_t tick = 0;
    int64_t tick_ns = 0;
    graphic_request(pair->outputter, 1, 20);
    assert_false(graphic_await_answer(pair->outputter, 1));
    assert_true(graphic_await(pair->painter, 1000, &tick, &tick_ns));
    graphic_request(pair->outputter, 2, 40);
    graphic_answer(pair->painter); /* of the first */
    assert_false(graphic_await_answer(pair->outputter, 1));
    assert_true(graphic_await(pair->painter, 1000, &tick, &tick_ns));
    graphic_answer(pair->painter);
    assert_true(graphic_await_answer(pair->outputter, 1000));
}

/* A painter gone mad may write over all of it: the outputter keeps its sizes and goes on. */
static void memory_full_of_garbage_harms_no_outputter(void **state)
{
    struct pair *pair = *state;
    struct graphic_info info;
    const uint8_t *pixels;
    uint8_t garbage[4096];
    for (int value = 0; value < 256; value++) {
        memset(garbage, value, sizeof garbage);
        assert_int_equal(sizeof garbage,
                         pwrite(graphic_exchange_fd(pair->outputter), garbage, sizeof garbage, 0));
        graphic_request(pair->outputter, 1, 1);
        assert_false(graphic_take(pair->outputter, 0, &info, &pixels));
        assert_int_equal(W, graphic_exchange_width(pair->outputter));
        assert_int_equal(H, graphic_exchange_height(pair->outputter));
    }
}

static void a_report_arrives_whole_or_not_at_all(void **state)
{
    struct pair *pair = *state;
    struct air_report sent = { .frames = 7, .output_count = 1 };
    struct air_report got = { .frames = 1 };
    air_name_set(sent.outputs[0].name, "raw:x");
    assert_false(graphic_report_get(pair->painter, &got));
    assert_int_equal(got.frames, 1);
    graphic_report_set(pair->outputter, &sent);
    assert_true(graphic_report_get(pair->painter, &got));
    assert_int_equal(got.frames, 7);
    assert_string_equal(got.outputs[0].name, "raw:x");
}

static void figures_and_beats_arrive(void **state)
{
    struct pair *pair = *state;
    const struct painter_figures sent = { 1, 2, 3, 4, 5, 6, 1 };
    struct painter_figures got;
    assert_int_equal(0, graphic_beat_ns(pair->outputter));
    graphic_beat(pair->painter, 123456789);
    assert_int_equal(123456789, graphic_beat_ns(pair->outputter));
    graphic_figures_set(pair->painter, &sent);
    graphic_figures_get(pair->outputter, &got);
    assert_memory_equal(&sent, &got, sizeof sent);
    assert_int_equal(W, graphic_exchange_width(pair->painter));
    assert_int_equal(H, graphic_exchange_height(pair->painter));
    assert_int_equal(50, graphic_exchange_tick_rate(pair->painter));
}

static void what_is_no_exchange_is_refused(void **state)
{
    (void)state;
    struct graphic_exchange *exchange = NULL;
    struct fault fault = { 0 };
    int fd = memfd_create("other", 0);
    assert_int_equal(0, ftruncate(fd, 1 << 20));
    assert_int_equal(STATUS_INVALID, graphic_exchange_attach(fd, &exchange, &fault));
    assert_non_null(strstr(fault.text, "no graphic exchange"));
    close(fd);
    assert_int_equal(STATUS_INVALID, graphic_exchange_attach(-1, &exchange, NULL));
    assert_null(exchange);
}

static void a_painter_cannot_cut_the_memory_off(void **state)
{
    struct pair *pair = *state;
    int fd = graphic_exchange_fd(pair->painter);
    assert_int_equal(-1, ftruncate(fd, 0));
    assert_int_equal(-1, ftruncate(fd, 1 << 30));
}

int main(void)
{
#define PAIR_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        PAIR_TEST(graphic_arrives_with_all_it_says),
        PAIR_TEST(newest_wins_and_rectangles_of_skipped_ones_are_kept),
        PAIR_TEST(rectangles_alone_keep_a_copy_true),
        PAIR_TEST(nothing_changed_publishes_nothing),
        PAIR_TEST(rectangle_outside_is_refused_and_publishes_nothing),
        PAIR_TEST(torn_graphic_is_not_shown_and_the_next_mends_it),
        PAIR_TEST(next_painter_goes_on_counting_and_sends_everything),
        PAIR_TEST(painter_killed_at_any_moment_leaves_the_last_graphic_whole),
        PAIR_TEST(no_taken_graphic_mixes_two_pictures),
        PAIR_TEST(request_wakes_the_painter_with_the_newest),
        PAIR_TEST(answer_is_that_of_the_newest_request),
        PAIR_TEST(memory_full_of_garbage_harms_no_outputter),
        PAIR_TEST(a_report_arrives_whole_or_not_at_all),
        PAIR_TEST(figures_and_beats_arrive),
        cmocka_unit_test(what_is_no_exchange_is_refused),
        PAIR_TEST(a_painter_cannot_cut_the_memory_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

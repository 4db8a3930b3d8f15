/*
 * render: the subject board at 1080p, painted while its figures change in every picture, against
 * copying a picture of that size.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/bench/event_writer.h"
#include "clients/bench/stage.h"
#include "overlay/paint.h"
#include "overlay/scene.h"
#include "overlay/scene_motion.h"
#include "overlay/text.h"
#include "overlay/theme.h"
#include "server/protocol/event_file.h"

#define PAIR_MAX 99
#define PICTURE_MAX 4096 /* of one block */
#define WIDTH_PX 1920u
#define HEIGHT_PX 1080u
#define TICK_NS 20000000 /* 1080p50 */
#define START_NS INT64_C(1000000000000)
#define SEATS 1995u
#define ITEM_COUNT 11
#define GRADE_COUNT 3
#define ALL_MAX 2.0
#define ONE_MAX 0.2

/* What is painted with. now_ns: the picture's own time, which the bench sets. */
struct easel {
    struct theme theme;
    struct event *event;
    struct view view;
    struct motion motion;
    struct paint *paint;
    struct scene scene;
    uint8_t *copy; /* a picture's bytes, for the floor */
    int64_t now_ns;
    uint32_t turn;
};

/* Medians of one block, in ns; changed_px of a picture. */
struct painted {
    double whole_ns; /* scene and brush */
    double brush_ns;
    double changed_px;
};

/* The counts of item `item` at its `turn`: an open round's, which go up and down a little. */
static void item_change(struct easel *easel, uint32_t item)
{
    struct item_figures *figures = &easel->view.live.items[item];
    uint32_t turn = easel->turn + item * 7;
    uint32_t poor = 120 + turn * 3 % 41;
    uint32_t fair = 330 + turn * 5 % 83;
    figures->valid = 1500 + turn % 400;
    figures->counts[2] = poor;
    figures->counts[1] = fair;
    figures->counts[0] = figures->valid - poor - fair;
}

static void view_change(struct easel *easel, uint32_t item_count)
{
    easel->turn++;
    easel->now_ns += TICK_NS;
    for (uint32_t i = 0; i < item_count; i++) {
        item_change(easel, i);
    }
    motion_update(&easel->motion, &easel->view.live, easel->now_ns, easel->theme.change_ms);
}

static void view_init(struct easel *easel)
{
    struct view *view = &easel->view;
    snprintf(view->log_id, sizeof(view->log_id), "0123456789abcdef");
    view->epoch = 1;
    view->audience = AUDIENCE_PUBLIC;
    view->has_live = true;
    struct figures *live = &view->live;
    live->round = 1;
    snprintf(live->contest, sizeof(live->contest), "appraisal");
    snprintf(live->subject, sizeof(live->subject), "s01");
    live->state = ROUND_OPEN;
    live->shows = LIVE_TALLY;
    live->registered = SEATS;
    live->cast_count = SEATS;
    live->item_count = ITEM_COUNT;
    live->grade_count = GRADE_COUNT;
    live->opened_ms = 1;
    easel->now_ns = START_NS;
    view_change(easel, ITEM_COUNT);
}

static enum status event_make(const struct bench *bench, struct easel *easel, struct fault *fault)
{
    static struct stage stage;
    static struct fault_list faults;
    char path[BENCH_PATH_SIZE + 32];
    enum status status = stage_open(bench, &stage, fault);
    if (status == STATUS_OK) {
        snprintf(path, sizeof(path), "%s/event.json", stage.dir);
        status = event_write(path, SEATS, 0, 0, fault);
    }
    if (status == STATUS_OK) {
        status = event_file_read(path, &easel->event, &faults);
        if (status != STATUS_OK) {
            status = fault_set(fault, status, faults.faults[0].where, "%s", faults.faults[0].text);
        }
    }
    stage_close(&stage);
    return status;
}

static enum status easel_init(const struct bench *bench, struct easel *easel, struct fault *fault)
{
    enum status status = theme_load(NULL, &easel->theme, fault);
    if (status == STATUS_OK) {
        status = event_make(bench, easel, fault);
    }
    if (status == STATUS_OK) {
        status = paint_create(&easel->theme, WIDTH_PX, HEIGHT_PX, &easel->paint, fault);
    }
    if (status != STATUS_OK) {
        return status;
    }
    size_t size = (size_t)WIDTH_PX * HEIGHT_PX * 4;
    easel->copy = malloc(size);
    if (easel->copy == NULL) {
        return fault_set(fault, STATUS_NOMEM, "", "no memory for a picture");
    }
    memset(easel->copy, 0, size);
    view_init(easel);
    return STATUS_OK;
}

static void easel_finish(struct easel *easel)
{
    free(easel->copy);
    paint_destroy(easel->paint);
    event_destroy(easel->event);
}

/* Builds and paints the board as it stands; the times of both, and how much changed. */
static enum status picture_paint(struct easel *easel, struct painted *painted, struct fault *fault)
{
    struct rect rects[GRAPHIC_RECT_MAX];
    uint32_t rect_count = 0;
    struct scene_data data = { .theme = &easel->theme,
                               .language = LANGUAGE_ZH_CN,
                               .measure = text_engine_measure,
                               .measure_ctx = paint_text_engine(easel->paint),
                               .texts = easel->event,
                               .view = &easel->view,
                               .motion = &easel->motion,
                               .time_of_day_s = 72000,
                               .now_ns = easel->now_ns };
    struct scene_cue cue = { .kind = SCENE_BOARD,
                             .layer = LAYER_FULLSCREEN,
                             .params = "contest=appraisal\nsubject=s01\n",
                             .entered_ns = START_NS - INT64_C(60000000000) };
    int64_t start_ns = bench_now_ns();
    scene_clear(&easel->scene);
    scene_add(&easel->scene, &data, &cue);
    scene_scale(&easel->scene, easel->theme.width_px, WIDTH_PX, HEIGHT_PX);
    int64_t built_ns = bench_now_ns();
    enum status status = paint_draw(easel->paint, &easel->scene, rects, &rect_count);
    int64_t end_ns = bench_now_ns();
    if (status != STATUS_OK || rect_count == 0 || easel->scene.node_count == 0) {
        return fault_set(fault, STATUS_INVALID, "", "the board was not painted");
    }
    painted->whole_ns = (double)(end_ns - start_ns);
    painted->brush_ns = (double)(end_ns - built_ns);
    painted->changed_px = 0;
    for (uint32_t i = 0; i < rect_count; i++) {
        painted->changed_px += (double)rects[i].w * rects[i].h;
    }
    return STATUS_OK;
}

/* Paints for duration_ns with item_count rows changing in every picture. */
static enum status block_paint(struct easel *easel, uint32_t item_count, int64_t duration_ns,
                               struct painted *medians, struct fault *fault)
{
    static double whole[PICTURE_MAX];
    static double brush[PICTURE_MAX];
    static double changed[PICTURE_MAX];
    uint32_t count = 0;
    int64_t until_ns = bench_now_ns() + duration_ns;
    while (count < PICTURE_MAX && (count == 0 || bench_now_ns() < until_ns)) {
        struct painted painted;
        view_change(easel, item_count);
        enum status status = picture_paint(easel, &painted, fault);
        if (status != STATUS_OK) {
            return status;
        }
        whole[count] = painted.whole_ns;
        brush[count] = painted.brush_ns;
        changed[count++] = painted.changed_px;
    }
    medians->whole_ns = bench_median(whole, count);
    medians->brush_ns = bench_median(brush, count);
    medians->changed_px = bench_median(changed, count);
    return STATUS_OK;
}

/* The median time of copying the picture. */
static double block_copy(struct easel *easel, int64_t duration_ns)
{
    static double times[PICTURE_MAX];
    uint32_t stride_size;
    const uint8_t *pixels = paint_pixels(easel->paint, &stride_size);
    uint32_t count = 0;
    int64_t until_ns = bench_now_ns() + duration_ns;
    while (count < PICTURE_MAX && (count == 0 || bench_now_ns() < until_ns)) {
        int64_t start_ns = bench_now_ns();
        memcpy(easel->copy, pixels, (size_t)WIDTH_PX * HEIGHT_PX * 4);
        __asm__ volatile("" : : "r"(easel->copy) : "memory"); /* the copy is not to be left out */
        times[count++] = (double)(bench_now_ns() - start_ns);
    }
    return bench_median(times, count);
}

/* One row for each pair; sorted by bench_median() in the end. */
struct series {
    double all_ns[PAIR_MAX];
    double brush_ns[PAIR_MAX];
    double one_ns[PAIR_MAX];
    double copy_ns[PAIR_MAX];
    double all_ratio[PAIR_MAX];
    double one_ratio[PAIR_MAX];
    double changed_px;
    uint32_t count;
};

static enum status pair_measure(struct easel *easel, int64_t duration_ns, struct series *series,
                                struct fault *fault)
{
    struct painted all = { 0 };
    struct painted one = { 0 };
    uint32_t i = series->count++;
    enum status status = block_paint(easel, ITEM_COUNT, duration_ns, &all, fault);
    if (status != STATUS_OK) {
        return status;
    }
    double copy_ns = block_copy(easel, duration_ns);
    status = block_paint(easel, 1, duration_ns, &one, fault);
    series->all_ns[i] = all.whole_ns;
    series->brush_ns[i] = all.brush_ns;
    series->one_ns[i] = one.whole_ns;
    series->copy_ns[i] = copy_ns;
    series->all_ratio[i] = all.whole_ns / copy_ns;
    series->one_ratio[i] = one.whole_ns / copy_ns;
    series->changed_px = all.changed_px;
    return status;
}

static void render_report(const struct bench *bench, struct series *series, double first_ns,
                          struct report *report)
{
    uint32_t count = series->count;
    snprintf(report->title, sizeof(report->title),
             "the board at 1920 x 1080, 11 criteria x 3 grades, %u pairs; on core %d",
             bench->options.pairs, bench->load_cpu);
    report->floor = bench_median(series->copy_ns, count) / 1e6;
    report->ratio = bench_median(series->all_ratio, count);
    double one_ratio = bench_median(series->one_ratio, count);
    report_put(report, "all_ms", "all rows changed: scene and paint",
               bench_median(series->all_ns, count) / 1e6, 3, "ms");
    report_put(report, "all_paint_ms", "  paint alone", bench_median(series->brush_ns, count) / 1e6,
               3, "ms");
    report_put(report, "all_changed_px", "  pixels changed", series->changed_px, 0, "px");
    report_put(report, "one_ms", "one row changed: scene and paint",
               bench_median(series->one_ns, count) / 1e6, 4, "ms");
    report_put(report, "copy_ms", "memcpy of a picture", report->floor, 3, "ms");
    report_put_goal(report, "all_ratio", "all rows / memcpy", report->ratio, 2, "x", "at most 2.0",
                    report->ratio <= ALL_MAX);
    report_put_goal(report, "one_ratio", "one row / memcpy", one_ratio, 3, "x", "at most 0.2",
                    one_ratio <= ONE_MAX);
    report_put(report, "first_ms", "the first picture, fonts loaded with it", first_ns / 1e6, 1,
               "ms");
}

enum status bench_render(const struct bench *bench, struct report *report, struct fault *fault)
{
    static struct easel easel;
    static struct series series;
    struct painted first = { 0 };
    int64_t duration_ns = (int64_t)(bench->options.seconds * 1e9);
    enum status status = easel_init(bench, &easel, fault);
    if (status == STATUS_OK) {
        status = picture_paint(&easel, &first, fault);
    }
    if (status == STATUS_OK) {
        status = pair_measure(&easel, duration_ns, &series, fault);
        series.count = 0; /* that one warmed up letters and memory */
    }
    for (uint32_t i = 0; i < bench->options.pairs && status == STATUS_OK; i++) {
        status = pair_measure(&easel, duration_ns, &series, fault);
    }
    if (status == STATUS_OK) {
        render_report(bench, &series, first.whole_ns, report);
    }
    easel_finish(&easel);
    return status;
}

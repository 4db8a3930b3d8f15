/*
 * render: the subject board at 1080p, painted while its figures change in every picture, against
 * copying a picture of that size.
 */
#include <stdio.h>
#include <string.h>

#include "clients/bench/easel.h"

#define PAIR_MAX 99
#define PICTURE_MAX 4096 /* of one block */
#define PICTURE_SIZE ((size_t)EASEL_WIDTH_PX * EASEL_HEIGHT_PX * 4)
#define ALL_MAX 2.0
#define ONE_MAX 0.2

/* Medians of one block, in ns; changed_px of a picture. */
struct painted {
    double whole_ns; /* scene and brush */
    double brush_ns;
    double changed_px;
};

/* Builds and paints the board as it stands; the times of both, and how much changed. */
static enum status picture_paint(struct easel *easel, struct painted *painted, struct fault *fault)
{
    struct easel_picture picture;
    enum status status = easel_paint(easel, &picture, fault);
    if (status != STATUS_OK) {
        return status;
    }
    painted->whole_ns = picture.scene_ns + picture.paint_ns;
    painted->brush_ns = picture.paint_ns;
    painted->changed_px = 0;
    for (uint32_t i = 0; i < picture.rect_count; i++) {
        painted->changed_px += (double)picture.rects[i].w * picture.rects[i].h;
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
        easel_change(easel, item_count);
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
    static uint8_t copy[PICTURE_SIZE];
    uint32_t stride_size;
    const uint8_t *pixels = paint_pixels(easel->paint, &stride_size);
    uint32_t count = 0;
    memset(copy, 0, sizeof(copy)); /* the system finds its pages */
    int64_t until_ns = bench_now_ns() + duration_ns;
    while (count < PICTURE_MAX && (count == 0 || bench_now_ns() < until_ns)) {
        int64_t start_ns = bench_now_ns();
        memcpy(copy, pixels, sizeof(copy));
        __asm__ volatile("" : : "r"(copy) : "memory"); /* the copy is not to be left out */
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
    enum status status = block_paint(easel, EASEL_ITEM_COUNT, duration_ns, &all, fault);
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

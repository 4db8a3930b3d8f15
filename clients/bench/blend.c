/*
 * blend: a frame of 1920 × 1080 with the subject board over it, from new figures to the bytes that
 * go out, against copying a frame; and the same board over the same clip by GStreamer's
 * GstVideoOverlayComposition.
 */
#include "overlay/blend.h"

#include <gst/video/video.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clients/bench/easel.h"
#include "overlay/planes.h"

#define PAIR_MAX 99
#define PICTURE_MAX 4096 /* of one block */
#define WIDTH_PX EASEL_WIDTH_PX
#define HEIGHT_PX EASEL_HEIGHT_PX
#define LUMA_SIZE ((size_t)WIDTH_PX * HEIGHT_PX)
#define FRAME_SIZE (LUMA_SIZE / 2 * 3)
#define CLIP_FRAMES 8 /* as many of a decoder's, and as many that go out: more than caches hold */
#define DIFFERENCE_MAX                                                                             \
    4                   /* steps of luma between both ways: GStreamer rounds to 8 bits more often */
#define VEIL_ALPHA 240u /* of 255; that of a panel over pictures */
#define CHANGED_MAX 6.0
#define STATIC_MAX 2.0
#define COMPOSITION_MIN 20.0

/*
 * clip, out    CLIP_FRAMES frames of I420 each, taken by turns
 * planes       the board, opaque as it is
 * veil         the same at VEIL_ALPHA, so that every byte of a frame has to be worked out
 * composition  GStreamer's, of the veil
 */
struct mixer {
    struct easel easel;
    struct planes planes;
    struct planes veil;
    uint8_t *clip;
    uint8_t *out;
    uint32_t turn;
    GstVideoOverlayComposition *composition;
};

/* Medians of one block, in ns. */
struct changed {
    double scene_ns, paint_ns, convert_ns, blend_ns, whole_ns;
};

static int64_t cpu_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static struct picture picture_at(uint8_t *frames, uint32_t turn)
{
    uint8_t *y = frames + turn % CLIP_FRAMES * FRAME_SIZE;
    return (struct picture){ y, y + LUMA_SIZE, y + LUMA_SIZE / 4 * 5, WIDTH_PX, WIDTH_PX / 2 };
}

/* A moving picture of legal levels: a gradient that wanders, with noise on it. */
static void clip_draw(uint8_t *clip)
{
    uint32_t noise = 1;
    for (size_t i = 0; i < CLIP_FRAMES * FRAME_SIZE; i++) {
        noise = noise * 1664525u + 1013904223u;
        clip[i] = (uint8_t)(40 + (i / 8 + i / FRAME_SIZE * 17) % 160 + (noise >> 29));
    }
}

static enum status mixer_init(const struct bench *bench, struct mixer *mixer, struct fault *fault)
{
    enum status status = easel_init(bench, &mixer->easel, fault);
    if (status != STATUS_OK) {
        return status;
    }
    mixer->clip = malloc(CLIP_FRAMES * FRAME_SIZE);
    mixer->out = malloc(CLIP_FRAMES * FRAME_SIZE);
    if (mixer->clip == NULL || mixer->out == NULL ||
        planes_init(&mixer->planes, PLANE_YUV, WIDTH_PX, HEIGHT_PX, COLOUR_BT709, false, false) !=
            STATUS_OK ||
        planes_init(&mixer->veil, PLANE_YUV, WIDTH_PX, HEIGHT_PX, COLOUR_BT709, false, false) !=
            STATUS_OK) {
        return fault_set(fault, STATUS_NOMEM, "", "no memory for frames");
    }
    clip_draw(mixer->clip);
    memcpy(mixer->out, mixer->clip, CLIP_FRAMES * FRAME_SIZE);
    return STATUS_OK;
}

static void mixer_finish(struct mixer *mixer)
{
    if (mixer->composition != NULL) {
        gst_video_overlay_composition_unref(mixer->composition);
    }
    planes_finish(&mixer->planes);
    planes_finish(&mixer->veil);
    free(mixer->clip);
    free(mixer->out);
    easel_finish(&mixer->easel);
}

/* New figures in every row, and all that it takes until they are in a frame. */
static enum status frame_change(struct mixer *mixer, struct changed *changed, struct fault *fault)
{
    struct easel_picture picture;
    uint32_t stride_size;
    easel_change(&mixer->easel, EASEL_ITEM_COUNT);
    enum status status = easel_paint(&mixer->easel, &picture, fault);
    if (status != STATUS_OK) {
        return status;
    }
    const uint8_t *pixels = paint_pixels(mixer->easel.paint, &stride_size);
    struct picture under = picture_at(mixer->clip, mixer->turn);
    struct picture out = picture_at(mixer->out, mixer->turn++);
    int64_t start_ns = bench_now_ns();
    planes_convert(&mixer->planes, pixels, picture.rects, picture.rect_count);
    int64_t converted_ns = bench_now_ns();
    blend(&mixer->planes, LINES_ALL, WIDTH_PX, HEIGHT_PX, &under, &out);
    int64_t end_ns = bench_now_ns();
    *changed = (struct changed){ .scene_ns = picture.scene_ns,
                                 .paint_ns = picture.paint_ns,
                                 .convert_ns = (double)(converted_ns - start_ns),
                                 .blend_ns = (double)(end_ns - converted_ns) };
    changed->whole_ns = picture.scene_ns + picture.paint_ns + (double)(end_ns - start_ns);
    return STATUS_OK;
}

static enum status block_change(struct mixer *mixer, int64_t duration_ns, struct changed *medians,
                                struct fault *fault)
{
    static double times[5][PICTURE_MAX];
    uint32_t count = 0;
    int64_t until_ns = bench_now_ns() + duration_ns;
    while (count < PICTURE_MAX && (count == 0 || bench_now_ns() < until_ns)) {
        struct changed one;
        enum status status = frame_change(mixer, &one, fault);
        if (status != STATUS_OK) {
            return status;
        }
        times[0][count] = one.scene_ns;
        times[1][count] = one.paint_ns;
        times[2][count] = one.convert_ns;
        times[3][count] = one.blend_ns;
        times[4][count++] = one.whole_ns;
    }
    *medians = (struct changed){ bench_median(times[0], count), bench_median(times[1], count),
                                 bench_median(times[2], count), bench_median(times[3], count),
                                 bench_median(times[4], count) };
    return STATUS_OK;
}

/* What one frame of a block is made by. */
enum way { WAY_COPY, WAY_BOARD, WAY_VEIL, WAY_VEIL_IN_PLACE, WAY_COMPOSITION };

static bool frame_compose(struct mixer *mixer, uint8_t *frame)
{
    GstVideoInfo info;
    GstVideoFrame mapped;
    gst_video_info_set_format(&info, GST_VIDEO_FORMAT_I420, WIDTH_PX, HEIGHT_PX);
    GstBuffer *buffer =
        gst_buffer_new_wrapped_full(0, frame, FRAME_SIZE, 0, FRAME_SIZE, NULL, NULL);
    bool is_done = gst_video_frame_map(&mapped, &info, buffer, GST_MAP_READWRITE);
    if (is_done) {
        is_done = gst_video_overlay_composition_blend(mixer->composition, &mapped);
        gst_video_frame_unmap(&mapped);
    }
    gst_buffer_unref(buffer);
    return is_done;
}

static bool frame_make(struct mixer *mixer, enum way way)
{
    struct picture under = picture_at(mixer->clip, mixer->turn);
    struct picture out = picture_at(mixer->out, mixer->turn++);
    bool is_made = true;
    switch (way) {
    case WAY_COPY:
        memcpy(out.y, under.y, FRAME_SIZE);
        break;
    case WAY_BOARD:
        blend(&mixer->planes, LINES_ALL, WIDTH_PX, HEIGHT_PX, &under, &out);
        break;
    case WAY_VEIL:
        blend(&mixer->veil, LINES_ALL, WIDTH_PX, HEIGHT_PX, &under, &out);
        break;
    case WAY_VEIL_IN_PLACE:
        blend(&mixer->veil, LINES_ALL, WIDTH_PX, HEIGHT_PX, &out, &out);
        break;
    case WAY_COMPOSITION:
        is_made = frame_compose(mixer, out.y);
        break;
    }
    __asm__ volatile("" : : "r"(out.y) : "memory"); /* the frame is not to be left out */
    return is_made;
}

/* The median time of making a frame, of this thread's CPU. */
static enum status block_make(struct mixer *mixer, enum way way, int64_t duration_ns,
                              double *median_ns, struct fault *fault)
{
    static double times[PICTURE_MAX];
    uint32_t count = 0;
    int64_t until_ns = bench_now_ns() + duration_ns;
    while (count < PICTURE_MAX && (count == 0 || bench_now_ns() < until_ns)) {
        int64_t start_ns = cpu_now_ns();
        if (!frame_make(mixer, way)) {
            return fault_set(fault, STATUS_IO, "", "GStreamer could not blend");
        }
        times[count++] = (double)(cpu_now_ns() - start_ns);
    }
    *median_ns = bench_median(times, count);
    return STATUS_OK;
}

/* The veil as GStreamer's overlay. */
static GstVideoOverlayComposition *composition_make(const uint32_t *pixels)
{
    GstBuffer *buffer = gst_buffer_new_memdup(pixels, LUMA_SIZE * 4);
    gst_buffer_add_video_meta(buffer, GST_VIDEO_FRAME_FLAG_NONE,
                              GST_VIDEO_OVERLAY_COMPOSITION_FORMAT_RGB, WIDTH_PX, HEIGHT_PX);
    GstVideoOverlayRectangle *rectangle = gst_video_overlay_rectangle_new_raw(
        buffer, 0, 0, WIDTH_PX, HEIGHT_PX, GST_VIDEO_OVERLAY_FORMAT_FLAG_PREMULTIPLIED_ALPHA);
    gst_buffer_unref(buffer);
    GstVideoOverlayComposition *composition = gst_video_overlay_composition_new(rectangle);
    gst_video_overlay_rectangle_unref(rectangle);
    return composition;
}

/* Both ways must make the same frame of the same one, or one of them does less. */
static enum status ways_compare(struct mixer *mixer, struct fault *fault)
{
    static uint8_t ours[LUMA_SIZE];
    mixer->turn = 0;
    if (!frame_make(mixer, WAY_VEIL)) {
        return fault_set(fault, STATUS_INVALID, "", "the board was not blended");
    }
    memcpy(ours, mixer->out, LUMA_SIZE);
    memcpy(mixer->out, mixer->clip, FRAME_SIZE);
    mixer->turn = 0;
    if (!frame_make(mixer, WAY_COMPOSITION)) {
        return fault_set(fault, STATUS_IO, "", "GStreamer could not blend");
    }
    for (size_t i = 0; i < LUMA_SIZE; i++) {
        if (abs(ours[i] - mixer->out[i]) > DIFFERENCE_MAX) {
            return fault_set(
                fault, STATUS_INVALID, "",
                "GStreamer's frame is not ours: luma %u and %u at column %zu, line %zu",
                mixer->out[i], ours[i], i % WIDTH_PX, i / WIDTH_PX);
        }
    }
    return STATUS_OK;
}

/* The board as it stands, made a veil. */
static enum status veil_make(struct mixer *mixer, struct fault *fault)
{
    uint32_t stride_size;
    const uint8_t *pixels = paint_pixels(mixer->easel.paint, &stride_size);
    uint8_t *veil = malloc(LUMA_SIZE * 4);
    if (veil == NULL) {
        return fault_set(fault, STATUS_NOMEM, "", "no memory for a picture");
    }
    for (size_t i = 0; i < LUMA_SIZE * 4; i++) {
        veil[i] = (uint8_t)((pixels[i] * VEIL_ALPHA + 127) / 255);
    }
    struct rect all = { 0, 0, (int32_t)WIDTH_PX, (int32_t)HEIGHT_PX };
    planes_convert(&mixer->veil, veil, &all, 1);
    mixer->composition = composition_make((const uint32_t *)(const void *)veil);
    free(veil);
    return ways_compare(mixer, fault);
}

/* One row for each pair; sorted by bench_median() in the end. */
struct series {
    double parts[5][PAIR_MAX];
    double copy_ns[PAIR_MAX];
    double board_ns[PAIR_MAX];
    double veil_ns[PAIR_MAX];
    double place_ns[PAIR_MAX];
    double compose_ns[PAIR_MAX];
    double changed_ratio[PAIR_MAX];
    double board_ratio[PAIR_MAX];
    double veil_ratio[PAIR_MAX];
    double compose_ratio[PAIR_MAX];
    uint32_t count;
};

static enum status pair_measure(struct mixer *mixer, int64_t duration_ns, struct series *series,
                                struct fault *fault)
{
    struct changed changed = { 0 };
    uint32_t i = series->count++;
    enum status status = block_change(mixer, duration_ns, &changed, fault);
    const struct {
        enum way way;
        double *median_ns;
    } blocks[] = { { WAY_COPY, &series->copy_ns[i] },
                   { WAY_BOARD, &series->board_ns[i] },
                   { WAY_VEIL, &series->veil_ns[i] },
                   { WAY_VEIL_IN_PLACE, &series->place_ns[i] },
                   { WAY_COMPOSITION, &series->compose_ns[i] } };
    for (size_t k = 0; k < sizeof(blocks) / sizeof(blocks[0]) && status == STATUS_OK; k++) {
        status = block_make(mixer, blocks[k].way, duration_ns, blocks[k].median_ns, fault);
    }
    const double parts[5] = { changed.scene_ns, changed.paint_ns, changed.convert_ns,
                              changed.blend_ns, changed.whole_ns };
    for (uint32_t k = 0; k < 5; k++) {
        series->parts[k][i] = parts[k];
    }
    series->changed_ratio[i] = changed.whole_ns / series->copy_ns[i];
    series->board_ratio[i] = series->board_ns[i] / series->copy_ns[i];
    series->veil_ratio[i] = series->veil_ns[i] / series->copy_ns[i];
    series->compose_ratio[i] = series->compose_ns[i] / series->place_ns[i];
    return status;
}

static void blend_report(const struct bench *bench, struct series *series, struct report *report)
{
    static const struct {
        const char *name, *label;
    } parts[] = { { "scene_ms", "  its scene" },
                  { "paint_ms", "  its paint" },
                  { "convert_ms", "  its conversion to Y'CbCr with alpha" },
                  { "blend_ms", "  its blend" },
                  { "changed_ms", "all rows changed: from figures to the frame" } };
    uint32_t count = series->count;
    snprintf(report->title, sizeof(report->title),
             "the board over frames of 1920 x 1080, I420, %u pairs; on core %d",
             bench->options.pairs, bench->load_cpu);
    report->floor = bench_median(series->copy_ns, count) / 1e6;
    report->ratio = bench_median(series->changed_ratio, count);
    double board_ratio = bench_median(series->board_ratio, count);
    double veil_ratio = bench_median(series->veil_ratio, count);
    double compose_ratio = bench_median(series->compose_ratio, count);
    for (uint32_t k = 5; k-- > 0;) {
        report_put(report, parts[k].name, parts[k].label,
                   bench_median(series->parts[k], count) / 1e6, 4, "ms");
    }
    report_put(report, "static_ms", "the board stands still: its blend",
               bench_median(series->board_ns, count) / 1e6, 3, "ms");
    report_put(report, "veil_ms", "the same where nothing of it is opaque",
               bench_median(series->veil_ns, count) / 1e6, 3, "ms");
    report_put(report, "copy_ms", "memcpy of a frame", report->floor, 3, "ms");
    report_put(report, "in_place_ms", "nothing opaque, blended where the frame lies",
               bench_median(series->place_ns, count) / 1e6, 3, "ms");
    report_put(report, "composition_ms", "the same by GstVideoOverlayComposition",
               bench_median(series->compose_ns, count) / 1e6, 3, "ms");
    report_put_goal(report, "changed_ratio", "all rows changed / memcpy", report->ratio, 2, "x",
                    "at most 6.0", report->ratio <= CHANGED_MAX);
    report_put_goal(report, "static_ratio", "standing still / memcpy", board_ratio, 2, "x",
                    "at most 2.0", board_ratio <= STATIC_MAX);
    report_put(report, "veil_ratio", "standing still, nothing opaque / memcpy", veil_ratio, 2, "x");
    report_put_goal(report, "composition_ratio", "GStreamer's CPU / ours", compose_ratio, 1, "x",
                    "at least 20", compose_ratio >= COMPOSITION_MIN);
}

enum status bench_blend(const struct bench *bench, struct report *report, struct fault *fault)
{
    static struct mixer mixer;
    static struct series series;
    int64_t duration_ns = (int64_t)(bench->options.seconds * 1e9);
    gst_init(NULL, NULL);
    enum status status = mixer_init(bench, &mixer, fault);
    struct changed first;
    if (status == STATUS_OK) {
        status = frame_change(&mixer, &first, fault);
    }
    if (status == STATUS_OK) {
        status = veil_make(&mixer, fault);
    }
    if (status == STATUS_OK) {
        status = pair_measure(&mixer, duration_ns, &series, fault);
        series.count = 0; /* that one warmed up letters and memory */
    }
    for (uint32_t i = 0; i < bench->options.pairs && status == STATUS_OK; i++) {
        status = pair_measure(&mixer, duration_ns, &series, fault);
    }
    if (status == STATUS_OK) {
        blend_report(bench, &series, report);
    }
    mixer_finish(&mixer);
    return status;
}

#include "clients/bench/easel.h"

#include <stdio.h>
#include <string.h>

#include "clients/bench/event_writer.h"
#include "clients/bench/stage.h"
#include "overlay/text.h"
#include "server/protocol/event_file.h"

#define TICK_NS 20000000 /* 1080p50 */
#define START_NS INT64_C(1000000000000)
#define SEATS 1995u
#define GRADE_COUNT 3

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

void easel_change(struct easel *easel, uint32_t item_count)
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
    live->item_count = EASEL_ITEM_COUNT;
    live->grade_count = GRADE_COUNT;
    live->opened_ms = 1;
    easel->now_ns = START_NS;
    easel_change(easel, EASEL_ITEM_COUNT);
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

enum status easel_init(const struct bench *bench, struct easel *easel, struct fault *fault)
{
    enum status status = theme_load(NULL, &easel->theme, fault);
    if (status == STATUS_OK) {
        status = event_make(bench, easel, fault);
    }
    if (status == STATUS_OK) {
        status = paint_create(&easel->theme, EASEL_WIDTH_PX, EASEL_HEIGHT_PX, &easel->paint, fault);
    }
    if (status != STATUS_OK) {
        return status;
    }
    view_init(easel);
    return STATUS_OK;
}

void easel_finish(struct easel *easel)
{
    paint_destroy(easel->paint);
    event_destroy(easel->event);
}

enum status easel_paint(struct easel *easel, struct easel_picture *picture, struct fault *fault)
{
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
    scene_scale(&easel->scene, easel->theme.width_px, EASEL_WIDTH_PX, EASEL_HEIGHT_PX);
    int64_t built_ns = bench_now_ns();
    picture->rect_count = 0;
    enum status status =
        paint_draw(easel->paint, &easel->scene, picture->rects, &picture->rect_count);
    int64_t end_ns = bench_now_ns();
    if (status != STATUS_OK || picture->rect_count == 0 || easel->scene.node_count == 0) {
        return fault_set(fault, STATUS_INVALID, "", "the board was not painted");
    }
    picture->scene_ns = (double)(built_ns - start_ns);
    picture->paint_ns = (double)(end_ns - built_ns);
    return STATUS_OK;
}

#pragma once

#include "clients/bench/bench.h"
#include "overlay/paint.h"
#include "overlay/scene.h"
#include "overlay/scene_motion.h"
#include "overlay/theme.h"
#include "server/model/event.h"

/*
 * The subject board of the demo's appraisal, 11 criteria and 3 grades at 1920 × 1080, painted with
 * figures that change: what the benchmarks of the overlay draw. One thread.
 */
#define EASEL_WIDTH_PX 1920u
#define EASEL_HEIGHT_PX 1080u
#define EASEL_ITEM_COUNT 11

/* What is painted with. now_ns: the picture's own time, a tick of 1080p50 more at each change. */
struct easel {
    struct theme theme;
    struct event *event;
    struct view view;
    struct motion motion;
    struct paint *paint;
    struct scene scene;
    int64_t now_ns;
    uint32_t turn;
};

/* What one picture took, and what of it changed. */
struct easel_picture {
    double scene_ns;
    double paint_ns;
    struct rect rects[GRAPHIC_RECT_MAX];
    uint32_t rect_count;
};

/* Reads the event by a scratch directory of the bench. Errors: as those of its parts. */
MUST_CHECK enum status easel_init(const struct bench *bench, struct easel *easel,
                                  struct fault *fault);
void easel_finish(struct easel *easel);

/* New figures in the first `item_count` rows; time goes on by a tick. */
void easel_change(struct easel *easel, uint32_t item_count);

/* Builds and paints the board as it stands. STATUS_INVALID: nothing was painted. */
MUST_CHECK enum status easel_paint(struct easel *easel, struct easel_picture *picture,
                                   struct fault *fault);

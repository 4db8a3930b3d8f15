#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "overlay/scene.h"
#include "server/model/programme.h"

/*
 * The stage: which scenes are on, which come and which go, layer by layer, of one bus. Pure: the
 * time is passed in.
 *
 * A take is shown once all that its scene needs is here. What was on leaves first (out_ms), then
 * the new one enters; a ground or panel both have stays. A scene that waits longer than
 * STAGE_WAIT_MS for what it needs lets the old one leave without it. What was taken long before
 * this stage was made stands as if it had been here all the time: pages and turns go on, from the
 * first continue of a take on by further ones only.
 */
#define STAGE_WAIT_MS 1000
#define STAGE_OLD_MS 2000    /* a take older than this when first heard of does not enter */
#define STAGE_LIFT_PX 84 /* how far the lower layer moves up while a crawl runs under it */
#define STAGE_UNKNOWN_MS 3602000 /* the age of a take whose clock is not ours: it stands */

struct stage_scene {
    bool is_on;
    struct layer_state state;
    int64_t entered_ns;
    int64_t left_ns;
    uint32_t slot;
    bool keeps_panel;
    int64_t held_ns;      /* the first continue of its take, 0: none */
    int64_t continued_ns; /* the last */
};

struct stage_layer {
    struct layer_state wanted;
    int64_t wanted_ns;  /* when it was heard */
    int64_t still_ns;   /* not 0: it stands since then, without an entrance */
    bool is_settled;    /* what is wanted is on, or nothing is */
    struct stage_scene on;
    struct stage_scene leaving;
};

struct stage {
    bool has_heard;
    struct stage_layer layers[LAYER_COUNT];
};

void stage_init(struct stage *stage);

/*
 * The programme was heard. real_ms: Unix time now, to judge how old the takes of the first
 * programme are.
 */
void stage_apply(struct stage *stage, const struct layer_state layers[LAYER_COUNT],
                 int64_t real_ms, int64_t now_ns);

/* Moves on to data->now_ns: starts and ends entrances and exits. */
void stage_step(struct stage *stage, const struct scene_data *data);

/* Adds all that is on, bottom to top. */
void stage_add(const struct stage *stage, const struct scene_data *data, struct scene *scene);

/* Whether a wanted scene still waits for what it needs. `layer` (may be NULL): the first such. */
bool stage_is_waiting(const struct stage *stage, enum layer *layer);

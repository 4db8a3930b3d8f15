#include "overlay/scene_stage.h"

#include <string.h>

#include "overlay/scene_pen.h"

#define MS INT64_C(1000000)
#define DAY_MS (INT64_C(24) * 3600 * 1000)

void stage_init(struct stage *stage)
{
    memset(stage, 0, sizeof(*stage));
    for (uint32_t i = 0; i < LAYER_COUNT; i++) {
        stage->layers[i].is_settled = true;
    }
}

static bool states_are_same(const struct layer_state *a, const struct layer_state *b)
{
    return a->is_taken == b->is_taken && a->take == b->take && a->scene == b->scene &&
           strcmp(a->params, b->params) == 0;
}

/* What is on, or still waits, was continued: it goes on where it is, and does not enter anew. */
static void layer_continue(struct stage_layer *layer, const struct layer_state *state,
                           int64_t now_ns)
{
    if (state->step == layer->wanted.step) {
        return;
    }
    layer->wanted = *state;
    if (layer->is_settled && layer->on.is_on) {
        layer->on.state = *state;
        layer->on.held_ns = layer->on.held_ns != 0 ? layer->on.held_ns : now_ns;
        layer->on.continued_ns = now_ns;
    }
}

/* The age of what is to stand. */
static int64_t still_age_ms(int64_t age_ms)
{
    return age_ms < 0 ? STAGE_UNKNOWN_MS : age_ms > DAY_MS ? DAY_MS : age_ms;
}

void stage_apply(struct stage *stage, const struct layer_state layers[LAYER_COUNT],
                 int64_t real_ms, int64_t now_ns)
{
    for (uint32_t i = LAYER_FULLSCREEN; i < LAYER_COUNT; i++) {
        struct stage_layer *layer = &stage->layers[i];
        if (states_are_same(&layer->wanted, &layers[i])) {
            layer_continue(layer, &layers[i], now_ns);
            continue;
        }
        int64_t age_ms = real_ms - layers[i].taken_ms;
        bool is_old = !stage->has_heard && (age_ms > STAGE_OLD_MS || age_ms < -STAGE_OLD_MS);
        layer->wanted = layers[i];
        layer->wanted_ns = now_ns;
        layer->still_ns = is_old ? now_ns - still_age_ms(age_ms) * MS : 0;
        layer->is_settled = false;
    }
    stage->has_heard = true;
}

/* Whether the scene stands on the full-screen ground. */
static bool is_on_ground(enum scene_kind kind)
{
    return kind == SCENE_BOARD || kind == SCENE_MATRIX || kind == SCENE_NOTICE ||
           kind == SCENE_RACE || kind == SCENE_RESULT;
}

/* The ground or panel of both scenes is the same. */
static bool panels_are_same(enum scene_kind a, enum scene_kind b)
{
    return (is_on_ground(a) && is_on_ground(b)) || (a == b && a == SCENE_STRIP);
}

static void scene_leave(struct stage_layer *layer, int64_t now_ns)
{
    layer->leaving = layer->on;
    layer->leaving.left_ns = now_ns;
    layer->leaving.keeps_panel = false;
    layer->on.is_on = false;
}

/* It was continued before it came up here: as long ago as the server says, where it stands. */
static void steps_take(struct stage_scene *next, bool is_still)
{
    const struct layer_state *state = &next->state;
    int64_t held_ms = is_still ? state->held_ms - state->taken_ms : 0;
    int64_t continued_ms = is_still ? state->continued_ms - state->taken_ms : 0;
    if (state->step > 0) {
        next->held_ns = next->entered_ns + (held_ms > 0 ? held_ms : 0) * MS;
        next->continued_ns = next->entered_ns + (continued_ms > 0 ? continued_ms : 0) * MS;
    }
}

static void scene_enter(struct stage_layer *layer, const struct scene_data *data)
{
    int64_t out_ns = data->theme->out_ms * MS;
    struct stage_scene next = { .is_on = true,
                                .state = layer->wanted,
                                .entered_ns = data->now_ns,
                                .slot = layer->on.slot ^ 1 };
    bool has_entered = layer->on.is_on && layer->on.entered_ns <= data->now_ns;
    if (layer->still_ns != 0) {
        next.entered_ns = layer->still_ns;
        steps_take(&next, true);
        layer->leaving.is_on = false;
        layer->on = next;
        return;
    }
    if (has_entered) {
        scene_leave(layer, data->now_ns);
    } else if (layer->on.is_on) {
        next.slot = layer->on.slot; /* it had not begun to enter: nobody saw it */
    }
    if (layer->leaving.is_on) {
        next.entered_ns = layer->leaving.left_ns + out_ns;
        next.keeps_panel = (has_entered || layer->leaving.keeps_panel) &&
                           panels_are_same(layer->leaving.state.scene, next.state.scene);
        layer->leaving.keeps_panel = next.keeps_panel;
    }
    steps_take(&next, false);
    layer->on = next;
}

static void layer_step(struct stage_layer *layer, const struct scene_data *data)
{
    int64_t now_ns = data->now_ns;
    if (layer->leaving.is_on && now_ns - layer->leaving.left_ns >= data->theme->out_ms * MS) {
        layer->leaving.is_on = false;
    }
    if (layer->is_settled) {
        return;
    }
    if (!layer->wanted.is_taken) {
        if (layer->on.is_on && layer->on.entered_ns <= now_ns) {
            scene_leave(layer, now_ns);
        }
        layer->leaving.keeps_panel = false; /* nothing follows that would keep it */
        layer->on.is_on = false;
        layer->is_settled = true;
    } else if (scene_is_ready(data, layer->wanted.scene, layer->wanted.params)) {
        scene_enter(layer, data);
        layer->is_settled = true;
    } else if (layer->on.is_on && now_ns - layer->wanted_ns >= STAGE_WAIT_MS * MS) {
        scene_leave(layer, now_ns);
    }
}

void stage_step(struct stage *stage, const struct scene_data *data)
{
    for (uint32_t i = LAYER_FULLSCREEN; i < LAYER_COUNT; i++) {
        layer_step(&stage->layers[i], data);
    }
}

static struct scene_cue cue_of(const struct stage_scene *on, enum layer layer)
{
    return (struct scene_cue){ .kind = on->state.scene,
                               .layer = layer,
                               .slot = on->slot,
                               .params = on->state.params,
                               .entered_ns = on->entered_ns,
                               .left_ns = on->left_ns,
                               .keeps_panel = on->keeps_panel,
                               .taken_ms = on->state.taken_ms,
                               .step = on->state.step,
                               .held_ns = on->held_ns,
                               .continued_ns = on->continued_ns };
}

static int32_t lift_of(const struct stage_scene *on, const struct scene_data *data)
{
    struct scene_cue cue = cue_of(on, LAYER_CRAWL);
    bool is_here = on->is_on && on->entered_ns <= data->now_ns && cue.kind == SCENE_CRAWL &&
                   scene_is_ready(data, cue.kind, cue.params);
    return is_here ? STAGE_LIFT_PX * crawl_opacity(data, &cue) / 255 / 2 * 2 : 0;
}

/* What stands in the lower layer makes room for the crawl, by whole pairs of lines. */
static void lower_lift(const struct stage *stage, const struct scene_data *data,
                       struct scene *scene, uint32_t first)
{
    const struct stage_layer *crawl = &stage->layers[LAYER_CRAWL];
    int32_t on = lift_of(&crawl->on, data);
    int32_t leaving = lift_of(&crawl->leaving, data);
    int32_t lift = on > leaving ? on : leaving;
    for (uint32_t i = first; lift > 0 && i < scene->node_count; i++) {
        scene->nodes[i].box.y -= lift;
        scene->nodes[i].baseline_px -= lift;
    }
}

static void scene_put(const struct stage_scene *on, enum layer layer,
                      const struct scene_data *data, struct scene *scene)
{
    struct scene_cue cue = cue_of(on, layer);
    scene_add(scene, data, &cue);
}

void stage_add(const struct stage *stage, const struct scene_data *data, struct scene *scene)
{
    for (uint32_t i = LAYER_FULLSCREEN; i < LAYER_COUNT; i++) {
        const struct stage_layer *layer = &stage->layers[i];
        uint32_t first = scene->node_count;
        if (layer->leaving.is_on) {
            scene_put(&layer->leaving, (enum layer)i, data, scene);
        }
        if (layer->on.is_on && layer->on.entered_ns <= data->now_ns) {
            scene_put(&layer->on, (enum layer)i, data, scene);
        }
        if (i == LAYER_LOWER) {
            lower_lift(stage, data, scene, first);
        }
    }
}

bool stage_is_waiting(const struct stage *stage, enum layer *layer)
{
    for (uint32_t i = LAYER_FULLSCREEN; i < LAYER_COUNT; i++) {
        if (!stage->layers[i].is_settled) {
            if (layer != NULL) {
                *layer = (enum layer)i;
            }
            return true;
        }
    }
    return false;
}

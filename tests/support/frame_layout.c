#include "tests/support/frame_layout.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "overlay/latest.h"
#include "overlay/scene_pen.h"
#include "overlay/theme.h"
#include "server/protocol/message.h"

#define NOW_NS INT64_C(86400000000000)
#define OTHER_EPOCH 88888888u
#define OTHER_TIME_S 86399u

/* What is built twice, and with what. */
struct plan {
    const struct frame_layout_options *options;
    struct theme theme;
    struct latest *latest;
    struct text_engine *engine;
    struct scene *first;
    struct scene *second;
};

static enum status document_take(const char *path, struct latest *latest, struct fault *fault)
{
    FILE *file = fopen(path, "rb");
    char *text = malloc(DOCUMENT_SIZE_MAX + 1);
    struct document *document = calloc(1, sizeof(*document));
    enum status status = STATUS_OK;
    if (file == NULL || text == NULL || document == NULL) {
        status = fault_set(fault, STATUS_IO, "", "cannot open '%s': %s", path, strerror(errno));
    } else {
        size_t size = fread(text, 1, DOCUMENT_SIZE_MAX + 1, file);
        status = document_decode(text, size, document, fault);
        if (status == STATUS_OK) {
            if (latest_put_document(latest, document, NOW_NS) != LATEST_TAKEN) {
                status = fault_set(fault, STATUS_INVALID, "", "'%s' is not sound", path);
            }
            document_finish(document);
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    free(document);
    free(text);
    return status;
}

/* Every figure of a live round another one, within what is sound to show. */
static void view_change(struct view *view)
{
    struct figures *live = &view->live;
    view->epoch = OTHER_EPOCH;
    live->cast_count = live->cast_count == live->registered ? 1 : live->registered;
    for (uint32_t i = 0; i < live->item_count; i++) {
        struct item_figures *item = &live->items[i];
        item->valid += 6;
        for (uint32_t g = 0; g < live->grade_count; g++) {
            item->counts[g] = item->valid * (g + 1) / (live->grade_count * (live->grade_count + 1));
        }
    }
}

static enum status scene_make(const struct plan *plan, bool is_other, struct scene *scene,
                              struct fault *fault)
{
    static struct view other;
    const struct frame_layout_options *options = plan->options;
    struct scene_data data = { .theme = &plan->theme,
                               .language = LANGUAGE_ZH_CN,
                               .measure = text_engine_measure,
                               .measure_ctx = plan->engine,
                               .now_ns = NOW_NS };
    struct scene_cue cue = { .kind = options->scene,
                             .layer = LAYER_LOWER,
                             .params = options->params,
                             .entered_ns = NOW_NS - INT64_C(3600000000000) };
    latest_data(plan->latest, &data);
    if (!scene_is_ready(&data, options->scene, options->params)) {
        return fault_set(fault, STATUS_NOT_FOUND, "", "the document has not what the scene needs");
    }
    if (is_other) {
        other = *data.view;
        view_change(&other);
        data.view = &other;
        data.time_of_day_s = OTHER_TIME_S;
    }
    data.motion = NULL;
    scene_clear(scene);
    scene_add(scene, &data, &cue);
    scene_scale(scene, plan->theme.width_px, options->width_px, options->height_px);
    return scene->node_count > 0
               ? STATUS_OK
               : fault_set(fault, STATUS_INVALID, "", "the scene has nothing to show");
}

static struct rect rect_union(struct rect a, struct rect b)
{
    int32_t left = a.x < b.x ? a.x : b.x, top = a.y < b.y ? a.y : b.y;
    int32_t right = a.x + a.w > b.x + b.w ? a.x + a.w : b.x + b.w;
    int32_t bottom = a.y + a.h > b.y + b.h ? a.y + a.h : b.y + b.h;
    return a.w == 0 ? b : (struct rect){ left, top, right - left, bottom - top };
}

static bool rect_holds(const struct rect *outer, const struct rect *inner)
{
    return inner->x >= outer->x && inner->y >= outer->y &&
           inner->x + inner->w <= outer->x + outer->w && inner->y + inner->h <= outer->y + outer->h;
}

static struct rect node_bounds(const struct node *node)
{
    int32_t reach = node->kind == NODE_TEXT ? NODE_OVERHANG_PX : 4;
    const struct rect *box = &node->box;
    return (struct rect){ box->x - reach, box->y - 4, box->w + 2 * reach, box->h + 8 };
}

static const struct node *node_find(const struct scene *scene, uint32_t key)
{
    for (uint32_t i = 0; i < scene->node_count; i++) {
        if (scene->nodes[i].key == key) {
            return &scene->nodes[i];
        }
    }
    return NULL;
}

static bool is_same(const struct scene *a_scene, const struct node *a, const struct scene *b_scene,
                    const struct node *b)
{
    return memcmp(&a->box, &b->box, sizeof(a->box)) == 0 && a->colour == b->colour &&
           a->text_size == b->text_size &&
           memcmp(a_scene->texts + a->text, b_scene->texts + b->text, a->text_size) == 0;
}

/* Luma of a colour over another; both as R, G, B of 0 .. 255. */
static void colour_lay(double under[3], uint32_t colour, double opacity)
{
    double alpha = (colour >> 24) / 255.0 * opacity;
    for (uint32_t i = 0; i < 3; i++) {
        under[i] += alpha * ((double)(colour >> (16 - 8 * i) & 255) - under[i]);
    }
}

static double luma(const double rgb[3])
{
    return 16 + 219 * (0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]) / 255;
}

/* The last rectangle below node `at` that holds it, or its own box. */
static struct rect panel_find(const struct scene *scene, uint32_t at)
{
    for (uint32_t i = at; i-- > 0;) {
        if (scene->nodes[i].kind == NODE_RECT &&
            rect_holds(&scene->nodes[i].box, &scene->nodes[at].box)) {
            return scene->nodes[i].box;
        }
    }
    return scene->nodes[at].box;
}

static void place_name(const struct scene *scene, const struct node *node, char name[32])
{
    uint32_t part = node->key >> 20 & 127, row = node->key >> 10 & 1023, column = node->key & 1023;
    if (part == PART_TIME) {
        bool is_time = strchr(scene->texts + node->text, ':') != NULL;
        snprintf(name, 32, "%s", is_time ? "time" : "epoch");
    } else if (part == PART_TURNOUT) {
        snprintf(name, 32, "cast");
    } else if (part == PART_FIGURE && row == 0) {
        snprintf(name, 32, "share%u", column);
    } else {
        snprintf(name, 32, "%u.%u.%u", part, row, column);
    }
}

static enum status place_put(const struct plan *plan, uint32_t at, struct frame_layout *layout,
                             struct fault *fault)
{
    const struct scene *scene = plan->first;
    const struct node *node = &scene->nodes[at];
    if (layout->place_count == LAYOUT_PLACE_MAX) {
        return fault_set(fault, STATUS_LIMIT, "", "more than %d figures", LAYOUT_PLACE_MAX);
    }
    struct place *place = &layout->places[layout->place_count++];
    *place = (struct place){ .box = node->box,
                             .baseline_px = node->baseline_px,
                             .size_px = node->size_px,
                             .is_bold = node->is_bold,
                             .is_right = node->align == ALIGN_RIGHT };
    place_name(scene, node, place->name);
    double colour[3] = { 0 };
    colour_lay(colour, 0xff000000u | plan->options->background, 1);
    for (uint32_t i = 0; i < at; i++) {
        const struct node *below = &scene->nodes[i];
        if (below->kind == NODE_GROUND) {
            colour_lay(colour, plan->theme.ground, 1);
        } else if (below->kind == NODE_RECT && rect_holds(&below->box, &node->box)) {
            colour_lay(colour, below->colour, below->opacity / 255.0);
        }
    }
    place->under = luma(colour);
    colour_lay(colour, node->colour, node->opacity / 255.0);
    place->ink = luma(colour);
    return STATUS_OK;
}

static enum status moving_put(struct frame_layout *layout, struct rect rect, struct fault *fault)
{
    if (layout->moving_count == LAYOUT_MOVING_MAX) {
        return fault_set(fault, STATUS_LIMIT, "", "more than %d moving parts", LAYOUT_MOVING_MAX);
    }
    layout->moving[layout->moving_count++] = rect;
    return STATUS_OK;
}

/* A node of the first scene that the second has not, or has otherwise. */
static enum status changed_put(const struct plan *plan, uint32_t at, const struct node *other,
                               struct frame_layout *layout, struct fault *fault)
{
    const struct scene *scene = plan->first;
    const struct node *node = &scene->nodes[at];
    struct rect bounds = node_bounds(node);
    if (other != NULL) {
        bounds = rect_union(bounds, node_bounds(other));
    }
    if (node->kind == NODE_TEXT && node->is_figure && node->align == ALIGN_LEFT) {
        struct rect panel = panel_find(scene, at);
        bounds.w = panel.x + panel.w - bounds.x;
    }
    enum status status = moving_put(layout, bounds, fault);
    if (status == STATUS_OK && node->kind == NODE_TEXT && node->is_figure) {
        status = place_put(plan, at, layout, fault);
    }
    if (node->kind == NODE_RECT && layout->bar_count < LAYOUT_BAR_MAX) {
        layout->bars[layout->bar_count++] = rect_union(node->box, other ? other->box : node->box);
    }
    return status;
}

static enum status differences_find(const struct plan *plan, struct frame_layout *layout,
                                    struct fault *fault)
{
    const struct scene *first = plan->first, *second = plan->second;
    enum status status = STATUS_OK;
    for (uint32_t i = 0; status == STATUS_OK && i < first->node_count; i++) {
        const struct node *node = &first->nodes[i], *other = node_find(second, node->key);
        layout->all = rect_union(layout->all, node_bounds(node));
        if (other == NULL || !is_same(first, node, second, other)) {
            status = changed_put(plan, i, other, layout, fault);
        }
    }
    for (uint32_t i = 0; status == STATUS_OK && i < second->node_count; i++) {
        const struct node *node = &second->nodes[i];
        layout->all = rect_union(layout->all, node_bounds(node));
        if (node_find(first, node->key) == NULL) {
            status = moving_put(layout, node_bounds(node), fault);
        }
    }
    return status;
}

enum status frame_layout_make(const struct frame_layout_options *options,
                              struct frame_layout *layout, struct text_engine **engine,
                              struct fault *fault)
{
    struct plan plan = { .options = options };
    *layout =
        (struct frame_layout){ .width_px = options->width_px, .height_px = options->height_px };
    enum status status = theme_load(options->theme_file, &plan.theme, fault);
    if (status == STATUS_OK) {
        status = text_engine_create(plan.theme.font, &plan.engine, fault);
    }
    plan.latest = latest_create(plan.theme.change_ms);
    plan.first = calloc(1, sizeof(*plan.first));
    plan.second = calloc(1, sizeof(*plan.second));
    if (status == STATUS_OK && (plan.latest == NULL || plan.first == NULL || plan.second == NULL)) {
        status = fault_set(fault, STATUS_NOMEM, "", "no memory for the scene");
    }
    if (status == STATUS_OK) {
        status = document_take(options->document_file, plan.latest, fault);
    }
    if (status == STATUS_OK) {
        status = scene_make(&plan, false, plan.first, fault);
    }
    if (status == STATUS_OK) {
        status = scene_make(&plan, true, plan.second, fault);
    }
    if (status == STATUS_OK) {
        status = differences_find(&plan, layout, fault);
    }
    free(plan.first);
    free(plan.second);
    latest_destroy(plan.latest);
    if (status != STATUS_OK) {
        text_engine_destroy(plan.engine);
        return status;
    }
    *engine = plan.engine;
    return STATUS_OK;
}

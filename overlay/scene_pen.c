#include "overlay/scene_pen.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Ascent and height of a text's box as parts of its size: every CJK and Latin glyph's ink. */
#define BOX_ASCENT_PERCENT 104
#define BOX_HEIGHT_PERCENT 136

static struct node *node_put(struct pen *pen, enum part part, uint32_t row, uint32_t column,
                             struct rect box)
{
    struct scene *scene = pen->scene;
    assert(part < 128 && row < 1024 && column < 1024);
    if (box.w <= 0 || box.h <= 0 || pen->opacity == 0) {
        return NULL;
    }
    if (scene->node_count == SCENE_NODE_MAX) {
        scene->is_full = true;
        return NULL;
    }
    struct node *node = &scene->nodes[scene->node_count++];
    memset(node, 0, sizeof(*node));
    node->key = pen->base | (uint32_t)part << 20 | row << 10 | column;
    node->box = box;
    node->opacity = pen->opacity;
    return node;
}

void pen_rect(struct pen *pen, enum part part, uint32_t row, uint32_t column, struct rect box,
              uint32_t colour)
{
    struct node *node = node_put(pen, part, row, column, box);
    if (node != NULL) {
        node->kind = NODE_RECT;
        node->colour = colour;
    }
}

void pen_ground(struct pen *pen)
{
    struct node *node = node_put(pen, PART_PANEL, 0, 0,
                                 (struct rect){ 0, 0, pen->theme->width_px, THEME_HEIGHT_PX });
    if (node != NULL) {
        node->kind = NODE_GROUND;
    }
}

void pen_shape(struct pen *pen, enum part part, uint32_t row, uint32_t column, struct rect box,
               enum shape shape, uint32_t colour)
{
    struct node *node = node_put(pen, part, row, column, box);
    if (node != NULL) {
        node->kind = NODE_SHAPE;
        node->shape = (uint8_t)shape;
        node->colour = colour;
    }
}

/* Copies a text of a node into the scene; false: it has no place. */
static bool text_put(struct pen *pen, const char *text, size_t size, struct node *node)
{
    struct scene *scene = pen->scene;
    if (size + 1 > SCENE_TEXT_MAX - scene->text_size || size > UINT16_MAX) {
        scene->is_full = true;
        return false;
    }
    node->text = scene->text_size;
    node->text_size = (uint16_t)size;
    memcpy(scene->texts + scene->text_size, text, size + 1);
    scene->text_size += (uint32_t)size + 1;
    return true;
}

void pen_code(struct pen *pen, enum part part, uint32_t row, uint32_t column, struct rect box,
              const char *text, uint32_t colour)
{
    struct node *node = node_put(pen, part, row, column, box);
    if (node != NULL && text_put(pen, text, strlen(text), node)) {
        node->kind = NODE_CODE;
        node->colour = colour;
    }
}

void pen_portrait(struct pen *pen, struct rect box, const char *name)
{
    struct node *node = node_put(pen, PART_PORTRAIT, 1, 0, box);
    if (node != NULL && text_put(pen, name, strlen(name), node)) {
        node->kind = NODE_PORTRAIT;
    }
}

void pen_words(struct pen *pen, enum part part, uint32_t row, uint32_t column,
               const struct words *words)
{
    size_t size = strlen(words->text);
    int32_t left = words->align == ALIGN_LEFT    ? words->x
                   : words->align == ALIGN_RIGHT ? words->x - words->width
                                                 : words->x - words->width / 2;
    struct rect box = { left, words->baseline - words->size * BOX_ASCENT_PERCENT / 100,
                        words->width, words->size * BOX_HEIGHT_PERCENT / 100 };
    struct node *node = size > 0 ? node_put(pen, part, row, column, box) : NULL;
    if (node == NULL || !text_put(pen, words->text, size, node)) {
        return;
    }
    node->kind = NODE_TEXT;
    node->colour = words->colour;
    node->baseline_px = words->baseline;
    node->size_px = words->size;
    node->align = (uint8_t)words->align;
    node->is_bold = words->is_bold;
    node->is_figure = words->is_figure;
}

static int32_t measure(const struct pen *pen, const char *text, size_t size, int32_t size_px,
                       bool is_bold, bool is_figure)
{
    return pen->data->measure(pen->data->measure_ctx, text, size, size_px, is_bold, is_figure);
}

int32_t pen_measure(const struct pen *pen, const char *text, int32_t size, bool is_bold,
                    bool is_figure)
{
    return measure(pen, text, strlen(text), size, is_bold, is_figure);
}

int32_t pen_fit(const struct pen *pen, const char *text, int32_t size, int32_t size_min,
                int32_t width, bool is_bold)
{
    int32_t natural = pen_measure(pen, text, size, is_bold, false);
    if (natural <= width || size_min >= size) {
        return size;
    }
    int32_t fitting = (int32_t)((int64_t)size * width / natural) / 2 * 2;
    return fitting > size_min ? fitting : size_min;
}

/* One stretch of a pattern with what it needs to be put. */
struct run {
    char text[NAME_SIZE];
    int32_t width;
    int32_t size;
    bool is_bold;
    bool is_figure;
};
#define RUN_MAX 12 /* the longest pattern of the catalogue has 6 */

static uint32_t runs_make(const struct pen *pen, const struct words *words, int32_t value_size,
                          const struct text_value *values, uint32_t value_count,
                          struct run runs[RUN_MAX], int32_t *width)
{
    uint32_t count = 0;
    struct text_piece piece;
    *width = 0;
    for (const char *at = words->text; count < RUN_MAX && text_next(&at, &piece);) {
        struct run *run = &runs[count];
        const char *value = piece.is_place ? text_value_find(&piece, values, value_count) : NULL;
        run->is_bold = words->is_bold || (value != NULL && value_size > words->size);
        run->size = value != NULL ? value_size : words->size;
        size_t size = value != NULL ? strlen(value) : piece.size;
        size = size < sizeof(run->text) ? size : sizeof(run->text) - 1;
        memcpy(run->text, value != NULL ? value : piece.start, size);
        run->text[size] = '\0';
        run->is_figure = value != NULL && strspn(value, "0123456789.,:") == size;
        run->width = measure(pen, run->text, size, run->size, run->is_bold, run->is_figure);
        *width += run->width;
        count += size > 0 ? 1 : 0;
    }
    return count;
}

int32_t pen_pattern(struct pen *pen, enum part part, uint32_t row, const struct words *words,
                    int32_t value_size, const struct text_value *values, uint32_t value_count)
{
    struct run runs[RUN_MAX];
    int32_t width = 0;
    uint32_t count = runs_make(pen, words, value_size, values, value_count, runs, &width);
    int32_t taken = width < words->width ? width : words->width;
    int32_t left = words->align == ALIGN_LEFT    ? words->x
                   : words->align == ALIGN_RIGHT ? words->x - taken
                                                 : words->x - taken / 2;
    int32_t natural = 0;
    for (uint32_t i = 0; i < count; i++) {
        int32_t from = width > 0 ? (int32_t)((int64_t)natural * taken / width) : 0;
        natural += runs[i].width;
        int32_t to = width > 0 ? (int32_t)((int64_t)natural * taken / width) : 0;
        pen_words(
            pen, part, row, i,
            &(struct words){ .text = runs[i].text,
                             .x = left + from,
                             .baseline = words->baseline,
                             .width = to - from,
                             .size = runs[i].size,
                             .colour = runs[i].size > words->size ? pen->theme->ink : words->colour,
                             .align = ALIGN_LEFT,
                             .is_bold = runs[i].is_bold,
                             .is_figure = runs[i].is_figure });
    }
    return taken;
}

static double exit_factor(const struct scene_data *data, const struct scene_cue *cue)
{
    return cue->left_ns == 0 ? 1.0
                             : 1.0 - motion_ease(data->now_ns, cue->left_ns, data->theme->out_ms);
}

uint8_t cue_panel_opacity(const struct scene_data *data, const struct scene_cue *cue)
{
    if (cue->keeps_panel) {
        return 255;
    }
    return cue_opacity(data, cue, 0);
}

uint8_t cue_opacity(const struct scene_data *data, const struct scene_cue *cue, int64_t delay_ms)
{
    double factor = cue_growth(data, cue, delay_ms) * exit_factor(data, cue);
    return (uint8_t)lround(255.0 * factor);
}

double cue_growth(const struct scene_data *data, const struct scene_cue *cue, int64_t delay_ms)
{
    return motion_ease(data->now_ns, cue->entered_ns + delay_ms * 1000000, data->theme->in_ms);
}

const char *number_text(uint64_t number, char buffer[NUMBER_SIZE])
{
    char digits[24];
    int length = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)number);
    int out = 0;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0) {
            buffer[out++] = ',';
        }
        buffer[out++] = digits[i];
    }
    buffer[out] = '\0';
    return buffer;
}

const char *share_text(const struct pen *pen, uint64_t count, uint64_t base,
                       char buffer[NUMBER_SIZE])
{
    if (base == 0) {
        return text_get(pen->data->language, TEXT_NO_FIGURE);
    }
    uint32_t share = share_permille(count, base);
    snprintf(buffer, NUMBER_SIZE, "%u.%u", share / 10, share % 10);
    return buffer;
}

/* Whether three bytes are one of U+3400 .. U+9FFF: a Chinese character of the basic plane. */
static bool is_han(const unsigned char *text)
{
    uint32_t code =
        (uint32_t)(text[0] & 0x0f) << 12 | (uint32_t)(text[1] & 0x3f) << 6 | (text[2] & 0x3f);
    return (text[0] & 0xf0) == 0xe0 && code >= 0x3400 && code <= 0x9fff;
}

const char *name_text(const char *name, char buffer[NAME_SIZE])
{
    const unsigned char *bytes = (const unsigned char *)name;
    bool is_short = strlen(name) == 6 && is_han(bytes) && is_han(bytes + 3);
    snprintf(buffer, NAME_SIZE, "%.*s%s%s", is_short ? 3 : (int)strlen(name), name,
             is_short ? "\u3000" : "", is_short ? name + 3 : "");
    return buffer;
}

const struct contest *scene_contest(const struct scene_data *data, const char *params)
{
    char id[ID_SIZE];
    if (data->texts == NULL) {
        return NULL;
    }
    if (!params_get(params, "contest", id, sizeof(id))) {
        return data->texts->contest_count == 1 ? &data->texts->contests[0] : NULL;
    }
    int32_t index = event_find_contest(data->texts, id);
    return index >= 0 ? &data->texts->contests[index] : NULL;
}

const struct subject *scene_subject(const struct contest *contest, const char *params)
{
    char id[ID_SIZE];
    if (contest == NULL || !params_get(params, "subject", id, sizeof(id))) {
        return NULL;
    }
    int32_t index = contest_find_subject(contest, id);
    return index >= 0 ? &contest->subjects[index] : NULL;
}

const struct subject *scene_person(const struct contest *contest, const char *params)
{
    char id[ID_SIZE];
    if (contest == NULL || !params_get(params, "candidate", id, sizeof(id))) {
        return scene_subject(contest, params);
    }
    int32_t index = contest_find_candidate(contest, id);
    return index >= 0 ? &contest->candidates[index] : NULL;
}

const struct figures *scene_figures(const struct scene_data *data, const struct contest *contest,
                                    const struct subject *subject)
{
    const struct view *view = data->view;
    if (view == NULL || !view->has_live || strcmp(view->live.contest, contest->id) != 0) {
        return NULL;
    }
    if (strcmp(view->live.subject, subject->id) == 0) {
        return &view->live;
    }
    for (uint32_t i = 0; i < view->closed_count; i++) {
        if (strcmp(view->closed[i].subject, subject->id) != 0) {
            continue;
        }
        for (uint32_t k = 0; k < data->closed_count; k++) {
            if (data->closed_hashes[k] == view->closed[i].hash) {
                return &data->closed[k];
            }
        }
    }
    return NULL;
}

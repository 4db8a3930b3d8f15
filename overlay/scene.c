#include "overlay/scene.h"

#include <stdio.h>
#include <string.h>

#include "overlay/scene_pen.h"

void scene_clear(struct scene *scene)
{
    scene->node_count = 0;
    scene->text_size = 0;
    scene->is_full = false;
}

void scene_add(struct scene *scene, const struct scene_data *data, const struct scene_cue *cue)
{
    static void (*const adders[SCENE_COUNT])(struct pen *, const struct scene_cue *) = {
        [SCENE_STRAP] = scene_strap_add,
        [SCENE_STRIP] = scene_strip_add,
        [SCENE_BOARD] = scene_board_add,
        [SCENE_MATRIX] = scene_matrix_add,
        [SCENE_TURNOUT] = scene_turnout_add,
        [SCENE_CLOCK] = scene_clock_add,
        [SCENE_CRAWL] = scene_crawl_add,
        [SCENE_OPINION] = scene_opinion_add,
        [SCENE_CORRECTION] = scene_correction_add,
        [SCENE_NOTICE] = scene_notice_add,
        [SCENE_RACE] = scene_race_add,
        [SCENE_RESULT] = scene_result_add,
    };
    struct pen pen = {
        .scene = scene,
        .data = data,
        .theme = data->theme,
        .base = (uint32_t)cue->layer << 29 | (cue->slot & 1) << 28,
        .opacity = 255,
    };
    if (cue->kind == SCENE_TEST) {
        scene_add_test(scene, data->theme->width_px, data->tick);
    } else if (adders[cue->kind] != NULL && scene_is_ready(data, cue->kind, cue->params)) {
        adders[cue->kind](&pen, cue);
    }
}

static bool closed_are_here(const struct scene_data *data, const struct contest *contest,
                            const struct subject *subject)
{
    const struct view *view = data->view;
    for (uint32_t i = 0; i < view->closed_count; i++) {
        const struct closed_ref *ref = &view->closed[i];
        bool is_live = view->has_live && strcmp(view->live.subject, ref->subject) == 0;
        bool is_asked = subject == NULL || strcmp(subject->id, ref->subject) == 0;
        bool is_here = is_live || !is_asked;
        for (uint32_t k = 0; !is_here && k < data->closed_count; k++) {
            is_here = data->closed_hashes[k] == ref->hash;
        }
        if (!is_here) {
            return false;
        }
    }
    return true;
}

bool scene_is_ready(const struct scene_data *data, enum scene_kind kind, const char *params)
{
    const struct contest *contest = scene_contest(data, params);
    const struct subject *subject = scene_subject(contest, params);
    char id[ID_SIZE];
    switch (kind) {
    case SCENE_TEST:
        return true;
    case SCENE_STRAP:
        return scene_person(contest, params) != NULL;
    case SCENE_STRIP:
    case SCENE_BOARD:
        return subject != NULL && data->view != NULL && closed_are_here(data, contest, subject);
    case SCENE_MATRIX:
        return contest != NULL && contest->kind == CONTEST_APPRAISAL && data->view != NULL &&
               closed_are_here(data, contest, NULL);
    case SCENE_TURNOUT:
        return contest != NULL && data->view != NULL;
    case SCENE_CLOCK:
        return clock_is_ready(data, params);
    case SCENE_RACE:
        return contest != NULL && contest->kind == CONTEST_ELECTION && data->view != NULL;
    case SCENE_RESULT:
        return contest != NULL && data->view != NULL &&
               (contest->kind != CONTEST_APPRAISAL ||
                (subject != NULL && closed_are_here(data, contest, subject)));
    case SCENE_CRAWL:
    case SCENE_OPINION:
    case SCENE_CORRECTION:
        return params_get(params, "text_zh", id, sizeof(id)) ||
               params_get(params, "text_en", id, sizeof(id));
    case SCENE_NOTICE:
        return notice_is_ready(data, params);
    case SCENE_INVALID:
    case SCENE_COUNT:
        break;
    }
    return false;
}

void scene_add_preview(struct scene *scene, const struct scene_data *data)
{
    struct pen pen = { .scene = scene,
                       .data = data,
                       .theme = data->theme,
                       .base = (uint32_t)LAYER_ALERT << 29 | 1u << 28,
                       .opacity = 255 };
    const int32_t thick = 12;
    const int32_t width = data->theme->width_px;
    const int32_t height = THEME_HEIGHT_PX;
    const struct rect frame[] = { { 0, 0, width, thick },
                                  { 0, height - thick, width, thick },
                                  { 0, thick, thick, height - 2 * thick },
                                  { width - thick, thick, thick, height - 2 * thick } };
    for (uint32_t i = 0; i < 4; i++) {
        pen_rect(&pen, PART_PREVIEW, 0, i, frame[i], data->theme->mark);
    }
    pen.opacity = 72; /* seen at once, and what is under it can be read */
    for (int32_t i = 0; i < 3; i++) {
        pen_words(&pen, PART_PREVIEW, 1, (uint32_t)i,
                  &(struct words){ .text = text_get(data->language, TEXT_PREVIEW),
                                   .x = width / 2,
                                   .baseline = height * (2 * i + 1) / 6 + 57,
                                   .width = width - 192,
                                   .size = 150,
                                   .colour = data->theme->ink,
                                   .align = ALIGN_CENTRE,
                                   .is_bold = true });
    }
}

void scene_add_warm(struct scene *scene, const struct scene_data *data)
{
    const struct theme *theme = data->theme;
    struct pen pen = { .scene = scene, .data = data, .theme = theme, .opacity = 255 };
    const int32_t sizes[] = { theme->small_px,  theme->cell_px,  theme->label_px,
                              theme->figure_px, theme->title_px, theme->name_px };
    for (uint32_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
        struct words words = { .width = theme->width_px, .size = sizes[s], .align = ALIGN_LEFT };
        for (uint32_t bold = 0; bold < 2; bold++) {
            words.is_bold = bold == 1;
            words.is_figure = true;
            words.text = "0";
            pen_words(&pen, PART_FIGURE, s, bold, &words);
            words.is_figure = false;
            /* What follows is the sheets': few of these words come on air. */
            uint32_t end = s == 0 && bold == 0 ? TEXT_COUNT : TEXT_SHEET_RECORD;
            for (uint32_t id = TEXT_INVALID + 1; id < end; id++) {
                words.text = text_get(data->language, (enum text_id)id);
                pen_words(&pen, PART_LABEL, s, 2 * id + bold, &words);
            }
        }
    }
}

static int32_t scaled(int32_t length, uint32_t to, uint32_t from)
{
    int64_t twice = (int64_t)length * to * 2 + from;
    int64_t divisor = 2 * (int64_t)from;
    return (int32_t)(twice >= 0 ? twice / divisor : -((-twice + divisor - 1) / divisor));
}

void scene_scale(struct scene *scene, int32_t canvas_px, uint32_t width_px, uint32_t height_px)
{
    uint32_t canvas = (uint32_t)canvas_px;
    if (width_px == canvas && height_px == THEME_HEIGHT_PX) {
        return;
    }
    for (uint32_t i = 0; i < scene->node_count; i++) {
        struct node *node = &scene->nodes[i];
        int32_t x = scaled(node->box.x, width_px, canvas);
        int32_t y = scaled(node->box.y, height_px, THEME_HEIGHT_PX);
        int32_t bottom = scaled(node->box.y + node->box.h, height_px, THEME_HEIGHT_PX);
        int32_t least = node->box.h >= 2 ? 2 : 1;
        node->box.w = scaled(node->box.x + node->box.w, width_px, canvas) - x;
        node->box.h = bottom - y > least ? bottom - y : least;
        node->box.x = x;
        node->box.y = y;
        node->baseline_px = scaled(node->baseline_px, height_px, THEME_HEIGHT_PX);
        node->size_px = scaled(node->size_px, height_px, THEME_HEIGHT_PX);
    }
}

size_t scene_dump(const struct scene *scene, char *buffer, size_t buffer_size)
{
    static const char *const kinds[] = { "invalid", "ground",   "rect", "shape",
                                         "text",    "portrait", "code" };
    static const char *const aligns[] = { "", "left", "centre", "right" };
    size_t used = 0;
    buffer[0] = '\0';
    for (uint32_t i = 0; i < scene->node_count; i++) {
        const struct node *node = &scene->nodes[i];
        int wrote =
            snprintf(buffer + used, buffer_size - used, "%s %d,%d %dx%d colour=%08x opacity=%u",
                     kinds[node->kind], node->box.x, node->box.y, node->box.w, node->box.h,
                     node->colour, node->opacity);
        if (wrote > 0 && node->kind == NODE_TEXT && used + (size_t)wrote < buffer_size) {
            used += (size_t)wrote;
            wrote = snprintf(buffer + used, buffer_size - used, " size=%d %s%s%s '%s'",
                             node->size_px, aligns[node->align], node->is_bold ? " bold" : "",
                             node->is_figure ? " figure" : "", scene->texts + node->text);
        }
        if (wrote > 0 && (node->kind == NODE_CODE || node->kind == NODE_PORTRAIT) &&
            used + (size_t)wrote < buffer_size) {
            used += (size_t)wrote;
            wrote = snprintf(buffer + used, buffer_size - used, " '%s'", scene->texts + node->text);
        }
        if (wrote < 0 || used + (size_t)wrote + 1 >= buffer_size) {
            return buffer_size - 1;
        }
        used += (size_t)wrote;
        buffer[used++] = '\n';
        buffer[used] = '\0';
    }
    return used;
}

#include "tests/unit/overlay/painter_hall.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/protocol/message.h"

void hall_load(struct hall *hall, const char *name)
{
    struct fault fault = { 0 };
    char path[512];
    snprintf(path, sizeof(path), "%s/%s.json", GOLDEN_DIR, name);
    FILE *file = fopen(path, "rb");
    char *text = malloc(DOCUMENT_SIZE_MAX);
    assert_non_null(file);
    assert_non_null(text);
    size_t size = fread(text, 1, DOCUMENT_SIZE_MAX, file);
    fclose(file);
    document_finish(&hall->document);
    memset(&hall->document, 0, sizeof(hall->document));
    assert_int_equal(document_decode(text, size, &hall->document, &fault), STATUS_OK);
    free(text);
    for (uint32_t i = 0; i < hall->document.closed_count && i < SUBJECT_MAX; i++) {
        hall->hashes[i] = figures_hash(&hall->document.closed[i]);
    }
    hall->data.texts = hall->document.texts;
    hall->data.closed = hall->document.closed;
    hall->data.closed_count = hall->document.closed_count;
}

void hall_init(struct hall *hall)
{
    struct fault fault = { 0 };
    memset(hall, 0, sizeof(*hall));
    assert_int_equal(theme_load(NULL, &hall->theme, &fault), STATUS_OK);
    hall->scene = calloc(1, sizeof(*hall->scene));
    assert_non_null(hall->scene);
    hall->data = (struct scene_data){ .theme = &hall->theme,
                                      .language = LANGUAGE_ZH_CN,
                                      .measure = hall_measure,
                                      .view = &hall->document.view,
                                      .closed_hashes = hall->hashes,
                                      .time_of_day_s = 20 * 3600 + 14 * 60 + 7,
                                      .now_ns = HALL_NOW_NS };
    hall_load(hall, "s1");
}

void hall_finish(struct hall *hall)
{
    document_finish(&hall->document);
    free(hall->scene);
}

int hall_set_up(void **state)
{
    struct hall *hall = calloc(1, sizeof(*hall));
    assert_non_null(hall);
    hall_init(hall);
    *state = hall;
    return 0;
}

int hall_tear_down(void **state)
{
    struct hall *hall = *state;
    hall_finish(hall);
    free(hall);
    return 0;
}

int32_t hall_measure(void *ctx, const char *text, size_t size, int32_t size_px, bool is_bold,
                     bool is_figure)
{
    int32_t halves = 0;
    (void)ctx;
    (void)is_bold;
    (void)is_figure;
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)text[i];
        halves += byte >= 0xe2 ? 2 : (byte & 0xc0) != 0x80 ? 1 : 0;
    }
    return (halves * size_px + 1) / 2;
}

void hall_build(struct hall *hall, enum scene_kind kind, const char *params, int64_t age_ms)
{
    const struct scene_cue cue = { .kind = kind,
                                   .layer = LAYER_FULLSCREEN,
                                   .params = params,
                                   .entered_ns = hall->data.now_ns - age_ms * MS };
    scene_clear(hall->scene);
    scene_add(hall->scene, &hall->data, &cue);
}

bool hall_shows(const struct hall *hall, const char *text)
{
    for (uint32_t i = 0; i < hall->scene->node_count; i++) {
        const struct node *node = &hall->scene->nodes[i];
        if (node->kind == NODE_TEXT && strcmp(hall->scene->texts + node->text, text) == 0) {
            return true;
        }
    }
    return false;
}

uint32_t hall_count_part(const struct hall *hall, const char *part)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < hall->scene->node_count; i++) {
        const struct node *node = &hall->scene->nodes[i];
        count += node->kind == NODE_TEXT && strstr(hall->scene->texts + node->text, part) != NULL
                     ? 1
                     : 0;
    }
    return count;
}

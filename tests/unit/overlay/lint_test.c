#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/overlay/lint.h"
#include "tests/unit/overlay/painter_hall.h"
#include "tests/unit/overlay/scene_cases.h"

/*
 * Every scene in every theme, language and layout, with the real letters, in every state of its
 * round and on every page: nothing may be wrong with it. A new scene is a line of scene_cases.c.
 */

static const char *const themes[] = { "minping", "light" };
#define THEME_COUNT (sizeof(themes) / sizeof(themes[0]))
#define PAGE_MAX 6 /* pages of a scene that are looked at */

/* A hall drawn with real letters. */
struct studio {
    struct hall hall;
    struct text_engine *engine;
};

static struct studio *studio_open(const char *theme, enum layout layout)
{
    struct studio *studio = calloc(1, sizeof(*studio));
    assert_non_null(studio);
    hall_init(&studio->hall);
    assert_int_equal(theme_load(theme, &studio->hall.theme, NULL), STATUS_OK);
    theme_lay_out(&studio->hall.theme, layout);
    assert_int_equal(text_engine_create(studio->hall.theme.font, &studio->engine, NULL), STATUS_OK);
    studio->hall.data.measure = text_engine_measure;
    studio->hall.data.server_ms = SCENE_CASE_SERVER_MS;
    studio->hall.data.measure_ctx = studio->engine;
    return studio;
}

static void studio_close(struct studio *studio)
{
    text_engine_destroy(studio->engine);
    hall_finish(&studio->hall);
    free(studio);
}

/* One scene standing, each of its first pages. */
static uint32_t case_lint(struct studio *studio, const struct scene_case *one, const char *what)
{
    struct hall *hall = &studio->hall;
    const struct theme *theme = &hall->theme;
    struct lint lint = { .engine = studio->engine,
                         .what = what,
                         .height_px = theme->layout == LAYOUT_HD ? THEME_HEIGHT_PX : 576,
                         .type_min_px = theme->layout != LAYOUT_HD ? THEME_TYPE_MIN_SD_PX
                                                                   : THEME_TYPE_MIN_PX };
    int32_t page_ms = one->kind == SCENE_STRIP ? theme->turn_ms : theme->page_ms;
    int32_t stands_ms = theme->in_ms + theme->stagger_ms * SCENE_PAGE_ROWS + 200;
    for (int32_t page = 0; page < PAGE_MAX; page++) {
        hall_build(hall, one->kind, one->params, stands_ms + (int64_t)page * page_ms);
        lint_scene(&lint, hall->scene, theme);
    }
    return lint.fault_count;
}

static uint32_t studio_lint(const char *theme, enum layout layout)
{
    static const char *const layouts[] = { "", "hd", "sd", "sd 4:3" };
    struct studio *studio = studio_open(theme, layout);
    uint32_t count = 0;
    for (size_t c = 0; c < scene_case_count; c++) {
        if (scene_cases[c].kind == SCENE_CRAWL) {
            continue; /* it runs in from the one edge and out at the other */
        }
        for (enum mood mood = MOOD_AS_SAVED; mood < MOOD_COUNT; mood++) {
            hall_load(&studio->hall,
                      scene_cases[c].document != NULL ? scene_cases[c].document : "s1");
            mood_set(&studio->hall, mood);
            for (enum language l = LANGUAGE_ZH_CN; l <= LANGUAGE_EN; l++) {
                char what[96];
                snprintf(what, sizeof(what), "%s, %s, %s, %s, mood %d", theme, layouts[layout],
                         l == LANGUAGE_EN ? "en" : "zh-CN", scene_name(scene_cases[c].kind),
                         (int)mood);
                studio->hall.data.language = l;
                count += case_lint(studio, &scene_cases[c], what);
            }
        }
    }
    studio_close(studio);
    return count;
}

static void nothing_is_wrong_with_any_scene(void **state)
{
    (void)state;
    uint32_t count = 0;
    for (size_t t = 0; t < THEME_COUNT; t++) {
        for (enum layout layout = LAYOUT_HD; layout < LAYOUT_COUNT; layout++) {
            count += studio_lint(themes[t], layout);
        }
    }
    assert_int_equal(count, 0);
}

/* A scene of one panel and one text, with something changed. */
static uint32_t planted_lint(struct studio *studio, void (*plant)(struct scene *scene))
{
    struct scene *scene = studio->hall.scene;
    static const char word[] = "区委常委";
    struct lint lint = { .engine = studio->engine,
                         .what = "planted",
                         .type_min_px = 28,
                         .height_px = THEME_HEIGHT_PX,
                         .is_quiet = true };
    scene_clear(scene);
    scene->nodes[0] = (struct node){
        .kind = NODE_RECT, .box = { 200, 200, 800, 300 }, .colour = 0xff0d1a2d, .opacity = 255
    };
    scene->nodes[1] = (struct node){ .kind = NODE_TEXT,
                                     .box = { 300, 290, 400, 60 },
                                     .colour = 0xfff4f1ea,
                                     .opacity = 255,
                                     .baseline_px = 340,
                                     .size_px = 40,
                                     .align = ALIGN_LEFT,
                                     .text_size = sizeof(word) - 1 };
    scene->nodes[2] = scene->nodes[1];
    scene->nodes[2].baseline_px = 440;
    scene->node_count = 3;
    memcpy(scene->texts, word, sizeof(word));
    scene->text_size = sizeof(word);
    plant(scene);
    lint_scene(&lint, scene, &studio->hall.theme);
    return lint.fault_count;
}

static void plant_nothing(struct scene *scene)
{
    (void)scene;
}

static void plant_overlap(struct scene *scene)
{
    scene->nodes[2].baseline_px = 365;
}

static void plant_small(struct scene *scene)
{
    scene->nodes[1].size_px = 27;
}

static void plant_outside(struct scene *scene)
{
    scene->nodes[0].box.x = scene->nodes[1].box.x = 90;
}

static void plant_too_narrow(struct scene *scene)
{
    scene->nodes[1].box.w = 95;
}

static void plant_grey(struct scene *scene)
{
    scene->nodes[1].colour = 0xff5c6570;
}

static void plant_beside_the_panel(struct scene *scene)
{
    scene->nodes[0].box.w = 140;
}

static void plant_thin_panel(struct scene *scene)
{
    scene->nodes[0].opacity = 80;
}

static void plant_white(struct scene *scene)
{
    scene->nodes[1].colour = 0xffffffff;
}

static void plant_strong_colour(struct scene *scene)
{
    scene->nodes[0].colour = 0xff0000ff;
}

static void plant_unknown_glyph(struct scene *scene)
{
    memcpy(scene->texts, "\uf8f0", sizeof("\uf8f0"));
    scene->nodes[1].text_size = scene->nodes[2].text_size = sizeof("\uf8f0") - 1;
}

static void plant_full(struct scene *scene)
{
    scene->is_full = true;
}

/* A code over the panel: its box, and its colour over the panel's. */
static void code_plant(struct scene *scene, struct rect box, uint32_t colour, uint32_t under)
{
    scene->nodes[0].colour = under;
    scene->nodes[1] = (struct node){ .kind = NODE_CODE,
                                     .box = box,
                                     .colour = colour,
                                     .opacity = 255,
                                     .text_size = scene->nodes[1].text_size };
    scene->node_count = 2;
}

static void plant_code(struct scene *scene)
{
    code_plant(scene, (struct rect){ 300, 210, 280, 280 }, 0xff0d1a2d, 0xfff4f1ea);
}

static void plant_light_code(struct scene *scene)
{
    code_plant(scene, (struct rect){ 300, 210, 280, 280 }, 0xfff4f1ea, 0xff0d1a2d);
}

static void plant_small_code(struct scene *scene)
{
    code_plant(scene, (struct rect){ 300, 210, 150, 150 }, 0xff0d1a2d, 0xfff4f1ea);
}

/* The controls: each fault that is planted is found, and nothing where none is. */
static void what_is_wrong_is_found(void **state)
{
    (void)state;
    static void (*const plants[])(struct scene *) = {
        plant_overlap,       plant_small,         plant_outside,          plant_too_narrow,
        plant_grey,          plant_white,         plant_thin_panel,       plant_full,
        plant_unknown_glyph, plant_strong_colour, plant_beside_the_panel, plant_light_code,
        plant_small_code,
    };
    struct studio *studio = studio_open("minping", LAYOUT_HD);
    assert_int_equal(planted_lint(studio, plant_nothing), 0);
    assert_int_equal(planted_lint(studio, plant_code), 0);
    for (size_t i = 0; i < sizeof(plants) / sizeof(plants[0]); i++) {
        if (planted_lint(studio, plants[i]) == 0) {
            fail_msg("planted fault %zu is not found", i);
        }
    }
    studio_close(studio);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_wrong_with_any_scene),
        cmocka_unit_test(what_is_wrong_is_found),
    };
    setenv("FONTCONFIG_FILE", GOLDEN_DIR "/fonts.conf", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

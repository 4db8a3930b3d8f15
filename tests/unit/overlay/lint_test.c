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

/*
 * Every scene in every theme, language and layout, with the real letters, in every state of its
 * round and on every page: nothing may be wrong with it. A new scene is a line of `scenes`.
 */

/* document: tests/golden/NAME.json; NULL: s1. */
struct lint_case {
    enum scene_kind kind;
    const char *params;
    const char *document;
};

#define SUBJECT "contest=appraisal\nsubject=s03\n"
#define SERVER_MS INT64_C(1700000010000) /* ten seconds after a speech began */
#define SPEECH "kind=speech\nfrom_ms=1700000000000\n"
#define SECRETARY "contest=secretary\n"
#define FINGERPRINT "fingerprint=0123 4567 89ab cdef 01\n"
#define CODE "qr=https://vote.example.cn/r/2026/township/secretary#0123456789abcdef\n"
#define TEXTS                                                                                      \
    "text_zh=区委常委三号“工作能力”一项应为 67.0%，此前播出的 76.0% 有误。\n" \
    "text_en=Post three, ability: 67.0 %; the 76.0 % shown before was wrong.\n"

static const struct lint_case scenes[] = {
    { SCENE_STRAP, SUBJECT, NULL },
    { SCENE_STRIP, SUBJECT, NULL },
    { SCENE_BOARD, SUBJECT, NULL },
    { SCENE_MATRIX, "contest=appraisal\n", NULL },
    { SCENE_MATRIX, "contest=appraisal\n", "s1-paper" },
    { SCENE_TURNOUT, "contest=appraisal\n", NULL },
    { SCENE_CLOCK, "", NULL },
    { SCENE_CLOCK, SPEECH "seconds=60\n", NULL },
    { SCENE_CLOCK, SPEECH "seconds=3\n", NULL },
    { SCENE_OPINION, TEXTS, NULL },
    { SCENE_CORRECTION, TEXTS, NULL },
    { SCENE_RACE, SECRETARY, "s4" },
    { SCENE_RACE, SECRETARY, "s4-open" },
    { SCENE_RACE, SECRETARY, "s4-committee" },
    { SCENE_RACE, SECRETARY, "s4-poll" },
    { SCENE_RESULT, SECRETARY, "s4" },
    { SCENE_RESULT, SECRETARY FINGERPRINT CODE, "s4-committee" },
    { SCENE_RESULT, SECRETARY CODE, "s4-open" },
    { SCENE_RESULT, "contest=recommend\n" FINGERPRINT, "s4-poll" },
    { SCENE_RESULT, "contest=report\n" FINGERPRINT CODE, "s5-motion" },
    { SCENE_RESULT, "contest=works\n" CODE, "s5" },
    { SCENE_RESULT, SUBJECT FINGERPRINT, NULL },
    { SCENE_RESULT, "contest=appraisal\nsubject=s01\n" FINGERPRINT CODE, NULL },
};
#define CASE_COUNT (sizeof(scenes) / sizeof(scenes[0]))

static const char *const themes[] = { "minping", "light" };
#define THEME_COUNT (sizeof(themes) / sizeof(themes[0]))
#define PAGE_MAX 6 /* pages of a scene that are looked at */

/* What a live round is like. */
enum mood {
    MOOD_AS_SAVED = 1,
    MOOD_TURNOUT,
    MOOD_HIDDEN,
    MOOD_PAUSED,
    MOOD_NO_VOTES,
    MOOD_UNANIMOUS,
    MOOD_PAPER,
    MOOD_VOID,
    MOOD_CERTIFIED,
    MOOD_SHORT_NAME,
    MOOD_LONG_NAME,
    MOOD_COUNT,
};

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
    studio->hall.data.server_ms = SERVER_MS;
    studio->hall.data.measure_ctx = studio->engine;
    return studio;
}

static void studio_close(struct studio *studio)
{
    text_engine_destroy(studio->engine);
    hall_finish(&studio->hall);
    free(studio);
}

static void name_set(struct label *name, const char *zh, const char *en)
{
    snprintf(name->zh, sizeof(name->zh), "%s", zh);
    snprintf(name->en, sizeof(name->en), "%s", en);
}

/* The names of all subjects and candidates; posts, as everywhere. */
static void names_set(struct hall *hall, const char *zh, const char *en)
{
    for (uint32_t c = 0; c < hall->document.texts->contest_count; c++) {
        struct contest *contest = &hall->document.texts->contests[c];
        for (uint32_t i = 0; i < contest->subject_count; i++) {
            name_set(&contest->subjects[i].name, zh, en);
        }
        for (uint32_t i = 0; i < contest->candidate_count; i++) {
            name_set(&contest->candidates[i].name, zh, en);
        }
    }
}

static void mood_set(struct hall *hall, enum mood mood)
{
    struct figures *live = &hall->document.view.live;
    live->shows = mood == MOOD_TURNOUT || mood == MOOD_VOID ? LIVE_TURNOUT
                  : mood == MOOD_HIDDEN                     ? LIVE_HIDDEN
                                                            : live->shows;
    live->state = mood == MOOD_PAUSED      ? ROUND_PAUSED
                  : mood == MOOD_VOID      ? ROUND_VOID
                  : mood == MOOD_CERTIFIED ? ROUND_CERTIFIED
                                           : live->state;
    live->paper_count = mood == MOOD_PAPER ? 1234 : live->paper_count;
    for (uint32_t i = 0; i < live->item_count; i++) {
        struct item_figures *item = &live->items[i];
        if (mood == MOOD_NO_VOTES) {
            *item = (struct item_figures){ 0 };
        } else if (mood == MOOD_UNANIMOUS) {
            *item = (struct item_figures){ { live->cast_count }, live->cast_count };
        }
    }
    if (mood == MOOD_SHORT_NAME) {
        names_set(hall, "书记", "Secretary");
    } else if (mood == MOOD_LONG_NAME) {
        names_set(hall, "民族委员·统战委员一号", "Head of the Ethnic Affairs Office");
    }
}

/* One scene standing, each of its first pages. */
static uint32_t case_lint(struct studio *studio, const struct lint_case *one, const char *what)
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
    for (size_t c = 0; c < CASE_COUNT; c++) {
        for (enum mood mood = MOOD_AS_SAVED; mood < MOOD_COUNT; mood++) {
            hall_load(&studio->hall, scenes[c].document != NULL ? scenes[c].document : "s1");
            mood_set(&studio->hall, mood);
            for (enum language l = LANGUAGE_ZH_CN; l <= LANGUAGE_EN; l++) {
                char what[96];
                snprintf(what, sizeof(what), "%s, %s, %s, %s, mood %d", theme, layouts[layout],
                         l == LANGUAGE_EN ? "en" : "zh-CN", scene_name(scenes[c].kind), (int)mood);
                studio->hall.data.language = l;
                count += case_lint(studio, &scenes[c], what);
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

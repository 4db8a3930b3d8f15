#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "overlay/paint.h"
#include "overlay/scene_stage.h"
#include "tests/unit/overlay/painter_hall.h"

#define WIDTH 1920
#define HEIGHT 1080
#define BOARD "contest=appraisal\nsubject=s03\n"

struct fixture {
    struct hall hall;
    struct paint *paint;
    struct rect rects[GRAPHIC_RECT_MAX];
    uint32_t rect_count;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    struct fault fault = { 0 };
    assert_non_null(fixture);
    hall_init(&fixture->hall);
    assert_int_equal(paint_create(&fixture->hall.theme, WIDTH, HEIGHT, &fixture->paint, &fault),
                     STATUS_OK);
    fixture->hall.data.measure = text_engine_measure;
    fixture->hall.data.measure_ctx = paint_text_engine(fixture->paint);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    paint_destroy(fixture->paint);
    hall_finish(&fixture->hall);
    free(fixture);
    return 0;
}

static void draw(struct fixture *fixture)
{
    assert_int_equal(paint_draw(fixture->paint, fixture->hall.scene, fixture->rects,
                                &fixture->rect_count),
                     STATUS_OK);
}

static uint64_t rects_area(const struct fixture *fixture)
{
    uint64_t area = 0;
    for (uint32_t i = 0; i < fixture->rect_count; i++) {
        area += (uint64_t)fixture->rects[i].w * (uint64_t)fixture->rects[i].h;
    }
    return area;
}

static void what_is_the_same_is_not_painted_again(void **state)
{
    struct fixture *fixture = *state;
    hall_build(&fixture->hall, SCENE_BOARD, BOARD, 5000);
    draw(fixture);
    assert_int_equal(fixture->rect_count, 1);
    assert_int_equal(rects_area(fixture), WIDTH * HEIGHT);
    hall_build(&fixture->hall, SCENE_BOARD, BOARD, 6000);
    draw(fixture);
    assert_int_equal(fixture->rect_count, 0);
}

static void one_changed_row_changes_little(void **state)
{
    struct fixture *fixture = *state;
    hall_build(&fixture->hall, SCENE_BOARD, BOARD, 5000);
    draw(fixture);
    struct item_figures *item = &fixture->hall.document.view.live.items[4];
    item->counts[0] -= 90;
    item->counts[2] += 90;
    hall_build(&fixture->hall, SCENE_BOARD, BOARD, 5000);
    draw(fixture);
    assert_in_range(fixture->rect_count, 1, 4);
    assert_in_range(rects_area(fixture), 1, 40000);
    for (uint32_t i = 0; i < fixture->rect_count; i++) {
        assert_true(fixture->rects[i].h <= fixture->hall.theme.board_row_px);
    }
}

static uint32_t next_below(uint64_t *seed, uint32_t limit)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((*seed >> 33) % limit);
}

static void figures_shuffle(struct figures *figures, uint64_t *seed)
{
    for (uint32_t i = 0; i < figures->item_count; i++) {
        struct item_figures *item = &figures->items[i];
        if (next_below(seed, 3) > 0) {
            item->valid = next_below(seed, figures->cast_count);
            item->counts[2] = next_below(seed, item->valid / 3 + 1);
            item->counts[1] = next_below(seed, item->valid / 3 + 1);
            item->counts[0] = item->valid - item->counts[1] - item->counts[2];
        }
    }
}

/* Takes, clears and votes at random moments, through entrances, turns and exits. */
static void what_is_patched_equals_what_is_drawn_anew(void **state)
{
    struct fixture *fixture = *state;
    struct hall *hall = &fixture->hall;
    static const enum scene_kind kinds[] = { SCENE_STRAP, SCENE_STRIP, SCENE_BOARD, SCENE_MATRIX,
                                             SCENE_TURNOUT };
    struct layer_state layers[LAYER_COUNT] = { 0 };
    struct stage stage;
    struct motion motion = { 0 };
    uint8_t *before = malloc((size_t)WIDTH * HEIGHT * 4);
    uint64_t seed = 99;
    uint32_t stride = 0;
    assert_non_null(before);
    stage_init(&stage);
    hall->data.motion = &motion;
    for (uint32_t step = 0; step < 60; step++) {
        hall->data.now_ns += (20 + next_below(&seed, 200)) * MS;
        if (step % 6 == 0) {
            enum layer layer = (enum layer)(LAYER_FULLSCREEN + next_below(&seed, 3));
            layers[layer].take++;
            layers[layer].is_taken = next_below(&seed, 4) > 0;
            layers[layer].scene = kinds[next_below(&seed, 5)];
            snprintf(layers[layer].params, PARAMS_SIZE, "contest=appraisal\nsubject=s%02u\n",
                     2 + next_below(&seed, 3));
        }
        figures_shuffle(&hall->document.view.live, &seed);
        motion_update(&motion, &hall->document.view.live, hall->data.now_ns, 600);
        stage_apply(&stage, layers, 0, hall->data.now_ns);
        stage_step(&stage, &hall->data);
        scene_clear(hall->scene);
        stage_add(&stage, &hall->data, hall->scene);
        assert_false(hall->scene->is_full);
        memcpy(before, paint_pixels(fixture->paint, &stride), (size_t)stride * HEIGHT);
        draw(fixture);
        assert_true(fixture->rect_count <= GRAPHIC_RECT_MAX);
        const uint8_t *patched = paint_pixels(fixture->paint, &stride);
        for (uint32_t i = 0; i < fixture->rect_count; i++) {
            const struct rect *rect = &fixture->rects[i];
            assert_true(rect->x >= 0 && rect->y >= 0 && rect->x + rect->w <= WIDTH &&
                        rect->y + rect->h <= HEIGHT);
            for (int32_t y = rect->y; y < rect->y + rect->h; y++) {
                size_t at = (size_t)y * stride + (size_t)rect->x * 4;
                memcpy(before + at, patched + at, (size_t)rect->w * 4);
            }
        }
        assert_memory_equal(before, patched, (size_t)stride * HEIGHT); /* the list tells all */

        struct paint *anew = NULL;
        struct rect rects[GRAPHIC_RECT_MAX];
        uint32_t rect_count = 0;
        assert_int_equal(paint_create(&hall->theme, WIDTH, HEIGHT, &anew, NULL), STATUS_OK);
        assert_int_equal(paint_draw(anew, hall->scene, rects, &rect_count), STATUS_OK);
        assert_memory_equal(patched, paint_pixels(anew, &stride), (size_t)stride * HEIGHT);
        paint_destroy(anew);
    }
    free(before);
}

static void an_empty_scene_is_transparent(void **state)
{
    struct fixture *fixture = *state;
    uint32_t stride = 0;
    hall_build(&fixture->hall, SCENE_BOARD, BOARD, 5000);
    draw(fixture);
    scene_clear(fixture->hall.scene);
    draw(fixture);
    const uint8_t *pixels = paint_pixels(fixture->paint, &stride);
    for (size_t i = 0; i < (size_t)stride * HEIGHT; i++) {
        assert_int_equal(pixels[i], 0);
    }
}

static void a_scene_that_is_full_or_out_of_range_is_refused_and_the_picture_kept(void **state)
{
    struct fixture *fixture = *state;
    struct scene *scene = fixture->hall.scene;
    uint32_t stride = 0;
    hall_build(&fixture->hall, SCENE_STRAP, BOARD, 5000);
    draw(fixture);
    uint8_t *before = malloc((size_t)WIDTH * HEIGHT * 4);
    assert_non_null(before);
    memcpy(before, paint_pixels(fixture->paint, &stride), (size_t)WIDTH * HEIGHT * 4);
    for (uint32_t i = 0; i < 200 && !scene->is_full; i++) {
        const struct scene_cue cue = { .kind = SCENE_BOARD, .layer = LAYER_FULLSCREEN,
                                       .params = BOARD };
        scene_add(scene, &fixture->hall.data, &cue);
    }
    assert_true(scene->is_full);
    assert_true(scene->node_count <= SCENE_NODE_MAX && scene->text_size <= SCENE_TEXT_MAX);
    assert_int_equal(paint_draw(fixture->paint, scene, fixture->rects, &fixture->rect_count),
                     STATUS_INVALID);
    hall_build(&fixture->hall, SCENE_STRAP, BOARD, 5000);
    scene->nodes[0].box.w = INT32_MAX;
    assert_int_equal(paint_draw(fixture->paint, scene, fixture->rects, &fixture->rect_count),
                     STATUS_INVALID);
    assert_int_equal(fixture->rect_count, 0);
    assert_memory_equal(before, paint_pixels(fixture->paint, &stride),
                        (size_t)WIDTH * HEIGHT * 4);
    free(before);
}

/* Whether any pixel outside of the box differs from the ground. */
static bool has_ink_outside(struct fixture *fixture, const struct rect *box)
{
    uint32_t stride = 0;
    const uint32_t *pixels = (const void *)paint_pixels(fixture->paint, &stride);
    for (int32_t y = 0; y < HEIGHT; y++) {
        for (int32_t x = 0; x < WIDTH; x++) {
            bool is_inside = x >= box->x - NODE_OVERHANG_PX &&
                             x < box->x + box->w + NODE_OVERHANG_PX && y >= box->y &&
                             y < box->y + box->h;
            if (!is_inside && pixels[(size_t)y * stride / 4 + (size_t)x] != 0) {
                return true;
            }
        }
    }
    return false;
}

static void a_long_text_is_condensed_to_its_box_and_never_cut(void **state)
{
    struct fixture *fixture = *state;
    struct scene *scene = fixture->hall.scene;
    struct text_engine *engine = paint_text_engine(fixture->paint);
    static const char text[] = "中华人民共和国某区人民政府副区长gjpqy";
    struct text_mask natural;
    struct text_mask condensed;
    hall_build(&fixture->hall, SCENE_STRAP, BOARD, 5000);
    for (uint32_t i = 0; i < scene->node_count; i++) {
        if (scene->nodes[i].kind == NODE_TEXT) {
            scene->nodes[0] = scene->nodes[i];
            break;
        }
    }
    scene->node_count = 1;
    struct node *node = &scene->nodes[0];
    node->box.w = 700;
    node->text = 0;
    node->text_size = sizeof(text) - 1;
    memcpy(scene->texts, text, sizeof(text));
    draw(fixture);
    assert_false(has_ink_outside(fixture, &node->box));
    assert_int_equal(text_engine_mask(engine, text, sizeof(text) - 1, node->size_px, true, 0,
                                      &natural),
                     STATUS_OK);
    assert_true(natural.advance_px > 700);
    assert_int_equal(text_engine_mask(engine, text, sizeof(text) - 1, node->size_px, true, 700,
                                      &condensed),
                     STATUS_OK);
    assert_int_equal(condensed.advance_px, 700);
    assert_in_range(condensed.width_px, 690, 710); /* all of it, not the first 700 px */
}

static void digits_are_equally_wide_and_stand_at_the_same_places(void **state)
{
    struct fixture *fixture = *state;
    struct text_engine *engine = paint_text_engine(fixture->paint);
    int32_t zero = text_engine_measure(engine, "0", 1, 38, false, true);
    for (char digit = '0'; digit <= '9'; digit++) {
        struct text_mask mask;
        assert_int_equal(text_engine_figure(engine, digit, 38, false, &mask), STATUS_OK);
        assert_int_equal(mask.advance_px, zero);
        assert_true(mask.width_px <= zero + 6);
    }
    assert_int_equal(text_engine_measure(engine, "11.1", 4, 38, false, true),
                     text_engine_measure(engine, "88.8", 4, 38, false, true));
}

static void missing_glyphs_are_counted(void **state)
{
    struct fixture *fixture = *state;
    struct text_engine *engine = paint_text_engine(fixture->paint);
    static const char rare[] = "㛃䶮𬭎𠮷𬴂";
    static const char none[] = "区\U000F1234委\U000F1235";
    assert_int_equal(text_engine_missing(engine, rare, sizeof(rare) - 1), 0);
    assert_int_equal(text_engine_missing(engine, none, sizeof(none) - 1), 2);
}

static void a_font_that_is_not_installed_is_said(void **state)
{
    struct fixture *fixture = *state;
    struct fault fault = { 0 };
    struct text_engine *engine = NULL;
    (void)fixture;
    assert_int_equal(text_engine_create("No Such Font", &engine, &fault), STATUS_NOT_FOUND);
    assert_null(engine);
    assert_non_null(strstr(fault.text, "No Such Font"));
}

static void letters_kept_stay_within_their_limit(void **state)
{
    struct fixture *fixture = *state;
    struct text_engine *engine = paint_text_engine(fixture->paint);
    struct text_mask mask;
    for (uint32_t i = 0; i < TEXT_CACHE_MAX + 500; i++) {
        char text[16];
        int length = snprintf(text, sizeof(text), "%u", i);
        assert_int_equal(text_engine_mask(engine, text, (size_t)length, 28, false, 0, &mask),
                         STATUS_OK);
    }
    /* The first ones have gone and come back the same. */
    assert_int_equal(text_engine_mask(engine, "7", 1, 28, false, 0, &mask), STATUS_OK);
    assert_non_null(mask.surface);
}

int main(void)
{
#define WITH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WITH(what_is_the_same_is_not_painted_again),
        WITH(one_changed_row_changes_little),
        WITH(what_is_patched_equals_what_is_drawn_anew),
        WITH(an_empty_scene_is_transparent),
        WITH(a_scene_that_is_full_or_out_of_range_is_refused_and_the_picture_kept),
        WITH(a_long_text_is_condensed_to_its_box_and_never_cut),
        WITH(digits_are_equally_wide_and_stand_at_the_same_places),
        WITH(missing_glyphs_are_counted),
        WITH(a_font_that_is_not_installed_is_said),
        WITH(letters_kept_stay_within_their_limit),
    };
    return cmocka_run_group_tests_name("paint", tests, NULL, NULL);
}

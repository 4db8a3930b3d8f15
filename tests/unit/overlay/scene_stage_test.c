#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "overlay/scene_stage.h"
#include "tests/unit/overlay/painter_hall.h"

#define REAL_MS INT64_C(1764504847000)

struct fixture {
    struct hall hall;
    struct stage stage;
    struct layer_state layers[LAYER_COUNT];
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    hall_init(&fixture->hall);
    stage_init(&fixture->stage);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    hall_finish(&fixture->hall);
    free(fixture);
    return 0;
}

static void take(struct fixture *fixture, enum layer layer, enum scene_kind scene,
                 const char *subject, int64_t age_ms)
{
    struct layer_state *state = &fixture->layers[layer];
    state->is_taken = scene != SCENE_INVALID;
    state->scene = scene;
    state->take++;
    state->taken_ms = REAL_MS - age_ms;
    state->params[0] = '\0';
    assert_true(params_put(state->params, "contest", "appraisal"));
    assert_true(params_put(state->params, "subject", subject));
    stage_apply(&fixture->stage, fixture->layers, REAL_MS, fixture->hall.data.now_ns);
}

/* The picture `ms` later. */
static void later(struct fixture *fixture, int64_t ms)
{
    fixture->hall.data.now_ns += ms * MS;
    stage_step(&fixture->stage, &fixture->hall.data);
    scene_clear(fixture->hall.scene);
    stage_add(&fixture->stage, &fixture->hall.data, fixture->hall.scene);
}

/* The opacity of a text, or -1 where it does not stand. */
static int opacity_of(const struct fixture *fixture, const char *text)
{
    const struct scene *scene = fixture->hall.scene;
    for (uint32_t i = 0; i < scene->node_count; i++) {
        if (scene->nodes[i].kind == NODE_TEXT &&
            strcmp(scene->texts + scene->nodes[i].text, text) == 0) {
            return scene->nodes[i].opacity;
        }
    }
    return -1;
}

static int ground_opacity(const struct fixture *fixture)
{
    int opacity = -1;
    for (uint32_t i = 0; i < fixture->hall.scene->node_count; i++) {
        if (fixture->hall.scene->nodes[i].kind == NODE_GROUND) {
            assert_int_equal(opacity, -1); /* never two */
            opacity = fixture->hall.scene->nodes[i].opacity;
        }
    }
    return opacity;
}

static void a_take_enters_stands_and_leaves(void **state)
{
    struct fixture *fixture = *state;
    later(fixture, 0); /* nothing heard yet */
    assert_int_equal(fixture->hall.scene->node_count, 0);
    fixture->stage.has_heard = true;
    take(fixture, LAYER_LOWER, SCENE_STRAP, "s01", 0);
    later(fixture, 0);
    later(fixture, 300);
    int entering = opacity_of(fixture, "区委常委一号");
    assert_true(entering > 0 && entering < 255);
    later(fixture, 1000);
    assert_int_equal(opacity_of(fixture, "区委常委一号"), 255);
    take(fixture, LAYER_LOWER, SCENE_INVALID, "s01", 0);
    later(fixture, 0);
    later(fixture, 60);
    int leaving = opacity_of(fixture, "区委常委一号");
    assert_true(leaving > 0 && leaving < 255);
    later(fixture, 240);
    assert_int_equal(fixture->hall.scene->node_count, 0);
}

static void the_old_scene_leaves_before_the_new_one_enters(void **state)
{
    struct fixture *fixture = *state;
    fixture->stage.has_heard = true;
    take(fixture, LAYER_LOWER, SCENE_STRAP, "s01", 0);
    later(fixture, 0);
    later(fixture, 2000);
    take(fixture, LAYER_LOWER, SCENE_STRAP, "s02", 0);
    later(fixture, 0);
    for (int64_t ms = 0; ms < 290; ms += 20) {
        later(fixture, 20);
        assert_true(opacity_of(fixture, "区委常委一号") < 255);
        assert_int_equal(opacity_of(fixture, "区委常委二号"), -1);
    }
    later(fixture, 2000);
    assert_int_equal(opacity_of(fixture, "区委常委一号"), -1);
    assert_int_equal(opacity_of(fixture, "区委常委二号"), 255);
}

static void the_ground_stays_from_one_board_to_the_next(void **state)
{
    struct fixture *fixture = *state;
    fixture->stage.has_heard = true;
    take(fixture, LAYER_FULLSCREEN, SCENE_BOARD, "s01", 0);
    later(fixture, 0);
    later(fixture, 2000);
    take(fixture, LAYER_FULLSCREEN, SCENE_MATRIX, "s02", 0);
    for (int64_t ms = 0; ms < 1000; ms += 20) {
        later(fixture, 20);
        assert_int_equal(ground_opacity(fixture), 255);
    }
    take(fixture, LAYER_FULLSCREEN, SCENE_RESULT, "s02", 0);
    for (int64_t ms = 0; ms < 1000; ms += 20) {
        later(fixture, 20);
        assert_int_equal(ground_opacity(fixture), 255);
    }
    take(fixture, LAYER_FULLSCREEN, SCENE_INVALID, "s02", 0);
    later(fixture, 0);
    later(fixture, 60);
    assert_in_range(ground_opacity(fixture), 1, 254);
    later(fixture, 300);
    assert_int_equal(ground_opacity(fixture), -1);
}

static void a_second_take_replaces_one_that_has_not_entered_yet(void **state)
{
    struct fixture *fixture = *state;
    fixture->stage.has_heard = true;
    take(fixture, LAYER_LOWER, SCENE_STRAP, "s01", 0);
    later(fixture, 0);
    later(fixture, 2000);
    take(fixture, LAYER_LOWER, SCENE_STRAP, "s02", 0);
    later(fixture, 0);
    later(fixture, 100);
    take(fixture, LAYER_LOWER, SCENE_STRAP, "s04", 0);
    later(fixture, 0);
    assert_true(opacity_of(fixture, "区委常委一号") > 0);
    for (int64_t ms = 0; ms < 2000; ms += 20) {
        later(fixture, 20);
        assert_int_equal(opacity_of(fixture, "区委常委二号"), -1);
    }
    assert_int_equal(opacity_of(fixture, "区委常委四号"), 255);
}

/* Which criterion of the strip, from 0, is up; -1: none. */
static int criterion_of(const struct fixture *fixture)
{
    const struct contest *contest = &fixture->hall.document.texts->contests[0];
    for (uint32_t i = 0; i < contest->criterion_count; i++) {
        const char *label = label_text(&contest->criteria[i].label, fixture->hall.data.language);
        if (opacity_of(fixture, label) >= 0) {
            return (int)i;
        }
    }
    return -1;
}

/* The operator continues what stands on the lower layer, ms after its take. */
static void next(struct fixture *fixture, int64_t ms)
{
    struct layer_state *state = &fixture->layers[LAYER_LOWER];
    state->continued_ms = state->taken_ms + ms;
    state->held_ms = state->step == 0 ? state->continued_ms : state->held_ms;
    state->step++;
    stage_apply(&fixture->stage, fixture->layers, REAL_MS + ms, fixture->hall.data.now_ns);
    later(fixture, 20);
}

static void pages_turn_by_time_until_the_first_continue(void **state)
{
    struct fixture *fixture = *state;
    const int32_t turn_ms = fixture->hall.data.theme->turn_ms;
    fixture->stage.has_heard = true;
    take(fixture, LAYER_LOWER, SCENE_STRIP, "s03", 0);
    later(fixture, 0);
    later(fixture, turn_ms - 100);
    assert_int_equal(criterion_of(fixture), 0);
    later(fixture, turn_ms);
    assert_int_equal(criterion_of(fixture), 1);
    next(fixture, 2 * turn_ms - 100);
    assert_int_equal(criterion_of(fixture), 2);
    later(fixture, 5 * turn_ms);
    assert_int_equal(criterion_of(fixture), 2); /* it waits for the operator now */
    next(fixture, 7 * turn_ms);
    assert_int_equal(criterion_of(fixture), 3);
    assert_int_equal(opacity_of(fixture, "区委常委三号"), 255); /* it did not enter anew */
    /* Another painter that hears of it later shows the same page, and so does the next take. */
    stage_init(&fixture->stage);
    stage_apply(&fixture->stage, fixture->layers, REAL_MS + 9 * turn_ms, fixture->hall.data.now_ns);
    later(fixture, 20);
    assert_int_equal(criterion_of(fixture), 3);
    fixture->layers[LAYER_LOWER].step = 0;
    take(fixture, LAYER_LOWER, SCENE_STRIP, "s03", 0);
    later(fixture, 20);
    later(fixture, 1000);
    assert_int_equal(criterion_of(fixture), 0);
}

static void pages_by_hand_turn_with_continue_only(void **state)
{
    struct fixture *fixture = *state;
    const int32_t turn_ms = fixture->hall.data.theme->turn_ms;
    fixture->stage.has_heard = true;
    take(fixture, LAYER_LOWER, SCENE_STRIP, "s03", 0);
    assert_true(params_put(fixture->layers[LAYER_LOWER].params, "pages", "manual"));
    stage_apply(&fixture->stage, fixture->layers, REAL_MS, fixture->hall.data.now_ns);
    later(fixture, 0);
    for (int turn = 0; turn < 13; turn++) { /* round and round: there are 11 */
        later(fixture, 2 * turn_ms);
        assert_int_equal(criterion_of(fixture), turn % 11);
        next(fixture, turn * 2 * turn_ms);
    }
}

static void what_was_taken_long_before_stands_at_once(void **state)
{
    struct fixture *fixture = *state;
    take(fixture, LAYER_LOWER, SCENE_STRAP, "s01", 60000);
    later(fixture, 0);
    assert_int_equal(opacity_of(fixture, "区委常委一号"), 255);
    /* A clock that runs behind the server's by more than the limit makes nothing enter either. */
    stage_init(&fixture->stage);
    take(fixture, LAYER_LOWER, SCENE_STRAP, "s02", -60000);
    later(fixture, 0);
    assert_int_equal(opacity_of(fixture, "区委常委二号"), 255);
    /* The third criterion has been up for a second: it is not turned to anew. */
    stage_init(&fixture->stage);
    take(fixture, LAYER_LOWER, SCENE_STRIP, "s03", 9000);
    later(fixture, 0);
    assert_int_equal(opacity_of(fixture, "精神状态"), 255);
    stage_init(&fixture->stage);
    take(fixture, LAYER_LOWER, SCENE_STRAP, "s04", 500);
    later(fixture, 0);
    assert_int_equal(opacity_of(fixture, "区委常委四号"), -1);
    later(fixture, 1000);
    assert_int_equal(opacity_of(fixture, "区委常委四号"), 255);
}

static void a_scene_waits_for_its_document_and_the_old_one_goes_after_a_second(void **state)
{
    struct fixture *fixture = *state;
    const struct event *texts = fixture->hall.data.texts;
    enum layer layer = LAYER_INVALID;
    fixture->stage.has_heard = true;
    take(fixture, LAYER_LOWER, SCENE_STRAP, "s01", 0);
    later(fixture, 0);
    later(fixture, 2000);
    fixture->hall.data.closed_count = 0;
    take(fixture, LAYER_LOWER, SCENE_STRIP, "s02", 0);
    later(fixture, STAGE_WAIT_MS - 20);
    assert_int_equal(opacity_of(fixture, "区委常委一号"), 255);
    assert_true(stage_is_waiting(&fixture->stage, &layer));
    assert_int_equal(layer, LAYER_LOWER);
    later(fixture, 20);
    later(fixture, 300);
    assert_int_equal(fixture->hall.scene->node_count, 0);
    fixture->hall.data.closed_count = fixture->hall.document.closed_count;
    later(fixture, 20);
    assert_false(stage_is_waiting(&fixture->stage, NULL));
    later(fixture, 2000);
    assert_int_equal(opacity_of(fixture, "区委常委二号"), 255);
    assert_ptr_equal(fixture->hall.data.texts, texts);
}

static void layers_stand_in_their_order_and_alone(void **state)
{
    struct fixture *fixture = *state;
    fixture->stage.has_heard = true;
    take(fixture, LAYER_BUG, SCENE_TURNOUT, "s03", 0);
    take(fixture, LAYER_FULLSCREEN, SCENE_BOARD, "s03", 0);
    later(fixture, 0);
    later(fixture, 3000);
    assert_int_equal(fixture->hall.scene->nodes[0].kind, NODE_GROUND);
    uint32_t both = fixture->hall.scene->node_count;
    take(fixture, LAYER_BUG, SCENE_INVALID, "s03", 0);
    later(fixture, 0);
    later(fixture, 300);
    assert_true(fixture->hall.scene->node_count < both);
    assert_int_equal(ground_opacity(fixture), 255);
}

int main(void)
{
#define WITH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WITH(a_take_enters_stands_and_leaves),
        WITH(the_old_scene_leaves_before_the_new_one_enters),
        WITH(the_ground_stays_from_one_board_to_the_next),
        WITH(a_second_take_replaces_one_that_has_not_entered_yet),
        WITH(pages_turn_by_time_until_the_first_continue),
        WITH(pages_by_hand_turn_with_continue_only),
        WITH(what_was_taken_long_before_stands_at_once),
        WITH(a_scene_waits_for_its_document_and_the_old_one_goes_after_a_second),
        WITH(layers_stand_in_their_order_and_alone),
    };
    return cmocka_run_group_tests_name("scene_stage", tests, NULL, NULL);
}

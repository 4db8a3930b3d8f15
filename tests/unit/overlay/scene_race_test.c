#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "overlay/scene_pen.h"
#include "tests/unit/overlay/painter_hall.h"

#define SECRETARY "contest=secretary\n"
#define STANDS_MS 5000
#define PART_OF(node) ((node)->key >> 20 & 127u)
#define ROW_OF(node) ((node)->key >> 10 & 1023u)

static int set_up(void **state)
{
    (void)hall_set_up(state);
    struct hall *hall = *state;
    hall_load(hall, "s4");
    return 0;
}

static void build(struct hall *hall)
{
    hall_build(hall, SCENE_RACE, SECRETARY, STANDS_MS);
    assert_false(hall->scene->is_full);
}

static uint32_t parts_count(const struct hall *hall, enum part part)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < hall->scene->node_count; i++) {
        count += PART_OF(&hall->scene->nodes[i]) == part ? 1 : 0;
    }
    return count;
}

/* The bar of a row, or what is left of its track; w 0: none. */
static struct rect box_of(const struct hall *hall, enum part part, uint32_t row)
{
    for (uint32_t i = 0; i < hall->scene->node_count; i++) {
        const struct node *node = &hall->scene->nodes[i];
        if (PART_OF(node) == part && ROW_OF(node) == row) {
            return node->box;
        }
    }
    return (struct rect){ 0 };
}

/* The text of a row's figure in a column, "": none. */
static const char *figure_of(const struct hall *hall, uint32_t row, uint32_t column)
{
    for (uint32_t i = 0; i < hall->scene->node_count; i++) {
        const struct node *node = &hall->scene->nodes[i];
        if (PART_OF(node) == PART_FIGURE && ROW_OF(node) == row && (node->key & 1023u) == column) {
            return hall->scene->texts + node->text;
        }
    }
    return "";
}

static void an_open_round_shows_who_stands_and_how_many_have_voted(void **state)
{
    struct hall *hall = *state;
    hall_load(hall, "s4-open");
    build(hall);
    assert_true(hall_shows(hall, "镇党委书记选举"));
    assert_true(hall_shows(hall, "应选 1 名　第 2 轮"));
    assert_true(hall_shows(hall, "候选人一号") && hall_shows(hall, "候选人三号"));
    assert_true(hall_shows(hall, "某镇党委　组织委员"));
    assert_true(hall_shows(hall, "投票进行中") && hall_shows(hall, "71"));
    assert_int_equal(hall_count_part(hall, "实到"), 1);
    assert_int_equal(parts_count(hall, PART_BAR), 0);
    assert_int_equal(parts_count(hall, PART_FIGURE), 0);
    assert_int_equal(hall_count_part(hall, "过半数"), 0);
}

/* Not even where a view held votes of an open round would one be drawn. */
static void no_vote_is_drawn_before_it_is_let_out(void **state)
{
    struct hall *hall = *state;
    struct figures *live = &hall->document.view.live;
    static const enum live shown[] = { LIVE_HIDDEN, LIVE_TURNOUT };
    for (size_t i = 0; i < 2; i++) {
        live->shows = shown[i];
        live->state = ROUND_OPEN;
        build(hall);
        assert_int_equal(hall_count_part(hall, "68"), 0);
        assert_int_equal(parts_count(hall, PART_BAR), 0);
        assert_int_equal(hall_count_part(hall, "当选"), 0);
        assert_true(hall_shows(hall, "投票进行中"));
    }
}

static void a_later_open_round_names_nobody(void **state)
{
    struct hall *hall = *state;
    struct figures *live = &hall->document.view.live;
    live->shows = LIVE_TURNOUT;
    live->state = ROUND_OPEN;
    memset(&live->election, 0, sizeof(live->election));
    build(hall);
    assert_int_equal(hall_count_part(hall, "候选人"), 0);
    assert_true(hall_shows(hall, "第 3 轮") && hall_shows(hall, "104"));
}

static void a_closed_round_shows_the_views_figures_and_decision(void **state)
{
    struct hall *hall = *state;
    build(hall);
    assert_true(hall_shows(hall, "另行选举　应选 1 名　第 3 轮"));
    assert_true(hall_shows(hall, "候选人一号") && hall_shows(hall, "候选人二号"));
    assert_false(hall_shows(hall, "候选人三号")); /* not on this round's ballot */
    assert_true(hall_shows(hall, "另选人一号（另选）"));
    static const char *const figures[3][3] = { { "26", "46", "30" },
                                               { "68", "17", "17" },
                                               { "2", "", "" } };
    for (uint32_t row = 0; row < 3; row++) {
        for (uint32_t column = 0; column < 3; column++) {
            assert_string_equal(figure_of(hall, row, column), figures[row][column]);
        }
    }
    assert_int_equal(hall_count_part(hall, "当选"), 1);
    assert_int_equal(hall_count_part(hall, "过半数：须 53 票（实到会人数 104）"), 1);
    assert_int_equal(hall_count_part(hall, "按应到会人数 121（须 61 票）：结果相同"), 1);
    assert_true(hall_shows(hall, "应到 121　实到 104　发出 104　收回 104　有效 102　无效 2"));
    hall->data.language = LANGUAGE_EN;
    build(hall);
    assert_true(hall_shows(hall, "Candidate 2") && hall_shows(hall, "Elected"));
}

static void another_result_by_the_other_base_is_told(void **state)
{
    struct hall *hall = *state;
    hall->document.view.live.election.disputed[1] = STANDING_NOT;
    build(hall);
    assert_int_equal(hall_count_part(hall, "结果不同"), 1);
}

static void the_elected_mark_has_shape_word_and_colour(void **state)
{
    struct hall *hall = *state;
    const struct node *shape = NULL;
    hall->document.view.live.election.standings[0] = STANDING_TIED;
    build(hall);
    for (uint32_t i = 0; i < hall->scene->node_count; i++) {
        const struct node *node = &hall->scene->nodes[i];
        shape = node->kind == NODE_SHAPE && ROW_OF(node) == 2 ? node : shape;
    }
    if (shape == NULL) {
        fail_msg("no shape stands");
        return;
    }
    assert_int_equal(shape->shape, SHAPE_SQUARE);
    assert_int_equal(box_of(hall, PART_BADGE, 2).h, 46);
    assert_true(hall_shows(hall, "当选") && hall_shows(hall, "得票相等"));
}

/* A bar of just so many votes as are needed ends where the line ends; one less falls short of it.
 */
static void the_line_stands_at_the_least_number_that_is_more_than_half(void **state)
{
    struct hall *hall = *state;
    struct figures *live = &hall->document.view.live;
    live->items[0] = (struct item_figures){ { 53, 40, 9 }, 102 };
    live->items[1] = (struct item_figures){ { 52, 40, 10 }, 102 };
    build(hall);
    struct rect line = box_of(hall, PART_LINE, 1001); /* with its rim of 2 px */
    struct rect enough = box_of(hall, PART_BAR, 0);
    struct rect short_of = box_of(hall, PART_BAR, 1);
    assert_int_equal(enough.x + enough.w, line.x + line.w - 2);
    assert_true(short_of.x + short_of.w < line.x + line.w - 2);
    live->election.needed = 0; /* most votes win: no line */
    build(hall);
    assert_int_equal(box_of(hall, PART_LINE, 1001).w, 0);
    assert_int_equal(hall_count_part(hall, "不要求过半数"), 1);
}

/* From the first picture after the close: all figures, and bars that rise and never overshoot. */
static void bars_rise_and_figures_stand(void **state)
{
    struct hall *hall = *state;
    const struct figures *live = &hall->document.view.live;
    struct motion motion = { 0 };
    int64_t began_ns = hall->data.now_ns;
    build(hall);
    int32_t whole = box_of(hall, PART_BAR, 1).w;
    int32_t written = box_of(hall, PART_BAR, 2).w; /* a name written in rises with them */
    int32_t last = 0;
    motion_hold(&motion, live->round);
    motion_update(&motion, live, began_ns, hall->theme.change_ms);
    hall->data.motion = &motion;
    for (int64_t ms = 0; ms <= 700; ms += 20) {
        hall->data.now_ns = began_ns + ms * MS;
        build(hall);
        int32_t now = box_of(hall, PART_BAR, 1).w;
        assert_true(now >= last && now <= whole && (ms > 0 || now == 0));
        assert_true(ms > 0 || box_of(hall, PART_BAR, 2).w == 0);
        assert_string_equal(figure_of(hall, 1, 0), "68");
        last = now;
    }
    assert_int_equal(last, whole);
    assert_int_equal(box_of(hall, PART_BAR, 2).w, written);
}

static void a_round_without_figures_says_why(void **state)
{
    struct hall *hall = *state;
    struct figures *live = &hall->document.view.live;
    live->decision = DECISION_PENDING;
    live->shows = LIVE_TURNOUT;
    live->state = ROUND_CLOSED;
    build(hall);
    assert_true(hall_shows(hall, "投票已结束") && hall_shows(hall, "结果按规定公布"));
    live->state = ROUND_VOID;
    build(hall);
    assert_true(hall_shows(hall, "本轮投票不计入结果"));
    assert_int_equal(hall_count_part(hall, "过半数"), 0);
}

static void of_another_contest_there_is_no_data(void **state)
{
    struct hall *hall = *state;
    hall_load(hall, "s4-poll");
    build(hall);
    assert_true(hall_shows(hall, "暂无数据") && hall_shows(hall, "候选人三号"));
    assert_int_equal(hall_count_part(hall, "尚未"), 0);
    hall->document.view.has_live = false;
    build(hall);
    assert_true(hall_shows(hall, "暂无数据"));
}

static void only_an_election_has_a_race(void **state)
{
    struct hall *hall = *state;
    assert_true(scene_is_ready(&hall->data, SCENE_RACE, SECRETARY));
    assert_false(scene_is_ready(&hall->data, SCENE_RACE, "contest=recommend\n"));
    assert_false(scene_is_ready(&hall->data, SCENE_RACE, "contest=other\n"));
    hall->data.view = NULL;
    assert_false(scene_is_ready(&hall->data, SCENE_RACE, SECRETARY));
}

/* Fourteen candidates and four names: every one once, in two pages, which a continue turns. */
static void more_than_fit_turn_in_pages(void **state)
{
    struct hall *hall = *state;
    hall_load(hall, "s4-committee");
    const struct contest *contest = &hall->document.texts->contests[0];
    uint32_t found[2] = { 0 };
    for (uint32_t step = 0; step < 2; step++) {
        const struct scene_cue cue = { .kind = SCENE_RACE,
                                       .layer = LAYER_FULLSCREEN,
                                       .params = SECRETARY "pages=manual\n",
                                       .entered_ns = hall->data.now_ns - STANDS_MS * MS,
                                       .step = step,
                                       .held_ns = hall->data.now_ns - 1000 * MS,
                                       .continued_ns = hall->data.now_ns - 1000 * MS };
        scene_clear(hall->scene);
        scene_add(hall->scene, &hall->data, &cue);
        for (uint32_t i = 0; i < contest->candidate_count; i++) {
            char name[NAME_SIZE];
            found[step] += hall_shows(hall, name_text(contest->candidates[i].name.zh, name));
        }
        found[step] += hall_count_part(hall, "（另选）");
    }
    assert_int_equal(found[0], 9);
    assert_int_equal(found[1], 9);
    assert_int_equal(hall_count_part(hall, "另有 3 名另选人未列出　第 2 页 / 共 2 页"), 1);
    hall_build(hall, SCENE_RACE, SECRETARY, hall->theme.page_ms + 1000);
    assert_int_equal(hall_count_part(hall, "第 2 页"), 1); /* by time, too */
}

/* Sums that hold and numbers that cannot be: drawn without a crash, and no bar leaves its track. */
static void a_view_that_makes_no_sense_does_no_harm(void **state)
{
    static const enum scene_kind kinds[] = { SCENE_RACE, SCENE_RESULT };
    struct hall *hall = *state;
    struct figures *live = &hall->document.view.live;
    const struct figures sound = *live;
    for (uint32_t nonsense = 0; nonsense < 5; nonsense++) {
        *live = sound;
        struct election_figures *election = &live->election;
        for (uint32_t i = 0; nonsense == 0 && i < CANDIDATE_MAX; i++) {
            election->standings[i] = STANDING_OFF;
            election->name_count = 0;
        }
        live->item_count = nonsense == 1 ? 0 : live->item_count;
        memset(election->order, nonsense == 2 ? 255 : 0, sizeof(election->order));
        election->base_count = nonsense == 3 ? 1 : nonsense == 4 ? 0 : election->base_count;
        election->base = nonsense == 4 ? 200 : election->base;
        election->needed = nonsense == 4 ? UINT32_MAX : election->needed;
        for (size_t k = 0; k < 2; k++) {
            hall_build(hall, kinds[k], SECRETARY, STANDS_MS);
            assert_false(hall->scene->is_full);
            for (uint32_t i = 0; i < hall->scene->node_count; i++) {
                const struct rect *box = &hall->scene->nodes[i].box;
                assert_true(box->x >= 0 && box->x + box->w <= hall->theme.width_px);
            }
        }
        assert_true(nonsense != 0 || !hall_shows(hall, "候选人一号"));
    }
}

int main(void)
{
#define WITH(test) cmocka_unit_test_setup_teardown(test, set_up, hall_tear_down)
    const struct CMUnitTest tests[] = {
        WITH(an_open_round_shows_who_stands_and_how_many_have_voted),
        WITH(no_vote_is_drawn_before_it_is_let_out),
        WITH(a_later_open_round_names_nobody),
        WITH(a_closed_round_shows_the_views_figures_and_decision),
        WITH(another_result_by_the_other_base_is_told),
        WITH(the_elected_mark_has_shape_word_and_colour),
        WITH(the_line_stands_at_the_least_number_that_is_more_than_half),
        WITH(bars_rise_and_figures_stand),
        WITH(a_round_without_figures_says_why),
        WITH(of_another_contest_there_is_no_data),
        WITH(only_an_election_has_a_race),
        WITH(more_than_fit_turn_in_pages),
        WITH(a_view_that_makes_no_sense_does_no_harm),
    };
    return cmocka_run_group_tests_name("scene_race", tests, NULL, NULL);
}

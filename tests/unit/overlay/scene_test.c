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

#define SUBJECT "contest=appraisal\nsubject=s03\n"
#define CLOSED "contest=appraisal\nsubject=s07\n"

static const struct node *node_at(const struct hall *hall, enum part part, uint32_t row,
                                  uint32_t column)
{
    uint32_t key = (uint32_t)LAYER_FULLSCREEN << 29 | (uint32_t)part << 20 | row << 10 | column;
    for (uint32_t i = 0; i < hall->scene->node_count; i++) {
        if (hall->scene->nodes[i].key == key) {
            return &hall->scene->nodes[i];
        }
    }
    return NULL;
}

/* The same where it has to stand. */
static struct node need(const struct hall *hall, enum part part, uint32_t row, uint32_t column)
{
    const struct node *node = node_at(hall, part, row, column);
    if (node == NULL) {
        fail_msg("part %d row %u column %u does not stand", (int)part, row, column);
        return (struct node){ 0 };
    }
    return *node;
}

static const char *text_at(const struct hall *hall, enum part part, uint32_t row, uint32_t column)
{
    const struct node *node = node_at(hall, part, row, column);
    return node != NULL ? hall->scene->texts + node->text : "";
}

/* Reckoned apart from share_permille(): exact, half up. */
static void share_expect(const char *shown, uint32_t count, uint32_t base)
{
    char text[16];
    uint64_t tenths = ((uint64_t)count * 2000 + base) / (2 * (uint64_t)base);
    snprintf(text, sizeof(text), "%u.%u", (uint32_t)(tenths / 10), (uint32_t)(tenths % 10));
    assert_string_equal(shown, text);
}

static void the_board_shows_the_exact_share_of_every_count(void **state)
{
    struct hall *hall = *state;
    for (uint32_t round = 0; round < 2; round++) {
        const struct figures *figures =
            round == 0 ? &hall->document.view.live : &hall->document.closed[5];
        hall_build(hall, SCENE_BOARD, round == 0 ? SUBJECT : CLOSED, 5000);
        for (uint32_t i = 0; i < 11; i++) {
            for (uint32_t g = 0; g < 3; g++) {
                share_expect(text_at(hall, PART_FIGURE, i, g), figures->items[i].counts[g],
                             figures->items[i].valid);
            }
        }
        assert_true(hall_shows(hall, round == 0 ? "正在测评" : "已结束"));
        assert_true(hall_shows(hall, round == 0 ? "区委常委三号" : "区委常委七号"));
    }
}

static void the_matrix_shows_every_top_share_and_the_total_of_all_marks(void **state)
{
    struct hall *hall = *state;
    hall_build(hall, SCENE_MATRIX, "contest=appraisal\n", 5000);
    for (uint32_t row = 0; row < 17; row++) {
        const struct figures *figures = row == 2 ? &hall->document.view.live
                                        : row < 2 ? &hall->document.closed[row]
                                                  : &hall->document.closed[row - 1];
        uint32_t best = 0;
        uint32_t valid = 0;
        for (uint32_t i = 0; i < 11; i++) {
            best += figures->items[i].counts[0];
            valid += figures->items[i].valid;
            share_expect(text_at(hall, PART_FIGURE, row, i), figures->items[i].counts[0],
                         figures->items[i].valid);
        }
        share_expect(text_at(hall, PART_TOTAL, row, 0), best, valid);
        assert_true((node_at(hall, PART_EDGE, row, 0) != NULL) == (row == 2)); /* being rated */
    }
}

static void a_number_never_stands_without_its_base_time_and_epoch(void **state)
{
    struct hall *hall = *state;
    static const enum scene_kind kinds[] = { SCENE_STRIP, SCENE_BOARD, SCENE_MATRIX };
    for (uint32_t k = 0; k < 3; k++) {
        hall_build(hall, kinds[k], SUBJECT, 3000);
        assert_true(hall_count_part(hall, "百分比以每项有效票为基数") == 1);
        assert_true(hall_shows(hall, "20:14:07"));
        assert_true(hall_shows(hall, "318,204"));
        assert_true(hall_shows(hall, "1,995"));
        assert_true(hall_shows(hall, "1,874"));
        assert_int_equal(hall_count_part(hall, "到会"), 0);
    }
    hall_build(hall, SCENE_MATRIX, "contest=appraisal\n", 3000);
    assert_true(hall_count_part(hall, "合计以各项有效票之和为基数") == 1);
}

static void rounding_is_said_only_where_the_parts_do_not_add_up(void **state)
{
    struct hall *hall = *state;
    struct figures *live = &hall->document.view.live;
    for (uint32_t i = 0; i < 11; i++) {
        live->items[i] = (struct item_figures){ { 700, 200, 100 }, 1000 };
    }
    hall_build(hall, SCENE_BOARD, SUBJECT, 5000);
    assert_int_equal(hall_count_part(hall, "四舍五入"), 0);
    live->items[10] = (struct item_figures){ { 1, 1, 1 }, 3 };
    hall_build(hall, SCENE_BOARD, SUBJECT, 5000);
    assert_int_equal(hall_count_part(hall, "四舍五入"), 1);
    hall_build(hall, SCENE_STRIP, SUBJECT "criterion=ability\n", 5000);
    assert_int_equal(hall_count_part(hall, "四舍五入"), 0);
    hall_build(hall, SCENE_STRIP, SUBJECT "criterion=results\n", 5000);
    assert_int_equal(hall_count_part(hall, "四舍五入"), 1);
}

static void without_votes_there_is_a_dash_and_an_empty_bar(void **state)
{
    struct hall *hall = *state;
    struct figures *live = &hall->document.view.live;
    memset(live->items, 0, sizeof(live->items));
    live->cast_count = 0;
    hall_build(hall, SCENE_BOARD, SUBJECT, 5000);
    for (uint32_t i = 0; i < 11; i++) {
        for (uint32_t g = 0; g < 3; g++) {
            assert_string_equal(text_at(hall, PART_FIGURE, i, g), "—");
            assert_null(node_at(hall, PART_BAR, i, g));
        }
        assert_non_null(node_at(hall, PART_TRACK, i, 0));
    }
    hall_build(hall, SCENE_STRIP, SUBJECT, 3000);
    assert_int_equal(hall_count_part(hall, "0.0"), 0);
    assert_true(hall_shows(hall, "0")); /* nobody has voted: that is a count */
    hall_build(hall, SCENE_MATRIX, SUBJECT, 3000);
    assert_string_equal(text_at(hall, PART_FIGURE, 2, 0), "—");
    assert_string_equal(text_at(hall, PART_TOTAL, 2, 0), "—");
}

static void a_unanimous_vote_fits(void **state)
{
    struct hall *hall = *state;
    struct figures *live = &hall->document.view.live;
    for (uint32_t i = 0; i < 11; i++) {
        live->items[i] = (struct item_figures){ { 1874, 0, 0 }, 1874 };
    }
    hall_build(hall, SCENE_BOARD, SUBJECT, 5000);
    assert_string_equal(text_at(hall, PART_FIGURE, 0, 0), "100.0");
    assert_string_equal(text_at(hall, PART_FIGURE, 0, 1), "0.0");
    assert_null(node_at(hall, PART_TRACK, 0, 0)); /* the bar is full */
    assert_null(node_at(hall, PART_BAR, 0, 1));
}

/* Figures that are not to be shown stand in memory here: none of them may come out. */
static void figures_held_back_are_nowhere(void **state)
{
    struct hall *hall = *state;
    struct figures *live = &hall->document.view.live;
    static const enum scene_kind kinds[] = { SCENE_STRIP, SCENE_BOARD, SCENE_TURNOUT };
    for (enum live shows = LIVE_HIDDEN; shows <= LIVE_TURNOUT; shows++) {
        live->shows = shows;
        for (uint32_t k = 0; k < 3; k++) {
            hall_build(hall, kinds[k], SUBJECT, 3000);
            assert_true(hall->scene->node_count > 0);
            assert_int_equal(hall_count_part(hall, "."), 0);
            assert_int_equal(hall_count_part(hall, "%"), 0);
            assert_int_equal(hall_count_part(hall, "1,874"), shows == LIVE_TURNOUT ? 1 : 0);
            assert_int_equal(hall_count_part(hall, "投票进行中"),
                             kinds[k] == SCENE_TURNOUT ? 0 : 1);
            for (uint32_t i = 0; kinds[k] != SCENE_TURNOUT && i < hall->scene->node_count; i++) {
                assert_true((hall->scene->nodes[i].key >> 20 & 127) != PART_BAR);
            }
        }
        hall_build(hall, SCENE_MATRIX, SUBJECT, 3000);
        assert_string_equal(text_at(hall, PART_FIGURE, 2, 0), "—");
        assert_string_equal(text_at(hall, PART_TOTAL, 2, 0), "—");
        assert_null(node_at(hall, PART_BAR, 2, 0));
    }
}

static void figures_never_count_only_bars_move(void **state)
{
    struct hall *hall = *state;
    struct figures *live = &hall->document.view.live;
    struct motion motion = { 0 };
    struct figures before = *live;
    char expected[16];
    before.items[0] = (struct item_figures){ { 10, 5, 5 }, 20 };
    motion_update(&motion, &before, 0, hall->theme.change_ms);
    motion_update(&motion, live, hall->data.now_ns, hall->theme.change_ms);
    hall->data.motion = &motion;
    snprintf(expected, sizeof(expected), "%s", "");
    int32_t width_before = 0;
    uint32_t widths = 0;
    for (int64_t age = 20; age <= 3000; age += 20) {
        hall_build(hall, SCENE_BOARD, SUBJECT, age);
        const struct node *bar = node_at(hall, PART_BAR, 0, 0);
        if (node_at(hall, PART_FIGURE, 0, 0) == NULL) {
            continue;
        }
        share_expect(text_at(hall, PART_FIGURE, 0, 0), live->items[0].counts[0],
                     live->items[0].valid);
        int32_t width = bar != NULL ? bar->box.w : 0;
        assert_true(width >= width_before);
        widths += width != width_before ? 1 : 0;
        width_before = width;
        hall->data.now_ns += 20 * MS;
    }
    assert_true(widths > 10);
    double edges[GRADE_MAX];
    motion_edges_of(&live->items[0], 3, edges);
    const struct node *last = node_at(hall, PART_TRACK, 0, 0);
    assert_null(last);
    int32_t whole = need(hall, PART_BAR, 0, 0).box.w + need(hall, PART_BAR, 0, 1).box.w +
                    need(hall, PART_BAR, 0, 2).box.w;
    assert_int_equal(width_before, (int32_t)(edges[0] * whole + 0.5));
}

static void rows_enter_one_after_the_other(void **state)
{
    struct hall *hall = *state;
    hall_build(hall, SCENE_BOARD, SUBJECT, 100);
    assert_non_null(node_at(hall, PART_LABEL, 2, 0));
    assert_null(node_at(hall, PART_LABEL, 3, 0)); /* 3 × 40 ms */
    assert_true(need(hall, PART_LABEL, 0, 0).opacity >
                need(hall, PART_LABEL, 2, 0).opacity);
    hall_build(hall, SCENE_BOARD, SUBJECT, 500 + 10 * 40);
    assert_int_equal(need(hall, PART_LABEL, 10, 0).opacity, 255);
}

static void the_strip_turns_through_all_criteria_and_stays_when_told(void **state)
{
    struct hall *hall = *state;
    const struct contest *contest = &hall->document.texts->contests[0];
    for (uint32_t turn = 0; turn < 23; turn++) {
        hall_build(hall, SCENE_STRIP, SUBJECT, 4000 * turn + 2000);
        assert_string_equal(text_at(hall, PART_LABEL, 0, 0),
                            contest->criteria[turn % 11].label.zh);
        hall_build(hall, SCENE_STRIP, SUBJECT "criterion=integrity\n", 4000 * turn + 2000);
        assert_string_equal(text_at(hall, PART_LABEL, 0, 0), "清正廉洁");
    }
    /* At the turn the figures are the new one's at once, and the bar sets out from the old. */
    hall_build(hall, SCENE_STRIP, SUBJECT, 3990);
    int32_t width = need(hall, PART_BAR, 0, 0).box.w;
    hall_build(hall, SCENE_STRIP, SUBJECT, 4010);
    assert_true(abs(need(hall, PART_BAR, 0, 0).box.w - width) < 20);
    share_expect(text_at(hall, PART_FIGURE, 0, 0), hall->document.view.live.items[1].counts[0],
                 hall->document.view.live.items[1].valid);
}

/* Every scene in every state, in both languages, at rest. */
static void each_scene(struct hall *hall, void (*check)(const struct hall *hall))
{
    static const enum scene_kind kinds[] = { SCENE_STRAP, SCENE_STRIP, SCENE_BOARD, SCENE_MATRIX,
                                             SCENE_TURNOUT };
    struct figures kept = hall->document.view.live;
    for (enum language language = LANGUAGE_ZH_CN; language <= LANGUAGE_EN; language++) {
        hall->data.language = language;
        for (uint32_t k = 0; k < 5; k++) {
            for (uint32_t mode = 0; mode < 5; mode++) {
                struct figures *live = &hall->document.view.live;
                *live = kept;
                live->shows = mode == 1   ? LIVE_TURNOUT
                              : mode == 2 ? LIVE_HIDDEN
                                          : LIVE_TALLY;
                live->state = mode == 3 ? ROUND_PAUSED : ROUND_OPEN;
                if (mode == 4) {
                    memset(live->items, 0, sizeof(live->items));
                }
                hall_build(hall, kinds[k], SUBJECT, 3000);
                assert_false(hall->scene->is_full);
                assert_true(hall->scene->node_count > 3);
                check(hall);
            }
        }
    }
    hall->document.view.live = kept;
}

static void safe_check(const struct hall *hall)
{
    const struct theme *theme = &hall->theme;
    for (uint32_t i = 0; i < hall->scene->node_count; i++) {
        const struct node *node = &hall->scene->nodes[i];
        if (node->kind == NODE_TEXT) {
            assert_true(node->size_px >= THEME_TYPE_MIN_PX);
            assert_true(node->baseline_px - node->size_px * 88 / 100 >= theme->top_px);
            assert_true(node->baseline_px + node->size_px * 12 / 100 <= theme->bottom_px);
        }
        if (node->kind != NODE_GROUND) {
            assert_true(node->box.x >= theme->left_px);
            assert_true(node->box.x + node->box.w <= theme->right_px);
        }
        if (node->kind == NODE_RECT) {
            assert_true(node->box.y >= theme->top_px);
            assert_true(node->box.y + node->box.h <= theme->bottom_px);
            assert_true(node->box.h >= 2 && node->box.y % 2 == 0); /* no twitter */
        }
    }
}

static void everything_is_large_enough_and_inside_the_safe_area(void **state)
{
    each_scene(*state, safe_check);
}

static void keys_check(const struct hall *hall)
{
    for (uint32_t i = 0; i < hall->scene->node_count; i++) {
        for (uint32_t k = 0; k < i; k++) {
            assert_int_not_equal(hall->scene->nodes[i].key, hall->scene->nodes[k].key);
        }
    }
}

static void no_key_stands_twice(void **state)
{
    each_scene(*state, keys_check);
}

static void names_of_two_characters_are_spaced_to_three(void **state)
{
    (void)state;
    static const struct {
        const char *name, *shown;
    } cases[] = {
        { "甲某", "甲\u3000某" }, { "甲某某", "甲某某" }, { "甲", "甲" },
        { "Li", "Li" },           { "A甲", "A甲" },       { "é甲", "é甲" },
        { "欧阳修竹", "欧阳修竹" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char name[NAME_SIZE];
        assert_string_equal(name_text(cases[i].name, name), cases[i].shown);
    }
}

static void numbers_have_their_thousands_apart(void **state)
{
    (void)state;
    static const struct {
        uint64_t number;
        const char *shown;
    } cases[] = { { 0, "0" },
                  { 999, "999" },
                  { 1000, "1,000" },
                  { 1995, "1,995" },
                  { 318204, "318,204" },
                  { UINT64_MAX, "18,446,744,073,709,551,615" } };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[NUMBER_SIZE];
        assert_string_equal(number_text(cases[i].number, text), cases[i].shown);
    }
}

static void a_scene_shows_nothing_until_all_it_needs_is_here(void **state)
{
    struct hall *hall = *state;
    static const struct {
        enum scene_kind kind;
        const char *params;
        bool needs_view, needs_closed;
    } cases[] = {
        { SCENE_STRAP, CLOSED, false, false }, { SCENE_STRIP, CLOSED, true, true },
        { SCENE_STRIP, SUBJECT, true, false }, { SCENE_BOARD, CLOSED, true, true },
        { SCENE_MATRIX, CLOSED, true, true },  { SCENE_TURNOUT, CLOSED, true, false },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct scene_data data = hall->data;
        assert_true(scene_is_ready(&data, cases[i].kind, cases[i].params));
        data.texts = NULL;
        assert_false(scene_is_ready(&data, cases[i].kind, cases[i].params));
        data = hall->data;
        data.view = NULL;
        assert_int_equal(scene_is_ready(&data, cases[i].kind, cases[i].params),
                         !cases[i].needs_view);
        data = hall->data;
        data.closed_count = 0;
        assert_int_equal(scene_is_ready(&data, cases[i].kind, cases[i].params),
                         !cases[i].needs_closed);
        assert_false(scene_is_ready(&hall->data, cases[i].kind, "contest=other\nsubject=s01\n"));
    }
    assert_false(scene_is_ready(&hall->data, SCENE_BOARD, "contest=appraisal\nsubject=s99\n"));
    hall_build(hall, SCENE_BOARD, "contest=appraisal\nsubject=s99\n", 3000);
    assert_int_equal(hall->scene->node_count, 0);
}

static void more_subjects_and_criteria_than_a_page_has_turn_in_pages(void **state)
{
    struct hall *hall = *state;
    struct contest *contest = &hall->document.texts->contests[0];
    struct subject *subjects = calloc(58, sizeof(*subjects));
    struct criterion *criteria = calloc(CRITERION_MAX, sizeof(*criteria));
    bool seen[58] = { false };
    bool item_seen[CRITERION_MAX] = { false };
    assert_non_null(subjects);
    assert_non_null(criteria);
    struct contest kept = *contest;
    for (uint32_t i = 0; i < 58; i++) {
        snprintf(subjects[i].id, ID_SIZE, "s%02u", i + 1);
        snprintf(subjects[i].name.zh, LABEL_SIZE, "局长%u号", i + 1);
    }
    for (uint32_t i = 0; i < CRITERION_MAX; i++) {
        snprintf(criteria[i].id, ID_SIZE, "c%u", i);
        snprintf(criteria[i].label.zh, LABEL_SIZE, "项目%u", i + 1);
    }
    contest->subjects = subjects;
    contest->subject_count = 58;
    contest->criteria = criteria;
    contest->criterion_count = CRITERION_MAX;
    for (uint32_t page = 0; page < 16; page++) {
        char name[LABEL_SIZE];
        hall_build(hall, SCENE_MATRIX, "contest=appraisal\n", 10000 * page + 5000);
        assert_false(hall->scene->is_full);
        for (uint32_t i = 0; i < 58; i++) {
            snprintf(name, sizeof(name), "局长%u号", i + 1);
            seen[i] = seen[i] || hall_shows(hall, name);
        }
        for (uint32_t i = 0; i < CRITERION_MAX; i++) {
            snprintf(name, sizeof(name), "项目%u", i + 1);
            item_seen[i] = item_seen[i] || hall_shows(hall, name);
        }
        assert_int_equal(hall_count_part(hall, "第 "), 1);
        safe_check(hall);
        keys_check(hall);
    }
    for (uint32_t i = 0; i < 58; i++) {
        assert_true(seen[i]);
    }
    for (uint32_t i = 0; i < CRITERION_MAX; i++) {
        assert_true(item_seen[i]);
    }
    hall_build(hall, SCENE_BOARD, "contest=appraisal\nsubject=s01\n", 35000);
    assert_true(hall_shows(hall, "项目40"));
    *contest = kept;
    free(subjects);
    free(criteria);
}

static void a_picture_of_720_lines_is_the_same_in_small(void **state)
{
    struct hall *hall = *state;
    hall_build(hall, SCENE_BOARD, SUBJECT, 3000);
    struct rect large = need(hall, PART_BAR, 4, 0).box;
    scene_scale(hall->scene, hall->theme.width_px, 1280, 720);
    struct node small = need(hall, PART_BAR, 4, 0);
    assert_in_range(small.box.x * 3, large.x * 2 - 2, large.x * 2 + 2);
    assert_in_range((small.box.x + small.box.w) * 3, (large.x + large.w) * 2 - 2,
                    (large.x + large.w) * 2 + 2);
    assert_int_equal(hall->scene->nodes[0].box.w, 1280);
    assert_int_equal(hall->scene->nodes[0].box.h, 720);
    assert_int_equal(need(hall, PART_LABEL, 4, 0).size_px, 24);
}

static void a_dump_tells_every_node(void **state)
{
    struct hall *hall = *state;
    char text[16384];
    char small[64];
    hall_build(hall, SCENE_STRAP, SUBJECT, 5000);
    size_t size = scene_dump(hall->scene, text, sizeof(text));
    assert_int_equal(size, strlen(text));
    assert_non_null(strstr(text, "rect 96,868 560x152 colour=f00d1a2d opacity=255\n"));
    assert_non_null(strstr(text, "size=60 left bold '区委常委三号'\n"));
    assert_int_equal(scene_dump(hall->scene, small, sizeof(small)), sizeof(small) - 1);
}

/* Whether the test pattern is white at a point: the topmost rectangle there says. */
static uint32_t colour_at(const struct hall *hall, int32_t x, int32_t y)
{
    uint32_t colour = 0;
    for (uint32_t i = 0; i < hall->scene->node_count; i++) {
        const struct rect *box = &hall->scene->nodes[i].box;
        if (x >= box->x && x < box->x + box->w && y >= box->y && y < box->y + box->h) {
            colour = hall->scene->nodes[i].colour;
        }
    }
    assert_int_equal(colour >> 24, 255);
    return colour;
}

static bool is_white(const struct hall *hall, int32_t x, int32_t y)
{
    return colour_at(hall, x, y) == 0xffffffffu;
}

static void the_test_pattern_tells_its_tick(void **state)
{
    struct hall *hall = *state;
    static const uint64_t ticks[] = { 0, 1, 2, 49, 239, 240, 12345, 0xabcdef, 0x1000001 };
    for (size_t t = 0; t < sizeof(ticks) / sizeof(ticks[0]); t++) {
        uint32_t read = 0;
        scene_clear(hall->scene);
        scene_add_test(hall->scene, 1920, ticks[t]);
        for (int32_t i = 0; i < 24; i++) {
            read = read << 1 | (is_white(hall, 96 + 32 * i + 8, 104) ? 1 : 0);
            assert_false(is_white(hall, 96 + 32 * i + 24, 104));
        }
        assert_int_equal(read, ticks[t] & 0xffffff);
        int32_t left = (int32_t)(ticks[t] * 8 % 1920);
        assert_true(is_white(hall, left, 600));
        assert_true(is_white(hall, left, 1079));
        assert_true(left == 0 || !is_white(hall, left - 1, 600));
        assert_true(left + 96 >= 1920 || !is_white(hall, left + 96, 600));
        int32_t red = 896 + (int32_t)(ticks[t] * 8 % 384);
        assert_int_equal(0xffc00000u, colour_at(hall, red, 80));
        assert_int_equal(0xffc00000u, colour_at(hall, red + 95, 127));
        assert_int_equal(0xff000000u, colour_at(hall, red + 96, 100));
    }
}

static void a_preview_is_marked_across_the_picture(void **state)
{
    struct hall *hall = *state;
    hall_build(hall, SCENE_BOARD, SUBJECT, 5000);
    scene_add_preview(hall->scene, &hall->data);
    assert_int_equal(hall_count_part(hall, "预览 PREVIEW"), 3);
    keys_check(hall);
}

int main(void)
{
#define WITH(test) cmocka_unit_test_setup_teardown(test, hall_set_up, hall_tear_down)
    const struct CMUnitTest tests[] = {
        WITH(the_board_shows_the_exact_share_of_every_count),
        WITH(the_matrix_shows_every_top_share_and_the_total_of_all_marks),
        WITH(a_number_never_stands_without_its_base_time_and_epoch),
        WITH(rounding_is_said_only_where_the_parts_do_not_add_up),
        WITH(without_votes_there_is_a_dash_and_an_empty_bar),
        WITH(a_unanimous_vote_fits),
        WITH(figures_held_back_are_nowhere),
        WITH(figures_never_count_only_bars_move),
        WITH(rows_enter_one_after_the_other),
        WITH(the_strip_turns_through_all_criteria_and_stays_when_told),
        WITH(everything_is_large_enough_and_inside_the_safe_area),
        WITH(no_key_stands_twice),
        cmocka_unit_test(names_of_two_characters_are_spaced_to_three),
        cmocka_unit_test(numbers_have_their_thousands_apart),
        WITH(a_scene_shows_nothing_until_all_it_needs_is_here),
        WITH(more_subjects_and_criteria_than_a_page_has_turn_in_pages),
        WITH(a_picture_of_720_lines_is_the_same_in_small),
        WITH(a_dump_tells_every_node),
        WITH(the_test_pattern_tells_its_tick),
        WITH(a_preview_is_marked_across_the_picture),
    };
    return cmocka_run_group_tests_name("scene", tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "overlay/scene_stage.h"
#include "overlay/scene_wrap.h"
#include "overlay/server_clock.h"
#include "tests/unit/overlay/painter_hall.h"

#define SERVER_MS INT64_C(1764504847000)
#define TEXT "本次测评共设十一个项目，每位代表对每个项目按“好、一般、差”三个等次作出评价。"

static int set_up(void **state)
{
    (void)hall_set_up(state);
    struct hall *hall = *state;
    hall->data.server_ms = SERVER_MS;
    return 0;
}

static void build(struct hall *hall, enum scene_kind kind, enum layer layer, const char *params,
                  int64_t age_ms)
{
    const struct scene_cue cue = { .kind = kind,
                                   .layer = layer,
                                   .params = params,
                                   .taken_ms = hall->data.server_ms - age_ms,
                                   .entered_ns = hall->data.now_ns - age_ms * MS };
    scene_clear(hall->scene);
    scene_add(hall->scene, &hall->data, &cue);
    assert_false(hall->scene->is_full);
}

/* The first text of `size` px, or NULL. */
static const struct node *text_of_size(const struct hall *hall, int32_t size)
{
    for (uint32_t i = 0; i < hall->scene->node_count; i++) {
        const struct node *node = &hall->scene->nodes[i];
        if (node->kind == NODE_TEXT && node->size_px == size) {
            return node;
        }
    }
    return NULL;
}

static int64_t seconds_shown(const struct hall *hall)
{
    const struct node *node = text_of_size(hall, 84);
    if (node == NULL) {
        fail_msg("no figures stand");
        return 0;
    }
    const char *text = hall->scene->texts + node->text;
    bool is_over = text[0] == '+';
    char *end;
    int64_t minutes = strtoll(text + (is_over ? 1 : 0), &end, 10);
    assert_int_equal(*end, ':');
    int64_t seconds = minutes * 60 + strtoll(end + 1, NULL, 10);
    return is_over ? -seconds : seconds;
}

/* From 40 s before the end to 20 s after it; what is lost of the pictures is up to half a second.
 */
static void minute_run(struct hall *hall, int64_t tick_ms, uint32_t lost_max)
{
    struct server_clock clock = { 0 };
    int64_t start_ns = hall->data.now_ns;
    int64_t before = 40;
    uint32_t random = 1;
    server_clock_hear(&clock, SERVER_MS, start_ns);
    for (int64_t ms = 0; ms < 60000; ms += tick_ms) {
        random = random * 1664525u + 1013904223u;
        ms += lost_max > 0 ? tick_ms * (int64_t)(random >> 16) % lost_max : 0;
        hall->data.now_ns = start_ns + ms * MS;
        hall->data.server_ms = server_clock_at(&clock, hall->data.now_ns);
        build(hall, SCENE_CLOCK, LAYER_BUG, "kind=speech\nseconds=40\nfrom_ms=1764504847000\n",
              2000);
        int64_t shown = seconds_shown(hall);
        assert_true(shown == before || shown == before - 1);
        before = shown;
        assert_true(hall_shows(hall, shown > 0 ? "发言剩余时间" : shown == 0 ? "时间到" : "超时"));
    }
    assert_in_range(-before, 19, 20);
}

static void every_second_is_shown_in_order_at_every_rate(void **state)
{
    static const int64_t tick_ms[] = { 20, 40 };
    for (size_t i = 0; i < 2; i++) {
        minute_run(*state, tick_ms[i], 0);
        minute_run(*state, tick_ms[i], (uint32_t)(500 / tick_ms[i]));
    }
}

static void a_gap_is_run_through_second_by_second(void **state)
{
    struct server_clock clock = { 0 };
    (void)state;
    server_clock_hear(&clock, SERVER_MS, 0);
    assert_int_equal(server_clock_at(&clock, 0), SERVER_MS);
    for (int64_t picture = 1; picture <= 4; picture++) {
        assert_int_equal(server_clock_at(&clock, 4000 * MS), SERVER_MS + picture * 1000);
    }
    assert_int_equal(server_clock_at(&clock, 4020 * MS), SERVER_MS + 4020);
    assert_int_equal(server_clock_at(&clock, 60000 * MS), SERVER_MS + 60000);
    assert_int_equal(server_clock_at(&clock, 59000 * MS), SERVER_MS + 60000); /* never back */
}

static void what_comes_late_does_not_hold_the_clock_back(void **state)
{
    struct server_clock clock = { 0 };
    (void)state;
    assert_int_equal(server_clock_at(&clock, 5), 0);
    server_clock_hear(&clock, 0, 0);
    assert_int_equal(server_clock_at(&clock, 5), 0);
    server_clock_hear(&clock, SERVER_MS, 0);
    server_clock_hear(&clock, SERVER_MS - 300000, 10 * MS); /* an old view, kept for us */
    assert_int_equal(server_clock_at(&clock, 1000 * MS), SERVER_MS + 1000);
    /* Set back by a minute: followed once the windows with the old time are over. */
    for (int64_t ms = 2000; ms < 200000; ms += 1000) {
        server_clock_hear(&clock, SERVER_MS + ms - 60000, ms * MS);
        (void)server_clock_at(&clock, ms * MS);
    }
    assert_int_equal(server_clock_at(&clock, 200000 * MS), SERVER_MS + 140000);
}

static void a_countdown_follows_the_round(void **state)
{
    struct hall *hall = *state;
    struct figures *live = &hall->document.view.live;
    build(hall, SCENE_CLOCK, LAYER_BUG, "", 2000);
    assert_true(hall_shows(hall, "尚未计时"));
    assert_true(hall_shows(hall, "—"));
    live->ends_ms = SERVER_MS + 3723000;
    build(hall, SCENE_CLOCK, LAYER_BUG, "", 2000);
    assert_true(hall_shows(hall, "投票剩余时间"));
    assert_true(hall_shows(hall, "1:02:03"));
    live->ends_ms = SERVER_MS - 5000;
    build(hall, SCENE_CLOCK, LAYER_BUG, "", 2000);
    assert_true(hall_shows(hall, "时间到"));
    assert_true(hall_shows(hall, "0:00")); /* a round does not run over */
    live->ends_ms = SERVER_MS + 60000;
    live->state = ROUND_CLOSED;
    build(hall, SCENE_CLOCK, LAYER_BUG, "", 2000);
    assert_true(hall_shows(hall, "投票已结束"));
    assert_true(hall_shows(hall, "0:00"));
    hall->data.server_ms = 0;
    assert_false(scene_is_ready(&hall->data, SCENE_CLOCK, ""));
}

static void the_crawl_moves_the_same_whole_px_every_field(void **state)
{
    static const struct {
        uint32_t height;
        int32_t step;
    } outputs[] = { { 1080, 3 }, { 720, 2 }, { 2160, 6 }, { 576, 2 } };
    struct hall *hall = *state;
    for (size_t i = 0; i < sizeof(outputs) / sizeof(outputs[0]); i++) {
        uint32_t height = outputs[i].height;
        int32_t before = 0;
        uint32_t moves = 0;
        hall->data.width_px = height * 16 / 9;
        for (int64_t ms = 0; ms < 40000; ms += 20) {
            build(hall, SCENE_CRAWL, LAYER_CRAWL, "text_zh=" TEXT "\n", ms);
            scene_scale(hall->scene, THEME_WIDTH_PX, height * 16 / 9, height);
            const struct node *node = text_of_size(hall, (int32_t)(36 * height + 540) / 1080);
            int32_t x = node != NULL ? node->box.x : INT32_MIN;
            if (node != NULL && before != 0 && x <= before) {
                assert_int_equal(before - x, outputs[i].step);
                moves++;
            }
            if (node != NULL) { /* no copy is condensed */
                assert_true(node->box.w >=
                            hall_measure(NULL, TEXT, strlen(TEXT), node->size_px, false, false));
            }
            before = node != NULL ? x : 0;
        }
        assert_true(moves > 1900);
    }
}

static void the_crawl_ends_after_its_times_or_never(void **state)
{
    struct hall *hall = *state;
    build(hall, SCENE_CRAWL, LAYER_CRAWL, "text_zh=" TEXT "\ntimes=2\n", 15000);
    assert_int_equal(hall_count_part(hall, TEXT), 2);
    build(hall, SCENE_CRAWL, LAYER_CRAWL, "text_zh=" TEXT "\ntimes=2\n", 120000);
    assert_int_equal(hall->scene->node_count, 0);
    build(hall, SCENE_CRAWL, LAYER_CRAWL, "text_zh=" TEXT "\n", INT64_C(86400000));
    assert_in_range(hall_count_part(hall, TEXT), 1, 3);
    build(hall, SCENE_CRAWL, LAYER_CRAWL, "text_zh=短\n", INT64_C(86400000));
    assert_in_range(hall_count_part(hall, "短"), 8, 11); /* the whole width */
    build(hall, SCENE_CRAWL, LAYER_CRAWL, "times=2\n", 5000);
    assert_int_equal(hall->scene->node_count, 0);
}

static void the_lower_layer_makes_room_for_the_crawl(void **state)
{
    struct hall *hall = *state;
    struct stage stage;
    struct layer_state layers[LAYER_COUNT] = { 0 };
    int32_t tops[2];
    stage_init(&stage);
    layers[LAYER_LOWER] = (struct layer_state){ .is_taken = true,
                                                .scene = SCENE_STRAP,
                                                .take = 1,
                                                .params = "contest=appraisal\nsubject=s03\n" };
    layers[LAYER_CRAWL] =
        (struct layer_state){ .scene = SCENE_CRAWL, .take = 1, .params = "text_zh=" TEXT "\n" };
    stage.has_heard = true;
    for (uint32_t i = 0; i < 2; i++) {
        layers[LAYER_CRAWL].is_taken = i == 1;
        stage_apply(&stage, layers, SERVER_MS, hall->data.now_ns);
        for (uint32_t tick = 0; tick < 50; tick++) {
            hall->data.now_ns += 40 * MS;
            stage_step(&stage, &hall->data);
            scene_clear(hall->scene);
            stage_add(&stage, &hall->data, hall->scene);
            assert_int_equal(hall->scene->nodes[0].box.y % 2, 0);
        }
        tops[i] = hall->scene->nodes[0].box.y;
    }
    assert_int_equal(tops[0] - tops[1], STAGE_LIFT_PX);
}

static void lines_break_where_chinese_and_english_do(void **state)
{
    static const char *const texts[] = {
        TEXT,
        "The share of good was shown as 76.0%; it is 67.0% (of 1,895 valid marks).",
        "Pneumonoultramicroscopicsilicovolcanoconiosis是一个词，不能断开",
        "《党章》第（一）条：“……”。",
    };
    struct hall *hall = *state;
    const struct pen pen = { .data = &hall->data, .theme = hall->data.theme };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        for (int32_t width = 80; width < 900; width += 20) {
            struct line lines[WRAP_LINE_MAX];
            uint32_t count = wrap_lines(&pen, texts[i], 40, false, width, lines);
            const char *at = texts[i];
            assert_in_range(count, 1, WRAP_LINE_MAX);
            for (uint32_t k = 0; k < count; k++) {
                at += strspn(at, " ");
                assert_ptr_equal(lines[k].text, at); /* nothing is lost */
                at += lines[k].size;
                assert_true(k == 0 || (strncmp(lines[k].text, "，", 3) != 0 &&
                                       strncmp(lines[k].text, "。", 3) != 0 &&
                                       strncmp(lines[k].text, "”", 3) != 0));
                assert_true(k + 1 == count || strncmp(at - 3, "“", 3) != 0);
            }
            assert_int_equal(*at, '\0');
        }
    }
}

static void a_long_opinion_has_pages_and_a_correction_all_of_it(void **state)
{
    static const char params[] = "text_zh=" TEXT TEXT TEXT TEXT "\n";
    struct hall *hall = *state;
    build(hall, SCENE_OPINION, LAYER_LOWER, params, 2000);
    assert_true(hall_shows(hall, "意见"));
    assert_int_equal(hall_count_part(hall, "页"), 2); /* page 1 of 2 */
    assert_true(hall_shows(hall, "2"));
    build(hall, SCENE_CORRECTION, LAYER_ALERT, params, 2000);
    assert_true(hall_shows(hall, "更正"));
    size_t shown = 0;
    for (uint32_t i = 0; i < hall->scene->node_count; i++) {
        const struct node *node = &hall->scene->nodes[i];
        shown += node->kind == NODE_TEXT ? node->text_size : 0;
        assert_true(node->box.y + node->box.h <= 1040);
    }
    assert_true(shown == 4 * strlen(TEXT) + strlen("更正"));
    hall->data.language = LANGUAGE_EN; /* no English words: the Chinese ones, not none */
    build(hall, SCENE_OPINION, LAYER_LOWER, "text_zh=只有中文\n", 2000);
    assert_true(hall_shows(hall, "只有中文"));
}

static void a_notice_counts_down_to_its_time(void **state)
{
    static const char until[] = "title_zh=投票\nuntil_ms=1764504847000\n";
    static const char long_text[] = "text_zh=" TEXT TEXT TEXT TEXT TEXT "\npages=manual\n";
    struct hall *hall = *state;
    hall->data.server_ms = 1764504847000 - 65001;
    build(hall, SCENE_NOTICE, LAYER_FULLSCREEN, until, 2000);
    assert_true(hall_shows(hall, "接下来") && hall_shows(hall, "投票"));
    assert_true(hall_shows(hall, "距开始还有") && hall_shows(hall, "1:06"));
    hall->data.server_ms = 1764504847000 - 1;
    build(hall, SCENE_NOTICE, LAYER_FULLSCREEN, until, 2000);
    assert_true(hall_shows(hall, "0:01") && !hall_shows(hall, "即将开始"));
    hall->data.server_ms = 1764504847000 + 5000;
    build(hall, SCENE_NOTICE, LAYER_FULLSCREEN, until, 2000);
    assert_true(hall_shows(hall, "0:00") && hall_shows(hall, "即将开始"));
    hall->data.server_ms = 0; /* no time is known: not a wrong one */
    assert_false(scene_is_ready(&hall->data, SCENE_NOTICE, until));
    assert_true(scene_is_ready(&hall->data, SCENE_NOTICE, "title_zh=投票\n"));
    assert_false(scene_is_ready(&hall->data, SCENE_NOTICE, "seconds=5\n"));
    build(hall, SCENE_NOTICE, LAYER_FULLSCREEN, long_text, 2000);
    assert_true(hall_count_part(hall, "页") == 2);
    assert_false(hall_shows(hall, "0:00"));
}

static void dumps_are_as_written(void **state)
{
    struct hall *hall = *state;
    char dump[2048];
    build(hall, SCENE_CLOCK, LAYER_BUG, "kind=speech\nseconds=5\nfrom_ms=1764504830000\n", 2000);
    (void)scene_dump(hall->scene, dump, sizeof(dump));
    assert_string_equal(
        dump,
        "rect 1404,56 420x168 colour=ffa3262a opacity=255\n"
        "rect 1404,56 420x4 colour=ffd8b46a opacity=255\n"
        "shape 1432,80 28x28 colour=fff4f1ea opacity=255\n"
        "text 1472,75 324x38 colour=fff4f1ea opacity=255 size=28 left bold '超时'\n"
        "text 1432,109 364x114 colour=fff4f1ea opacity=255 size=84 right bold figure '+0:12'\n");
}

int main(void)
{
#define WITH(test) cmocka_unit_test_setup_teardown(test, set_up, hall_tear_down)
    const struct CMUnitTest tests[] = {
        WITH(every_second_is_shown_in_order_at_every_rate),
        WITH(a_gap_is_run_through_second_by_second),
        WITH(what_comes_late_does_not_hold_the_clock_back),
        WITH(a_countdown_follows_the_round),
        WITH(the_crawl_moves_the_same_whole_px_every_field),
        WITH(the_crawl_ends_after_its_times_or_never),
        WITH(the_lower_layer_makes_room_for_the_crawl),
        WITH(lines_break_where_chinese_and_english_do),
        WITH(a_long_opinion_has_pages_and_a_correction_all_of_it),
        WITH(a_notice_counts_down_to_its_time),
        WITH(dumps_are_as_written),
    };
    return cmocka_run_group_tests_name("scene_words", tests, NULL, NULL);
}

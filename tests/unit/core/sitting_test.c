#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"

static void a_mark_counts_only_while_its_round_is_open(void **state)
{
    struct event *event = fixture_event(LIVE_TALLY);
    struct sitting *sitting = sitting_create(event);
    struct mark mark = fixture_mark(1, 1, 0, 1, 0, 1);
    assert_int_equal(fixture_apply_mark(sitting, &mark).verdict, VERDICT_INVALID);
    assert_int_equal(sitting_early_total(sitting), 1);
    fixture_open(sitting, 1, "s1");
    assert_int_equal(fixture_apply_mark(sitting, &mark).verdict, VERDICT_NEW);
    fixture_pause(sitting, 1);
    struct mark paused = fixture_mark(1, 2, 0, 1, 0, 1);
    assert_int_equal(fixture_apply_mark(sitting, &paused).verdict, VERDICT_INVALID);
    fixture_open(sitting, 1, "s1");
    assert_int_equal(fixture_apply_mark(sitting, &paused).verdict, VERDICT_NEW);
    fixture_close(sitting, 1);
    struct mark late = fixture_mark(1, 3, 0, 1, 0, 1);
    assert_int_equal(fixture_apply_mark(sitting, &late).verdict, VERDICT_INVALID);
    const struct round *round = sitting_round(sitting, 1);
    assert_int_equal(round->tally.counts[0][0], 2);
    assert_int_equal(round->tally.cast_count, 2);
    assert_int_equal(round->state, ROUND_CLOSED);
    assert_int_equal(sitting_ignored_total(sitting), 3);
    sitting_destroy(sitting);
    event_destroy(event);
}

static void a_change_of_mind_moves_the_count(void **state)
{
    struct event *event = fixture_event(LIVE_TALLY);
    struct sitting *sitting = sitting_create(event);
    fixture_open(sitting, 1, "s1");
    const struct mark marks[] = {
        fixture_mark(1, 1, 0, 1, 0, 1), fixture_mark(1, 1, 0, 2, 2, 2),
        fixture_mark(1, 1, 0, 2, 1, 3), /* conflict */
        fixture_mark(1, 1, 0, 1, 0, 1), /* superseded */
        fixture_mark(1, 1, 1, 1, 1, 4), fixture_mark(1, 2, 0, 7, 2, 5),
    };
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        fixture_apply_mark(sitting, &marks[i]);
    }
    const struct tally *tally = &sitting_current(sitting)->tally;
    assert_int_equal(tally->counts[0][0], 0);
    assert_int_equal(tally->counts[0][1], 0);
    assert_int_equal(tally->counts[0][2], 2);
    assert_int_equal(tally->counts[1][1], 1);
    assert_int_equal(tally_valid(tally, 0), 2);
    assert_int_equal(tally_valid(tally, 1), 1);
    assert_int_equal(tally->cast_count, 2);
    sitting_destroy(sitting);
    event_destroy(event);
}

static enum status may_open(const struct sitting *sitting, const char *contest, const char *subject,
                            uint32_t *round, struct fault *fault)
{
    struct opening opening;
    enum status status = sitting_may_open(sitting, contest, subject, NULL, &opening, fault);
    *round = status == STATUS_OK ? opening.round : *round;
    return status;
}

static enum status may(const struct sitting *sitting, enum act_kind kind, uint32_t round)
{
    struct act act = { .kind = kind, .round = round, .post = "officer-1" };
    return sitting_may_act(sitting, &act, NULL);
}

static void one_round_at_a_time_and_a_closed_one_is_final(void **state)
{
    struct event *event = fixture_event(LIVE_TALLY);
    struct sitting *sitting = sitting_create(event);
    uint32_t round = 0;
    struct fault fault = { 0 };
    assert_int_equal(may(sitting, ACT_CLOSE, 0), STATUS_REFUSED);
    assert_int_equal(may(sitting, ACT_PAUSE, 0), STATUS_REFUSED);
    assert_int_equal(may_open(sitting, "election", "s1", &round, NULL), STATUS_NOT_FOUND);
    assert_int_equal(may_open(sitting, "appraisal", "s9", &round, NULL), STATUS_NOT_FOUND);
    assert_int_equal(may_open(sitting, "appraisal", "s1", &round, NULL), STATUS_OK);
    assert_int_equal(round, 1);
    fixture_open(sitting, 1, "s1");
    assert_int_equal(may_open(sitting, "appraisal", "s1", &round, NULL), STATUS_REFUSED);
    assert_int_equal(may_open(sitting, "appraisal", "s2", &round, &fault), STATUS_REFUSED);
    assert_string_equal(fault.text, "round 1 is open: close it first");
    assert_int_equal(may(sitting, ACT_CLOSE, 2), STATUS_REFUSED);
    fixture_pause(sitting, 1);
    assert_int_equal(may(sitting, ACT_PAUSE, 0), STATUS_REFUSED);
    assert_int_equal(may_open(sitting, "appraisal", "s1", &round, NULL), STATUS_OK);
    assert_int_equal(round, 1);
    assert_int_equal(may_open(sitting, "appraisal", "s2", &round, NULL), STATUS_REFUSED);
    fixture_close(sitting, 1);
    assert_null(sitting_current(sitting));
    assert_int_equal(sitting_latest(sitting)->number, 1);
    assert_int_equal(may_open(sitting, "appraisal", "s1", &round, NULL), STATUS_REFUSED);
    assert_int_equal(may_open(sitting, "appraisal", "s2", &round, NULL), STATUS_OK);
    assert_int_equal(round, 2);
    sitting_destroy(sitting);
    event_destroy(event);
}

static void a_log_that_cannot_be_ours_is_refused(void **state)
{
    static const struct {
        struct act act;
        const char *word;
    } cases[] = {
        { { .kind = ACT_OPEN, .round = 1, .contest = "appraisal", .subject = "s1" }, "zero check" },
        { { .kind = ACT_OPEN, .round = 2, .contest = "appraisal", .subject = "s1" }, "next" },
        { { .kind = ACT_ZERO_CHECK, .round = 2 }, "next round" },
        { { .kind = ACT_ZERO_CHECK, .round = 1, .number = 3 }, "not zero" },
        { { .kind = ACT_CLOSE, .round = 1 }, "not open" },
        { { .kind = ACT_PAUSE, .round = 1 }, "not open" },
        { { .kind = ACT_TAKE, .bus = BUS_PROGRAMME, .layer = LAYER_LOWER, .scene = "nosuch" },
          "scene" },
        { { .kind = ACT_TAKE, .bus = BUS_PROGRAMME, .layer = LAYER_ALL, .scene = "strip" },
          "layer" },
        { { .kind = ACT_CONTINUE, .bus = BUS_PROGRAMME, .layer = LAYER_ALL }, "layer" },
        { { .kind = ACT_EPOCHS, .number = 0 }, "rise" },
        { { .kind = ACT_INVALID }, "unknown" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct event *event = fixture_event(LIVE_TALLY);
        struct sitting *sitting = sitting_create(event);
        struct record record = { .batch = 42, .act = &cases[i].act };
        struct applied applied;
        struct fault fault = { 0 };
        assert_int_equal(sitting_apply(sitting, &record, &applied, &fault), STATUS_INVALID);
        assert_non_null(strstr(fault.text, "batch 42"));
        assert_non_null(strstr(fault.text, cases[i].word));
        sitting_destroy(sitting);
        event_destroy(event);
    }
}

static void programme_follows_take_and_clear(void **state)
{
    struct event *event = fixture_event(LIVE_TALLY);
    struct sitting *sitting = sitting_create(event);
    struct act take = { .kind = ACT_TAKE,
                        .bus = BUS_PROGRAMME,
                        .layer = LAYER_LOWER,
                        .scene = "strip",
                        .params = "subject=s1\n",
                        .at_ms = 77 };
    assert_true(fixture_apply_act(sitting, &take, STATUS_OK).programme_changed);
    fixture_apply_act(sitting, &take, STATUS_OK);
    take.layer = LAYER_BUG;
    fixture_apply_act(sitting, &take, STATUS_OK);
    const struct programme *programme = sitting_programme(sitting);
    const struct layer_state *lower = &programme->layers[BUS_PROGRAMME][LAYER_LOWER];
    assert_true(lower->is_taken);
    assert_int_equal(lower->take, 2);
    assert_int_equal(lower->scene, SCENE_STRIP);
    assert_int_equal(lower->taken_ms, 77);
    assert_string_equal(lower->params, "subject=s1\n");
    struct act clear = { .kind = ACT_CLEAR, .bus = BUS_PROGRAMME, .layer = LAYER_LOWER };
    fixture_apply_act(sitting, &clear, STATUS_OK);
    assert_false(lower->is_taken);
    assert_int_equal(lower->take, 2);
    assert_true(programme->layers[BUS_PROGRAMME][LAYER_BUG].is_taken);
    clear.layer = LAYER_ALL;
    fixture_apply_act(sitting, &clear, STATUS_OK);
    assert_false(programme->layers[BUS_PROGRAMME][LAYER_BUG].is_taken);
    assert_false(programme->layers[BUS_PREVIEW][LAYER_BUG].is_taken);
    assert_int_equal(programme->sequence, 5);
    sitting_destroy(sitting);
    event_destroy(event);
}

static void take_on(struct sitting *sitting, enum bus bus, enum layer layer, const char *scene,
                    const char *params, int64_t at_ms)
{
    struct act act = { .kind = ACT_TAKE, .bus = bus, .layer = layer, .at_ms = at_ms };
    snprintf(act.scene, sizeof(act.scene), "%s", scene);
    snprintf(act.params, sizeof(act.params), "%s", params);
    fixture_apply_act(sitting, &act, STATUS_OK);
}

static void a_cut_gives_the_programme_what_the_preview_has(void **state)
{
    struct event *event = fixture_event(LIVE_TALLY);
    struct sitting *sitting = sitting_create(event);
    take_on(sitting, BUS_PROGRAMME, LAYER_BUG, "turnout", "contest=appraisal\n", 10);
    take_on(sitting, BUS_PROGRAMME, LAYER_LOWER, "strip", "subject=s1\n", 11);
    take_on(sitting, BUS_PROGRAMME, LAYER_CRAWL, "strap", "", 12);
    take_on(sitting, BUS_PREVIEW, LAYER_BUG, "turnout", "contest=appraisal\n", 13);
    take_on(sitting, BUS_PREVIEW, LAYER_LOWER, "strip", "subject=s2\n", 14);
    take_on(sitting, BUS_PREVIEW, LAYER_FULLSCREEN, "board", "subject=s2\n", 15);
    const struct programme *programme = sitting_programme(sitting);
    struct programme before = *programme;
    struct act cut = { .kind = ACT_CUT, .at_ms = 20, .post = "operator-1" };
    assert_true(fixture_apply_act(sitting, &cut, STATUS_OK).programme_changed);
    const struct layer_state *layers = programme->layers[BUS_PROGRAMME];
    assert_int_equal(programme->sequence, before.sequence + 1);
    /* The same on both: it stays, with the take it had. */
    assert_memory_equal(&layers[LAYER_BUG], &before.layers[BUS_PROGRAMME][LAYER_BUG],
                        sizeof(layers[LAYER_BUG]));
    assert_int_equal(layers[LAYER_LOWER].take, 2);
    assert_int_equal(layers[LAYER_LOWER].taken_ms, 20);
    assert_string_equal(layers[LAYER_LOWER].params, "subject=s2\n");
    assert_true(layers[LAYER_FULLSCREEN].is_taken);
    assert_int_equal(layers[LAYER_FULLSCREEN].take, 1);
    assert_int_equal(layers[LAYER_FULLSCREEN].scene, SCENE_BOARD);
    assert_false(layers[LAYER_CRAWL].is_taken);
    assert_int_equal(layers[LAYER_BUG].cause, CAUSE_TAKE);
    assert_int_equal(layers[LAYER_LOWER].cause, CAUSE_CUT);
    assert_int_equal(layers[LAYER_CRAWL].cause, CAUSE_CUT);
    assert_string_equal(layers[LAYER_CRAWL].post, "operator-1");
    assert_int_equal(layers[LAYER_CRAWL].take, 1);
    assert_memory_equal(programme->layers[BUS_PREVIEW], before.layers[BUS_PREVIEW],
                        sizeof(before.layers[BUS_PREVIEW]));
    sitting_destroy(sitting);
    event_destroy(event);
}

static void a_continue_steps_what_is_taken_and_a_take_begins_anew(void **state)
{
    (void)state;
    struct event *event = fixture_event(LIVE_TALLY);
    struct sitting *sitting = sitting_create(event);
    struct act take = { .kind = ACT_TAKE,
                        .bus = BUS_PREVIEW,
                        .layer = LAYER_FULLSCREEN,
                        .scene = "matrix",
                        .at_ms = 70 };
    struct act next = { .kind = ACT_CONTINUE, .bus = BUS_PREVIEW, .layer = LAYER_FULLSCREEN };
    const struct programme *programme = sitting_programme(sitting);
    const struct layer_state *layer = &programme->layers[BUS_PREVIEW][LAYER_FULLSCREEN];
    fixture_apply_act(sitting, &next, STATUS_OK); /* a clear went before it: nothing is there */
    assert_int_equal(layer->step, 0);
    assert_int_equal(layer->held_ms, 0);
    fixture_apply_act(sitting, &take, STATUS_OK);
    for (uint32_t step = 1; step <= 3; step++) {
        next.at_ms = 80 + step;
        assert_true(fixture_apply_act(sitting, &next, STATUS_OK).programme_changed);
        assert_int_equal(layer->step, step);
        assert_int_equal(layer->held_ms, 81);
        assert_int_equal(layer->continued_ms, 80 + step);
        assert_int_equal(layer->take, 1);
        assert_int_equal(layer->taken_ms, 70);
    }
    assert_int_equal(programme->layers[BUS_PROGRAMME][LAYER_FULLSCREEN].step, 0);
    assert_int_equal(programme->sequence, 5);
    fixture_apply_act(sitting, &take, STATUS_OK);
    assert_int_equal(layer->step, 0);
    assert_int_equal(layer->held_ms, 0);
    assert_int_equal(layer->continued_ms, 0);
    sitting_destroy(sitting);
    event_destroy(event);
}

static void epochs_reserved_only_rise(void **state)
{
    struct event *event = fixture_event(LIVE_TALLY);
    struct sitting *sitting = sitting_create(event);
    struct act act = { .kind = ACT_EPOCHS, .number = 4096 };
    fixture_apply_act(sitting, &act, STATUS_OK);
    assert_int_equal(sitting_epochs_reserved(sitting), 4096);
    fixture_apply_act(sitting, &act, STATUS_INVALID);
    act.number = 8192;
    fixture_apply_act(sitting, &act, STATUS_OK);
    assert_int_equal(sitting_epochs_reserved(sitting), 8192);
    sitting_destroy(sitting);
    event_destroy(event);
}

/* 2,000 random histories: the running tally equals a recount of the last versions. */
static void the_tally_equals_a_recount(void **state)
{
    uint64_t seed = 20260101;
    for (int run = 0; run < 2000; run++) {
        struct event *event = fixture_event(LIVE_TALLY);
        struct sitting *sitting = sitting_create(event);
        uint32_t held[6][2] = { 0 };
        uint8_t choice[6][2];
        fixture_open(sitting, 1, "s1");
        for (int step = 0; step < 30; step++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            uint32_t draw = (uint32_t)(seed >> 33);
            uint8_t who = (uint8_t)(draw % 6);
            uint16_t item = (uint16_t)(draw / 6 % 2);
            uint32_t version = draw / 12 % 4 + 1;
            uint8_t pick = (uint8_t)(draw / 48 % 3);
            struct mark mark =
                fixture_mark(1, (uint8_t)(who + 1), item, version, pick, (uint8_t)(draw / 144 % 3));
            fixture_apply_mark(sitting, &mark);
            if (version > held[who][item]) {
                held[who][item] = version;
                choice[who][item] = pick;
            }
        }
        uint32_t counts[2][3] = { 0 };
        uint32_t cards = 0;
        for (int who = 0; who < 6; who++) {
            cards += held[who][0] > 0 || held[who][1] > 0;
            for (int item = 0; item < 2; item++) {
                if (held[who][item] > 0) {
                    counts[item][choice[who][item]]++;
                }
            }
        }
        const struct tally *tally = &sitting_current(sitting)->tally;
        for (int item = 0; item < 2; item++) {
            for (int grade = 0; grade < 3; grade++) {
                assert_int_equal(tally->counts[item][grade], counts[item][grade]);
            }
        }
        assert_int_equal(tally->cast_count, cards);
        sitting_destroy(sitting);
        event_destroy(event);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mark_counts_only_while_its_round_is_open),
        cmocka_unit_test(a_change_of_mind_moves_the_count),
        cmocka_unit_test(one_round_at_a_time_and_a_closed_one_is_final),
        cmocka_unit_test(a_log_that_cannot_be_ours_is_refused),
        cmocka_unit_test(programme_follows_take_and_clear),
        cmocka_unit_test(a_cut_gives_the_programme_what_the_preview_has),
        cmocka_unit_test(a_continue_steps_what_is_taken_and_a_take_begins_anew),
        cmocka_unit_test(epochs_reserved_only_rise),
        cmocka_unit_test(the_tally_equals_a_recount),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

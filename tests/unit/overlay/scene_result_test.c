#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "overlay/scene_pen.h"
#include "server/model/rules.h"
#include "tests/unit/overlay/painter_hall.h"

#define SECRETARY "contest=secretary\n"
#define SUBJECT "contest=appraisal\nsubject=s03\n"

static int set_up(void **state)
{
    (void)hall_set_up(state);
    struct hall *hall = *state;
    hall_load(hall, "s4");
    return 0;
}

static void build(struct hall *hall, const char *params)
{
    hall_build(hall, SCENE_RESULT, params, 5000);
    assert_false(hall->scene->is_full);
}

static const struct node *code_of(const struct hall *hall)
{
    for (uint32_t i = 0; i < hall->scene->node_count; i++) {
        if (hall->scene->nodes[i].kind == NODE_CODE) {
            return &hall->scene->nodes[i];
        }
    }
    return NULL;
}

static void an_election_says_who_is_elected_and_on_which_base(void **state)
{
    struct hall *hall = *state;
    build(hall, SECRETARY);
    assert_true(hall_shows(hall, "应选 1 名，全部选出"));
    assert_true(hall_shows(hall, "候选人二号") && hall_shows(hall, "当选"));
    assert_false(hall_shows(hall, "候选人一号"));
    assert_true(hall_shows(hall, "68") && hall_shows(hall, "65.4%")); /* of 104 present */
    assert_int_equal(hall_count_part(hall, "过半数：须 53 票（实到会人数 104）"), 1);
    assert_null(code_of(hall));
}

static void every_decision_has_its_words(void **state)
{
    struct hall *hall = *state;
    struct figures *live = &hall->document.view.live;
    static const struct {
        enum decision decision;
        const char *words;
    } cases[] = { { DECISION_ELECTED, "应选 1 名，全部选出" },
                  { DECISION_RUN_OFF, "得票相等，再次投票选 2 名" },
                  { DECISION_ANOTHER, "缺额 3 名，另行选举" },
                  { DECISION_STOPPED, "不再选举，缺额 3 名" },
                  { DECISION_COUNTED, "计票完毕" } };
    live->election.run_off_seats = 2;
    live->election.missing_seats = 3;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        live->decision = cases[i].decision;
        build(hall, SECRETARY);
        assert_true(hall_shows(hall, cases[i].words));
    }
}

static void where_nobody_is_elected_all_who_stood_are_shown(void **state)
{
    struct hall *hall = *state;
    struct figures *live = &hall->document.view.live;
    live->decision = DECISION_ANOTHER;
    live->election.standings[1] = STANDING_NOT;
    build(hall, SECRETARY);
    assert_true(hall_shows(hall, "候选人一号") && hall_shows(hall, "候选人二号"));
    assert_int_equal(hall_count_part(hall, "当选"), 0);
}

static void a_motion_has_its_three_counts_and_what_it_needed(void **state)
{
    struct hall *hall = *state;
    hall_load(hall, "s5-motion");
    build(hall, "contest=report\n");
    assert_true(hall_shows(hall, "通过"));
    assert_true(hall_shows(hall, "49") && hall_shows(hall, "30") && hall_shows(hall, "6"));
    assert_true(hall_shows(hall, "57.6%") && hall_shows(hall, "7.1%"));
    assert_int_equal(hall_count_part(hall, "须 43 票（实到会人数 85）"), 1);
    hall->document.view.live.decision = DECISION_NOT_PASSED;
    build(hall, "contest=report\n");
    assert_true(hall_shows(hall, "未通过"));
}

static void a_poll_has_its_shortlist(void **state)
{
    struct hall *hall = *state;
    hall_load(hall, "s4-poll");
    build(hall, "contest=recommend\n");
    assert_int_equal(hall_count_part(hall, "入围"), 3);
    assert_false(hall_shows(hall, "候选人四号"));
    assert_int_equal(hall_count_part(hall, "百分比以有效票数 103 为基数"), 1);
}

static void an_appraisal_has_what_the_rules_make_of_it(void **state)
{
    struct hall *hall = *state;
    hall_load(hall, "s1");
    struct figures *live = &hall->document.view.live;
    struct contest *contest = &hall->document.texts->contests[0];
    live->state = ROUND_CLOSED;
    build(hall, SUBJECT);
    assert_true(hall_shows(hall, "计票完毕"));
    assert_int_equal(hall_count_part(hall, "总分"), 0);
    if (contest->rules == NULL) {
        contest->rules = calloc(1, sizeof(*contest->rules));
        assert_non_null(contest->rules);
        contest->rules->kind = CONTEST_APPRAISAL;
    }
    struct appraisal_rules *rules = &contest->rules->appraisal;
    rules->band_count = rules->remark_count = 1;
    rules->bands[0].label = (struct label){ "优秀", "Excellent" };
    rules->remarks[0].label = (struct label){ "好评率偏低", "Low approval" };
    rules->floor = 60;
    live->appraisal = (struct appraisal_figures){ .has_scores = true,
                                                  .person = { true, 9204 },
                                                  .rank = 3,
                                                  .tied_count = 2,
                                                  .band = 1,
                                                  .remarks = 1u | 1u << REMARK_FLOOR };
    live->satisfied = 18000;
    live->satisfied_base = 20000;
    build(hall, SUBJECT);
    assert_true(hall_shows(hall, "优秀"));
    assert_true(hall_shows(hall, "92.04") && hall_shows(hall, "并列第 3"));
    assert_true(hall_shows(hall, "18,000 / 20,000") && hall_shows(hall, "90.0%"));
    assert_true(hall_shows(hall, "提示：好评率偏低"));
    assert_true(hall_shows(hall, "名次最末且低于 60 分"));
}

static void a_closed_subject_keeps_its_result_while_the_next_is_open(void **state)
{
    struct hall *hall = *state;
    hall_load(hall, "s1");
    build(hall, "contest=appraisal\nsubject=s01\n");
    assert_true(hall_shows(hall, "计票完毕"));
    build(hall, SUBJECT);
    assert_true(hall_shows(hall, "投票进行中"));
    assert_false(hall_shows(hall, "计票完毕"));
    assert_false(scene_is_ready(&hall->data, SCENE_RESULT, "contest=appraisal\n"));
}

static void fingerprint_and_code_are_the_takes(void **state)
{
    struct hall *hall = *state;
    build(hall, SECRETARY "fingerprint=a791 6366\n");
    assert_true(hall_shows(hall, "记录指纹 a791 6366"));
    assert_null(code_of(hall));
    build(hall, SECRETARY "fingerprint=a791 6366\nqr=https://vote.cn/3\n");
    const struct node *code = code_of(hall);
    if (code == NULL) {
        fail_msg("no code stands");
        return;
    }
    assert_string_equal(hall->scene->texts + code->text, "https://vote.cn/3");
    assert_int_equal(code->box.w, code->box.h);
    assert_true(hall_shows(hall, "记录指纹 a791 6366"));
}

/* The server refuses it; a saved view is drawn without it. */
static void a_text_that_is_too_long_is_left_out(void **state)
{
    struct hall *hall = *state;
    char params[PARAMS_SIZE];
    snprintf(params, sizeof(params), SECRETARY "qr=%0*d\n", RESULT_CODE_MAX + 1, 1);
    build(hall, params);
    assert_null(code_of(hall));
    snprintf(params, sizeof(params), SECRETARY "qr=%0*d\n", RESULT_CODE_MAX, 1);
    build(hall, params);
    assert_non_null(code_of(hall));
}

static void nothing_that_is_not_decided_has_a_result(void **state)
{
    struct hall *hall = *state;
    const char *params = SECRETARY "fingerprint=a791\nqr=https://vote.cn/3\n";
    hall_load(hall, "s4-open");
    build(hall, params);
    assert_true(hall_shows(hall, "投票进行中"));
    assert_null(code_of(hall));
    assert_int_equal(hall_count_part(hall, "a791"), 0);
    hall_load(hall, "s4-poll");
    build(hall, params);
    assert_true(hall_shows(hall, "暂无数据"));
    assert_null(code_of(hall));
}

/* A poll whose tally may be seen while it is open has figures, and no result yet. */
static void an_open_tally_is_no_result(void **state)
{
    struct hall *hall = *state;
    hall_load(hall, "s4-poll");
    hall->document.view.live.state = ROUND_OPEN;
    build(hall, "contest=recommend\n");
    assert_true(hall_shows(hall, "投票进行中"));
    assert_int_equal(hall_count_part(hall, "入围"), 0);
    assert_int_equal(hall_count_part(hall, "53"), 0);
}

int main(void)
{
#define WITH(test) cmocka_unit_test_setup_teardown(test, set_up, hall_tear_down)
    const struct CMUnitTest tests[] = {
        WITH(an_election_says_who_is_elected_and_on_which_base),
        WITH(every_decision_has_its_words),
        WITH(where_nobody_is_elected_all_who_stood_are_shown),
        WITH(a_motion_has_its_three_counts_and_what_it_needed),
        WITH(a_poll_has_its_shortlist),
        WITH(an_appraisal_has_what_the_rules_make_of_it),
        WITH(a_closed_subject_keeps_its_result_while_the_next_is_open),
        WITH(fingerprint_and_code_are_the_takes),
        WITH(a_text_that_is_too_long_is_left_out),
        WITH(nothing_that_is_not_decided_has_a_result),
        WITH(an_open_tally_is_no_result),
    };
    return cmocka_run_group_tests_name("scene_result", tests, NULL, NULL);
}

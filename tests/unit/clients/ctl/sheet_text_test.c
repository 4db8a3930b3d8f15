#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/clients/ctl/sheet_fixture.h"

static void assert_has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL) {
        fail_msg("no '%s' in:\n%s", part, text);
    }
}

static void assert_has_none(const char *text, const char *part)
{
    if (strstr(text, part) != NULL) {
        fail_msg("'%s' in:\n%s", part, text);
    }
}

/* Whether the line that holds `start` also holds `part`. */
static void assert_line_has(const char *text, const char *start, const char *part)
{
    const char *line = strstr(text, start);
    assert_non_null(line);
    const char *found = strstr(line, part);
    if (found == NULL || found > line + strcspn(line, "\n")) {
        fail_msg("no '%s' after '%s' in:\n%s", part, start, text);
    }
}

static void w3_prints_both_readings_of_more_than_half(void **state)
{
    struct hall *hall = *state;
    hall_w3(hall);
    char *text = hall_print(hall, 't', LANGUAGE_ZH_CN);
    assert_has(text, "当选须得赞成票超过实到会人数 88 的 1/2，即不少于 45 票（E9 E10）\n");
    assert_has(text, "按实到会人数 88（须 45 票）："
                     "当选 候选人甲、候选人乙、候选人丙、候选人丁、候选人戊\n");
    assert_has(text, "按应到会人数 100（须 51 票）："
                     "当选 候选人甲、候选人乙、候选人丙、候选人丁；缺额 1 名（E12）\n");
    assert_has(text, "两种结果并列（E10）；本记录按实到会人数认定");
    assert_has(text, "决定：应选 5 名，全部选出（E9 E11）\n");
    free(text);
    text = hall_print(hall, 't', LANGUAGE_EN);
    assert_has(text, "more than 1/2 of those present 88, that is 45 votes or more (E9 E10)\n");
    assert_has(text, "By those registered 100 (51 votes needed): elected Candidate A, Candidate B, "
                     "Candidate C, Candidate D; seats missing 1 (E12)\n");
    free(text);
}

static void an_undisputed_base_prints_one_outcome(void **state)
{
    struct hall *hall = *state;
    hall_w3(hall)->election.disputed_base = BASE_INVALID;
    char *text = hall_print(hall, 't', LANGUAGE_ZH_CN);
    assert_has(text, "按实到会人数 88（须 45 票）：");
    assert_has_none(text, "按应到会人数");
    assert_has_none(text, "两种结果并列");
    free(text);
}

static void an_election_prints_every_name_with_its_base(void **state)
{
    struct hall *hall = *state;
    hall_w3(hall);
    char *text = hall_print(hall, 't', LANGUAGE_ZH_CN);
    assert_has(text, "第 1 轮  委员选举  [已关票]\n");
    assert_has(text, "首轮选举  应选 5 名  候选人 6 名（E3 E4）\n");
    assert_line_has(text, "候选人  ", "占实到会人数");
    assert_line_has(text, "候选人戊  ", "46            52.27%          31           8  当选");
    assert_line_has(text, "候选人己  ", "30            34.09%          50           5  未当选");
    assert_line_has(text, "=\"另选一号\"（另选）", "12            13.64%           -           -");
    assert_true(strstr(text, "候选人己  ") < strstr(text, "候选人甲  ")); /* as on the ballot */
    free(text);
}

static void the_turnout_is_reconciled_in_one_line(void **state)
{
    struct hall *hall = *state;
    struct figures *figures = hall_w3(hall);
    figures->paper_count = 7;
    char *text = hall_print(hall, 't', LANGUAGE_ZH_CN);
    assert_has(text,
               "应到 100  实到 88  发出 88  收回 87（其中纸质 7）  有效 85  无效 2 (E7 E8)\n");
    assert_has(text, "核对 应到 100 ≥ 实到 88 ≥ 发出 88 ≥ 收回 87 = 有效 85 + 无效 2  ✓\n");
    assert_has(text, "法定人数：须不少于应到会人数 100 的 4/5，即 80 人；实到 88  ✓（E2）\n");
    free(text);
    figures->issued = 86;
    text = hall_print(hall, 't', LANGUAGE_ZH_CN);
    assert_has(text, "✗ 发出 86 < 收回 87\n");
    free(text);
    figures->present = 79;
    text = hall_print(hall, 't', LANGUAGE_EN);
    assert_has(text, "✗ Present 79 < Issued 86; Issued 86 < Returned 87\n");
    assert_has(text, "that is 80; present 79  ✗ (E2)\n");
    free(text);
}

static void where_nobody_is_checked_in_the_sheet_says_so(void **state)
{
    struct hall *hall = *state;
    hall_poll(hall);
    char *text = hall_print(hall, 't', LANGUAGE_ZH_CN);
    assert_has(text, "应到 10  实到 未签到  发出 10  收回 9");
    assert_has(text, "核对 应到 10 ≥ 发出 10 ≥ 收回 9 = 有效 8 + 无效 1  ✓\n");
    free(text);
}

static void the_rules_are_named_with_version_and_hash(void **state)
{
    struct hall *hall = *state;
    struct figures *figures = hall_w3(hall);
    char *text = hall_print(hall, 't', LANGUAGE_ZH_CN);
    assert_has(text, "规则 规则branch（branch 第 3 版）  哈希 2222222222222222\n");
    free(text);
    hall->contests[HALL_ELECTION].rules = NULL;
    text = hall_print(hall, 't', LANGUAGE_ZH_CN);
    assert_has(text, "规则 branch  哈希 2222222222222222（此处没有规则原文）\n");
    assert_has(text, "当选须得赞成票不少于 45 票，基数为实到会人数 88（E9 E10）\n");
    free(text);
    figures->rules[0] = '\0';
    text = hall_print(hall, 't', LANGUAGE_EN);
    assert_has(text, "Rules not recorded\n");
    free(text);
}

static void a_run_off_among_those_tied_is_a_round_of_its_own(void **state)
{
    struct hall *hall = *state;
    struct figures *first = hall_w3(hall);
    first->decision = DECISION_RUN_OFF;
    first->election.standings[3] = STANDING_TIED;
    first->election.standings[4] = STANDING_TIED;
    first->election.run_off_seats = 1;
    struct figures *second = hall_w3(hall);
    second->election.stage = STAGE_RUN_OFF;
    second->election.seats = 1;
    second->election.name_count = 0;
    for (uint32_t i = 0; i < 6; i++) {
        second->election.standings[i] = i == 3 ? STANDING_ELECTED : STANDING_OFF;
    }
    second->election.standings[4] = STANDING_NOT;
    char *text = hall_print(hall, 't', LANGUAGE_ZH_CN);
    assert_has(text, "；候选人丁、候选人戊 得票相等，再次投票选 1 名（E11）\n");
    assert_has(text, "决定：得票相等，就得票相等者再次投票选 1 名（E9 E11）\n");
    const char *run_off = strstr(text, "第 2 轮");
    assert_non_null(run_off);
    assert_has(run_off, "得票相等者再次投票（E11）  应选 1 名  候选人 2 名");
    assert_has(run_off, "得票多的当选，不要求过半数（E11）\n");
    assert_has_none(run_off, "候选人甲  ");
    assert_has(run_off, "决定：再次投票选出 1 名（E11）\n");
    free(text);
}

static void too_few_elected_leads_to_another_election_or_a_stop(void **state)
{
    struct hall *hall = *state;
    struct figures *figures = hall_w3(hall);
    figures->decision = DECISION_ANOTHER;
    figures->election.standings[4] = STANDING_NOT;
    figures->election.missing_seats = 1;
    char *text = hall_print(hall, 't', LANGUAGE_ZH_CN);
    assert_has(text, "决定：缺额 1 名，另行选举（E9 E12）\n");
    free(text);
    figures->decision = DECISION_STOPPED;
    text = hall_print(hall, 't', LANGUAGE_EN);
    assert_has(text, "Decision: the meeting agreed to stop with 1 seats missing (E12)\n");
    free(text);
}

static void a_name_written_in_may_be_elected(void **state)
{
    struct hall *hall = *state;
    struct figures *figures = hall_w3(hall);
    figures->election.standings[4] = STANDING_NOT;
    figures->election.names[0].standing = STANDING_ELECTED;
    figures->election.name_rest = 3;
    char *text = hall_print(hall, 't', LANGUAGE_ZH_CN);
    assert_has(text, "候选人丁、=\"另选一号\"（另选）\n");
    assert_has(text, "（E9 E11 E13）\n");
    assert_has(text, "另有 3 名另选人未列出\n");
    free(text);
}

static void a_void_round_is_listed_without_votes(void **state)
{
    struct hall *hall = *state;
    struct figures *figures = hall_w3(hall);
    figures_turnout(figures, 100, 88, 88, 89, 0);
    figures->paper_count = 89;
    figures->state = ROUND_VOID;
    figures->decision = DECISION_VOID;
    hall_w3(hall);
    char *text = hall_print(hall, 't', LANGUAGE_ZH_CN);
    assert_has(text, "第 1 轮  委员选举  [作废]\n");
    assert_has(text, "收回 89（其中纸质 89）  有效 —  无效 —\n");
    assert_has(text, "核对 应到 100 ≥ 实到 88 ≥ 发出 88 ≥ 收回 89  ✗ 发出 88 < 收回 89\n");
    assert_has(text, "\n本轮作废，不计入结果。\n");
    assert_has(text, "决定：收回 89 多于发出票数 88，选举无效，重新选举（E6）\n");
    assert_true(strstr(text, "候选人甲  ") > strstr(text, "第 2 轮"));
    free(text);
    figures_turnout(figures, 100, 88, 88, 87, 2);
    figures->paper_count = 0;
    text = hall_print(hall, 't', LANGUAGE_ZH_CN);
    assert_has(text, "决定：本轮作废\n");
    free(text);
}

static void cards_that_wait_for_a_ruling_hold_the_counts_back(void **state)
{
    struct hall *hall = *state;
    struct figures *figures = hall_w3(hall);
    memset(figures->items, 0, sizeof(figures->items));
    figures->decision = DECISION_PENDING;
    figures->pending = 4;
    char *text = hall_print(hall, 't', LANGUAGE_ZH_CN);
    assert_has(text, "有待裁定的票，裁定前没有票数（E7 E8）\n");
    assert_has(text, "决定：待定\n");
    assert_has_none(text, "候选人甲");
    free(text);
}

static void the_worked_appraisal_has_every_figure_of_the_rules(void **state)
{
    struct hall *hall = *state;
    hall_worked_appraisal(hall);
    char *text = hall_print(hall, 't', LANGUAGE_ZH_CN);
    assert_line_has(text, "工作能力", "812  67.84%       310  25.90%        75   6.27%    1197*");
    assert_has(text, "* 因四舍五入，各项之和可能不等于 100%\n");
    assert_has(text, "满意率 93.73%（好 + 中：1122 / 各项有效数之和 1197）（A6）\n");
    assert_has(text, "总分 90.71（A1 A4 A5）  名次 第 1（A8）  等次 优秀（A12）\n");
    assert_has(text, "分值 好 100 / 中 75 / 差 55；依据：办法第九条；"
                     "不计分的等次不计入基数，空白不计入基数（A2 A3）\n");
    assert_has(text, "群体权重 领导 20 : 职工 80（A5）\n");
    assert_has(text, "测评各项的百分比以该项有效数为基数。\n");
    free(text);
    text = hall_print(hall, 't', LANGUAGE_EN);
    assert_has(text, "Satisfaction 93.73% (Good + Fair, or so: 1122 of all valid marks 1197) (A6)");
    free(text);
}

static void without_values_there_is_no_score(void **state)
{
    struct hall *hall = *state;
    struct figures *figures = hall_worked_appraisal(hall);
    figures->appraisal.has_scores = false;
    figures->satisfied_base = 0;
    char *text = hall_print(hall, 't', LANGUAGE_ZH_CN);
    assert_has(text, "67.84%");
    assert_has_none(text, "得分 ");
    assert_has_none(text, "总分");
    assert_has_none(text, "满意率");
    assert_has_none(text, "分值");
    free(text);
}

static void equal_scores_share_a_rank_and_remarks_are_named(void **state)
{
    struct hall *hall = *state;
    hall_worked_appraisal(hall)->appraisal.tied_count = 2;
    struct figures *second = hall_worked_appraisal(hall);
    memcpy(second->subject, "s2", 3);
    second->appraisal.tied_count = 2;
    second->appraisal.remarks = 1u | 1u << REMARK_FLOOR;
    char *text = hall_print(hall, 't', LANGUAGE_ZH_CN);
    assert_has(text, "名次 并列第 1（共 2 名并列）（A8）");
    assert_has(text, "提示：谈话（talk，A7）\n提示：名次最末且低于 70 分（A8）\n");
    const char *ranking = strstr(text, "名次表");
    assert_non_null(ranking);
    assert_line_has(ranking, "区委常委二号", "1（并列）");
    free(text);
}

static void a_repeated_round_of_a_subject_is_listed_as_superseded(void **state)
{
    struct hall *hall = *state;
    hall_worked_appraisal(hall);
    hall_worked_appraisal(hall);
    char *text = hall_print(hall, 't', LANGUAGE_ZH_CN);
    assert_has(text, "本轮已由后来的轮次取代，不计入结果。\n");
    const char *table = strstr(text, "工作能力");
    assert_non_null(table);
    assert_true(table > strstr(text, "第 2 轮"));
    assert_null(strstr(table + 1, "工作能力"));
    free(text);
}

static void largest_remainder_adds_up_and_is_said(void **state)
{
    struct hall *hall = *state;
    hall->rules[HALL_APPRAISAL].rounding = ROUNDING_LARGEST_REMAINDER;
    hall_worked_appraisal(hall);
    char *text = hall_print(hall, 't', LANGUAGE_ZH_CN);
    assert_line_has(text, "工作能力", "67.84%       310  25.90%        75   6.26%    1197 ");
    assert_has(text, "按最大余数法取整");
    assert_has_none(text, "* 因四舍五入");
    free(text);
}

static void a_motion_names_its_base_and_what_it_needed(void **state)
{
    struct hall *hall = *state;
    struct figures *figures = hall_motion(hall);
    char *text = hall_print(hall, 't', LANGUAGE_ZH_CN);
    assert_line_has(text, "赞成  ", "50            56.82%");
    assert_has(text, "决定：通过：赞成 50，须 45，基数实到会人数 88\n");
    free(text);
    figures->decision = DECISION_NOT_PASSED;
    text = hall_print(hall, 't', LANGUAGE_EN);
    assert_has(text, "Decision: not passed: 50 for, 45 needed, of those present 88\n");
    free(text);
    hall->contests[HALL_MOTION].rules = NULL;
    text = hall_print(hall, 't', LANGUAGE_ZH_CN);
    assert_has(text, "此处没有规则原文，不计百分比\n");
    assert_has_none(text, "56.82%");
    free(text);
}

static void a_poll_shows_its_shortlist_and_those_level_at_the_cut(void **state)
{
    struct hall *hall = *state;
    hall_poll(hall);
    char *text = hall_print(hall, 't', LANGUAGE_ZH_CN);
    assert_has(text, "百分比以有效票数 8 为基数\n");
    assert_line_has(text, "候选人甲", "75.00%  入围");
    assert_line_has(text, "候选人乙", "37.50%  得票相等");
    assert_has(text, "按票数取前 2 名入围\n");
    free(text);
}

static void a_sheet_ends_with_lines_to_sign(void **state)
{
    struct hall *hall = *state;
    hall_motion(hall)->state = ROUND_CERTIFIED;
    char *text = hall_print(hall, 't', LANGUAGE_ZH_CN);
    assert_has(text, "[已认定]");
    assert_has(text, "监票人 ________________  计票人 ________________  "
                     "主持人 ________________  日期 ____________\n");
    free(text);
}

static void before_the_first_close_there_is_nothing_to_sign(void **state)
{
    struct hall *hall = *state;
    char *text = hall_print(hall, 't', LANGUAGE_EN);
    assert_has(text, "No round is closed yet.");
    assert_has_none(text, "____");
    free(text);
}

static int hall_make(void **state)
{
    struct hall *hall = calloc(1, sizeof(*hall));
    hall_init(hall);
    *state = hall;
    return 0;
}

static int hall_free(void **state)
{
    free(*state);
    return 0;
}

#define HALL(test) cmocka_unit_test_setup_teardown(test, hall_make, hall_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        HALL(w3_prints_both_readings_of_more_than_half),
        HALL(an_undisputed_base_prints_one_outcome),
        HALL(an_election_prints_every_name_with_its_base),
        HALL(the_turnout_is_reconciled_in_one_line),
        HALL(where_nobody_is_checked_in_the_sheet_says_so),
        HALL(the_rules_are_named_with_version_and_hash),
        HALL(a_run_off_among_those_tied_is_a_round_of_its_own),
        HALL(too_few_elected_leads_to_another_election_or_a_stop),
        HALL(a_name_written_in_may_be_elected),
        HALL(a_void_round_is_listed_without_votes),
        HALL(cards_that_wait_for_a_ruling_hold_the_counts_back),
        HALL(the_worked_appraisal_has_every_figure_of_the_rules),
        HALL(without_values_there_is_no_score),
        HALL(equal_scores_share_a_rank_and_remarks_are_named),
        HALL(a_repeated_round_of_a_subject_is_listed_as_superseded),
        HALL(largest_remainder_adds_up_and_is_said),
        HALL(a_motion_names_its_base_and_what_it_needed),
        HALL(a_poll_shows_its_shortlist_and_those_level_at_the_cut),
        HALL(a_sheet_ends_with_lines_to_sign),
        HALL(before_the_first_close_there_is_nothing_to_sign),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

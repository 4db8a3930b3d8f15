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

#define CONTEST "contest=appraisal\n"

/* The hall whose contest is an election instead, its first round open. */
struct ballot {
    struct hall hall;
    struct contest kept;
    struct subject candidates[2];
};

static int set_up(void **state)
{
    struct ballot *ballot = calloc(1, sizeof(*ballot));
    assert_non_null(ballot);
    hall_init(&ballot->hall);
    ballot->candidates[0] = (struct subject){ "c1", { "候选人一号", "Candidate 1" }, { "", "" } };
    ballot->candidates[1] = (struct subject){ "c2",
                                              { "候选人二号", "Candidate 2" },
                                              { "某镇党委　副书记", "Deputy secretary" } };
    struct contest *contest = &ballot->hall.document.texts->contests[0];
    ballot->kept = *contest;
    contest->kind = CONTEST_ELECTION;
    contest->subject_count = contest->criterion_count = contest->grade_count = 0;
    contest->candidates = ballot->candidates;
    contest->candidate_count = 2;
    contest->title = (struct label){ "某镇党委书记选举", "Election of the secretary" };
    struct view *view = &ballot->hall.document.view;
    view->closed_count = 0;
    view->live = (struct figures){ .round = 1,
                                   .contest = "appraisal",
                                   .kind = CONTEST_ELECTION,
                                   .state = ROUND_OPEN,
                                   .shows = LIVE_TURNOUT,
                                   .has_present = true,
                                   .registered = 121,
                                   .present = 104,
                                   .issued = 104,
                                   .cast_count = 52 };
    *state = ballot;
    return 0;
}

static int tear_down(void **state)
{
    struct ballot *ballot = *state;
    ballot->hall.document.texts->contests[0] = ballot->kept;
    hall_finish(&ballot->hall);
    free(ballot);
    return 0;
}

static void a_strap_shows_the_candidate_it_names(void **state)
{
    struct hall *hall = &((struct ballot *)*state)->hall;
    hall_build(hall, SCENE_STRAP, CONTEST "candidate=c2\n", 3000);
    assert_true(hall_shows(hall, "候选人二号"));
    assert_true(hall_shows(hall, "某镇党委　副书记"));
    hall->data.language = LANGUAGE_EN;
    hall_build(hall, SCENE_STRAP, CONTEST "candidate=c1\n", 3000);
    assert_true(hall_shows(hall, "Candidate 1"));
}

static void nothing_stands_for_a_candidate_nobody_knows(void **state)
{
    struct hall *hall = &((struct ballot *)*state)->hall;
    static const char *const params[] = { CONTEST "candidate=c3\n", CONTEST "subject=c1\n", CONTEST,
                                          "contest=other\ncandidate=c1\n" };
    for (size_t i = 0; i < sizeof(params) / sizeof(params[0]); i++) {
        assert_false(scene_is_ready(&hall->data, SCENE_STRAP, params[i]));
        hall_build(hall, SCENE_STRAP, params[i], 3000);
        assert_int_equal(hall->scene->node_count, 0);
    }
}

static void scenes_of_marks_show_nothing_of_an_election(void **state)
{
    struct hall *hall = &((struct ballot *)*state)->hall;
    static const enum scene_kind kinds[] = { SCENE_STRIP, SCENE_BOARD, SCENE_MATRIX };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        assert_false(scene_is_ready(&hall->data, kinds[i], CONTEST "candidate=c1\n"));
    }
}

static int32_t width_of(const struct hall *hall, enum part part)
{
    for (uint32_t i = 0; i < hall->scene->node_count; i++) {
        if ((hall->scene->nodes[i].key >> 20 & 127) == part) {
            return hall->scene->nodes[i].box.w;
        }
    }
    fail_msg("part %d does not stand", (int)part);
    return 0;
}

static void turnout_is_of_those_present(void **state)
{
    struct hall *hall = &((struct ballot *)*state)->hall;
    hall_build(hall, SCENE_TURNOUT, CONTEST, 3000);
    assert_true(hall_shows(hall, "某镇党委书记选举"));
    assert_true(hall_shows(hall, "正在投票"));
    assert_true(hall_shows(hall, "已投票"));
    assert_true(hall_shows(hall, "52"));
    assert_true(hall_shows(hall, "104"));
    assert_int_equal(hall_count_part(hall, "实到"), 1);
    assert_int_equal(hall_count_part(hall, "121"), 0);
    assert_int_equal(width_of(hall, PART_BAR), width_of(hall, PART_TRACK));
}

static void turnout_is_of_the_roll_where_nobody_is_checked_in(void **state)
{
    struct hall *hall = &((struct ballot *)*state)->hall;
    hall->document.view.live.has_present = false;
    hall->document.view.live.present = 0;
    hall_build(hall, SCENE_TURNOUT, CONTEST, 3000);
    assert_true(hall_shows(hall, "121"));
    assert_int_equal(hall_count_part(hall, "实到"), 0);
}

static void a_hidden_election_shows_who_is_there_and_no_more(void **state)
{
    struct hall *hall = &((struct ballot *)*state)->hall;
    hall->document.view.live.shows = LIVE_HIDDEN;
    hall_build(hall, SCENE_TURNOUT, CONTEST, 3000);
    assert_true(hall_shows(hall, "121"));
    assert_true(hall_shows(hall, "104"));
    assert_int_equal(hall_count_part(hall, "52"), 0);
}

static void the_badge_says_how_the_round_stands(void **state)
{
    struct hall *hall = &((struct ballot *)*state)->hall;
    static const struct {
        enum round_state state;
        const char *shown;
    } cases[] = { { ROUND_OPEN, "正在投票" },    { ROUND_PAUSED, "暂停" },
                  { ROUND_CLOSED, "已结束" },    { ROUND_CERTIFIED, "已认定" },
                  { ROUND_VOID, "本轮作废" } };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        hall->document.view.live.state = cases[i].state;
        hall_build(hall, SCENE_TURNOUT, CONTEST, 3000);
        assert_true(hall_shows(hall, cases[i].shown));
    }
    snprintf(hall->document.view.live.contest, ID_SIZE, "names");
    hall_build(hall, SCENE_TURNOUT, CONTEST, 3000);
    assert_true(hall_shows(hall, "尚未开始"));
}

int main(void)
{
#define WITH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WITH(a_strap_shows_the_candidate_it_names),
        WITH(nothing_stands_for_a_candidate_nobody_knows),
        WITH(scenes_of_marks_show_nothing_of_an_election),
        WITH(turnout_is_of_those_present),
        WITH(turnout_is_of_the_roll_where_nobody_is_checked_in),
        WITH(a_hidden_election_shows_who_is_there_and_no_more),
        WITH(the_badge_says_how_the_round_stands),
    };
    return cmocka_run_group_tests_name("scene_ballot", tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "overlay/scene_parts.h"
#include "tests/unit/overlay/painter_hall.h"

/* Rounds that are over in every way, and figures with ballots counted by hand. */

#define SUBJECT "contest=appraisal\nsubject=s03\n" /* the live one */
#define CLOSED "contest=appraisal\nsubject=s07\n"

/* The figures of s07, the sixth: the third, which is live, is not among them. */
static struct figures *closed_of(struct hall *hall)
{
    struct figures *figures = &hall->document.closed[5];
    assert_string_equal(figures->subject, "s07");
    return figures;
}

static uint32_t part_count(const struct hall *hall, enum part part)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < hall->scene->node_count; i++) {
        count += (hall->scene->nodes[i].key >> 20 & 127) == part ? 1 : 0;
    }
    return count;
}

/* The texts of this part in this row, one after the other. */
static void row_texts(const struct hall *hall, enum part part, uint32_t row, char texts[1024])
{
    texts[0] = '\0';
    for (uint32_t i = 0; i < hall->scene->node_count; i++) {
        const struct node *node = &hall->scene->nodes[i];
        if ((node->key >> 20 & 127) == part && (node->key >> 10 & 1023) == row) {
            size_t size = strlen(texts);
            snprintf(texts + size, 1024 - size, "%s ", hall->scene->texts + node->text);
        }
    }
}

static void a_certified_round_shows_what_it_showed_when_it_closed(void **state)
{
    struct hall *hall = *state;
    static const enum scene_kind kinds[] = { SCENE_STRIP, SCENE_BOARD };
    for (uint32_t k = 0; k < 2; k++) {
        hall_build(hall, kinds[k], CLOSED "criterion=ability\n", 5000);
        assert_true(hall_shows(hall, "已结束"));
        uint32_t figures = part_count(hall, PART_FIGURE);
        uint32_t bars = part_count(hall, PART_BAR);
        closed_of(hall)->state = ROUND_CERTIFIED;
        hall_build(hall, kinds[k], CLOSED "criterion=ability\n", 5000);
        assert_true(hall_shows(hall, "已认定"));
        assert_int_equal(hall_count_part(hall, "尚未"), 0);
        assert_int_equal(part_count(hall, PART_FIGURE), figures);
        assert_int_equal(part_count(hall, PART_BAR), bars);
        closed_of(hall)->state = ROUND_CLOSED;
    }
    char before[1024];
    char after[1024];
    hall_build(hall, SCENE_MATRIX, CLOSED, 5000);
    row_texts(hall, PART_FIGURE, 6, before);
    closed_of(hall)->state = ROUND_CERTIFIED;
    hall_build(hall, SCENE_MATRIX, CLOSED, 5000);
    row_texts(hall, PART_FIGURE, 6, after);
    assert_string_equal(after, before);
    assert_int_equal(hall_count_part(hall, "作废"), 0);
}

static void a_certified_round_held_back_has_ended_and_is_not_unopened(void **state)
{
    struct hall *hall = *state;
    struct figures *live = &hall->document.view.live;
    static const enum scene_kind kinds[] = { SCENE_STRIP, SCENE_BOARD };
    live->state = ROUND_CERTIFIED;
    live->shows = LIVE_TURNOUT;
    for (uint32_t k = 0; k < 2; k++) {
        hall_build(hall, kinds[k], SUBJECT, 5000);
        assert_true(hall_shows(hall, "投票已结束"));
        assert_true(hall_shows(hall, "结果按规定公布"));
        assert_int_equal(hall_count_part(hall, "尚未"), 0);
    }
}

/* As the server sends it, and with figures that it must not send. */
static void a_void_round_is_said_and_never_shown_as_a_result(void **state)
{
    struct hall *hall = *state;
    struct figures *figures[] = { &hall->document.view.live, closed_of(hall) };
    static const char *const params[] = { SUBJECT, CLOSED };
    static const enum scene_kind kinds[] = { SCENE_STRIP, SCENE_BOARD };
    for (uint32_t way = 0; way < 3; way++) {
        for (uint32_t i = 0; i < 2; i++) {
            figures[i]->state = way == 2 ? ROUND_CLOSED : ROUND_VOID;
            figures[i]->decision = way == 2 ? DECISION_VOID : DECISION_COUNTED;
            figures[i]->shows = way == 0 ? LIVE_TURNOUT : LIVE_TALLY;
            for (uint32_t k = 0; k < 2; k++) {
                hall_build(hall, kinds[k], params[i], 5000);
                assert_true(hall_shows(hall, "本轮投票不计入结果"));
                assert_true(hall_count_part(hall, "本轮作废") == 2); /* badge and panel */
                assert_int_equal(hall_count_part(hall, "尚未"), 0);
                assert_int_equal(part_count(hall, PART_FIGURE), 0);
                assert_int_equal(part_count(hall, PART_BAR), 0);
                assert_int_equal(hall_count_part(hall, "百分比"), 0);
            }
        }
        char texts[1024];
        hall_build(hall, SCENE_MATRIX, CLOSED, 5000);
        row_texts(hall, PART_FIGURE, 6, texts);
        assert_string_equal(texts, "— — — — — — — — — — — ");
        row_texts(hall, PART_TOTAL, 6, texts);
        assert_string_equal(texts, "作废 ");
        hall_build(hall, SCENE_TURNOUT, SUBJECT, 5000);
        assert_true(hall_shows(hall, "本轮作废"));
    }
}

static void ballots_counted_by_hand_are_marked_wherever_they_are_in_a_figure(void **state)
{
    struct hall *hall = *state;
    struct figures *live = &hall->document.view.live;
    static const enum scene_kind kinds[] = { SCENE_STRIP, SCENE_BOARD, SCENE_TURNOUT };
    for (uint32_t paper = 0; paper <= 1234; paper += 1234) {
        live->paper_count = paper;
        for (enum live shows = LIVE_HIDDEN; shows <= LIVE_TALLY; shows++) {
            live->shows = shows;
            for (uint32_t k = 0; k < 3; k++) {
                hall_build(hall, kinds[k], SUBJECT, 5000);
                assert_int_equal(hall_count_part(hall, "含纸质票 1,234"),
                                 paper > 0 && shows >= LIVE_TURNOUT ? 1 : 0);
                assert_int_equal(hall_count_part(hall, "含纸质票"),
                                 paper > 0 && shows >= LIVE_TURNOUT ? 1 : 0);
            }
        }
    }
    hall->data.language = LANGUAGE_EN;
    hall_build(hall, SCENE_BOARD, SUBJECT, 5000);
    assert_int_equal(hall_count_part(hall, "Incl. 1,234 paper ballots. Percentages"), 1);
}

static void the_matrix_marks_every_share_with_paper_and_says_what_the_sign_is(void **state)
{
    struct hall *hall = *state;
    hall_build(hall, SCENE_MATRIX, SUBJECT, 5000);
    assert_int_equal(part_count(hall, PART_PAPER), 0);
    hall->document.view.live.paper_count = 26;
    closed_of(hall)->paper_count = 1;
    hall_build(hall, SCENE_MATRIX, SUBJECT, 5000);
    assert_int_equal(part_count(hall, PART_PAPER), 2 * (11 + 1) + 1);
    assert_true(hall_shows(hall, "* 含纸质票"));
    char texts[1024];
    row_texts(hall, PART_PAPER, 6, texts);
    assert_string_equal(texts, "* * * * * * * * * * * * ");
    closed_of(hall)->state = ROUND_VOID; /* no share, no sign */
    hall_build(hall, SCENE_MATRIX, SUBJECT, 5000);
    assert_int_equal(part_count(hall, PART_PAPER), 11 + 1 + 1);
    for (uint32_t i = 0; i < hall->scene->node_count; i++) {
        const struct rect *box = &hall->scene->nodes[i].box;
        assert_true(hall->scene->nodes[i].kind == NODE_GROUND ||
                    (box->x >= hall->theme.left_px && box->x + box->w <= hall->theme.right_px));
        for (uint32_t k = 0; k < i; k++) {
            assert_int_not_equal(hall->scene->nodes[i].key, hall->scene->nodes[k].key);
        }
    }
}

static void turnout_of_the_matrix_leaves_void_rounds_out(void **state)
{
    struct hall *hall = *state;
    closed_of(hall)->cast_count = 7;
    hall_build(hall, SCENE_MATRIX, SUBJECT, 5000);
    assert_true(hall_shows(hall, "7"));
    closed_of(hall)->state = ROUND_VOID;
    hall_build(hall, SCENE_MATRIX, SUBJECT, 5000);
    assert_false(hall_shows(hall, "7"));
}

int main(void)
{
#define WITH(test) cmocka_unit_test_setup_teardown(test, hall_set_up, hall_tear_down)
    const struct CMUnitTest tests[] = {
        WITH(a_certified_round_shows_what_it_showed_when_it_closed),
        WITH(a_certified_round_held_back_has_ended_and_is_not_unopened),
        WITH(a_void_round_is_said_and_never_shown_as_a_result),
        WITH(ballots_counted_by_hand_are_marked_wherever_they_are_in_a_figure),
        WITH(the_matrix_marks_every_share_with_paper_and_says_what_the_sign_is),
        WITH(turnout_of_the_matrix_leaves_void_rounds_out),
    };
    return cmocka_run_group_tests_name("scene_parts", tests, NULL, NULL);
}

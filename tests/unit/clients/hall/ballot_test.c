#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "clients/hall/ballot.h"

#define SEAT_COUNT 600

static struct subject candidates[] = {
    { .id = "c1", .name = { .zh = "候选人一号" } }, { .id = "c2", .name = { .zh = "候选人二号" } },
    { .id = "c3", .name = { .zh = "候选人三号" } }, { .id = "c4", .name = { .zh = "候选人四号" } },
    { .id = "c5", .name = { .zh = "候选人五号" } }, { .id = "c6", .name = { .zh = "候选人六号" } },
};
static const struct contest contest = { .id = "committee",
                                        .kind = CONTEST_ELECTION,
                                        .candidates = candidates,
                                        .candidate_count = 6,
                                        .seats = 3,
                                        .write_in_count = 2 };

/* Three seats, six candidates of whom the fifth withdrew, two lines. */
static const struct round_notice committee = { .round = 4,
                                               .state = ROUND_OPEN,
                                               .contest = "committee",
                                               .item_count = 8,
                                               .grade_count = CHOICE_VOTE_COUNT,
                                               .kind = CONTEST_ELECTION,
                                               .stage = STAGE_FIRST,
                                               .seats = 3,
                                               .slate = 0x2f,
                                               .candidate_count = 6,
                                               .write_in_count = 2 };

static const struct round_notice poll = { .round = 2,
                                          .state = ROUND_OPEN,
                                          .contest = "poll",
                                          .item_count = 4,
                                          .grade_count = CHOICE_POLL_COUNT,
                                          .kind = CONTEST_POLL,
                                          .seats = 2,
                                          .slate = 0xf,
                                          .candidate_count = 4 };

static struct round_notice secretary(uint64_t slate)
{
    return (struct round_notice){ .round = 1,
                                  .state = ROUND_OPEN,
                                  .contest = "secretary",
                                  .item_count = 3,
                                  .grade_count = CHOICE_VOTE_COUNT,
                                  .kind = CONTEST_ELECTION,
                                  .stage = STAGE_FIRST,
                                  .seats = 1,
                                  .slate = slate,
                                  .candidate_count = 3 };
}

/* What is on a card, by choice; each item once and in order. */
struct seen {
    uint32_t choices[CHOICE_VOTE_COUNT];
    uint32_t names;
    uint32_t lines;
};

static struct seen look(const struct round_notice *round, const struct ballot *ballot)
{
    struct seen seen = { 0 };
    int32_t last = -1;
    for (uint32_t i = 0; i < ballot->mark_count; i++) {
        const struct ballot_mark *mark = &ballot->marks[i];
        assert_true((int32_t)mark->item > last && mark->item < round->item_count);
        last = mark->item;
        if (mark->item >= ballot->line_first) {
            assert_true(mark->choice <= ballot->name_count);
            assert_int_equal(ballot_is_name(ballot, mark), mark->choice > 0);
            seen.names += mark->choice > 0 ? 1 : 0;
            seen.lines++;
        } else {
            assert_true(mark->choice < round->grade_count);
            assert_true(mark->item >= round->candidate_count || round->slate >> mark->item & 1);
            seen.choices[mark->choice]++;
        }
    }
    assert_int_equal(seen.names, ballot->name_count);
    return seen;
}

static void a_card_marks_all_who_stand_and_every_line_and_nobody_else(void **state)
{
    static const struct ballot_habits habits = {
        .taste = TASTE_SPLIT, .abstain = 0.2, .void_card = 0.2, .disputed = 0.2, .write_in = 0.5
    };
    (void)state;
    for (uint32_t seat = 1; seat <= SEAT_COUNT; seat++) {
        struct ballot ballot;
        ballot_fill(&habits, 1, seat, &committee, &contest, seat % 2, &ballot);
        struct seen seen = look(&committee, &ballot);
        assert_int_equal(ballot.mark_count, 7);
        assert_int_equal(seen.lines, 2);
        assert_int_equal(seen.choices[0] + seen.choices[1] + seen.choices[2], 5);
    }
}

static void a_plain_card_selects_no_more_than_there_are_seats(void **state)
{
    static const struct ballot_habits habits = { .taste = TASTE_CLEAR };
    uint32_t fewer = 0;
    (void)state;
    for (uint32_t seat = 1; seat <= SEAT_COUNT; seat++) {
        struct ballot ballot;
        ballot_fill(&habits, 1, seat, &committee, &contest, 0, &ballot);
        struct seen seen = look(&committee, &ballot);
        assert_in_range(seen.choices[CHOICE_FOR], 1, 3);
        assert_int_equal(seen.names, 0);
        fewer += seen.choices[CHOICE_FOR] < 3 ? 1 : 0;
    }
    assert_in_range(fewer, SEAT_COUNT / 20, SEAT_COUNT / 6);
}

static void a_name_written_in_comes_with_a_cross_and_within_the_seats(void **state)
{
    static const struct ballot_habits habits = { .taste = TASTE_SPLIT, .write_in = 1.0 };
    uint32_t own = 0;
    uint32_t two = 0;
    (void)state;
    for (uint32_t seat = 1; seat <= SEAT_COUNT; seat++) {
        struct ballot ballot;
        ballot_fill(&habits, 1, seat, &committee, &contest, 0, &ballot);
        struct seen seen = look(&committee, &ballot);
        assert_in_range(seen.names, 1, 2);
        assert_true(seen.choices[CHOICE_AGAINST] >= seen.names);
        assert_true(seen.choices[CHOICE_FOR] + seen.names <= 3);
        two += seen.names == 2 ? 1 : 0;
        for (uint32_t i = 0; i < contest.candidate_count; i++) {
            if (strcmp(ballot.names[0], candidates[i].name.zh) == 0) {
                assert_int_equal(ballot.marks[i > 4 ? i - 1 : i].choice, CHOICE_ABSTAIN);
                own++;
            }
        }
    }
    assert_true(own > 0 && own < SEAT_COUNT / 4);
    assert_true(two > 0);
}

static void a_name_is_put_forward_beside_fewer_options_than_may_be_chosen(void **state)
{
    static const struct ballot_habits habits = { .taste = TASTE_SPLIT, .write_in = 1.0 };
    struct round_notice lines = poll;
    uint32_t own = 0;
    (void)state;
    lines.item_count = 6;
    lines.write_in_count = 2;
    for (uint32_t seats = 1; seats <= 6; seats++) {
        lines.seats = seats;
        for (uint32_t seat = 1; seat <= SEAT_COUNT; seat++) {
            struct ballot ballot;
            ballot_fill(&habits, 1, seat, &lines, &contest, 0, &ballot);
            struct seen seen = look(&lines, &ballot);
            assert_int_equal(ballot.mark_count, 6);
            assert_int_equal(ballot.line_first, 4);
            assert_int_equal(ballot.marks[4].choice, 1);
            assert_int_equal(ballot.marks[5].choice, 0);
            assert_in_range(seen.choices[CHOICE_CHOSEN], seats > 1 ? 1 : 0, seats - 1);
            for (uint32_t i = 0; i < lines.candidate_count; i++) {
                if (strcmp(ballot.names[0], candidates[i].name.zh) == 0) {
                    assert_int_equal(ballot.marks[i].choice, CHOICE_NOT_CHOSEN);
                    own++;
                }
            }
        }
    }
    assert_in_range(own, 1, SEAT_COUNT);
}

static void without_lines_or_a_choice_a_poll_takes_no_name(void **state)
{
    static const struct ballot_habits habits = { .taste = TASTE_SPLIT, .write_in = 1.0 };
    struct round_notice none = poll;
    struct ballot ballot;
    (void)state;
    for (uint32_t seat = 1; seat <= 100; seat++) {
        ballot_fill(&habits, 1, seat, &poll, &contest, 0, &ballot);
        assert_int_equal(look(&poll, &ballot).names, 0);
        assert_int_equal(ballot.line_first, BALLOT_NO_LINE);
        none.item_count = 5;
        none.write_in_count = 1;
        none.seats = 0;
        ballot_fill(&habits, 1, seat, &none, &contest, 0, &ballot);
        assert_int_equal(look(&none, &ballot).names, 0);
    }
}

static void void_blank_and_disputed_cards_are_what_they_are_called(void **state)
{
    static const struct ballot_habits too_many = { .taste = TASTE_EVEN, .void_card = 1.0 };
    static const struct ballot_habits blank = { .taste = TASTE_EVEN, .abstain = 1.0 };
    static const struct ballot_habits disputed = { .taste = TASTE_EVEN, .disputed = 1.0 };
    (void)state;
    for (uint32_t seat = 1; seat <= 100; seat++) {
        struct ballot ballot;
        ballot_fill(&too_many, 1, seat, &committee, NULL, 0, &ballot);
        assert_in_range(look(&committee, &ballot).choices[CHOICE_FOR], 4, 5);
        ballot_fill(&too_many, 1, seat, &poll, NULL, 0, &ballot);
        assert_in_range(look(&poll, &ballot).choices[CHOICE_CHOSEN], 3, 4);
        ballot_fill(&blank, 1, seat, &committee, NULL, 0, &ballot);
        assert_int_equal(look(&committee, &ballot).choices[CHOICE_ABSTAIN], 5);
        ballot_fill(&blank, 1, seat, &poll, NULL, 0, &ballot);
        assert_int_equal(look(&poll, &ballot).choices[CHOICE_NOT_CHOSEN], 4);
        ballot_fill(&disputed, 1, seat, &committee, NULL, 0, &ballot);
        struct seen seen = look(&committee, &ballot);
        assert_int_equal(seen.names, 1);
        assert_int_equal(seen.choices[CHOICE_AGAINST], 0);
        assert_true(seen.choices[CHOICE_FOR] + 1 <= 3);
    }
}

static void a_run_off_asks_for_adopted_names_and_takes_no_other(void **state)
{
    static const struct ballot_habits habits = { .taste = TASTE_EVEN, .write_in = 1.0 };
    struct round_notice run_off = committee;
    (void)state;
    run_off.stage = STAGE_RUN_OFF;
    run_off.seats = 1;
    run_off.slate = 0x1;
    run_off.adopted_count = 1;
    for (uint32_t seat = 1; seat <= 50; seat++) {
        struct ballot ballot;
        ballot_fill(&habits, 1, seat, &run_off, &contest, 0, &ballot);
        assert_int_equal(ballot.mark_count, 2);
        assert_int_equal(ballot.marks[0].item, 0);
        assert_int_equal(ballot.marks[1].item, 6);
        assert_int_equal(look(&run_off, &ballot).choices[CHOICE_FOR], 1);
    }
}

static void nothing_is_marked_where_nobody_stands(void **state)
{
    static const struct ballot_habits habits = { .taste = TASTE_EVEN };
    struct round_notice empty = committee;
    struct ballot ballot;
    (void)state;
    empty.slate = 0;
    ballot_fill(&habits, 1, 1, &empty, NULL, 0, &ballot);
    assert_int_equal(ballot.mark_count, 0);
    assert_int_equal(ballot_place_count(&empty), 0);
    assert_int_equal(ballot_place_count(&committee), 5);
}

/* Votes for the first among 60 voters, and for all candidates. */
static uint32_t most_votes(enum taste taste, const struct round_notice *round, uint64_t seed,
                           uint32_t *sum)
{
    struct ballot_habits habits = { .taste = taste };
    uint32_t votes[ITEM_MAX] = { 0 };
    uint32_t most = 0;
    *sum = 0;
    for (uint32_t seat = 1; seat <= 60; seat++) {
        struct ballot ballot;
        ballot_fill(&habits, seed, seat, round, NULL, 0, &ballot);
        for (uint32_t i = 0; i < ballot.mark_count; i++) {
            if (ballot.marks[i].choice == CHOICE_FOR) {
                votes[ballot.marks[i].item]++;
                ++*sum;
            }
        }
    }
    for (uint32_t i = 0; i < ITEM_MAX; i++) {
        most = votes[i] > most ? votes[i] : most;
    }
    return most;
}

static void tastes_decide_or_leave_open_whether_somebody_has_half(void **state)
{
    struct round_notice three = secretary(0x7);
    struct round_notice two = secretary(0x5);
    uint32_t sum;
    (void)state;
    for (uint64_t seed = 1; seed <= 50; seed++) {
        assert_in_range(most_votes(TASTE_EVEN, &three, seed, &sum), 20, 22);
        assert_int_equal(sum, 60);
        assert_in_range(most_votes(TASTE_SPLIT, &three, seed, &sum), 23, 27);
        assert_in_range(most_votes(TASTE_SPLIT, &two, seed, &sum), 40, 44);
        assert_in_range(most_votes(TASTE_CLEAR, &three, seed, &sum), 40, 44);
        assert_in_range(most_votes(TASTE_CLEAR, &two, seed, &sum), 40, 44);
        assert_in_range(most_votes(TASTE_EVEN, &two, seed, &sum), 30, 32);
    }
}

static void a_motion_has_one_mark_and_passes_by_taste(void **state)
{
    struct round_notice motion = { .round = 1,
                                   .contest = "motion",
                                   .item_count = 1,
                                   .grade_count = CHOICE_VOTE_COUNT,
                                   .kind = CONTEST_MOTION };
    uint32_t sum;
    (void)state;
    assert_in_range(most_votes(TASTE_CLEAR, &motion, 1, &sum), 46, 50);
    assert_in_range(most_votes(TASTE_SPLIT, &motion, 1, &sum), 32, 36);
    assert_in_range(most_votes(TASTE_EVEN, &motion, 1, &sum), 26, 29);
    assert_int_equal(ballot_place_count(&motion), 1);
}

static void the_same_seed_fills_in_the_same_card_and_a_change_of_mind_another(void **state)
{
    static const struct ballot_habits habits = { .taste = TASTE_SPLIT, .write_in = 0.3 };
    uint32_t changed = 0;
    (void)state;
    for (uint32_t seat = 1; seat <= 100; seat++) {
        struct ballot a, b, c;
        ballot_fill(&habits, 7, seat, &committee, &contest, 0, &a);
        ballot_fill(&habits, 7, seat, &committee, &contest, 0, &b);
        ballot_fill(&habits, 7, seat, &committee, &contest, 1, &c);
        assert_memory_equal(&a, &b, sizeof(a));
        changed += memcmp(&a, &c, sizeof(a)) != 0 ? 1 : 0;
    }
    assert_true(changed > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_card_marks_all_who_stand_and_every_line_and_nobody_else),
        cmocka_unit_test(a_plain_card_selects_no_more_than_there_are_seats),
        cmocka_unit_test(a_name_written_in_comes_with_a_cross_and_within_the_seats),
        cmocka_unit_test(a_name_is_put_forward_beside_fewer_options_than_may_be_chosen),
        cmocka_unit_test(without_lines_or_a_choice_a_poll_takes_no_name),
        cmocka_unit_test(void_blank_and_disputed_cards_are_what_they_are_called),
        cmocka_unit_test(a_run_off_asks_for_adopted_names_and_takes_no_other),
        cmocka_unit_test(nothing_is_marked_where_nobody_stands),
        cmocka_unit_test(tastes_decide_or_leave_open_whether_somebody_has_half),
        cmocka_unit_test(a_motion_has_one_mark_and_passes_by_taste),
        cmocka_unit_test(the_same_seed_fills_in_the_same_card_and_a_change_of_mind_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "counting.h"

#include <string.h>

#include "server/core/motion.h"

static struct figures figures;
static const struct turnout hall = { .registered = 20, .present = 16, .issued = 15 };

static void add(struct motion_count *count, const char *choices, uint32_t times)
{
    struct card card = counting_card(choices);
    for (uint32_t i = 0; i < times; i++) {
        motion_count_add(count, &card);
    }
}

static void a_motion_passes_by_the_base_its_rules_name(void **state)
{
    static const struct {
        enum base base;
        struct threshold majority;
        uint32_t votes_for;
        bool is_passed;
    } cases[] = {
        { BASE_REGISTERED, { 1, 2, false }, 10, false },
        { BASE_REGISTERED, { 1, 2, false }, 11, true },
        { BASE_PRESENT, { 1, 2, false }, 8, false },
        { BASE_PRESENT, { 1, 2, true }, 8, true },
        { BASE_PRESENT, { 1, 2, false }, 9, true },
        { BASE_PRESENT, { 2, 3, true }, 10, false },
        { BASE_PRESENT, { 2, 3, true }, 11, true },
        { BASE_ISSUED, { 1, 2, false }, 8, true },
        { BASE_ISSUED, { 1, 2, false }, 7, false },
        { BASE_RETURNED, { 1, 2, false }, 7, false },
        { BASE_RETURNED, { 1, 2, false }, 8, true },
        { BASE_VALID, { 1, 2, false }, 7, true },
        { BASE_VALID, { 1, 2, false }, 6, false },
    };
    struct counting counting;
    counting_motion(&counting);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct motion_count count;
        struct card marked = counting_card("o");
        counting.rules.motion.base = cases[i].base;
        counting.rules.motion.majority = cases[i].majority;
        motion_count_init(&count, &counting.contest);
        /* 14 are returned and 13 of them valid, or one of each more than the votes for. */
        add(&count, "o", cases[i].votes_for);
        for (uint32_t n = cases[i].votes_for; n < 13; n++) {
            add(&count, n % 3 == 0 ? "x" : n % 3 == 1 ? "a" : "-", 1);
        }
        marked.mark = CARD_MARKED;
        motion_count_add(&count, &marked);
        motion_count_figures(&count, &hall, &figures);
        assert_int_equal(figures.decision,
                         cases[i].is_passed ? DECISION_PASSED : DECISION_NOT_PASSED);
        assert_int_equal(figures.cast_count, 14);
        assert_int_equal(figures.valid_count, 13);
        assert_int_equal(figures.void_count, 1);
        assert_int_equal(figures.item_count, 1);
        assert_int_equal(figures.items[0].valid, 13);
        assert_int_equal(figures.items[0].counts[CHOICE_FOR], cases[i].votes_for);
    }
}

static void nothing_passes_for_which_nobody_voted(void **state)
{
    struct turnout nobody = { 0 };
    struct counting counting;
    struct motion_count count;
    counting_motion(&counting);
    counting.rules.motion.majority.is_inclusive = true;
    motion_count_init(&count, &counting.contest);
    motion_count_figures(&count, &nobody, &figures);
    assert_int_equal(figures.decision, DECISION_NOT_PASSED);
}

static void hand_counts_of_a_motion_are_added(void **state)
{
    static const uint32_t paper[1][GRADE_MAX] = { { 4, 1, 1 } };
    struct counting counting;
    struct motion_count count;
    counting_motion(&counting);
    motion_count_init(&count, &counting.contest);
    add(&count, "o", 5);
    motion_count_add_paper(&count, paper, 9, 2); /* one of the seven valid is blank */
    motion_count_figures(&count, &hall, &figures);
    assert_int_equal(figures.decision, DECISION_PASSED);
    assert_int_equal(figures.items[0].counts[CHOICE_FOR], 9);
    assert_int_equal(figures.items[0].counts[CHOICE_AGAINST], 1);
    assert_int_equal(figures.items[0].counts[CHOICE_ABSTAIN], 2);
    assert_int_equal(figures.valid_count, 12);
    assert_int_equal(figures.void_count, 2);
}

static void a_poll_card_that_chooses_too_many_is_void(void **state)
{
    struct counting counting;
    struct motion_count count;
    counting_poll(&counting, 3, 2);
    counting.contest.write_in_count = 1;
    motion_count_init(&count, &counting.contest);
    add(&count, "oo--", 1);
    add(&count, "oooo", 1); /* void */
    add(&count, "oo-1", 1); /* void: the line is an option too */
    add(&count, "o--1", 1);
    add(&count, "----", 1);
    motion_count_figures(&count, &hall, &figures);
    assert_int_equal(figures.decision, DECISION_COUNTED);
    assert_int_equal(figures.valid_count, 3);
    assert_int_equal(figures.void_count, 2);
    assert_int_equal(figures.items[0].counts[CHOICE_CHOSEN], 2);
    assert_int_equal(figures.items[0].counts[CHOICE_NOT_CHOSEN], 1);
    assert_int_equal(figures.items[1].counts[CHOICE_CHOSEN], 1);
    assert_int_equal(figures.items[2].counts[CHOICE_NOT_CHOSEN], 3);
    assert_int_equal(figures.items[3].valid, 0);
}

static void a_shortlist_shows_those_level_at_its_cut(void **state)
{
    static const struct {
        uint32_t votes[4];
        uint32_t shortlist;
        const char *standings;
    } cases[] = {
        { { 5, 4, 3, 2 }, 2, "eenn" }, { { 5, 4, 4, 2 }, 2, "ettn" }, { { 4, 4, 4, 4 }, 3, "tttt" },
        { { 4, 4, 1, 1 }, 2, "eenn" }, { { 3, 0, 0, 0 }, 2, "ennn" }, { { 0, 0, 0, 0 }, 2, "nnnn" },
        { { 5, 4, 3, 2 }, 0, "----" },
    };
    static const char *const choices[] = { "o---", "-o--", "--o-", "---o" };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct counting counting;
        struct motion_count count;
        counting_poll(&counting, 4, 1);
        counting.rules.poll.shortlist = cases[i].shortlist;
        motion_count_init(&count, &counting.contest);
        for (uint32_t option = 0; option < 4; option++) {
            add(&count, choices[option], cases[i].votes[option]);
        }
        memset(&figures, 0, sizeof(figures));
        motion_count_figures(&count, &hall, &figures);
        for (uint32_t option = 0; option < 4; option++) {
            char expected = cases[i].standings[option];
            assert_int_equal(figures.election.standings[option], expected == 'e' ? STANDING_ELECTED
                                                                 : expected == 't' ? STANDING_TIED
                                                                 : expected == 'n'
                                                                     ? STANDING_NOT
                                                                     : STANDING_INVALID);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_motion_passes_by_the_base_its_rules_name),
        cmocka_unit_test(nothing_passes_for_which_nobody_voted),
        cmocka_unit_test(hand_counts_of_a_motion_are_added),
        cmocka_unit_test(a_poll_card_that_chooses_too_many_is_void),
        cmocka_unit_test(a_shortlist_shows_those_level_at_its_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

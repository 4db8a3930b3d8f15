#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "clients/hall/pile.h"

/* Two candidates and two lines. */
static const struct round_notice election = { .round = 1,
                                              .item_count = 4,
                                              .grade_count = CHOICE_VOTE_COUNT,
                                              .kind = CONTEST_ELECTION,
                                              .stage = STAGE_FIRST,
                                              .seats = 2,
                                              .slate = 0x3,
                                              .candidate_count = 2,
                                              .write_in_count = 2 };

static int pile_make(void **state)
{
    *state = pile_create(&election, 3);
    assert_non_null(*state);
    return 0;
}

static int pile_free(void **state)
{
    pile_destroy(*state);
    return 0;
}

/* For one, against the other, and a name on the second line. */
static struct ballot ballot_of(uint16_t first, const char *name)
{
    return (struct ballot){ .line_first = 2,
                            .mark_count = 4,
                            .name_count = 1,
                            .marks = { { 0, first }, { 1, CHOICE_AGAINST }, { 2, 0 }, { 3, 1 } },
                            .names = { name } };
}

static void of_each_item_the_highest_version_stands(void **state)
{
    struct pile *pile = *state;
    struct ballot first = ballot_of(CHOICE_FOR, "另选人一号");
    struct ballot second = { .line_first = 2, .mark_count = 1, .marks = { { 1, CHOICE_FOR } } };
    struct ballot third = {
        .line_first = 2,
        .mark_count = 4,
        .marks = { { 0, CHOICE_ABSTAIN }, { 1, CHOICE_ABSTAIN }, { 2, 0 }, { 3, 0 } }
    };
    assert_null(pile_card(pile, 1));
    assert_int_equal(pile_put(pile, 1, 2, &first), STATUS_OK);
    const uint16_t *card = pile_card(pile, 1);
    assert_int_equal(card[0], CHOICE_FOR);
    assert_int_equal(card[1], CHOICE_AGAINST);
    assert_int_equal(card[2], 0);
    assert_int_equal(card[3], 1);
    assert_int_equal(pile_put(pile, 1, 1, &third), STATUS_OK); /* its ack came late */
    assert_int_equal(card[0], CHOICE_FOR);
    assert_int_equal(card[3], 1);
    assert_int_equal(pile_put(pile, 1, 3, &second), STATUS_OK); /* one item of it */
    assert_int_equal(card[0], CHOICE_FOR);
    assert_int_equal(card[1], CHOICE_FOR);
    assert_int_equal(pile_put(pile, 1, 4, &third), STATUS_OK); /* a whole card replaces all */
    assert_int_equal(card[0], CHOICE_ABSTAIN);
    assert_int_equal(card[3], 0);
    assert_null(pile_card(pile, 0));
    assert_null(pile_card(pile, 3));
}

static void names_are_numbered_once_and_what_is_out_of_range_is_left_out(void **state)
{
    struct pile *pile = *state;
    struct ballot first = ballot_of(CHOICE_FOR, "另选人一号");
    struct ballot second = ballot_of(CHOICE_VOTE_COUNT, "另选人二号");
    second.marks[2] = (struct ballot_mark){ .item = 2, .choice = 2 }; /* there is no second name */
    second.marks[1] = (struct ballot_mark){ .item = 4, .choice = 0 };
    assert_int_equal(pile_put(pile, 0, 1, &first), STATUS_OK);
    assert_int_equal(pile_put(pile, 1, 1, &second), STATUS_OK);
    assert_int_equal(pile_put(pile, 2, 1, &first), STATUS_OK);
    assert_int_equal(pile_put(pile, 3, 1, &first), STATUS_OK);
    assert_int_equal(pile->name_count, 2);
    assert_int_equal(pile_card(pile, 1)[0], PILE_NO_CHOICE);
    assert_int_equal(pile_card(pile, 1)[2], PILE_NO_CHOICE);
    assert_int_equal(pile_card(pile, 1)[3], 2);
    assert_int_equal(pile_card(pile, 2)[3], 1);
}

static void a_name_over_the_maximum_is_refused_and_the_card_with_it(void **state)
{
    struct pile *pile = *state;
    char name[32];
    for (uint32_t i = 0; i <= WRITTEN_NAME_MAX; i++) {
        snprintf(name, sizeof(name), "另选人%u", i);
        struct ballot ballot = ballot_of(CHOICE_FOR, name);
        assert_int_equal(pile_put(pile, 0, i + 1, &ballot),
                         i < WRITTEN_NAME_MAX ? STATUS_OK : STATUS_LIMIT);
    }
    assert_int_equal(pile_card(pile, 0)[3], WRITTEN_NAME_MAX);
}

static void adopted_names_have_the_first_numbers_and_are_no_lines(void **state)
{
    struct round_notice run_off = election;
    (void)state;
    run_off.stage = STAGE_RUN_OFF;
    run_off.adopted_count = 1;
    snprintf(run_off.adopted[0], sizeof(run_off.adopted[0]), "另选人三号");
    struct pile *pile = pile_create(&run_off, 1);
    struct ballot ballot = { .line_first = 3,
                             .mark_count = 2,
                             .marks = { { 0, CHOICE_AGAINST }, { 2, CHOICE_FOR } } };
    assert_non_null(pile);
    assert_string_equal(pile->names[0], "另选人三号");
    assert_false(pile_is_line(pile, 2));
    assert_true(pile_is_line(pile, 3));
    assert_int_equal(pile_put(pile, 0, 1, &ballot), STATUS_OK);
    assert_int_equal(pile_card(pile, 0)[2], CHOICE_FOR);
    pile_destroy(pile);
    pile_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(of_each_item_the_highest_version_stands, pile_make,
                                        pile_free),
        cmocka_unit_test_setup_teardown(
            names_are_numbered_once_and_what_is_out_of_range_is_left_out, pile_make, pile_free),
        cmocka_unit_test_setup_teardown(a_name_over_the_maximum_is_refused_and_the_card_with_it,
                                        pile_make, pile_free),
        cmocka_unit_test(adopted_names_have_the_first_numbers_and_are_no_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

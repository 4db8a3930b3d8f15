#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clients/hall/truth.h"

static struct grade grades[] = { { .id = "good" }, { .id = "poor" } };
static struct criterion criteria[] = { { .id = "ability" }, { .id = "spirit" } };
static struct subject candidates[] = {
    { .id = "c1", .name = { .zh = "候选人一号" } },
    { .id = "c2", .name = { .zh = "候选人二号" } },
};
static struct rules rules = { .kind = CONTEST_ELECTION,
                              .election = { .cap = BASE_ISSUED,
                                            .majority_base = BASE_PRESENT,
                                            .majority = { .num = 1, .den = 2 },
                                            .write_in_needs_against = true,
                                            .write_in_without_against = REMEDY_ADJUDICATE,
                                            .write_in_is_candidate = true,
                                            .over_selected = REMEDY_VOID,
                                            .none_selected = REMEDY_COUNT } };
static struct contest contests[] = {
    { .id = "appraisal",
      .kind = CONTEST_APPRAISAL,
      .grades = grades,
      .criteria = criteria,
      .grade_count = 2,
      .criterion_count = 2 },
    { .id = "secretary",
      .kind = CONTEST_ELECTION,
      .candidates = candidates,
      .rules = &rules,
      .candidate_count = 2,
      .seats = 1,
      .write_in_count = 1 },
    { .id = "stop", .kind = CONTEST_MOTION },
    { .id = "names",
      .kind = CONTEST_POLL,
      .candidates = candidates,
      .candidate_count = 2,
      .seats = 1 },
    { .id = "recommend",
      .kind = CONTEST_POLL,
      .candidates = candidates,
      .candidate_count = 2,
      .seats = 1,
      .write_in_count = 1 },
};
static const struct event event = { .contests = contests, .contest_count = 5 };

static enum status truth_hear(struct truth *truth, uint32_t number, const char *contest,
                              const char *subject, uint32_t item_count, uint32_t grade_count)
{
    struct round_notice round = { .round = number,
                                  .kind = CONTEST_APPRAISAL,
                                  .item_count = item_count,
                                  .grade_count = grade_count };
    snprintf(round.contest, sizeof(round.contest), "%s", contest);
    snprintf(round.subject, sizeof(round.subject), "%s", subject);
    return truth_round(truth, &round);
}

/* A round of contest `index`, with everybody on the slate. */
static void cards_hear(struct truth *truth, uint32_t number, uint32_t index)
{
    const struct contest *contest = &contests[index];
    struct round_notice round = { .round = number,
                                  .kind = contest->kind,
                                  .item_count = contest_item_count(contest),
                                  .grade_count = contest_choice_count(contest),
                                  .stage = STAGE_FIRST,
                                  .seats = contest->seats,
                                  .slate = (1u << contest->candidate_count) - 1,
                                  .candidate_count = contest->candidate_count,
                                  .write_in_count = contest->write_in_count };
    snprintf(round.contest, sizeof(round.contest), "%s", contest->id);
    assert_int_equal(truth_round(truth, &round), STATUS_OK);
}

static int truth_make(void **state)
{
    struct truth *truth = truth_create(10, 3); /* seats 10, 11, 12 */
    assert_non_null(truth);
    assert_int_equal(truth_hear(truth, 2, "appraisal", "s02", 2, 2), STATUS_OK);
    *state = truth;
    return 0;
}

static int truth_free(void **state)
{
    truth_destroy(*state);
    return 0;
}

static void assert_counts(const struct truth *truth, uint32_t round, uint32_t item, uint32_t good,
                          uint32_t poor)
{
    uint32_t counts[GRADE_MAX];
    truth_counts(truth, round, item, counts);
    assert_int_equal(counts[0], good);
    assert_int_equal(counts[1], poor);
}

static void the_highest_acknowledged_version_counts_in_whatever_order(void **state)
{
    struct truth *truth = *state;
    truth_mark(truth, 2, 10, 0, 1, 0);
    truth_mark(truth, 2, 10, 0, 3, 1);
    truth_mark(truth, 2, 10, 0, 2, 0); /* its ack came late */
    truth_mark(truth, 2, 11, 0, 1, 0);
    truth_mark(truth, 2, 11, 0, 1, 0); /* acknowledged twice */
    assert_counts(truth, 2, 0, 1, 1);
    assert_counts(truth, 2, 1, 0, 0);
}

static void what_is_out_of_range_or_of_an_unknown_round_is_not_counted(void **state)
{
    struct truth *truth = *state;
    truth_mark(truth, 1, 10, 0, 1, 0);
    truth_mark(truth, 3, 10, 0, 1, 0);
    truth_mark(truth, 0, 10, 0, 1, 0);
    truth_mark(truth, 2, 9, 0, 1, 0);
    truth_mark(truth, 2, 13, 0, 1, 0);
    truth_mark(truth, 2, 10, 2, 1, 0);
    truth_mark(truth, 2, 10, 0, 0, 0);
    truth_mark(truth, 2, 10, 0, 1u << 24, 0);
    truth_mark(truth, 2, 10, 0, 1, 2);
    assert_counts(truth, 2, 0, 0, 0);
    assert_counts(truth, 1, 0, 0, 0);
    truth_mark(truth, 2, 12, 1, (1u << 24) - 1, 1);
    assert_counts(truth, 2, 1, 0, 1);
}

static void a_round_over_the_maximum_is_refused(void **state)
{
    struct truth *truth = *state;
    assert_int_equal(truth_hear(truth, 0, "a", "b", 1, 2), STATUS_LIMIT);
    assert_int_equal(truth_hear(truth, ROUND_MAX + 1, "a", "b", 1, 2), STATUS_LIMIT);
    assert_int_equal(truth_hear(truth, 5, "a", "b", ITEM_MAX + 1, 2), STATUS_LIMIT);
    assert_int_equal(truth_hear(truth, ROUND_MAX, "a", "b", 1, 2), STATUS_OK);
}

static char *truth_text(const struct truth *truth, enum status expected, struct fault *fault)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    assert_int_equal(truth_print(truth, &event, 4, file, fault), expected);
    fclose(file);
    return text;
}

static void it_is_printed_by_round_with_the_names_of_the_event(void **state)
{
    struct truth *truth = *state;
    struct fault fault = { 0 };
    assert_int_equal(truth_hear(truth, 1, "appraisal", "s01", 2, 2), STATUS_OK);
    truth_mark(truth, 1, 12, 1, 1, 1);
    truth_mark(truth, 2, 10, 0, 1, 0);
    truth_mark(truth, 2, 11, 0, 1, 0);
    char *text = truth_text(truth, STATUS_OK, &fault);
    assert_string_equal(
        text, "{\"items\":[\n"
              "{\"round\":1,\"subject\":\"s01\",\"criterion\":\"ability\",\"counts\":{\"good\":0,"
              "\"poor\":0},\"valid\":0},\n"
              "{\"round\":1,\"subject\":\"s01\",\"criterion\":\"spirit\",\"counts\":{\"good\":0,"
              "\"poor\":1},\"valid\":1},\n"
              "{\"round\":2,\"subject\":\"s02\",\"criterion\":\"ability\",\"counts\":{\"good\":2,"
              "\"poor\":0},\"valid\":2},\n"
              "{\"round\":2,\"subject\":\"s02\",\"criterion\":\"spirit\",\"counts\":{\"good\":0,"
              "\"poor\":0},\"valid\":0}\n"
              "],\n\"unresolved\":4}\n");
    free(text);
}

static void a_round_the_event_does_not_know_cannot_be_printed(void **state)
{
    struct truth *truth = *state;
    struct fault fault = { 0 };
    assert_int_equal(truth_hear(truth, 3, "election", "s01", 2, 2), STATUS_OK);
    free(truth_text(truth, STATUS_NOT_FOUND, &fault));
    assert_non_null(strstr(fault.text, "'election'"));
}

static void cards_are_counted_and_printed_beside_items(void **state)
{
    static const struct ballot plain = { .line_first = 2,
                                         .mark_count = 3,
                                         .marks = {
                                             { 0, CHOICE_FOR }, { 1, CHOICE_ABSTAIN }, { 2, 0 } } };
    static const struct ballot written = {
        .line_first = 2,
        .mark_count = 3,
        .name_count = 1,
        .marks = { { 0, CHOICE_AGAINST }, { 1, CHOICE_ABSTAIN }, { 2, 1 } },
        .names = { "另选\"人" }
    };
    static const struct ballot disputed = {
        .line_first = 2, .mark_count = 1, .name_count = 1, .marks = { { 2, 1 } }, .names = { "乙" }
    };
    static const struct ballot one = { .line_first = BALLOT_NO_LINE,
                                       .mark_count = 1,
                                       .marks = { { 0, 0 } } };
    static const struct hand_turnout turnout = {
        .is_known = true, .has_present = true, .registered = 4, .present = 3, .issued = 3
    };
    struct truth *truth = *state;
    struct fault fault = { 0 };
    cards_hear(truth, 3, 1);
    cards_hear(truth, 4, 2);
    cards_hear(truth, 5, 3);
    cards_hear(truth, 6, 1);
    truth_turnout(truth, 3, &turnout);
    truth_turnout(truth, 6, &turnout);
    truth_void(truth, 6);
    truth_void(truth, 7);
    assert_int_equal(truth_card(truth, 3, 10, 2, &plain), STATUS_OK);
    assert_int_equal(truth_card(truth, 3, 10, 1, &written), STATUS_OK);
    assert_int_equal(truth_card(truth, 3, 11, 1, &plain), STATUS_OK);
    assert_int_equal(truth_card(truth, 3, 12, 1, &written), STATUS_OK);
    assert_int_equal(truth_card(truth, 3, 13, 1, &plain), STATUS_OK); /* not played here */
    assert_int_equal(truth_card(truth, 2, 10, 1, &plain), STATUS_OK); /* an appraisal */
    assert_int_equal(truth_card(truth, 9, 10, 1, &plain), STATUS_OK); /* not heard of */
    assert_int_equal(truth_card(truth, 4, 10, 1, &one), STATUS_OK);
    assert_int_equal(truth_card(truth, 5, 11, 1, &one), STATUS_OK);
    assert_int_equal(truth_card(truth, 6, 10, 1, &plain), STATUS_OK);
    assert_int_equal(truth_card(truth, 6, 11, 1, &plain), STATUS_OK);
    assert_int_equal(truth_card(truth, 6, 12, 1, &disputed), STATUS_OK);
    char *text = truth_text(truth, STATUS_OK, &fault);
    const char *cards = strstr(text, "\"contests\"");
    assert_non_null(cards);
    assert_memory_equal(text, "{\"items\":[\n{\"round\":2,", 22);
    assert_string_equal(
        cards,
        "\"contests\":[\n"
        "{\"id\":\"secretary\",\"round\":3,\"registered\":4,\"present\":3,\"issued\":3,"
        "\"returned\":3,\"valid\":3,\"void\":0,\"candidates\":["
        "{\"id\":\"c1\",\"for\":2,\"against\":1,\"abstain\":0},"
        "{\"id\":\"c2\",\"for\":0,\"against\":0,\"abstain\":3}],"
        "\"writeins\":[{\"text\":\"另选\\\"人\",\"for\":1}],"
        "\"elected\":[\"c1\"],\"runoff\":[]},\n"
        "{\"id\":\"secretary\",\"round\":6,\"registered\":4,\"present\":3,\"issued\":3,"
        "\"returned\":3,\"valid\":2,\"void\":0,\"disputed\":1,\"candidates\":["
        "{\"id\":\"c1\",\"for\":2,\"against\":0,\"abstain\":0},"
        "{\"id\":\"c2\",\"for\":0,\"against\":0,\"abstain\":2}],"
        "\"writeins\":[],\"elected\":[],\"runoff\":[]}\n],\n"
        "\"motions\":[\n{\"id\":\"stop\",\"round\":4,\"for\":1,\"against\":0,\"abstain\":0,"
        "\"valid\":1,\"void\":0}\n],\n"
        "\"polls\":[\n{\"id\":\"names\",\"round\":5,\"options\":[{\"id\":\"c1\",\"count\":1},"
        "{\"id\":\"c2\",\"count\":0}],\"valid\":1}\n],\n"
        "\"voided\":[6],\n\"unresolved\":4}\n");
    free(text);
}

static void a_poll_with_lines_is_printed_with_the_names_put_forward(void **state)
{
    static const struct ballot cards[] = {
        { .line_first = 2,
          .mark_count = 3,
          .name_count = 1,
          .marks = { { 0, CHOICE_NOT_CHOSEN }, { 1, CHOICE_NOT_CHOSEN }, { 2, 1 } },
          .names = { "另选人一号" } },
        { .line_first = 2,
          .mark_count = 3,
          .name_count = 1,
          .marks = { { 0, CHOICE_NOT_CHOSEN }, { 1, CHOICE_NOT_CHOSEN }, { 2, 1 } },
          .names = { "候选人二号" } },
        { .line_first = 2,
          .mark_count = 3,
          .name_count = 1,
          .marks = { { 0, CHOICE_CHOSEN }, { 1, CHOICE_NOT_CHOSEN }, { 2, 1 } },
          .names = { "另选人二号" } }, /* void, and the only card with this name */
    };
    struct truth *truth = *state;
    struct fault fault = { 0 };
    cards_hear(truth, 3, 4);
    cards_hear(truth, 4, 4);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(truth_card(truth, 3, 10 + i, 1, &cards[i]), STATUS_OK);
    }
    char *text = truth_text(truth, STATUS_OK, &fault);
    const char *polls = strstr(text, "\"polls\"");
    assert_non_null(polls);
    assert_string_equal(polls, "\"polls\":[\n"
                               "{\"id\":\"recommend\",\"round\":3,\"options\":["
                               "{\"id\":\"c1\",\"count\":0},{\"id\":\"c2\",\"count\":1}],"
                               "\"writeins\":[{\"text\":\"另选人一号\",\"for\":1}],\"valid\":2},\n"
                               "{\"id\":\"recommend\",\"round\":4,\"options\":["
                               "{\"id\":\"c1\",\"count\":0},{\"id\":\"c2\",\"count\":0}],"
                               "\"writeins\":[],\"valid\":0}\n],\n"
                               "\"unresolved\":4}\n");
    free(text);
}

static void an_election_whose_turnout_was_not_fetched_cannot_be_printed(void **state)
{
    struct truth *truth = *state;
    struct fault fault = { 0 };
    cards_hear(truth, 3, 1);
    free(truth_text(truth, STATUS_NOT_FOUND, &fault));
    assert_non_null(strstr(fault.text, "turnout"));
}

static void a_hall_that_heard_nothing_prints_no_items(void **state)
{
    struct truth *truth = truth_create(1, 1);
    struct fault fault = { 0 };
    (void)state;
    char *text = truth_text(truth, STATUS_OK, &fault);
    assert_string_equal(text, "{\"items\":[\n],\n\"unresolved\":4}\n");
    free(text);
    cards_hear(truth, 1, 2);
    text = truth_text(truth, STATUS_OK, &fault);
    assert_memory_equal(text, "{\"motions\"", 10);
    free(text);
    truth_destroy(truth);
    truth_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_highest_acknowledged_version_counts_in_whatever_order,
                                        truth_make, truth_free),
        cmocka_unit_test_setup_teardown(what_is_out_of_range_or_of_an_unknown_round_is_not_counted,
                                        truth_make, truth_free),
        cmocka_unit_test_setup_teardown(a_round_over_the_maximum_is_refused, truth_make,
                                        truth_free),
        cmocka_unit_test_setup_teardown(it_is_printed_by_round_with_the_names_of_the_event,
                                        truth_make, truth_free),
        cmocka_unit_test_setup_teardown(a_round_the_event_does_not_know_cannot_be_printed,
                                        truth_make, truth_free),
        cmocka_unit_test_setup_teardown(cards_are_counted_and_printed_beside_items, truth_make,
                                        truth_free),
        cmocka_unit_test_setup_teardown(a_poll_with_lines_is_printed_with_the_names_put_forward,
                                        truth_make, truth_free),
        cmocka_unit_test_setup_teardown(an_election_whose_turnout_was_not_fetched_cannot_be_printed,
                                        truth_make, truth_free),
        cmocka_unit_test(a_hall_that_heard_nothing_prints_no_items),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

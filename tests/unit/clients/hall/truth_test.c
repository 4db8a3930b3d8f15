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
static struct contest contests[] = {
    { .id = "appraisal",
      .grades = grades,
      .criteria = criteria,
      .grade_count = 2,
      .criterion_count = 2 },
};
static const struct event event = { .contests = contests, .contest_count = 1 };

static int truth_make(void **state)
{
    struct truth *truth = truth_create(10, 3); /* seats 10, 11, 12 */
    assert_non_null(truth);
    assert_int_equal(truth_round(truth, 2, "appraisal", "s02", 2, 2), STATUS_OK);
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
    assert_int_equal(truth_round(truth, 0, "a", "b", 1, 2), STATUS_LIMIT);
    assert_int_equal(truth_round(truth, ROUND_MAX + 1, "a", "b", 1, 2), STATUS_LIMIT);
    assert_int_equal(truth_round(truth, 5, "a", "b", CRITERION_MAX + 1, 2), STATUS_LIMIT);
    assert_int_equal(truth_round(truth, ROUND_MAX, "a", "b", 1, 2), STATUS_OK);
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
    assert_int_equal(truth_round(truth, 1, "appraisal", "s01", 2, 2), STATUS_OK);
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
    assert_int_equal(truth_round(truth, 3, "election", "s01", 2, 2), STATUS_OK);
    free(truth_text(truth, STATUS_NOT_FOUND, &fault));
    assert_non_null(strstr(fault.text, "'election'"));
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

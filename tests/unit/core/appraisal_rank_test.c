#include "counting.h"

#include <string.h>

#include "server/core/appraisal.h"
#include "server/core/share.h"

/*
 * Ranks on exact scores (A8), large cards, and every appraisal of up to six voters.
 */

static struct figures figures[4];

static void add(struct appraisal_count *count, const char *choices, uint32_t times)
{
    struct card card = counting_card(choices);
    for (uint32_t i = 0; i < times; i++) {
        assert_int_equal(appraisal_count_add(count, &card), STATUS_OK);
    }
}

static void assert_ranks(const uint32_t *ranks, const uint32_t *tied, uint32_t floors)
{
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(figures[i].appraisal.rank, ranks[i]);
        assert_int_equal(figures[i].appraisal.tied_count, tied[i]);
        assert_int_equal(figures[i].appraisal.remarks >> REMARK_FLOOR, floors >> i & 1);
    }
}

/* 2/3 and 20001/30001 of 100 both print as 66.67; the second is the higher. */
static void ranks_go_by_exact_scores_and_ties_share_one(void **state)
{
    static const int32_t worth[] = { 100, 0 };
    struct counting counting;
    struct appraisal_count *counts[4] = { NULL };
    struct figures *shown[4] = { &figures[0], &figures[1], &figures[2], &figures[3] };
    counting_appraisal(&counting, 1, 2);
    counting_values(&counting, worth, 2);
    struct appraisal_rules *rules = &counting.rules.appraisal;
    rules->ranks = true;
    for (uint32_t i = 0; i < 4; i++) {
        counts[i] = appraisal_count_create(&counting.contest, &counting.event);
        assert_non_null(counts[i]);
    }
    add(counts[0], "0", 2);
    add(counts[0], "1", 1);
    add(counts[1], "0", 20001);
    add(counts[1], "1", 10000);
    add(counts[2], "0", 4);
    add(counts[2], "1", 2);
    for (uint32_t i = 0; i < 4; i++) {
        appraisal_count_figures(counts[i], &figures[i]);
    }
    assert_int_equal(figures[0].appraisal.person.hundredths, 6667);
    assert_int_equal(figures[1].appraisal.person.hundredths, 6667);

    appraisal_rank(&counting.rules, counts, 4, shown);
    assert_ranks((const uint32_t[]){ 2, 1, 2, 0 }, (const uint32_t[]){ 2, 1, 2, 0 }, 0);
    rules->has_floor = true;
    rules->floor = 70;
    appraisal_rank(&counting.rules, counts, 4, shown);
    assert_ranks((const uint32_t[]){ 2, 1, 2, 0 }, (const uint32_t[]){ 2, 1, 2, 0 }, 5);
    static const int32_t seventy[] = { 70, 0 };
    counting_values(&counting, seventy, 2);
    rules->floor = 70; /* exactly at the floor is not under it */
    struct appraisal_count *level = appraisal_count_create(&counting.contest, &counting.event);
    assert_non_null(level);
    add(level, "0", 3);
    appraisal_rank(&counting.rules, &level, 1, shown);
    assert_int_equal(figures[0].appraisal.rank, 1);
    assert_int_equal(figures[0].appraisal.remarks, 0);
    appraisal_count_destroy(level);
    rules->floor = 66; /* the lowest, but not under it */
    appraisal_rank(&counting.rules, counts, 4, shown);
    assert_ranks((const uint32_t[]){ 2, 1, 2, 0 }, (const uint32_t[]){ 2, 1, 2, 0 }, 0);
    add(counts[3], "0", 1); /* a fourth closes: the others move */
    appraisal_rank(&counting.rules, counts, 4, shown);
    assert_ranks((const uint32_t[]){ 3, 2, 3, 1 }, (const uint32_t[]){ 2, 1, 2, 1 }, 0);
    appraisal_count_destroy(counts[0]);
    counts[0] = NULL; /* not closed */
    appraisal_rank(&counting.rules, counts, 4, shown);
    assert_ranks((const uint32_t[]){ 0, 2, 3, 1 }, (const uint32_t[]){ 0, 1, 1, 1 }, 0);
    rules->ranks = false;
    appraisal_rank(&counting.rules, counts, 4, shown);
    assert_ranks((const uint32_t[]){ 0, 0, 0, 0 }, (const uint32_t[]){ 0, 0, 0, 0 }, 0);
    for (uint32_t i = 1; i < 4; i++) {
        appraisal_count_destroy(counts[i]);
    }
}

/* Forty criteria with as many different bases: a denominator of some hundred digits, and exact. */
static void a_score_of_forty_criteria_is_exact(void **state)
{
    static const int32_t worth[] = { 1000, 0 };
    struct counting counting;
    mpq_t score;
    mpq_t expected;
    mpq_t part;
    mpq_init(score);
    mpq_init(expected);
    mpq_init(part);
    counting_appraisal(&counting, CRITERION_MAX, 2);
    counting_values(&counting, worth, 2);
    struct appraisal_count *count = appraisal_count_create(&counting.contest, &counting.event);
    assert_non_null(count);
    uint32_t counts[CRITERION_MAX][GRADE_MAX] = { 0 };
    for (uint32_t k = 0; k < CRITERION_MAX; k++) {
        counts[k][0] = 1;
        counts[k][1] = 99990 - 7 * k;
        mpq_set_ui(part, 1000, 99991 - 7 * k);
        mpq_canonicalize(part);
        mpq_add(expected, expected, part);
    }
    mpq_set_ui(part, 1, CRITERION_MAX);
    mpq_mul(expected, expected, part);
    appraisal_count_add_paper(count, 0, counts, 100000, 0);
    assert_true(appraisal_count_score(count, score));
    assert_int_equal(mpq_cmp(score, expected), 0);
    assert_true(mpz_sizeinbase(mpq_denref(score), 10) > 100);
    appraisal_count_destroy(count);
    mpq_clear(part);
    mpq_clear(expected);
    mpq_clear(score);
}

/* Marks of 0 to 6 voters in three and four grades, blanks included, each as its own appraisal. */
static void check_hall(struct counting *counting, const uint32_t *marks, uint32_t grade_count)
{
    static const char *const choices[] = { "0", "1", "2", "3" };
    static const int32_t worth[] = { 100, 80, 60, -1 };
    uint32_t shares[GRADE_MAX];
    uint64_t points = 0;
    uint64_t scored = 0;
    struct appraisal_count *count = appraisal_count_create(&counting->contest, &counting->event);
    assert_non_null(count);
    for (uint32_t grade = 0; grade < grade_count; grade++) {
        add(count, choices[grade], marks[grade]);
        points += worth[grade] >= 0 ? marks[grade] * (uint64_t)worth[grade] : 0;
        scored += worth[grade] >= 0 ? marks[grade] : 0;
    }
    add(count, "-", marks[4]);
    appraisal_count_figures(count, &figures[0]);
    assert_memory_equal(figures[0].items[0].counts, marks, grade_count * sizeof(*marks));
    for (uint32_t whole = 1000; whole <= 10000; whole *= 10) {
        shares_round(figures[0].items[0].counts, grade_count, figures[0].items[0].valid,
                     ROUNDING_HALF_UP, whole, shares);
        for (uint32_t i = 0; i < grade_count; i++) {
            for (uint32_t j = 0; j < i; j++) {
                assert_true(marks[i] != marks[j] || shares[i] == shares[j]);
            }
        }
    }
    assert_int_equal(figures[0].appraisal.person.is_set, scored > 0);
    if (scored > 0) {
        assert_int_equal(figures[0].appraisal.person.hundredths,
                         (200 * points + scored) / (2 * scored));
    }
    appraisal_count_destroy(count);
}

static void every_small_hall_is_counted_without_dividing_by_nobody(void **state)
{
    static const int32_t worth[] = { 100, 80, 60, -1 };
    for (uint32_t grade_count = 3; grade_count <= 4; grade_count++) {
        struct counting counting;
        counting_appraisal(&counting, 1, grade_count);
        counting_values(&counting, worth, grade_count);
        for (uint32_t code = 0; code < 7 * 7 * 7 * 7 * 7; code++) {
            uint32_t marks[5] = { code % 7, code / 7 % 7, code / 49 % 7, code / 343 % 7,
                                  code / 2401 };
            uint32_t voters = marks[0] + marks[1] + marks[2] + marks[3] + marks[4];
            if (voters <= 6 && (grade_count == 4 || marks[3] == 0)) {
                check_hall(&counting, marks, grade_count);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranks_go_by_exact_scores_and_ties_share_one),
        cmocka_unit_test(a_score_of_forty_criteria_is_exact),
        cmocka_unit_test(every_small_hall_is_counted_without_dividing_by_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "counting.h"

#include <stdio.h>
#include <string.h>

#include "server/core/appraisal.h"
#include "server/core/share.h"

/*
 * The worked example of appraisals in RULES.md, and A1 … A12 one by one.
 */

static struct figures figures;

static struct appraisal_count *start(const struct counting *counting)
{
    struct appraisal_count *count = appraisal_count_create(&counting->contest, &counting->event);
    assert_non_null(count);
    return count;
}

static void add(struct appraisal_count *count, uint32_t group, const char *choices, uint32_t times)
{
    struct card card = counting_card(choices);
    card.group = group;
    for (uint32_t i = 0; i < times; i++) {
        assert_int_equal(appraisal_count_add(count, &card), STATUS_OK);
    }
}

static void assert_score(struct score score, uint32_t hundredths)
{
    assert_true(score.is_set);
    assert_int_equal(score.hundredths, hundredths);
}

/* The figures of one count of (group, choices) pairs, one card each; ends with NULL. */
static void count_cards(const struct counting *counting, const char *const *cards)
{
    struct appraisal_count *count = start(counting);
    for (uint32_t i = 0; cards[i] != NULL; i++) {
        add(count, (uint32_t)(cards[i][0] - 'a'), cards[i] + 1, 1);
    }
    appraisal_count_figures(count, &figures);
    appraisal_count_destroy(count);
}

static void weigh(struct counting *counting, uint32_t a, uint32_t b, uint32_t c)
{
    struct appraisal_rules *rules = &counting->rules.appraisal;
    rules->group_count = 3;
    rules->groups[0] = (struct group_weight){ "a", a };
    rules->groups[1] = (struct group_weight){ "b", b };
    rules->groups[2] = (struct group_weight){ "c", c };
}

static const int32_t values[] = { 100, 75, 55 };

/* 1205 raters: 好812 中310 差75 none 8; groups of 40, 300 and 857. */
static void add_example(struct appraisal_count *count)
{
    static const uint32_t marks[3][3] = { { 30, 8, 2 }, { 190, 90, 20 }, { 592, 212, 53 } };
    static const char *const choices[] = { "0", "1", "2" };
    for (uint32_t group = 0; group < 3; group++) {
        for (uint32_t grade = 0; grade < 3; grade++) {
            add(count, group, choices[grade], marks[group][grade]);
        }
    }
    add(count, 2, "-", 8);
}

static void the_worked_example_comes_out(void **state)
{
    struct counting counting;
    counting_appraisal(&counting, 1, 3);
    counting.rules.appraisal.satisfied_count = 2;
    memcpy(counting.rules.appraisal.satisfied[0], "g1", 3);
    memcpy(counting.rules.appraisal.satisfied[1], "g2", 3);
    struct appraisal_count *count = start(&counting);
    add_example(count);
    appraisal_count_figures(count, &figures);
    assert_int_equal(figures.decision, DECISION_COUNTED);
    assert_int_equal(figures.valid_count, 1205);
    assert_int_equal(figures.void_count, 0);
    assert_int_equal(figures.items[0].valid, 1197);
    uint32_t shares[3];
    shares_round(figures.items[0].counts, 3, 1197, ROUNDING_HALF_UP, 10000, shares);
    assert_int_equal(shares[0], 6784);
    assert_int_equal(shares[1], 2590);
    assert_int_equal(shares[2], 627);
    assert_int_equal(shares[0] + shares[1] + shares[2], 10001);
    assert_int_equal(figures.satisfied, 1122);
    assert_int_equal(figures.satisfied_base, 1197);
    assert_int_equal(share_of(figures.satisfied, figures.satisfied_base, 10000), 9373);
    assert_false(figures.appraisal.has_scores); /* no values named, no score */
    assert_false(figures.appraisal.person.is_set);
    assert_int_equal(appraisal_count_group(count, 1, 0, 1), 90);
    appraisal_count_destroy(count);
}

static void the_worked_example_is_scored_by_its_base(void **state)
{
    struct counting counting;
    counting_appraisal(&counting, 1, 3);
    counting_values(&counting, values, 3);
    for (int blank_in_base = 0; blank_in_base < 2; blank_in_base++) {
        counting.rules.appraisal.blank_in_base = blank_in_base;
        struct appraisal_count *count = start(&counting);
        mpq_t score;
        mpq_t expected;
        mpq_init(score);
        mpq_init(expected);
        add_example(count);
        appraisal_count_figures(count, &figures);
        assert_score(figures.appraisal.person, blank_in_base ? 9010 : 9071);
        assert_score(figures.appraisal.items[0], blank_in_base ? 9010 : 9071);
        assert_true(appraisal_count_score(count, score));
        mpq_set_ui(expected, 108575, blank_in_base ? 1205 : 1197);
        mpq_canonicalize(expected);
        assert_int_equal(mpq_cmp(score, expected), 0);
        mpq_clear(expected);
        mpq_clear(score);
        appraisal_count_destroy(count);
    }
}

static void weighed_groups_are_not_pooled(void **state)
{
    static const uint32_t cases[][4] = {
        { 1, 0, 0, 9275 }, { 0, 1, 0, 8950 },    { 0, 0, 1, 9103 },
        { 2, 4, 4, 9076 }, { 20, 40, 40, 9076 },
    };
    struct counting counting;
    counting_appraisal(&counting, 1, 3);
    counting_values(&counting, values, 3);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        weigh(&counting, cases[i][0], cases[i][1], cases[i][2]);
        struct appraisal_count *count = start(&counting);
        add_example(count);
        appraisal_count_figures(count, &figures);
        assert_score(figures.appraisal.person, cases[i][3]);
        assert_int_equal(figures.items[0].valid, 1197); /* counts are never weighed */
        appraisal_count_destroy(count);
    }
}

static void a_group_or_criterion_without_a_mark_is_left_out(void **state)
{
    struct counting counting;
    counting_appraisal(&counting, 2, 3);
    counting_values(&counting, values, 3);
    weigh(&counting, 20, 40, 40);
    /* k1: a 100, b 75: (20·100 + 40·75) / 60 = 83.33; k2: a alone: 55. */
    count_cards(&counting, (const char *const[]){ "a02", "b1-", NULL });
    assert_score(figures.appraisal.items[0], 8333);
    assert_score(figures.appraisal.items[1], 5500);
    assert_score(figures.appraisal.person, 6917);
    count_cards(&counting, (const char *const[]){ "a0-", "b1-", NULL });
    assert_false(figures.appraisal.items[1].is_set);
    assert_score(figures.appraisal.person, 8333);
    count_cards(&counting, (const char *const[]){ "a--", NULL });
    assert_false(figures.appraisal.person.is_set);
    assert_true(figures.appraisal.has_scores);
    assert_int_equal(figures.valid_count, 1);
}

static void criteria_are_weighed(void **state)
{
    struct counting counting;
    counting_appraisal(&counting, 3, 3);
    counting_values(&counting, values, 3);
    count_cards(&counting, (const char *const[]){ "a012", NULL });
    assert_score(figures.appraisal.person, 7667);
    struct appraisal_rules *rules = &counting.rules.appraisal;
    rules->criterion_count = 2;
    rules->criteria[0] = (struct criterion_weight){ "k1", 30 };
    rules->criteria[1] = (struct criterion_weight){ "k3", 40 }; /* k2 is not named: nothing */
    count_cards(&counting, (const char *const[]){ "a012", NULL });
    assert_score(figures.appraisal.person, 7429); /* (30·100 + 40·55) / 70 */
    count_cards(&counting, (const char *const[]){ "a01-", NULL });
    assert_score(figures.appraisal.person, 10000);
    count_cards(&counting, (const char *const[]){ "a-1-", NULL });
    assert_false(figures.appraisal.person.is_set); /* what has a score weighs nothing */
    assert_score(figures.appraisal.items[1], 7500);
}

/* A3: 100, 50, unscored, blank. */
static void the_base_of_a_score_is_what_the_rules_name(void **state)
{
    static const struct {
        bool unscored_in_base;
        bool blank_in_base;
        uint32_t hundredths;
    } cases[] = {
        { false, false, 7500 }, { true, false, 5000 }, { false, true, 5000 }, { true, true, 3750 }
    };
    static const int32_t worth[] = { 100, 50, -1 };
    struct counting counting;
    counting_appraisal(&counting, 1, 3);
    counting_values(&counting, worth, 3);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        counting.rules.appraisal.unscored_in_base = cases[i].unscored_in_base;
        counting.rules.appraisal.blank_in_base = cases[i].blank_in_base;
        count_cards(&counting, (const char *const[]){ "a0", "b1", "c2", "c-", NULL });
        assert_score(figures.appraisal.person, cases[i].hundredths);
        assert_int_equal(figures.items[0].valid, 3);
        /* Nobody gave a mark that is worth anything. */
        count_cards(&counting, (const char *const[]){ "c2", "c-", NULL });
        assert_false(figures.appraisal.person.is_set);
    }
}

/* A9, A11 */
static void cards_are_void_where_the_rules_say_so(void **state)
{
    static const struct {
        const char *card;
        const char *rules; /* s all same, t all top, q quota, f filled; those that void it */
    } cases[] = {
        { "a0000", "stq" }, { "a1111", "sq" }, { "a000-", "q" },  { "a0011", "" },
        { "a001-", "" },    { "a01--", "f" },  { "a----", "qf" }, { "a1222", "q" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (const char *rule = "stqf"; *rule != '\0'; rule++) {
            struct counting counting;
            counting_appraisal(&counting, 4, 3);
            struct appraisal_rules *rules = &counting.rules.appraisal;
            rules->void_all_same = *rule == 's';
            rules->void_all_top = *rule == 't';
            rules->has_least_filled = *rule == 'f';
            rules->least_filled = (struct threshold){ 3, 4, true };
            rules->quota_count = *rule == 'q' ? 2 : 0;
            rules->quotas[0] = (struct quota_rule){ .grade = "g1", .has_most = true, .most = 2 };
            rules->quotas[1] = (struct quota_rule){ .grade = "g1", .has_least = true, .least = 1 };
            count_cards(&counting, (const char *const[]){ cases[i].card, NULL });
            bool is_void = strchr(cases[i].rules, *rule) != NULL;
            assert_int_equal(figures.void_count, is_void);
            assert_int_equal(figures.valid_count, !is_void);
        }
    }
}

static void one_criterion_is_never_all_the_same(void **state)
{
    struct counting counting;
    counting_appraisal(&counting, 1, 3);
    counting.rules.appraisal.void_all_same = true;
    counting.rules.appraisal.void_all_top = true;
    count_cards(&counting, (const char *const[]){ "a0", "a0", NULL });
    assert_int_equal(figures.valid_count, 2);
}

static void a_card_marked_by_its_voter_is_void(void **state)
{
    struct counting counting;
    counting_appraisal(&counting, 1, 3);
    struct appraisal_count *count = start(&counting);
    struct card card = counting_card("0");
    for (card.mark = CARD_MARKED; card.mark <= CARD_ILLEGIBLE; card.mark++) {
        assert_int_equal(appraisal_count_add(count, &card), STATUS_OK);
    }
    appraisal_count_figures(count, &figures);
    assert_int_equal(figures.void_count, 2);
    assert_int_equal(figures.items[0].valid, 0);
    appraisal_count_destroy(count);
}

/* A10 */
static void the_highest_and_the_lowest_card_are_left_out_of_the_score(void **state)
{
    struct counting counting;
    counting_appraisal(&counting, 1, 3);
    counting_values(&counting, values, 3);
    counting.rules.appraisal.has_trim = true;
    counting.rules.appraisal.trim_above = 5;
    const char *const six[] = { "a0", "b0", "c0", "a1", "b2", "c2", NULL };
    count_cards(&counting, six + 1); /* five: not over 5 */
    assert_score(figures.appraisal.person, 7700);
    count_cards(&counting, six);
    assert_score(figures.appraisal.person, 8250); /* 100 100 75 55 are left */
    assert_score(figures.appraisal.items[0], 8250);
    assert_int_equal(figures.items[0].counts[0], 3); /* never out of counts */
    assert_int_equal(figures.valid_count, 6);
    /* Two cards would leave none, whatever the rules name. */
    counting.rules.appraisal.trim_above = 0;
    count_cards(&counting, (const char *const[]){ "a0", "a2", NULL });
    assert_score(figures.appraisal.person, 7750);
    count_cards(&counting, (const char *const[]){ "a0", "a0", "a0", NULL });
    assert_score(figures.appraisal.person, 10000);
    /* Weighed groups: three of a, where 75 is left; b has too few. */
    weigh(&counting, 50, 50, 0);
    count_cards(&counting, (const char *const[]){ "a0", "a1", "a2", "b0", "b2", NULL });
    assert_score(figures.appraisal.person, 7625);
    /* A blank that counts as 0 is the lowest, and leaves the base with its card. */
    counting.rules.appraisal.blank_in_base = true;
    counting.rules.appraisal.group_count = 0;
    count_cards(&counting, (const char *const[]){ "a0", "a1", "a2", "a-", NULL });
    assert_score(figures.appraisal.person, 6500);
    counting.rules.appraisal.blank_in_base = false;
    /* A card without a score is no card to leave out. */
    counting.rules.appraisal.group_count = 0;
    count_cards(&counting, (const char *const[]){ "a0", "a2", "a-", NULL });
    assert_score(figures.appraisal.person, 7750);
}

/* Of cards with the same score the choice must not depend on the order of counting. */
static void trimming_does_not_depend_on_the_order_of_cards(void **state)
{
    static const char *const cards[] = { "a02", "a20", "a0-", "a-2", "a11", "a1-" };
    static const int32_t worth[] = { 100, 50, 0 };
    struct counting counting;
    counting_appraisal(&counting, 2, 3);
    counting_values(&counting, worth, 3);
    counting.rules.appraisal.has_trim = true;
    uint32_t expected[3] = { 0 };
    for (uint32_t turn = 0; turn < 6; turn++) {
        for (int is_reversed = 0; is_reversed < 2; is_reversed++) {
            const char *order[7] = { NULL };
            for (uint32_t i = 0; i < 6; i++) {
                order[i] = cards[is_reversed ? (turn + 6 - i) % 6 : (turn + i) % 6];
            }
            count_cards(&counting, order);
            uint32_t found[3] = { figures.appraisal.person.hundredths,
                                  figures.appraisal.items[0].hundredths,
                                  figures.appraisal.items[1].hundredths };
            if (turn == 0 && !is_reversed) {
                memcpy(expected, found, sizeof(expected));
            }
            assert_memory_equal(found, expected, sizeof(expected));
        }
    }
    /* All level: two different cards go. */
    count_cards(&counting, (const char *const[]){ "a02", "a20", "a11", NULL });
    assert_score(figures.appraisal.items[0], 5000);
    assert_score(figures.appraisal.items[1], 5000);
}

/* A12: 89.999… is shown as 90.00 but is not in the band from 90. */
static void bands_go_by_the_exact_score(void **state)
{
    static const int32_t worth[] = { 90, 89, 0 };
    struct counting counting;
    counting_appraisal(&counting, 1, 3);
    counting_values(&counting, worth, 3);
    struct appraisal_rules *rules = &counting.rules.appraisal;
    rules->band_count = 2;
    rules->bands[0].least = 90;
    rules->bands[1].least = 75;
    struct appraisal_count *count = start(&counting);
    add(count, 0, "0", 999);
    appraisal_count_figures(count, &figures);
    assert_int_equal(figures.appraisal.band, 1);
    add(count, 0, "1", 1);
    appraisal_count_figures(count, &figures);
    assert_score(figures.appraisal.person, 9000);
    assert_int_equal(figures.appraisal.band, 2);
    add(count, 0, "2", 1000);
    appraisal_count_figures(count, &figures);
    assert_int_equal(figures.appraisal.band, 0);
    appraisal_count_destroy(count);
}

/* A7: 优秀 + 称职 under 2/3; 不称职 over 1/3. */
static void remarks_ask_for_exact_shares(void **state)
{
    static const struct {
        uint32_t marks[4];
        uint32_t remarks;
    } cases[] = {
        { { 1, 1, 1, 0 }, 0 }, { { 1, 2, 2, 0 }, 1 }, { { 2, 0, 0, 1 }, 0 },
        { { 3, 0, 0, 2 }, 3 }, { { 0, 0, 0, 0 }, 0 }, { { 20, 20, 0, 20 }, 0 },
    };
    static const char *const choices[] = { "0", "1", "2", "3" };
    struct counting counting;
    counting_appraisal(&counting, 1, 4);
    struct appraisal_rules *rules = &counting.rules.appraisal;
    rules->remark_count = 2;
    rules->remarks[0] = (struct remark_rule){
        .grades = { "g1", "g2" }, .grade_count = 2, .is_under = true, .share = { 2, 3, true }
    };
    rules->remarks[1] =
        (struct remark_rule){ .grades = { "g4" }, .grade_count = 1, .share = { 1, 3, false } };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct appraisal_count *count = start(&counting);
        for (uint32_t grade = 0; grade < 4; grade++) {
            add(count, 0, choices[grade], cases[i].marks[grade]);
        }
        appraisal_count_figures(count, &figures);
        assert_int_equal(figures.appraisal.remarks, cases[i].remarks);
        appraisal_count_destroy(count);
    }
}

static void hand_counts_are_added_to_their_group(void **state)
{
    static const uint32_t counts[2][GRADE_MAX] = { { 3, 2, 1 }, { 6 } };
    struct counting counting;
    counting_appraisal(&counting, 2, 3);
    counting_values(&counting, values, 3);
    weigh(&counting, 20, 40, 40);
    struct appraisal_count *count = start(&counting);
    add(count, 0, "00", 1);
    appraisal_count_add_paper(count, 1, counts, 8, 1);
    appraisal_count_figures(count, &figures);
    assert_int_equal(figures.valid_count, 8);
    assert_int_equal(figures.void_count, 1);
    assert_int_equal(figures.items[0].counts[0], 4);
    assert_int_equal(figures.items[0].valid, 7);
    assert_int_equal(appraisal_count_group(count, 1, 1, 0), 6);
    assert_score(figures.appraisal.items[0], 8944); /* (20·100 + 40·505/6) / 60 */
    appraisal_count_destroy(count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_worked_example_comes_out),
        cmocka_unit_test(the_worked_example_is_scored_by_its_base),
        cmocka_unit_test(weighed_groups_are_not_pooled),
        cmocka_unit_test(a_group_or_criterion_without_a_mark_is_left_out),
        cmocka_unit_test(criteria_are_weighed),
        cmocka_unit_test(the_base_of_a_score_is_what_the_rules_name),
        cmocka_unit_test(cards_are_void_where_the_rules_say_so),
        cmocka_unit_test(one_criterion_is_never_all_the_same),
        cmocka_unit_test(a_card_marked_by_its_voter_is_void),
        cmocka_unit_test(the_highest_and_the_lowest_card_are_left_out_of_the_score),
        cmocka_unit_test(trimming_does_not_depend_on_the_order_of_cards),
        cmocka_unit_test(bands_go_by_the_exact_score),
        cmocka_unit_test(remarks_ask_for_exact_shares),
        cmocka_unit_test(hand_counts_are_added_to_their_group),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

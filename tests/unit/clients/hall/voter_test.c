#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "clients/hall/voter.h"

static const struct round_notice round_three = {
    .round = 3, .state = ROUND_OPEN, .item_count = 11, .grade_count = 3
};

static const struct voter_habits steady = { 0 };
static const struct voter_habits fickle = { .revote = 1.0 };
static const struct voter_habits mixed = { .revote = 0.5 };

static void without_a_change_of_mind_items_come_once_and_in_order(void **state)
{
    uint32_t blank_count = 0;
    (void)state;
    for (uint32_t seat = 1; seat <= 1000; seat++) {
        struct voter voter;
        int64_t last = -1;
        voter_init(&voter, 1, seat, 0.0);
        voter_plan(&voter, &round_three, &steady);
        blank_count += 11 - voter.step_count;
        while (voter_has_step(&voter)) {
            uint32_t item, version, change;
            voter_step(&voter, &item, &version, &change);
            assert_true((int64_t)item > last && item < 11);
            assert_int_equal(version, 1);
            assert_int_equal(change, 0);
            last = item;
        }
    }
    assert_in_range(blank_count, 150, 300); /* 2 % of 11,000 */
}

static void a_change_of_mind_comes_later_and_in_a_higher_version(void **state)
{
    uint32_t changed_count = 0;
    (void)state;
    for (uint32_t seat = 1; seat <= 300; seat++) {
        struct voter voter;
        uint32_t versions[CRITERION_MAX] = { 0 };
        voter_init(&voter, 1, seat, 0.0);
        voter_plan(&voter, &round_three, &fickle);
        while (voter_has_step(&voter)) {
            uint32_t item, version, change;
            voter_step(&voter, &item, &version, &change);
            assert_int_equal(version, versions[item] + 1);
            assert_int_equal(change, versions[item]);
            changed_count += change > 0 ? 1 : 0;
            versions[item] = version;
        }
        assert_true(voter.step_count <= VOTER_STEP_MAX);
    }
    assert_in_range(changed_count, 300 * 10, 300 * 11);
}

static void the_same_seed_plans_the_same_and_seats_differ(void **state)
{
    struct voter a, b, c;
    (void)state;
    voter_init(&a, 5, 7, 0.0);
    voter_init(&b, 5, 7, 0.0);
    voter_init(&c, 5, 8, 0.0);
    voter_plan(&a, &round_three, &mixed);
    voter_plan(&b, &round_three, &mixed);
    voter_plan(&c, &round_three, &mixed);
    assert_memory_equal(&a, &b, sizeof(a));
    assert_memory_not_equal(a.steps, c.steps, sizeof(a.steps));
}

static void casting_goes_on_above_what_the_server_holds(void **state)
{
    struct voter voter;
    uint32_t item, version, change;
    (void)state;
    voter_init(&voter, 1, 1, 0.0);
    voter_plan(&voter, &round_three, &steady);
    for (uint32_t i = 0; i < 11; i++) {
        voter_learn(&voter, i, 40);
        voter_learn(&voter, i, 12); /* older news */
    }
    voter_learn(&voter, CRITERION_MAX, 50);
    voter_step(&voter, &item, &version, &change);
    assert_int_equal(version, 41);
    voter_step_back(&voter);
    uint32_t again;
    voter_step(&voter, &again, &version, &change);
    assert_int_equal(again, item);
    assert_int_equal(version, 41);
    assert_int_equal(change, 0);
}

static void the_pace_is_a_persons(void **state)
{
    struct voter voter;
    double sum = 0.0;
    (void)state;
    voter_init(&voter, 1, 1, 0.0);
    for (int i = 0; i < 20000; i++) {
        uint32_t start_ms = voter_start_ms(&voter, 1.0);
        uint32_t pace_ms = voter_pace_ms(&voter, 1.0);
        assert_in_range(start_ms, 500, 3000);
        assert_in_range(pace_ms, 200, 6000);
        sum += pace_ms;
    }
    assert_true(sum / 20000.0 > VOTER_PACE_MEAN_MS * 0.98);
    assert_true(sum / 20000.0 < VOTER_PACE_MEAN_MS * 1.02);
}

static void where_the_first_answer_is_final_nobody_changes_their_mind(void **state)
{
    struct round_notice round = round_three;
    (void)state;
    round.is_first_final = true;
    for (uint32_t seat = 1; seat <= 100; seat++) {
        struct voter voter;
        voter_init(&voter, 1, seat, 0.0);
        voter_plan(&voter, &round, &fickle);
        assert_true(voter.step_count <= 11);
        round.kind = CONTEST_ELECTION;
        voter_plan(&voter, &round, &fickle);
        assert_int_equal(voter.step_count, 1);
        round.kind = CONTEST_APPRAISAL;
    }
}

static void a_card_is_cast_whole_above_every_version_of_its_items(void **state)
{
    static const struct round_notice election = {
        .round = 4, .state = ROUND_OPEN, .item_count = 8, .grade_count = 3, .kind = CONTEST_ELECTION
    };
    struct voter voter;
    uint32_t item, version, change;
    (void)state;
    voter_init(&voter, 1, 1, 0.0);
    voter_plan(&voter, &election, &fickle);
    assert_true(voter.is_card);
    voter_step(&voter, &item, &version, &change);
    assert_int_equal(version, 1);
    assert_int_equal(change, 0);
    voter_learn(&voter, 5, 9); /* of a keypad that was switched off and on */
    voter_step(&voter, &item, &version, &change);
    assert_int_equal(item, 0);
    assert_int_equal(version, 10);
    assert_int_equal(change, 1);
    assert_false(voter_has_step(&voter));
    voter_step_back(&voter);
    voter_step(&voter, &item, &version, &change);
    assert_int_equal(version, 10);
    assert_int_equal(change, 1);
    uint32_t fill_ms = voter_fill_ms(&voter, 6, 1.0);
    assert_in_range(fill_ms, 6 * 200, 6 * 6000);
    assert_int_equal(voter_fill_ms(&voter, 0, 1.0), 0);
}

static void some_stay_away_and_some_leave_half_way(void **state)
{
    static const struct voter_habits leaving = { .leave = 1.0 };
    uint32_t away_count = 0;
    (void)state;
    for (uint32_t seat = 1; seat <= 1000; seat++) {
        struct voter voter;
        uint32_t item, version, change, done = 0;
        voter_init(&voter, 1, seat, 0.2);
        voter_plan(&voter, &round_three, &leaving);
        if (voter.stays_away) {
            assert_false(voter_has_step(&voter));
            assert_false(voter_leaves(&voter));
            away_count++;
            continue;
        }
        while (voter_has_step(&voter) && !voter_leaves(&voter)) {
            voter_step(&voter, &item, &version, &change);
            done++;
        }
        assert_true(voter_leaves(&voter));
        assert_in_range(done, 3, 6);
        voter_plan(&voter, &round_three, &steady);
        assert_false(voter_leaves(&voter));
    }
    assert_in_range(away_count, 150, 250);
}

static void an_item_that_is_asked_alone_is_the_next_step_and_the_only_one(void **state)
{
    struct round_notice round = round_three;
    struct voter voter;
    uint32_t item, version, change;
    (void)state;
    voter_init(&voter, 1, 1, 0.0);
    round.asked = 4;
    voter_plan(&voter, &round, &steady);
    assert_int_equal(voter.step_count, 1);
    voter_ask(&voter, &round, &steady);
    voter_step(&voter, &item, &version, &change);
    assert_int_equal(item, 3);
    assert_false(voter_has_step(&voter));
    voter_ask(&voter, &round, &steady); /* heard once more */
    assert_false(voter_has_step(&voter));
    round.asked = 5;
    voter_ask(&voter, &round, &fickle);
    assert_int_equal(voter.step_count, 2);
    voter_step(&voter, &item, &version, &change);
    assert_int_equal(item, 4);
    assert_int_equal(version, 1);
    round.asked = 12; /* there are eleven */
    voter_ask(&voter, &round, &steady);
    assert_int_equal(voter.asked, 5);
    voter.stays_away = true;
    round.asked = 6;
    voter_step(&voter, &item, &version, &change);
    voter_ask(&voter, &round, &steady);
    assert_false(voter_has_step(&voter));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_change_of_mind_items_come_once_and_in_order),
        cmocka_unit_test(a_change_of_mind_comes_later_and_in_a_higher_version),
        cmocka_unit_test(the_same_seed_plans_the_same_and_seats_differ),
        cmocka_unit_test(casting_goes_on_above_what_the_server_holds),
        cmocka_unit_test(the_pace_is_a_persons),
        cmocka_unit_test(where_the_first_answer_is_final_nobody_changes_their_mind),
        cmocka_unit_test(a_card_is_cast_whole_above_every_version_of_its_items),
        cmocka_unit_test(an_item_that_is_asked_alone_is_the_next_step_and_the_only_one),
        cmocka_unit_test(some_stay_away_and_some_leave_half_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <stdlib.h>
#include <string.h>

#include "fixture.h"

static void verdicts_follow_version_and_nonce(void **state)
{
    static const struct {
        uint32_t version;
        uint8_t nonce;
        enum verdict expected;
    } cases[] = {
        { 4, 9, VERDICT_SUPERSEDED },    { 4, 1, VERDICT_SUPERSEDED }, { 5, 9, VERDICT_CONFLICT },
        { 5, 1, VERDICT_RECORDED },      { 6, 1, VERDICT_NEW },        { 6, 9, VERDICT_NEW },
        { VERSION_MAX, 1, VERDICT_NEW },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ballot_box *box = ballot_box_create(2, 4);
        struct mark mark = fixture_mark(1, 7, 1, 5, 2, 1);
        uint16_t before;
        bool is_first;
        uint32_t version;
        assert_int_equal(ballot_box_apply(box, &mark, &before, &is_first), VERDICT_NEW);
        assert_int_equal(before, CHOICE_NONE);
        assert_true(is_first);
        struct mark next = fixture_mark(1, 7, 1, cases[i].version, 0, cases[i].nonce);
        assert_int_equal(ballot_box_check(box, next.slot, 1, next.version, next.nonce, &version),
                         cases[i].expected);
        assert_int_equal(version, 5);
        assert_int_equal(ballot_box_apply(box, &next, &before, &is_first), cases[i].expected);
        assert_false(is_first);
        assert_int_equal(before, cases[i].expected == VERDICT_NEW ? 2 : CHOICE_NONE);
        ballot_box_destroy(box);
    }
}

static void box_refuses_items_and_cards_over_its_limits(void **state)
{
    struct ballot_box *box = ballot_box_create(2, 2);
    uint16_t before;
    bool is_first;
    struct mark over = fixture_mark(1, 1, 2, 1, 0, 1);
    struct mark zero = fixture_mark(1, 1, 0, 0, 0, 1);
    assert_int_equal(ballot_box_apply(box, &over, &before, &is_first), VERDICT_INVALID);
    assert_int_equal(ballot_box_apply(box, &zero, &before, &is_first), VERDICT_INVALID);
    for (uint8_t who = 1; who <= 3; who++) {
        struct mark mark = fixture_mark(1, who, 0, 1, 0, 1);
        assert_int_equal(ballot_box_apply(box, &mark, &before, &is_first),
                         who <= 2 ? VERDICT_NEW : VERDICT_INVALID);
    }
    assert_int_equal(ballot_box_card_count(box), 2);
    ballot_box_destroy(box);
}

/* 20,000 voters: the table grows over its buckets many times and still finds each. */
static void room_made_beforehand_keeps_cards_and_limit(void **state)
{
    (void)state;
    struct ballot_box *box = ballot_box_create(2, 3000);
    uint16_t before;
    bool is_first;
    struct mark mark = { .round = 1, .version = 1, .choice = 1 };
    assert_int_equal(ballot_box_apply(box, &mark, &before, &is_first), VERDICT_NEW);
    assert_true(ballot_box_reserve(box, 0));
    assert_true(ballot_box_reserve(box, UINT32_MAX)); /* no more than may come */
    for (uint32_t card = 1; card < 3000; card++) {
        memcpy(mark.slot, &card, sizeof(card));
        assert_int_equal(ballot_box_apply(box, &mark, &before, &is_first), VERDICT_NEW);
    }
    uint32_t last = 3000;
    memcpy(mark.slot, &last, sizeof(last));
    assert_true(ballot_box_reserve(box, 1));
    assert_int_equal(ballot_box_apply(box, &mark, &before, &is_first), VERDICT_INVALID);
    assert_int_equal(ballot_box_card_count(box), 3000);
    ballot_box_destroy(box);
}

static void a_large_hall_keeps_every_card_apart(void **state)
{
    enum { VOTERS = 20000 };
    struct ballot_box *box = ballot_box_create(3, VOTERS);
    uint16_t before;
    bool is_first;
    for (uint32_t who = 0; who < VOTERS; who++) {
        struct mark mark = fixture_mark(1, 0, (uint16_t)(who % 3), who + 1, 1, 1);
        memcpy(mark.slot + 4, &who, sizeof(who)); /* all in one bucket: the worst case */
        if (who % 2 == 0) {
            memcpy(mark.slot, &who, sizeof(who));
        }
        if (who >= 2000 && who % 2 == 1) {
            continue;
        }
        assert_int_equal(ballot_box_apply(box, &mark, &before, &is_first), VERDICT_NEW);
        assert_true(is_first);
    }
    struct ballot_box *copy = ballot_box_copy(box);
    for (uint32_t who = 0; who < VOTERS; who += 2) {
        struct mark mark = fixture_mark(1, 0, 0, 0, 1, 1);
        memcpy(mark.slot + 4, &who, sizeof(who));
        memcpy(mark.slot, &who, sizeof(who));
        uint32_t versions[3];
        assert_true(ballot_box_versions(copy, mark.slot, versions));
        for (uint32_t item = 0; item < 3; item++) {
            assert_int_equal(versions[item], item == who % 3 ? who + 1 : 0);
        }
    }
    assert_int_equal(ballot_box_card_count(copy), ballot_box_card_count(box));
    ballot_box_destroy(copy);
    ballot_box_destroy(box);
}

/* Every order of four marks (two versions, two nonces) against the rule in plain words. */
static void every_order_of_four_marks_ends_as_the_rule_says(void **state)
{
    const uint32_t versions[4] = { 1, 1, 2, 2 };
    const uint8_t nonces[4] = { 1, 2, 1, 2 };
    for (int code = 0; code < 256; code++) {
        struct ballot_box *box = ballot_box_create(1, 1);
        uint32_t held_version = 0;
        uint8_t held_nonce = 0;
        int held_choice = CHOICE_NONE;
        for (int step = 0; step < 4; step++) {
            int pick = code >> (2 * step) & 3;
            struct mark mark = fixture_mark(1, 3, 0, versions[pick], (uint8_t)step, nonces[pick]);
            enum verdict expected = versions[pick] > held_version   ? VERDICT_NEW
                                    : versions[pick] < held_version ? VERDICT_SUPERSEDED
                                    : nonces[pick] == held_nonce    ? VERDICT_RECORDED
                                                                    : VERDICT_CONFLICT;
            uint16_t before;
            bool is_first;
            assert_int_equal(ballot_box_apply(box, &mark, &before, &is_first), expected);
            if (expected == VERDICT_NEW) {
                assert_int_equal(before, held_choice);
                held_version = versions[pick];
                held_nonce = nonces[pick];
                held_choice = step;
            }
        }
        ballot_box_destroy(box);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdicts_follow_version_and_nonce),
        cmocka_unit_test(box_refuses_items_and_cards_over_its_limits),
        cmocka_unit_test(room_made_beforehand_keeps_cards_and_limit),
        cmocka_unit_test(a_large_hall_keeps_every_card_apart),
        cmocka_unit_test(every_order_of_four_marks_ends_as_the_rule_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

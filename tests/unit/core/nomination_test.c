#include <stdio.h>
#include <string.h>

#include "counting.h"
#include "server/core/nomination.h"

/* Counts cards of a recommendation: options c1, c2 and two lines; the first two go on. */
static void recommend(struct counting *counting, const char *const *names, uint32_t name_count,
                      const char *const *cards, uint32_t card_count, struct figures *figures)
{
    counting_poll(counting, 2, 2);
    counting->contest.write_in_count = 2;
    counting->rules.poll.shortlist = 2;
    struct nominations *nominations = nominations_create(&counting->contest);
    struct motion_count count;
    struct turnout turnout = { .registered = card_count, .present = card_count };
    motion_count_init(&count, &counting->contest);
    for (uint32_t i = 0; i < name_count; i++) {
        assert_int_equal(nominations_name(nominations, names[i]), STATUS_OK);
    }
    for (uint32_t i = 0; i < card_count; i++) {
        struct card card = counting_card(cards[i]);
        uint32_t void_before = count.void_count;
        nominations_read(nominations, &card);
        motion_count_add(&count, &card);
        if (count.void_count == void_before) {
            nominations_add(nominations, &card);
        }
    }
    memset(figures, 0, sizeof(*figures));
    motion_count_figures(&count, &turnout, figures);
    nominations_figures(nominations, figures);
    nominations_destroy(nominations);
}

static void names_are_counted_and_shortlisted_with_the_options(void **state)
{
    static const char *const names[] = { "另选人一号", "另选人二号" };
    static const char *const cards[] = { "o-1-", "o-1-", "-o2-", "--1-", "--12", "----" };
    struct counting counting;
    struct figures figures;
    recommend(&counting, names, 2, cards, 6, &figures);
    assert_int_equal(figures.valid_count, 6);
    assert_int_equal(figures.items[0].counts[CHOICE_CHOSEN], 2);
    assert_int_equal(figures.items[1].counts[CHOICE_CHOSEN], 1);
    assert_int_equal(figures.election.name_count, 2);
    assert_string_equal(figures.election.names[0].name, "另选人一号");
    assert_int_equal(figures.election.names[0].votes, 4);
    assert_int_equal(figures.election.names[0].standing, STANDING_ELECTED);
    assert_int_equal(figures.election.names[1].votes, 2);
    /* The name has 4; c1 and the other name 2 each: level at the cut, neither has the place. */
    assert_int_equal(figures.election.standings[0], STANDING_TIED);
    assert_int_equal(figures.election.names[1].standing, STANDING_TIED);
    assert_int_equal(figures.election.standings[1], STANDING_NOT);
}

static void an_options_name_written_in_is_the_option(void **state)
{
    static const char *const names[] = { "候选人 1 号", "另选人一号" };
    static const char *const cards[] = { "o-1-", "--1-", "--1-", "-o1-" };
    struct counting counting;
    struct figures figures;
    recommend(&counting, names, 2, cards, 4, &figures);
    assert_int_equal(figures.items[0].counts[CHOICE_CHOSEN], 4);
    assert_int_equal(figures.items[1].counts[CHOICE_CHOSEN], 1);
    assert_int_equal(figures.election.name_count, 0);
    assert_int_equal(figures.void_count, 0); /* chosen and written in is one of the two */
}

static void a_name_twice_on_a_card_counts_once(void **state)
{
    static const char *const names[] = { "另选人一号", "另 选 人 一 号" };
    static const char *const cards[] = { "--12", "--21", "oo1-" };
    struct counting counting;
    struct figures figures;
    recommend(&counting, names, 2, cards, 3, &figures);
    assert_int_equal(figures.election.name_count, 1);
    assert_int_equal(figures.election.names[0].votes, 2);
    assert_int_equal(figures.void_count, 1); /* three chosen of two */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_counted_and_shortlisted_with_the_options),
        cmocka_unit_test(an_options_name_written_in_is_the_option),
        cmocka_unit_test(a_name_twice_on_a_card_counts_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

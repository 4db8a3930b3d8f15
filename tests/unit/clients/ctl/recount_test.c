#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clients/ctl/recount.h"
#include "clients/ctl/verify.h"
#include "clients/lib/prng.h"
#include "server/model/rules.h"
#include "tests/unit/core/election_fixture.h"

#define RECORD_MAX 20000

static struct grade grades[] = { { .id = "good" }, { .id = "fair" }, { .id = "poor" } };
static struct criterion criteria[] = { { .id = "a" }, { .id = "b" }, { .id = "c" } };
static struct subject subjects[] = { { .id = "s1" }, { .id = "s2" }, { .id = "s3" } };
static struct rules rules = { .id = "plain",
                              .version = 1,
                              .kind = CONTEST_APPRAISAL,
                              .answer = ANSWER_LAST,
                              .secrecy = SECRECY_SECRET,
                              .asking = ASKING_CARD,
                              .rounding = ROUNDING_HALF_UP };
static struct group groups[] = {
    { .id = "hall", .first_seat = 1, .seat_count = 1000, .vote_count = 1000 },
};
static struct contest contests[] = {
    { .id = "appraisal",
      .kind = CONTEST_APPRAISAL,
      .live = LIVE_TALLY,
      .grades = grades,
      .criteria = criteria,
      .subjects = subjects,
      .rules = &rules,
      .grade_count = 3,
      .criterion_count = 3,
      .subject_count = 3 },
};
static struct event event = { .id = "e",
                              .groups = groups,
                              .group_count = 1,
                              .contests = contests,
                              .contest_count = 1,
                              .check_in = CHECK_IN_NONE,
                              .seat_count = 1000 };

/* A log by hand: what is written here is folded by core and kept for the second count. */
struct book {
    struct ledger ledger;
    uint64_t batch;
};

static int book_make(void **state)
{
    struct book *book = calloc(1, sizeof(*book));
    book->ledger.event = &event;
    book->ledger.sitting = sitting_create(&event);
    book->ledger.marks = calloc(RECORD_MAX, sizeof(struct mark));
    book->ledger.acts = calloc(RECORD_MAX, sizeof(struct ledger_act));
    *state = book;
    return 0;
}

static int book_free(void **state)
{
    struct book *book = *state;
    sitting_destroy(book->ledger.sitting);
    free(book->ledger.marks);
    free(book->ledger.acts);
    free(book);
    return 0;
}

/* Applied, and kept for the second count. */
static void book_apply(struct book *book, const struct act *act)
{
    struct record record = { .batch = ++book->batch, .act = act };
    struct applied applied;
    assert_int_equal(sitting_apply(book->ledger.sitting, &record, &applied, NULL), STATUS_OK);
    book->ledger.acts[book->ledger.act_count++] =
        (struct ledger_act){ .kind = act->kind,
                             .round = act->round,
                             .number = act->number,
                             .before = book->ledger.mark_count };
}

static void book_act(struct book *book, enum act_kind kind, uint32_t round, const char *params)
{
    struct act act = { .kind = kind, .round = round, .at_ms = 1, .post = "officer-1" };
    snprintf(act.params, sizeof(act.params), "%s", params);
    book_apply(book, &act);
}

/* Zero check and opening, or the resumption of a paused round. */
static void book_open(struct book *book, const char *contest, const char *subject)
{
    struct opening opening;
    struct act act = { .at_ms = 1, .post = "officer-1" };
    assert_int_equal(sitting_may_open(book->ledger.sitting, contest, subject, NULL, &opening, NULL),
                     STATUS_OK);
    opening_write(book->ledger.sitting, &opening, 0, &act);
    struct act zero = act;
    zero.kind = ACT_ZERO_CHECK;
    zero.number = 0;
    zero.params[0] = '\0';
    if (!opening.is_resume) {
        book_apply(book, &zero);
    }
    book_apply(book, &act);
}

static void book_mark(struct book *book, uint32_t round, uint32_t slot, uint16_t item,
                      uint32_t version, uint16_t choice, uint8_t nonce)
{
    struct mark mark = {
        .round = round, .item = item, .version = version, .choice = choice, .nonce = { nonce }
    };
    memcpy(mark.slot, &slot, sizeof(slot));
    struct record record = { .batch = ++book->batch, .mark = &mark };
    struct applied applied;
    assert_int_equal(sitting_apply(book->ledger.sitting, &record, &applied, NULL), STATUS_OK);
    book->ledger.marks[book->ledger.mark_count++] = mark;
}

static enum status book_verify(struct book *book, struct fault *fault)
{
    FILE *out = fopen("/dev/null", "w");
    enum status status = verify_run(&book->ledger, NULL, LANGUAGE_EN, out, fault);
    fclose(out);
    return status;
}

static void the_last_version_counts_and_the_first_of_equal_ones_stands(void **state)
{
    struct book *book = *state;
    struct recount recount;
    book_open(book, "appraisal", "s1");
    book_mark(book, 1, 7, 0, 1, 0, 1);
    book_mark(book, 1, 7, 0, 2, 1, 2);
    book_mark(book, 1, 7, 0, 2, 2, 3); /* same version, another intent */
    book_mark(book, 1, 8, 0, 5, 2, 4);
    book_mark(book, 1, 8, 0, 4, 0, 5); /* older, late */
    book_mark(book, 1, 8, 2, 1, 0, 6);
    assert_int_equal(recount_run(&book->ledger, &recount, NULL), STATUS_OK);
    assert_int_equal(recount.round_count, 1);
    assert_int_equal(recount.rounds[0].card_count, 2);
    assert_int_equal(recount.rounds[0].counts[0][0], 0);
    assert_int_equal(recount.rounds[0].counts[0][1], 1);
    assert_int_equal(recount.rounds[0].counts[0][2], 1);
    assert_int_equal(recount.rounds[0].counts[2][0], 1);
    recount_finish(&recount);
}

static void marks_outside_an_opening_do_not_count_and_are_told(void **state)
{
    struct book *book = *state;
    struct recount recount;
    struct fault fault = { 0 };
    book_mark(book, 1, 1, 0, 1, 0, 1); /* before it opened */
    book_open(book, "appraisal", "s1");
    book_mark(book, 1, 1, 0, 1, 0, 2);
    book_act(book, ACT_PAUSE, 1, "");
    book_mark(book, 1, 2, 0, 1, 0, 3); /* in the pause */
    book_open(book, "appraisal", "s1");
    book_mark(book, 1, 3, 0, 1, 0, 4);
    book_act(book, ACT_CLOSE, 1, "");
    book_mark(book, 1, 4, 0, 1, 0, 5); /* after the close */
    book_open(book, "appraisal", "s2");
    book_mark(book, 1, 5, 0, 1, 0, 6); /* of the round before */
    assert_int_equal(recount_run(&book->ledger, &recount, NULL), STATUS_OK);
    assert_int_equal(recount.outside_count, 4);
    assert_int_equal(recount.rounds[0].counts[0][0], 2);
    assert_int_equal(recount.rounds[1].card_count, 0);
    recount_finish(&recount);
    assert_int_equal(book_verify(book, &fault), STATUS_REFUSED);
    assert_non_null(strstr(fault.text, "4 marks"));
}

static void both_counts_agree_on_whatever_a_seed_brings(void **state)
{
    struct book *book = *state;
    struct prng prng;
    prng_init(&prng, 20260101);
    for (uint32_t round = 1; round <= 3; round++) {
        book_open(book, "appraisal", subjects[round - 1].id);
        for (int i = 0; i < 3000; i++) {
            /* few slots and versions, so that many collide */
            book_mark(book, round, prng_below(&prng, 60), (uint16_t)prng_below(&prng, 3),
                      1 + prng_below(&prng, 6), (uint8_t)prng_below(&prng, 3),
                      (uint8_t)prng_below(&prng, 3));
        }
        book_act(book, ACT_CLOSE, round, "");
    }
    struct recount recount;
    assert_int_equal(recount_run(&book->ledger, &recount, NULL), STATUS_OK);
    for (uint32_t round = 1; round <= 3; round++) {
        const struct tally *tally = &sitting_round(book->ledger.sitting, round)->tally;
        assert_int_equal(recount.rounds[round - 1].card_count, tally->cast_count);
        for (uint32_t item = 0; item < 3; item++) {
            assert_memory_equal(recount.rounds[round - 1].counts[item], tally->counts[item],
                                3 * sizeof(uint32_t));
        }
    }
    recount_finish(&recount);
}

static void a_sound_log_is_verified_and_one_changed_mark_is_found(void **state)
{
    struct book *book = *state;
    struct fault fault = { 0 };
    book_open(book, "appraisal", "s1");
    for (uint32_t slot = 1; slot <= 100; slot++) {
        book_mark(book, 1, slot, 0, 1, 0, (uint8_t)slot);
        book_mark(book, 1, slot, 1, 1, 1, (uint8_t)slot);
    }
    book_act(book, ACT_CLOSE, 1, "");
    assert_int_equal(book_verify(book, &fault), STATUS_OK);
    book->ledger.marks[100].choice = 2; /* core counted another one */
    assert_int_equal(book_verify(book, &fault), STATUS_REFUSED);
    assert_non_null(strstr(fault.text, "round 1, s1, item 0"));
    book->ledger.marks[100].choice = 0;
    book->ledger.mark_count--; /* the last mark is gone */
    book->ledger.acts[book->ledger.act_count - 1].before--;
    fault = (struct fault){ 0 };
    assert_int_equal(book_verify(book, &fault), STATUS_REFUSED);
}

/* Ballots of 3 candidates and a line: o for, x against, - abstain, a digit a name's number. */
static void book_ballot(struct book *book, uint32_t slot, const char *marks)
{
    for (uint16_t item = 0; marks[item] != '\0'; item++) {
        uint16_t choice = marks[item] == 'o'   ? CHOICE_FOR
                          : marks[item] == 'x' ? CHOICE_AGAINST
                          : marks[item] == '-' ? CHOICE_ABSTAIN
                                               : (uint16_t)(marks[item] - '0');
        book_mark(book, 1, slot, item, 1, choice, (uint8_t)slot);
    }
}

/* An election: a void ballot (two for one seat), a name written in by two. */
static void elections_are_recounted_card_by_card(void **state)
{
    struct book *book = *state;
    struct recount recount;
    struct fault fault = { 0 };
    uint16_t choices[ITEM_MAX];
    uint8_t group = 9;
    uint32_t slot = 12;
    struct event *election = election_event(10, 3, 1);
    sitting_destroy(book->ledger.sitting);
    book->ledger.event = election;
    book->ledger.sitting = sitting_create(election);
    election_present(book->ledger.sitting, "1-10");
    book_open(book, "secretary", "");
    struct act name = { .kind = ACT_NAME, .round = 1, .number = 1, .post = "server" };
    snprintf(name.params, sizeof(name.params), "name=另选一号\n");
    book_apply(book, &name);
    book_ballot(book, 11, "oxx0");
    book_ballot(book, 12, "xxx1");
    book_ballot(book, 13, "xxx1");
    book_ballot(book, 14, "oox0");
    book_ballot(book, 15, "o--0");
    book_act(book, ACT_CLOSE, 1, "");
    assert_int_equal(book_verify(book, &fault), STATUS_OK);
    assert_int_equal(recount_run(&book->ledger, &recount, NULL), STATUS_OK);
    assert_int_equal(recount.rounds[0].card_count, 5);
    assert_int_equal(recount.rounds[0].counts[0][CHOICE_FOR], 3);
    assert_int_equal(recount.rounds[0].counts[1][CHOICE_AGAINST], 3);
    uint8_t bytes[SLOT_SIZE] = { 0 };
    memcpy(bytes, &slot, sizeof(slot));
    assert_true(recount_card(&recount, 1, bytes, choices, &group));
    assert_int_equal(choices[3], 1);
    assert_int_equal(choices[4], CHOICE_NONE);
    assert_int_equal(group, 0);
    bytes[0] = 99;
    assert_false(recount_card(&recount, 1, bytes, choices, &group));
    recount_finish(&recount);
    book->ledger.marks[7].choice = 2; /* another name on the second ballot's line */
    assert_int_equal(book_verify(book, &fault), STATUS_REFUSED);
    assert_non_null(strstr(fault.text, "round 1, secretary, item 3"));
    sitting_destroy(book->ledger.sitting);
    book->ledger.sitting = NULL;
    event_destroy(election);
}

/* Lines of a recommendation hold numbers of names: no choices that a tally would have. */
static void names_put_forward_are_no_difference(void **state)
{
    struct book *book = *state;
    struct fault fault = { 0 };
    struct event *poll = election_event(10, 3, 1);
    poll->contests[0].kind = CONTEST_POLL;
    poll->contests[0].seats = 2;
    poll->contests[0].rules->kind = CONTEST_POLL;
    poll->contests[0].rules->poll = (struct poll_rules){ BASE_VALID, 2 };
    sitting_destroy(book->ledger.sitting);
    book->ledger.event = poll;
    book->ledger.sitting = sitting_create(poll);
    election_present(book->ledger.sitting, "1-10");
    book_open(book, "secretary", "");
    struct act name = { .kind = ACT_NAME, .round = 1, .number = 1, .post = "server" };
    snprintf(name.params, sizeof(name.params), "name=另选一号\n");
    book_apply(book, &name);
    for (uint32_t slot = 1; slot <= 3; slot++) {
        book_mark(book, 1, slot, 0, 1, CHOICE_CHOSEN, (uint8_t)slot);
        book_mark(book, 1, slot, 3, 1, slot == 3 ? 0 : 1, (uint8_t)slot);
    }
    book_act(book, ACT_CLOSE, 1, "");
    assert_int_equal(book_verify(book, &fault), STATUS_OK);
    book->ledger.marks[1].choice = 0; /* a name that core counted is gone */
    assert_int_equal(book_verify(book, &fault), STATUS_REFUSED);
    assert_non_null(strstr(fault.text, "item 3"));
    sitting_destroy(book->ledger.sitting);
    book->ledger.sitting = NULL;
    event_destroy(poll);
}

/* Ballots are recorded whole, so one with an item less has lost a mark. */
static void a_ballot_that_is_not_whole_is_found(void **state)
{
    struct book *book = *state;
    struct fault fault = { 0 };
    struct event *election = election_event(10, 3, 1);
    sitting_destroy(book->ledger.sitting);
    book->ledger.event = election;
    book->ledger.sitting = sitting_create(election);
    election_present(book->ledger.sitting, "1-10");
    book_open(book, "secretary", "");
    book_ballot(book, 1, "oxx0");
    book_ballot(book, 2, "oxx");
    book_act(book, ACT_CLOSE, 1, "");
    assert_int_equal(book_verify(book, &fault), STATUS_REFUSED);
    assert_non_null(strstr(fault.text, "item 3: card 1 has no mark"));
    sitting_destroy(book->ledger.sitting);
    book->ledger.sitting = NULL;
    event_destroy(election);
}

/* A card is of one group, and a group has no more cards than electors. */
static void cards_of_another_group_are_found(void **state)
{
    struct book *book = *state;
    struct fault fault = { 0 };
    struct event *election = election_event(10, 3, 1);
    sitting_destroy(book->ledger.sitting);
    book->ledger.event = election;
    book->ledger.sitting = sitting_create(election);
    election_present(book->ledger.sitting, "1-10");
    book_open(book, "secretary", "");
    book_ballot(book, 1, "oxx0");
    book_act(book, ACT_CLOSE, 1, "");
    assert_int_equal(book_verify(book, &fault), STATUS_OK);
    book->ledger.marks[2].group = 1;
    assert_int_equal(book_verify(book, &fault), STATUS_REFUSED);
    assert_non_null(strstr(fault.text, "another group"));
    sitting_destroy(book->ledger.sitting);
    book->ledger.sitting = sitting_create(election);
    book->ledger.mark_count = 0;
    book->ledger.act_count = 0;
    election_present(book->ledger.sitting, "1-10");
    book_open(book, "secretary", "");
    struct mark stray = { .round = 1, .version = 1, .slot = { 7 }, .group = 1 }; /* a test's */
    struct record record = { .batch = ++book->batch, .mark = &stray };
    struct applied applied;
    assert_int_equal(sitting_apply(book->ledger.sitting, &record, &applied, NULL), STATUS_OK);
    book->ledger.marks[book->ledger.mark_count++] = stray;
    fault = (struct fault){ 0 };
    assert_int_equal(book_verify(book, &fault), STATUS_REFUSED);
    assert_string_equal(fault.text, "round 1: 1 cards of group 'tests', which had 0 electors");
    sitting_destroy(book->ledger.sitting);
    book->ledger.sitting = NULL;
    event_destroy(election);
}

static void names_of_any_number_are_taken_and_higher_ones_told(void **state)
{
    struct book *book = *state;
    struct recount recount;
    book->ledger.acts[book->ledger.act_count++] = (struct ledger_act){ ACT_OPEN, 1, 10, 0 };
    book->ledger.marks[0] = (struct mark){ .round = 1, .version = 1, .choice = WRITTEN_NAME_MAX };
    book->ledger.marks[1] = book->ledger.marks[0];
    book->ledger.marks[1].choice++;
    book->ledger.mark_count = 2;
    assert_int_equal(recount_run(&book->ledger, &recount, NULL), STATUS_OK);
    assert_int_equal(recount.mark_count, 1);
    assert_int_equal(recount.outside_count, 1);
    recount_finish(&recount);
}

static void acts_that_say_nothing_of_marks_are_passed_over(void **state)
{
    struct book *book = *state;
    struct fault fault = { 0 };
    book_open(book, "appraisal", "s1");
    book_mark(book, 1, 1, 0, 1, 0, 1);
    book_act(book, ACT_CLOSE, 1, "");
    book_act(book, ACT_VOID, 1, "reason=重来\n");
    book_open(book, "appraisal", "s1");
    book_mark(book, 2, 1, 0, 1, 1, 1);
    book_act(book, ACT_VOID, 2, "reason=重来\n"); /* an open one: it takes no more */
    book->ledger.marks[book->ledger.mark_count++] =
        (struct mark){ .round = 2, .version = 1, .slot = { 9 } };
    struct recount recount;
    assert_int_equal(recount_run(&book->ledger, &recount, NULL), STATUS_OK);
    assert_int_equal(recount.outside_count, 1);
    recount_finish(&recount);
    book->ledger.mark_count--;
    book_open(book, "appraisal", "s2");
    book_act(book, ACT_CLOSE, 3, "");
    book_act(book, ACT_CERTIFY, 3, "");
    assert_int_equal(book_verify(book, &fault), STATUS_OK);
}

#define BOOKED(test) cmocka_unit_test_setup_teardown(test, book_make, book_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOOKED(the_last_version_counts_and_the_first_of_equal_ones_stands),
        BOOKED(marks_outside_an_opening_do_not_count_and_are_told),
        BOOKED(both_counts_agree_on_whatever_a_seed_brings),
        BOOKED(a_sound_log_is_verified_and_one_changed_mark_is_found),
        BOOKED(elections_are_recounted_card_by_card),
        BOOKED(names_put_forward_are_no_difference),
        BOOKED(a_ballot_that_is_not_whole_is_found),
        BOOKED(cards_of_another_group_are_found),
        BOOKED(names_of_any_number_are_taken_and_higher_ones_told),
        BOOKED(acts_that_say_nothing_of_marks_are_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

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

#define RECORD_MAX 20000

static struct grade grades[] = { { .id = "good" }, { .id = "fair" }, { .id = "poor" } };
static struct criterion criteria[] = { { .id = "a" }, { .id = "b" }, { .id = "c" } };
static struct subject subjects[] = { { .id = "s1" }, { .id = "s2" }, { .id = "s3" } };
static struct contest contests[] = {
    { .id = "appraisal",
      .kind = CONTEST_APPRAISAL,
      .live = LIVE_TALLY,
      .grades = grades,
      .criteria = criteria,
      .subjects = subjects,
      .grade_count = 3,
      .criterion_count = 3,
      .subject_count = 3 },
};
static struct event event = {
    .id = "e", .contests = contests, .contest_count = 1, .seat_count = 1000
};

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

static void book_act(struct book *book, enum act_kind kind, uint32_t round, uint64_t number,
                     const char *subject)
{
    struct act act = { .kind = kind, .round = round, .number = number, .at_ms = 1 };
    snprintf(act.contest, sizeof(act.contest), "appraisal");
    snprintf(act.subject, sizeof(act.subject), "%s", subject);
    struct record record = { .batch = ++book->batch, .act = &act };
    struct applied applied;
    assert_int_equal(sitting_apply(book->ledger.sitting, &record, &applied, NULL), STATUS_OK);
    book->ledger.acts[book->ledger.act_count++] = (struct ledger_act){
        .kind = kind, .round = round, .number = number, .before = book->ledger.mark_count
    };
}

static void book_open(struct book *book, uint32_t round, const char *subject)
{
    book_act(book, ACT_ZERO_CHECK, round, 0, subject);
    book_act(book, ACT_OPEN, round, 1000, subject);
}

static void book_mark(struct book *book, uint32_t round, uint32_t slot, uint16_t item,
                      uint32_t version, uint8_t choice, uint8_t nonce)
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
    book_open(book, 1, "s1");
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
    book_open(book, 1, "s1");
    book_mark(book, 1, 1, 0, 1, 0, 2);
    book_act(book, ACT_PAUSE, 1, 0, "");
    book_mark(book, 1, 2, 0, 1, 0, 3); /* in the pause */
    book_act(book, ACT_OPEN, 1, 1000, "s1");
    book_mark(book, 1, 3, 0, 1, 0, 4);
    book_act(book, ACT_CLOSE, 1, 0, "");
    book_mark(book, 1, 4, 0, 1, 0, 5); /* after the close */
    book_open(book, 2, "s2");
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
        book_open(book, round, subjects[round - 1].id);
        for (int i = 0; i < 3000; i++) {
            /* few slots and versions, so that many collide */
            book_mark(book, round, prng_below(&prng, 60), (uint16_t)prng_below(&prng, 3),
                      1 + prng_below(&prng, 6), (uint8_t)prng_below(&prng, 3),
                      (uint8_t)prng_below(&prng, 3));
        }
        book_act(book, ACT_CLOSE, round, 0, "");
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
    book_open(book, 1, "s1");
    for (uint32_t slot = 1; slot <= 100; slot++) {
        book_mark(book, 1, slot, 0, 1, 0, (uint8_t)slot);
        book_mark(book, 1, slot, 1, 1, 1, (uint8_t)slot);
    }
    book_act(book, ACT_CLOSE, 1, 0, "");
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

#define BOOKED(test) cmocka_unit_test_setup_teardown(test, book_make, book_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOOKED(the_last_version_counts_and_the_first_of_equal_ones_stands),
        BOOKED(marks_outside_an_opening_do_not_count_and_are_told),
        BOOKED(both_counts_agree_on_whatever_a_seed_brings),
        BOOKED(a_sound_log_is_verified_and_one_changed_mark_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

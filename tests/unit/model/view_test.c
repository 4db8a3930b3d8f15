#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/model/view.h"

static void shares_are_rounded_half_up_once(void **state)
{
    static const struct {
        uint64_t count;
        uint64_t base;
        uint32_t expected;
    } cases[] = {
        { 0, 0, 0 },
        { 5, 0, 0 },
        { 0, 7, 0 },
        { 7, 7, 1000 },
        { 1, 3, 333 },
        { 2, 3, 667 },
        { 1, 7, 143 },
        { 2, 7, 286 },       /* 285.714…: TRAPS has the sum of four of these */
        { 1, 2000, 1 },      /* exactly half: up */
        { 3, 2000, 2 },      /* 1.5: up */
        { 1, 2001, 0 },      /* just under half */
        { 1, 1999, 1 },      /* just over half */
        { 1249, 2000, 625 }, /* 624.5 */
        { 1994, 1995, 999 }, /* 999.498… stays below 1000 */
        { 1995, 1996, 999 },
        { 1999, 2000, 1000 }, /* 999.5 */
        { 19989, 20000, 999 },
        { 1243, 1995, 623 },
        { UINT64_MAX, UINT64_MAX, 1000 },
        { UINT64_MAX / 3, UINT64_MAX, 333 },
        { UINT64_MAX - 1, UINT64_MAX, 1000 },
        { 1, UINT64_MAX, 0 },
        { 2, 1, 2000 },
        { UINT64_MAX, 1, UINT32_MAX }, /* more than any caller may ask stays at the end */
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(share_permille(cases[i].count, cases[i].base), cases[i].expected);
    }
}

/* |share - 1000 × count / base| <= 1/2 for every count of every base up to 400, halves up. */
static void every_share_of_small_bases_is_the_nearest(void **state)
{
    for (uint64_t base = 1; base <= 400; base++) {
        for (uint64_t count = 0; count <= base; count++) {
            uint64_t share = share_permille(count, base);

            assert_true(2 * share * base <= 2000 * count + base);
            assert_true(2 * share * base + base > 2000 * count);
        }
    }
}

static struct figures sound_figures(void)
{
    return (struct figures){
        .round = 3,
        .contest = "appraisal",
        .subject = "s01",
        .state = ROUND_CLOSED,
        .shows = LIVE_TALLY,
        .registered = 10,
        .cast_count = 9,
        .valid_count = 8,
        .void_count = 1,
        .item_count = 2,
        .grade_count = 3,
        .opened_ms = 1000,
        .closed_ms = 2000,
        .items = { { .counts = { 4, 3, 2 }, .valid = 9 }, { .counts = { 5, 0, 1 }, .valid = 6 } },
    };
}

static void sums_that_agree_are_sound(void **state)
{
    struct figures figures = sound_figures();
    struct figures none = { 0 };

    assert_true(figures_are_sound(&figures));
    assert_true(figures_are_sound(&none));
}

static void sums_that_disagree_are_not_sound(void **state)
{
    struct figures figures = sound_figures();

    figures.items[1].valid = 7;
    assert_false(figures_are_sound(&figures));
    figures = sound_figures();
    figures.items[0].counts[2]++;
    assert_false(figures_are_sound(&figures));
    figures.items[0].valid++; /* ten valid of nine cards */
    assert_false(figures_are_sound(&figures));
    figures.cast_count++;
    assert_false(figures_are_sound(&figures)); /* one of them neither valid nor void */
    figures.valid_count++;
    assert_true(figures_are_sound(&figures));
    figures.cast_count++; /* eleven cards of ten seats */
    figures.valid_count++;
    assert_false(figures_are_sound(&figures));
    figures.paper_count = 1; /* but one of them was counted by hand */
    assert_true(figures_are_sound(&figures));
    figures = sound_figures();
    figures.item_count = ITEM_MAX + 1;
    assert_false(figures_are_sound(&figures));
    figures = sound_figures();
    figures.grade_count = GRADE_MAX + 1;
    assert_false(figures_are_sound(&figures));
}

/* Counts whose sum wraps in 32 bits to what `valid` says. */
static void a_wrapped_sum_is_not_sound(void **state)
{
    struct figures figures = sound_figures();

    figures.items[0] = (struct item_figures){ .counts = { 0xffffffffu, 3, 0 }, .valid = 2 };
    assert_false(figures_are_sound(&figures));
}

static void every_field_changes_the_hash(void **state)
{
    struct figures base = sound_figures();
    struct figures changed[32];
    size_t count = sizeof(changed) / sizeof(changed[0]);

    for (size_t i = 0; i < count; i++) {
        changed[i] = base;
    }
    changed[0].round++;
    changed[1].contest[0] = 'b';
    changed[2].subject[2] = '2';
    changed[3].state = ROUND_OPEN;
    changed[4].shows = LIVE_TURNOUT;
    changed[5].registered++;
    changed[6].cast_count++;
    changed[7].item_count--;
    changed[8].grade_count--;
    changed[9].opened_ms++;
    changed[10].closed_ms++;
    changed[11].items[0].counts[0]++;
    changed[12].items[1].counts[2]++;
    changed[13].items[1].valid++;
    /* what moves from one text into the next is another text */
    memcpy(changed[14].contest, "appraisals", 11);
    memcpy(changed[14].subject, "01", 3);
    changed[15].shows = LIVE_HIDDEN;
    changed[16].kind = CONTEST_ELECTION;
    changed[17].has_present = true;
    changed[18].issued++;
    changed[19].paper_count++;
    changed[20].valid_count++;
    changed[21].void_count++;
    changed[22].decision = DECISION_ELECTED;
    changed[23].ends_ms++;
    changed[24].rules_hash++;
    changed[25].rules[0] = 'r';
    changed[26].satisfied++;
    changed[27].appraisal.person.is_set = true;
    changed[28].appraisal.rank++;
    changed[29].election.standings[1] = STANDING_ELECTED;
    changed[31].reason[0] = 'r';
    changed[30].election.name_count = 1;
    for (size_t i = 0; i < count; i++) {
        assert_true(figures_hash(&changed[i]) != figures_hash(&base));
        for (size_t j = 0; j < i; j++) {
            assert_true(figures_hash(&changed[i]) != figures_hash(&changed[j]));
        }
    }
}

static void what_is_withheld_does_not_change_the_hash(void **state)
{
    struct figures base = sound_figures();
    struct figures other;

    base.shows = LIVE_TURNOUT;
    other = base;
    other.items[0].counts[0] = 77;
    other.item_count = 0;
    other.grade_count = 0;
    assert_true(figures_hash(&base) == figures_hash(&other));
    other.cast_count++;
    assert_true(figures_hash(&base) != figures_hash(&other));
    base.shows = LIVE_HIDDEN;
    other.shows = LIVE_HIDDEN;
    assert_true(figures_hash(&base) == figures_hash(&other));
}

/* Pages and overlays of other builds keep figures by this hash: it is FNV-1a of these bytes. */
static void the_hash_is_the_same_in_every_build(void **state)
{
    struct figures figures = { 0 };
    uint64_t hash = 0xcbf29ce484222325u;

    /* fifteen numbers of eight bytes and the four NULs that end empty texts, all zero */
    for (int i = 0; i < 15 * 8 + 4; i++) {
        hash *= 0x100000001b3u;
    }
    assert_true(figures_hash(&figures) == hash);
}

static void finish_frees_and_may_be_repeated(void **state)
{
    struct document document = { .texts = calloc(1, sizeof(struct event)),
                                 .closed = calloc(2, sizeof(struct figures)),
                                 .closed_count = 2 };

    document_finish(&document);
    assert_null(document.texts);
    assert_null(document.closed);
    assert_int_equal(document.closed_count, 0);
    document_finish(&document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_are_rounded_half_up_once),
        cmocka_unit_test(every_share_of_small_bases_is_the_nearest),
        cmocka_unit_test(sums_that_agree_are_sound),
        cmocka_unit_test(sums_that_disagree_are_not_sound),
        cmocka_unit_test(a_wrapped_sum_is_not_sound),
        cmocka_unit_test(every_field_changes_the_hash),
        cmocka_unit_test(what_is_withheld_does_not_change_the_hash),
        cmocka_unit_test(the_hash_is_the_same_in_every_build),
        cmocka_unit_test(finish_frees_and_may_be_repeated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

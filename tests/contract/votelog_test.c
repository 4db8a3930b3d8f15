/*
 * The contract of votelog.h, held against each backend: whatever keeps the batches, what goes in
 * comes out whole, once, in one order, and within the limits.
 */
#include "tests/contract/log_fixture.h"

#include <stdlib.h>
#include <string.h>

#define LOAD_APPENDS 3000

static int setup(void **state)
{
    const log_open_fn *open = *state;
    return fixture_setup(state, *open);
}

/* What was offered, by ticket: how many marks, and how many of them came back. */
struct offer {
    uint32_t mark_count; /* 0: an act */
    uint32_t came;
};

/* Offers marks and acts as *seed says, draining now and then. Returns the last ticket. */
static uint64_t load(struct log_fixture *fixture, struct offer *offers, uint64_t *seed)
{
    static struct mark marks[MARK_PER_MESSAGE_MAX];
    uint64_t ticket = 0;
    for (uint64_t next = 1; next <= LOAD_APPENDS; next++) {
        uint64_t draw = number_draw(seed);
        if (draw % 16 == 0) {
            struct act act = act_make(draw % 32 == 0 ? ACT_TAKE : ACT_CLOSE, 1);
            act.number = next;
            ticket = append_act(fixture->log, &act);
            offers[next].mark_count = 0;
        } else {
            uint32_t count = 1 + (uint32_t)(draw % 200 == 1 ? MARK_PER_MESSAGE_MAX - 1 : draw % 24);
            for (uint32_t i = 0; i < count; i++) {
                marks[i] = mark_draw(seed, next);
            }
            ticket = append_marks(fixture->log, marks, count);
            offers[next].mark_count = count;
        }
        assert_int_equal(ticket, next);
        if (draw % 7 == 0) {
            (void)fixture_drain(fixture, 1 + (uint32_t)(draw % 97));
        }
    }
    return ticket;
}

/* Goes through what came back: every append whole, once, before the acts offered after it. */
static void came_back_check(const struct keeper *live, struct offer *offers)
{
    uint64_t whole = 0; /* tickets up to here are complete */
    uint64_t act_last = 0;
    for (uint32_t i = 0; i < live->record_count; i++) {
        const struct kept *kept = &live->records[i];
        if (kept->act >= 0) {
            uint64_t ticket = live->acts[kept->act].number;
            assert_int_equal(offers[ticket].mark_count, 0);
            assert_true(ticket > act_last);
            act_last = ticket;
            offers[ticket].came++;
            for (; whole < ticket; whole++) {
                const struct offer *offer = &offers[whole + 1];
                assert_int_equal(offer->came, offer->mark_count > 0 ? offer->mark_count : 1);
            }
        } else {
            uint64_t ticket = nonce_number(&kept->mark);
            assert_true(ticket > act_last);
            offers[ticket].came++;
            assert_true(offers[ticket].came <= offers[ticket].mark_count);
        }
        for (; whole < kept->settled; whole++) {
            const struct offer *offer = &offers[whole + 1];
            assert_int_equal(offer->came, offer->mark_count > 0 ? offer->mark_count : 1);
        }
        bool is_last = i + 1 == live->record_count || live->records[i + 1].batch != kept->batch;
        if (is_last) { /* no append stands half in this batch and half in the next */
            assert_int_equal(whole, kept->settled);
            assert_true(whole == LOAD_APPENDS || offers[whole + 1].came == 0);
        }
    }
    assert_int_equal(whole, LOAD_APPENDS);
}

static void what_is_offered_comes_back_whole_once_and_in_order(void **state)
{
    const struct log_fixture *opener = *state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct offer *offers = calloc(LOAD_APPENDS + 1, sizeof(*offers));
        struct log_fixture fixture;
        uint64_t drawn = seed;
        assert_non_null(offers);
        fixture_init(&fixture, opener->open);
        fixture.options.commit_gap_ms = (uint32_t)seed - 1;
        fixture_open(&fixture, NULL);
        fixture_settle(&fixture, load(&fixture, offers, &drawn));
        assert_int_equal(fixture_drain(&fixture, 65536), 0);
        came_back_check(&fixture.live, offers);
        fixture_finish(&fixture);
        free(offers);
    }
}

static void marks_are_refused_at_the_limit_and_taken_again_after_a_drain(void **state)
{
    struct log_fixture *fixture = *state;
    static struct mark marks[MARK_PER_MESSAGE_MAX];
    uint64_t seed = 5;
    uint64_t ticket = 0;
    struct act act = act_make(ACT_PAUSE, 1);
    for (uint32_t i = 0; i < MARK_PER_MESSAGE_MAX; i++) {
        marks[i] = mark_draw(&seed, i);
    }
    fixture_open(fixture, NULL);
    for (uint32_t i = 0; i < VOTELOG_MARK_WAIT_MAX - MARK_PER_MESSAGE_MAX;
         i += MARK_PER_MESSAGE_MAX) {
        (void)append_marks(fixture->log, marks, MARK_PER_MESSAGE_MAX);
    }
    (void)append_marks(fixture->log, marks, MARK_PER_MESSAGE_MAX - 1);
    /* One place is left: two are refused whole, one fits, then none. */
    assert_int_equal(votelog_append_marks(fixture->log, marks, 2, &ticket), STATUS_FULL);
    uint64_t last = append_marks(fixture->log, marks, 1);
    assert_int_equal(votelog_append_marks(fixture->log, marks, 1, &ticket), STATUS_FULL);
    assert_true(append_act(fixture->log, &act) > last); /* the desk has places of its own */
    assert_int_equal(votelog_health(fixture->log, NULL), STATUS_OK);
    fixture_settle(fixture, last + 1);
    assert_int_equal(fixture->live.mark_count, VOTELOG_MARK_WAIT_MAX);
    fixture_settle(fixture, append_marks(fixture->log, marks, MARK_PER_MESSAGE_MAX));
    assert_int_equal(fixture->live.mark_count, VOTELOG_MARK_WAIT_MAX + MARK_PER_MESSAGE_MAX);
}

static void acts_are_refused_at_the_limit_and_taken_again_after_a_drain(void **state)
{
    struct log_fixture *fixture = *state;
    uint64_t seed = 6;
    uint64_t ticket = 0;
    struct act act = act_make(ACT_TAKE, 0);
    struct mark mark = mark_draw(&seed, 1);
    fixture_open(fixture, NULL);
    for (uint32_t i = 0; i < VOTELOG_ACT_WAIT_MAX; i++) {
        (void)append_act(fixture->log, &act);
    }
    assert_int_equal(votelog_append_act(fixture->log, &act, &ticket), STATUS_FULL);
    fixture_settle(fixture, append_marks(fixture->log, &mark, 1));
    assert_int_equal(fixture->live.act_count, VOTELOG_ACT_WAIT_MAX);
    fixture_settle(fixture, append_act(fixture->log, &act));
}

static void a_batch_is_handed_back_in_pieces_of_visit_max(void **state)
{
    struct log_fixture *fixture = *state;
    struct mark marks[10];
    uint64_t seed = 7;
    struct act act = act_make(ACT_OPEN, 1);
    for (uint32_t i = 0; i < 10; i++) {
        marks[i] = mark_draw(&seed, i);
    }
    fixture_open(fixture, NULL);
    (void)append_marks(fixture->log, marks, 10);
    uint64_t last = append_act(fixture->log, &act);
    for (uint32_t done = 0; done < 11;) {
        uint32_t visited = fixture_drain(fixture, 3);
        assert_int_equal(fixture->live.record_count, done + visited);
        assert_true(fixture_settled(fixture) < last || done + visited == 11);
        done += visited;
        if (visited == 0) {
            fixture_wait(fixture);
        }
    }
    assert_int_equal(fixture_settled(fixture), last);
}

static void figures_tell_what_is_durable(void **state)
{
    struct log_fixture *fixture = *state;
    struct mark marks[5];
    struct votelog_figures figures;
    uint64_t seed = 8;
    struct act act = act_make(ACT_CLOSE, 1);
    for (uint32_t i = 0; i < 5; i++) {
        marks[i] = mark_draw(&seed, i);
    }
    fixture_open(fixture, NULL);
    votelog_figures(fixture->log, &figures);
    assert_int_equal(figures.mark_total + figures.batch_total + figures.commit_count, 0);
    (void)append_marks(fixture->log, marks, 5);
    fixture_settle(fixture, append_act(fixture->log, &act));
    votelog_figures(fixture->log, &figures);
    assert_int_equal(figures.mark_total, 5);
    assert_int_equal(figures.mark_waiting, 0);
    assert_int_equal(figures.batch_total, fixture->live.records[5].batch);
    assert_int_equal(figures.commit_count, figures.batch_total);
    assert_true(figures.commit_ns_max <= figures.commit_ns_sum);
}

static void one_at_a_time_each_wakes_the_loop(void **state)
{
    struct log_fixture *fixture = *state;
    uint64_t seed = 9;
    fixture->options.commit_gap_ms = 0;
    fixture_open(fixture, NULL);
    for (uint64_t i = 1; i <= 300; i++) {
        struct mark mark = mark_draw(&seed, i);
        fixture_settle(fixture, append_marks(fixture->log, &mark, 1));
        assert_int_equal(fixture->live.mark_count, i);
    }
}

static void each_log_has_an_id_of_its_own(void **state)
{
    struct log_fixture *fixture = *state;
    struct log_fixture other;
    fixture_open(fixture, NULL);
    fixture_init(&other, fixture->open);
    fixture_open(&other, NULL);
    assert_int_equal(strspn(fixture->identity.log_id, "0123456789abcdef"), 16);
    assert_int_equal(strlen(fixture->identity.log_id), 16);
    assert_string_not_equal(fixture->identity.log_id, other.identity.log_id);
    fixture_finish(&other);
}

static void closing_with_records_waiting_and_not_drained_ends(void **state)
{
    struct log_fixture *fixture = *state;
    uint64_t seed = 10;
    fixture->options.commit_gap_ms = 100;
    fixture_open(fixture, NULL);
    for (uint64_t i = 1; i <= 1000; i++) {
        struct mark mark = mark_draw(&seed, i);
        (void)append_marks(fixture->log, &mark, 1);
    }
    fixture_close(fixture);
    (void)votelog_close(NULL, NULL);
}

int main(void)
{
    static log_open_fn memory = votelog_open_memory;
    static log_open_fn sqlite = votelog_open_sqlite;
#define BOTH(test)                                                                                 \
    { "memory: " #test, test, setup, fixture_teardown, &memory },                                  \
    {                                                                                              \
        "sqlite: " #test, test, setup, fixture_teardown, &sqlite                                   \
    }
    const struct CMUnitTest tests[] = {
        BOTH(what_is_offered_comes_back_whole_once_and_in_order),
        BOTH(marks_are_refused_at_the_limit_and_taken_again_after_a_drain),
        BOTH(acts_are_refused_at_the_limit_and_taken_again_after_a_drain),
        BOTH(a_batch_is_handed_back_in_pieces_of_visit_max),
        BOTH(figures_tell_what_is_durable),
        BOTH(one_at_a_time_each_wakes_the_loop),
        BOTH(each_log_has_an_id_of_its_own),
        BOTH(closing_with_records_waiting_and_not_drained_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

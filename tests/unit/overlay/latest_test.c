#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "overlay/latest.h"
#include "tests/unit/overlay/painter_hall.h"

#define NOW INT64_C(5000000000)

struct fixture {
    struct hall hall;
    struct latest *latest;
    struct view view; /* the document's */
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    hall_init(&fixture->hall);
    fixture->latest = latest_create(600);
    assert_non_null(fixture->latest);
    fixture->view = fixture->hall.document.view;
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    latest_destroy(fixture->latest);
    hall_finish(&fixture->hall);
    free(fixture);
    return 0;
}

static const struct view *shown(struct fixture *fixture)
{
    struct scene_data data = { 0 };
    latest_data(fixture->latest, &data);
    return data.view;
}

static void a_view_waits_for_its_document(void **state)
{
    struct fixture *fixture = *state;
    struct latest *latest = fixture->latest;
    assert_false(latest_is_missing(latest));
    assert_int_equal(latest_put_view(latest, &fixture->view, NOW), LATEST_TAKEN);
    assert_null(shown(fixture));
    assert_true(latest_is_missing(latest));
    assert_int_equal(latest_epoch(latest), fixture->view.epoch);
    assert_int_equal(latest_put_document(latest, &fixture->hall.document, NOW), LATEST_SAME);
    assert_null(fixture->hall.document.texts); /* taken */
    assert_false(latest_is_missing(latest));
    assert_int_equal(shown(fixture)->epoch, fixture->view.epoch);
    assert_int_equal(latest_dropped_total(latest), 0);
}

static void a_document_alone_brings_its_view(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(latest_put_document(fixture->latest, &fixture->hall.document, NOW),
                     LATEST_TAKEN);
    assert_int_equal(shown(fixture)->epoch, fixture->view.epoch);
}

static void the_view_before_is_shown_until_the_next_is_complete(void **state)
{
    struct fixture *fixture = *state;
    struct latest *latest = fixture->latest;
    (void)latest_put_document(latest, &fixture->hall.document, NOW);
    struct view next = fixture->view;
    next.epoch++;
    next.closed[0].hash ^= 1;
    assert_int_equal(latest_put_view(latest, &next, NOW), LATEST_TAKEN);
    assert_int_equal(shown(fixture)->epoch, fixture->view.epoch);
    assert_true(latest_is_missing(latest));
    next.epoch++;
    int64_t later = NOW + (LATEST_WAIT_MS - 1) * MS;
    assert_int_equal(latest_put_view(latest, &next, later), LATEST_TAKEN);
    assert_int_equal(shown(fixture)->epoch, fixture->view.epoch);
    latest_settle(latest, NOW + LATEST_WAIT_MS * MS); /* since the first that waited */
    assert_int_equal(shown(fixture)->epoch, next.epoch);
    assert_true(latest_is_missing(latest)); /* and it is asked for still */
}

static void a_view_whose_sums_do_not_agree_is_dropped_and_counted(void **state)
{
    struct fixture *fixture = *state;
    struct latest *latest = fixture->latest;
    (void)latest_put_document(latest, &fixture->hall.document, NOW);
    struct view next = fixture->view;
    next.epoch++;
    next.live.items[3].counts[1]++;
    assert_int_equal(latest_put_view(latest, &next, NOW), LATEST_UNSOUND);
    assert_int_equal(latest_dropped_total(latest), 1);
    assert_int_equal(shown(fixture)->epoch, fixture->view.epoch);
    next.live.items[3].counts[1]--;
    next.live.grade_count = GRADE_MAX + 1;
    assert_int_equal(latest_put_view(latest, &next, NOW), LATEST_UNSOUND);
    next.live.grade_count = fixture->view.live.grade_count;
    assert_int_equal(latest_put_view(latest, &next, NOW), LATEST_TAKEN);
    assert_int_equal(shown(fixture)->epoch, next.epoch);
}

static void an_epoch_never_goes_back_within_a_log(void **state)
{
    struct fixture *fixture = *state;
    struct latest *latest = fixture->latest;
    (void)latest_put_document(latest, &fixture->hall.document, NOW);
    struct view other = fixture->view;
    assert_int_equal(latest_put_view(latest, &other, NOW), LATEST_SAME);
    assert_int_equal(latest_dropped_total(latest), 0);
    other.epoch--;
    assert_int_equal(latest_put_view(latest, &other, NOW), LATEST_BACKWARD);
    assert_int_equal(latest_dropped_total(latest), 1);
    memcpy(other.log_id, "ffffffffffffffff", sizeof(other.log_id));
    other.epoch = 1;
    assert_int_equal(latest_put_view(latest, &other, NOW), LATEST_NEW_LOG);
    assert_int_equal(shown(fixture)->epoch, 1);
}

static void figures_that_are_not_what_their_hash_says_are_dropped(void **state)
{
    struct fixture *fixture = *state;
    struct latest *latest = fixture->latest;
    struct figures *changed = &fixture->hall.document.closed[5];
    changed->items[0].counts[0]--;
    changed->items[0].counts[2]++; /* the sums still agree */
    (void)latest_put_document(latest, &fixture->hall.document, NOW);
    assert_int_equal(latest_dropped_total(latest), 1);
    assert_true(latest_is_missing(latest));
    assert_null(shown(fixture));
}

static void a_round_that_ended_as_we_watched_needs_no_fetching(void **state)
{
    struct fixture *fixture = *state;
    struct latest *latest = fixture->latest;
    (void)latest_put_document(latest, &fixture->hall.document, NOW);
    struct view closed = fixture->view;
    closed.epoch++;
    closed.live.state = ROUND_CLOSED;
    closed.live.closed_ms = closed.at_ms;
    closed.live.valid_count = closed.live.cast_count;
    assert_int_equal(latest_put_view(latest, &closed, NOW), LATEST_TAKEN);
    struct view next = closed;
    next.epoch++;
    next.live = (struct figures){ .round = 18, .state = ROUND_OPEN, .shows = LIVE_TALLY };
    memcpy(next.live.contest, closed.live.contest, sizeof(next.live.contest));
    memcpy(next.live.subject, "s01", 4);
    struct closed_ref *ref = &next.closed[next.closed_count++];
    ref->round = closed.live.round;
    memcpy(ref->subject, closed.live.subject, sizeof(ref->subject));
    ref->hash = figures_hash(&closed.live);
    assert_int_equal(latest_put_view(latest, &next, NOW), LATEST_TAKEN);
    assert_false(latest_is_missing(latest));
    assert_int_equal(shown(fixture)->epoch, next.epoch);
}

static void bars_move_when_the_view_is_shown_and_not_before(void **state)
{
    struct fixture *fixture = *state;
    struct latest *latest = fixture->latest;
    struct scene_data data = { 0 };
    double before[GRADE_MAX];
    double after[GRADE_MAX];
    (void)latest_put_document(latest, &fixture->hall.document, NOW);
    struct view next = fixture->view;
    next.epoch++;
    next.live.items[0] = (struct item_figures){ { 1, 2, 1 }, 4 };
    (void)latest_put_view(latest, &next, NOW);
    latest_data(latest, &data);
    motion_edges(data.motion, &data.view->live, 0, NOW, 600, before);
    motion_edges(data.motion, &data.view->live, 0, NOW + 600 * MS, 600, after);
    double old[GRADE_MAX];
    motion_edges_of(&fixture->view.live.items[0], 3, old);
    assert_true(before[0] == old[0]);
    assert_true(after[0] == 0.25);
}

/* A round whose figures were held back and are let out: 0, up without a step back, exact. */
static void bars_of_figures_held_back_rise_from_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct latest *latest = fixture->latest;
    struct scene_data data = { 0 };
    struct view held = fixture->view;
    held.epoch++;
    held.live.shows = LIVE_TURNOUT;
    memset(held.live.items, 0, sizeof(held.live.items));
    (void)latest_put_document(latest, &fixture->hall.document, NOW);
    (void)latest_put_view(latest, &held, NOW);
    struct view told = fixture->view;
    told.epoch = held.epoch + 1;
    (void)latest_put_view(latest, &told, NOW);
    latest_data(latest, &data);
    double whole[GRADE_MAX];
    double edges[GRADE_MAX];
    double last = 0.0;
    motion_edges_of(&told.live.items[0], 3, whole);
    for (int64_t ms = 0; ms <= 700; ms += 20) {
        motion_edges(data.motion, &data.view->live, 0, NOW + ms * MS, 600, edges);
        assert_true(ms > 0 || edges[0] == 0.0);
        assert_true(edges[0] >= last && edges[0] <= whole[0]);
        last = edges[0];
    }
    assert_true(last == whole[0]);
}

static void the_programme_is_the_last_one_heard(void **state)
{
    struct fixture *fixture = *state;
    struct programme programme = { .sequence = 4 };
    assert_null(latest_programme(fixture->latest));
    latest_put_programme(fixture->latest, &programme);
    programme.sequence = 5;
    latest_put_programme(fixture->latest, &programme);
    assert_int_equal(latest_programme(fixture->latest)->sequence, 5);
}

int main(void)
{
#define WITH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WITH(a_view_waits_for_its_document),
        WITH(a_document_alone_brings_its_view),
        WITH(the_view_before_is_shown_until_the_next_is_complete),
        WITH(a_view_whose_sums_do_not_agree_is_dropped_and_counted),
        WITH(an_epoch_never_goes_back_within_a_log),
        WITH(figures_that_are_not_what_their_hash_says_are_dropped),
        WITH(a_round_that_ended_as_we_watched_needs_no_fetching),
        WITH(bars_move_when_the_view_is_shown_and_not_before),
        WITH(bars_of_figures_held_back_rise_from_nothing),
        WITH(the_programme_is_the_last_one_heard),
    };
    return cmocka_run_group_tests_name("latest", tests, NULL, NULL);
}

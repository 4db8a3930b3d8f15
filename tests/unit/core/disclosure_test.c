#include <string.h>

#include "fixture.h"
#include "server/core/disclosure.h"

/* What each audience sees of an open round, by the contest's `live`. */
static void live_and_audience_decide_what_an_open_round_shows(void **state)
{
    static const struct {
        enum live live;
        enum audience audience;
        enum live shows;
    } cases[] = {
        { LIVE_HIDDEN, AUDIENCE_PUBLIC, LIVE_HIDDEN },
        { LIVE_HIDDEN, AUDIENCE_HALL, LIVE_HIDDEN },
        { LIVE_HIDDEN, AUDIENCE_INTERNAL, LIVE_HIDDEN },
        { LIVE_HIDDEN, AUDIENCE_OPERATOR, LIVE_TURNOUT },
        { LIVE_HIDDEN, AUDIENCE_OFFICER, LIVE_TURNOUT },
        { LIVE_HIDDEN, AUDIENCE_SCRUTINEER, LIVE_TURNOUT },
        { LIVE_TURNOUT, AUDIENCE_PUBLIC, LIVE_TURNOUT },
        { LIVE_TURNOUT, AUDIENCE_SCRUTINEER, LIVE_TURNOUT },
        { LIVE_TALLY, AUDIENCE_PUBLIC, LIVE_TALLY },
        { LIVE_TALLY, AUDIENCE_SCRUTINEER, LIVE_TALLY },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct event *event = fixture_event(cases[i].live);
        struct sitting *sitting = sitting_create(event);
        fixture_open(sitting, 1, "s2");
        struct mark mark = fixture_mark(1, 1, 1, 1, 2, 1);
        fixture_apply_mark(sitting, &mark);
        struct view view;
        disclosure_view(sitting, cases[i].audience, &view);
        assert_true(view.has_live);
        assert_int_equal(view.audience, cases[i].audience);
        assert_int_equal(view.live.shows, cases[i].shows);
        assert_int_equal(view.live.registered, 6);
        assert_int_equal(view.live.cast_count, cases[i].shows >= LIVE_TURNOUT ? 1 : 0);
        assert_int_equal(view.live.items[1].counts[2], cases[i].shows == LIVE_TALLY ? 1 : 0);
        assert_int_equal(view.live.items[1].valid, cases[i].shows == LIVE_TALLY ? 1 : 0);
        assert_int_equal(view.closed_count, 0);
        assert_true(figures_are_sound(&view.live));
        sitting_destroy(sitting);
        event_destroy(event);
    }
}

/* Two halls that differ in choices alone give the same bytes where the tally is withheld. */
static void withheld_choices_change_no_byte_of_the_view(void **state)
{
    for (int live = LIVE_HIDDEN; live <= LIVE_TALLY; live++) {
        struct view views[2];
        for (int hall = 0; hall < 2; hall++) {
            struct event *event = fixture_event((enum live)live);
            struct sitting *sitting = sitting_create(event);
            fixture_open(sitting, 1, "s1");
            for (uint8_t who = 1; who <= 5; who++) {
                struct mark mark =
                    fixture_mark(1, who, 0, 1, (uint8_t)(hall == 0 ? 0 : who % 3), 1);
                fixture_apply_mark(sitting, &mark);
            }
            disclosure_view(sitting, AUDIENCE_PUBLIC, &views[hall]);
            sitting_destroy(sitting);
            event_destroy(event);
        }
        bool is_same = memcmp(&views[0], &views[1], sizeof(views[0])) == 0;
        assert_true(is_same == (live != LIVE_TALLY));
    }
}

static void closed_rounds_are_named_with_the_hash_of_their_figures(void **state)
{
    struct event *event = fixture_event(LIVE_HIDDEN);
    struct sitting *sitting = sitting_create(event);
    struct view view;
    disclosure_view(sitting, AUDIENCE_PUBLIC, &view);
    assert_false(view.has_live);
    fixture_open(sitting, 1, "s3");
    struct mark mark = fixture_mark(1, 1, 0, 1, 1, 1);
    fixture_apply_mark(sitting, &mark);
    fixture_close(sitting, 1);
    fixture_open(sitting, 2, "s1");
    fixture_close(sitting, 2);
    fixture_open(sitting, 3, "s2");
    disclosure_view(sitting, AUDIENCE_PUBLIC, &view);
    assert_int_equal(view.live.round, 3);
    assert_int_equal(view.live.shows, LIVE_HIDDEN);
    assert_int_equal(view.closed_count, 2);
    assert_string_equal(view.closed[0].subject, "s1"); /* the event's order, not that of closing */
    assert_string_equal(view.closed[1].subject, "s3");
    struct figures figures[SUBJECT_MAX];
    assert_int_equal(disclosure_closed(sitting, AUDIENCE_PUBLIC, figures, SUBJECT_MAX), 2);
    assert_int_equal(figures[0].round, 1); /* by number */
    assert_int_equal(figures[0].shows, LIVE_TALLY);
    assert_int_equal(figures[0].items[0].counts[1], 1);
    for (uint32_t i = 0; i < view.closed_count; i++) {
        assert_true(figures_hash(&figures[1 - i]) == view.closed[i].hash);
    }
    sitting_destroy(sitting);
    event_destroy(event);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(live_and_audience_decide_what_an_open_round_shows),
        cmocka_unit_test(withheld_choices_change_no_byte_of_the_view),
        cmocka_unit_test(closed_rounds_are_named_with_the_hash_of_their_figures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

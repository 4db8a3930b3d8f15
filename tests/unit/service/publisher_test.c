#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "election_fixture.h"
#include "fixture.h"
#include "server/model/rules.h"
#include "server/service/publisher.h"

#define PUBLIC_BIT (1u << AUDIENCE_PUBLIC)

static bool reserve(void *ctx, uint64_t upto)
{
    *(uint64_t *)ctx = upto;
    return true;
}

/* Refuses the first time, as a log whose queue is full. */
static bool reserve_later(void *ctx, uint64_t upto)
{
    uint32_t *asked = ctx;
    return ++*asked > 1;
}

static struct publisher *begin(const struct sitting *sitting, publisher_reserve_fn ask, void *asked)
{
    struct publisher *publisher;
    assert_int_equal(publisher_create(sitting, "0123456789abcdef", ask, asked, &publisher, NULL),
                     STATUS_OK);
    return publisher;
}

static void end(struct publisher *publisher, struct sitting *sitting, struct event *event)
{
    publisher_destroy(publisher);
    sitting_destroy(sitting);
    event_destroy(event);
}

static void a_refused_reservation_is_asked_again(void **state)
{
    struct event *event = fixture_event(LIVE_TALLY);
    struct sitting *sitting = sitting_create(event);
    uint32_t asked = 0;
    struct publisher *publisher = begin(sitting, reserve_later, &asked);
    for (int tick = 0; tick < 5; tick++) {
        (void)publisher_tick(publisher, tick);
    }
    assert_int_equal(asked, 2);
    end(publisher, sitting, event);
}

/* Views would end with the epochs that are left: the log dropped it on a full disk. */
static void a_reservation_that_found_no_room_is_asked_again(void **state)
{
    struct event *event = fixture_event(LIVE_TALLY);
    struct sitting *sitting = sitting_create(event);
    uint64_t asked = 0;
    struct publisher *publisher = begin(sitting, reserve, &asked);
    (void)publisher_tick(publisher, 10);
    assert_true(asked > 0);
    asked = 0;
    (void)publisher_tick(publisher, 20);
    assert_int_equal(asked, 0); /* it is on its way */
    publisher_reserved(publisher, 0);
    (void)publisher_tick(publisher, 30);
    assert_true(asked > 0);
    end(publisher, sitting, event);
}

static void no_view_leaves_before_its_epoch_is_reserved(void **state)
{
    struct event *event = fixture_event(LIVE_TALLY);
    struct sitting *sitting = sitting_create(event);
    uint64_t asked = 0;
    struct publisher *publisher = begin(sitting, reserve, &asked);
    assert_int_equal(publisher_tick(publisher, 10), 0);
    assert_true(asked > 0);
    assert_null(publisher_view(publisher, AUDIENCE_PUBLIC));
    assert_null(publisher_document(publisher, AUDIENCE_PUBLIC, 99));
    publisher_reserved(publisher, asked);
    assert_true((publisher_tick(publisher, 20) & PUBLIC_BIT) != 0);
    assert_int_equal(publisher_epoch(publisher, AUDIENCE_PUBLIC), 1);
    assert_int_equal(publisher_tick(publisher, 30), 0);
    end(publisher, sitting, event);
}

static void epochs_go_on_above_every_reserved_one(void **state)
{
    struct event *event = fixture_event(LIVE_TALLY);
    struct sitting *sitting = sitting_create(event);
    struct act act = { .kind = ACT_EPOCHS, .number = 5000 };
    uint64_t asked = 0;
    fixture_apply_act(sitting, &act, STATUS_OK);
    struct publisher *publisher = begin(sitting, reserve, &asked);
    assert_int_equal(publisher_tick(publisher, 10), 0);
    assert_true(asked > 5000);
    publisher_reserved(publisher, asked);
    assert_true(publisher_tick(publisher, 20) != 0);
    assert_int_equal(publisher_epoch(publisher, AUDIENCE_PUBLIC), 5001);
    end(publisher, sitting, event);
}

/* A vote in a hidden round changes nothing public: no view, no epoch that would tell of it. */
static void an_audience_hears_only_of_what_it_may_see(void **state)
{
    for (int live = LIVE_HIDDEN; live <= LIVE_TALLY; live++) {
        struct event *event = fixture_event((enum live)live);
        struct sitting *sitting = sitting_create(event);
        uint64_t asked = 0;
        struct publisher *publisher = begin(sitting, reserve, &asked);
        publisher_reserved(publisher, 100000);
        fixture_open(sitting, 1, "s1");
        assert_true((publisher_tick(publisher, 10) & PUBLIC_BIT) != 0);
        struct mark marks[2] = { fixture_mark(1, 1, 0, 1, 2, 1), fixture_mark(1, 1, 0, 2, 0, 2) };
        static const struct {
            bool public;
            bool officer;
        } heard[2][LIVE_TALLY + 1] = {
            { { 0, 0 }, { false, true }, { true, true }, { true, true } },
            { { 0, 0 }, { false, false }, { false, false }, { true, true } },
        };
        for (int step = 0; step < 2; step++) {
            fixture_apply_mark(sitting, &marks[step]);
            publisher_touch(publisher);
            uint32_t changed = publisher_tick(publisher, 20 + step);
            assert_true(((changed & PUBLIC_BIT) != 0) == heard[step][live].public);
            assert_true(((changed & (1u << AUDIENCE_OFFICER)) != 0) == heard[step][live].officer);
        }
        end(publisher, sitting, event);
    }
}

static void the_document_is_of_the_epoch_of_the_view(void **state)
{
    struct event *event = fixture_event(LIVE_TALLY);
    struct sitting *sitting = sitting_create(event);
    uint64_t asked = 0;
    struct publisher *publisher = begin(sitting, reserve, &asked);
    publisher_reserved(publisher, 100);
    fixture_open(sitting, 1, "s1");
    (void)publisher_tick(publisher, 10);
    struct mark mark = fixture_mark(1, 1, 0, 1, 2, 1);
    fixture_apply_mark(sitting, &mark); /* not published yet */
    struct blob *document = publisher_document(publisher, AUDIENCE_PUBLIC, 99);
    assert_non_null(document);
    assert_ptr_equal(publisher_document(publisher, AUDIENCE_PUBLIC, 99), document);
    assert_non_null(strstr(document->data, "\"cast\":0"));
    blob_ref(document);
    publisher_touch(publisher);
    (void)publisher_tick(publisher, 50);
    struct blob *next = publisher_document(publisher, AUDIENCE_PUBLIC, 99);
    assert_non_null(strstr(next->data, "\"cast\":1"));
    assert_non_null(strstr(document->data, "\"cast\":0")); /* kept while somebody sends it */
    blob_unref(document);
    end(publisher, sitting, event);
}

/* Or an overlay would drop its figures as not those that the view names by hash. */
static void a_round_that_closed_since_the_view_comes_with_a_view_of_its_own(void **state)
{
    struct event *event = fixture_event(LIVE_TALLY);
    struct sitting *sitting = sitting_create(event);
    uint64_t asked = 0;
    struct publisher *publisher = begin(sitting, reserve, &asked);
    publisher_reserved(publisher, 2);
    fixture_open(sitting, 1, "s1");
    (void)publisher_tick(publisher, 10);
    fixture_close(sitting, 1);
    publisher_touch(publisher);
    struct blob *document = publisher_document(publisher, AUDIENCE_PUBLIC, 20);
    assert_non_null(document);
    assert_non_null(strstr(document->data, "\"epoch\":2"));
    assert_int_equal(publisher_epoch(publisher, AUDIENCE_PUBLIC), 2);
    assert_true((publisher_tick(publisher, 50) & PUBLIC_BIT) != 0); /* everybody is told */
    assert_int_equal(publisher_epoch(publisher, AUDIENCE_PUBLIC), 2);
    assert_int_equal(publisher_tick(publisher, 90), 0);
    struct act act = { .kind = ACT_VOID, .round = 1, .post = "officer-1", .params = "reason=x\n" };
    fixture_apply_act(sitting, &act, STATUS_OK);
    assert_ptr_equal(publisher_document(publisher, AUDIENCE_PUBLIC, 95), document);
    assert_null(publisher_document(publisher, AUDIENCE_HALL, 95)); /* no epoch is left for it */
    end(publisher, sitting, event);
}

/* An election is voided while a motion is open: nobody fetches its figures any more. */
static void the_document_follows_rounds_of_other_contests(void **state)
{
    struct event *event = election_event(5, 2, 1);
    event->contests = realloc(event->contests, 2 * sizeof(*event->contests));
    event->contest_count = 2;
    event->contests[1] = (struct contest){ .kind = CONTEST_MOTION, .live = LIVE_TURNOUT };
    snprintf(event->contests[1].id, ID_SIZE, "motion");
    event->contests[1].rules = calloc(1, sizeof(struct rules));
    event->contests[1].rules->kind = CONTEST_MOTION;
    event->contests[1].rules->motion = (struct motion_rules){ BASE_PRESENT, { 1, 2, false } };
    struct sitting *sitting = sitting_create(event);
    uint64_t asked = 0;
    struct publisher *publisher = begin(sitting, reserve, &asked);
    publisher_reserved(publisher, 100);
    election_present(sitting, "1-5");
    assert_int_equal(election_open(sitting, NULL, NULL), STATUS_OK);
    election_ballot(sitting, 1, "ox0");
    election_close(sitting);
    struct opening opening;
    assert_int_equal(sitting_may_open(sitting, "motion", "", NULL, &opening, NULL), STATUS_OK);
    struct act act = { .kind = ACT_ZERO_CHECK, .round = 2, .post = "officer-1" };
    fixture_apply_act(sitting, &act, STATUS_OK);
    opening_write(sitting, &opening, 0, &act);
    fixture_apply_act(sitting, &act, STATUS_OK);
    (void)publisher_tick(publisher, 10);
    struct blob *document = publisher_document(publisher, AUDIENCE_PUBLIC, 99);
    assert_null(strstr(document->data, "\"state\":\"void\""));
    act = election_act(ACT_VOID, "officer-1", "reason=x\n");
    act.round = 1;
    assert_int_equal(election_do(sitting, act, NULL), STATUS_OK);
    publisher_touch(publisher);
    assert_true((publisher_tick(publisher, 20) & PUBLIC_BIT) != 0);
    document = publisher_document(publisher, AUDIENCE_PUBLIC, 99);
    assert_non_null(strstr(document->data, "\"state\":\"void\""));
    publisher_touch(publisher);
    assert_int_equal(publisher_tick(publisher, 30), 0);
    end(publisher, sitting, event);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_view_leaves_before_its_epoch_is_reserved),
        cmocka_unit_test(a_refused_reservation_is_asked_again),
        cmocka_unit_test(a_reservation_that_found_no_room_is_asked_again),
        cmocka_unit_test(epochs_go_on_above_every_reserved_one),
        cmocka_unit_test(an_audience_hears_only_of_what_it_may_see),
        cmocka_unit_test(the_document_follows_rounds_of_other_contests),
        cmocka_unit_test(the_document_is_of_the_epoch_of_the_view),
        cmocka_unit_test(a_round_that_closed_since_the_view_comes_with_a_view_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <stdio.h>
#include <string.h>

#include "election_fixture.h"
#include "server/model/rules.h"

/* An election of two candidates for one seat that five came to, with these ballots, closed. */
static struct sitting *closed_election(struct event *event, const char *ballots[], uint32_t count)
{
    struct sitting *sitting = sitting_create(event);
    election_present(sitting, "1-5");
    assert_int_equal(election_open(sitting, NULL, NULL), STATUS_OK);
    for (uint32_t i = 0; i < count; i++) {
        election_ballot(sitting, (uint8_t)(i + 1), ballots[i]);
    }
    election_close(sitting);
    return sitting;
}

static struct act numbered(enum act_kind kind, const char *post, uint64_t number)
{
    struct act act = election_act(kind, post, "");
    act.number = number;
    return act;
}

/* What was signed was about the numbers then; paper that comes later is another matter. */
static void a_reason_is_signed_for_the_numbers_there_were(void **state)
{
    const char *ballots[] = { "ox0", "ox0", "ox0" };
    struct event *event = election_event(5, 2, 1);
    struct sitting *sitting = closed_election(event, ballots, 3);
    char why[256];
    assert_int_equal(
        election_do(sitting, election_act(ACT_SIGN, "officer-1", "reason=核对无误\n"), NULL),
        STATUS_OK);
    struct act paper =
        election_act(ACT_PAPER, "officer-1", "issued=2\nreturned=2\nc1=2,0,0\nc2=0,2,0\n");
    assert_int_equal(election_do(sitting, paper, NULL), STATUS_OK);
    assert_int_equal(election_do(sitting, numbered(ACT_PAPER_CONFIRM, "officer-2", 1), NULL),
                     STATUS_OK);
    assert_int_equal(election_do(sitting, election_act(ACT_CERTIFY, "officer-1", ""), why),
                     STATUS_REFUSED);
    assert_non_null(strstr(why, "present 5, issued 7"));
    assert_int_equal(
        election_do(sitting, election_act(ACT_SIGN, "officer-1", "reason=两张补发\n"), NULL),
        STATUS_OK);
    assert_int_equal(election_do(sitting, election_act(ACT_CERTIFY, "officer-1", ""), NULL),
                     STATUS_OK);
    sitting_destroy(sitting);
    event_destroy(event);
}

/* Marks of a candidate who does not stand, or of a line without its name, would be lost. */
static void a_hand_count_holds_only_what_is_on_the_ballot(void **state)
{
    struct event *event = election_event(5, 3, 1);
    struct sitting *sitting = sitting_create(event);
    char why[256];
    election_present(sitting, "1-5");
    assert_int_equal(election_open(sitting, "c1,c3", NULL), STATUS_OK);
    election_ballot(sitting, 1, "x.x0");
    election_close(sitting);
    struct act off = election_act(ACT_PAPER, "officer-1", "issued=1\nreturned=1\nc2=1,0,0\n");
    assert_int_equal(election_do(sitting, off, why), STATUS_INVALID);
    assert_string_equal(why, "'c2' is not on the ballot of round 1, or a line: names=…");
    struct act line = election_act(ACT_PAPER, "officer-1", "issued=1\nreturned=1\nother-1=1,0,0\n");
    assert_int_equal(election_do(sitting, line, NULL), STATUS_INVALID);
    struct act good = election_act(ACT_PAPER, "officer-1",
                                   "issued=1\nreturned=1\nc3=0,1,0\nnames=另选人一号:1\n");
    assert_int_equal(election_do(sitting, good, NULL), STATUS_OK);
    sitting_destroy(sitting);
    event_destroy(event);
}

/* A name that does not fit the list any more is told, never left out of the count. */
static void a_hand_count_with_a_name_too_many_is_refused(void **state)
{
    struct event *event = election_event(5, 2, 1);
    struct sitting *sitting = sitting_create(event);
    char name[64];
    char why[256];
    election_present(sitting, "1-5");
    assert_int_equal(election_open(sitting, NULL, NULL), STATUS_OK);
    for (uint32_t i = 1; i < WRITTEN_NAME_MAX; i++) {
        snprintf(name, sizeof(name), "name %u", i);
        election_name(sitting, name);
    }
    election_close(sitting);
    const char *lines[] = { "issued=1\nreturned=1\nnames=张一:1\n",
                            "issued=1\nreturned=1\nnames=张二:1\n" };
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(election_do(sitting, election_act(ACT_PAPER, "officer-1", lines[i]), NULL),
                         STATUS_OK);
    }
    assert_int_equal(election_do(sitting, numbered(ACT_PAPER_CONFIRM, "officer-2", 1), NULL),
                     STATUS_OK);
    assert_int_equal(election_do(sitting, numbered(ACT_PAPER_CONFIRM, "officer-2", 2), why),
                     STATUS_REFUSED);
    assert_string_equal(why, "the contest has 4096 names, its maximum");
    assert_int_equal(election_do(sitting, election_act(ACT_PAPER, "officer-1", lines[1]), NULL),
                     STATUS_REFUSED);
    assert_int_equal(election_do(sitting, election_act(ACT_PAPER, "officer-1", lines[0]), NULL),
                     STATUS_OK); /* one that is there already */
    sitting_destroy(sitting);
    event_destroy(event);
}

/* E12: another election that was voided leaves the seats as open as they were. */
static void the_hall_may_stop_after_a_void_round(void **state)
{
    const char *ballots[] = { "ox0", "xo0" };
    struct event *event = election_event(5, 2, 1);
    struct sitting *sitting = closed_election(event, ballots, 2);
    struct act stop = election_act(ACT_DECIDE, "officer-1", "for=3\nbase=5\n");
    assert_int_equal(sitting_round(sitting, 1)->figures->decision, DECISION_ANOTHER);
    assert_int_equal(election_open(sitting, NULL, NULL), STATUS_OK);
    assert_int_equal(election_do(sitting, stop, NULL), STATUS_REFUSED); /* it is being voted on */
    assert_int_equal(election_do(sitting, election_act(ACT_VOID, "officer-1", "reason=x\n"), NULL),
                     STATUS_OK);
    assert_int_equal(election_do(sitting, stop, NULL), STATUS_OK);
    assert_int_equal(sitting_round(sitting, 1)->figures->decision, DECISION_STOPPED);
    assert_int_equal(election_open(sitting, NULL, NULL), STATUS_REFUSED);
    sitting_destroy(sitting);
    event_destroy(event);
}

/* What was built on a round is void: the round itself can be put right, or voided as well. */
static void a_round_is_open_to_acts_when_those_after_it_are_void(void **state)
{
    const char *ballots[] = { "ox0", "xo0" };
    struct event *event = election_event(5, 2, 1);
    struct sitting *sitting = closed_election(event, ballots, 2);
    struct act act = election_act(ACT_VOID, "officer-1", "reason=x\n");
    char why[256];
    act.round = 1;
    assert_int_equal(election_open(sitting, NULL, NULL), STATUS_OK);
    assert_int_equal(sitting_current(sitting)->slate.stage, STAGE_ANOTHER);
    assert_int_equal(election_do(sitting, act, why), STATUS_REFUSED);
    assert_string_equal(why, "round 2 came after round 1: nothing to void");
    act.round = 2;
    assert_int_equal(election_do(sitting, act, NULL), STATUS_OK);
    act.round = 1;
    assert_int_equal(election_do(sitting, act, NULL), STATUS_OK);
    assert_int_equal(election_open(sitting, NULL, NULL), STATUS_OK);
    assert_int_equal(sitting_current(sitting)->slate.stage, STAGE_FIRST);
    sitting_destroy(sitting);
    event_destroy(event);
}

/* E13: who was elected by name in the first round is not elected to the second seat as well. */
static void a_name_that_was_elected_does_not_stand_again(void **state)
{
    struct event *event = election_event(5, 3, 2);
    struct sitting *sitting = sitting_create(event);
    char why[256];
    election_present(sitting, "1-5");
    assert_int_equal(election_open(sitting, NULL, NULL), STATUS_OK);
    election_name(sitting, "另选人一号");
    election_name(sitting, "另选人 一号"); /* the same person */
    election_name(sitting, "另选人二号");
    for (uint8_t who = 1; who <= 5; who++) {
        election_ballot(sitting, who, "xxx10");
    }
    election_close(sitting);
    const struct figures *figures = sitting_latest(sitting)->figures;
    assert_int_equal(figures->decision, DECISION_ANOTHER);
    assert_int_equal(figures->election.names[0].standing, STANDING_ELECTED);
    assert_int_equal(election_open(sitting, NULL, NULL), STATUS_OK);
    election_ballot(sitting, 1, "xxx20");
    election_ballot(sitting, 2, "xxx30");
    election_close(sitting);
    figures = sitting_latest(sitting)->figures;
    assert_int_equal(figures->decision, DECISION_PENDING);
    assert_int_equal(figures->pending, 1);
    assert_string_equal(sitting_latest(sitting)->cases[0].rule, "E13");
    struct act paper =
        election_act(ACT_PAPER, "officer-1", "issued=1\nreturned=1\nnames=另选人一号:1\n");
    assert_int_equal(election_do(sitting, paper, why), STATUS_REFUSED);
    assert_string_equal(why, "E13: '另选人一号' was elected before");
    sitting_destroy(sitting);
    event_destroy(event);
}

/* Of a ballot that is asked item by item, each candidate; of a whole one none. */
static void an_item_is_asked_alone_where_the_rules_ask_so(void **state)
{
    struct event *event = election_event(5, 2, 1);
    struct sitting *sitting = sitting_create(event);
    election_present(sitting, "1-5");
    assert_int_equal(election_open(sitting, NULL, NULL), STATUS_OK);
    assert_int_equal(election_do(sitting, numbered(ACT_ASK, "officer-1", 1), NULL), STATUS_REFUSED);
    event->contests[0].rules->asking = ASKING_ITEM;
    assert_int_equal(election_do(sitting, numbered(ACT_ASK, "officer-1", 2), NULL), STATUS_OK);
    assert_true(sitting_round_takes(sitting, sitting_current(sitting), 1, CHOICE_FOR));
    assert_false(sitting_round_takes(sitting, sitting_current(sitting), 0, CHOICE_FOR));
    assert_int_equal(election_do(sitting, numbered(ACT_ASK, "officer-1", 4), NULL),
                     STATUS_NOT_FOUND);
    sitting_destroy(sitting);
    event_destroy(event);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reason_is_signed_for_the_numbers_there_were),
        cmocka_unit_test(a_hand_count_holds_only_what_is_on_the_ballot),
        cmocka_unit_test(a_hand_count_with_a_name_too_many_is_refused),
        cmocka_unit_test(the_hall_may_stop_after_a_void_round),
        cmocka_unit_test(a_round_is_open_to_acts_when_those_after_it_are_void),
        cmocka_unit_test(a_name_that_was_elected_does_not_stand_again),
        cmocka_unit_test(an_item_is_asked_alone_where_the_rules_ask_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

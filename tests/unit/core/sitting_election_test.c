#include "election_fixture.h"

#include <stdio.h>
#include <string.h>

#include "server/core/disclosure.h"

static const struct figures *latest(const struct sitting *sitting)
{
    const struct round *round = sitting_latest(sitting);
    assert_non_null(round);
    assert_non_null(round->figures);
    return round->figures;
}

/* W1: 79 of 100 cannot open, 80 can. */
static void quorum_gates_the_opening(void **state)
{
    struct event *event = election_event(100, 3, 1);
    struct sitting *sitting = sitting_create(event);
    char why[256];
    election_present(sitting, "1-79");
    assert_int_equal(election_open(sitting, NULL, why), STATUS_REFUSED);
    assert_string_equal(why, "E2: 79 of 100 are present, 80 are needed");
    election_present(sitting, "101"); /* no right to vote: never part of 实到 */
    assert_int_equal(election_open(sitting, NULL, why), STATUS_REFUSED);
    election_present(sitting, "80");
    assert_int_equal(election_open(sitting, NULL, why), STATUS_OK);
    const struct round *round = sitting_current(sitting);
    assert_int_equal(group_sum(round->at_open.registered), 100);
    assert_int_equal(group_sum(round->at_open.present), 80);
    assert_int_equal(group_sum(round->at_open.electors), 80);
    sitting_destroy(sitting);
    event_destroy(event);
}

/* E3: 4 candidates for 3 seats are enough, after one withdraws they are not. */
static void too_few_candidates_cannot_open(void **state)
{
    struct event *event = election_event(5, 4, 3);
    struct sitting *sitting = sitting_create(event);
    char why[256];
    election_present(sitting, "1-5");
    assert_int_equal(
        election_do(sitting,
                    election_act(ACT_WITHDRAW, "officer-1", "candidate=c2\nreason=本人要求\n"),
                    NULL),
        STATUS_OK);
    assert_int_equal(election_open(sitting, NULL, why), STATUS_REFUSED);
    assert_string_equal(why, "E3: 3 candidates for 3 seats, at least 4 are needed");
    assert_int_equal(
        election_do(sitting,
                    election_act(ACT_WITHDRAW, "officer-1", "candidate=c2\nreason=本人要求\n"),
                    why),
        STATUS_REFUSED);
    assert_string_equal(why, "'c2' has withdrawn already");
    sitting_destroy(sitting);
    event_destroy(event);
}

/* Late arrivals and leavers change the next round, never the one that is open. */
static void the_electorate_is_frozen_at_the_opening(void **state)
{
    struct event *event = election_event(5, 2, 1);
    struct sitting *sitting = sitting_create(event);
    election_present(sitting, "1-4");
    assert_int_equal(election_open(sitting, NULL, NULL), STATUS_OK);
    const struct round *round = sitting_current(sitting);
    election_present(sitting, "5");
    assert_false(round_has_elector(round, 5));
    assert_int_equal(
        election_do(sitting, election_act(ACT_CHECK_OUT, "officer-1", "seats=1\n"), NULL),
        STATUS_OK);
    assert_true(round_has_elector(round, 1));
    assert_false(round_has_elector(round, 6)); /* no right to vote */
    assert_false(round_has_elector(round, 7)); /* a test pad */
    assert_int_equal(group_sum(round->at_open.present), 4);
    election_close(sitting);
    assert_int_equal(latest(sitting)->present, 4);
    assert_int_equal(election_do(sitting, election_act(ACT_VOID, "officer-1", "reason=x\n"), NULL),
                     STATUS_OK);
    assert_int_equal(election_open(sitting, NULL, NULL), STATUS_OK);
    round = sitting_current(sitting);
    assert_true(round_has_elector(round, 5));
    assert_false(round_has_elector(round, 1));
    sitting_destroy(sitting);
    event_destroy(event);
}

/* A pad that is revoked is not given out; replaced, it is again. */
static void a_revoked_pad_is_not_issued(void **state)
{
    struct event *event = election_event(5, 2, 1);
    struct sitting *sitting = sitting_create(event);
    char why[256];
    election_present(sitting, "1-5");
    struct act revoke = election_act(ACT_REVOKE, "officer-1", "reason=遗失\n");
    revoke.number = 2;
    assert_int_equal(election_do(sitting, revoke, NULL), STATUS_OK);
    assert_int_equal(election_do(sitting, revoke, why), STATUS_REFUSED);
    struct act replace = election_act(ACT_REPLACE, "officer-1", "reason=补发\n");
    replace.number = 3;
    assert_int_equal(election_do(sitting, replace, why), STATUS_REFUSED);
    assert_string_equal(why, "the pad of this seat is in use: revoke it first");
    assert_int_equal(election_open(sitting, NULL, NULL), STATUS_OK);
    assert_int_equal(group_sum(sitting_current(sitting)->at_open.electors), 4);
    assert_int_equal(group_sum(sitting_current(sitting)->at_open.present), 5);
    election_close(sitting);
    assert_int_equal(election_do(sitting, election_act(ACT_VOID, "officer-1", "reason=x\n"), NULL),
                     STATUS_OK);
    replace.number = 2;
    assert_int_equal(election_do(sitting, replace, NULL), STATUS_OK);
    assert_int_equal(election_open(sitting, NULL, NULL), STATUS_OK);
    assert_int_equal(group_sum(sitting_current(sitting)->at_open.electors), 5);
    sitting_destroy(sitting);
    event_destroy(event);
}

/* One seat, three candidates, nobody over half; another election with the first two decides. */
static void nobody_over_half_leads_to_another_election(void **state)
{
    struct event *event = election_event(6, 3, 1);
    struct sitting *sitting = sitting_create(event);
    char why[256];
    election_present(sitting, "1-6");
    assert_int_equal(election_open(sitting, NULL, NULL), STATUS_OK);
    assert_int_equal(sitting_current(sitting)->slate.stage, STAGE_FIRST);
    election_ballot(sitting, 1, "oxx0");
    election_ballot(sitting, 2, "oxx0");
    election_ballot(sitting, 3, "oxx0"); /* 3 of 6: exactly half is not more than half (W5) */
    election_ballot(sitting, 4, "xox0");
    election_ballot(sitting, 5, "xox0");
    election_ballot(sitting, 6, "xxo0");
    election_close(sitting);
    assert_int_equal(latest(sitting)->decision, DECISION_ANOTHER);
    assert_int_equal(latest(sitting)->election.missing_seats, 1);
    assert_int_equal(latest(sitting)->election.needed, 4);
    assert_int_equal(election_open(sitting, "c1", why), STATUS_REFUSED);
    assert_string_equal(why, "E3: 1 candidates for 1 seats, at least 2 are needed");
    assert_int_equal(election_open(sitting, "c1,c9", why), STATUS_NOT_FOUND);
    assert_int_equal(election_open(sitting, "c1,c2", NULL), STATUS_OK);
    const struct round *round = sitting_current(sitting);
    assert_int_equal(round->number, 2);
    assert_int_equal(round->slate.stage, STAGE_ANOTHER);
    assert_int_equal(round->slate.candidates, 3);
    assert_false(sitting_round_takes(sitting, round, 2, CHOICE_FOR));
    for (uint8_t who = 1; who <= 6; who++) {
        election_ballot(sitting, who, who <= 4 ? "ox.0" : "xo.0");
    }
    election_close(sitting);
    assert_int_equal(latest(sitting)->decision, DECISION_ELECTED);
    assert_int_equal(latest(sitting)->election.standings[0], STANDING_ELECTED);
    assert_int_equal(latest(sitting)->election.standings[2], STANDING_OFF);
    assert_int_equal(election_open(sitting, NULL, why), STATUS_REFUSED);
    assert_string_equal(why, "'secretary' was decided in round 2: a closed round is final");
    sitting_destroy(sitting);
    event_destroy(event);
}

/* W4's shape: a tie at the cut; exactly those tied stand in the run-off, a name written in too. */
static void a_tie_at_the_cut_leads_to_a_run_off_among_those_tied(void **state)
{
    struct event *event = election_event(6, 3, 2);
    struct sitting *sitting = sitting_create(event);
    char why[256];
    election_present(sitting, "1-6");
    assert_int_equal(election_open(sitting, NULL, NULL), STATUS_OK);
    election_name(sitting, "另选人一号");
    election_ballot(sitting, 1, "oox00");
    election_ballot(sitting, 2, "oox00");
    election_ballot(sitting, 3, "oox00");
    election_ballot(sitting, 4, "oxx10");
    election_ballot(sitting, 5, "oxx10");
    election_ballot(sitting, 6, "oxx10");
    election_close(sitting);
    /* c2 and the name have 3 of 6: not more than half. */
    assert_int_equal(latest(sitting)->decision, DECISION_ANOTHER);
    assert_int_equal(election_do(sitting, election_act(ACT_VOID, "officer-1", "reason=x\n"), NULL),
                     STATUS_OK);
    assert_int_equal(election_open(sitting, NULL, NULL), STATUS_OK);
    /* 4, 4 and 4 for two seats, 4 of 6 needed. */
    election_ballot(sitting, 1, "oox00");
    election_ballot(sitting, 2, "oox00");
    election_ballot(sitting, 3, "oxx10");
    election_ballot(sitting, 4, "oxx10");
    election_ballot(sitting, 5, "xox10");
    election_ballot(sitting, 6, "xox10");
    election_close(sitting);
    assert_int_equal(latest(sitting)->decision, DECISION_RUN_OFF);
    assert_int_equal(latest(sitting)->election.run_off_seats, 2);
    assert_int_equal(latest(sitting)->election.names[0].standing, STANDING_TIED);
    assert_int_equal(election_open(sitting, "c1", why), STATUS_REFUSED);
    assert_string_equal(why, "E11: exactly those tied stand in a run-off");
    struct act withdraw =
        election_act(ACT_WITHDRAW, "officer-1", "candidate=c1\nreason=本人要求\n");
    assert_int_equal(election_do(sitting, withdraw, why), STATUS_REFUSED);
    assert_string_equal(why,
                        "E11: 'c1' is among those tied, and exactly those stand in the run-off");
    assert_int_equal(election_open(sitting, NULL, NULL), STATUS_OK);
    const struct round *round = sitting_current(sitting);
    assert_int_equal(round->slate.stage, STAGE_RUN_OFF);
    assert_int_equal(round->slate.candidates, 3);
    assert_int_equal(round->slate.adopted[0], 1);
    assert_int_equal(round->slate.adopted[1], 0);
    assert_true(sitting_round_takes(sitting, round, 3, CHOICE_AGAINST));
    assert_false(sitting_round_takes(sitting, round, 4, CHOICE_FOR));
    for (uint8_t who = 1; who <= 6; who++) {
        election_ballot(sitting, who, who <= 3 ? "ox.o" : who <= 5 ? "xo.o" : "ox.x");
    }
    election_close(sitting);
    /* c1 4, c2 2, the name 5: the most votes win. */
    assert_int_equal(latest(sitting)->decision, DECISION_ELECTED);
    assert_int_equal(latest(sitting)->election.standings[0], STANDING_ELECTED);
    assert_int_equal(latest(sitting)->election.standings[1], STANDING_NOT);
    assert_int_equal(latest(sitting)->election.names[0].standing, STANDING_ELECTED);
    sitting_destroy(sitting);
    event_destroy(event);
}

/* W7: a write-in without × waits for the officer, and with it every figure. */
static void a_disputed_ballot_waits_for_a_ruling(void **state)
{
    struct event *event = election_event(4, 2, 1);
    struct sitting *sitting = sitting_create(event);
    char why[256];
    election_present(sitting, "1-4");
    assert_int_equal(election_open(sitting, NULL, NULL), STATUS_OK);
    election_name(sitting, "另选人一号");
    election_ballot(sitting, 1, "ox0");
    election_ballot(sitting, 2, "ox0");
    election_ballot(sitting, 3, "ox0");
    election_ballot(sitting, 4, "--1");
    election_close(sitting);
    const struct round *round = sitting_latest(sitting);
    assert_int_equal(latest(sitting)->decision, DECISION_PENDING);
    assert_int_equal(latest(sitting)->pending, 1);
    assert_int_equal(round->case_count, 1);
    assert_string_equal(round->cases[0].rule, "W7");
    struct figures figures;
    disclosure_figures(sitting, round, AUDIENCE_SCRUTINEER, &figures);
    assert_int_equal(figures.shows, LIVE_TURNOUT);
    assert_int_equal(figures.items[0].counts[0], 0);
    assert_int_equal(election_do(sitting, election_act(ACT_CERTIFY, "officer-1", ""), why),
                     STATUS_REFUSED);
    assert_string_equal(why, "E8: 1 cards wait for a ruling");
    struct act ruling = election_act(ACT_ADJUDICATE, "officer-1", "ruling=drop\nreason=未划×\n");
    ruling.number = 2;
    assert_int_equal(election_do(sitting, ruling, why), STATUS_NOT_FOUND);
    ruling.number = 1;
    assert_int_equal(election_do(sitting, ruling, NULL), STATUS_OK);
    assert_int_equal(latest(sitting)->decision, DECISION_ELECTED);
    assert_int_equal(latest(sitting)->valid_count, 4);
    assert_int_equal(latest(sitting)->election.names[0].votes, 0);
    snprintf(ruling.params, sizeof(ruling.params), "ruling=void\nreason=改判\n");
    assert_int_equal(election_do(sitting, ruling, NULL), STATUS_OK);
    assert_int_equal(latest(sitting)->valid_count, 3);
    assert_int_equal(latest(sitting)->void_count, 1);
    assert_int_equal(election_do(sitting, election_act(ACT_CERTIFY, "officer-1", ""), NULL),
                     STATUS_OK);
    assert_int_equal(round->state, ROUND_CERTIFIED);
    assert_int_equal(election_do(sitting, ruling, why), STATUS_REFUSED);
    assert_int_equal(election_do(sitting, election_act(ACT_VOID, "officer-1", "reason=x\n"), why),
                     STATUS_REFUSED);
    assert_string_equal(why, "round 1 is certified: nothing to void");
    sitting_destroy(sitting);
    event_destroy(event);
}

/* W6: a hand count brings more ballots back than people are there. */
static void more_returned_than_present_voids_the_round(void **state)
{
    struct event *event = election_event(4, 2, 1);
    struct sitting *sitting = sitting_create(event);
    char why[256];
    election_present(sitting, "1-4");
    assert_int_equal(election_open(sitting, NULL, NULL), STATUS_OK);
    for (uint8_t who = 1; who <= 4; who++) {
        election_ballot(sitting, who, "ox0");
    }
    election_close(sitting);
    assert_int_equal(latest(sitting)->decision, DECISION_ELECTED);
    struct act paper =
        election_act(ACT_PAPER, "officer-1", "issued=1\nreturned=1\nvoid=0\nc1=1,0,0\nc2=0,1,0\n");
    assert_int_equal(election_do(sitting, paper, NULL), STATUS_OK);
    assert_int_equal(latest(sitting)->cast_count, 4); /* not before another post confirms it */
    struct act confirm = election_act(ACT_PAPER_CONFIRM, "officer-1", "");
    confirm.number = 1;
    assert_int_equal(election_do(sitting, confirm, why), STATUS_REFUSED);
    assert_string_equal(why, "a hand count is confirmed by another post than entered it");
    assert_int_equal(election_do(sitting, election_act(ACT_CERTIFY, "officer-1", ""), why),
                     STATUS_REFUSED);
    snprintf(confirm.post, sizeof(confirm.post), "officer-2");
    assert_int_equal(election_do(sitting, confirm, NULL), STATUS_OK);
    assert_int_equal(latest(sitting)->cast_count, 5);
    assert_int_equal(latest(sitting)->paper_count, 1);
    assert_int_equal(latest(sitting)->decision, DECISION_VOID);
    assert_int_equal(election_do(sitting, election_act(ACT_CERTIFY, "officer-1", ""), why),
                     STATUS_REFUSED);
    assert_non_null(strstr(why, "E6"));
    assert_int_equal(election_do(sitting, election_act(ACT_VOID, "officer-1", "reason=E6\n"), NULL),
                     STATUS_OK);
    assert_int_equal(election_open(sitting, NULL, NULL), STATUS_OK);
    assert_int_equal(sitting_current(sitting)->number, 2);
    assert_int_equal(sitting_current(sitting)->slate.stage, STAGE_FIRST);
    assert_int_equal(sitting_round(sitting, 1)->state, ROUND_VOID);
    sitting_destroy(sitting);
    event_destroy(event);
}

/* 应到 >= 实到 >= 发出 >= 收回: where it does not hold, an officer signs why. */
static void an_inequality_blocks_certification_until_it_is_signed(void **state)
{
    struct event *event = election_event(5, 2, 1);
    struct sitting *sitting = sitting_create(event);
    char why[256];
    election_present(sitting, "1-5");
    assert_int_equal(election_open(sitting, NULL, NULL), STATUS_OK);
    for (uint8_t who = 1; who <= 4; who++) {
        election_ballot(sitting, who, "ox0");
    }
    election_close(sitting);
    struct act paper =
        election_act(ACT_PAPER, "officer-2", "issued=1\nreturned=1\nvoid=0\nc1=1,0,0\nc2=0,1,0\n");
    assert_int_equal(election_do(sitting, paper, NULL), STATUS_OK);
    struct act confirm = election_act(ACT_PAPER_CONFIRM, "officer-1", "");
    confirm.number = 1;
    assert_int_equal(election_do(sitting, confirm, NULL), STATUS_OK);
    assert_int_equal(latest(sitting)->issued, 6); /* five pads and a sheet for one of them */
    assert_int_equal(election_do(sitting, election_act(ACT_CERTIFY, "officer-1", ""), why),
                     STATUS_REFUSED);
    assert_non_null(strstr(why, "present 5, issued 6"));
    assert_int_equal(election_do(sitting, election_act(ACT_SIGN, "officer-1", ""), why),
                     STATUS_INVALID);
    assert_int_equal(election_do(sitting,
                                 election_act(ACT_SIGN, "officer-1", "reason=表决器故障补发纸票\n"),
                                 NULL),
                     STATUS_OK);
    assert_int_equal(election_do(sitting, election_act(ACT_CERTIFY, "officer-1", ""), NULL),
                     STATUS_OK);
    sitting_destroy(sitting);
    event_destroy(event);
}

/* What was entered wrongly is set aside, and stands in nobody's way. */
static void a_hand_count_that_was_entered_wrongly_is_rejected(void **state)
{
    struct event *event = election_event(4, 2, 1);
    struct sitting *sitting = sitting_create(event);
    char why[256];
    election_present(sitting, "1-4");
    assert_int_equal(election_open(sitting, NULL, NULL), STATUS_OK);
    election_ballot(sitting, 1, "ox0");
    election_close(sitting);
    struct act paper =
        election_act(ACT_PAPER, "officer-1", "issued=9\nreturned=9\nvoid=0\nc1=9,0,0\nc2=0,9,0\n");
    assert_int_equal(election_do(sitting, paper, NULL), STATUS_OK);
    assert_int_equal(election_do(sitting, election_act(ACT_CERTIFY, "officer-1", ""), why),
                     STATUS_REFUSED);
    struct act reject = election_act(ACT_PAPER_REJECT, "officer-1", "");
    reject.number = 1;
    assert_int_equal(election_do(sitting, reject, why), STATUS_INVALID);
    reject = election_act(ACT_PAPER_REJECT, "officer-1", "reason=录入有误\n");
    reject.number = 1;
    assert_int_equal(election_do(sitting, reject, NULL), STATUS_OK);
    assert_int_equal(latest(sitting)->cast_count, 1);
    struct act confirm = election_act(ACT_PAPER_CONFIRM, "officer-2", "");
    confirm.number = 1;
    assert_int_equal(election_do(sitting, confirm, why), STATUS_REFUSED);
    assert_string_equal(why, "the hand count was rejected");
    assert_int_equal(election_do(sitting, election_act(ACT_CERTIFY, "officer-1", ""), NULL),
                     STATUS_OK);
    sitting_destroy(sitting);
    event_destroy(event);
}

/* Nobody has a pad: 发出 is the paper alone, and the numbers agree without a signature. */
static void a_round_of_paper_alone_can_be_certified(void **state)
{
    struct event *event = election_event(5, 2, 1);
    struct sitting *sitting = sitting_create(event);
    election_present(sitting, "1-5");
    assert_int_equal(election_open_paper(sitting), STATUS_OK);
    const struct round *round = sitting_current(sitting);
    assert_false(round_has_elector(round, 1));
    election_close(sitting);
    struct act paper =
        election_act(ACT_PAPER, "officer-1", "issued=5\nreturned=4\nvoid=1\nc1=3,0,0\nc2=0,3,0\n");
    assert_int_equal(election_do(sitting, paper, NULL), STATUS_OK);
    struct act confirm = election_act(ACT_PAPER_CONFIRM, "officer-2", "");
    confirm.number = 1;
    assert_int_equal(election_do(sitting, confirm, NULL), STATUS_OK);
    assert_int_equal(latest(sitting)->issued, 5);
    assert_int_equal(latest(sitting)->cast_count, 4);
    assert_int_equal(latest(sitting)->paper_count, 4);
    assert_int_equal(latest(sitting)->decision, DECISION_ELECTED); /* 3 of 5 present */
    assert_int_equal(election_do(sitting, election_act(ACT_CERTIFY, "officer-1", ""), NULL),
                     STATUS_OK);
    sitting_destroy(sitting);
    event_destroy(event);
}

static void a_void_round_says_why(void **state)
{
    struct event *event = election_event(4, 2, 1);
    struct sitting *sitting = sitting_create(event);
    struct figures figures;
    election_present(sitting, "1-4");
    assert_int_equal(election_open(sitting, NULL, NULL), STATUS_OK);
    election_ballot(sitting, 1, "ox0");
    assert_int_equal(
        election_do(sitting, election_act(ACT_VOID, "officer-1", "reason=表决器故障\n"), NULL),
        STATUS_OK);
    assert_null(sitting_current(sitting));
    disclosure_figures(sitting, sitting_latest(sitting), AUDIENCE_PUBLIC, &figures);
    assert_int_equal(figures.state, ROUND_VOID);
    assert_int_equal(figures.shows, LIVE_TURNOUT);
    assert_string_equal(figures.reason, "表决器故障");
    assert_int_equal(figures.items[0].counts[0], 0);
    sitting_destroy(sitting);
    event_destroy(event);
}

/* W8: the hall may stop with fewer, by the profile's share, recorded. */
static void the_hall_may_stop_with_fewer(void **state)
{
    struct event *event = election_event(5, 3, 2);
    struct sitting *sitting = sitting_create(event);
    char why[256];
    election_present(sitting, "1-5");
    assert_int_equal(election_open(sitting, NULL, NULL), STATUS_OK);
    for (uint8_t who = 1; who <= 5; who++) {
        election_ballot(sitting, who, who <= 2 ? "oox00" : who == 3 ? "o--00" : "o-o00");
    }
    election_close(sitting);
    assert_int_equal(latest(sitting)->decision, DECISION_ANOTHER);
    assert_int_equal(latest(sitting)->election.missing_seats, 1);
    assert_int_equal(
        election_do(sitting, election_act(ACT_DECIDE, "officer-1", "for=2\nbase=5\n"), why),
        STATUS_REFUSED);
    assert_non_null(strstr(why, "E12"));
    assert_int_equal(
        election_do(sitting, election_act(ACT_DECIDE, "officer-1", "for=3\nbase=4\n"), why),
        STATUS_REFUSED);
    assert_string_equal(why, "E12: the base is 'present', 5, not 4");
    assert_int_equal(
        election_do(sitting, election_act(ACT_DECIDE, "officer-1", "for=3\nbase=5\n"), NULL),
        STATUS_OK);
    assert_int_equal(latest(sitting)->decision, DECISION_STOPPED);
    assert_int_equal(election_open(sitting, NULL, why), STATUS_REFUSED);
    sitting_destroy(sitting);
    event_destroy(event);
}

static void the_order_by_lot_is_drawn_once_before_the_first_round(void **state)
{
    struct event *event = election_event(5, 3, 1);
    struct sitting *sitting = sitting_create(event);
    char why[256];
    assert_int_equal(election_do(sitting, election_act(ACT_LOT, "officer-1", "order=c3,c1\n"), why),
                     STATUS_INVALID);
    assert_int_equal(
        election_do(sitting, election_act(ACT_LOT, "officer-1", "order=c3,c1,c1\n"), why),
        STATUS_INVALID);
    assert_int_equal(
        election_do(sitting, election_act(ACT_LOT, "officer-1", "order=c3,c1,c2\n"), NULL),
        STATUS_OK);
    assert_int_equal(sitting_order(sitting, 0)[0], 2);
    assert_int_equal(
        election_do(sitting, election_act(ACT_LOT, "officer-1", "order=c1,c2,c3\n"), why),
        STATUS_REFUSED);
    sitting_destroy(sitting);
    event_destroy(event);
}

static void nobody_sees_more_than_turnout_of_an_open_election(void **state)
{
    struct event *event = election_event(4, 2, 1);
    struct sitting *sitting = sitting_create(event);
    event->contests[0].live =
        LIVE_TALLY; /* a file with it is refused; the door holds all the same */
    election_present(sitting, "1-4");
    assert_int_equal(election_open(sitting, NULL, NULL), STATUS_OK);
    election_ballot(sitting, 1, "ox0");
    for (int audience = AUDIENCE_PUBLIC; audience < AUDIENCE_COUNT; audience++) {
        struct view view;
        disclosure_view(sitting, (enum audience)audience, &view);
        assert_int_equal(view.live.shows, LIVE_TURNOUT);
        assert_int_equal(view.live.cast_count, 1);
        assert_int_equal(view.live.items[0].counts[0], 0);
        assert_int_equal(view.live.decision, DECISION_INVALID);
    }
    sitting_destroy(sitting);
    event_destroy(event);
}

/* The opening's lines say what the rules and the check-in were; a log that says other is not ours.
 */
static void an_opening_that_does_not_fit_the_check_in_is_a_damaged_log(void **state)
{
    struct event *event = election_event(5, 3, 1);
    struct sitting *sitting = sitting_create(event);
    struct opening opening;
    struct fault fault = { 0 };
    struct applied applied;
    election_present(sitting, "1-5");
    assert_int_equal(sitting_may_open(sitting, "secretary", "", NULL, &opening, NULL), STATUS_OK);
    struct act act = { .at_ms = 1000, .post = "officer-1" };
    opening_write(sitting, &opening, 0, &act);
    struct act zero = { .kind = ACT_ZERO_CHECK, .round = 1 };
    struct record record = { .batch = 9, .act = &zero };
    assert_int_equal(sitting_apply(sitting, &record, &applied, &fault), STATUS_OK);
    char *present = strstr(act.params, "present=5");
    assert_non_null(present);
    present[8] = '4';
    record.act = &act;
    assert_int_equal(sitting_apply(sitting, &record, &applied, &fault), STATUS_INVALID);
    assert_non_null(strstr(fault.text, "batch 9"));
    sitting_destroy(sitting);
    event_destroy(event);
}

static void the_first_answer_is_final_where_the_rules_say_so(void **state)
{
    struct event *event = election_event(4, 2, 1);
    event->contests[0].rules->answer = ANSWER_FIRST;
    struct sitting *sitting = sitting_create(event);
    election_present(sitting, "1-4");
    assert_int_equal(election_open(sitting, NULL, NULL), STATUS_OK);
    election_ballot(sitting, 1, "ox0");
    struct mark again = { .round = 1, .item = 0, .version = 2, .choice = CHOICE_AGAINST };
    memset(again.slot, 1, sizeof(again.slot));
    struct record record = { .batch = 3, .mark = &again };
    struct applied applied;
    assert_int_equal(sitting_apply(sitting, &record, &applied, NULL), STATUS_OK);
    assert_int_equal(applied.verdict, VERDICT_INVALID);
    election_close(sitting);
    assert_int_equal(latest(sitting)->items[0].counts[CHOICE_FOR], 1);
    sitting_destroy(sitting);
    event_destroy(event);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quorum_gates_the_opening),
        cmocka_unit_test(too_few_candidates_cannot_open),
        cmocka_unit_test(the_electorate_is_frozen_at_the_opening),
        cmocka_unit_test(a_revoked_pad_is_not_issued),
        cmocka_unit_test(nobody_over_half_leads_to_another_election),
        cmocka_unit_test(a_tie_at_the_cut_leads_to_a_run_off_among_those_tied),
        cmocka_unit_test(a_disputed_ballot_waits_for_a_ruling),
        cmocka_unit_test(more_returned_than_present_voids_the_round),
        cmocka_unit_test(an_inequality_blocks_certification_until_it_is_signed),
        cmocka_unit_test(a_hand_count_that_was_entered_wrongly_is_rejected),
        cmocka_unit_test(a_round_of_paper_alone_can_be_certified),
        cmocka_unit_test(a_void_round_says_why),
        cmocka_unit_test(the_hall_may_stop_with_fewer),
        cmocka_unit_test(the_order_by_lot_is_drawn_once_before_the_first_round),
        cmocka_unit_test(nobody_sees_more_than_turnout_of_an_open_election),
        cmocka_unit_test(an_opening_that_does_not_fit_the_check_in_is_a_damaged_log),
        cmocka_unit_test(the_first_answer_is_final_where_the_rules_say_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "counting.h"

#include <stdio.h>
#include <string.h>

#include "server/core/election.h"

/*
 * The worked examples of elections in RULES.md, W2 to W8, and what stands beside them.
 */

static struct slate first_slate(const struct counting *counting)
{
    struct slate slate = { .stage = STAGE_FIRST, .seats = counting->contest.seats };
    slate.candidates = (UINT64_C(1) << counting->contest.candidate_count) - 1;
    return slate;
}

static struct election_count *start(const struct counting *counting, const struct slate *slate)
{
    struct election_count *count = election_count_create(&counting->contest, slate);
    assert_non_null(count);
    return count;
}

static void add(struct election_count *count, const char *choices, uint32_t times)
{
    struct card card = counting_card(choices);
    for (uint32_t i = 0; i < times; i++) {
        election_count_add(count, &card, RULING_INVALID);
    }
}

static void assert_standings(const enum standing *standings, const char *expected)
{
    for (uint32_t c = 0; expected[c] != '\0'; c++) {
        assert_int_equal(standings[c], expected[c] == 'e'   ? STANDING_ELECTED
                                       : expected[c] == 't' ? STANDING_TIED
                                       : expected[c] == 'n' ? STANDING_NOT
                                       : expected[c] == '.' ? STANDING_OFF
                                                            : STANDING_INVALID);
    }
}

static void assert_kind(const struct election_count *count, const char *choices,
                        enum ballot_kind kind, const char *rule)
{
    struct card card = counting_card(choices);
    const char *found;
    assert_int_equal(election_ballot_check(count, &card, &found), kind);
    assert_string_equal(found, rule);
}

/*
 * Ballots of one group of voters: voter v gives candidate c its vote where the candidate has votes
 * left, most left first, so that nobody gives more than `seats`. '-' where none is given.
 */
static void add_totals(struct election_count *count, const uint32_t *votes, uint32_t item_count,
                       uint32_t line, uint32_t seats, uint32_t ballots)
{
    uint32_t left[ITEM_MAX];
    memcpy(left, votes, item_count * sizeof(*left));
    for (uint32_t ballot = 0; ballot < ballots; ballot++) {
        char choices[ITEM_MAX + 1] = { 0 };
        memset(choices, '-', item_count);
        for (uint32_t given = 0; given < seats; given++) {
            uint32_t best = item_count;
            for (uint32_t item = 0; item < item_count; item++) {
                bool is_free = choices[item] == '-' && left[item] > 0;
                best = is_free && (best == item_count || left[item] > left[best]) ? item : best;
            }
            if (best < item_count) {
                choices[best] = best == line ? '1' : 'o';
                left[best]--;
            }
        }
        /* A name needs a ×: on a candidate the ballot leaves blank. */
        char *blank = choices[line] == '1' ? strchr(choices, '-') : NULL;
        if (blank != NULL) {
            *blank = 'x';
        }
        add(count, choices, 1);
    }
    for (uint32_t item = 0; item < item_count; item++) {
        assert_int_equal(left[item], 0);
    }
}

/* W2 */
static void candidates_are_a_fifth_more_than_seats(void **state)
{
    static const uint32_t cases[][2] = { { 1, 2 },  { 3, 4 },   { 5, 6 },  { 7, 9 },
                                         { 9, 11 }, { 11, 14 }, { 13, 16 } };
    struct election_rules rules = { .difference = { 1, 5, true } };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(election_candidates_least(&rules, cases[i][0]), cases[i][1]);
    }
    rules.difference = (struct threshold){ 1, 10, true };
    assert_int_equal(election_candidates_least(&rules, 11), 13);
    rules.difference = (struct threshold){ 0, 1, true };
    assert_int_equal(election_candidates_least(&rules, 3), 3);
}

/* W3: S=100, P=88, I=88, R=87; A80 B74 C61 D52 E46 F30, Z 12 written in. */
static void five_are_elected_by_those_present_or_four_by_those_registered(void **state)
{
    static const uint32_t votes[] = { 80, 74, 61, 52, 46, 30, 12 };
    static struct figures figures;
    struct turnout turnout = { .registered = 100, .present = 88, .issued = 88 };
    struct counting counting;
    counting_election(&counting, 6, 5, 1);
    for (int reading = 0; reading < 2; reading++) {
        struct slate slate = first_slate(&counting);
        struct election_count *count = start(&counting, &slate);
        struct card marked = counting_card("ooooo-");
        assert_int_equal(election_count_name(count, "另选人一号"), STATUS_OK);
        add_totals(count, votes, 7, 6, 5, 85);
        add(count, "oooooo", 1);
        marked.mark = CARD_MARKED;
        election_count_add(count, &marked, RULING_INVALID);
        election_count_figures(count, &turnout, false, &figures);

        const struct election_figures *election = &figures.election;
        assert_int_equal(figures.cast_count, 87);
        assert_int_equal(figures.valid_count, 85);
        assert_int_equal(figures.void_count, 2);
        assert_int_equal(figures.decision, reading == 0 ? DECISION_ELECTED : DECISION_ANOTHER);
        assert_standings(reading == 0 ? election->standings : election->disputed, "eeeeen");
        assert_standings(reading == 0 ? election->disputed : election->standings, "eeeenn");
        assert_int_equal(reading == 0 ? election->needed : election->disputed_needed, 45);
        assert_int_equal(reading == 0 ? election->disputed_needed : election->needed, 51);
        assert_int_equal(reading == 0 ? election->base_count : election->disputed_count, 88);
        assert_int_equal(reading == 0 ? election->disputed_count : election->base_count, 100);
        assert_int_equal(election->missing_seats, reading);
        assert_int_equal(election->disputed_missing_seats, 1 - reading);
        for (uint32_t c = 0; c < 6; c++) {
            assert_int_equal(figures.items[c].counts[CHOICE_FOR], votes[c]);
            assert_int_equal(figures.items[c].valid, 85); /* the check line */
            assert_int_equal(election->order[c], 5 - c);
        }
        assert_int_equal(figures.items[6].valid, 0);
        assert_int_equal(election->name_count, 1);
        assert_string_equal(election->names[0].name, "另选人一号");
        assert_int_equal(election->names[0].votes, 12);
        assert_int_equal(election->names[0].standing, STANDING_NOT);
        election_count_destroy(count);
        counting.rules.election.majority_base = BASE_REGISTERED;
        counting.rules.election.disputed_base = BASE_PRESENT;
    }
}

/* W3's check line: E 46 for, 31 against, 8 blank of 85. */
static void for_against_and_blank_are_the_valid_ballots(void **state)
{
    static struct figures figures;
    struct turnout turnout = { .registered = 100, .present = 88, .issued = 88 };
    struct counting counting;
    counting_election(&counting, 1, 1, 0);
    struct slate slate = first_slate(&counting);
    struct election_count *count = start(&counting, &slate);
    add(count, "o", 46);
    add(count, "x", 31);
    add(count, "-", 5);
    add(count, "a", 3);
    election_count_figures(count, &turnout, false, &figures);
    assert_int_equal(figures.items[0].counts[CHOICE_FOR], 46);
    assert_int_equal(figures.items[0].counts[CHOICE_AGAINST], 31);
    assert_int_equal(figures.items[0].counts[CHOICE_ABSTAIN], 8);
    assert_int_equal(figures.items[0].valid, 85);
    election_count_destroy(count);
}

/* W4: N=3, S=64, P=60: A50 B44 C38 D38 E10; then the run-off, which may be level again. */
static void those_tied_at_the_cut_and_nobody_else_run_off(void **state)
{
    static const uint32_t votes[] = { 50, 44, 38, 38, 10 };
    static struct figures figures;
    struct turnout turnout = { .registered = 64, .present = 60, .issued = 60 };
    struct counting counting;
    counting_election(&counting, 5, 3, 0);
    struct slate slate = first_slate(&counting);
    struct election_count *count = start(&counting, &slate);
    add_totals(count, votes, 5, 5, 3, 60);
    election_count_figures(count, &turnout, true, &figures);
    assert_int_equal(figures.decision, DECISION_RUN_OFF);
    assert_int_equal(figures.election.needed, 31);
    assert_int_equal(figures.election.disputed_needed, 33);
    assert_standings(figures.election.standings, "eettn");
    assert_standings(figures.election.disputed, "eettn");
    assert_int_equal(figures.election.run_off_seats, 1);
    assert_int_equal(figures.election.disputed_run_off_seats, 1);
    assert_int_equal(figures.election.missing_seats, 0);
    election_count_destroy(count);

    static const struct {
        uint32_t votes_c;
        uint32_t votes_d;
        bool needs_majority;
        const char *standings;
        enum decision decision;
    } cases[] = {
        { 20, 19, false, "..en.", DECISION_ELECTED }, /* most votes, no half */
        { 20, 20, false, "..tt.", DECISION_RUN_OFF },
        { 20, 19, true, "..nn.", DECISION_ANOTHER },
        { 31, 29, true, "..en.", DECISION_ELECTED },
        { 0, 0, false, "..nn.", DECISION_ANOTHER }, /* nobody is elected by nobody */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct slate run_off = { .stage = STAGE_RUN_OFF, .seats = 1, .candidates = 0xc };
        counting.rules.election.run_off_needs_majority = cases[i].needs_majority;
        count = start(&counting, &run_off);
        add(count, "--ox-", cases[i].votes_c);
        add(count, "--xo-", cases[i].votes_d);
        election_count_figures(count, &turnout, false, &figures);
        assert_int_equal(figures.decision, cases[i].decision);
        assert_standings(figures.election.standings, cases[i].standings);
        assert_int_equal(figures.election.needed, cases[i].needs_majority ? 31 : 0);
        assert_int_equal(figures.items[0].valid, 0); /* not on the ballot */
        election_count_destroy(count);
    }
}

/* W5, and one vote more. */
static void exactly_half_is_not_more_than_half(void **state)
{
    static struct figures figures;
    struct turnout turnout = { .registered = 60, .present = 60, .issued = 60 };
    struct counting counting;
    counting_election(&counting, 2, 1, 0);
    for (uint32_t votes = 30; votes <= 31; votes++) {
        struct slate slate = first_slate(&counting);
        struct election_count *count = start(&counting, &slate);
        add(count, "o-", votes);
        add(count, "-o", 25);
        election_count_figures(count, &turnout, false, &figures);
        assert_standings(figures.election.standings, votes == 30 ? "nn" : "en");
        assert_int_equal(figures.decision, votes == 30 ? DECISION_ANOTHER : DECISION_ELECTED);
        election_count_figures(count, &turnout, true, &figures);
        assert_int_equal(figures.decision, votes == 30 ? DECISION_STOPPED : DECISION_ELECTED);
        election_count_destroy(count);
    }
}

/* W6 */
static void more_ballots_than_issued_void_the_round(void **state)
{
    static struct figures figures;
    struct turnout turnout = { .registered = 100, .present = 88, .issued = 88 };
    struct counting counting;
    counting_election(&counting, 2, 1, 1);
    for (uint32_t returned = 88; returned <= 89; returned++) {
        struct slate slate = first_slate(&counting);
        struct election_count *count = start(&counting, &slate);
        assert_int_equal(election_count_name(count, "另选人一号"), STATUS_OK);
        add(count, "ox-", returned - 1);
        add(count, "--1", 1); /* disputed */
        election_count_figures(count, &turnout, false, &figures);
        assert_int_equal(figures.cast_count, returned);
        assert_int_equal(figures.decision, returned == 88 ? DECISION_PENDING : DECISION_VOID);
        assert_int_equal(figures.pending, returned == 88);
        assert_int_equal(figures.valid_count, 0);
        assert_int_equal(figures.void_count, returned == 88 ? 0 : 89);
        assert_int_equal(figures.items[0].valid, 0);
        assert_standings(figures.election.standings, "--");
        assert_int_equal(election_name_standing(count, &turnout, 1), STANDING_INVALID);
        election_count_destroy(count);
    }
}

/* W7, by each remedy and each ruling. */
static void a_name_without_a_mark_against_goes_to_the_officer(void **state)
{
    static const struct {
        enum remedy remedy;
        enum ruling ruling;
        enum ballot_kind kind;
        const char *rule;
        uint32_t valid;
        uint32_t void_count;
        uint32_t pending;
        uint32_t name_votes;
    } cases[] = {
        { REMEDY_ADJUDICATE, RULING_INVALID, BALLOT_DISPUTED, "W7", 0, 0, 1, 0 },
        { REMEDY_ADJUDICATE, RULING_COUNT, BALLOT_DISPUTED, "W7", 2, 0, 0, 2 },
        { REMEDY_ADJUDICATE, RULING_DROP, BALLOT_DISPUTED, "W7", 2, 0, 0, 1 },
        { REMEDY_ADJUDICATE, RULING_VOID, BALLOT_DISPUTED, "W7", 1, 1, 0, 1 },
        { REMEDY_DROP, RULING_INVALID, BALLOT_VALID, "W7", 2, 0, 0, 1 },
        { REMEDY_VOID, RULING_INVALID, BALLOT_VOID, "W7", 1, 1, 0, 1 },
        { REMEDY_COUNT, RULING_INVALID, BALLOT_VALID, "", 2, 0, 0, 2 },
    };
    static struct figures figures;
    struct turnout turnout = { .registered = 10, .present = 10, .issued = 10 };
    struct counting counting;
    counting_election(&counting, 6, 5, 5);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        counting.rules.election.write_in_without_against = cases[i].remedy;
        struct slate slate = first_slate(&counting);
        struct election_count *count = start(&counting, &slate);
        assert_int_equal(election_count_name(count, "另选人一号"), STATUS_OK);
        assert_kind(count, "------1----", cases[i].kind, cases[i].rule);
        assert_kind(count, "xx----1----", BALLOT_VALID, "");
        struct card card = counting_card("------1----");
        election_count_add(count, &card, cases[i].ruling);
        card = counting_card("ooox--1----");
        election_count_add(count, &card, cases[i].ruling);
        election_count_figures(count, &turnout, false, &figures);
        assert_int_equal(figures.valid_count, cases[i].valid);
        assert_int_equal(figures.void_count, cases[i].void_count);
        assert_int_equal(figures.pending, cases[i].pending);
        assert_int_equal(figures.election.name_count, cases[i].name_votes > 0);
        assert_int_equal(figures.election.names[0].votes, cases[i].name_votes);
        for (uint32_t c = 0; c < 6; c++) {
            assert_int_equal(figures.items[c].valid, cases[i].valid);
        }
        election_count_destroy(count);
    }
}

/* W8: N=7, six pass; "no further election" for 50, against 38, of P=88. */
static void the_hall_may_stop_with_fewer_by_more_than_half(void **state)
{
    static const uint32_t votes[] = { 80, 70, 60, 55, 50, 45, 44, 10, 1 };
    static struct figures figures;
    struct turnout turnout = { .registered = 100, .present = 88, .issued = 88 };
    struct fault fault = { 0 };
    struct counting counting;
    counting_election(&counting, 9, 7, 0);
    struct slate slate = first_slate(&counting);
    struct election_count *count = start(&counting, &slate);
    add_totals(count, votes, 9, 9, 7, 88);
    election_count_figures(count, &turnout, false, &figures);
    assert_int_equal(figures.decision, DECISION_ANOTHER);
    assert_int_equal(figures.election.missing_seats, 1);
    assert_standings(figures.election.standings, "eeeeeennn");
    assert_int_equal(election_may_stop(&counting.rules, 50, 88, &fault), STATUS_OK);
    election_count_figures(count, &turnout, true, &figures);
    assert_int_equal(figures.decision, DECISION_STOPPED);
    assert_int_equal(figures.election.missing_seats, 1);
    election_count_destroy(count);

    assert_int_equal(election_may_stop(&counting.rules, 44, 88, &fault), STATUS_REFUSED);
    assert_string_equal(fault.text, "E12: 44 votes of 88 are not enough to stop with fewer");
    counting.rules.election.stop_share.is_inclusive = true;
    assert_int_equal(election_may_stop(&counting.rules, 44, 88, NULL), STATUS_OK);
    assert_int_equal(election_may_stop(&counting.rules, 0, 0, NULL), STATUS_REFUSED);
    memset(&fault, 0, sizeof(fault));
    counting.rules.election.may_stop = false;
    assert_int_equal(election_may_stop(&counting.rules, 88, 88, &fault), STATUS_REFUSED);
    assert_string_equal(fault.text,
                        "E12: the rules 'test-rules' do not let the hall stop with fewer");
}

static void every_base_can_be_the_base_of_more_than_half(void **state)
{
    static const struct {
        enum base base;
        uint32_t base_count;
        uint32_t needed;
    } cases[] = {
        { BASE_REGISTERED, 20, 11 }, { BASE_PRESENT, 18, 10 }, { BASE_ISSUED, 16, 9 },
        { BASE_RETURNED, 14, 8 },    { BASE_VALID, 12, 7 },
    };
    static struct figures figures;
    struct turnout turnout = { .registered = 20, .present = 18, .issued = 16 };
    struct counting counting;
    counting_election(&counting, 2, 1, 0);
    counting.rules.election.disputed_base = BASE_INVALID;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        counting.rules.election.majority_base = cases[i].base;
        struct slate slate = first_slate(&counting);
        struct election_count *count = start(&counting, &slate);
        add(count, "ox", 9);
        add(count, "-x", 3);
        add(count, "oo", 2); /* void, but people */
        election_count_figures(count, &turnout, false, &figures);
        assert_int_equal(figures.election.base_count, cases[i].base_count);
        assert_int_equal(figures.election.needed, cases[i].needed);
        assert_standings(figures.election.standings, cases[i].needed <= 9 ? "en" : "nn");
        assert_standings(figures.election.disputed, "--");
        assert_int_equal(figures.election.disputed_base, BASE_INVALID);
        assert_int_equal(figures.election.disputed_count, 0);
        assert_int_equal(figures.election.disputed_needed, 0);
        election_count_destroy(count);
    }
}

static void nobody_is_elected_where_nobody_votes(void **state)
{
    static struct figures figures;
    struct turnout turnout = { 0 };
    struct counting counting;
    counting_election(&counting, 2, 1, 1);
    counting.rules.election.majority = (struct threshold){ 1, 2, true }; /* 0 >= 0 would be met */
    struct slate slate = first_slate(&counting);
    struct election_count *count = start(&counting, &slate);
    election_count_figures(count, &turnout, false, &figures);
    assert_int_equal(figures.decision, DECISION_ANOTHER);
    assert_standings(figures.election.standings, "nn");
    assert_int_equal(figures.election.missing_seats, 1);
    assert_int_equal(figures.cast_count, 0);
    election_count_destroy(count);
}

static void rulings_have_words(void **state)
{
    for (enum ruling ruling = RULING_COUNT; ruling <= RULING_VOID; ruling++) {
        assert_int_equal(ruling_parse(ruling_name(ruling)), ruling);
    }
    assert_int_equal(ruling_parse("keep"), RULING_INVALID);
    assert_string_equal(ruling_name(RULING_DROP), "drop");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(candidates_are_a_fifth_more_than_seats),
        cmocka_unit_test(five_are_elected_by_those_present_or_four_by_those_registered),
        cmocka_unit_test(for_against_and_blank_are_the_valid_ballots),
        cmocka_unit_test(those_tied_at_the_cut_and_nobody_else_run_off),
        cmocka_unit_test(exactly_half_is_not_more_than_half),
        cmocka_unit_test(more_ballots_than_issued_void_the_round),
        cmocka_unit_test(a_name_without_a_mark_against_goes_to_the_officer),
        cmocka_unit_test(the_hall_may_stop_with_fewer_by_more_than_half),
        cmocka_unit_test(every_base_can_be_the_base_of_more_than_half),
        cmocka_unit_test(nobody_is_elected_where_nobody_votes),
        cmocka_unit_test(rulings_have_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

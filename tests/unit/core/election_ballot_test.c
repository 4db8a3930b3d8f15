#include "counting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/core/election.h"

/*
 * What a single ballot is, whom a written name stands for, hand counts, names in a run-off.
 */

static struct figures figures;
static const struct turnout hall = { .registered = 10, .present = 10, .issued = 10 };

static struct election_count *start(const struct counting *counting, uint32_t seats,
                                    const char *const *names)
{
    struct slate slate = { .stage = STAGE_FIRST, .seats = seats };
    slate.candidates = (UINT64_C(1) << counting->contest.candidate_count) - 1;
    struct election_count *count = election_count_create(&counting->contest, &slate);
    assert_non_null(count);
    for (uint32_t i = 0; names != NULL && names[i] != NULL; i++) {
        assert_int_equal(election_count_name(count, names[i]), STATUS_OK);
    }
    return count;
}

static void add(struct election_count *count, const char *choices, enum ruling ruling)
{
    struct card card = counting_card(choices);
    election_count_add(count, &card, ruling);
}

struct kind_case {
    const char *choices;
    enum ballot_kind kind;
    const char *rule;
};

static void assert_kinds(const struct election_count *count, const struct kind_case *cases,
                         size_t case_count)
{
    for (size_t i = 0; i < case_count; i++) {
        struct card card = counting_card(cases[i].choices);
        const char *rule;
        assert_int_equal(election_ballot_check(count, &card, &rule), cases[i].kind);
        assert_string_equal(rule, cases[i].rule);
    }
}

/* Names 1: nobody's; 2: candidate 1 with blanks; 3: the same as 1; 4: candidate 2 in English;
 * 5: no name at all. */
static const char *const names[] = { "另选人一号",  "候选人 1号", "另选人\xe3\x80\x80一号",
                                     "Candidate 2", "？？",       NULL };

/* Three candidates, two seats, two lines. */
static void every_ballot_is_what_the_rules_say(void **state)
{
    static const struct kind_case cases[] = {
        { "oox00", BALLOT_VALID, "" },
        { "-----", BALLOT_VALID, "" }, /* nobody selected: counts */
        { "aaa--", BALLOT_VALID, "" },
        { "xxx--", BALLOT_VALID, "" },
        { "ooo--", BALLOT_VOID, "E7" },
        { "oox1-", BALLOT_VOID, "E7" }, /* two and a name are three */
        { "o-x1-", BALLOT_VALID, "" },
        { "oxx-1", BALLOT_VALID, "" },      /* either line */
        { "--x1-", BALLOT_VALID, "" },      /* a name alone */
        { "o--1-", BALLOT_DISPUTED, "W7" }, /* no × */
        { "oa-1-", BALLOT_DISPUTED, "W7" }, /* an abstention is no × */
        { "-xx11", BALLOT_DISPUTED, "E8" }, /* the same name twice */
        { "-xx13", BALLOT_DISPUTED, "E8" }, /* and with another blank */
        { "oxx2-", BALLOT_DISPUTED, "E8" }, /* ○ and written */
        { "xxx2-", BALLOT_DISPUTED, "E8" }, /* × and written */
        { "-x-2-", BALLOT_VALID, "" },      /* the candidate's name instead of ○ */
        { "ax-2-", BALLOT_VALID, "" },
        { "x-x4-", BALLOT_VALID, "" },      /* in the other language */
        { "oox2-", BALLOT_DISPUTED, "E8" }, /* three marks, but two persons */
        { "o-x5-", BALLOT_VALID, "E8" },    /* names nobody: the line does not count */
        { "oox5-", BALLOT_VALID, "E8" },    /* and selects nobody */
        { "-xx15", BALLOT_VALID, "E8" },
        { "o-x15", BALLOT_VALID, "E8" }, /* and needs no × */
    };
    struct counting counting;
    counting_election(&counting, 3, 2, 2);
    struct election_count *count = start(&counting, 2, names);
    assert_kinds(count, cases, sizeof(cases) / sizeof(cases[0]));
    for (enum card_mark_kind mark = CARD_MARKED; mark <= CARD_ILLEGIBLE; mark++) {
        struct card card = counting_card("o----");
        const char *rule;
        card.mark = mark;
        assert_int_equal(election_ballot_check(count, &card, &rule), BALLOT_VOID);
        assert_string_equal(rule, "E8");
    }
    election_count_destroy(count);
}

static void a_profile_settles_what_it_may_settle(void **state)
{
    static const struct kind_case none_void[] = {
        { "-----", BALLOT_VOID, "E7" }, { "xxx--", BALLOT_VOID, "E7" },
        { "---5-", BALLOT_VOID, "E7" }, /* nothing is left of it */
        { "---1-", BALLOT_VOID, "E7" }, /* dropped by W7, and nothing is left */
        { "--x1-", BALLOT_VALID, "" },
    };
    static const struct kind_case officer[] = {
        { "-----", BALLOT_DISPUTED, "E7" },
        { "ooo--", BALLOT_DISPUTED, "E7" },
        { "o-x5-", BALLOT_DISPUTED, "E8" },
    };
    static const struct kind_case illegible_void[] = { { "o-x5-", BALLOT_VOID, "E8" },
                                                       { "o--5-", BALLOT_VOID, "E8" } };
    static const struct kind_case free_names[] = { { "o--1-", BALLOT_VALID, "" } };
    static const struct kind_case no_names[] = { { "o-x1-", BALLOT_VALID, "E5" },
                                                 { "oo-1-", BALLOT_VALID, "E5" } };
    struct counting counting;
    counting_election(&counting, 3, 2, 2);
    struct election_rules *rules = &counting.rules.election;
    struct election_count *count = start(&counting, 2, names);
    rules->none_selected = REMEDY_VOID;
    rules->write_in_without_against = REMEDY_DROP;
    assert_kinds(count, none_void, 5);
    rules->none_selected = rules->over_selected = rules->illegible = REMEDY_ADJUDICATE;
    assert_kinds(count, officer, 3);
    rules->illegible = REMEDY_VOID;
    assert_kinds(count, illegible_void, 2);
    rules->write_in_needs_against = false;
    assert_kinds(count, free_names, 1);
    rules->allows_write_in = false;
    assert_kinds(count, no_names, 2);
    election_count_destroy(count);
}

/* What each ruling makes of the votes for candidates 1 and 2 and of name 1. */
static void a_ruling_decides_what_counts(void **state)
{
    static const struct {
        const char *choices;
        enum ruling ruling;
        uint32_t valid;
        uint32_t votes[2];
        uint32_t name_votes;
    } cases[] = {
        { "-xx11", RULING_COUNT, 1, { 0, 0 }, 1 }, /* a person has one vote of one ballot */
        { "-xx11", RULING_DROP, 1, { 0, 0 }, 0 },
        { "-xx11", RULING_VOID, 0, { 0, 0 }, 0 },
        { "oxx2-", RULING_COUNT, 1, { 1, 0 }, 0 },
        { "oxx2-", RULING_DROP, 1, { 1, 0 }, 0 },
        { "xxx2-", RULING_COUNT, 1, { 1, 0 }, 0 },
        { "xxx2-", RULING_DROP, 1, { 0, 0 }, 0 },
        { "oox2-", RULING_COUNT, 1, { 1, 1 }, 0 },
        { "oo-11", RULING_COUNT, 0, { 0, 0 }, 0 }, /* E7: never disputed, void */
        { "ooo--", RULING_COUNT, 0, { 0, 0 }, 0 },
        { "oxx5-", RULING_VOID, 1, { 1, 0 }, 0 }, /* not disputed: no ruling on it */
    };
    struct counting counting;
    counting_election(&counting, 3, 2, 2);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct election_count *count = start(&counting, 2, names);
        add(count, cases[i].choices, cases[i].ruling);
        election_count_figures(count, &hall, false, &figures);
        assert_int_equal(figures.pending, 0);
        assert_int_equal(figures.valid_count, cases[i].valid);
        assert_int_equal(figures.void_count, 1 - cases[i].valid);
        assert_int_equal(figures.items[0].counts[CHOICE_FOR], cases[i].votes[0]);
        assert_int_equal(figures.items[1].counts[CHOICE_FOR], cases[i].votes[1]);
        assert_int_equal(figures.items[0].valid, cases[i].valid);
        assert_int_equal(figures.election.names[0].votes, cases[i].name_votes);
        election_count_destroy(count);
    }
}

static void a_ruling_never_lets_a_ballot_select_too_many(void **state)
{
    struct counting counting;
    counting_election(&counting, 3, 2, 2);
    counting.rules.election.over_selected = REMEDY_ADJUDICATE;
    counting.rules.election.none_selected = REMEDY_VOID;
    struct election_count *count = start(&counting, 2, names);
    add(count, "ooo--", RULING_COUNT); /* void */
    add(count, "ooo--", RULING_DROP);  /* void */
    add(count, "oox1-", RULING_COUNT); /* void */
    add(count, "oox1-", RULING_DROP);  /* valid without the name */
    add(count, "---1-", RULING_DROP);  /* nothing left: void */
    election_count_figures(count, &hall, false, &figures);
    assert_int_equal(figures.valid_count, 1);
    assert_int_equal(figures.void_count, 4);
    election_count_destroy(count);
}

/* E13, and that a profile can say no. */
static void a_written_name_is_elected_like_a_candidate(void **state)
{
    struct counting counting;
    counting_election(&counting, 3, 2, 2);
    for (int is_candidate = 1; is_candidate >= 0; is_candidate--) {
        counting.rules.election.write_in_is_candidate = is_candidate;
        struct election_count *count = start(&counting, 2, names);
        for (int i = 0; i < 4; i++) {
            add(count, "o-x1-", RULING_INVALID);
            add(count, "-xx32", RULING_INVALID); /* the same person, and candidate 1 */
        }
        election_count_figures(count, &hall, false, &figures);
        assert_int_equal(figures.valid_count, 8);
        assert_int_equal(figures.items[0].counts[CHOICE_FOR], 8);
        assert_int_equal(figures.items[0].counts[CHOICE_ABSTAIN], 0);
        assert_int_equal(figures.election.standings[0], STANDING_ELECTED);
        assert_int_equal(figures.election.name_count, 1);
        assert_string_equal(figures.election.names[0].name, "另选人一号");
        assert_int_equal(figures.election.names[0].votes, 8);
        enum standing standing = is_candidate ? STANDING_ELECTED : STANDING_NOT;
        assert_int_equal(figures.election.names[0].standing, standing);
        assert_int_equal(figures.election.names[0].disputed, standing);
        assert_int_equal(election_name_standing(count, &hall, 1), standing);
        assert_int_equal(election_name_standing(count, &hall, 2), STANDING_OFF); /* candidate 1 */
        assert_int_equal(election_name_standing(count, &hall, 3), STANDING_OFF); /* name 1 */
        assert_int_equal(figures.decision, is_candidate ? DECISION_ELECTED : DECISION_ANOTHER);
        election_count_destroy(count);
    }
}

static void a_candidate_off_the_ballot_counts_only_by_a_ruling(void **state)
{
    struct counting counting;
    counting_election(&counting, 3, 2, 2);
    struct slate slate = { .stage = STAGE_ANOTHER, .seats = 1, .candidates = 6 };
    static const struct kind_case cases[] = {
        { "--x2-", BALLOT_DISPUTED, "E13" },
        { "o-x--", BALLOT_VALID, "" }, /* what is not on the ballot has no mark */
    };
    for (enum ruling ruling = RULING_COUNT; ruling <= RULING_DROP; ruling++) {
        struct election_count *count = election_count_create(&counting.contest, &slate);
        assert_non_null(count);
        assert_int_equal(election_count_name(count, names[0]), STATUS_OK);
        assert_int_equal(election_count_name(count, names[1]), STATUS_OK);
        assert_kinds(count, cases, 2);
        for (int i = 0; i < 6; i++) {
            add(count, "--x2-", ruling);
        }
        election_count_figures(count, &hall, false, &figures);
        assert_int_equal(figures.election.standings[0],
                         ruling == RULING_COUNT ? STANDING_ELECTED : STANDING_OFF);
        assert_int_equal(figures.items[0].valid, ruling == RULING_COUNT ? 6 : 0);
        assert_int_equal(figures.items[1].valid, 6);
        election_count_destroy(count);
    }
}

static void a_name_of_two_candidates_names_nobody(void **state)
{
    struct counting counting;
    counting_election(&counting, 3, 2, 2);
    memcpy(&counting.candidates[1].name, &counting.candidates[0].name, sizeof(struct label));
    counting.rules.election.illegible = REMEDY_ADJUDICATE;
    struct election_count *count = start(&counting, 2, names);
    static const struct kind_case cases[] = { { "--x2-", BALLOT_DISPUTED, "E8" } };
    assert_kinds(count, cases, 1);
    /* Whom it names is for the officer to say; let count, it is a name of its own. */
    add(count, "--x2-", RULING_COUNT);
    add(count, "--x2-", RULING_DROP);
    election_count_figures(count, &hall, false, &figures);
    assert_int_equal(figures.valid_count, 2);
    assert_int_equal(figures.items[0].counts[CHOICE_FOR], 0);
    assert_int_equal(figures.election.name_count, 1);
    assert_string_equal(figures.election.names[0].name, names[1]);
    assert_int_equal(figures.election.names[0].votes, 1);
    election_count_destroy(count);
}

/* Two names level at the cut stand on the lines of the run-off, beside candidate 2. */
static void names_written_in_before_stand_in_the_run_off(void **state)
{
    struct counting counting;
    counting_election(&counting, 3, 2, 3);
    struct slate slate = {
        .stage = STAGE_RUN_OFF, .seats = 1, .candidates = 2, .adopted = { 3, 2 }
    };
    struct election_count *count = election_count_create(&counting.contest, &slate);
    assert_non_null(count);
    assert_int_equal(election_count_name(count, "另选人一号"), STATUS_OK);
    assert_int_equal(election_count_name(count, "另选人二号"), STATUS_OK);
    assert_int_equal(election_count_name(count, "另选人 一号"), STATUS_OK);
    static const struct kind_case cases[] = {
        { "-o----", BALLOT_VALID, "" },
        { "-oo---", BALLOT_VALID, "" }, /* candidate 3 is not on this ballot */
        { "---oo-", BALLOT_VOID, "E7" },
        { "---xo2", BALLOT_VALID, "E5" }, /* a run-off takes no more names */
    };
    assert_kinds(count, cases, 4);
    for (int i = 0; i < 4; i++) {
        add(count, "-x-xo2", RULING_INVALID);
    }
    add(count, "---oa-", RULING_INVALID);
    election_count_figures(count, &hall, false, &figures);
    assert_int_equal(figures.decision, DECISION_ELECTED);
    assert_int_equal(figures.items[3].counts[CHOICE_FOR], 1);
    assert_int_equal(figures.items[3].counts[CHOICE_AGAINST], 4);
    assert_int_equal(figures.items[4].counts[CHOICE_FOR], 4);
    assert_int_equal(figures.items[4].counts[CHOICE_ABSTAIN], 1);
    assert_int_equal(figures.items[4].valid, 5);
    assert_int_equal(figures.items[5].valid, 0);
    assert_int_equal(figures.election.name_count, 2);
    assert_string_equal(figures.election.names[0].name, "另选人二号");
    assert_int_equal(figures.election.names[0].standing, STANDING_ELECTED);
    assert_string_equal(figures.election.names[1].name, "另选人一号");
    assert_int_equal(figures.election.names[1].votes, 1);
    assert_int_equal(figures.election.names[1].standing, STANDING_NOT);
    assert_int_equal(election_name_standing(count, &hall, 2), STANDING_ELECTED);
    assert_int_equal(election_name_standing(count, &hall, 3), STANDING_OFF);
    election_count_destroy(count);
}

static void the_names_with_most_votes_are_shown_and_the_rest_are_counted(void **state)
{
    struct turnout turnout = { .registered = 100, .present = 100, .issued = 100 };
    struct counting counting;
    counting_election(&counting, 1, 1, 1);
    counting.rules.election.write_in_needs_against = false;
    struct election_count *count = start(&counting, 1, NULL);
    for (uint32_t n = 0; n < NAME_SHOWN_MAX + 8; n++) {
        char name[32];
        snprintf(name, sizeof(name), "另选人%02u号", (unsigned)n);
        assert_int_equal(election_count_name(count, name), STATUS_OK);
        struct card card = counting_card("--");
        card.choices[1] = (uint16_t)(n + 1);
        /* Two votes for the last, none for the one before it, one for the others. */
        for (uint32_t i = 0; i < (n == NAME_SHOWN_MAX + 7 ? 2u : n != NAME_SHOWN_MAX + 6); i++) {
            election_count_add(count, &card, RULING_INVALID);
        }
    }
    election_count_figures(count, &turnout, false, &figures);
    assert_int_equal(figures.election.name_count, NAME_SHOWN_MAX);
    assert_int_equal(figures.election.name_rest, 7);
    assert_string_equal(figures.election.names[0].name, "另选人39号");
    assert_string_equal(figures.election.names[1].name, "另选人00号");
    assert_string_equal(figures.election.names[31].name, "另选人30号");
    election_count_destroy(count);
}

static void names_are_full_at_their_maximum(void **state)
{
    struct counting counting;
    counting_election(&counting, 1, 1, 1);
    struct election_count *count = start(&counting, 1, NULL);
    for (uint32_t n = 0; n < WRITTEN_NAME_MAX; n++) {
        char name[32];
        snprintf(name, sizeof(name), "另选人%u号", (unsigned)n);
        assert_int_equal(election_count_name(count, name), STATUS_OK);
    }
    assert_int_equal(election_count_name(count, "另选人"), STATUS_FULL);
    struct card card = counting_card("x-");
    card.choices[1] = WRITTEN_NAME_MAX;
    election_count_add(count, &card, RULING_INVALID);
    election_count_figures(count, &hall, false, &figures);
    assert_string_equal(figures.election.names[0].name, "另选人4095号");
    assert_int_equal(election_name_standing(count, &hall, WRITTEN_NAME_MAX), STANDING_NOT);
    election_count_destroy(count);
}

static void hand_counts_are_added_and_blanks_are_abstentions(void **state)
{
    static const uint32_t votes[5][CHOICE_VOTE_COUNT] = { { 3, 1, 0 }, { 0, 4, 0 }, { 1, 1, 1 } };
    static const uint32_t name_votes[] = { 2, 0, 1, 0, 0 };
    struct counting counting;
    counting_election(&counting, 3, 2, 2);
    struct election_count *count = start(&counting, 2, names);
    add(count, "o-x1-", RULING_INVALID);
    election_count_add_paper(count, votes, 5, name_votes, 5, 6, 1);
    election_count_figures(count, &hall, false, &figures);
    assert_int_equal(figures.cast_count, 7);
    assert_int_equal(figures.valid_count, 6);
    assert_int_equal(figures.void_count, 1);
    static const uint32_t expected[3][CHOICE_VOTE_COUNT] = { { 4, 1, 1 },
                                                             { 0, 4, 2 },
                                                             { 1, 2, 3 } };
    for (uint32_t c = 0; c < 3; c++) {
        assert_memory_equal(figures.items[c].counts, expected[c], sizeof(expected[c]));
        assert_int_equal(figures.items[c].valid, 6);
    }
    assert_int_equal(figures.election.name_count, 1);
    assert_int_equal(figures.election.names[0].votes, 4);
    /* No item has more marks than there are valid ballots, however they were added up. */
    static const uint32_t too_many[] = { 0, 2 };
    static const uint32_t full[5][CHOICE_VOTE_COUNT] = { { 1, 1, 0 } };
    election_count_add_paper(count, full, 5, too_many, 2, 2, 0);
    election_count_figures(count, &hall, false, &figures);
    assert_int_equal(figures.items[0].counts[CHOICE_FOR], 5);
    assert_int_equal(figures.items[0].counts[CHOICE_AGAINST], 2);
    assert_int_equal(figures.items[0].valid, 8);
    /* Over-returned by paper: E6. */
    election_count_add_paper(count, votes, 5, NULL, 0, 4, 0);
    election_count_figures(count, &hall, false, &figures);
    assert_int_equal(figures.decision, DECISION_VOID);
    election_count_destroy(count);
}

static void names_level_at_the_cut_run_off_with_candidates(void **state)
{
    struct counting counting;
    counting_election(&counting, 2, 1, 1);
    counting.rules.election.majority = (struct threshold){ 1, 3, false };
    struct election_count *count = start(&counting, 1, names);
    for (int i = 0; i < 4; i++) {
        add(count, "o--", RULING_INVALID);
        add(count, "x-1", RULING_INVALID);
    }
    election_count_figures(count, &hall, false, &figures);
    assert_int_equal(figures.decision, DECISION_RUN_OFF);
    assert_int_equal(figures.election.standings[0], STANDING_TIED);
    assert_int_equal(figures.election.standings[1], STANDING_NOT);
    assert_int_equal(figures.election.names[0].standing, STANDING_TIED);
    assert_int_equal(election_name_standing(count, &hall, 1), STANDING_TIED);
    assert_int_equal(figures.election.run_off_seats, 1);
    election_count_destroy(count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_ballot_is_what_the_rules_say),
        cmocka_unit_test(a_profile_settles_what_it_may_settle),
        cmocka_unit_test(a_ruling_decides_what_counts),
        cmocka_unit_test(a_ruling_never_lets_a_ballot_select_too_many),
        cmocka_unit_test(a_written_name_is_elected_like_a_candidate),
        cmocka_unit_test(a_candidate_off_the_ballot_counts_only_by_a_ruling),
        cmocka_unit_test(a_name_of_two_candidates_names_nobody),
        cmocka_unit_test(names_written_in_before_stand_in_the_run_off),
        cmocka_unit_test(the_names_with_most_votes_are_shown_and_the_rest_are_counted),
        cmocka_unit_test(names_are_full_at_their_maximum),
        cmocka_unit_test(hand_counts_are_added_and_blanks_are_abstentions),
        cmocka_unit_test(names_level_at_the_cut_run_off_with_candidates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

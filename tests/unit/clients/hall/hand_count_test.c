#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clients/hall/hand_count.h"

/* The worked examples of the rules, W3 … W7, counted by the hall's own code. */

static struct subject candidates[] = {
    { .id = "a", .name = { .zh = "候选人一号", .en = "Candidate One" } },
    { .id = "b", .name = { .zh = "候选人二号" } },
    { .id = "c", .name = { .zh = "候选人三号" } },
    { .id = "d", .name = { .zh = "候选人四号" } },
    { .id = "e", .name = { .zh = "候选人五号" } },
    { .id = "f", .name = { .zh = "候选人六号" } },
};

/* A round in the making: its contest, rules, turnout and pile. */
struct stage {
    struct contest contest;
    struct rules rules;
    struct hand_turnout turnout;
    struct pile *pile;
    struct hand_count count;
};

static void stage_open(struct stage *stage, enum contest_kind kind, uint32_t candidate_count,
                       uint32_t seats, uint32_t line_count, uint32_t voters)
{
    memset(stage, 0, sizeof(*stage));
    stage->rules.kind = kind;
    stage->rules.election = (struct election_rules){
        .cap = BASE_ISSUED,
        .majority_base = BASE_PRESENT,
        .majority = { .num = 1, .den = 2 },
        .allows_write_in = true,
        .write_in_needs_against = true,
        .write_in_without_against = REMEDY_ADJUDICATE,
        .write_in_is_candidate = true,
        .over_selected = REMEDY_VOID,
        .none_selected = REMEDY_COUNT,
    };
    stage->contest = (struct contest){ .id = "committee",
                                       .kind = kind,
                                       .candidates = candidates,
                                       .rules = &stage->rules,
                                       .candidate_count = candidate_count,
                                       .seats = seats,
                                       .write_in_count = line_count };
    struct round_notice round = { .round = 1,
                                  .item_count = contest_item_count(&stage->contest),
                                  .grade_count = contest_choice_count(&stage->contest),
                                  .kind = kind,
                                  .stage = STAGE_FIRST,
                                  .seats = seats,
                                  .slate = (UINT64_C(1) << candidate_count) - 1,
                                  .candidate_count = candidate_count,
                                  .write_in_count = line_count };
    stage->turnout = (struct hand_turnout){ .is_known = true,
                                            .has_present = true,
                                            .registered = voters,
                                            .present = voters,
                                            .issued = voters };
    stage->pile = pile_create(&round, voters);
    assert_non_null(stage->pile);
}

static void stage_close(struct stage *stage)
{
    hand_count_finish(&stage->count);
    pile_destroy(stage->pile);
}

/* A card: 'o' for, 'x' against, '-' abstains, each an item from the first; and names. */
static void put(struct stage *stage, uint32_t seat, const char *marks, const char *name,
                const char *other)
{
    struct ballot ballot = { .line_first = stage->contest.candidate_count };
    for (const char *c = marks; *c != '\0'; c++) {
        ballot.marks[ballot.mark_count] =
            (struct ballot_mark){ .item = (uint16_t)(c - marks),
                                  .choice = *c == 'o'   ? CHOICE_FOR
                                            : *c == 'x' ? CHOICE_AGAINST
                                                        : CHOICE_ABSTAIN };
        ballot.mark_count++;
    }
    const char *const names[] = { name, other };
    for (uint32_t i = 0; i < 2 && names[i] != NULL; i++) {
        ballot.names[ballot.name_count++] = names[i];
        ballot.marks[ballot.mark_count++] =
            (struct ballot_mark){ .item = (uint16_t)(stage->contest.candidate_count + i),
                                  .choice = (uint16_t)(i + 1) };
    }
    assert_int_equal(pile_put(stage->pile, seat, 1, &ballot), STATUS_OK);
}

/* Deals `votes` of the candidates and of one written-in name over `cards` cards, evenly. */
static void deal(struct stage *stage, uint32_t cards, const uint32_t *votes, uint32_t name_votes)
{
    uint32_t count = stage->contest.candidate_count;
    char(*marks)[ITEM_MAX] = calloc(cards, sizeof(*marks));
    bool *is_named = calloc(cards, sizeof(*is_named));
    uint32_t at = 0;
    assert_non_null(marks);
    assert_non_null(is_named);
    for (uint32_t i = 0; i < cards; i++) {
        memset(marks[i], 'x', count);
    }
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t n = 0; n < votes[i]; n++) {
            marks[at++ % cards][i] = 'o';
        }
    }
    for (uint32_t n = 0; n < name_votes; n++) {
        is_named[at++ % cards] = true;
    }
    for (uint32_t i = 0; i < cards; i++) {
        put(stage, i, marks[i], is_named[i] ? "另选人一号" : NULL, NULL);
    }
    free(marks);
    free(is_named);
}

static void count_run(struct stage *stage)
{
    hand_count_finish(&stage->count);
    assert_int_equal(
        hand_count_run(stage->pile, &stage->contest, &stage->turnout, false, &stage->count, NULL),
        STATUS_OK);
}

/* Candidates by letter, a written-in name as 'w': "ab" are elected, "cd" tied. */
static void assert_outcome(const struct stage *stage, const char *elected, const char *tied)
{
    for (uint32_t i = 0; i < stage->count.person_count; i++) {
        const struct hand_person *person = &stage->count.persons[i];
        char letter = person->candidate >= 0 ? (char)('a' + person->candidate) : 'w';
        bool is_elected = strchr(elected, letter) != NULL;
        bool is_tied = strchr(tied, letter) != NULL;
        assert_int_equal(person->outcome == HAND_ELECTED, is_elected);
        assert_int_equal(person->outcome == HAND_TIED, is_tied);
    }
}

static void the_base_decides_whether_five_are_elected_or_four(void **state)
{
    static const uint32_t votes[] = { 80, 74, 61, 52, 46, 30 };
    struct stage stage;
    (void)state;
    stage_open(&stage, CONTEST_ELECTION, 6, 5, 1, 100);
    stage.turnout.present = 88;
    stage.turnout.issued = 88;
    deal(&stage, 85, votes, 12);
    put(&stage, 85, "oooooo", NULL, NULL);
    put(&stage, 86, "ooooox", "另选人二号", NULL);
    count_run(&stage);
    assert_int_equal(stage.count.returned, 87);
    assert_int_equal(stage.count.valid, 85);
    assert_int_equal(stage.count.void_count, 2);
    assert_int_equal(stage.count.disputed, 0);
    for (uint32_t i = 0; i < 6; i++) {
        const struct hand_person *person = &stage.count.persons[i];
        assert_int_equal(person->votes, votes[i]);
        assert_int_equal(person->votes + person->against + person->abstain, 85);
    }
    assert_int_equal(stage.count.persons[6].votes, 12);
    assert_string_equal(stage.count.persons[6].name, "另选人一号");
    assert_false(stage.count.persons[7].stands); /* only on a void card */
    assert_outcome(&stage, "abcde", "");
    stage.rules.election.majority_base = BASE_REGISTERED;
    count_run(&stage);
    assert_outcome(&stage, "abcd", "");
    stage_close(&stage);
}

static void a_tie_at_the_cut_is_among_exactly_those_tied(void **state)
{
    static const struct {
        uint32_t votes[5];
        uint32_t cards;
        const char *elected;
        const char *tied;
    } cases[] = {
        { { 50, 44, 38, 38, 10 }, 60, "ab", "cd" }, { { 38, 38, 38, 38, 10 }, 60, "", "abcd" },
        { { 40, 40, 38, 32, 10 }, 60, "abc", "" },  /* level above the cut */
        { { 50, 44, 38, 10, 10 }, 60, "abc", "" },  /* level below half */
        { { 50, 40, 40, 40, 10 }, 60, "a", "bcd" }, /* two seats among three */
        { { 30, 30, 0, 0, 0 }, 60, "", "" },        /* W5: half is not more than half */
        { { 31, 30, 0, 0, 0 }, 60, "a", "" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct stage stage;
        stage_open(&stage, CONTEST_ELECTION, 5, 3, 0, 64);
        stage.turnout.present = 60;
        stage.turnout.issued = 60;
        deal(&stage, cases[i].cards, cases[i].votes, 0);
        count_run(&stage);
        assert_int_equal(stage.count.void_count, 0);
        assert_outcome(&stage, cases[i].elected, cases[i].tied);
        stage_close(&stage);
    }
}

static void a_run_off_needs_most_votes_and_no_half_unless_the_rules_say_so(void **state)
{
    struct stage stage;
    (void)state;
    stage_open(&stage, CONTEST_ELECTION, 2, 1, 0, 20);
    stage.pile->stage = STAGE_RUN_OFF;
    put(&stage, 0, "ox", NULL, NULL);
    put(&stage, 1, "ox", NULL, NULL);
    put(&stage, 2, "xo", NULL, NULL);
    count_run(&stage);
    assert_outcome(&stage, "a", "");
    stage.rules.election.run_off_needs_majority = true;
    count_run(&stage);
    assert_outcome(&stage, "", "");
    stage.rules.election.run_off_needs_majority = false;
    put(&stage, 3, "xo", NULL, NULL);
    count_run(&stage);
    assert_outcome(&stage, "", "ab");
    stage_close(&stage);
}

static void an_adopted_name_has_its_place_in_the_run_off(void **state)
{
    struct stage stage;
    struct round_notice round = { .round = 2,
                                  .item_count = 3,
                                  .grade_count = CHOICE_VOTE_COUNT,
                                  .kind = CONTEST_ELECTION,
                                  .stage = STAGE_RUN_OFF,
                                  .seats = 1,
                                  .slate = 0x2,
                                  .candidate_count = 2,
                                  .write_in_count = 1,
                                  .adopted_count = 1,
                                  .adopted = { "另选人一号" } };
    struct ballot ballot = { .line_first = BALLOT_NO_LINE,
                             .mark_count = 2,
                             .marks = { { 1, CHOICE_AGAINST }, { 2, 0 } } };
    (void)state;
    stage_open(&stage, CONTEST_ELECTION, 2, 1, 1, 3);
    pile_destroy(stage.pile);
    stage.pile = pile_create(&round, 3);
    assert_non_null(stage.pile);
    assert_int_equal(pile_put(stage.pile, 0, 1, &ballot), STATUS_OK);
    count_run(&stage);
    assert_false(stage.count.persons[0].stands);
    assert_int_equal(stage.count.persons[1].against, 1);
    assert_int_equal(stage.count.persons[2].votes, 1);
    assert_outcome(&stage, "w", "");
    stage_close(&stage);
}

static void more_returned_than_issued_elects_nobody_and_so_does_a_void_round(void **state)
{
    static const uint32_t votes[] = { 3, 0 };
    struct stage stage;
    (void)state;
    stage_open(&stage, CONTEST_ELECTION, 2, 1, 0, 3);
    deal(&stage, 3, votes, 0);
    stage.turnout.issued = 2;
    count_run(&stage);
    assert_int_equal(stage.count.persons[0].votes, 3);
    assert_outcome(&stage, "", "");
    stage.turnout.issued = 3;
    count_run(&stage);
    assert_outcome(&stage, "a", "");
    hand_count_finish(&stage.count);
    assert_int_equal(
        hand_count_run(stage.pile, &stage.contest, &stage.turnout, true, &stage.count, NULL),
        STATUS_OK);
    assert_outcome(&stage, "", "");
    stage_close(&stage);
}

static void a_card_is_judged_by_the_rules(void **state)
{
    enum kind { VALID, VOID, DISPUTED };
    static const struct {
        const char *marks;
        const char *name;
        const char *other;
        enum remedy without_against;
        enum remedy none;
        enum kind kind;
        uint32_t first_votes; /* of the first candidate */
        uint32_t name_votes;  /* of the name written in */
    } cases[] = {
        { "ooxx", NULL, NULL, REMEDY_ADJUDICATE, REMEDY_COUNT, VALID, 1, 0 },
        { "ooox", NULL, NULL, REMEDY_ADJUDICATE, REMEDY_COUNT, VOID, 0, 0 },
        { "ooxx", "另选人一号", NULL, REMEDY_ADJUDICATE, REMEDY_COUNT, VOID, 0, 0 },
        { "oxx-", "另选人一号", NULL, REMEDY_ADJUDICATE, REMEDY_COUNT, VALID, 1, 1 },
        { "----", NULL, NULL, REMEDY_ADJUDICATE, REMEDY_COUNT, VALID, 0, 0 },
        { "----", NULL, NULL, REMEDY_ADJUDICATE, REMEDY_VOID, VOID, 0, 0 },
        { "----", NULL, NULL, REMEDY_ADJUDICATE, REMEDY_ADJUDICATE, DISPUTED, 0, 0 },
        /* W7 */
        { "----", "另选人一号", NULL, REMEDY_ADJUDICATE, REMEDY_COUNT, DISPUTED, 0, 0 },
        { "o---", "另选人一号", NULL, REMEDY_DROP, REMEDY_COUNT, VALID, 1, 0 },
        { "----", "另选人一号", NULL, REMEDY_DROP, REMEDY_VOID, VOID, 0, 0 },
        { "o---", "另选人一号", NULL, REMEDY_VOID, REMEDY_COUNT, VOID, 0, 0 },
        { "o---", "另选人一号", NULL, REMEDY_COUNT, REMEDY_COUNT, VALID, 1, 1 },
        { "x---", "另选人一号", "另选人二号", REMEDY_ADJUDICATE, REMEDY_COUNT, DISPUTED, 0, 0 },
        { "xx--", "另选人一号", "另选人二号", REMEDY_ADJUDICATE, REMEDY_COUNT, VALID, 0, 1 },
        /* candidates' own names, blanks aside and in either language */
        { "-xx-", "候选人 一号", NULL, REMEDY_ADJUDICATE, REMEDY_COUNT, VALID, 1, 0 },
        { "-xx-", "候选人\u3000一号", NULL, REMEDY_ADJUDICATE, REMEDY_COUNT, VALID, 1, 0 },
        { "-xx-", "CandidateOne", NULL, REMEDY_ADJUDICATE, REMEDY_COUNT, VALID, 1, 0 },
        { "oxx-", "候选人一号", NULL, REMEDY_ADJUDICATE, REMEDY_COUNT, DISPUTED, 0, 0 },
        { "xxx-", "候选人一号", NULL, REMEDY_ADJUDICATE, REMEDY_COUNT, DISPUTED, 0, 0 },
        { "xx--", "另选人一号", "另选人 一号", REMEDY_ADJUDICATE, REMEDY_COUNT, DISPUTED, 0, 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct stage stage;
        stage_open(&stage, CONTEST_ELECTION, 4, 2, 2, 3);
        stage.rules.election.write_in_without_against = cases[i].without_against;
        stage.rules.election.none_selected = cases[i].none;
        put(&stage, 1, cases[i].marks, cases[i].name, cases[i].other);
        count_run(&stage);
        const struct hand_count *count = &stage.count;
        assert_int_equal(count->returned, 1);
        assert_int_equal(count->valid, cases[i].kind == VALID);
        assert_int_equal(count->void_count, cases[i].kind == VOID);
        assert_int_equal(count->disputed, cases[i].kind == DISPUTED);
        assert_int_equal(count->persons[0].votes, cases[i].first_votes);
        assert_int_equal(count->persons[0].votes + count->persons[0].against +
                             count->persons[0].abstain,
                         count->valid);
        if (count->person_count > 4) {
            assert_int_equal(count->persons[4].votes, cases[i].name_votes);
        }
        stage_close(&stage);
    }
}

static void a_candidate_who_is_not_on_the_slate_is_written_in_vain(void **state)
{
    struct stage stage;
    (void)state;
    stage_open(&stage, CONTEST_ELECTION, 4, 2, 2, 3);
    stage.pile->slate = 0x7;
    put(&stage, 0, "oxx", NULL, NULL);
    put(&stage, 1, "oxx", NULL, NULL);
    struct ballot ballot = { .line_first = 4,
                             .mark_count = 4,
                             .name_count = 1,
                             .marks = { { 0, 1 }, { 1, 1 }, { 2, 1 }, { 4, 1 } },
                             .names = { "候选人四号" } };
    assert_int_equal(pile_put(stage.pile, 2, 1, &ballot), STATUS_OK);
    count_run(&stage);
    assert_int_equal(stage.count.disputed, 1);
    assert_false(stage.count.persons[3].stands);
    assert_outcome(&stage, "a", "");
    stage_close(&stage);
}

static void a_name_written_in_is_elected_like_a_candidate(void **state)
{
    struct stage stage;
    (void)state;
    stage_open(&stage, CONTEST_ELECTION, 2, 1, 1, 3);
    put(&stage, 0, "xx", "另选人一号", NULL);
    put(&stage, 1, "x-", "另选人 一号", NULL);
    put(&stage, 2, "ox", NULL, NULL);
    count_run(&stage);
    assert_int_equal(stage.count.person_count, 3);
    assert_int_equal(stage.count.persons[2].votes, 2);
    assert_outcome(&stage, "w", "");
    stage.rules.election.write_in_is_candidate = false;
    count_run(&stage);
    assert_outcome(&stage, "", "");
    stage_close(&stage);
}

static void motions_and_polls_are_counted_by_choice(void **state)
{
    struct stage stage;
    (void)state;
    stage_open(&stage, CONTEST_MOTION, 0, 0, 0, 6);
    put(&stage, 0, "o", NULL, NULL);
    put(&stage, 1, "o", NULL, NULL);
    put(&stage, 2, "x", NULL, NULL);
    put(&stage, 3, "-", NULL, NULL);
    count_run(&stage);
    assert_int_equal(stage.count.valid, 4);
    assert_int_equal(stage.count.persons[0].votes, 2);
    assert_int_equal(stage.count.persons[0].against, 1);
    assert_int_equal(stage.count.persons[0].abstain, 1);
    stage_close(&stage);
    stage_open(&stage, CONTEST_POLL, 3, 2, 0, 6);
    put(&stage, 0, "oox", NULL, NULL);
    put(&stage, 1, "xxo", NULL, NULL);
    put(&stage, 2, "xxx", NULL, NULL);
    put(&stage, 3, "ooo", NULL, NULL);
    count_run(&stage);
    assert_int_equal(stage.count.returned, 4);
    assert_int_equal(stage.count.valid, 3);
    assert_int_equal(stage.count.void_count, 1);
    assert_int_equal(stage.count.persons[0].votes, 1);
    assert_int_equal(stage.count.persons[2].votes, 1);
    stage_close(&stage);
}

static void names_put_forward_count_together_and_once_a_card(void **state)
{
    static const struct {
        const char *marks;
        const char *name;
        const char *other;
        uint32_t votes[5]; /* of three options, 另选人一号 and 另选人二号 */
        bool is_void;
    } cases[] = {
        { "oxx", "另选人一号", NULL, { 1, 0, 0, 1, 0 }, false },
        { "xxx", "另选人一号", "另选人二号", { 0, 0, 0, 1, 1 }, false },
        { "oxx", "另选人一号", "另选人 一号", { 1, 0, 0, 1, 0 }, false }, /* the same twice */
        { "oxx", "候选人二号", NULL, { 1, 1, 0, 0, 0 }, false },          /* an option's name */
        { "oox", "候选人\u3000一号", "CandidateOne", { 1, 1, 0, 0, 0 }, false },
        { "xxx", "候选人三号", "候选人 三号", { 0, 0, 1, 0, 0 }, false },
        { "xxx", NULL, NULL, { 0, 0, 0, 0, 0 }, false },
        { "oox", "另选人一号", NULL, { 0, 0, 0, 0, 0 }, true },
        { "oox", "候选人三号", NULL, { 0, 0, 0, 0, 0 }, true },
        { "oxx", "另选人一号", "另选人二号", { 0, 0, 0, 0, 0 }, true },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct stage stage;
        stage_open(&stage, CONTEST_POLL, 3, 2, 2, 2);
        put(&stage, 0, "xxx", "另选人一号", "另选人二号");
        put(&stage, 1, cases[i].marks, cases[i].name, cases[i].other);
        count_run(&stage);
        assert_int_equal(stage.count.person_count, 5);
        assert_int_equal(stage.count.returned, 2);
        assert_int_equal(stage.count.valid, cases[i].is_void ? 1 : 2);
        assert_int_equal(stage.count.void_count, cases[i].is_void ? 1 : 0);
        for (uint32_t j = 0; j < 5; j++) {
            assert_int_equal(stage.count.persons[j].votes, cases[i].votes[j] + (j < 3 ? 0 : 1));
        }
        stage_close(&stage);
    }
}

static void an_empty_line_of_a_poll_chooses_nothing(void **state)
{
    static const struct ballot ballot = { .line_first = 3,
                                          .mark_count = 5,
                                          .marks = { { 0, CHOICE_CHOSEN },
                                                     { 1, CHOICE_CHOSEN },
                                                     { 2, CHOICE_NOT_CHOSEN },
                                                     { 3, 0 },
                                                     { 4, 0 } } };
    struct stage stage;
    (void)state;
    stage_open(&stage, CONTEST_POLL, 3, 2, 2, 1);
    assert_int_equal(pile_put(stage.pile, 0, 1, &ballot), STATUS_OK);
    count_run(&stage);
    assert_int_equal(stage.count.valid, 1);
    assert_int_equal(stage.count.person_count, 3);
    assert_int_equal(stage.count.persons[1].votes, 1);
    assert_int_equal(stage.count.persons[2].votes, 0);
    stage_close(&stage);
}

static void without_rules_turnout_or_the_same_contest_there_is_no_count(void **state)
{
    struct stage stage;
    struct fault fault = { 0 };
    (void)state;
    stage_open(&stage, CONTEST_ELECTION, 2, 1, 0, 1);
    stage.turnout.is_known = false;
    assert_int_equal(
        hand_count_run(stage.pile, &stage.contest, &stage.turnout, false, &stage.count, &fault),
        STATUS_NOT_FOUND);
    assert_non_null(strstr(fault.text, "turnout"));
    fault = (struct fault){ 0 };
    stage.contest.rules = NULL;
    assert_int_equal(
        hand_count_run(stage.pile, &stage.contest, &stage.turnout, false, &stage.count, &fault),
        STATUS_NOT_FOUND);
    assert_non_null(strstr(fault.text, "rules"));
    fault = (struct fault){ 0 };
    stage.contest.candidate_count = 3;
    assert_int_equal(
        hand_count_run(stage.pile, &stage.contest, &stage.turnout, false, &stage.count, &fault),
        STATUS_NOT_FOUND);
    assert_non_null(strstr(fault.text, "another one"));
    assert_null(stage.count.persons);
    stage_close(&stage);
}

static void nobody_voting_elects_nobody(void **state)
{
    struct stage stage;
    (void)state;
    stage_open(&stage, CONTEST_ELECTION, 2, 1, 1, 4);
    stage.rules.election.majority.is_inclusive = true;
    stage.rules.election.majority_base = BASE_VALID;
    count_run(&stage);
    assert_int_equal(stage.count.returned, 0);
    assert_outcome(&stage, "", "");
    stage_close(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_base_decides_whether_five_are_elected_or_four),
        cmocka_unit_test(a_tie_at_the_cut_is_among_exactly_those_tied),
        cmocka_unit_test(a_run_off_needs_most_votes_and_no_half_unless_the_rules_say_so),
        cmocka_unit_test(an_adopted_name_has_its_place_in_the_run_off),
        cmocka_unit_test(more_returned_than_issued_elects_nobody_and_so_does_a_void_round),
        cmocka_unit_test(a_card_is_judged_by_the_rules),
        cmocka_unit_test(a_candidate_who_is_not_on_the_slate_is_written_in_vain),
        cmocka_unit_test(a_name_written_in_is_elected_like_a_candidate),
        cmocka_unit_test(motions_and_polls_are_counted_by_choice),
        cmocka_unit_test(names_put_forward_count_together_and_once_a_card),
        cmocka_unit_test(an_empty_line_of_a_poll_chooses_nothing),
        cmocka_unit_test(without_rules_turnout_or_the_same_contest_there_is_no_count),
        cmocka_unit_test(nobody_voting_elects_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

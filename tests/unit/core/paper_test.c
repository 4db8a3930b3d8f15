#include "counting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/core/paper.h"

static struct paper paper;

static void a_batch_of_an_election_is_read_whole(void **state)
{
    struct counting counting;
    counting_election(&counting, 3, 2, 2);
    assert_int_equal(paper_parse(&counting.event, &counting.contest,
                                 "group=b\nissued=12\nreturned=10\nvoid=1\nc1=5,3,1\nc3=0,9,0\n"
                                 "other-1=1,2,3\nnames=另选人一号:2,另选人二号:1\n",
                                 &paper, NULL),
                     STATUS_OK);
    assert_int_equal(paper.group, 1);
    assert_int_equal(paper.issued, 12);
    assert_int_equal(paper.returned, 10);
    assert_int_equal(paper.void_count, 1);
    assert_int_equal(paper.counts[0][0], 5);
    assert_int_equal(paper.counts[0][2], 1);
    assert_int_equal(paper.counts[1][0], 0);
    assert_int_equal(paper.counts[2][1], 9);
    assert_int_equal(paper.counts[3][2], 3);
    assert_int_equal(paper.name_count, 2);
    assert_string_equal(paper.names[0].name, "另选人一号");
    assert_int_equal(paper.names[0].votes, 2);
    assert_string_equal(paper.names[1].name, "另选人二号");
}

static void batches_of_other_contests_are_read(void **state)
{
    struct counting counting;
    counting_appraisal(&counting, 2, 3);
    counting.groups[0].is_test = true;
    assert_int_equal(paper_parse(&counting.event, &counting.contest,
                                 "issued=7\nreturned=7\nk1=1,2,4\nk2=7", &paper, NULL),
                     STATUS_OK);
    assert_int_equal(paper.group, 1); /* the first that is no test */
    assert_int_equal(paper.void_count, 0);
    assert_int_equal(paper.counts[0][2], 4);
    assert_int_equal(paper_parse(&counting.event, &counting.contest,
                                 "issued=7\nreturned=7\nvoid=7\nk1=0,0,0", &paper, NULL),
                     STATUS_OK);
    counting_motion(&counting);
    assert_int_equal(paper_parse(&counting.event, &counting.contest,
                                 "issued=100000\nreturned=100000\nmotion=100000,0,0", &paper, NULL),
                     STATUS_OK);
    counting_poll(&counting, 2, 1);
    assert_int_equal(paper_parse(&counting.event, &counting.contest,
                                 "issued=5\nreturned=5\nc1=3,2\nc2=2,3", &paper, NULL),
                     STATUS_OK);
    assert_int_equal(paper.counts[1][CHOICE_CHOSEN], 2);
}

#define BASE "issued=9\nreturned=8\nvoid=1\n"

static void every_fault_names_its_line(void **state)
{
    static const struct {
        const char *lines;
        const char *where;
        const char *text;
    } cases[] = {
        { "", "", "no 'issued'" },
        { "issued=9\n", "", "no 'returned'" },
        { BASE "c9=1,1,1", "line 4", "no item 'c9'" },
        { BASE "other-3=1,1,1", "line 4", "no item 'other-3'" },
        { BASE "c1=1,1,1\nc1=1,1,1", "line 5", "'c1' stands twice" },
        { BASE "issued=9", "line 4", "'issued' stands twice" },
        { BASE "group=a\ngroup=b", "line 5", "'group' stands twice" },
        { BASE "group=d", "line 4", "no group 'd'" },
        { BASE "group=c", "line 4", "group 'c' is for tests and has no ballots" },
        { BASE "c1", "line 4", "no KEY=VALUE" },
        { BASE "=1", "line 4", "no KEY=VALUE" },
        { BASE "\nc1=1", "line 4", "no KEY=VALUE" },
        { "issued=-1", "line 1", "'issued' is no number from 0 to 100000" },
        { "issued=", "line 1", "'issued' is no number from 0 to 100000" },
        { "issued=100001", "line 1", "'issued' is no number from 0 to 100000" },
        { "issued=99999999999999999999", "line 1", "'issued' is no number from 0 to 100000" },
        { BASE "c1=1,2,3,4", "line 4", "'c1' has more than 3 numbers" },
        { BASE "c1=1,,3", "line 4", "'c1' holds '', no number from 0 to 100000" },
        { BASE "c1=1,x,3", "line 4", "'c1' holds 'x', no number from 0 to 100000" },
        { BASE "c1=1,2,", "line 4", "'c1' holds '', no number from 0 to 100000" },
        { BASE "c1=5,2,1", "c1", "'c1' has 8 marks, more than 7 valid ballots" },
        { "issued=9\nreturned=8\nvoid=9", "void", "9 void ballots of 8 returned" },
        { BASE "names=另选人一号", "line 4", "'另选人一号' is no NAME:VOTES" },
        { BASE "names=另选人一号:0", "line 4", "'另选人一号:0' is no NAME:VOTES" },
        { BASE "names=另选人一号:1,", "line 4", "'' is no NAME:VOTES" },
        { BASE "names=a=b:1", "line 4", "'a=b:1' is no NAME:VOTES" },
        { BASE "names=a\tb:1", "line 4", "'a\tb:1' is no NAME:VOTES" },
        { BASE "names=？:1", "line 4", "'？' names nobody" },
        { BASE "names=另选人一号:1,另选人 一号:1", "line 4", "name '另选人 一号' stands twice" },
        { BASE "names=候选人 2号:1", "line 4",
          "'候选人 2号' is candidate 'c2': the votes belong there" },
        { BASE "names=Candidate2:1", "line 4",
          "'Candidate2' is candidate 'c2': the votes belong there" },
        { BASE "names=另选人一号:8", "names",
          "'另选人一号' has 8 votes, more than 7 valid ballots" },
        { BASE "names=另选人一号:1\nnames=另选人二号:1", "line 5", "'names' stands twice" },
        { BASE "c1=7,0,0\nc2=7,0,0\nnames=另选人一号:1", "",
          "15 names were chosen, more than 7 valid ballots of 2 each carry" },
    };
    struct counting counting;
    counting_election(&counting, 3, 2, 2);
    counting.groups[2].is_test = true;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fault fault = { 0 };
        assert_int_equal(
            paper_parse(&counting.event, &counting.contest, cases[i].lines, &paper, &fault),
            STATUS_INVALID);
        assert_int_equal(fault.status, STATUS_INVALID);
        assert_string_equal(fault.text, cases[i].text);
        assert_string_equal(fault.where, cases[i].where);
    }
}

static void names_are_for_elections_only(void **state)
{
    struct counting counting;
    struct fault fault = { 0 };
    counting_motion(&counting);
    assert_int_equal(
        paper_parse(&counting.event, &counting.contest, "names=另选人一号:1", &paper, &fault),
        STATUS_INVALID);
    assert_string_equal(fault.text, "'names' is for ballots with lines for other names");
}

static void a_name_has_thirty_characters_and_a_batch_sixty_four_names(void **state)
{
    struct counting counting;
    struct fault fault = { 0 };
    char lines[DETAIL_SIZE];
    counting_election(&counting, 1, 16, 2);
    int size = snprintf(lines, sizeof(lines), "issued=99\nreturned=99\nnames=");
    for (uint32_t i = 0; i < 30; i++) {
        size += snprintf(lines + size, sizeof(lines) - (size_t)size, "𠮷");
    }
    snprintf(lines + size, sizeof(lines) - (size_t)size, ":1");
    assert_int_equal(paper_parse(&counting.event, &counting.contest, lines, &paper, NULL),
                     STATUS_OK);
    assert_int_equal(strlen(paper.names[0].name), WRITTEN_NAME_SIZE - 1);
    snprintf(lines + size, sizeof(lines) - (size_t)size, "𠮷:1");
    assert_int_equal(paper_parse(&counting.event, &counting.contest, lines, &paper, NULL),
                     STATUS_INVALID);

    size = snprintf(lines, sizeof(lines), "issued=99\nreturned=99\nnames=n00:1");
    for (uint32_t i = 1; i <= WRITE_IN_MAX * 4; i++) {
        assert_int_equal(paper_parse(&counting.event, &counting.contest, lines, &paper, NULL),
                         STATUS_OK);
        assert_int_equal(paper.name_count, i);
        size += snprintf(lines + size, sizeof(lines) - (size_t)size, ",n%02u:1", (unsigned)i);
    }
    assert_int_equal(paper_parse(&counting.event, &counting.contest, lines, &paper, &fault),
                     STATUS_INVALID);
    assert_string_equal(fault.text, "more than 64 names");
}

static void a_line_of_any_size_is_refused_in_few_words(void **state)
{
    struct counting counting;
    static const char *const keys[] = { "names", "group", "c1", "issued", "x" };
    size_t lines_size = 3 * DETAIL_SIZE;
    char *lines = malloc(lines_size);
    assert_non_null(lines);
    counting_election(&counting, 1, 1, 1);
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        for (uint32_t count = 20; count <= DETAIL_SIZE; count *= 2) {
            struct fault fault = { 0 };
            int size = snprintf(lines, lines_size, "%s=", keys[i]);
            for (uint32_t c = 0; c < count * 3 / 4; c++) {
                size += snprintf(lines + size, lines_size - (size_t)size, "号");
            }
            assert_int_equal(paper_parse(&counting.event, &counting.contest, lines, &paper, &fault),
                             STATUS_INVALID);
            assert_string_equal(fault.where, "line 1");
        }
    }
    free(lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_of_an_election_is_read_whole),
        cmocka_unit_test(batches_of_other_contests_are_read),
        cmocka_unit_test(every_fault_names_its_line),
        cmocka_unit_test(names_are_for_elections_only),
        cmocka_unit_test(a_name_has_thirty_characters_and_a_batch_sixty_four_names),
        cmocka_unit_test(a_line_of_any_size_is_refused_in_few_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

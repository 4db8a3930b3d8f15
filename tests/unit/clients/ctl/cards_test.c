#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clients/ctl/cards.h"

#define HEADER "card,group,subject,item,choice,text\n"

static struct group groups[] = {
    { .id = "party", .first_seat = 1, .seat_count = 5, .vote_count = 5 },
    { .id = "people", .first_seat = 6, .seat_count = 5, .vote_count = 5 },
    { .id = "test", .first_seat = 11, .seat_count = 2, .is_test = true },
};
static struct grade grades[] = { { .id = "good" }, { .id = "fair" } };
static struct criterion criteria[] = { { .id = "ability" }, { .id = "spirit" } };
static struct subject subjects[] = { { .id = "s1" }, { .id = "s2" } };
static struct subject candidates[] = { { .id = "c1" }, { .id = "c2" }, { .id = "c3" } };
static struct contest contests[] = {
    { .id = "appraisal",
      .kind = CONTEST_APPRAISAL,
      .grades = grades,
      .criteria = criteria,
      .subjects = subjects,
      .grade_count = 2,
      .criterion_count = 2,
      .subject_count = 2 },
    { .id = "election",
      .kind = CONTEST_ELECTION,
      .candidates = candidates,
      .candidate_count = 3,
      .seats = 2,
      .write_in_count = 2 },
    { .id = "motion", .kind = CONTEST_MOTION },
    { .id = "poll",
      .kind = CONTEST_POLL,
      .candidates = candidates,
      .candidate_count = 3,
      .seats = 1,
      .write_in_count = 1 },
};
static struct event event = {
    .id = "e", .groups = groups, .group_count = 3, .contests = contests, .contest_count = 4
};

static const struct cards_ballot appraisal = { .event = &event, .contest = &contests[0] };
static const struct cards_ballot election = {
    .event = &event,
    .contest = &contests[1],
    .slate = { .stage = STAGE_FIRST, .seats = 2, .candidates = 0x7 },
};
/* Without c2; the first line stands for a name that was written in before. */
static const struct cards_ballot run_off = {
    .event = &event,
    .contest = &contests[1],
    .slate = { .stage = STAGE_RUN_OFF, .seats = 1, .candidates = 0x5, .adopted = { 1 } },
    .names = { "票外人一号" },
    .name_count = 1,
};
static const struct cards_ballot motion = { .event = &event, .contest = &contests[2] };
static const struct cards_ballot poll = { .event = &event, .contest = &contests[3] };

static struct cards cards;
static struct fault_list faults;

static enum status parse(const struct cards_ballot *ballot, const char *text)
{
    memset(&faults, 0, sizeof(faults));
    return cards_parse("cards.csv", text, strlen(text), ballot, &cards, &faults);
}

static void card_is(uint32_t index, const char *id, uint32_t group, uint16_t first, uint16_t second)
{
    struct card card;
    cards_get(&cards, index, &card);
    assert_string_equal(cards.entries[index].id, id);
    assert_int_equal(card.group, group);
    assert_int_equal(card.choices[0], first);
    assert_int_equal(card.choices[1], second);
}

static void lines_of_a_card_are_put_together(void **state)
{
    (void)state;
    assert_int_equal(parse(&appraisal, "\xef\xbb\xbf" HEADER "1,party,s1,ability,good,\r\n"
                                       "2,people,s1,spirit,fair,\n\n"
                                       "1,party,s2,spirit,good,\n"
                                       "\"1\",party,s1,spirit,\"fair\",\n"),
                     STATUS_OK);
    assert_int_equal(cards.count, 3);
    assert_int_equal(cards.most, 2);
    card_is(0, "1", 0, 0, 1);
    card_is(1, "2", 1, CHOICE_NONE, 1);
    card_is(2, "1", 0, CHOICE_NONE, 0);
    assert_int_equal(cards.entries[2].subject, 1);
    assert_int_equal(cards.entries[1].line, 3);
    cards_finish(&cards);
}

static void names_have_numbers_in_their_order(void **state)
{
    struct card card;
    (void)state;
    assert_int_equal(parse(&election, HEADER "1,party,,other-1,,  票外人一号 \n"
                                             "1,party,,other-2,for,\"票外人,\"\"二号\"\"\"\n"
                                             "2,party,,other-1,,票外人 一号\n"
                                             "2,party,,c3,against,\n"),
                     STATUS_OK);
    assert_int_equal(cards.names.count, 2);
    assert_string_equal(cards.names.texts[0], "票外人一号");
    assert_string_equal(cards.names.texts[1], "票外人,\"二号\"");
    cards_get(&cards, 0, &card);
    assert_int_equal(card.choices[3], 1);
    assert_int_equal(card.choices[4], 2);
    cards_get(&cards, 1, &card);
    assert_int_equal(card.choices[2], CHOICE_AGAINST);
    assert_int_equal(card.choices[3], 1);
    cards_finish(&cards);
}

static void adopted_names_come_first_and_take_choices(void **state)
{
    struct card card;
    (void)state;
    assert_int_equal(parse(&run_off, HEADER "1,party,,other-1,against,\n"
                                            "1,party,,other-2,,票外人二号\n"),
                     STATUS_OK);
    assert_string_equal(cards.names.texts[0], "票外人一号");
    cards_get(&cards, 0, &card);
    assert_int_equal(card.choices[3], CHOICE_AGAINST);
    assert_int_equal(card.choices[4], 2);
    cards_finish(&cards);
}

static void remarks_are_of_the_whole_card(void **state)
{
    struct card card;
    (void)state;
    assert_int_equal(parse(&election, HEADER "1,party,,,blank,\n"
                                             "2,party,,,marked,\n2,party,,c1,for,\n"
                                             "3,party,,,illegible,\n"
                                             "4,party,,c1,for,\n4,party,,,ruling-drop,\n"),
                     STATUS_OK);
    assert_int_equal(cards.count, 4);
    card_is(0, "1", 0, CHOICE_NONE, CHOICE_NONE);
    cards_get(&cards, 1, &card);
    assert_int_equal(card.mark, CARD_MARKED);
    assert_int_equal(card.choices[0], CHOICE_FOR);
    cards_get(&cards, 2, &card);
    assert_int_equal(card.mark, CARD_ILLEGIBLE);
    assert_int_equal(cards.entries[3].ruling, RULING_DROP);
    assert_int_equal(cards.entries[3].ruling_line, 7);
    cards_finish(&cards);
}

static void motions_and_polls_have_their_own_items(void **state)
{
    (void)state;
    assert_int_equal(parse(&motion, HEADER "1,party,,motion,abstain,\n"), STATUS_OK);
    assert_int_equal(cards.choices[0], CHOICE_ABSTAIN);
    cards_finish(&cards);
    assert_int_equal(
        parse(&poll, HEADER "1,party,,c2,chosen,\n1,party,,other-1,chosen,票外人一号\n"),
        STATUS_OK);
    assert_int_equal(cards.choices[1], CHOICE_CHOSEN);
    assert_int_equal(cards.choices[3], 1);
    cards_finish(&cards);
}

static void no_cards_at_all_are_a_file_too(void **state)
{
    (void)state;
    assert_int_equal(parse(&motion, HEADER), STATUS_OK);
    assert_int_equal(cards.count, 0);
    cards_finish(&cards);
}

static void every_fault_is_named_with_its_line(void **state)
{
    static const struct {
        const struct cards_ballot *ballot;
        const char *line;
        const char *text;
    } cases[] = {
        { &appraisal, "1,party,s1,ability,good", "5 fields" },
        { &appraisal, "1,party,s1,ability,good,,", "7 fields" },
        { &appraisal, ",party,s1,ability,good,", "card ''" },
        { &appraisal, "1,nobody,s1,ability,good,", "unknown group 'nobody'" },
        { &appraisal, "1,test,s1,ability,good,", "group 'test'" },
        { &appraisal, "1,party,s9,ability,good,", "unknown subject 's9'" },
        { &appraisal, "1,party,,ability,good,", "unknown subject ''" },
        { &appraisal, "1,party,s1,charm,good,", "unknown item 'charm'" },
        { &appraisal, "1,party,s1,ability,best,", "unknown choice 'best'" },
        { &appraisal, "1,party,s1,ability,,", "unknown choice ''" },
        { &appraisal, "1,party,s1,ability,good,text", "text 'text'" },
        { &appraisal, "1,party,s1,,torn,", "'torn' without an item" },
        { &appraisal, "1,party,s1,,blank,text", "text 'text'" },
        { &appraisal, "1,party,s1,,ruling-void,", "only ballots of elections" },
        { &appraisal, "0,party,s1,ability,good,", "a mark on 'ability' already" },
        { &appraisal, "0,party,s1,,blank,", "it is not blank" },
        { &appraisal, "0,people,s1,spirit,good,", "is of group 'party' in line 2" },
        { &appraisal, "1,party,s1,\"ability\"x,good,", "closing quote" },
        { &appraisal, "1,party,s1,\"ability,good,", "not closed" },
        { &appraisal, "1,party,s1,abi\"lity,good,", "does not begin with one" },
        { &appraisal, "1,party,s1,\xc4\xe3,good,", "not UTF-8" },
        { &appraisal, "1,party,s1,abi\tlity,good,", "a control character" },
        { &election, "1,party,s1,c1,for,", "only appraisals have any" },
        { &election, "1,party,,c4,for,", "unknown item 'c4'" },
        { &election, "1,party,,other-3,,票外人一号", "unknown item 'other-3'" },
        { &election, "1,party,,other-1,against,票外人一号", "choice 'against'" },
        { &election, "1,party,,other-1,, ", "no name" },
        { &election,
          "1,party,,other-1,,一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一",
          "too long a name: 30" },
        { &election,
          "1,party,,other-1,,a\xe2\x80\xae"
          "b",
          "not for names" },
        { &election, "1,party,,other-1,,a\x1b[1m", "a control character" },
        { &election, "1,party,,,ruling-maybe,", "unknown ruling 'maybe'" },
        { &run_off, "1,party,,c2,for,", "candidate 'c2' does not stand" },
        { &run_off, "1,party,,other-1,for,票外人一号", "only a line for other names" },
        { &motion, "1,party,,motion,chosen,", "unknown choice 'chosen'" },
        { &poll, "1,party,,c1,for,", "unknown choice 'for'" },
        { &poll, "1,party,,other-1,for,票外人一号", "choice 'for'" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[1024];
        bool is_appraisal = cases[i].ballot == &appraisal;
        snprintf(text, sizeof(text), HEADER "%s%s\n",
                 is_appraisal ? "0,party,s1,ability,good,\n" : "0,party,,,illegible,\n",
                 cases[i].line);
        assert_int_equal(parse(cases[i].ballot, text), STATUS_INVALID);
        assert_int_equal(faults.count, 1);
        assert_string_equal(faults.faults[0].where, "cards.csv:3");
        if (strstr(faults.faults[0].text, cases[i].text) == NULL) {
            fail_msg("'%s': %s", cases[i].line, faults.faults[0].text);
        }
        assert_null(cards.entries);
    }
}

static void all_faults_of_a_file_are_listed(void **state)
{
    (void)state;
    assert_int_equal(parse(&election, HEADER "1,party,,c9,for,\n"
                                             "1,party,,c1,for,\n"
                                             "1,party,,c1,for,\n"
                                             "1,party,,,marked,\n1,party,,,illegible,\n"
                                             "2,party,,,blank,\n2,party,,c1,for,\n"
                                             "3,party,,,ruling-void,\n3,party,,,ruling-drop,\n"),
                     STATUS_INVALID);
    assert_int_equal(faults.count, 5);
    assert_string_equal(faults.faults[0].where, "cards.csv:2");
    assert_string_equal(faults.faults[1].where, "cards.csv:4");
    assert_string_equal(faults.faults[2].where, "cards.csv:6");
    assert_string_equal(faults.faults[3].where, "cards.csv:8");
    assert_string_equal(faults.faults[4].where, "cards.csv:10");
}

static void what_is_no_file_of_cards_is_one_fault(void **state)
{
    static const char *const texts[] = { "", "\n", "card;group;subject;item;choice;text\n",
                                         "1,party,s1,ability,good,\n", "\xff\xfe\x63\x00\n" };
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_int_equal(parse(&appraisal, texts[i]), STATUS_INVALID);
        assert_int_equal(faults.count, 1);
        assert_string_equal(faults.faults[0].where, "cards.csv:1");
    }
}

static void an_id_has_sixty_four_characters(void **state)
{
    char line[512];
    char id[64 * 3 + 1] = "";
    (void)state;
    for (size_t i = 0; i < 64; i++) {
        memcpy(id + 3 * i, "票", 4);
    }
    snprintf(line, sizeof(line), HEADER "%s,party,,motion,for,\n", id);
    assert_int_equal(parse(&motion, line), STATUS_OK);
    cards_finish(&cards);
    snprintf(line, sizeof(line), HEADER "%s票,party,,motion,for,\n", id);
    assert_int_equal(parse(&motion, line), STATUS_INVALID);
}

/* A file of `count` ballots; with_names: each with a name of its own. Given. */
static char *file_make(uint32_t count, bool with_names)
{
    size_t size = 64 + (size_t)count * 48;
    char *text = malloc(size);
    assert_non_null(text);
    size_t used = (size_t)snprintf(text, size, HEADER);
    for (uint32_t i = 0; i < count; i++) {
        char *at = text + used;
        size_t room = size - used;
        int put = with_names ? snprintf(at, room, "%u,party,,other-1,,票外人%u\n", i, i)
                             : snprintf(at, room, "%u,party,,c1,for,\n%u,party,,c2,for,\n", i, i);
        used += (size_t)put;
    }
    return text;
}

static void at_the_limits_one_more_is_refused(void **state)
{
    (void)state;
    char *text = file_make(SEAT_MAX, false);
    assert_int_equal(parse(&election, text), STATUS_OK);
    assert_int_equal(cards.count, SEAT_MAX);
    cards_finish(&cards);
    free(text);
    text = file_make(SEAT_MAX + 1, false);
    assert_int_equal(parse(&election, text), STATUS_LIMIT);
    free(text);
    text = file_make(WRITTEN_NAME_MAX, true);
    assert_int_equal(parse(&election, text), STATUS_OK);
    assert_int_equal(cards.names.count, WRITTEN_NAME_MAX);
    cards_finish(&cards);
    free(text);
    text = file_make(WRITTEN_NAME_MAX + 1, true);
    assert_int_equal(parse(&election, text), STATUS_LIMIT);
    assert_string_equal(faults.faults[0].where, "cards.csv:4098");
    free(text);
}

static void more_faults_than_a_list_holds_are_numbered(void **state)
{
    (void)state;
    char *text = file_make(100, false);
    for (char *c = strchr(text, '\n') + 1; (c = strstr(c, "c1")) != NULL;) {
        memcpy(c, "xx", 2);
    }
    assert_int_equal(parse(&election, text), STATUS_INVALID);
    assert_int_equal(faults.count, FAULT_LIST_MAX);
    assert_int_equal(faults.omitted, 100 - FAULT_LIST_MAX);
    free(text);
}

static void a_name_is_on_the_ballot_once(void **state)
{
    struct cards_ballot twice = run_off;
    (void)state;
    twice.names[1] = "票外人 一号";
    twice.slate.adopted[1] = 2;
    twice.name_count = 2;
    assert_int_equal(parse(&twice, HEADER), STATUS_INVALID);
    assert_non_null(strstr(faults.faults[0].text, "on the ballot twice"));
}

static void a_file_is_read_whole_or_not_at_all(void **state)
{
    char path[] = "/tmp/minping-cards-XXXXXX";
    int fd = mkstemp(path);
    (void)state;
    assert_true(fd >= 0);
    FILE *file = fdopen(fd, "w");
    assert_non_null(file);
    char *text = file_make(20000, false); /* larger than the first buffer */
    fputs(text, file);
    fclose(file);
    free(text);
    memset(&faults, 0, sizeof(faults));
    assert_int_equal(cards_read(path, &election, &cards, &faults), STATUS_OK);
    assert_int_equal(cards.count, 20000);
    cards_finish(&cards);
    remove(path);
    assert_int_equal(cards_read(path, &election, &cards, &faults), STATUS_IO);
    memset(&faults, 0, sizeof(faults));
    assert_int_equal(cards_read("/", &election, &cards, &faults), STATUS_IO);
    memset(&faults, 0, sizeof(faults));
    assert_int_equal(cards_read("/dev/zero", &election, &cards, &faults), STATUS_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_a_card_are_put_together),
        cmocka_unit_test(names_have_numbers_in_their_order),
        cmocka_unit_test(adopted_names_come_first_and_take_choices),
        cmocka_unit_test(remarks_are_of_the_whole_card),
        cmocka_unit_test(motions_and_polls_have_their_own_items),
        cmocka_unit_test(no_cards_at_all_are_a_file_too),
        cmocka_unit_test(every_fault_is_named_with_its_line),
        cmocka_unit_test(all_faults_of_a_file_are_listed),
        cmocka_unit_test(what_is_no_file_of_cards_is_one_fault),
        cmocka_unit_test(an_id_has_sixty_four_characters),
        cmocka_unit_test(at_the_limits_one_more_is_refused),
        cmocka_unit_test(more_faults_than_a_list_holds_are_numbered),
        cmocka_unit_test(a_name_is_on_the_ballot_once),
        cmocka_unit_test(a_file_is_read_whole_or_not_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

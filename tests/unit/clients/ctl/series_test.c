#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "clients/ctl/series.h"
#include "server/protocol/event_file.h"
#include "server/votelog/votelog.h"
#include "tests/unit/clients/ctl/sheet_fixture.h"
#include "tests/unit/core/election_fixture.h"

#define SITTING_COUNT 4

/* Four sittings, each with an event of its own; their figures are by hand. */
struct book {
    struct hall halls[SITTING_COUNT];
    struct series_sitting sittings[SITTING_COUNT];
    struct series series;
    struct series_report report;
};

static int book_make(void **state)
{
    struct book *book = calloc(1, sizeof(*book));
    book->series = (struct series){ .id = "s4",
                                    .title = { "村居选举", "Village elections" },
                                    .sitting_count = SITTING_COUNT,
                                    .sittings = book->sittings };
    assert_int_equal(series_report_init(&book->report, &book->series, NULL), STATUS_OK);
    for (uint32_t i = 0; i < SITTING_COUNT; i++) {
        struct series_sitting *sitting = &book->sittings[i];
        snprintf(sitting->id, sizeof(sitting->id), "v%u", i + 1);
        snprintf(sitting->title.zh, sizeof(sitting->title.zh), "第%u村", i + 1);
        snprintf(sitting->title.en, sizeof(sitting->title.en), "Village %u", i + 1);
        hall_init(&book->halls[i]);
        book->report.parts[i].sitting = sitting;
        book->report.parts[i].state = SERIES_NOT_HELD;
    }
    *state = book;
    return 0;
}

static int book_free(void **state)
{
    struct book *book = *state;
    for (uint32_t i = 0; i < SITTING_COUNT; i++) {
        book->report.parts[i].event = NULL; /* the fixture's own */
    }
    series_report_finish(&book->report);
    free(book);
    return 0;
}

/* The sitting was held and its event is contests first .. first + count - 1 of the fixture. */
static void held(struct book *book, uint32_t index, uint32_t first, uint32_t count)
{
    struct series_part *part = &book->report.parts[index];
    struct hall *hall = &book->halls[index];
    hall->event.contests = &hall->contests[first];
    hall->event.contest_count = count;
    part->state = SERIES_HELD;
    part->event = &hall->event;
    part->has_sheet = true;
    hall_sheet(hall, &part->sheet);
}

static void count(struct book *book)
{
    for (uint32_t i = 0; i < SITTING_COUNT; i++) {
        assert_int_equal(series_report_add(&book->report, &book->report.parts[i], NULL, NULL),
                         STATUS_OK);
    }
    series_report_count(&book->report);
}

static char *print(const struct book *book, char kind, enum language language)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    if (kind == 'j') {
        series_print_json(&book->report, file);
    } else if (kind == 'c') {
        series_print_csv(&book->report, language, file);
    } else {
        series_print_text(&book->report, language, file);
    }
    fclose(file);
    return text;
}

static void assert_has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL) {
        fail_msg("no '%s' in:\n%s", part, text);
    }
}

static void appraised(struct hall *hall, const char *subject, uint32_t hundredths)
{
    struct figures *figures = hall_worked_appraisal(hall);
    snprintf(figures->subject, sizeof(figures->subject), "%s", subject);
    figures->appraisal.person.hundredths = hundredths;
}

static void subjects_under_the_same_rules_are_in_one_table(void **state)
{
    struct book *book = *state;
    appraised(&book->halls[0], "s1", 8000);
    appraised(&book->halls[0], "s2", 9071);
    appraised(&book->halls[1], "s1", 9071);
    appraised(&book->halls[2], "s1", 9500);
    book->halls[2].figures[0].rules_hash++;
    for (uint32_t i = 0; i < 3; i++) {
        held(book, i, HALL_APPRAISAL, 1);
    }
    count(book);
    /* Rows without a round go by the event's rules. */
    assert_int_equal(book->report.table_count, 3);
    const struct series_row *rows[16];
    assert_int_equal(series_table_rows(&book->report, 0, rows), 5);
    assert_string_equal(rows[0]->part->sitting->id, "v1");
    assert_int_equal(rows[0]->subject, 1);
    assert_string_equal(rows[1]->part->sitting->id, "v2");
    assert_int_equal(series_place(rows, 0), 1);
    assert_int_equal(series_place(rows, 1), 1);
    assert_int_equal(series_place(rows, 2), 3);
    assert_int_equal(series_place(rows, 3), 0); /* not opened */
    assert_int_equal(series_table_rows(&book->report, 1, rows), 1);
    assert_string_equal(rows[0]->part->sitting->id, "v3");
    char *text = print(book, 't', LANGUAGE_ZH_CN);
    assert_has(text, "规则哈希不同的表不可相互比较。\n");
    assert_has(text, "哈希 1111111111111112\n");
    assert_has(text, "名次按同一规则下各场印出的得分（0.01）排列，相同者并列。\n");
    free(text);
}

static void criteria_are_not_pooled(void **state)
{
    struct book *book = *state;
    uint32_t low;
    uint32_t high;
    struct figures *figures = hall_worked_appraisal(&book->halls[0]);
    series_top_range(figures, &low, &high);
    assert_int_equal(low, 6784);
    assert_int_equal(high, 6784); /* the other criterion has no marks */
    figures->items[1] = (struct item_figures){ { 1, 1, 0 }, 2 };
    series_top_range(figures, &low, &high);
    assert_int_equal(low, 5000);
    assert_int_equal(high, 6784);
    held(book, 0, HALL_APPRAISAL, 1);
    count(book);
    char *text = print(book, 't', LANGUAGE_ZH_CN);
    assert_has(text, "50.00%–67.84%");
    assert_has(text, "93.73%");
    free(text);
    text = print(book, 'j', LANGUAGE_ZH_CN);
    assert_has(text, "\"top\":[{\"criterion\":\"ability\",\"count\":812,\"valid\":1197},"
                     "{\"criterion\":\"spirit\",\"count\":1,\"valid\":2}],"
                     "\"satisfied\":{\"count\":1122,\"of\":1197},\"score\":90.71,\"place\":1}");
    free(text);
}

/* One seat: nobody over half, then another election decides. */
static void elected_at_the_second_go(struct hall *hall)
{
    for (int go = 0; go < 2; go++) {
        struct figures *figures = hall_w3(hall);
        hall->contests[HALL_ELECTION].seats = 1;
        figures->election.seats = 1;
        figures->election.stage = go == 0 ? STAGE_FIRST : STAGE_ANOTHER;
        figures->decision = go == 0 ? DECISION_ANOTHER : DECISION_ELECTED;
        figures->election.missing_seats = go == 0;
        for (uint32_t i = 0; i < 6; i++) {
            figures->election.standings[i] = STANDING_NOT;
        }
        figures->election.standings[0] = go == 0 ? STANDING_NOT : STANDING_ELECTED;
    }
}

static void an_election_is_a_line_with_its_rounds_and_who_is_elected(void **state)
{
    struct book *book = *state;
    elected_at_the_second_go(&book->halls[0]);
    held(book, 0, HALL_ELECTION, 1);
    count(book);
    const struct series_row *row = &book->report.rows[0];
    assert_int_equal(row->gap, GAP_NONE);
    assert_int_equal(row->round_count, 2);
    assert_int_equal(row->another_count, 1);
    assert_int_equal(row->elected, 1);
    char *text = print(book, 't', LANGUAGE_ZH_CN);
    assert_has(text, "当选 1/1 候选人甲  另行选举 1 轮\n");
    assert_has(text, "应选 1 名，当选 1 名\n");
    free(text);
    text = print(book, 'j', LANGUAGE_ZH_CN);
    assert_has(text, "{\"sitting\":\"v1\",\"gap\":null,\"contest\":\"committee\",\"rounds\":2,"
                     "\"voided\":0,\"runoffs\":0,\"another\":1,\"seats\":1,\"elected\":[\"a\"],"
                     "\"registered\":100,\"present\":88,\"issued\":88,\"returned\":87,"
                     "\"valid\":85,\"void\":2,\"decision\":\"elected\"}");
    free(text);
    text = print(book, 'c', LANGUAGE_EN);
    assert_has(text, "v1,Village 1,committee,Election,,,2222222222222222,decided,2,0,0,1,100,88,88,"
                     "87,85,2,elected,1,1,Candidate A\r\n");
    free(text);
}

static void what_is_still_open_is_told(void **state)
{
    static const struct {
        enum decision decision;
        enum round_state state;
        uint32_t pending;
        enum series_gap gap;
    } cases[] = {
        { DECISION_ELECTED, ROUND_CLOSED, 0, GAP_NONE },
        { DECISION_STOPPED, ROUND_CERTIFIED, 0, GAP_NONE },
        { DECISION_RUN_OFF, ROUND_CLOSED, 0, GAP_RUN_OFF },
        { DECISION_ANOTHER, ROUND_CLOSED, 0, GAP_ANOTHER },
        { DECISION_PENDING, ROUND_CLOSED, 3, GAP_PENDING },
        { DECISION_VOID, ROUND_CLOSED, 0, GAP_VOID },
        { DECISION_ELECTED, ROUND_VOID, 0, GAP_VOID },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct book *book;
        void *place;
        book_make(&place);
        book = place;
        struct figures *figures = hall_w3(&book->halls[0]);
        figures->decision = cases[i].decision;
        figures->state = cases[i].state;
        figures->pending = cases[i].pending;
        held(book, 0, HALL_ELECTION, 1);
        count(book);
        assert_int_equal(book->report.rows[0].gap, cases[i].gap);
        book_free(&place);
    }
    (void)state;
}

static void gaps_and_reruns_add_up_in_the_totals(void **state)
{
    struct book *book = *state;
    hall_w3(&book->halls[0])->state = ROUND_VOID;
    hall_w3(&book->halls[0]);
    held(book, 0, HALL_ELECTION, 2); /* and a motion that was never opened */
    book->report.parts[1].event = &book->halls[1].event;
    book->halls[1].event.contests = &book->halls[1].contests[HALL_ELECTION];
    book->halls[1].event.contest_count = 1;
    book->report.parts[2].state = SERIES_DAMAGED;
    snprintf(book->report.parts[2].why, sizeof(book->report.parts[2].why), "no \"log\" there");
    count(book);
    const struct series_totals *totals = &book->report.totals;
    assert_int_equal(totals->sitting_count, 4);
    assert_int_equal(totals->states[SERIES_HELD], 1);
    assert_int_equal(totals->states[SERIES_NOT_HELD], 2);
    assert_int_equal(totals->states[SERIES_DAMAGED], 1);
    assert_int_equal(totals->row_count, 5);
    assert_int_equal(totals->decided_count, 1);
    assert_int_equal(totals->gaps[GAP_NOT_OPENED], 1);
    assert_int_equal(totals->gaps[GAP_NOT_HELD], 2);
    assert_int_equal(totals->gaps[GAP_UNREADABLE], 1);
    assert_int_equal(totals->void_count, 1);
    assert_int_equal(totals->seats, 10);
    assert_int_equal(totals->elected, 5);
    assert_true(series_report_is_faulty(&book->report));
    char *text = print(book, 't', LANGUAGE_ZH_CN);
    assert_has(text, "第3村（v3）：无法读取：no \"log\" there\n");
    assert_has(text, "会议 4 场：已召开 1，未召开 2，使用中 0，无法读取 1\n");
    assert_has(text, "应决定 5 项，已决定 1 项  未召开 2  无法读取 1  未开票 1\n");
    assert_has(text, "作废 1 轮，再次投票 0 轮，另行选举 0 轮\n");
    assert_has(text, "当选 5/5 ");
    assert_has(text, "[未召开]\n");
    free(text);
    text = print(book, 'j', LANGUAGE_ZH_CN);
    assert_has(text, "{\"id\":\"v3\",\"state\":\"damaged\",\"event\":null,"
                     "\"why\":\"no \\\"log\\\" there\"}");
    assert_has(text, "\"decisions\":5,\"decided\":1,\"gaps\":{\"not-held\":2,\"unreadable\":1,"
                     "\"not-opened\":1,\"no-quorum\":0,\"open\":0,");
    free(text);
}

/* The gap of the one election of a sitting as it stands. */
static enum series_gap gap_of(const struct sitting *sitting, struct event *event)
{
    struct series_sitting place = { .id = "v1" };
    struct series series = { .id = "s", .sitting_count = 1, .sittings = &place };
    struct series_report report;
    assert_int_equal(series_report_init(&report, &series, NULL), STATUS_OK);
    struct series_part *part = &report.parts[0];
    part->sitting = &place;
    part->state = SERIES_HELD;
    part->event = event;
    part->has_sheet = true;
    assert_int_equal(sheet_from_sitting(sitting, "0123456789abcdef", NULL, &part->sheet, NULL),
                     STATUS_OK);
    assert_int_equal(series_report_add(&report, part, sitting, NULL), STATUS_OK);
    enum series_gap gap = report.rows[0].gap;
    part->event = NULL;
    series_report_finish(&report);
    return gap;
}

static void without_a_quorum_a_gap_says_so_and_an_open_round_too(void **state)
{
    struct event *event = election_event(10, 3, 1);
    struct sitting *sitting = sitting_create(event);
    (void)state;
    election_present(sitting, "1-7");
    assert_int_equal(gap_of(sitting, event), GAP_NO_QUORUM);
    election_present(sitting, "8");
    assert_int_equal(gap_of(sitting, event), GAP_NOT_OPENED);
    assert_int_equal(election_open(sitting, NULL, NULL), STATUS_OK);
    assert_int_equal(gap_of(sitting, event), GAP_OPEN);
    election_close(sitting);
    assert_int_equal(gap_of(sitting, event), GAP_ANOTHER); /* nobody voted */
    sitting_destroy(sitting);
    event_destroy(event);
}

/* S1's event as the only file of a data directory. */
static void event_put(const char *dir)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/event.json", dir);
    FILE *from = fopen(S1_EVENT, "r");
    FILE *to = fopen(path, "w");
    assert_non_null(from);
    assert_non_null(to);
    for (int c; (c = fgetc(from)) != EOF;) {
        fputc(c, to);
    }
    fclose(from);
    fclose(to);
}

static enum series_state state_of(struct series *series)
{
    struct series_report report;
    assert_int_equal(series_report_make(series, &report, NULL), STATUS_OK);
    enum series_state state = report.parts[0].state;
    series_report_finish(&report);
    return state;
}

static void ignore(void *ctx)
{
    (void)ctx;
}

static int entry_remove(const char *path, const struct stat *about, int kind, struct FTW *ftw)
{
    return remove(path);
}

static void a_log_in_use_or_damaged_is_a_row_that_says_so(void **state)
{
    char dir[] = "/tmp/series-XXXXXX";
    struct series_sitting sitting = { .id = "v1", .title = { "一村", "" } };
    struct series series = { .id = "s", .sitting_count = 1, .sittings = &sitting };
    struct event *event = NULL;
    struct votelog *log = NULL;
    struct votelog_identity identity = { 0 };
    (void)state;
    assert_int_equal(state_of(&series), SERIES_NOT_HELD);
    assert_non_null(mkdtemp(dir));
    snprintf(sitting.data, sizeof(sitting.data), "%s/none", dir);
    assert_int_equal(state_of(&series), SERIES_NOT_HELD);
    snprintf(sitting.event, sizeof(sitting.event), "%s/none.json", dir);
    assert_int_equal(state_of(&series), SERIES_DAMAGED);
    snprintf(sitting.event, sizeof(sitting.event), "%s", S1_EVENT);
    assert_int_equal(state_of(&series), SERIES_NOT_HELD);
    snprintf(sitting.data, sizeof(sitting.data), "%s", dir);
    assert_int_equal(state_of(&series), SERIES_DAMAGED);
    event_put(dir);
    assert_int_equal(event_file_read(S1_EVENT, &event, NULL), STATUS_OK);
    memcpy(identity.event_hash, event->hash, sizeof(identity.event_hash));
    memcpy(identity.event_id, event->id, sizeof(identity.event_id));
    event_destroy(event);
    struct votelog_options options = { .dir = dir, .wake = ignore };
    assert_int_equal(votelog_open_sqlite(&options, &identity, &log, NULL), STATUS_OK);
    assert_int_equal(state_of(&series), SERIES_IN_USE);
    (void)votelog_close(log, NULL);
    assert_int_equal(state_of(&series), SERIES_HELD);
    assert_int_equal(nftw(dir, entry_remove, 8, FTW_DEPTH | FTW_PHYS), 0);
}

#define BOOK(test) cmocka_unit_test_setup_teardown(test, book_make, book_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOOK(subjects_under_the_same_rules_are_in_one_table),
        BOOK(criteria_are_not_pooled),
        BOOK(an_election_is_a_line_with_its_rounds_and_who_is_elected),
        cmocka_unit_test(what_is_still_open_is_told),
        BOOK(gaps_and_reruns_add_up_in_the_totals),
        cmocka_unit_test(without_a_quorum_a_gap_says_so_and_an_open_round_too),
        cmocka_unit_test(a_log_in_use_or_damaged_is_a_row_that_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

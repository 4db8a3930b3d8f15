#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/core/disclosure.h"
#include "server/protocol/message.h"
#include "tests/unit/clients/ctl/sheet_fixture.h"
#include "tests/unit/core/election_fixture.h"

static void assert_has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL) {
        fail_msg("no '%s' in:\n%s", part, text);
    }
}

static void json_of_an_appraisal_has_items_and_persons(void **state)
{
    struct hall *hall = *state;
    hall->event.contest_count = 1;
    hall_worked_appraisal(hall)->appraisal.remarks = 1u | 1u << REMARK_FLOOR;
    char *text = hall_print(hall, 'j', LANGUAGE_ZH_CN);
    assert_string_equal(
        text,
        "{\"minping\":1,\"event\":\"e1\",\"log\":\"0123456789abcdef\",\n\"rounds\":[\n"
        "{\"round\":1,\"contest\":\"appraisal\",\"kind\":\"appraisal\",\"subject\":\"s1\","
        "\"state\":\"closed\",\"decision\":\"counted\",\"stands\":true,\"registered\":1205,"
        "\"present\":1205,\"issued\":1205,\"returned\":1205,\"paper\":0,\"valid\":1205,"
        "\"void\":0,\"cast\":1205,\"opened_ms\":1000,\"closed_ms\":1500,"
        "\"rules\":{\"id\":\"three\",\"hash\":\"1111111111111111\"}}\n],\n\"items\":[\n"
        "{\"round\":1,\"subject\":\"s1\",\"criterion\":\"ability\",\"counts\":{\"good\":812,"
        "\"fair\":310,\"poor\":75},\"valid\":1197},\n"
        "{\"round\":1,\"subject\":\"s1\",\"criterion\":\"spirit\",\"counts\":{\"good\":0,"
        "\"fair\":0,\"poor\":0},\"valid\":0}\n],\n\"persons\":[\n"
        "{\"round\":1,\"contest\":\"appraisal\",\"subject\":\"s1\",\"satisfied\":{\"count\":1122,"
        "\"of\":1197},\"score\":90.71,\"scores\":{\"ability\":90.71,\"spirit\":null},\"rank\":1,"
        "\"tied\":1,\"band\":\"top\",\"remarks\":[\"talk\",\"floor\"]}\n]}\n");
    free(text);
}

static void json_of_an_election_has_both_readings(void **state)
{
    struct hall *hall = *state;
    hall->event.contest_count = 2;
    hall_w3(hall)->paper_count = 26;
    char *text = hall_print(hall, 'j', LANGUAGE_ZH_CN);
    assert_has(text, "\n\"items\":[\n],\n\"persons\":[\n],\n\"contests\":[\n"
                     "{\"id\":\"committee\",\"round\":1,\"state\":\"closed\",\"registered\":100,"
                     "\"present\":88,\"issued\":88,\"returned\":87,\"paper\":26,\"valid\":85,"
                     "\"void\":2,\"stage\":\"first\",\"seats\":5,\"candidates\":["
                     "{\"id\":\"a\",\"for\":80,\"against\":3,\"abstain\":2},");
    assert_has(text, "{\"id\":\"e\",\"for\":46,\"against\":31,\"abstain\":8},"
                     "{\"id\":\"f\",\"for\":30,\"against\":50,\"abstain\":5}],"
                     "\"writeins\":[{\"text\":\"=\\\"另选一号\\\"\",\"for\":12}],"
                     "\"writeins_rest\":0,\"elected\":[\"a\",\"b\",\"c\",\"d\",\"e\"],"
                     "\"runoff\":[],\"runoff_seats\":0,\"missing\":0,"
                     "\"base\":{\"of\":\"present\",\"count\":88,\"needed\":45},"
                     "\"disputed\":{\"base\":{\"of\":\"registered\",\"count\":100,\"needed\":51},"
                     "\"elected\":[\"a\",\"b\",\"c\",\"d\"],\"runoff\":[],\"runoff_seats\":0,"
                     "\"missing\":1},\"decision\":\"elected\","
                     "\"rules\":{\"id\":\"branch\",\"hash\":\"2222222222222222\"}}\n]}\n");
    assert_null(strstr(text, "motions"));
    free(text);
}

static void json_has_every_round_and_elected_names_as_text(void **state)
{
    struct hall *hall = *state;
    struct figures *figures = hall_w3(hall);
    figures->state = ROUND_VOID;
    figures = hall_w3(hall);
    figures->election.standings[4] = STANDING_OFF;
    figures->election.names[0].standing = STANDING_ELECTED;
    char *text = hall_print(hall, 'j', LANGUAGE_ZH_CN);
    assert_has(text, "{\"id\":\"committee\",\"round\":1,\"state\":\"void\"");
    assert_has(text, "\"state\":\"void\",\"decision\":\"void\",\"stands\":false");
    assert_has(text, "\"returned\":87,\"paper\":0,\"valid\":null,\"void\":null,\"stage\":null,"
                     "\"seats\":null,\"candidates\":[],\"writeins\":[],\"writeins_rest\":0,"
                     "\"elected\":[],");
    const char *second = strstr(text, "{\"id\":\"committee\",\"round\":2,\"state\":\"closed\"");
    assert_non_null(second);
    assert_has(second, "\"elected\":[\"a\",\"b\",\"c\",\"d\",\"=\\\"另选一号\\\"\"]");
    assert_null(strstr(second, "{\"id\":\"e\"")); /* not on this round's ballot */
    free(text);
}

static void json_of_motions_and_polls_names_their_bases(void **state)
{
    struct hall *hall = *state;
    hall_motion(hall);
    hall_poll(hall);
    char *text = hall_print(hall, 'j', LANGUAGE_ZH_CN);
    assert_has(text, "\"motions\":[\n{\"id\":\"plan\",\"round\":1,\"state\":\"closed\","
                     "\"registered\":100,\"present\":88,\"issued\":88,\"returned\":88,\"paper\":0,"
                     "\"valid\":88,\"void\":0,\"for\":50,\"against\":30,\"abstain\":8,"
                     "\"base\":{\"of\":\"present\",\"count\":88,\"needed\":45},"
                     "\"decision\":\"passed\",");
    assert_has(text,
               "\"polls\":[\n{\"id\":\"names\",\"round\":2,\"state\":\"closed\","
               "\"registered\":10,\"present\":null,\"issued\":10,\"returned\":9,\"paper\":0,"
               "\"valid\":8,\"void\":1,\"options\":[{\"id\":\"a\",\"count\":6},"
               "{\"id\":\"b\",\"count\":3},"
               "{\"id\":\"c\",\"count\":3}],\"shortlist\":[\"a\"],\"tied\":[\"b\",\"c\"],"
               "\"base\":{\"of\":\"valid\",\"count\":8},\"decision\":\"counted\",");
    free(text);
    hall->contests[HALL_MOTION].rules = NULL;
    text = hall_print(hall, 'j', LANGUAGE_ZH_CN);
    assert_has(text, "\"base\":null,\"decision\":\"passed\"");
    free(text);
}

static void only_the_round_that_stands_gives_items(void **state)
{
    struct hall *hall = *state;
    hall_worked_appraisal(hall)->state = ROUND_VOID;
    hall_worked_appraisal(hall);
    char *text = hall_print(hall, 'j', LANGUAGE_ZH_CN);
    assert_has(text, "\"round\":2,\"contest\":\"appraisal\",\"kind\":\"appraisal\"");
    assert_has(text, "\"stands\":false");
    assert_null(strstr(text, "{\"round\":1,\"subject\":\"s1\",\"criterion\""));
    assert_has(text, "{\"round\":2,\"subject\":\"s1\",\"criterion\"");
    free(text);
}

static void rounds_are_sorted_whatever_order_they_come_in(void **state)
{
    struct hall *hall = *state;
    struct sheet sheet;
    hall_motion(hall)->round = 2;
    hall_poll(hall)->round = 1;
    hall_sheet(hall, &sheet);
    assert_int_equal(sheet.rounds[0].kind, CONTEST_POLL);
    assert_int_equal(sheet.rounds[1].kind, CONTEST_MOTION);
    sheet_finish(&sheet);
}

static enum status document_status(struct hall *hall, struct fault *fault)
{
    struct sheet sheet;
    enum status status = sheet_from_document(&hall->document, &sheet, fault);
    if (status == STATUS_OK) {
        sheet_finish(&sheet);
    }
    return status;
}

static void figures_that_do_not_add_up_are_refused(void **state)
{
    struct hall *hall = *state;
    struct fault fault = { 0 };
    struct figures *figures = hall_w3(hall);
    assert_int_equal(document_status(hall, NULL), STATUS_OK);
    figures->items[1].counts[0]++;
    assert_int_equal(document_status(hall, &fault), STATUS_INVALID);
    assert_string_equal(fault.text, "the sums of round 1 do not agree");
    figures->items[1].counts[0]--;
    figures->valid_count++;
    assert_int_equal(document_status(hall, NULL), STATUS_INVALID);
}

static void figures_that_do_not_fit_their_contest_are_refused(void **state)
{
    struct hall *hall = *state;
    struct figures *figures = hall_worked_appraisal(hall);
    struct figures sound = *figures;
    struct fault fault = { 0 };
    figures->item_count = 1;
    assert_int_equal(document_status(hall, &fault), STATUS_INVALID);
    assert_string_equal(fault.text, "the figures of round 1 do not fit contest 'appraisal'");
    *figures = sound;
    memcpy(figures->subject, "s9", 3);
    assert_int_equal(document_status(hall, NULL), STATUS_INVALID);
    *figures = sound;
    memcpy(figures->contest, "other", 6);
    assert_int_equal(document_status(hall, NULL), STATUS_INVALID);
    *figures = sound;
    figures->state = ROUND_OPEN;
    assert_int_equal(document_status(hall, NULL), STATUS_INVALID);
    *figures = sound;
    figures->shows = LIVE_HIDDEN;
    assert_int_equal(document_status(hall, NULL), STATUS_INVALID);
    *figures = sound;
    figures->kind = CONTEST_POLL;
    assert_int_equal(document_status(hall, NULL), STATUS_INVALID);
    *figures = sound;
    assert_int_equal(document_status(hall, NULL), STATUS_OK);
    figures = hall_w3(hall);
    figures->election.name_count = NAME_SHOWN_MAX + 1;
    assert_int_equal(document_status(hall, NULL), STATUS_INVALID);
}

static void a_ballot_order_that_is_none_is_the_event_s(void **state)
{
    struct hall *hall = *state;
    struct figures *figures = hall_w3(hall);
    assert_int_equal(figures_candidate_at(&hall->contests[HALL_ELECTION], figures, 0), 5);
    memset(figures->election.order, 0, sizeof(figures->election.order));
    for (uint32_t place = 0; place < 6; place++) {
        assert_int_equal(figures_candidate_at(&hall->contests[HALL_ELECTION], figures, place),
                         place);
    }
}

static void csv_quotes_what_it_must_and_rounds_each_share_once(void **state)
{
    struct hall *hall = *state;
    struct figures *figures = hall_worked_appraisal(hall);
    hall->event.contest_count = 1;
    figures->paper_count = 7;
    figures->satisfied_base = 0;
    figures->appraisal.has_scores = false;
    char *text = hall_print(hall, 'c', LANGUAGE_EN);
    assert_string_equal(
        text, "\xef\xbb\xbf"
              "Round,Subject id,Subject,Registered,Cast,Paper,Criterion id,Criterion,Good,"
              "\"Fair, or so\",Poor,Valid,Good %,\"Fair, or so %\",Poor %\r\n"
              "1,s1,Member 1,1205,1205,7,ability,Ability,812,310,75,1197,67.84,25.90,6.27\r\n"
              "1,s1,Member 1,1205,1205,7,spirit,\"The \"\"spirit\"\"\",0,0,0,0,0.00,0.00,0.00\r\n");
    free(text);
}

static void csv_parts_the_kinds_by_an_empty_line(void **state)
{
    struct hall *hall = *state;
    hall_worked_appraisal(hall);
    hall_w3(hall);
    hall_motion(hall);
    hall_poll(hall);
    char *text = hall_print(hall, 'c', LANGUAGE_EN);
    assert_has(text, "0.00\r\n\r\nRound,Subject id,Subject,Valid,Void,Paper,Satisfied,");
    assert_has(text, "1,s1,Member 1,1205,0,0,1122,1197,93.73,90.71,1,1,Excellent\r\n\r\n"
                     "Round,Contest id,Contest,State,Decision,");
    assert_has(text, "2,committee,Election,closed,elected,100,88,88,87,0,85,2,first,5,e,"
                     "Candidate E,46,31,8,those present,88,45,52.27,elected,those registered,100,"
                     "51,not\r\n");
    assert_has(text, "3,plan,The plan,closed,passed,100,88,88,88,0,88,0,50,30,8,those present,88,"
                     "45,56.82\r\n");
    assert_has(text, "4,names,Recommendation,closed,counted,10,,10,9,0,8,1,a,Candidate A,6,"
                     "valid ballots,8,75.00,elected\r\n");
    free(text);
}

static void a_written_in_name_is_no_formula_to_a_spreadsheet(void **state)
{
    struct hall *hall = *state;
    hall_w3(hall);
    char *text = hall_print(hall, 'c', LANGUAGE_EN);
    assert_has(text, ",first,5,,\"'=\"\"另选一号\"\"\",12,,,");
    free(text);
}

/* Fields of a line of the CSV, quoted ones left out of account. */
static uint32_t fields_count(const char *line)
{
    uint32_t count = 1;
    for (bool is_quoted = false; *line != '\r'; line++) {
        is_quoted = is_quoted != (*line == '"');
        count += !is_quoted && *line == ',';
    }
    return count;
}

static void every_csv_line_has_as_many_fields_as_its_header(void **state)
{
    struct hall *hall = *state;
    hall_worked_appraisal(hall);
    hall_w3(hall);
    hall_w3(hall)->election.disputed_base = BASE_INVALID;
    struct figures *figures = hall_w3(hall);
    figures->state = ROUND_VOID;
    figures->item_count = 0;
    figures->election.name_count = 0;
    hall_motion(hall);
    hall_poll(hall);
    for (int pass = 0; pass < 2; pass++) {
        char *text = hall_print(hall, 'c', LANGUAGE_ZH_CN);
        uint32_t expected = 0;
        for (char *line = text; *line != '\0'; line = strstr(line, "\r\n") + 2) {
            if (*line == '\r' || expected == 0) {
                line += *line == '\r' ? 2 : 0;
                expected = fields_count(line);
            }
            assert_int_equal(fields_count(line), expected);
        }
        free(text);
        hall->contests[HALL_MOTION].rules = NULL;
        hall->contests[HALL_POLL].rules = NULL;
    }
}

static void before_the_first_close_there_is_an_empty_sheet(void **state)
{
    struct hall *hall = *state;
    hall->event.contest_count = 1;
    struct sitting *sitting = sitting_create(&hall->event);
    struct sheet sheet;
    char *text = NULL;
    size_t size = 0;
    assert_int_equal(sheet_from_sitting(sitting, "0123456789abcdef", NULL, &sheet, NULL),
                     STATUS_OK);
    FILE *file = open_memstream(&text, &size);
    sheet_print_json(&sheet, file);
    fclose(file);
    assert_string_equal(text, "{\"minping\":1,\"event\":\"e1\",\"log\":\"0123456789abcdef\",\n"
                              "\"rounds\":[\n],\n\"items\":[\n],\n\"persons\":[\n]}\n");
    free(text);
    text = hall_print(hall, 'c', LANGUAGE_EN);
    assert_has(text, "Poor %\r\n");
    free(text);
    sheet_finish(&sheet);
    assert_int_equal(sheet_from_sitting(sitting, "0123456789abcdef", "other", &sheet, NULL),
                     STATUS_NOT_FOUND);
    sitting_destroy(sitting);
}

/* What a client reads of what the server of this sitting would publish. The caller finishes it. */
static void document_make(const struct sitting *sitting, struct document *read)
{
    struct document document = { .texts = (struct event *)sitting_event(sitting) };
    char *text = NULL;
    size_t size = 0;
    disclosure_view(sitting, AUDIENCE_PUBLIC, &document.view);
    memcpy(document.view.log_id, "0123456789abcdef", 17);
    document.view.texts = texts_hash(document.texts);
    document.closed_count = disclosure_closed(sitting, AUDIENCE_PUBLIC, NULL, 0);
    document.closed = calloc(document.closed_count, sizeof(*document.closed));
    (void)disclosure_closed(sitting, AUDIENCE_PUBLIC, document.closed, document.closed_count);
    assert_int_equal(document_encode(&document, &text, &size, NULL), STATUS_OK);
    struct fault fault = { 0 };
    if (document_decode(text, size, read, &fault) != STATUS_OK) {
        fail_msg("%s: %s", fault.where, fault.text);
    }
    free(document.closed);
    free(text);
}

static char *sheet_json(struct sheet *sheet)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    sheet_print_json(sheet, file);
    fclose(file);
    sheet_finish(sheet);
    return text;
}

static void sitting_elect(struct sitting *sitting)
{
    election_present(sitting, "1-6");
    assert_int_equal(election_open(sitting, NULL, NULL), STATUS_OK);
    election_ballot(sitting, 1, "oxx0");
    election_close(sitting);
    assert_int_equal(
        election_do(sitting, election_act(ACT_VOID, "officer-1", "reason=重来\n"), NULL),
        STATUS_OK);
    assert_int_equal(election_open(sitting, NULL, NULL), STATUS_OK);
    election_name(sitting, "\"另选\"一号");
    for (uint8_t who = 1; who <= 4; who++) {
        election_ballot(sitting, who, "oxx0");
    }
    election_ballot(sitting, 5, "xxx1");
    election_ballot(sitting, 6, "oox0"); /* two for one seat: void */
    election_close(sitting);
}

static void a_server_and_its_log_give_the_same_bytes(void **state)
{
    struct event *event = election_event(6, 3, 1);
    struct sitting *sitting = sitting_create(event);
    struct document document = { 0 };
    struct sheet sheet;
    (void)state;
    snprintf(event->title.zh, sizeof(event->title.zh), "选举大会");
    snprintf(event->contests[0].title.zh, sizeof(event->contests[0].title.zh), "书记");
    snprintf(event->contests[0].rules->title.zh, LABEL_SIZE, "党支部选举");
    snprintf(event->contests[0].rules->source.zh, LABEL_SIZE, "选举办法");
    for (uint32_t i = 0; i < event->group_count; i++) {
        snprintf(event->groups[i].label.zh, LABEL_SIZE, "第%u组", i + 1);
    }
    sitting_elect(sitting);
    document_make(sitting, &document);
    assert_int_equal(sheet_from_sitting(sitting, "0123456789abcdef", NULL, &sheet, NULL),
                     STATUS_OK);
    char *by_log = sheet_json(&sheet);
    struct fault fault = { 0 };
    if (sheet_from_document(&document, &sheet, &fault) != STATUS_OK) {
        fail_msg("%s", fault.text);
    }
    char *by_url = sheet_json(&sheet);
    assert_string_equal(by_log, by_url);
    assert_has(by_log, "\"round\":1,\"state\":\"void\"");
    assert_has(by_log, "\"round\":2,\"state\":\"closed\",\"registered\":6,\"present\":6,"
                       "\"issued\":6,\"returned\":6,\"paper\":0,\"valid\":5,\"void\":1,");
    assert_has(by_log, "\"writeins\":[{\"text\":\"\\\"另选\\\"一号\",\"for\":1}]");
    assert_has(by_log, "\"elected\":[\"c1\"]");
    free(by_log);
    free(by_url);
    document_finish(&document);
    sitting_destroy(sitting);
    event_destroy(event);
}

static int hall_make(void **state)
{
    struct hall *hall = calloc(1, sizeof(*hall));
    hall_init(hall);
    *state = hall;
    return 0;
}

static int hall_free(void **state)
{
    free(*state);
    return 0;
}

#define HALL(test) cmocka_unit_test_setup_teardown(test, hall_make, hall_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        HALL(json_of_an_appraisal_has_items_and_persons),
        HALL(json_of_an_election_has_both_readings),
        HALL(json_has_every_round_and_elected_names_as_text),
        HALL(json_of_motions_and_polls_names_their_bases),
        HALL(only_the_round_that_stands_gives_items),
        HALL(rounds_are_sorted_whatever_order_they_come_in),
        HALL(figures_that_do_not_add_up_are_refused),
        HALL(figures_that_do_not_fit_their_contest_are_refused),
        HALL(a_ballot_order_that_is_none_is_the_event_s),
        HALL(csv_quotes_what_it_must_and_rounds_each_share_once),
        HALL(csv_parts_the_kinds_by_an_empty_line),
        HALL(a_written_in_name_is_no_formula_to_a_spreadsheet),
        HALL(every_csv_line_has_as_many_fields_as_its_header),
        cmocka_unit_test(a_server_and_its_log_give_the_same_bytes),
        HALL(before_the_first_close_there_is_an_empty_sheet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

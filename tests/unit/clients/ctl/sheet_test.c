#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clients/ctl/sheet.h"
#include "server/core/disclosure.h"

static struct grade grades[] = { { .id = "good", .label = { "好", "Good" } },
                                 { .id = "fair", .label = { "中", "Fair, or so" } },
                                 { .id = "poor", .label = { "差", "Poor" } } };
static struct criterion criteria[] = { { .id = "ability", .label = { "工作能力", "Ability" } },
                                       { .id = "spirit",
                                         .label = { "精神状态", "The \"spirit\"" } } };
static struct subject subjects[] = {
    { .id = "s1", .name = { "区委常委一号", "Member 1" }, .office = { "区委", "Committee" } },
    { .id = "s2", .name = { "区委常委二号", "Member 2" } },
};
static struct contest contests[] = {
    { .id = "appraisal",
      .kind = CONTEST_APPRAISAL,
      .live = LIVE_TALLY,
      .title = { "测评", "Appraisal" },
      .grades = grades,
      .criteria = criteria,
      .subjects = subjects,
      .grade_count = 3,
      .criterion_count = 2,
      .subject_count = 2 },
};
static struct event event = { .id = "e1",
                              .title = { "测评会", "The sitting" },
                              .contests = contests,
                              .contest_count = 1,
                              .seat_count = 10 };
static const char log_id[17] = "0123456789abcdef";

static uint64_t batch;

static void act_apply(struct sitting *sitting, enum act_kind kind, uint32_t round, uint64_t number,
                      const char *subject)
{
    struct act act = { .kind = kind, .round = round, .number = number, .at_ms = 1000 * ++batch };
    snprintf(act.contest, sizeof(act.contest), "appraisal");
    snprintf(act.subject, sizeof(act.subject), "%s", subject);
    struct record record = { .batch = batch, .act = &act };
    struct applied applied;
    assert_int_equal(sitting_apply(sitting, &record, &applied, NULL), STATUS_OK);
}

static void mark_apply(struct sitting *sitting, uint32_t round, uint8_t slot, uint16_t item,
                       uint8_t choice)
{
    struct mark mark = { .slot = { slot },
                         .nonce = { slot },
                         .round = round,
                         .version = 1,
                         .item = item,
                         .choice = choice };
    struct record record = { .batch = ++batch, .mark = &mark };
    struct applied applied;
    assert_int_equal(sitting_apply(sitting, &record, &applied, NULL), STATUS_OK);
}

/* Round 1 is of the second subject, round 2 of the first; 1 : 1 : 1 and 2 : 1 : 0. */
static int sitting_make(void **state)
{
    struct sitting *sitting = sitting_create(&event);
    batch = 0;
    act_apply(sitting, ACT_ZERO_CHECK, 1, 0, "s2");
    act_apply(sitting, ACT_OPEN, 1, 10, "s2");
    mark_apply(sitting, 1, 1, 0, 0);
    mark_apply(sitting, 1, 2, 0, 1);
    mark_apply(sitting, 1, 3, 0, 2);
    act_apply(sitting, ACT_CLOSE, 1, 0, "");
    act_apply(sitting, ACT_ZERO_CHECK, 2, 0, "s1");
    act_apply(sitting, ACT_OPEN, 2, 10, "s1");
    mark_apply(sitting, 2, 1, 1, 0);
    mark_apply(sitting, 2, 2, 1, 0);
    mark_apply(sitting, 2, 3, 1, 1);
    act_apply(sitting, ACT_CLOSE, 2, 0, "");
    *state = sitting;
    return 0;
}

static int sitting_free(void **state)
{
    sitting_destroy(*state);
    return 0;
}

static char *sheet_text(const struct sheet *sheet, char kind, enum language language)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    if (kind == 'j') {
        sheet_print_json(sheet, file);
    } else if (kind == 'c') {
        sheet_print_csv(sheet, language, file);
    } else {
        sheet_print_text(sheet, language, file);
    }
    fclose(file);
    return text;
}

static void json_holds_every_item_by_round(void **state)
{
    struct sheet sheet;
    assert_int_equal(sheet_from_sitting(*state, log_id, NULL, &sheet, NULL), STATUS_OK);
    char *text = sheet_text(&sheet, 'j', LANGUAGE_ZH_CN);
    assert_string_equal(
        text,
        "{\"minping\":1,\"event\":\"e1\",\"log\":\"0123456789abcdef\",\"contest\":\"appraisal\",\n"
        "\"rounds\":[\n"
        "{\"round\":1,\"subject\":\"s2\",\"registered\":10,\"cast\":3,\"opened_ms\":2000,"
        "\"closed_ms\":6000},\n"
        "{\"round\":2,\"subject\":\"s1\",\"registered\":10,\"cast\":3,\"opened_ms\":8000,"
        "\"closed_ms\":12000}\n"
        "],\n\"items\":[\n"
        "{\"round\":1,\"subject\":\"s2\",\"criterion\":\"ability\",\"counts\":{\"good\":1,"
        "\"fair\":1,\"poor\":1},\"valid\":3},\n"
        "{\"round\":1,\"subject\":\"s2\",\"criterion\":\"spirit\",\"counts\":{\"good\":0,"
        "\"fair\":0,\"poor\":0},\"valid\":0},\n"
        "{\"round\":2,\"subject\":\"s1\",\"criterion\":\"ability\",\"counts\":{\"good\":0,"
        "\"fair\":0,\"poor\":0},\"valid\":0},\n"
        "{\"round\":2,\"subject\":\"s1\",\"criterion\":\"spirit\",\"counts\":{\"good\":2,"
        "\"fair\":1,\"poor\":0},\"valid\":3}\n"
        "]}\n");
    free(text);
    sheet_finish(&sheet);
}

/* The document a server would publish of the sitting, its closed rounds by subject. */
static void document_make(const struct sitting *sitting, struct document *document)
{
    memset(document, 0, sizeof(*document));
    disclosure_view(sitting, AUDIENCE_PUBLIC, &document->view);
    memcpy(document->view.log_id, log_id, sizeof(log_id));
    document->texts = &event;
    document->closed_count = document->view.closed_count;
    document->closed = calloc(document->closed_count + 1, sizeof(*document->closed));
    disclosure_closed(sitting, AUDIENCE_PUBLIC, &document->view, document->closed);
}

static void a_server_and_its_log_give_the_same_bytes(void **state)
{
    struct sheet by_log, by_url;
    struct document document;
    document_make(*state, &document);
    assert_int_equal(document.closed_count, 2);
    assert_int_equal(sheet_from_sitting(*state, log_id, NULL, &by_log, NULL), STATUS_OK);
    assert_int_equal(sheet_from_document(&document, &by_url, NULL), STATUS_OK);
    for (const char *kind = "jct"; *kind != '\0'; kind++) {
        char *left = sheet_text(&by_log, *kind, LANGUAGE_EN);
        char *right = sheet_text(&by_url, *kind, LANGUAGE_EN);
        assert_string_equal(left, right);
        free(left);
        free(right);
    }
    sheet_finish(&by_log);
    sheet_finish(&by_url);
    free(document.closed);
}

static void figures_that_do_not_add_up_are_refused(void **state)
{
    struct sheet sheet;
    struct document document;
    struct fault fault = { 0 };
    document_make(*state, &document);
    document.closed[0].items[1].counts[0]++;
    assert_int_equal(sheet_from_document(&document, &sheet, &fault), STATUS_INVALID);
    assert_non_null(strstr(fault.text, "round 2"));
    document.closed[0].items[1].counts[0]--;
    document.closed[0].item_count = 1;
    assert_int_equal(sheet_from_document(&document, &sheet, NULL), STATUS_INVALID);
    document.closed[0].item_count = 2;
    snprintf(document.closed[0].subject, sizeof(document.closed[0].subject), "s9");
    assert_int_equal(sheet_from_document(&document, &sheet, NULL), STATUS_INVALID);
    free(document.closed);
}

static void csv_quotes_what_it_must_and_rounds_each_share_once(void **state)
{
    struct sheet sheet;
    assert_int_equal(sheet_from_sitting(*state, log_id, "appraisal", &sheet, NULL), STATUS_OK);
    char *text = sheet_text(&sheet, 'c', LANGUAGE_EN);
    assert_string_equal(
        text, "\xef\xbb\xbf"
              "Round,Subject id,Subject,Registered,Cast,Criterion id,Criterion,Good,"
              "\"Fair, or so\",Poor,Valid,Good %,\"Fair, or so %\",Poor %\r\n"
              "1,s2,Member 2,10,3,ability,Ability,1,1,1,3,33.3,33.3,33.3\r\n"
              "1,s2,Member 2,10,3,spirit,\"The \"\"spirit\"\"\",0,0,0,0,0.0,0.0,0.0\r\n"
              "2,s1,Member 1,10,3,ability,Ability,0,0,0,0,0.0,0.0,0.0\r\n"
              "2,s1,Member 1,10,3,spirit,\"The \"\"spirit\"\"\",2,1,0,3,66.7,33.3,0.0\r\n");
    free(text);
    sheet_finish(&sheet);
}

static void the_text_says_where_parts_do_not_add_to_a_hundred(void **state)
{
    struct sheet sheet;
    assert_int_equal(sheet_from_sitting(*state, log_id, NULL, &sheet, NULL), STATUS_OK);
    char *text = sheet_text(&sheet, 't', LANGUAGE_ZH_CN);
    assert_non_null(strstr(text, "区委常委二号"));
    assert_non_null(strstr(text, " 33.3%"));
    assert_non_null(strstr(text, "3*\n"));
    assert_non_null(strstr(text, "因四舍五入,各项之和可能不等于 100%"));
    assert_non_null(strstr(text, "应到 10  收回 3"));
    free(text);
    sheet.rounds[0] = sheet.rounds[1]; /* 66.7 + 33.3 + 0.0 */
    text = sheet_text(&sheet, 't', LANGUAGE_EN);
    assert_null(strstr(text, "rounding,"));
    assert_null(strchr(text, '*'));
    free(text);
    sheet_finish(&sheet);
}

static void before_the_first_close_there_is_an_empty_sheet(void **state)
{
    struct sitting *sitting = sitting_create(&event);
    struct sheet sheet;
    (void)state;
    assert_int_equal(sheet_from_sitting(sitting, log_id, NULL, &sheet, NULL), STATUS_OK);
    char *text = sheet_text(&sheet, 'j', LANGUAGE_ZH_CN);
    assert_string_equal(text, "{\"minping\":1,\"event\":\"e1\",\"log\":\"0123456789abcdef\","
                              "\"contest\":\"\",\n\"rounds\":[\n],\n\"items\":[\n]}\n");
    free(text);
    text = sheet_text(&sheet, 't', LANGUAGE_EN);
    assert_non_null(strstr(text, "No round is closed yet."));
    free(text);
    text = sheet_text(&sheet, 'c', LANGUAGE_EN);
    assert_non_null(strstr(text, "Valid\r\n"));
    free(text);
    sheet_finish(&sheet);
    assert_int_equal(sheet_from_sitting(sitting, log_id, "other", &sheet, NULL), STATUS_NOT_FOUND);
    sitting_destroy(sitting);
}

#define SITTING(test) cmocka_unit_test_setup_teardown(test, sitting_make, sitting_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SITTING(json_holds_every_item_by_round),
        SITTING(a_server_and_its_log_give_the_same_bytes),
        SITTING(figures_that_do_not_add_up_are_refused),
        SITTING(csv_quotes_what_it_must_and_rounds_each_share_once),
        SITTING(the_text_says_where_parts_do_not_add_to_a_hundred),
        cmocka_unit_test(before_the_first_close_there_is_an_empty_sheet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

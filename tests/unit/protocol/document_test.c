#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/protocol/event_file.h"
#include "server/protocol/message.h"

static struct label label(const char *zh, const char *en)
{
    struct label made = { 0 };

    memcpy(made.zh, zh, strlen(zh) + 1);
    memcpy(made.en, en, strlen(en) + 1);
    return made;
}

/* Two contests that share a criterion and the grades; given. */
static struct event *two_contests(void)
{
    struct event *event = calloc(1, sizeof(*event));

    memcpy(event->id, "e1", 3);
    event->title = label("测评 \"甲\"", "");
    event->contest_count = 2;
    event->contests = calloc(2, sizeof(*event->contests));
    for (uint32_t c = 0; c < 2; c++) {
        struct contest *contest = &event->contests[c];

        memcpy(contest->id, c == 0 ? "k1" : "k2", 3);
        contest->kind = CONTEST_APPRAISAL;
        contest->live = c == 0 ? LIVE_TALLY : LIVE_HIDDEN;
        contest->title = label("民主测评", "Appraisal");
        contest->grade_count = 2;
        contest->grades = calloc(2, sizeof(*contest->grades));
        memcpy(contest->grades[0].id, "good", 5);
        memcpy(contest->grades[1].id, "poor", 5);
        contest->grades[0].label = label("好", "Good");
        contest->grades[1].label = label("差", "");
        contest->criterion_count = c + 1;
        contest->criteria = calloc(2, sizeof(*contest->criteria));
        memcpy(contest->criteria[0].id, c == 0 ? "ability" : "policy", c == 0 ? 8 : 7);
        contest->criteria[0].label = c == 0 ? label("能力", "") : label("政策", "Policy");
        memcpy(contest->criteria[1].id, "ability", 8);
        contest->criteria[1].label = label("能力", "");
        contest->subject_count = 1;
        contest->subjects = calloc(1, sizeof(*contest->subjects));
        memcpy(contest->subjects[0].id, "s1", 3);
        contest->subjects[0].name = label("一号", "No. 1");
        contest->subjects[0].office = c == 0 ? label("", "") : label("某区", "");
    }
    return event;
}

static const char texts[] =
    "{\"id\":\"e1\",\"title\":{\"zh-CN\":\"测评 \\\"甲\\\"\"},\"criteria\":["
    "{\"id\":\"ability\",\"title\":{\"zh-CN\":\"能力\"}},"
    "{\"id\":\"policy\",\"title\":{\"zh-CN\":\"政策\",\"en\":\"Policy\"}}],\"grades\":["
    "{\"id\":\"good\",\"title\":{\"zh-CN\":\"好\",\"en\":\"Good\"}},"
    "{\"id\":\"poor\",\"title\":{\"zh-CN\":\"差\"}}],\"contests\":["
    "{\"id\":\"k1\",\"title\":{\"zh-CN\":\"民主测评\",\"en\":\"Appraisal\"},\"kind\":\"appraisal\","
    "\"live\":\"tally\",\"grades\":[\"good\",\"poor\"],\"criteria\":[\"ability\"],\"subjects\":["
    "{\"id\":\"s1\",\"name\":{\"zh-CN\":\"一号\",\"en\":\"No. 1\"}}]},"
    "{\"id\":\"k2\",\"title\":{\"zh-CN\":\"民主测评\",\"en\":\"Appraisal\"},\"kind\":\"appraisal\","
    "\"live\":\"hidden\",\"grades\":[\"good\",\"poor\"],\"criteria\":[\"policy\",\"ability\"],"
    "\"subjects\":[{\"id\":\"s1\",\"name\":{\"zh-CN\":\"一号\",\"en\":\"No. 1\"},"
    "\"office\":{\"zh-CN\":\"某区\"}}]}]}";

/* A document of two closed rounds, over `event` (borrowed) and `closed` (borrowed, two). */
static struct document sample(struct event *event, struct figures *closed)
{
    struct document document = {
        .view = { .log_id = "0123456789abcdef",
                  .epoch = 12,
                  .at_ms = 1700000000123,
                  .audience = AUDIENCE_HALL,
                  .closed_count = 2 },
        .texts = event,
        .closed = closed,
        .closed_count = 2,
    };

    for (uint32_t i = 0; i < 2; i++) {
        closed[i] = (struct figures){
            .round = i + 1,
            .contest = "k1",
            .subject = "s1",
            .state = ROUND_CLOSED,
            .shows = LIVE_TALLY,
            .registered = 10,
            .cast_count = 9,
            .item_count = 1,
            .grade_count = 2,
            .opened_ms = 5,
            .closed_ms = 6,
            .items = { { .counts = { 5, 4 }, .valid = 9 } },
        };
        document.view.closed[i] =
            (struct closed_ref){ .round = i + 1, .hash = figures_hash(&closed[i]) };
        memcpy(document.view.closed[i].subject, "s1", 3);
    }
    document.view.texts = texts_hash(event);
    return document;
}

static void a_document_comes_back_as_it_went(void **state)
{
    static struct figures closed[2];
    struct event *event = two_contests();
    static struct document sent;
    static struct document heard;
    struct fault fault = { .status = STATUS_OK };
    char *text;
    char *again;
    size_t size;
    size_t size_again;

    sent = sample(event, closed);
    assert_int_equal(document_encode(&sent, &text, &size, &fault), STATUS_OK);
    assert_int_equal(strlen(text), size);
    assert_non_null(strstr(text, texts));
    if (document_decode(text, size, &heard, &fault) != STATUS_OK) {
        fail_msg("%s: %s", fault.where, fault.text);
    }
    assert_int_equal(heard.closed_count, 2);
    assert_true(figures_hash(&heard.closed[1]) == heard.view.closed[1].hash);
    assert_true(texts_hash(heard.texts) == heard.view.texts);
    assert_string_equal(heard.texts->contests[1].criteria[1].label.zh, "能力");
    assert_int_equal(heard.texts->group_count, 0);
    assert_int_equal(heard.texts->post_count, 0);
    assert_int_equal(document_encode(&heard, &again, &size_again, &fault), STATUS_OK);
    assert_string_equal(again, text);
    document_finish(&heard);
    event_destroy(event);
    free(text);
    free(again);
}

static void the_texts_hash_follows_every_text(void **state)
{
    struct event *event = two_contests();
    uint64_t hash = texts_hash(event);

    assert_true(texts_hash(event) == hash);
    event->contests[1].subjects[0].office.zh[0] = '\0';
    assert_true(texts_hash(event) != hash);
    hash = texts_hash(event);
    event->contests[0].live = LIVE_TURNOUT;
    assert_true(texts_hash(event) != hash);
    hash = texts_hash(event);
    event->title.en[0] = 'x';
    assert_true(texts_hash(event) != hash);
    hash = texts_hash(event);
    event->hash[0] = 1; /* of the file, not of the texts */
    event->seat_count = 7;
    assert_true(texts_hash(event) == hash);
    event_destroy(event);
}

static void nothing_of_posts_or_seats_is_in_a_document(void **state)
{
    struct event *event = two_contests();
    static struct figures closed[2];
    static struct document document;
    char *text;
    size_t size;

    event->post_count = 1;
    event->posts = calloc(1, sizeof(*event->posts));
    memcpy(event->posts[0].id, "officer-1", 10);
    event->group_count = 1;
    event->groups = calloc(1, sizeof(*event->groups));
    memcpy(event->groups[0].id, "party", 6);
    document = sample(event, closed);
    assert_int_equal(document_encode(&document, &text, &size, NULL), STATUS_OK);
    assert_null(strstr(text, "officer-1"));
    assert_null(strstr(text, "party"));
    assert_null(strstr(text, "seats"));
    free(text);
    event_destroy(event);
}

/* 512 contests of 200 subjects: more than a document may hold, and said so. */
static void a_document_over_its_limit_is_refused(void **state)
{
    struct event *event = two_contests();
    static struct document document;
    struct fault fault = { .status = STATUS_OK };
    char *text;
    size_t size;

    free(event->contests[1].subjects);
    event->contests[1].subjects = calloc(60000, sizeof(struct subject));
    event->contests[1].subject_count = 60000;
    for (uint32_t i = 0; i < 60000; i++) {
        event->contests[1].subjects[i].name = label("一二三四五六七八九十", "a long English name");
    }
    document = (struct document){ .texts = event, .view.audience = AUDIENCE_PUBLIC };
    assert_int_equal(document_encode(&document, &text, &size, &fault), STATUS_LIMIT);
    assert_null(text);
    assert_non_null(strstr(fault.text, "4194304"));
    event_destroy(event);
    text = malloc(DOCUMENT_SIZE_MAX + 1);
    memset(text, ' ', DOCUMENT_SIZE_MAX + 1);
    assert_int_equal(document_decode(text, DOCUMENT_SIZE_MAX + 1, &document, NULL), STATUS_LIMIT);
    free(text);
}

#define HEAD "{\"minping\":1,\"log\":\"0123456789abcdef\",\"epoch\":1,\"at_ms\":0," \
             "\"audience\":\"public\",\"texts\":\"0000000000000000\",\"live\":null,"
#define FIGURES "{\"round\":1,\"contest\":\"k\",\"subject\":\"s\",\"state\":\"closed\"," \
                "\"shows\":\"hidden\",\"registered\":1,\"opened_ms\":0,\"closed_ms\":0}"

static void bad_documents_are_refused_with_their_path(void **state)
{
    static const struct {
        const char *text; /* %s: sound texts */
        const char *where;
    } cases[] = {
        { "", "$" },
        { "[]", "$" },
        { "{}", "$.minping" },
        { "{\"minping\":2}", "$.minping" },
        { HEAD "\"figures\":[],\"closed\":[]}", "$.event" },
        { HEAD "\"closed\":[],\"figures\":[],\"event\":{\"id\":\"e\"}}", "$.event.title" },
        { HEAD "\"closed\":[],\"event\":%s}", "$.figures" },
        { HEAD "\"closed\":[],\"figures\":[" FIGURES ",{}],\"event\":%s}", "$.figures[1].round" },
        { HEAD "\"closed\":[[\"s\",1,\"0000000000000000\"]],\"figures\":[],\"event\":%s}",
          "$.figures" },
        { HEAD "\"closed\":[[\"s\",1,\"0000000000000000\"]],\"figures\":[{}],\"event\":%s}",
          "$.figures[0].round" },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        static struct document document;
        struct fault fault = { .status = STATUS_OK };
        const char *place = strstr(cases[i].text, "%s");
        int before = (int)(place ? (size_t)(place - cases[i].text) : strlen(cases[i].text));
        char text[4096];

        assert_in_range(snprintf(text, sizeof(text), "%.*s%s%s", before, cases[i].text,
                                 place ? texts : "", place ? place + 2 : ""),
                        0, sizeof(text) - 1);
        assert_int_equal(document_decode(text, strlen(text), &document, &fault), STATUS_INVALID);
        assert_string_equal(fault.where, cases[i].where);
        assert_null(document.texts);
        assert_null(document.closed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_document_comes_back_as_it_went),
        cmocka_unit_test(the_texts_hash_follows_every_text),
        cmocka_unit_test(nothing_of_posts_or_seats_is_in_a_document),
        cmocka_unit_test(a_document_over_its_limit_is_refused),
        cmocka_unit_test(bad_documents_are_refused_with_their_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

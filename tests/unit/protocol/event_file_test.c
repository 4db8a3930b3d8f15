#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/protocol/event_file.h"

/* The least that is an event; each case below changes one place of it. */
static const char minimal[] =
    "{\"minping\":1,\n"
    "\"id\":\"e1\",\"title\":{\"zh-CN\":\"测评\"},\n"
    "\"groups\":[{\"id\":\"g1\",\"title\":{\"zh-CN\":\"党员代表\"},\"seats\":10},\n"
    " {\"id\":\"g2\",\"title\":{\"zh-CN\":\"人大代表\"},\"seats\":5}],\n"
    "\"criteria\":[{\"id\":\"c1\",\"title\":{\"zh-CN\":\"工作能力\",\"en\":\"Ability\"}},\n"
    " {\"id\":\"c2\",\"title\":{\"zh-CN\":\"政策水平\"}}],\n"
    "\"grades\":[{\"id\":\"good\",\"title\":{\"zh-CN\":\"好\"}},\n"
    " {\"id\":\"fair\",\"title\":{\"zh-CN\":\"中\"}},\n"
    " {\"id\":\"poor\",\"title\":{\"zh-CN\":\"差\"}}],\n"
    "\"contests\":[{\"id\":\"k1\",\"kind\":\"appraisal\",\"rules\":\"district-appraisal\",\n"
    " \"title\":{\"zh-CN\":\"民主测评\"},\n"
    " \"live\":\"tally\",\"grades\":[\"good\",\"fair\",\"poor\"],\"criteria\":[\"c2\",\"c1\"],\n"
    " \"subjects\":[{\"id\":\"s1\",\"name\":{\"zh-CN\":\"一号\"}},\n"
    "  {\"id\":\"s2\",\"name\":{\"zh-CN\":\"二号\"},\"office\":{\"zh-CN\":\"某区\"}}]}],\n"
    "\"posts\":[{\"id\":\"officer-1\",\"role\":\"officer\"},\n"
    " {\"id\":\"operator-1\",\"role\":\"operator\"},\n"
    " {\"id\":\"overlay-1\",\"role\":\"overlay\"},\n"
    " {\"id\":\"base-1\",\"role\":\"base\",\"seats\":[1,12]}]}\n";

static char text[1 << 16];
static struct fault_list faults;

/* `minimal` with the first `old` replaced by `new`. */
static void change(const char *old, const char *new)
{
    const char *found = strstr(minimal, old);
    size_t before = found ? (size_t)(found - minimal) : 0;

    assert_non_null(found);
    assert_in_range(snprintf(text, sizeof(text), "%.*s%s%s", (int)before, minimal, new,
                             found + strlen(old)), 1, sizeof(text) - 1);
}

static enum status parse(struct event **event)
{
    memset(&faults, 0, sizeof(faults));
    return event_parse(text, strlen(text), event, &faults);
}

static void a_minimal_event_is_read_whole(void **state)
{
    struct event *event;

    change("", "");
    assert_int_equal(parse(&event), STATUS_OK);
    assert_int_equal(faults.count, 0);
    assert_string_equal(event->id, "e1");
    assert_string_equal(event->title.zh, "测评");
    assert_string_equal(event->title.en, "");
    assert_int_equal(event->seat_count, 15);
    assert_int_equal(event->group_count, 2);
    assert_int_equal(event->groups[1].first_seat, 11);
    assert_int_equal(event->groups[1].seat_count, 5);
    assert_int_equal(event->contest_count, 1);
    assert_int_equal(event->contests[0].kind, CONTEST_APPRAISAL);
    assert_int_equal(event->contests[0].live, LIVE_TALLY);
    assert_int_equal(event->contests[0].criterion_count, 2);
    assert_string_equal(event->contests[0].criteria[0].id, "c2"); /* the contest's own order */
    assert_string_equal(event->contests[0].criteria[1].label.en, "Ability");
    assert_string_equal(event->contests[0].grades[2].label.zh, "差");
    assert_string_equal(event->contests[0].subjects[0].office.zh, "");
    assert_string_equal(event->contests[0].subjects[1].office.zh, "某区");
    assert_int_equal(event->post_count, 4);
    assert_int_equal(event->posts[0].audience, AUDIENCE_OFFICER);
    assert_int_equal(event->posts[1].audience, AUDIENCE_OPERATOR);
    assert_int_equal(event->posts[2].audience, AUDIENCE_PUBLIC);
    assert_int_equal(event->posts[3].first_seat, 1);
    assert_int_equal(event->posts[3].seat_count, 12);
    event_destroy(event);
}

#define X65 "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十" \
            "一二三四五六七八九十一二三四五六七八九十一二三四五"
#define OFFICER "{\"id\":\"officer-1\",\"role\":\"officer\"}"

/* One change, and the one fault it must give. */
static const struct {
    const char *old;
    const char *new;
    const char *where;
    const char *said;
} cases[] = {
    /* the text and its format */
    { "{\"minping\":1,\n", "", "$", "not JSON" },
    { "{\"minping\"", "\xef\xbb\xbf{\"minping\"", "$", "byte order mark" },
    { "\"minping\":1,\n", "", "$.minping", "begins with" },
    { "\"minping\":1,", "\"minping\":2,", "$.minping", "format 2 is newer than this program" },
    { "\"minping\":1,", "\"minping\":0,", "$.minping", "there is no format 0" },
    { "\"minping\":1,", "\"minping\":\"1\",", "$.minping", "must be an integer" },
    { "\"minping\":1,\n\"id\":\"e1\",", "\"id\":\"e1\",\"minping\":1,", "$.minping",
      "first key" },
    { "\"id\":\"e1\",", "\"id\":\"e1\",\"id\":\"e2\",", "$.id", "same key twice" },
    { "一号\"}},\n  {\"id\"", "一号\"}},\n  {\"id\":\"s2\",\"id\"", "$.contests[0].subjects[1].id",
      "same key twice" },
    { "政策水平", "政策\xffz", "$.criteria[1].title.zh-CN", "not UTF-8" },
    { "\"seats\":5}", "\"seats\":5", "$.groups[1].seats", "not JSON" },
    { "]}\n", "", "$.posts[3]", "too early" },
    /* the top */
    { "\"id\":\"e1\",", "", "$.id", "missing" },
    { "\"e1\"", "\"E 1\"", "$.id", "must be an id" },
    { "\"e1\"", "17", "$.id", "must be a text" },
    { "\"e1\",", "\"e1\",\"colour\":\"red\",", "$.colour", "unknown key" },
    { "\"title\":{\"zh-CN\":\"测评\"},\n", "", "$.title", "missing" },
    { "{\"zh-CN\":\"测评\"}", "\"测评\"", "$.title", "must be an object" },
    /* labels */
    { "{\"zh-CN\":\"测评\"}", "{\"en\":\"Appraisal\"}", "$.title.zh-CN", "missing" },
    { "\"测评\"", "\"\"", "$.title.zh-CN", "must not be empty" },
    { "\"测评\"", "\"\xe3\x80\x80 \"", "$.title.zh-CN", "must not be empty" },
    { "\"测评\"", "\"测评\",\"fr\":\"x\"", "$.title.fr", "unknown key" },
    { "\"测评\"", "\"" X65 "\"", "$.title.zh-CN", "65 characters, more than 64" },
    { "\"测评\"", "\"测\\n评\"", "$.title.zh-CN", "control character U+000A" },
    { "\"测评\"", "\"测\\u0085评\"", "$.title.zh-CN", "control character U+0085" },
    { "\"测评\"", "\"测\\u202e评\"", "$.title.zh-CN", "U+202E, which changes the direction" },
    { "\"测评\"", "\"测\xe2\x81\xa6评\"", "$.title.zh-CN", "U+2066" },
    { "\"Ability\"", "\"\"", "$.criteria[0].title.en", "must not be empty" },
    { "\"Ability\"", "\"\\u061c\"", "$.criteria[0].title.en", "U+061C" },
    { "\"Ability\"", "null", "$.criteria[0].title.en", "must be a text" },
    /* groups */
    { "\"groups\"", "\"crowds\"", "$.crowds", "unknown key" },
    { "\"seats\":10", "\"seats\":0", "$.groups[0].seats", "must be 1 to 100000" },
    { "\"seats\":10", "\"seats\":10.5", "$.groups[0].seats", "must be an integer" },
    { "\"seats\":10", "\"seats\":99999", "$.groups", "100004 seats together" },
    { ",\"seats\":10", "", "$.groups[0].seats", "missing" },
    { "\"id\":\"g2\"", "\"id\":\"g1\"", "$.groups[1].id", "'g1' is there already, at place 0" },
    { "\"id\":\"g2\",", "\"id\":\"g2\",\"weight\":2,", "$.groups[1].weight", "unknown key" },
    /* criteria and grades */
    { "\"id\":\"c2\"", "\"id\":\"c1\"", "$.criteria[1].id", "is there already" },
    { "{\"id\":\"c2\",", "{", "$.criteria[1].id", "missing" },
    { "[\"c2\",\"c1\"]", "[\"c2\"]", "$.criteria[0]", "no contest names 'c1'" },
    { "[\"c2\",\"c1\"]", "[\"c2\",\"c1\",\"c3\"]", "$.contests[0].criteria[2]",
      "the event has no 'c3'" },
    { "[\"c2\",\"c1\"]", "[\"c2\",\"c1\",\"c2\"]", "$.contests[0].criteria[2]",
      "is there already" },
    { "[\"c2\",\"c1\"]", "[\"c2\",\"c1\",7]", "$.contests[0].criteria[2]", "must be a text" },
    { "{\"zh-CN\":\"差\"}}],", "{\"zh-CN\":\"差\"}},{\"id\":\"bad\",\"title\":{\"zh-CN\":\"劣\"}}],",
      "$.grades[3]", "no contest names 'bad'" },
    { "\"poor\"]", "\"poor\",\"bad\"]", "$.contests[0].grades[3]",
      "the event has no 'bad'" },
    /* contests */
    { "\"kind\":\"appraisal\",", "", "$.contests[0].kind", "missing" },
    { "\"kind\":\"appraisal\"", "\"kind\":\"duel\"", "$.contests[0].kind", "must be appraisal" },
    { "\"live\":\"tally\"", "\"live\":\"maybe\"", "$.contests[0].live", "must be hidden" },
    { " \"live\":\"tally\",", "", "$.contests[0].live", "missing" },
    { "\"id\":\"k1\",", "\"id\":\"k1\",\"seats\":3,", "$.contests[0].seats", "unknown key" },
    { "\"id\":\"k1\",", "", "$.contests[0].id", "missing" },
    { "\"id\":\"s2\"", "\"id\":\"s1\"", "$.contests[0].subjects[1].id", "is there already" },
    { "\"name\":{\"zh-CN\":\"一号\"}", "\"name\":[]", "$.contests[0].subjects[0].name",
      "must be an object" },
    { ",\"office\":{\"zh-CN\":\"某区\"}", ",\"office\":{\"zh-CN\":\"\"}",
      "$.contests[0].subjects[1].office.zh-CN", "must not be empty" },
    { ",\"office\"", ",\"portrait\":\"a.png\",\"office\"", "$.contests[0].subjects[1].portrait",
      "unknown key" },
    /* posts */
    { "{\"id\":\"officer-1\",\"role\":\"officer\"},", "", "$.posts", "role officer" },
    { "{\"id\":\"operator-1\",\"role\":\"operator\"},", "", "$.posts", "role operator" },
    { "\"role\":\"overlay\"", "\"role\":\"voter\"", "$.posts[2].role", "must be base, overlay" },
    { "\"role\":\"overlay\"", "\"role\":\"king\"", "$.posts[2].role", "must be base, overlay" },
    { "\"role\":\"overlay\"", "\"role\":\"overlay\",\"audience\":\"operator\"",
      "$.posts[2].audience", "must be public, hall or internal" },
    { "\"role\":\"overlay\"", "\"role\":\"overlay\",\"audience\":\"mars\"", "$.posts[2].audience",
      "must be public, hall or internal" },
    { "\"role\":\"operator\"", "\"role\":\"operator\",\"audience\":\"operator\"",
      "$.posts[1].audience", "only an overlay and a screen" },
    { "\"role\":\"overlay\"", "\"role\":\"overlay\",\"seats\":[1,2]", "$.posts[2].seats",
      "only a base station" },
    { "\"overlay-1\"", "\"officer-1\"", "$.posts[2].id", "'officer-1' is there already" },
    { "\"overlay-1\"", "\"server\"", "$.posts[2].id", "the server's own name" },
    { ",\"seats\":[1,12]", "", "$.posts[3].seats", "missing" },
    { "[1,12]", "[1]", "$.posts[3].seats", "must have 2 to 2" },
    { "[1,12]", "[0,12]", "$.posts[3].seats[0]", "must be 1 to 15" },
    { "[1,12]", "[1,16]", "$.posts[3].seats[1]", "must be 1 to 15" },
    { "[1,12]", "[12,1]", "$.posts[3].seats", "before the first" },
    { "[1,12]}", "[1,12]},{\"id\":\"base-2\",\"role\":\"base\",\"seats\":[12,15]}",
      "$.posts[4].seats", "shares seats with 'base-1'" },
};

static void every_fault_has_its_path(void **state)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct event *event;

        change(cases[i].old, cases[i].new);
        if (parse(&event) != STATUS_INVALID || event || faults.count == 0 ||
            strcmp(faults.faults[0].where, cases[i].where) != 0 ||
            !strstr(faults.faults[0].text, cases[i].said)) {
            fail_msg("case %zu, %s: %s: %s", i, cases[i].new, faults.faults[0].where,
                     faults.faults[0].text);
        }
        if (faults.count != 1 && strcmp(cases[i].where, "$.crowds") != 0) {
            fail_msg("case %zu, %s: also %s: %s", i, cases[i].new, faults.faults[1].where,
                     faults.faults[1].text);
        }
    }
}

static void base_stations_side_by_side_are_right(void **state)
{
    struct event *event;

    change("[1,12]}", "[1,12]},{\"id\":\"base-2\",\"role\":\"base\",\"seats\":[13,15]}");
    assert_int_equal(parse(&event), STATUS_OK);
    assert_int_equal(event->posts[4].first_seat, 13);
    assert_int_equal(event->posts[4].seat_count, 3);
    event_destroy(event);
}

static void a_label_of_64_wide_characters_fits(void **state)
{
    struct event *event;
    char label[2 + 64 * 4 + 1] = "\"";

    for (int i = 0; i < 64; i++) {
        memcpy(label + 1 + 4 * i, "\xf0\xa0\xae\xb7", 4);
    }
    label[1 + 64 * 4] = '"';
    change("\"测评\"", label);
    assert_int_equal(parse(&event), STATUS_OK);
    assert_int_equal(strlen(event->title.zh), LABEL_SIZE - 1);
    event_destroy(event);
}

static void all_faults_come_at_once(void **state)
{
    static const char *const expected[] = { "$.colour",
                                            "$.title.zh-CN",
                                            "$.contests[0].live",
                                            "$.contests[0].subjects[1].id",
                                            "$.posts" };
    struct event *event;

    snprintf(text, sizeof(text), "%s",
             "{\"minping\":1,\"colour\":1,\"id\":\"e\",\"title\":{\"zh-CN\":\"\"},"
             "\"groups\":[{\"id\":\"g\",\"title\":{\"zh-CN\":\"组\"},\"seats\":1}],"
             "\"criteria\":[{\"id\":\"c\",\"title\":{\"zh-CN\":\"项\"}}],"
             "\"grades\":[{\"id\":\"a\",\"title\":{\"zh-CN\":\"好\"}},"
             "{\"id\":\"m\",\"title\":{\"zh-CN\":\"中\"}},"
             "{\"id\":\"b\",\"title\":{\"zh-CN\":\"差\"}}],"
             "\"contests\":[{\"id\":\"k\",\"kind\":\"appraisal\",\"title\":{\"zh-CN\":\"评\"},"
             "\"rules\":\"district-appraisal\","
             "\"live\":\"\",\"grades\":[\"a\",\"m\",\"b\"],\"criteria\":[\"c\"],\"subjects\":["
             "{\"id\":\"s\",\"name\":{\"zh-CN\":\"甲\"}},"
             "{\"id\":\"s\",\"name\":{\"zh-CN\":\"乙\"}}]}],"
             "\"posts\":[" OFFICER "]}");
    assert_int_equal(parse(&event), STATUS_INVALID);
    assert_int_equal(faults.count, sizeof(expected) / sizeof(expected[0]));
    for (size_t i = 0; i < faults.count; i++) {
        assert_string_equal(faults.faults[i].where, expected[i]);
    }
}

static void faults_over_the_limit_are_counted(void **state)
{
    struct event *event;
    size_t size = (size_t)snprintf(text, sizeof(text), "{\"minping\":1");

    for (int i = 0; i < 100; i++) {
        size += (size_t)snprintf(text + size, sizeof(text) - size, ",\"x%d\":0", i);
    }
    snprintf(text + size, sizeof(text) - size, "}");
    assert_int_equal(parse(&event), STATUS_INVALID);
    assert_int_equal(faults.count, FAULT_LIST_MAX);
    /* 100 unknown keys, and id, title, contests, groups, posts missing */
    assert_int_equal(faults.count + faults.omitted, 105);
}

static void an_event_of_ten_megabytes_is_refused(void **state)
{
    size_t size = 10u << 20;
    char *large = malloc(size);
    struct event *event;

    memset(large, ' ', size);
    memset(&faults, 0, sizeof(faults));
    assert_int_equal(event_parse(large, size, &event, &faults), STATUS_LIMIT);
    assert_null(event);
    assert_string_equal(faults.faults[0].text, "is larger than 4194304 bytes");
    free(large);
}

static void too_many_of_anything_is_a_fault(void **state)
{
    static const struct {
        const char *old;
        const char *entry; /* %u: a number for its id */
        uint32_t count;    /* with those that are there already one too many */
        const char *where;
    } lists[] = {
        { "\"groups\":[", "{\"id\":\"x%u\",\"title\":{\"zh-CN\":\"组\"},\"seats\":1},", 15,
          "$.groups" },
        { "\"posts\":[", "{\"id\":\"x%u\",\"role\":\"screen\"},", 61, "$.posts" },
        { "\"subjects\":[", "{\"id\":\"x%u\",\"name\":{\"zh-CN\":\"甲\"}},", 199,
          "$.contests[0].subjects" },
    };

    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        struct event *event;
        char added[1 << 15];
        size_t size = (size_t)snprintf(added, sizeof(added), "%s", lists[i].old);

        for (uint32_t n = 0; n < lists[i].count; n++) {
            const char *number = strstr(lists[i].entry, "%u");

            if (n == lists[i].count - 1) { /* without the last one it is right */
                change(lists[i].old, added);
                assert_int_equal(parse(&event), STATUS_OK);
                event_destroy(event);
            }
            size += (size_t)snprintf(added + size, sizeof(added) - size, "%.*s%u%s",
                                     (int)(number - lists[i].entry), lists[i].entry, n,
                                     number + 2);
        }
        change(lists[i].old, added);
        assert_int_equal(parse(&event), STATUS_INVALID);
        assert_int_equal(faults.count, 1);
        assert_string_equal(faults.faults[0].where, lists[i].where);
    }
}

static void the_hash_is_that_of_the_bytes(void **state)
{
    struct event *one, *other;

    change("", "");
    assert_int_equal(parse(&one), STATUS_OK);
    change("}\n", "} \n");
    assert_int_equal(parse(&other), STATUS_OK);
    assert_memory_not_equal(one->hash, other->hash, sizeof(one->hash));
    event_destroy(other);
    change("", "");
    assert_int_equal(parse(&other), STATUS_OK);
    assert_memory_equal(one->hash, other->hash, sizeof(one->hash));
    event_destroy(one);
    event_destroy(other);
}

static void a_missing_file_is_named(void **state)
{
    struct event *event;

    memset(&faults, 0, sizeof(faults));
    assert_int_equal(event_file_read("/no/such/event.json", &event, &faults), STATUS_IO);
    assert_null(event);
    assert_string_equal(faults.faults[0].text,
                        "cannot open '/no/such/event.json': No such file or directory");
    memset(&faults, 0, sizeof(faults));
    assert_int_equal(event_file_read("/", &event, &faults), STATUS_IO);
    assert_non_null(strstr(faults.faults[0].text, "cannot read '/'"));
}

static void the_s1_event_is_the_one_of_the_facts(void **state)
{
    static const char *const criteria[] = { "ability", "policy",     "spirit",    "people",
                                            "fieldwork", "courage",  "efficiency", "democracy",
                                            "example", "integrity", "results" };
    static const char *const posts[] = { "officer-1",    "officer-2", "operator-1",
                                         "scrutineer-1", "overlay-1", "screen-1", "base-1" };
    struct event *event;
    const struct contest *contest;

    memset(&faults, 0, sizeof(faults));
    assert_int_equal(event_file_read(S1_EVENT, &event, &faults), STATUS_OK);
    assert_int_equal(event->seat_count, 1995);
    assert_int_equal(event->group_count, 4);
    assert_int_equal(event->contest_count, 1);
    contest = &event->contests[0];
    assert_int_equal(contest->live, LIVE_TALLY);
    assert_int_equal(contest->criterion_count, 11);
    for (uint32_t i = 0; i < 11; i++) {
        assert_string_equal(contest->criteria[i].id, criteria[i]);
        assert_true(contest->criteria[i].label.en[0] != '\0');
    }
    assert_int_equal(contest->grade_count, 3);
    assert_string_equal(contest->grades[0].label.zh, "好");
    assert_string_equal(contest->grades[1].label.zh, "中");
    assert_string_equal(contest->grades[2].label.zh, "差");
    assert_int_equal(contest->subject_count, 17);
    assert_string_equal(contest->subjects[0].name.zh, "区委常委一号");
    assert_string_equal(contest->subjects[12].name.zh, "区委常委十三号");
    assert_string_equal(contest->subjects[13].name.zh, "副区长一号");
    assert_string_equal(contest->subjects[16].id, "s17");
    assert_int_equal(event->post_count, 7);
    for (uint32_t i = 0; i < 7; i++) {
        assert_string_equal(event->posts[i].id, posts[i]);
    }
    event_destroy(event);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_minimal_event_is_read_whole),
        cmocka_unit_test(every_fault_has_its_path),
        cmocka_unit_test(base_stations_side_by_side_are_right),
        cmocka_unit_test(a_label_of_64_wide_characters_fits),
        cmocka_unit_test(all_faults_come_at_once),
        cmocka_unit_test(faults_over_the_limit_are_counted),
        cmocka_unit_test(an_event_of_ten_megabytes_is_refused),
        cmocka_unit_test(too_many_of_anything_is_a_fault),
        cmocka_unit_test(the_hash_is_that_of_the_bytes),
        cmocka_unit_test(a_missing_file_is_named),
        cmocka_unit_test(the_s1_event_is_the_one_of_the_facts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

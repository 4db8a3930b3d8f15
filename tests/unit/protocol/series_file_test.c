#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "server/protocol/series_file.h"

#define HEAD "{\"minping\":1,\"id\":\"s4\",\"title\":{\"zh-CN\":\"村居选举\"},\"sittings\":["
#define SITTING(id) "{\"id\":\"" id "\",\"title\":{\"zh-CN\":\"一村\"},\"data\":\"d/" id "\"}"

static enum status parse(const char *text, struct series **series, struct fault_list *faults)
{
    memset(faults, 0, sizeof(*faults));
    return series_parse(text, strlen(text), series, faults);
}

static void a_series_has_its_sittings_in_their_order(void **state)
{
    struct series *series;
    struct fault_list faults;
    (void)state;
    assert_int_equal(parse(HEAD SITTING("v001") ",{\"id\":\"v002\",\"title\":{\"zh-CN\":\"二村\","
                                                "\"en\":\"Village 2\"},\"event\":\"v2.json\"}]}",
                           &series, &faults),
                     STATUS_OK);
    assert_string_equal(series->id, "s4");
    assert_string_equal(series->title.zh, "村居选举");
    assert_int_equal(series->sitting_count, 2);
    assert_string_equal(series->sittings[0].data, "d/v001");
    assert_string_equal(series->sittings[0].event, "");
    assert_string_equal(series->sittings[1].data, "");
    assert_string_equal(series->sittings[1].event, "v2.json");
    assert_string_equal(series->sittings[1].title.en, "Village 2");
    series_destroy(series);
    series_destroy(NULL);
}

static void every_fault_is_named_with_its_path(void **state)
{
    static const struct {
        const char *text;
        const char *where;
        const char *part;
    } cases[] = {
        { "[]", "$", "object" },
        { "{\"id\":\"s4\"}", "$.minping", "missing" },
        { "{\"minping\":2}", "$.minping", "1 to 1" },
        { HEAD "]}", "$.sittings", "1 to 512" },
        { HEAD SITTING("a") "],\"more\":1}", "$.more", "unknown key" },
        { HEAD SITTING("a") "," SITTING("a") "]}", "$.sittings[1].id", "there already" },
        { HEAD "{\"id\":\"a\",\"title\":{\"zh-CN\":\"一\"}}]}", "$.sittings[0]", "needs 'data'" },
        { HEAD "{\"id\":\"a\",\"title\":{\"zh-CN\":\"一\"},\"data\":\"\"}]}", "$.sittings[0].data",
          "1 to 1023 bytes" },
        { HEAD "{\"id\":\"a\",\"title\":{\"zh-CN\":\"一\"},\"data\":\"a\\nb\"}]}",
          "$.sittings[0].data", "control" },
        { HEAD "{\"id\":\"a\",\"data\":\"d\"}]}", "$.sittings[0].title", "object" },
        { HEAD "{\"id\":\"A\",\"title\":{\"zh-CN\":\"一\"},\"data\":\"d\"}]}", "$.sittings[0].id",
          "id" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct series *series;
        struct fault_list faults;
        assert_int_not_equal(parse(cases[i].text, &series, &faults), STATUS_OK);
        assert_null(series);
        assert_string_equal(faults.faults[0].where, cases[i].where);
        if (strstr(faults.faults[0].text, cases[i].part) == NULL &&
            strcmp(faults.faults[0].text, "missing") != 0) {
            fail_msg("case %zu: %s", i, faults.faults[0].text);
        }
    }
}

/* A series of `count` sittings. The caller frees it. */
static char *series_text(uint32_t count)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    fputs(HEAD, file);
    for (uint32_t i = 0; i < count; i++) {
        fprintf(file, "%s{\"id\":\"v%u\",\"title\":{\"zh-CN\":\"村\"},\"data\":\"d%u\"}",
                i > 0 ? "," : "", i, i);
    }
    fputs("]}", file);
    fclose(file);
    return text;
}

static void a_series_holds_512_sittings_and_no_more(void **state)
{
    struct series *series;
    struct fault_list faults;
    (void)state;
    char *text = series_text(SERIES_SITTING_MAX);
    assert_int_equal(parse(text, &series, &faults), STATUS_OK);
    assert_int_equal(series->sitting_count, 512);
    series_destroy(series);
    free(text);
    text = series_text(SERIES_SITTING_MAX + 1);
    assert_int_equal(parse(text, &series, &faults), STATUS_INVALID);
    free(text);
    text = calloc(1, SERIES_SIZE_MAX + 1);
    assert_int_equal(series_parse(text, SERIES_SIZE_MAX + 1, &series, &faults), STATUS_LIMIT);
    free(text);
}

static void paths_are_meant_from_the_file_s_folder(void **state)
{
    char path[] = "/tmp/series-XXXXXX";
    struct series *series;
    struct fault_list faults = { 0 };
    (void)state;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    FILE *file = fdopen(fd, "w");
    fputs(HEAD SITTING("a") ",{\"id\":\"b\",\"title\":{\"zh-CN\":\"一\"},\"data\":\"/d/b\"}]}",
          file);
    fclose(file);
    assert_int_equal(series_file_read(path, &series, &faults), STATUS_OK);
    assert_string_equal(series->sittings[0].data, "/tmp/d/a");
    assert_string_equal(series->sittings[1].data, "/d/b");
    series_destroy(series);
    unlink(path);
    assert_int_equal(series_file_read(path, &series, &faults), STATUS_IO);
    assert_null(series);
    assert_non_null(strstr(faults.faults[0].text, "cannot open '/tmp/series-"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_series_has_its_sittings_in_their_order),
        cmocka_unit_test(every_fault_is_named_with_its_path),
        cmocka_unit_test(a_series_holds_512_sittings_and_no_more),
        cmocka_unit_test(paths_are_meant_from_the_file_s_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/protocol/json_path.h"

static void places_read_as_paths(void **state)
{
    const struct place root = { 0 };
    const struct place contests = { .up = &root, .key = "contests" };
    const struct place entry = { .up = &contests, .index = 12 };
    const struct place name = { .up = &entry, .key = "zh-CN" };
    const struct place odd = { .up = &entry, .key = "a b\"\n民" };
    const struct place empty = { .up = &root, .key = "" };
    const struct place longest = {
        .up = &root, .key = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz"
    };
    const struct {
        const struct place *at;
        const char *expected;
    } cases[] = {
        { &root, "$" },
        { NULL, "$" },
        { &contests, "$.contests" },
        { &entry, "$.contests[12]" },
        { &name, "$.contests[12].zh-CN" },
        { &odd, "$.contests[12][\"a b?????\"]" },
        { &empty, "$[\"\"]" },
        { &longest, "$[\"abcdefghijklmnopqrstuvwxyzabcdefghijklmn...\"]" },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char path[160];

        json_path_of(cases[i].at, path, sizeof(path));
        assert_string_equal(path, cases[i].expected);
    }
}

static void a_small_buffer_cuts_the_path(void **state)
{
    const struct place root = { 0 };
    const struct place contests = { .up = &root, .key = "contests" };

    for (size_t size = 1; size < 16; size++) {
        char path[16];

        memset(path, 'x', sizeof(path));
        json_path_of(&contests, path, size);
        assert_true(strlen(path) < size);
        assert_memory_equal(path, "$.contests", strlen(path));
    }
}

/* The path of the value that '^' stands before. */
static void a_stop_in_the_text_has_a_path(void **state)
{
    static const struct {
        const char *text;
        const char *expected;
    } cases[] = {
        { "^", "$" },
        { "{^", "$" },
        { "{\"a\":^", "$.a" },
        { "{\"a\":1^", "$.a" },
        { "{\"a\":1,\"b\":^", "$.b" },
        { "{\"a\":[1,2,^", "$.a[2]" },
        { "{\"a\":[1,{\"b\":3},{\"c\":[^", "$.a[2].c[0]" },
        { "{\"a\":[1,{\"b\":3}],\"d\":^", "$.d" },
        { "{\"a\":\"x\\\"y,{[\",\"b\":^", "$.b" },
        { "{\"a\":{\"id\":1,\"id\"^", "$.a.id" },
        { "{\"a\":\"not clos^", "$.a" },
        { "{\"a\":\"back\\^", "$.a" },
        { "{\"no e^", "$[\"no e\"]" },
        { "]]}}^", "$" },
        { "[[[[[[[[[[[[[[[[[[[1,^",
          "$[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]" }, /* cut at the 16th level */
        { "[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]],^", "$[1]" },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char path[160];

        json_path_at(cases[i].text, strlen(cases[i].text) - 1, path, sizeof(path));
        assert_string_equal(path, cases[i].expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_read_as_paths),
        cmocka_unit_test(a_small_buffer_cuts_the_path),
        cmocka_unit_test(a_stop_in_the_text_has_a_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

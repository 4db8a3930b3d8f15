#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "server/model/air_report.h"

static void a_delay_counts_once_at_the_least_limit_it_keeps(void **state)
{
    static const struct {
        int64_t ms;
        size_t place;
    } cases[] = { { -5, 0 },  { 0, 0 },    { 20, 0 },    { 21, 1 },
                  { 999, 9 }, { 1000, 9 }, { 1001, 10 }, { INT64_MAX, 10 } };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        uint64_t delays[AIR_DELAY_COUNT + 1] = { 0 };
        uint64_t sum = 0;
        air_delay_count(delays, &sum, cases[i].ms);
        assert_int_equal(delays[cases[i].place], 1);
        assert_int_equal(air_delay_total(delays), 1);
        assert_int_equal(sum, cases[i].ms < 0 ? 0 : cases[i].ms);
    }
}

static void a_name_is_text_that_can_be_shown(void **state)
{
    static const struct {
        const char *text;
        const char *name;
    } cases[] = {
        { "", "" },
        { "udp://239.1.1.1:5000", "udp://239.1.1.1:5000" },
        { "file:会场.ts", "file:会场.ts" },
        { "a\nb\x7f", "a?b?" },
        { "a\xff\xe4\xbc", "a???" },
        { "\xe2\x80\xae"
          "abc",
          "?abc" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char name[AIR_OUTPUT_NAME_SIZE];
        air_name_set(name, cases[i].text);
        assert_string_equal(name, cases[i].name);
    }
}

static void a_long_name_is_cut_between_two_characters(void **state)
{
    char text[200] = "";
    char name[AIR_OUTPUT_NAME_SIZE];
    for (int i = 0; i < 40; i++) {
        memcpy(text + 3 * i, "会", 4);
    }
    air_name_set(name, text);
    assert_int_equal(strlen(name), 93);
    assert_memory_equal(name, text, 93);
}

static void each_state_has_one_name(void **state)
{
    for (int i = AIR_NONE; i < AIR_STATE_COUNT; i++) {
        enum air_state read = AIR_STATE_COUNT;
        assert_true(air_state_parse(air_state_name((enum air_state)i), &read));
        assert_int_equal(read, i);
    }
    enum air_state read;
    assert_false(air_state_parse("down", &read));
    assert_false(air_state_parse("", &read));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_delay_counts_once_at_the_least_limit_it_keeps),
        cmocka_unit_test(a_name_is_text_that_can_be_shown),
        cmocka_unit_test(a_long_name_is_cut_between_two_characters),
        cmocka_unit_test(each_state_has_one_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

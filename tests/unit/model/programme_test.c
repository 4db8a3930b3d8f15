#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/model/programme.h"

static void what_was_put_is_got(void **state)
{
    char params[PARAMS_SIZE] = "";
    char value[64];

    assert_true(params_put(params, "contest", "appraisal"));
    assert_true(params_put(params, "subject", "s01"));
    assert_true(params_put(params, "note", ""));
    assert_true(params_put(params, "sum", "1=1"));
    assert_string_equal(params, "contest=appraisal\nsubject=s01\nnote=\nsum=1=1\n");
    assert_true(params_get(params, "subject", value, sizeof(value)));
    assert_string_equal(value, "s01");
    assert_true(params_get(params, "note", value, sizeof(value)));
    assert_string_equal(value, "");
    assert_true(params_get(params, "sum", value, sizeof(value)));
    assert_string_equal(value, "1=1");
}

static void keys_are_matched_whole(void **state)
{
    static const char params[] = "subject=s01\ncon=1\n";
    char value[64];

    assert_false(params_get(params, "sub", value, sizeof(value)));
    assert_false(params_get(params, "ject", value, sizeof(value)));
    assert_false(params_get(params, "contest", value, sizeof(value)));
    assert_false(params_get(params, "s01", value, sizeof(value)));
    assert_false(params_get("", "subject", value, sizeof(value)));
    assert_true(params_get("a=last", "a", value, sizeof(value)));
    assert_string_equal(value, "last");
}

static void a_value_is_cut_between_characters(void **state)
{
    static const char params[] = "who=民评\n";
    char value[6];

    assert_true(params_get(params, "who", value, sizeof(value)));
    assert_string_equal(value, "民");
    assert_true(params_get(params, "who", value, 1));
    assert_string_equal(value, "");
    assert_true(params_get(params, "who", value, 0));
}

static void bad_keys_and_values_are_refused(void **state)
{
    static const struct {
        const char *key;
        const char *value;
    } cases[] = {
        { "", "x" },      { "a b", "x" },   { "A", "x" },          { "a=", "x" },
        { "a\n", "x" },   { "a-b", "x" },   { "subject", "a\nb" }, { "subject", "\n" },
        { "contest", "" } /* is there already */
    };
    char params[PARAMS_SIZE] = "contest=a\n";

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_false(params_put(params, cases[i].key, cases[i].value));
        assert_string_equal(params, "contest=a\n");
    }
}

static void the_last_byte_fits_and_no_more(void **state)
{
    char params[PARAMS_SIZE] = "";
    char value[PARAMS_SIZE + 1];

    memset(value, 'x', sizeof(value));
    value[PARAMS_SIZE] = '\0';
    assert_false(params_put(params, "a", value));
    value[PARAMS_SIZE - 3] = '\0'; /* with "a=", "\n" and NUL one too many */
    assert_false(params_put(params, "a", value));
    assert_string_equal(params, "");
    value[PARAMS_SIZE - 4] = '\0';
    assert_true(params_put(params, "a", value));
    assert_int_equal(strlen(params), PARAMS_SIZE - 1);
    assert_false(params_put(params, "b", ""));
}

static void there_are_at_most_eight(void **state)
{
    char params[PARAMS_SIZE] = "";
    char key[2] = "a";

    for (int i = 0; i < PARAM_COUNT_MAX; i++, key[0]++) {
        assert_true(params_put(params, key, "1"));
    }
    assert_false(params_put(params, key, "1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_put_is_got),
        cmocka_unit_test(keys_are_matched_whole),
        cmocka_unit_test(a_value_is_cut_between_characters),
        cmocka_unit_test(bad_keys_and_values_are_refused),
        cmocka_unit_test(the_last_byte_fits_and_no_more),
        cmocka_unit_test(there_are_at_most_eight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "server/model/written_name.h"

static void blanks_are_cut_off_both_ends_and_kept_between(void **state)
{
    char name[WRITTEN_NAME_SIZE];

    assert_null(written_name_take("\u3000 候选人 一号\u00a0 ", name));
    assert_string_equal(name, "候选人 一号");
    assert_null(written_name_take("a", name));
    assert_string_equal(name, "a");
}

static void a_bad_name_leaves_nothing(void **state)
{
    static const struct {
        const char *text;
        const char *said;
    } cases[] = {
        { "", "is blank" },
        { " \u3000\u00a0", "is blank" },
        { "a\nb", "has a control character" },
        { "a\u2028", "has a control character" },
        { "a\u202e", "has a control character" },
        { "a\xff", "is not UTF-8" },
        { "123456789012345678901234567890x", "has more than 30 characters" },
        { "123456789012345678901234567890  x", "has more than 30 characters" },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char name[WRITTEN_NAME_SIZE];
        const char *said = written_name_take(cases[i].text, name);

        assert_non_null(said);
        assert_string_equal(said, cases[i].said);
        assert_string_equal(name, "");
    }
}

/* However many blanks follow, and however long its characters are. */
static void thirty_characters_fit(void **state)
{
    static const char text[] = "𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀\u3000 "
                               "                       \u3000";
    char name[WRITTEN_NAME_SIZE];

    assert_null(written_name_take(text, name));
    assert_int_equal(strlen(name), WRITTEN_NAME_SIZE - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blanks_are_cut_off_both_ends_and_kept_between),
        cmocka_unit_test(a_bad_name_leaves_nothing),
        cmocka_unit_test(thirty_characters_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

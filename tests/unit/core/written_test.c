#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/core/written.h"

static void blanks_and_kinds_of_dots_do_not_tell_names_apart(void **state)
{
    static const char *const cases[][2] = {
        { "候选人一号", "候选人一号" },
        { " 候选人 一号 ", "候选人一号" },
        { "候选人\xe3\x80\x80一号", "候选人一号" }, /* U+3000 */
        { "候选人\xc2\xa0一号", "候选人一号" },     /* U+00A0 */
        { "候选•一号", "候选·一号" },
        { "候选‧一号", "候选·一号" },
        { "候选・一号", "候选·一号" },
        { "候选·一号", "候选·一号" },
        { "候选 · 一号", "候选·一号" },
        { "Candidate One", "CandidateOne" },
        { "   ", "" },
        { "", "" },
        { "a\xff z", "a\xffz" }, /* no UTF-8: kept */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char plain[64];
        written_plain(cases[i][0], plain, sizeof(plain));
        assert_string_equal(plain, cases[i][1]);
    }
}

static void a_name_without_a_letter_names_nobody(void **state)
{
    static const char *const names[] = { "候选人", "〇", "a", "Å", "བོད", "ᠮᠣᠩ", "𠮷", "1号" };
    static const char *const marks[] = { "", " ", "?", "1234", "○", "×", "--·", "\xff\xfe", "□" };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_true(written_is_legible(names[i]));
    }
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        assert_false(written_is_legible(marks[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blanks_and_kinds_of_dots_do_not_tell_names_apart),
        cmocka_unit_test(a_name_without_a_letter_names_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

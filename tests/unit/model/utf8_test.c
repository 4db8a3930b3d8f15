#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/model/utf8.h"

static void sound_sequences_give_their_character(void **state)
{
    static const struct {
        const char *text;
        size_t size;
        uint32_t codepoint;
    } cases[] = {
        { "a", 1, 'a' },
        { "\xc2\x80", 2, 0x80 },
        { "\xdf\xbf", 2, 0x7ff },
        { "\xe0\xa0\x80", 3, 0x800 },
        { "\xed\x9f\xbf", 3, 0xd7ff },
        { "\xee\x80\x80", 3, 0xe000 },
        { "\xe6\xb0\x91", 3, 0x6c11 },
        { "\xf0\x90\x80\x80", 4, 0x10000 },
        { "\xf0\xa0\xae\xb7", 4, 0x20bb7 },
        { "\xf4\x8f\xbf\xbf", 4, 0x10ffff },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint32_t codepoint = 0;

        assert_int_equal(utf8_next(cases[i].text, 4, &codepoint), cases[i].size);
        assert_int_equal(codepoint, cases[i].codepoint);
        for (size_t size = 0; size < cases[i].size; size++) {
            assert_int_equal(utf8_next(cases[i].text, size, &codepoint), 0);
        }
    }
}

static void unsound_sequences_give_nothing(void **state)
{
    static const char *const cases[] = {
        "\x80",             /* a tail alone */
        "\xc0\x80",         /* NUL, too long a form */
        "\xc1\xbf",         /* DEL, too long a form */
        "\xe0\x9f\xbf",     /* U+07FF, too long a form */
        "\xed\xa0\x80",     /* a surrogate */
        "\xed\xbf\xbf",     /* a surrogate */
        "\xf0\x8f\xbf\xbf", /* U+FFFF, too long a form */
        "\xf4\x90\x80\x80", /* over U+10FFFF */
        "\xf5\x80\x80\x80", "\xff", "\xe6\xb0z", "\xe6z\x91",
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint32_t codepoint;

        assert_int_equal(utf8_next(cases[i], strlen(cases[i]), &codepoint), 0);
    }
}

static void a_cut_never_parts_a_character(void **state)
{
    static const struct {
        const char *text;
        size_t size_max;
        size_t expected;
    } cases[] = {
        { "", 0, 0 },
        { "abc", 2, 2 },
        { "abc", 3, 3 },
        { "abc", 9, 3 },
        { "a\xe6\xb0\x91", 1, 1 },
        { "a\xe6\xb0\x91", 2, 1 },
        { "a\xe6\xb0\x91", 3, 1 },
        { "a\xe6\xb0\x91", 4, 4 },
        { "\xf0\xa0\xae\xb7x", 3, 0 },
        { "\xf0\xa0\xae\xb7x", 4, 4 },
        { "\x80\x80\x80\x80\x80\x80", 5, 5 }, /* not UTF-8: cut anywhere, but cut */
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(utf8_cut(cases[i].text, cases[i].size_max), cases[i].expected);
    }
}

static void controls_and_bidi_are_told_from_text(void **state)
{
    static const uint32_t controls[] = { 0, 9, 10, 0x1f, 0x7f, 0x85, 0x9f, 0x2028, 0x2029 };
    static const uint32_t bidi[] = { 0x61c,  0x200e, 0x200f, 0x202a, 0x202b, 0x202c,
                                     0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069 };
    static const uint32_t texts[] = { ' ', '~', 0xa0, 0x61b, 0x200d, 0x2010, 0x2027, 0x202f,
                                      0x2065, 0x206a, 0x3000, 0x6c11, 0x20bb7 };

    for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++) {
        assert_true(utf8_is_control(controls[i]));
        assert_false(utf8_is_bidi(controls[i]));
    }
    for (size_t i = 0; i < sizeof(bidi) / sizeof(bidi[0]); i++) {
        assert_true(utf8_is_bidi(bidi[i]));
        assert_false(utf8_is_control(bidi[i]));
    }
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_false(utf8_is_control(texts[i]) || utf8_is_bidi(texts[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sound_sequences_give_their_character),
        cmocka_unit_test(unsound_sequences_give_nothing),
        cmocka_unit_test(a_cut_never_parts_a_character),
        cmocka_unit_test(controls_and_bidi_are_told_from_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

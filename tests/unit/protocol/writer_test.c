#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/protocol/writer.h"

static void numbers_are_written_to_their_ends(void **state)
{
    char buffer[128];
    struct writer writer;

    writer_init(&writer, buffer, sizeof(buffer));
    writer_uint(&writer, 0);
    writer_literal(&writer, " ");
    writer_uint(&writer, UINT64_MAX);
    writer_literal(&writer, " ");
    writer_int(&writer, INT64_MIN);
    writer_literal(&writer, " ");
    writer_int(&writer, INT64_MAX);
    assert_int_equal(writer_end(&writer), strlen(buffer));
    assert_string_equal(buffer,
                        "0 18446744073709551615 -9223372036854775808 9223372036854775807");
}

static void strings_are_escaped(void **state)
{
    static const struct {
        const char *text;
        const char *expected;
    } cases[] = {
        { "", "\"\"" },
        { "plain", "\"plain\"" },
        { "a\"b\\c/", "\"a\\\"b\\\\c/\"" },
        { "\n\t\x01\x1f", "\"\\u000a\\u0009\\u0001\\u001f\"" },
        { "民评 𠮷", "\"民评 𠮷\"" },
        { "\x7f", "\"\x7f\"" },
        { "a\xff", "\"a\xef\xbf\xbd\"" },
        { "\xe6\xb0", "\"\xef\xbf\xbd\xef\xbf\xbd\"" }, /* a character cut in two */
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char buffer[64];
        struct writer writer;

        writer_init(&writer, buffer, sizeof(buffer));
        writer_string(&writer, cases[i].text);
        assert_int_equal(writer_end(&writer), strlen(cases[i].expected));
        assert_string_equal(buffer, cases[i].expected);
    }
}

static void hexadecimal_has_all_its_digits(void **state)
{
    static const uint8_t bytes[] = { 0x00, 0x0f, 0xa5, 0xff };
    char buffer[64];
    struct writer writer;

    writer_init(&writer, buffer, sizeof(buffer));
    writer_hex(&writer, bytes, sizeof(bytes));
    writer_hex64(&writer, 0x00123456789abcdeu);
    assert_int_equal(writer_end(&writer), 28);
    assert_string_equal(buffer, "\"000fa5ff\"\"00123456789abcde\"");
}

/* Whatever the buffer's size: all of it or 0, and not a byte beyond. */
static void what_does_not_fit_is_refused(void **state)
{
    for (size_t size = 0; size < 40; size++) {
        char *buffer = malloc(size > 0 ? size : 1); /* exact, so that ASan sees a byte too many */
        struct writer writer;
        size_t length;

        writer_init(&writer, buffer, size);
        writer_literal(&writer, "[");
        writer_uint(&writer, 12345);
        writer_string(&writer, "民\"\n");
        writer_hex64(&writer, 7);
        writer_literal(&writer, "]");
        length = writer_end(&writer);
        assert_int_equal(length, size > 38 ? 38 : 0);
        free(buffer);
    }
}

static void once_over_it_stays_over(void **state)
{
    char buffer[4];
    struct writer writer;

    writer_init(&writer, buffer, sizeof(buffer));
    writer_literal(&writer, "12345");
    writer_literal(&writer, "6"); /* would fit */
    assert_true(writer.is_over);
    assert_int_equal(writer_end(&writer), 0);
}

static void a_growing_writer_ends_at_its_limit(void **state)
{
    static const char block[1 << 16] = { 0 };
    struct writer writer;
    size_t put = 0;

    writer_init(&writer, NULL, 0);
    writer.more = writer_grow;
    while (!writer.is_over && put < (8u << 20)) {
        writer_put(&writer, block, sizeof(block));
        put += sizeof(block);
    }
    assert_true(writer.is_over);
    assert_int_equal(writer.used, 4u << 20);
    free(writer.buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_written_to_their_ends),
        cmocka_unit_test(strings_are_escaped),
        cmocka_unit_test(hexadecimal_has_all_its_digits),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(once_over_it_stays_over),
        cmocka_unit_test(a_growing_writer_ends_at_its_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

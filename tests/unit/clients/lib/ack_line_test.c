#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "clients/lib/ack_line.h"

static void a_line_that_was_written_is_read_back(void **state)
{
    const struct ack_line line = { .round = 4096,
                                   .seat = 100000,
                                   .item = 39,
                                   .version = VERSION_MAX,
                                   .choice = 7,
                                   .nonce = { 0x00, 0x01, 0x7f, 0x80, 0xff, 0xab, 0xcd, 0xef },
                                   .receipt = "K7M2PQ4X" };
    char text[ACK_LINE_SIZE];
    struct ack_line read;
    (void)state;
    size_t size = ack_line_format(&line, text);
    assert_string_equal(text, "4096 100000 39 2147483647 7 00017f80ffabcdef K7M2PQ4X\n");
    assert_int_equal(size, strlen(text));
    memset(&read, 0, sizeof(read));
    assert_true(ack_line_parse(text, size - 1, &read));
    assert_int_equal(read.round, line.round);
    assert_int_equal(read.seat, line.seat);
    assert_int_equal(read.item, line.item);
    assert_int_equal(read.version, line.version);
    assert_int_equal(read.choice, line.choice);
    assert_memory_equal(read.nonce, line.nonce, NONCE_SIZE);
    assert_string_equal(read.receipt, line.receipt);
}

static void a_line_that_is_none_is_not_read(void **state)
{
    static const char *const wrong[] = {
        "",
        "1",
        "1 2 3 4 5",
        "1 2 3 4 5 0123456789abcdef",
        "1 2 3 4 5 0123456789abcdef ",
        "1 2 3 4 5 0123456789abcdef ABCDEFG",
        "1 2 3 4 5 0123456789abcdef ABCDEFGHI",
        "1 2 3 4 5 0123456789abcdef ABCD FGH",
        "1 2 3 4 5 0123456789abcdef ABCD\tFGH",
        "1 2 3 4 5 0123456789abcdef ABCDéGH",
        "1 2 3 4 5 0123456789ABCDEF ABCDEFGH",
        "1 2 3 4 5 0123456789abcde ABCDEFGH",
        "1 2 3 4 5 0123456789abcdeff ABCDEFGH",
        "x 2 3 4 5 0123456789abcdef ABCDEFGH",
        "-1 2 3 4 5 0123456789abcdef ABCDEFGH",
        " 1 2 3 4 5 0123456789abcdef ABCDEFGH",
        "1  2 3 4 5 0123456789abcdef ABCDEFGH",
        "4294967296 2 3 4 5 0123456789abcdef ABCDEFGH",
        "99999999999 2 3 4 5 0123456789abcdef ABCDEFGH",
    };
    struct ack_line line;
    (void)state;
    assert_true(ack_line_parse("1 2 3 4 5 0123456789abcdef ABCDEFGH", 35, &line));
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_false(ack_line_parse(wrong[i], strlen(wrong[i]), &line));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_that_was_written_is_read_back),
        cmocka_unit_test(a_line_that_is_none_is_not_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

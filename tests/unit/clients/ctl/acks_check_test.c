#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "clients/ctl/acks_check.h"

/* Round 1: slot 1 has versions 1 and 2 of item 0, slot 2 version 1; the higher one counts. */
static struct recount_mark marks[] = {
    { .mark = { .slot = { 1 },
                .nonce = { 0x11 },
                .round = 1,
                .version = 1,
                .item = 0,
                .choice = 0 } },
    { .mark = { .slot = { 1 },
                .nonce = { 0x12 },
                .round = 1,
                .version = 2,
                .item = 0,
                .choice = 1 },
      .is_counted = true },
    { .mark = { .slot = { 2 },
                .nonce = { 0x21 },
                .round = 1,
                .version = 1,
                .item = 0,
                .choice = 2 },
      .is_counted = true },
    { .mark = { .slot = { 2 },
                .nonce = { 0x21 },
                .round = 1,
                .version = 1,
                .item = 3,
                .choice = 7 },
      .is_counted = true },
    { .mark = { .slot = { 2 },
                .nonce = { 0x21 },
                .round = 1,
                .version = 1,
                .item = 4,
                .choice = 0 },
      .is_counted = true },
};
static struct group groups[] = {
    { .id = "members", .first_seat = 1, .seat_count = 20, .vote_count = 20 },
    { .id = "guests", .first_seat = 21, .seat_count = 20, .vote_count = 20 },
};
static const struct event event = { .groups = groups, .group_count = 2, .seat_count = 40 };
static const struct recount recount = { .marks = marks, .mark_count = 5 };

#define LINE_1 "1 17 0 1 0 1100000000000000 AAAAAAAA\n"
#define LINE_2 "1 17 0 2 1 1200000000000000 AAAAAAAA\n"
#define LINE_NAME "1 18 3 1 65535 2100000000000000 BBBBBBBB\n"
#define LINE_EMPTY "1 18 4 1 0 2100000000000000 BBBBBBBB\n"
#define LINE_3 "1 18 0 1 2 2100000000000000 BBBBBBBB\n"

static enum status text_check(const char *text, struct acks_report *report, struct fault *fault)
{
    char path[] = "/tmp/minping-acks-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    enum status status = acks_check(path, &event, &recount, report, fault);
    unlink(path);
    return status;
}

static void acknowledged_marks_in_the_log_are_counted_or_replaced(void **state)
{
    struct acks_report report;
    (void)state;
    assert_int_equal(text_check(LINE_1 LINE_2 LINE_3, &report, NULL), STATUS_OK);
    assert_int_equal(report.line_count, 3);
    assert_int_equal(report.counted_count, 2);
    assert_int_equal(report.superseded_count, 1);
    assert_int_equal(report.cut_count, 0);
    assert_int_equal(text_check("", &report, NULL), STATUS_OK);
    assert_int_equal(report.line_count, 0);
}

static void an_acknowledged_mark_is_of_its_seats_group(void **state)
{
    struct acks_report report;
    struct fault fault = { 0 };
    (void)state;
    assert_int_equal(text_check("1 21 0 1 2 2100000000000000 BBBBBBBB\n", &report, &fault),
                     STATUS_NOT_FOUND);
    assert_non_null(strstr(fault.text, "another group"));
}

static void of_a_name_written_in_only_that_there_is_one_is_compared(void **state)
{
    struct acks_report report;
    struct fault fault = { 0 };
    (void)state;
    assert_int_equal(text_check(LINE_3 LINE_NAME LINE_EMPTY, &report, NULL), STATUS_OK);
    assert_int_equal(report.counted_count, 3);
    assert_int_equal(
        text_check(LINE_3 "1 18 4 1 65535 2100000000000000 BBBBBBBB\n", &report, &fault),
        STATUS_NOT_FOUND);
    assert_non_null(strstr(fault.text, "another choice"));
    assert_int_equal(text_check("1 18 3 1 0 2100000000000000 BBBBBBBB\n", &report, NULL),
                     STATUS_NOT_FOUND);
}

static void a_line_cut_short_at_the_end_is_told_and_not_held_against_the_log(void **state)
{
    struct acks_report report;
    (void)state;
    assert_int_equal(text_check(LINE_2 "1 18 0 1 2 21000", &report, NULL), STATUS_OK);
    assert_int_equal(report.line_count, 1);
    assert_int_equal(report.cut_count, 1);
}

static void what_was_acknowledged_and_is_not_in_the_log_is_found_with_its_line(void **state)
{
    static const struct {
        const char *text;
        enum status status;
        const char *said;
    } cases[] = {
        { LINE_2 "1 18 0 1 2 2200000000000000 BBBBBBBB\n", STATUS_NOT_FOUND, "not in the log" },
        { LINE_2 "1 18 0 2 2 2100000000000000 BBBBBBBB\n", STATUS_NOT_FOUND, "not in the log" },
        { LINE_2 "2 18 0 1 2 2100000000000000 BBBBBBBB\n", STATUS_NOT_FOUND, "not in the log" },
        { LINE_2 "1 18 1 1 2 2100000000000000 BBBBBBBB\n", STATUS_NOT_FOUND, "not in the log" },
        { LINE_2 "1 18 0 1 1 2100000000000000 BBBBBBBB\n", STATUS_NOT_FOUND, "another choice" },
        { LINE_2 "1 18 70000 1 2 2100000000000000 BBBBBBBB\n", STATUS_NOT_FOUND, "not in the log" },
        { LINE_2 "nonsense\n" LINE_3, STATUS_INVALID, "not a line" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct acks_report report;
        struct fault fault = { 0 };
        assert_int_equal(text_check(cases[i].text, &report, &fault), cases[i].status);
        assert_non_null(strstr(fault.text, cases[i].said));
        assert_non_null(strstr(fault.where, ":2"));
    }
}

static void a_seat_with_two_slots_and_a_slot_with_two_seats_are_found(void **state)
{
    struct acks_report report;
    struct fault fault = { 0 };
    (void)state;
    assert_int_equal(text_check(LINE_1 "1 17 0 1 2 2100000000000000 BBBBBBBB\n", &report, &fault),
                     STATUS_NOT_FOUND);
    assert_non_null(strstr(fault.text, "seat 17 has two slots"));
    fault = (struct fault){ 0 };
    assert_int_equal(text_check(LINE_1 "1 99 0 2 1 1200000000000000 AAAAAAAA\n", &report, &fault),
                     STATUS_NOT_FOUND);
    assert_non_null(strstr(fault.text, "shares its slot"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(acknowledged_marks_in_the_log_are_counted_or_replaced),
        cmocka_unit_test(an_acknowledged_mark_is_of_its_seats_group),
        cmocka_unit_test(of_a_name_written_in_only_that_there_is_one_is_compared),
        cmocka_unit_test(a_line_cut_short_at_the_end_is_told_and_not_held_against_the_log),
        cmocka_unit_test(what_was_acknowledged_and_is_not_in_the_log_is_found_with_its_line),
        cmocka_unit_test(a_seat_with_two_slots_and_a_slot_with_two_seats_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

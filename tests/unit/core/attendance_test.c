#include "election_fixture.h"

#include <stdio.h>
#include <string.h>

#include "server/core/attendance.h"

static void seats_come_and_go_by_lists(void **state)
{
    struct event *event = election_event(20, 2, 1);
    struct attendance *attendance = attendance_create(event);
    struct attendance_counts counts;
    assert_int_equal(attendance_set(attendance, "1-12,15,21", true, NULL), STATUS_OK);
    assert_true(attendance_is_present(attendance, 12));
    assert_false(attendance_is_present(attendance, 13));
    assert_int_equal(attendance_set(attendance, "3-4", false, NULL), STATUS_OK);
    assert_false(attendance_is_present(attendance, 3));
    attendance_count(attendance, &counts);
    assert_int_equal(counts.registered[0], 20);
    assert_int_equal(counts.present[0], 11); /* seat 21 has no right to vote */
    assert_int_equal(counts.electors[0], 11);
    assert_int_equal(group_sum(counts.registered), 20); /* a test pad is on no roll */
    attendance_set_pad(attendance, 5, false);
    attendance_count(attendance, &counts);
    assert_int_equal(counts.present[0], 11);
    assert_int_equal(counts.electors[0], 10);
    attendance_destroy(attendance);
    event_destroy(event);
}

static void a_list_that_is_none_changes_nothing(void **state)
{
    static const char *const lists[] = {
        "",    "0",   "1,", ",1",   "1-",       "-3", "5-3",  "3,2",   "2,2",        "1-3,3", "a",
        "1;2", "1 2", "23", "1-23", "99999999", "01", "1--3", "1-2-3", "4294967297", "1,\n2",
    };
    struct event *event = election_event(20, 2, 1);
    struct attendance *attendance = attendance_create(event);
    struct attendance_counts counts;
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        struct fault fault = { 0 };
        assert_int_equal(attendance_set(attendance, lists[i], true, &fault), STATUS_INVALID);
        assert_true(fault.text[0] != '\0');
    }
    attendance_count(attendance, &counts);
    assert_int_equal(group_sum(counts.present), 0);
    attendance_destroy(attendance);
    event_destroy(event);
}

static void where_nobody_is_checked_in_everybody_is_present(void **state)
{
    struct event *event = election_event(20, 2, 1);
    struct attendance_counts counts;
    event->check_in = CHECK_IN_NONE;
    struct attendance *attendance = attendance_create(event);
    attendance_count(attendance, &counts);
    assert_int_equal(group_sum(counts.present), 20);
    assert_true(attendance_is_elector(attendance, 20));
    assert_false(attendance_is_elector(attendance, 21));
    assert_false(attendance_is_elector(attendance, 22));
    attendance_destroy(attendance);
    event_destroy(event);
}

static void a_list_is_written_in_runs_and_cut_where_it_ends(void **state)
{
    const uint32_t seats[] = { 1, 2, 3, 7, 9, 10, 100000 };
    char list[32];
    assert_int_equal(seat_list_write(seats, 7, list, sizeof(list)), 7);
    assert_string_equal(list, "1-3,7,9-10,100000");
    assert_int_equal(seat_list_write(seats, 7, list, 11), 6);
    assert_string_equal(list, "1-3,7,9-10");
    assert_int_equal(seat_list_write(seats, 0, list, sizeof(list)), 0);
    assert_string_equal(list, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seats_come_and_go_by_lists),
        cmocka_unit_test(a_list_that_is_none_changes_nothing),
        cmocka_unit_test(where_nobody_is_checked_in_everybody_is_present),
        cmocka_unit_test(a_list_is_written_in_runs_and_cut_where_it_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

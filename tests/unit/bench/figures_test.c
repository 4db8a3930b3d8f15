#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "clients/bench/bench.h"
#include "clients/bench/latency.h"
#include "clients/bench/load.h"
#include "clients/bench/report.h"

static void median_is_the_middle_value(void **state)
{
    double odd[] = { 9, 1, 5 };
    double even[] = { 4, 1, 3, 2 };
    assert_true(bench_median(odd, 3) == 5);
    assert_true(bench_median(even, 4) == 2.5);
    assert_true(bench_median(odd, 0) == 0);
    assert_true(odd[0] == 1 && odd[2] == 9);
}

static void quantile_is_the_step_that_holds_the_share(void **state)
{
    static struct latency latency;
    latency_clear(&latency);
    assert_true(latency_quantile_ms(&latency, 0.99) == 0);
    for (int i = 0; i < 99; i++) {
        latency_add(&latency, 1000000);
    }
    latency_add(&latency, 400000000);
    assert_true(fabs(latency_quantile_ms(&latency, 0.50) - 1.05) < 1e-9);
    assert_true(fabs(latency_quantile_ms(&latency, 0.99) - 1.05) < 1e-9);
    assert_true(fabs(latency_quantile_ms(&latency, 1.0) - 400.05) < 1e-9);
}

static void times_out_of_range_count_at_the_ends(void **state)
{
    static struct latency latency;
    latency_clear(&latency);
    latency_add(&latency, -5);
    assert_true(fabs(latency_quantile_ms(&latency, 1.0) - 0.05) < 1e-9);
    latency_add(&latency, INT64_MAX);
    assert_true(latency_quantile_ms(&latency, 1.0) >= 5000);
}

static json_t *line_load(const struct report *report)
{
    char text[4096] = "";
    FILE *file = fmemopen(text, sizeof(text), "w");
    assert_non_null(file);
    report_print_json(report, file);
    fclose(file);
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
    json_t *line = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(line);
    return line;
}

static void json_line_has_every_figure_by_its_name(void **state)
{
    struct report report = { .bench = "ingest", .ratio = 1.5, .floor = 8.25 };
    report_put(&report, "acked", "marks", 123456, 0, "marks");
    report_put_goal(&report, "p99_ms", "p99", 7.5, 2, "ms", "at most 10", true);
    json_t *line = line_load(&report);
    assert_string_equal(json_string_value(json_object_get(line, "bench")), "ingest");
    assert_true(json_number_value(json_object_get(line, "ratio")) == 1.5);
    assert_true(json_number_value(json_object_get(line, "floor")) == 8.25);
    assert_true(json_number_value(json_object_get(line, "acked")) == 123456);
    assert_true(json_number_value(json_object_get(line, "p99_ms")) == 7.5);
    assert_true(json_is_true(json_object_get(line, "met")));
    json_decref(line);
}

static void one_goal_not_reached_is_not_met(void **state)
{
    struct report report = { .bench = "fanout", .ratio = NAN, .floor = 1 };
    report_put_goal(&report, "a", "a", 1, 0, "", "goal", true);
    assert_true(report_is_met(&report));
    report_put_goal(&report, "b", "b", 1, 0, "", "goal", false);
    assert_false(report_is_met(&report));
    json_t *line = line_load(&report);
    assert_true(json_is_false(json_object_get(line, "met")));
    assert_true(json_is_null(json_object_get(line, "ratio")));
    json_decref(line);
}

static void ack_is_read_and_nothing_else_is_one(void **state)
{
    static const char ack[] = "{\"t\":\"ack\",\"id\":4711,\"round\":3,\"receipt\":\"K7M2PQ4X\"}";
    static const char refused[] = "{\"t\":\"refused\",\"id\":17,\"reason\":\"busy\",\"text\":\"\"}";
    assert_int_equal(ack_id_read(ack, sizeof(ack) - 1), 4711);
    assert_true(ack_id_read(refused, sizeof(refused) - 1) == UINT64_MAX);
    assert_true(ack_id_read(ack, 5) == UINT64_MAX);
    assert_int_equal(refusal_id_read(refused, sizeof(refused) - 1), 17);
    assert_true(refusal_id_read("{\"t\":\"refused\"}", 15) == UINT64_MAX);
    assert_true(load_message_is(refused, sizeof(refused) - 1, "refused"));
    assert_false(load_message_is(ack, sizeof(ack) - 1, "refused"));
    assert_false(load_message_is("{\"t\":\"re", 8, "refused"));
}

static void numbers_and_nonces_are_written_as_json_has_them(void **state)
{
    char text[64] = "";
    char *at = text_put_number(text, 0);
    *at++ = ' ';
    at = text_put_number(at, UINT64_MAX);
    *at++ = ' ';
    at = text_put_nonce(at, 0x0123456789abcdefu);
    *at = '\0';
    assert_string_equal(text, "0 18446744073709551615 0123456789abcdef");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(median_is_the_middle_value),
        cmocka_unit_test(quantile_is_the_step_that_holds_the_share),
        cmocka_unit_test(times_out_of_range_count_at_the_ends),
        cmocka_unit_test(json_line_has_every_figure_by_its_name),
        cmocka_unit_test(one_goal_not_reached_is_not_met),
        cmocka_unit_test(ack_is_read_and_nothing_else_is_one),
        cmocka_unit_test(numbers_and_nonces_are_written_as_json_has_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

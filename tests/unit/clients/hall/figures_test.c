#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clients/hall/figures.h"

static void quantiles_are_right_to_three_percent_from_above(void **state)
{
    struct latency *latency = calloc(1, sizeof(*latency));
    (void)state;
    assert_int_equal(latency_at(latency, 0.5), 0);
    for (uint64_t us = 1; us <= 100000; us++) {
        latency_add(latency, us);
    }
    static const double shares[] = { 0.01, 0.5, 0.9, 0.99, 0.999 };
    for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++) {
        uint64_t exact = (uint64_t)(shares[i] * 100000.0);
        assert_in_range(latency_at(latency, shares[i]), exact, exact + exact * 33 / 1000 + 1);
    }
    assert_int_equal(latency_at(latency, 1.0), 100000);
    assert_int_equal(latency->max_us, 100000);
    free(latency);
}

static void the_shortest_and_the_longest_time_have_their_place(void **state)
{
    struct latency *latency = calloc(1, sizeof(*latency));
    (void)state;
    latency_add(latency, 0);
    assert_int_equal(latency_at(latency, 1.0), 0);
    latency_add(latency, UINT64_MAX);
    assert_int_equal(latency->count, 2);
    assert_int_equal(latency_at(latency, 0.5), 0);
    assert_int_equal(latency->max_us, UINT64_MAX);
    free(latency);
}

static void the_line_of_figures_names_only_reasons_that_came(void **state)
{
    struct hall_figures *figures = calloc(1, sizeof(*figures));
    char *text = NULL;
    size_t size = 0;
    (void)state;
    figures->cast = 10;
    figures->acked = 7;
    figures->refused[REFUSAL_CLOSED] = 2;
    figures->refused[REFUSAL_CONFLICT] = 1;
    figures->first_cast_ns = 1000000000;
    figures->last_ack_ns = 3000000000;
    FILE *file = open_memstream(&text, &size);
    hall_figures_print(figures, 5, 0, file);
    fclose(file);
    assert_non_null(strstr(text, "{\"seats\":5,"));
    assert_non_null(strstr(text, "\"refused\":{\"closed\":2,\"conflict\":1}"));
    assert_non_null(strstr(text, "\"marks_per_s\":3.5,"));
    assert_non_null(strstr(text, "\"unresolved\":0}\n"));
    assert_int_equal(strchr(text, '\n') - text, (ptrdiff_t)size - 1);
    free(text);
    free(figures);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_are_right_to_three_percent_from_above),
        cmocka_unit_test(the_shortest_and_the_longest_time_have_their_place),
        cmocka_unit_test(the_line_of_figures_names_only_reasons_that_came),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

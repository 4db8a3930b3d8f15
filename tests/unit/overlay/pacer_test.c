#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "overlay/pacer.h"
#include "overlay/ts_packet.h"

#define MS INT64_C(1000000)
#define SLOT_MS (TS_SECOND / 1000)

static void packets_are_due_by_delay_and_jitter(void **state)
{
    (void)state;
    struct pacer pacer = { .delay = 2 * TS_SECOND };
    pacer_note(&pacer, 5 * TS_SECOND, 77000 * MS);
    assert_true(pacer.is_anchored);
    assert_int_equal(pacer_due_ns(&pacer, 5 * TS_SECOND), 79000 * MS + PACER_JITTER_NS);
    assert_int_equal(pacer_due_ns(&pacer, 6 * TS_SECOND), 80000 * MS + PACER_JITTER_NS);
}

/* Bursts of 30 ms: what is due moves by a fraction of that. */
static void jitter_of_arrival_is_evened_out(void **state)
{
    (void)state;
    struct pacer pacer = { 0 };
    int64_t least = INT64_MAX, most = INT64_MIN;
    for (int64_t i = 0; i < 20000; i++) {
        pacer_note(&pacer, i * SLOT_MS, (i + (i % 30)) * MS);
        int64_t due_ns = pacer_due_ns(&pacer, 0);
        if (i < 10000)
            continue;
        least = due_ns < least ? due_ns : least;
        most = due_ns > most ? due_ns : most;
    }
    assert_true(most - least < 2 * MS);
}

static void clocks_that_drift_are_followed(void **state)
{
    (void)state;
    struct pacer pacer = { 0 };
    int64_t now_ns = 0;
    for (int64_t i = 0; i < 100000; i++) {
        now_ns = i * (MS + 100); /* 100 ppm */
        pacer_note(&pacer, i * SLOT_MS, now_ns);
    }
    int64_t off_ns = pacer_due_ns(&pacer, 99999 * SLOT_MS) - PACER_JITTER_NS - now_ns;
    assert_true(off_ns > -MS && off_ns < MS);
}

static void source_that_begins_anew_is_tied_anew(void **state)
{
    (void)state;
    struct pacer pacer = { 0 };
    pacer_note(&pacer, 0, 0);
    pacer_note(&pacer, TS_SECOND, 3000 * MS);
    assert_int_equal(pacer_due_ns(&pacer, TS_SECOND), 3000 * MS + PACER_JITTER_NS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_are_due_by_delay_and_jitter),
        cmocka_unit_test(jitter_of_arrival_is_evened_out),
        cmocka_unit_test(clocks_that_drift_are_followed),
        cmocka_unit_test(source_that_begins_anew_is_tied_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

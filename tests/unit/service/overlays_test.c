#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "server/service/overlays.h"

static const struct air_report report = { .bus = BUS_PROGRAMME, .format = "1080i25", .frames = 7 };

static uint32_t live_count(const struct overlays *overlays, int64_t steady_ms)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < OVERLAY_PLACES; i++) {
        count += overlays_at(overlays, i, steady_ms) != NULL;
    }
    return count;
}

static void the_newest_word_of_a_connection_is_kept(void **state)
{
    static struct overlays overlays;
    struct air_report newer = report;
    newer.frames = 8;
    overlays_put(&overlays, 0, "overlay-1", &report, 1000);
    overlays_put(&overlays, 0, "overlay-1", &newer, 2000);
    assert_int_equal(live_count(&overlays, 2000), 1);
    assert_int_equal(overlays_at(&overlays, 0, 2000)->report.frames, 8);
    assert_string_equal(overlays_at(&overlays, 0, 2000)->post, "overlay-1");
}

static void who_is_gone_or_silent_is_not_live(void **state)
{
    static struct overlays overlays;
    overlays_put(&overlays, 4, "overlay-1", &report, 1000);
    overlays_put(&overlays, 5, "overlay-1", &report, 1001);
    assert_int_equal(live_count(&overlays, 1000 + OVERLAY_FRESH_MS), 2);
    assert_int_equal(live_count(&overlays, 1001 + OVERLAY_FRESH_MS), 1);
    overlays_leave(&overlays, 5);
    overlays_leave(&overlays, 6);
    assert_int_equal(live_count(&overlays, 1000), 1);
    overlays_put(&overlays, 4, "overlay-1", &report, 9000);
    assert_int_equal(live_count(&overlays, 9000), 1);
}

static void one_overlay_too_many_is_counted_and_not_kept(void **state)
{
    static struct overlays overlays;
    for (uint32_t conn = 0; conn <= OVERLAY_PLACES; conn++) {
        overlays_put(&overlays, conn, "overlay-1", &report, 0);
    }
    assert_int_equal(live_count(&overlays, 0), OVERLAY_PLACES);
    assert_int_equal(overlays.passed_total, 1);
    overlays_leave(&overlays, 3);
    overlays_put(&overlays, OVERLAY_PLACES, "overlay-1", &report, 0);
    assert_int_equal(live_count(&overlays, 0), OVERLAY_PLACES);
    assert_int_equal(overlays.passed_total, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_newest_word_of_a_connection_is_kept),
        cmocka_unit_test(who_is_gone_or_silent_is_not_live),
        cmocka_unit_test(one_overlay_too_many_is_counted_and_not_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "overlay/ts_standin.h"

#define PMT 0x100
#define PCR 0x101
#define TICK (TS_SECOND / 1000) /* a packet's time */

static void table_put(struct standin *standin, uint16_t pid, uint8_t counter, uint8_t mark)
{
    static const struct ts_pids pids = { .pmt = PMT, .pcr = PCR };
    uint8_t packet[TS_PACKET_SIZE];
    memset(packet, mark, sizeof packet);
    const uint8_t head[] = { 0x47, (uint8_t)(0x40 | pid >> 8), (uint8_t)pid,
                             (uint8_t)(0x10 | counter), 0 };
    memcpy(packet, head, sizeof head);
    standin_note(standin, packet, &pids);
}

/* A stream of 1,000 packets a second whose clock wraps half a second after it stopped. */
static struct slot_clock clock_make(void)
{
    return (struct slot_clock){ .has_pcr = true,
                                .has_rate = true,
                                .pcr = TS_PCR_WRAP - TS_SECOND / 2,
                                .time = 5 * TS_SECOND,
                                .index = 5000,
                                .span = 10 * TICK,
                                .count = 10 };
}

static void clock_and_tables_go_on(void **state)
{
    (void)state;
    struct standin standin = { 0 };
    struct slot_clock clock = clock_make();
    uint32_t tables[2] = { 0 }, clocks = 0, nulls = 0;
    int64_t pcr_before = -1, time, last = 0;
    uint8_t packet[TS_PACKET_SIZE], counter = 14;
    table_put(&standin, 0, 14, 0xaa);
    table_put(&standin, PMT, 3, 0xbb);
    assert_true(standin_begin(&standin, &clock, 5001));
    while (standin_take(&standin, 7 * TS_SECOND, &time, packet)) {
        struct ts_facts facts;
        assert_true(ts_packet_read(packet, &facts));
        assert_int_equal(time, last == 0 ? 5 * TS_SECOND + TICK : last + TICK);
        last = time;
        clocks += facts.pcr >= 0;
        nulls += facts.pid == TS_PID_NULL;
        tables[1] += facts.pid == PMT;
        if (facts.pid == 0) {
            tables[0]++;
            counter = (counter + 1) & 15;
            assert_int_equal(facts.counter, counter);
            assert_int_equal(packet[TS_PACKET_SIZE - 1], 0xaa);
        }
        if (facts.pcr < 0)
            continue;
        assert_int_equal(facts.pid, PCR);
        assert_int_equal(facts.payload_at, TS_PACKET_SIZE);
        assert_int_equal(facts.pcr, (clock.pcr + time - clock.time) % TS_PCR_WRAP);
        if (pcr_before >= 0)
            assert_in_range(ts_distance(pcr_before, facts.pcr, TS_PCR_WRAP), 1,
                            TS_SECOND * 40 / 1000);
        pcr_before = facts.pcr;
    }
    assert_int_equal(last, 7 * TS_SECOND);
    assert_in_range(clocks, 60, 70);
    assert_int_equal(tables[0], 20);
    assert_int_equal(tables[1], 20);
    assert_int_equal(nulls, 2000 - clocks - 40);
}

static void nothing_stands_in_without_a_rate(void **state)
{
    (void)state;
    struct standin standin = { 0 };
    struct slot_clock clock = { .has_pcr = true };
    assert_false(standin_begin(&standin, &clock, 7));
}

static void long_tables_are_cut(void **state)
{
    (void)state;
    static const struct ts_pids pids = { .pmt = PMT, .pcr = PCR };
    struct standin standin = { 0 };
    uint8_t packet[TS_PACKET_SIZE] = { 0x47, PMT >> 8, PMT & 255, 0x10 };
    standin_note(&standin, packet, &pids); /* the middle of one */
    assert_int_equal(standin.pmt.count, 0);
    table_put(&standin, PMT, 0, 0xbb);
    for (uint32_t i = 0; i < 9; i++)
        standin_note(&standin, packet, &pids);
    assert_int_equal(standin.pmt.count, STANDIN_TABLE_MAX);
    table_put(&standin, PMT, 0, 0xbb);
    assert_int_equal(standin.pmt.count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clock_and_tables_go_on),
        cmocka_unit_test(nothing_stands_in_without_a_rate),
        cmocka_unit_test(long_tables_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

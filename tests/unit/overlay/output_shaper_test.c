#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdbool.h>
#include <string.h>

#include "overlay/output_shaper.h"

/*
 * The shaper against a multiplexer of a few lines. Its packets say in their last four bytes which
 * they are, so that what comes out can be told.
 */
enum { VIDEO = 0x41, PMT = 0x20, RATE_KBPS = 8000, FRAME_90 = 3600, NONE = 0x1fff };

#define WRAP_90 (UINT64_C(1) << 33)
#define LAG_90 (SHAPER_LAG_MS * 90)

struct mux {
    struct shaper *shaper;
    uint32_t number; /* of the next video packet */
};

static int pid_of(const uint8_t *packet)
{
    return (packet[1] & 0x1f) << 8 | packet[2];
}

static bool has_payload(const uint8_t *packet)
{
    return (packet[3] & 0x10) != 0;
}

static bool pcr_of(const uint8_t *packet, uint64_t *pcr)
{
    if ((packet[3] & 0x20) == 0 || packet[4] == 0 || (packet[5] & 0x10) == 0)
        return false;
    uint64_t base = (uint64_t)packet[6] << 25 | (uint64_t)packet[7] << 17 |
                    (uint64_t)packet[8] << 9 | (uint64_t)packet[9] << 1 | packet[10] >> 7;
    *pcr = base * 300 + ((packet[10] & 1u) << 8 | packet[11]);
    return true;
}

static bool is_discontinuity(const uint8_t *packet)
{
    return (packet[3] & 0x20) != 0 && packet[4] > 0 && (packet[5] & 0x80) != 0;
}

static uint32_t number_of(const uint8_t *packet)
{
    return (uint32_t)packet[184] << 24 | (uint32_t)packet[185] << 16 | (uint32_t)packet[186] << 8 |
           packet[187];
}

static void header_make(uint8_t *packet, int pid, bool is_start)
{
    memset(packet, 0x55, TS_PACKET_SIZE);
    packet[0] = 0x47;
    packet[1] = (uint8_t)((is_start ? 0x40 : 0) | pid >> 8);
    packet[2] = (uint8_t)pid;
    packet[3] = 0x10;
}

static void tables_put(struct mux *mux)
{
    static const uint8_t pat[] = { 0, 0, 0xb0, 13, 0, 1, 0xc1, 0, 0, 0, 1, 0xe0, PMT, 1, 2, 3, 4 };
    static const uint8_t pmt[] = { 0,    2, 0xb0, 18,   0,     1,    0xc1, 0, 0, 0xe0, VIDEO,
                                   0xf0, 0, 0x1b, 0xe0, VIDEO, 0xf0, 0,    1, 2, 3,    4 };
    uint8_t packet[TS_PACKET_SIZE];
    header_make(packet, 0, true);
    memcpy(packet + 4, pat, sizeof pat);
    shaper_put(mux->shaper, packet, sizeof packet);
    header_make(packet, PMT, true);
    memcpy(packet + 4, pmt, sizeof pmt);
    shaper_put(mux->shaper, packet, sizeof packet);
}

static void time_write(uint8_t *at, uint8_t mark, uint64_t time_90)
{
    at[0] = (uint8_t)(mark << 4 | (time_90 >> 30 & 7) << 1 | 1);
    at[1] = (uint8_t)(time_90 >> 22);
    at[2] = (uint8_t)((time_90 >> 15 & 0x7f) << 1 | 1);
    at[3] = (uint8_t)(time_90 >> 7);
    at[4] = (uint8_t)((time_90 & 0x7f) << 1 | 1);
}

/* An access unit of `count` packets, the first with a (wrong) PCR; PTS two frames after DTS. */
static void unit_put(struct mux *mux, uint64_t dts, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint8_t packet[TS_PACKET_SIZE];
        header_make(packet, VIDEO, i == 0);
        if (i == 0) {
            static const uint8_t pes[] = { 0, 0, 1, 0xe0, 0, 0, 0x81, 0xc0, 10 };
            packet[3] = 0x30;
            packet[4] = 7;
            packet[5] = 0x50;
            memset(packet + 6, 0x77, 6);
            memcpy(packet + 12, pes, sizeof pes);
            time_write(packet + 21, 3, (dts + 2 * FRAME_90) % WRAP_90);
            time_write(packet + 26, 1, dts % WRAP_90);
        }
        for (int byte = 0; byte < 4; byte++)
            packet[184 + byte] = (uint8_t)(mux->number >> (24 - 8 * byte));
        mux->number++;
        shaper_put(mux->shaper, packet, sizeof packet);
    }
}

static struct mux mux_make(uint64_t time_0)
{
    struct mux mux = { 0 };
    assert_int_equal(STATUS_OK, shaper_create(RATE_KBPS, time_0, &mux.shaper, NULL));
    tables_put(&mux);
    return mux;
}

/* What a receiver of all slots in order keeps. */
struct receiver {
    uint64_t pcr_slot, table_slot[2];
    int counter[3]; /* of PAT, PMT and video */
    uint32_t next_number;
    uint32_t pcr_count, video_count, discontinuity_count;
};

static void counter_check(struct receiver *receiver, int which, const uint8_t *packet)
{
    int step = has_payload(packet) ? 1 : 0;
    if (receiver->counter[which] >= 0)
        assert_int_equal((receiver->counter[which] + step) % 16, packet[3] & 15);
    receiver->counter[which] = packet[3] & 15;
}

static void packet_receive(struct receiver *receiver, const struct shaper *shaper, uint64_t slot,
                           const uint8_t *packet)
{
    uint64_t pcr = 0;
    assert_int_equal(0x47, packet[0]);
    receiver->discontinuity_count += is_discontinuity(packet) ? 1 : 0;
    if (pcr_of(packet, &pcr)) {
        assert_int_equal(shaper_slot_pcr(shaper, slot), pcr);
        if (receiver->pcr_count++ > 0)
            assert_true(slot - receiver->pcr_slot <= 40u * RATE_KBPS / 1504);
        receiver->pcr_slot = slot;
    }
    int pid = pid_of(packet);
    if (pid == 0 || pid == PMT) {
        int which = pid == 0 ? 0 : 1;
        counter_check(receiver, which, packet);
        if (receiver->table_slot[which] > 0)
            assert_true(slot - receiver->table_slot[which] <= 110u * RATE_KBPS / 1504);
        receiver->table_slot[which] = slot;
    } else if (pid == VIDEO) {
        counter_check(receiver, 2, packet);
        if (!has_payload(packet))
            return;
        assert_int_equal(receiver->next_number, number_of(packet));
        receiver->next_number++;
        receiver->video_count++;
    } else {
        assert_int_equal(NONE, pid);
    }
}

/* Ten seconds of frames of `time_0` + 0 .., each put in when its time has come. */
static void ten_seconds_check(uint64_t time_0)
{
    struct mux mux = mux_make(time_0);
    struct receiver receiver = { .counter = { -1, -1, -1 } };
    uint64_t slots = 10u * RATE_KBPS * 1000 / 1504;
    uint64_t frame = 0;
    for (uint64_t slot = 0; slot < slots; slot++) {
        uint8_t packet[TS_PACKET_SIZE];
        for (; shaper_slot_ns(mux.shaper, slot) >= (int64_t)frame * 40000000; frame++)
            unit_put(&mux, time_0 + frame * FRAME_90, frame % 25 == 0 ? 600 : 140);
        shaper_take(mux.shaper, slot, packet);
        packet_receive(&receiver, mux.shaper, slot, packet);
    }
    struct shaper_figures figures;
    shaper_figures_get(mux.shaper, &figures);
    assert_true(figures.units >= 235 && figures.units <= frame);
    assert_int_equal(0, figures.late_units);
    assert_int_equal(0, figures.drops);
    assert_int_equal(0, figures.discontinuities + receiver.discontinuity_count);
    assert_true(receiver.pcr_count >= 330);
    assert_true(receiver.video_count > 235 * 140);
    assert_true(figures.nulls > 0);
    shaper_destroy(mux.shaper);
}

static void the_stream_is_constant_and_its_clock_exact(void **state)
{
    (void)state;
    ten_seconds_check(UINT64_C(3600) * 90000);
}

static void times_of_33_bits_wrap_unseen(void **state)
{
    (void)state;
    ten_seconds_check(WRAP_90 - 5 * 90000); /* DTS and PCR wrap in the middle */
    ten_seconds_check(0);                   /* the PCR wraps while the lag passes */
}

static void slots_do_not_drift(void **state)
{
    (void)state;
    static const uint32_t rates[] = { 1000, 7777, 10000, 33333, 100000 };
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        struct shaper *shaper;
        assert_int_equal(STATUS_OK, shaper_create(rates[i], 0, &shaper, NULL));
        /* A year of slots, to the nanosecond and to the tick of 27 MHz. */
        uint64_t slots = (uint64_t)rates[i] * 20000000;
        assert_int_equal(UINT64_C(20000000) * 1504000000, shaper_slot_ns(shaper, slots));
        uint64_t lag = (uint64_t)SHAPER_LAG_MS * 27000;
        assert_int_equal(UINT64_C(20000000) * 1504 * 27000 % (WRAP_90 * 300),
                         (shaper_slot_pcr(shaper, slots) + lag) % (WRAP_90 * 300));
        for (uint64_t slot = slots; slot < slots + 1000; slot++) {
            int64_t ns = shaper_slot_ns(shaper, slot);
            assert_int_equal(slot, shaper_slot_at(shaper, ns));
            assert_int_equal(slot + 1, shaper_slot_at(shaper, ns + 1));
        }
        shaper_destroy(shaper);
    }
}

static void early_units_are_held_and_late_ones_counted(void **state)
{
    (void)state;
    struct mux mux = mux_make(0);
    struct receiver receiver = { .counter = { -1, -1, -1 } };
    uint8_t packet[TS_PACKET_SIZE];
    struct shaper_figures figures;
    uint64_t slot = 0;
    unit_put(&mux, 9000, 3); /* 100 ms: it may go out 100 ms after slot 0 */
    for (; receiver.video_count == 0; slot++) {
        shaper_take(mux.shaper, slot, packet);
        packet_receive(&receiver, mux.shaper, slot, packet);
    }
    int64_t sent_ns = shaper_slot_ns(mux.shaper, slot - 1);
    assert_in_range(sent_ns, 99000000, 101000000);
    for (; shaper_slot_ns(mux.shaper, slot) < 1000000000; slot++) {
        shaper_take(mux.shaper, slot, packet);
        packet_receive(&receiver, mux.shaper, slot, packet);
    }
    assert_true(shaper_is_empty(mux.shaper));
    unit_put(&mux, 18000, 1); /* was due at 200 ms + the lag, 800 ms */
    assert_false(shaper_is_empty(mux.shaper));
    while (!shaper_is_empty(mux.shaper)) {
        shaper_take(mux.shaper, slot, packet);
        packet_receive(&receiver, mux.shaper, slot++, packet);
    }
    shaper_figures_get(mux.shaper, &figures);
    assert_int_equal(2, figures.units);
    assert_int_equal(1, figures.late_units);
    assert_int_equal(0, receiver.discontinuity_count);
    shaper_destroy(mux.shaper);
}

static void what_is_left_out_is_said(void **state)
{
    (void)state;
    struct mux mux = mux_make(0);
    uint8_t packet[TS_PACKET_SIZE];
    uint64_t pcr = 0;
    for (uint64_t slot = 0; slot < 100; slot++)
        shaper_take(mux.shaper, slot, packet);
    shaper_take(mux.shaper, 5000, packet); /* nobody sent those between */
    assert_true(is_discontinuity(packet) && pcr_of(packet, &pcr));
    assert_int_equal(shaper_slot_pcr(mux.shaper, 5000), pcr);
    shaper_take(mux.shaper, 5001, packet);
    assert_false(is_discontinuity(packet));
    /* An hour on, and back over the wrap: the PCR follows, said once each. */
    uint64_t slot = 5002;
    uint32_t said = 0;
    const uint64_t jumps[] = { UINT64_C(3600) * 90000, WRAP_90 - 90000 };
    for (int i = 0; i < 2; i++) {
        unit_put(&mux, jumps[i], 2);
        for (; !shaper_is_empty(mux.shaper); slot++) {
            shaper_take(mux.shaper, slot, packet);
            said += is_discontinuity(packet) ? 1 : 0;
        }
        uint64_t ahead = (jumps[i] + WRAP_90 - shaper_slot_pcr(mux.shaper, slot) / 300) % WRAP_90;
        assert_in_range(ahead, LAG_90 - 900, LAG_90);
    }
    assert_int_equal(2, said);
    struct shaper_figures figures;
    shaper_figures_get(mux.shaper, &figures);
    assert_int_equal(3, figures.discontinuities);
    assert_int_equal(0, figures.late_units);
    shaper_destroy(mux.shaper);
}

static void a_full_queue_is_emptied_up_to_the_next_unit(void **state)
{
    (void)state;
    struct mux mux = mux_make(0);
    uint32_t queue_max = RATE_KBPS * 1000 / 1504 * SHAPER_QUEUE_S;
    unit_put(&mux, 0, queue_max + 10); /* the last 10 have no beginning any more */
    struct shaper_figures figures;
    shaper_figures_get(mux.shaper, &figures);
    assert_int_equal(queue_max + 10, figures.drops);
    assert_true(shaper_is_empty(mux.shaper));
    unit_put(&mux, FRAME_90, 2);
    uint8_t packet[TS_PACKET_SIZE];
    uint32_t seen = 0;
    for (uint64_t slot = 0; slot < 5000 && seen < 2; slot++) {
        shaper_take(mux.shaper, slot, packet);
        if (pid_of(packet) == VIDEO && has_payload(packet)) {
            assert_int_equal(queue_max + 10 + seen, number_of(packet));
            seen++;
        }
    }
    assert_int_equal(2, seen);
    shaper_destroy(mux.shaper);
}

static void what_is_no_stream_makes_null_packets(void **state)
{
    (void)state;
    struct shaper *shaper;
    uint8_t packet[TS_PACKET_SIZE];
    uint8_t noise[50 * TS_PACKET_SIZE];
    uint32_t seed = 1;
    assert_int_equal(STATUS_OK, shaper_create(RATE_KBPS, 0, &shaper, NULL));
    memset(noise, 0, sizeof noise);
    shaper_put(shaper, noise, sizeof noise);
    struct shaper_figures figures;
    shaper_figures_get(shaper, &figures);
    assert_int_equal(50, figures.drops);
    for (int round = 0; round < 2000; round++) {
        for (size_t i = 0; i < TS_PACKET_SIZE; i++) {
            seed = seed * 1664525 + 1013904223;
            packet[i] = (uint8_t)(seed >> 24);
        }
        packet[0] = 0x47;
        packet[1] &= (uint8_t)(round % 2 == 0 ? 0x5f : 0x40); /* some of them are tables */
        packet[2] = (uint8_t)(round % 2 == 0 ? packet[2] : 0);
        shaper_put(shaper, packet, sizeof packet);
        shaper_take(shaper, (uint64_t)round, packet);
        assert_int_equal(0x47, packet[0]);
    }
    shaper_destroy(shaper);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_stream_is_constant_and_its_clock_exact),
        cmocka_unit_test(times_of_33_bits_wrap_unseen),
        cmocka_unit_test(slots_do_not_drift),
        cmocka_unit_test(early_units_are_held_and_late_ones_counted),
        cmocka_unit_test(what_is_left_out_is_said),
        cmocka_unit_test(a_full_queue_is_emptied_up_to_the_next_unit),
        cmocka_unit_test(what_is_no_stream_makes_null_packets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

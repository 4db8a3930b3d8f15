#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "overlay/passage.h"

/* A stream made here: a second has 1,000 packets, 25 pictures of 20 packets, the rest nulls. */
#define PMT 0x100
#define VIDEO 0x101
#define SOUND 0x102
#define PICTURE 40 /* packets of a picture's time */
#define TICK (TS_SECOND / 1000)
#define BASE 900000 /* 90 kHz, of the first PCR */
#define LEAD_90K 27000

struct bench {
    struct passage *passage;
    uint8_t counters[3];
    uint64_t number;
    uint8_t type;
    uint32_t pictures; /* seen */
    int32_t skip;      /* pictures that are not coded anew, from the newest on */
    uint32_t out_new;  /* packets out with new pictures */
    uint32_t out_null;
    int32_t counter_out; /* -1: none yet */
    int64_t early;       /* of new pictures, decoded before they are shown, 90 kHz */
    uint8_t shown[500];  /* how often the picture of each frame went out */
    uint32_t counter_faults;
    uint8_t type_out, version_out;
};

/* New pictures are 300 bytes of 0xab; those of the source 0xcd. */
static void video_visit(void *ctx, const struct ts_pes *pes, uint32_t segment, uint8_t video_type,
                        uint16_t pid)
{
    struct bench *bench = ctx;
    bench->pictures++;
    if (bench->skip > 0 && bench->skip-- > 0)
        return;
    struct unit unit = { .bytes = malloc(300), .size = 300, .pid = pid, .stream = pes->stream };
    memset(unit.bytes, 0xab, 300);
    unit.pts = passage_stamp(bench->passage, segment, pes->pts);
    unit.dts = unit.pts - bench->early;
    unit.pts_raw = pes->pts;
    unit.dts_raw = pes->pts - bench->early;
    unit.is_key = (unit.pts - BASE - LEAD_90K) % 90000 < 10;
    assert_true(passage_unit(bench->passage, &unit));
}

static void section_put(uint8_t *packet, uint16_t pid, uint8_t counter, uint8_t *section,
                        uint32_t size)
{
    uint32_t crc = ts_crc(0xffffffff, section, size - 4);
    for (uint32_t i = 0; i < 4; i++)
        section[size - 4 + i] = (uint8_t)(crc >> (24 - 8 * i));
    memset(packet, 0xff, TS_PACKET_SIZE);
    const uint8_t head[] = { 0x47, (uint8_t)(0x40 | pid >> 8), (uint8_t)pid,
                             (uint8_t)(0x10 | (counter & 15)), 0 };
    memcpy(packet, head, sizeof head);
    memcpy(packet + 5, section, size);
}

static void tables_put(struct bench *bench, uint64_t n, uint8_t *packet)
{
    uint8_t pat[] = { 0, 0xb0, 13, 0, 1, 0xc1, 0, 0, 0, 1, 0xe1, 0, 0, 0, 0, 0 };
    uint8_t pmt[] = { 2,    0xb0, 23,   0, 1,           0xc1, 0, 0,    0xe1, 1, 0xf0, 0, 3,
                      0xe1, 2,    0xf0, 0, bench->type, 0xe1, 1, 0xf0, 0,    0, 0,    0, 0 };
    if (n == 0)
        section_put(packet, 0, bench->counters[0]++, pat, sizeof pat);
    else
        section_put(packet, PMT, bench->counters[1]++, pmt, sizeof pmt);
}

/* The packet at place `in` of a picture; the first carries PCR and time stamp. */
static void video_put(struct bench *bench, uint64_t frame, uint64_t in, uint8_t *packet)
{
    memset(packet, 0xcd, TS_PACKET_SIZE);
    packet[0] = 0x47;
    packet[1] = (uint8_t)((in == 0 ? 0x40 : 0) | VIDEO >> 8);
    packet[2] = VIDEO & 255;
    packet[3] = (uint8_t)((in == 0 ? 0x30 : 0x10) | (bench->counters[2]++ & 15));
    if (in > 0)
        return;
    uint64_t pcr = (BASE + frame * 3600) & (TS_WRAP - 1), pts = pcr + LEAD_90K;
    const uint8_t field[] = { 7,
                              (uint8_t)(0x10 | (frame % 25 == 0 ? 0x40 : 0)),
                              (uint8_t)(pcr >> 25),
                              (uint8_t)(pcr >> 17),
                              (uint8_t)(pcr >> 9),
                              (uint8_t)(pcr >> 1),
                              (uint8_t)(pcr << 7 | 0x7e),
                              0 };
    const uint8_t pes[] = { 0,
                            0,
                            1,
                            0xe0,
                            0,
                            0,
                            0x80,
                            0x80,
                            5,
                            (uint8_t)(0x21 | (pts >> 29 & 14)),
                            (uint8_t)(pts >> 22),
                            (uint8_t)(1 | (pts >> 14 & 254)),
                            (uint8_t)(pts >> 7),
                            (uint8_t)(1 | (pts << 1 & 254)) };
    memcpy(packet + 4, field, sizeof field);
    memcpy(packet + 4 + sizeof field, pes, sizeof pes);
}

static void packet_make(struct bench *bench, uint8_t *packet)
{
    uint64_t n = bench->number++;
    if (n < 2) {
        tables_put(bench, n, packet);
        return;
    }
    uint64_t frame = (n - 2) / PICTURE, in = (n - 2) % PICTURE;
    if (in < 20)
        video_put(bench, frame, in, packet);
    else if (in == 30 && frame % 5 == 4)
        tables_put(bench, 1, packet);
    else
        ts_packet_null(packet);
}

static void packet_look(struct bench *bench, const uint8_t *packet)
{
    struct ts_facts facts;
    assert_true(ts_packet_read(packet, &facts));
    bench->out_null += facts.pid == TS_PID_NULL ? 1 : 0;
    if (facts.pid == PMT) {
        assert_int_equal(ts_crc(0xffffffff, packet + 5, 26), 0);
        bench->type_out = packet[5 + 17];
        bench->version_out = packet[5 + 5] >> 1 & 31;
    }
    if (facts.pid != VIDEO)
        return;
    bool has_payload = facts.payload_at < TS_PACKET_SIZE;
    int64_t pts, dts;
    if (facts.is_start && has_payload &&
        ts_pes_read(packet + facts.payload_at, TS_PACKET_SIZE - facts.payload_at, &pts, &dts) > 0)
        bench->shown[(pts - BASE - LEAD_90K) / 3600]++;
    if (bench->counter_out >= 0 &&
        facts.counter != ((bench->counter_out + (has_payload ? 1 : 0)) & 15))
        bench->counter_faults++;
    bench->counter_out = facts.counter;
    bench->out_new += has_payload && packet[TS_PACKET_SIZE - 1] == 0xab ? 1 : 0;
}

/* `seconds` of the stream through; PCRs stay in their places. */
static void run(struct bench *bench, double seconds, bool is_end)
{
    uint8_t packet[TS_PACKET_SIZE];
    for (uint32_t i = 0; i < (uint32_t)(seconds * 1000); i++) {
        packet_make(bench, packet);
        assert_true(passage_put(bench->passage, packet, NULL));
        while (passage_first(bench->passage) != PASSAGE_NO_TIME &&
               passage_first(bench->passage) <= passage_newest(bench->passage) - PASSAGE_DELAY) {
            passage_take(bench->passage, packet);
            packet_look(bench, packet);
        }
    }
    if (is_end)
        passage_end(bench->passage);
    while (is_end && passage_first(bench->passage) != PASSAGE_NO_TIME) {
        passage_take(bench->passage, packet);
        packet_look(bench, packet);
    }
    while (is_end && passage_rest(bench->passage, packet))
        packet_look(bench, packet);
}

static struct bench bench_make(uint8_t type)
{
    return (struct bench){ .type = type, .counter_out = -1 };
}

static void begin(struct bench *bench)
{
    assert_int_equal(passage_create(PASSAGE_PACKET_MAX, video_visit, bench, &bench->passage, NULL),
                     STATUS_OK);
}

static void every_picture_is_replaced(void **state)
{
    struct bench bench = bench_make(TS_TYPE_H264);
    struct passage_figures figures;
    begin(&bench);
    run(&bench, 5, true);
    passage_figures_get(bench.passage, &figures);
    assert_int_equal(bench.pictures, 125);
    assert_int_equal(bench.out_new, 2 * 125); /* 319 bytes are two packets */
    assert_int_equal(bench.counter_faults, 0);
    assert_int_equal(figures.late, 0);
    assert_int_equal(figures.bypasses, 0);
    passage_destroy(bench.passage);
}

static void bypass_begins_and_ends_at_key_pictures(void **state)
{
    struct bench bench = bench_make(TS_TYPE_H264);
    begin(&bench);
    run(&bench, 4.5, false);
    assert_true(passage_is_inserting(bench.passage));
    passage_bypass(bench.passage, true);
    run(&bench, 0.3, false);
    assert_true(passage_is_inserting(bench.passage)); /* 2.8 s are out */
    run(&bench, 0.4, false);
    assert_false(passage_is_inserting(bench.passage));
    uint32_t before = bench.out_new;
    run(&bench, 1.5, false);
    assert_int_equal(bench.out_new, before);
    passage_bypass(bench.passage, false);
    run(&bench, 1, false);
    assert_true(passage_is_inserting(bench.passage));
    assert_int_equal(bench.counter_faults, 0);
    passage_destroy(bench.passage);
}

/* New pictures go out before the source's slots: none is there twice where it changes. */
static void bypass_shows_every_picture_once(void **state)
{
    struct bench bench = bench_make(TS_TYPE_H264);
    bench.early = 7200;
    begin(&bench);
    for (uint32_t turn = 0; turn < 3; turn++) {
        run(&bench, 3.1, false);
        assert_true(passage_is_inserting(bench.passage));
        passage_bypass(bench.passage, true);
        run(&bench, 2.1, false);
        assert_false(passage_is_inserting(bench.passage));
        passage_bypass(bench.passage, false);
    }
    for (uint32_t i = 0; i < 25 * 13; i++)
        assert_int_equal(bench.shown[i], 1);
    assert_int_equal(bench.counter_faults, 0);
    passage_destroy(bench.passage);
}

/* Counters go on where another stream's begin, whoever's pictures go out. */
static void break_leaves_counters_whole(void **state)
{
    (void)state;
    for (int is_bypass = 0; is_bypass < 2; is_bypass++) {
        struct bench bench = bench_make(TS_TYPE_H264);
        begin(&bench);
        passage_bypass(bench.passage, is_bypass == 1);
        run(&bench, 3.02, false);
        bench.counters[2] += 5;
        passage_break(bench.passage);
        run(&bench, 4, false);
        assert_int_equal(passage_is_inserting(bench.passage), is_bypass == 0);
        assert_int_equal(bench.counter_faults, 0);
        passage_destroy(bench.passage);
    }
}

static void pictures_that_fail_to_come_are_bypassed(void **state)
{
    struct bench bench = bench_make(TS_TYPE_H264);
    begin(&bench);
    run(&bench, 3.02, false);
    assert_true(passage_is_inserting(bench.passage));
    bench.skip = 100; /* four seconds, from a key picture on */
    run(&bench, 4, false);
    assert_false(passage_is_inserting(bench.passage));
    run(&bench, 4, false);
    assert_true(passage_is_inserting(bench.passage));
    for (uint32_t i = 0; i < 25 * 8; i++)
        assert_int_equal(bench.shown[i], 1);
    assert_int_equal(bench.counter_faults, 0);
    passage_destroy(bench.passage);
}

static void type_in_the_table_goes_with_the_pictures(void **state)
{
    struct bench bench = bench_make(TS_TYPE_MPEG2);
    begin(&bench);
    run(&bench, 4, false);
    assert_int_equal(bench.type_out, TS_TYPE_H264);
    assert_int_equal(bench.version_out, 0);
    passage_bypass(bench.passage, true);
    run(&bench, 2, false);
    assert_int_equal(bench.type_out, TS_TYPE_MPEG2);
    assert_int_equal(bench.version_out, 1);
    passage_bypass(bench.passage, false);
    run(&bench, 2, false);
    assert_int_equal(bench.type_out, TS_TYPE_H264);
    assert_int_equal(bench.version_out, 2);
    passage_destroy(bench.passage);
}

static void full_passage_takes_no_more(void **state)
{
    struct bench bench = bench_make(TS_TYPE_H264);
    struct fault fault = { 0 };
    uint8_t packet[TS_PACKET_SIZE];
    uint32_t count = 0;
    bench.skip = INT32_MAX;
    begin(&bench);
    for (packet_make(&bench, packet); passage_put(bench.passage, packet, &fault);
         packet_make(&bench, packet))
        count++;
    assert_int_equal(count, PASSAGE_PACKET_MAX);
    assert_int_equal(fault.status, STATUS_OK);
    passage_take(bench.passage, packet);
    assert_true(passage_put(bench.passage, packet, &fault));
    passage_destroy(bench.passage);
}

static void stream_without_a_clock_is_refused(void **state)
{
    struct bench bench = bench_make(TS_TYPE_H264);
    struct fault fault = { 0 };
    uint8_t packet[TS_PACKET_SIZE];
    uint32_t count = 0;
    begin(&bench);
    ts_packet_null(packet);
    while (passage_put(bench.passage, packet, &fault))
        count++;
    assert_int_equal(count, PASSAGE_BLIND_MAX);
    assert_int_equal(fault.status, STATUS_INVALID);
    assert_non_null(strstr(fault.text, "without a PCR"));
    passage_destroy(bench.passage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_picture_is_replaced),
        cmocka_unit_test(bypass_begins_and_ends_at_key_pictures),
        cmocka_unit_test(bypass_shows_every_picture_once),
        cmocka_unit_test(break_leaves_counters_whole),
        cmocka_unit_test(pictures_that_fail_to_come_are_bypassed),
        cmocka_unit_test(type_in_the_table_goes_with_the_pictures),
        cmocka_unit_test(full_passage_takes_no_more),
        cmocka_unit_test(stream_without_a_clock_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

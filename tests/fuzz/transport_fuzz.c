/*
 * Transport streams: any bytes through framer, passage and the writer of new pictures; what comes
 * out is as many packets as went in, each with its sync byte, other PIDs as they were.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "overlay/passage.h"
#include "overlay/ts_framer.h"

static struct passage *passage;

/* Stands for the coder: the picture that came in is the new one. */
static void video_visit(void *ctx, const struct ts_pes *pes, uint32_t segment, uint8_t video_type,
                        uint16_t pid)
{
    (void)ctx;
    (void)video_type;
    struct unit unit = { .size = pes->size, .pid = pid, .stream = pes->stream, .is_key = true };
    unit.pts = passage_stamp(passage, segment, pes->pts);
    unit.dts = passage_stamp(passage, segment, pes->dts);
    if (unit.pts == PASSAGE_NO_TIME || unit.dts == PASSAGE_NO_TIME)
        return;
    unit.pts_raw = (unit.pts + passage_raw(passage, segment)) & (TS_WRAP - 1);
    unit.dts_raw = (unit.dts + passage_raw(passage, segment)) & (TS_WRAP - 1);
    assert(unit.pts_raw == pes->pts && unit.dts_raw == pes->dts);
    unit.bytes = malloc(unit.size);
    assert(unit.bytes != NULL);
    memcpy(unit.bytes, pes->bytes, unit.size);
    (void)passage_unit(passage, &unit);
}

static uint64_t out_take(uint64_t taken)
{
    uint8_t packet[TS_PACKET_SIZE];
    while (passage_first(passage) != PASSAGE_NO_TIME) {
        passage_take(passage, packet);
        assert(packet[0] == 0x47);
        taken++;
    }
    return taken;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ts_framer framer;
    struct fault fault = { 0 };
    uint64_t put = 0, taken = 0;
    framer = (struct ts_framer){ 0 };
    if (size > TS_FRAMER_SIZE ||
        passage_create(256, video_visit, NULL, &passage, &fault) != STATUS_OK)
        return 0;
    size_t room;
    memcpy(ts_framer_room(&framer, &room), data, size);
    ts_framer_put(&framer, size);
    for (;;) {
        uint32_t count;
        const uint8_t *packets = ts_framer_take(&framer, 64, true, &count);
        for (uint32_t i = 0; i < count; i++) {
            bool is_put = passage_put(passage, packets + i * (size_t)TS_PACKET_SIZE, &fault);
            put += is_put ? 1 : 0;
        }
        if (count == 0)
            break;
        passage_bypass(passage, size % 3 == 0 && put % 128 == 0);
        if (put % 64 == 0)
            taken = out_take(taken);
    }
    passage_end(passage);
    taken = out_take(taken);
    assert(taken == put);
    uint8_t packet[TS_PACKET_SIZE];
    while (passage_rest(passage, packet))
        assert(packet[0] == 0x47);
    passage_destroy(passage);
    return 0;
}

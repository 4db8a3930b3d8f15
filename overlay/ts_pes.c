#include "overlay/ts_pes.h"

#include <bitstream/mpeg/pes.h>
#include <stdlib.h>
#include <string.h>

#define GROW_SIZE 65536
#define PADDING_SIZE 64 /* zeros after the bytes: decoders read ahead */

uint32_t ts_pes_read(const uint8_t *bytes, size_t size, int64_t *pts, int64_t *dts)
{
    *pts = *dts = -1;
    if (size < PES_HEADER_SIZE_NOPTS || !pes_validate(bytes) ||
        pes_get_streamid(bytes) < PES_STREAM_ID_VIDEO_MPEG ||
        pes_get_streamid(bytes) > PES_STREAM_ID_VIDEO_MPEG + 15 || !pes_validate_header(bytes))
        return 0;
    uint32_t head = PES_HEADER_SIZE_NOPTS + pes_get_headerlength(bytes);
    if (head > size)
        return 0;
    if (pes_has_pts(bytes) && head >= PES_HEADER_SIZE_PTS && pes_validate_pts(bytes))
        *pts = *dts = (int64_t)pes_get_pts(bytes);
    if (*pts >= 0 && pes_has_dts(bytes) && head >= PES_HEADER_SIZE_PTSDTS &&
        pes_validate_dts(bytes))
        *dts = (int64_t)pes_get_dts(bytes);
    return head;
}

void ts_pes_end(struct ts_pes_joiner *joiner, ts_pes_fn visit, void *ctx)
{
    struct ts_pes pes = { .is_torn = joiner->is_torn };
    if (joiner->is_begun && joiner->count > 0) {
        memset(joiner->bytes + joiner->count, 0, PADDING_SIZE);
        uint32_t head = ts_pes_read(joiner->bytes, joiner->count, &pes.pts, &pes.dts);
        if (head > 0 && joiner->count > head) {
            pes.stream = pes_get_streamid(joiner->bytes);
            pes.bytes = joiner->bytes + head;
            pes.size = joiner->count - head;
            visit(ctx, &pes);
        }
    }
    joiner->is_begun = joiner->is_torn = false;
    joiner->count = 0;
}

static bool room_make(struct ts_pes_joiner *joiner, size_t more)
{
    if (joiner->count + more <= joiner->size)
        return true;
    size_t size = joiner->size == 0 ? GROW_SIZE : joiner->size * 2;
    uint8_t *grown = size > TS_PES_SIZE_MAX ? NULL : realloc(joiner->bytes, size + PADDING_SIZE);
    if (grown == NULL)
        return false;
    joiner->bytes = grown;
    joiner->size = size;
    return true;
}

void ts_pes_put(struct ts_pes_joiner *joiner, const uint8_t packet[static TS_PACKET_SIZE],
                const struct ts_facts *facts, ts_pes_fn visit, void *ctx)
{
    if (facts->payload_at >= TS_PACKET_SIZE)
        return;
    if (joiner->has_counter && facts->counter == joiner->counter && !facts->is_discontinuity)
        return; /* sent twice */
    if (joiner->has_counter && facts->counter != ((joiner->counter + 1) & 15)) {
        joiner->is_torn = true;
        joiner->torn_total++;
    }
    joiner->has_counter = true;
    joiner->counter = facts->counter;
    if (facts->is_start) {
        ts_pes_end(joiner, visit, ctx);
        joiner->is_begun = true;
    }
    size_t size = TS_PACKET_SIZE - facts->payload_at;
    if (!joiner->is_begun)
        return;
    if (!room_make(joiner, size)) {
        joiner->is_begun = false; /* longer than any picture: not one */
        joiner->count = 0;
        joiner->torn_total++;
        return;
    }
    memcpy(joiner->bytes + joiner->count, packet + facts->payload_at, size);
    joiner->count += size;
}

void ts_pes_finish(struct ts_pes_joiner *joiner)
{
    free(joiner->bytes);
    *joiner = (struct ts_pes_joiner){ 0 };
}

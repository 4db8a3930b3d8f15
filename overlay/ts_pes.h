#pragma once

#include <stddef.h>

#include "overlay/ts_packet.h"

/*
 * Joins the PES packets of one PID (ISO/IEC 13818-1, 2.4.3.6). One thread.
 */
#define TS_PES_SIZE_MAX (4u << 20) /* a key frame of 2160p at 200 Mbit/s has 1 MB */

/*
 * A PES packet. pts, dts: 90 kHz, 0 .. TS_WRAP - 1; -1: none; dts is pts where only that is there.
 * is_torn: packets are missing in it. bytes: the elementary stream, borrowed, and 64 zeros.
 */
struct ts_pes {
    const uint8_t *bytes;
    size_t size;
    int64_t pts;
    int64_t dts;
    uint8_t stream;
    bool is_torn;
};

struct ts_pes_joiner {
    uint8_t *bytes;
    size_t count;
    size_t size; /* allocated */
    bool is_begun;
    bool is_torn;
    bool has_counter;
    uint8_t counter;
    uint64_t torn_total;
};

typedef void (*ts_pes_fn)(void *ctx, const struct ts_pes *pes);

/* A packet of the PID; visits the PES packet before it when this one begins the next. */
void ts_pes_put(struct ts_pes_joiner *joiner, const uint8_t packet[static TS_PACKET_SIZE],
                const struct ts_facts *facts, ts_pes_fn visit, void *ctx);

/* Visits what is there; the next packet begins anew. */
void ts_pes_end(struct ts_pes_joiner *joiner, ts_pes_fn visit, void *ctx);
void ts_pes_finish(struct ts_pes_joiner *joiner);

/* PTS, DTS of a PES header as far as it is within `size` bytes; its size, 0: no header. */
uint32_t ts_pes_read(const uint8_t *bytes, size_t size, int64_t *pts, int64_t *dts);

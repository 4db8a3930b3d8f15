#pragma once

#include <stddef.h>

#include "overlay/ts_packet.h"

/*
 * Coded pictures on their way into packets: a bounded queue of access units in coding order, and
 * the packets of the first of them. One thread at a time.
 */
#define UNIT_QUEUE_MAX 256 /* five seconds at 50 frames a second */

/*
 * bytes   of the elementary stream, malloc()
 * pts,dts slot time, 90 kHz (struct slot_clock)
 * pts_raw as the source had it, 0 .. TS_WRAP - 1; dts_raw accordingly
 * is_key  a decoder can begin here
 */
struct unit {
    uint8_t *bytes;
    size_t size;
    int64_t pts;
    int64_t dts;
    int64_t pts_raw;
    int64_t dts_raw;
    uint16_t pid;
    uint8_t stream;
    bool is_key;
};

struct unit_queue {
    struct unit units[UNIT_QUEUE_MAX];
    uint32_t first;
    uint32_t count;
    size_t sent;     /* bytes of the first unit's PES packet that are out; 0: not begun */
    uint8_t counter; /* of the newest packet with payload */
};

/* bytes are taken. False: the queue is full, bytes are freed. */
bool unit_put(struct unit_queue *queue, struct unit *unit);

/* The first; NULL: none. */
const struct unit *unit_first(const struct unit_queue *queue);
void unit_drop(struct unit_queue *queue);
void unit_queue_finish(struct unit_queue *queue);

/*
 * Writes the next packet of the first unit, which there must be; it is gone when it is out.
 *
 * from  the packet that stood in this slot: its PCR and its mark of discontinuity are kept, at
 *       their place. NULL: nothing to keep.
 */
void unit_packet(struct unit_queue *queue, const uint8_t *from,
                 uint8_t packet[static TS_PACKET_SIZE]);

/* A packet of `pid` without payload that keeps what `from` had. */
void unit_packet_empty(const struct unit_queue *queue, uint16_t pid, const uint8_t *from,
                       uint8_t packet[static TS_PACKET_SIZE]);

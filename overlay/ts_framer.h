#pragma once

#include <stddef.h>

#include "overlay/ts_packet.h"

/*
 * Finds the packets in bytes: each begins with a sync byte and the next one does too. What is
 * between is counted as garbage. One thread.
 */
#define TS_FRAMER_SIZE (TS_PACKET_SIZE * 1024)

struct ts_framer {
    uint8_t bytes[TS_FRAMER_SIZE];
    size_t begin, end;
    bool is_in_step;
    uint64_t garbage;
};

/* Room for more bytes; at least half of TS_FRAMER_SIZE once every packet was taken. */
uint8_t *ts_framer_room(struct ts_framer *framer, size_t *size);
void ts_framer_put(struct ts_framer *framer, size_t size);

/*
 * The next packets in a row, at most `max`; borrowed until ts_framer_room(). is_last: nothing
 * follows, so that the last one needs no sync byte behind it.
 */
const uint8_t *ts_framer_take(struct ts_framer *framer, uint32_t max, bool is_last,
                              uint32_t *count);

#include "overlay/ts_framer.h"

#include <assert.h>
#include <string.h>

#define SYNC 0x47

uint8_t *ts_framer_room(struct ts_framer *framer, size_t *size)
{
    memmove(framer->bytes, framer->bytes + framer->begin, framer->end - framer->begin);
    framer->end -= framer->begin;
    framer->begin = 0;
    *size = TS_FRAMER_SIZE - framer->end;
    return framer->bytes + framer->end;
}

void ts_framer_put(struct ts_framer *framer, size_t size)
{
    assert(size <= TS_FRAMER_SIZE - framer->end);
    framer->end += size;
}

/* Whether a packet is at `at`: 1; not: 0; too few bytes to tell: -1. */
static int packet_check(const struct ts_framer *framer, size_t at, bool is_last)
{
    size_t left = framer->end - at;
    if (left < TS_PACKET_SIZE)
        return -1;
    if (framer->bytes[at] != SYNC)
        return 0;
    if (framer->is_in_step)
        return 1;
    if (left == TS_PACKET_SIZE)
        return is_last ? 1 : -1;
    return framer->bytes[at + TS_PACKET_SIZE] == SYNC;
}

const uint8_t *ts_framer_take(struct ts_framer *framer, uint32_t max, bool is_last, uint32_t *count)
{
    int is_packet;
    while ((is_packet = packet_check(framer, framer->begin, is_last)) == 0) {
        framer->is_in_step = false;
        framer->garbage++;
        framer->begin++;
    }
    const uint8_t *first = framer->bytes + framer->begin;
    *count = 0;
    while (*count < max && is_packet == 1) {
        framer->is_in_step = true;
        framer->begin += TS_PACKET_SIZE;
        (*count)++;
        is_packet = packet_check(framer, framer->begin, is_last);
    }
    if (is_last && *count == 0) {
        framer->garbage += framer->end - framer->begin;
        framer->begin = framer->end;
    }
    return first;
}

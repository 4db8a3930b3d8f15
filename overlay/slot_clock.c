#include "overlay/slot_clock.h"

#include <assert.h>

#include "overlay/ts_packet.h"

#define GAP_MAX TS_SECOND
#define MARKED_MAX (TS_SECOND / 100)
#define PACKET_MAX (INT64_C(1) << 32) /* between two PCRs, so that products fit */

int64_t slot_clock_time(const struct slot_clock *clock, uint64_t index)
{
    assert(clock->has_rate);
    int64_t offset = (int64_t)(index - clock->index);
    /* span is at most GAP_MAX, below 2^25, and offsets below 2^38 packets keep within 64 bits. */
    return clock->time + offset * clock->span / clock->count;
}

/* Whether the PCR goes on where the one before left off. */
static bool is_next(const struct slot_clock *clock, uint64_t index, int64_t step, bool is_marked)
{
    if (clock->is_broken || step <= 0 || step > GAP_MAX)
        return false;
    if (!is_marked || !clock->has_rate)
        return true;
    int64_t off = clock->time + step - slot_clock_time(clock, index);
    return off >= -MARKED_MAX && off <= MARKED_MAX;
}

enum slot_news slot_clock_pcr(struct slot_clock *clock, uint64_t index, int64_t pcr, bool is_marked)
{
    if (!clock->has_pcr) {
        *clock = (struct slot_clock){ .has_pcr = true, .pcr = pcr, .time = pcr, .index = index };
        return SLOT_FIRST;
    }
    if (index <= clock->index || (int64_t)(index - clock->index) > PACKET_MAX)
        return SLOT_INVALID;
    int64_t step = ts_distance(clock->pcr, pcr, TS_PCR_WRAP);
    bool is_jump = !is_next(clock, index, step, is_marked);
    if (is_jump) {
        /* Without a rate nothing is known of the packets so far: they take no time. */
        clock->time = clock->has_rate ? slot_clock_time(clock, index) : clock->time;
        /* In step with the PCR's 90 kHz, so that stamps go there and back without rounding. */
        clock->time += ((pcr - clock->time) % 300 + 300) % 300;
        clock->segment++;
    } else {
        clock->time += step;
        clock->span = step;
        clock->count = (int64_t)(index - clock->index);
        clock->has_rate = true;
    }
    clock->is_broken = false;
    clock->pcr = pcr;
    clock->index = index;
    return is_jump ? SLOT_JUMP : SLOT_NEXT;
}

int64_t slot_clock_stamp(const struct slot_clock *clock, int64_t pts)
{
    assert(clock->has_pcr);
    return clock->time / 300 + ts_distance(clock->pcr / 300, pts, TS_WRAP);
}

#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * The slot clock: which time each packet of a transport stream has. Between two PCRs it is linear
 * in the packets' numbers; it never wraps and never jumps, whatever the PCR does (27 MHz).
 *
 * A PCR that does not follow from the one before (backwards, more than a second on, or marked as
 * discontinuous and more than 10 ms off) begins a new segment: times go on at the rate so far, and
 * PTS of that segment are told by its own PCRs. Pure; one thread.
 */
enum slot_news { SLOT_INVALID = 0, SLOT_FIRST, SLOT_NEXT, SLOT_JUMP };

struct slot_clock {
    bool has_pcr;
    bool has_rate;
    int64_t pcr;    /* newest, 27 MHz */
    int64_t time;   /* of its packet */
    uint64_t index; /* number of its packet */
    int64_t span;   /* the rate: `span` ticks for `count` packets */
    int64_t count;
    uint32_t segment; /* from 0; the newest PCR's */
    bool is_broken;   /* the next PCR is another stream's: it begins a segment, whatever it is */
};

/*
 * A PCR, 27 MHz, 0 .. 2^33 * 300 - 1. index: number of its packet, which must be above that of the
 * PCR before; else it is not looked at: SLOT_INVALID.
 *
 * After SLOT_NEXT the clock tells the times of the packets since the PCR before; after SLOT_JUMP a
 * copy made before the call does.
 */
enum slot_news slot_clock_pcr(struct slot_clock *clock, uint64_t index, int64_t pcr,
                              bool is_marked);

/* The time of packet `index` by the newest PCR and rate; has_rate must be set. */
int64_t slot_clock_time(const struct slot_clock *clock, uint64_t index);

/* Slot time in 90 kHz of a PTS or DTS of the newest segment; has_pcr must be set. */
int64_t slot_clock_stamp(const struct slot_clock *clock, int64_t pts);

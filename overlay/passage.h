#pragma once

#include "overlay/slot_clock.h"
#include "overlay/ts_pes.h"
#include "overlay/ts_programme.h"
#include "overlay/ts_retype.h"
#include "overlay/unit.h"
#include "server/model/fault.h"

/*
 * The passage of a transport stream: its packets go in and, PASSAGE_DELAY later by their own clock,
 * come out in their places. Only the video's are others: pictures coded anew stand in the slots of
 * the old ones and of null packets. PCRs keep their slots and values; what is no longer needed
 * becomes a null packet; continuity counters are the passage's for the video alone.
 *
 * Bypass: the source's own video packets come out. The passage begins so, goes over to new pictures
 * at a key picture of the source that was coded anew as one, and back at any key picture of the
 * source: when asked to, when the video is scrambled, and by itself when that key picture has not
 * been coded anew yet, or new pictures are late by more than PASSAGE_LATE_MAX.
 *
 * No I/O, clock, thread or codec. One thread at a time.
 */
#define PASSAGE_DELAY (2 * TS_SECOND)
#define PASSAGE_LATE_MAX (TS_SECOND / 2)
#define PASSAGE_PACKET_MAX 131072u /* 24 MB: two seconds at 98 Mbit/s */
#define PASSAGE_BLIND_MAX 32768u   /* packets without a PCR; after so many the rate goes on as is */
#define PASSAGE_SEGMENT_MAX 8u     /* remembered */
#define PASSAGE_NO_TIME INT64_MIN

/*
 * A picture of the source's video, whole, in coding order.
 *
 * pts, dts  90 kHz, 0 .. TS_WRAP - 1; -1: none. Their time is passage_stamp()'s to say.
 */
typedef void (*passage_video_fn)(void *ctx, const struct ts_pes *pes, uint32_t segment,
                                 uint8_t video_type, uint16_t pid);

/*
 * broken    packets in without a sync byte, or marked as broken; they pass
 * inserted  packets out that hold new pictures
 * late      new pictures that began after their decoding time
 * stale     new pictures that were not sent: bypass, or too late
 */
struct passage_figures {
    uint64_t packets_in;
    uint64_t packets_out;
    uint64_t broken;
    uint64_t jumps;
    uint64_t torn; /* losses seen in the video */
    uint64_t inserted;
    uint64_t units;
    uint64_t late;
    uint64_t stale;
    uint64_t bypasses; /* times it went over to the source's own video */
};

struct passage;

/* packet_max: how many it holds at most, PASSAGE_PACKET_MAX on air. STATUS_NOMEM. *passage is
 * given. */
MUST_CHECK enum status passage_create(uint32_t packet_max, passage_video_fn visit, void *ctx,
                                      struct passage **passage, struct fault *fault);
void passage_destroy(struct passage *passage);

/* A packet in. False: it is full, take first; or, with `fault`, there is no PCR to go by. */
bool passage_put(struct passage *passage, const uint8_t packet[static TS_PACKET_SIZE],
                 struct fault *fault);

/*
 * What comes next is another stream than what came before: its first PCR begins a segment, and is
 * marked as discontinuous.
 */
void passage_break(struct passage *passage);

/* The clock of what went in, and the number of the packet that goes in next. */
const struct slot_clock *passage_clock(const struct passage *passage, uint64_t *next);

/* No packet comes any more: everything that is in may come out. */
void passage_end(struct passage *passage);

/* A picture coded anew; bytes are taken. False: there is no place, it is lost. */
bool passage_unit(struct passage *passage, struct unit *unit);

/* Slot time of the first packet in, and of the newest whose time is known; PASSAGE_NO_TIME: none.
 */
int64_t passage_first(const struct passage *passage);
int64_t passage_newest(const struct passage *passage);

/* Takes the first packet out; there must be one (passage_first). */
void passage_take(struct passage *passage, uint8_t packet[static TS_PACKET_SIZE]);

/* After passage_end(): a packet that no slot was left for. False: every picture is out. */
bool passage_rest(struct passage *passage, uint8_t packet[static TS_PACKET_SIZE]);

/* Slot time, 90 kHz, of a time stamp of `segment`; PASSAGE_NO_TIME: not known, or not near it. */
int64_t passage_stamp(const struct passage *passage, uint32_t segment, int64_t pts);

/* What is to be added to a slot time in 90 kHz to come to the PTS of `segment`, modulo TS_WRAP. */
int64_t passage_raw(const struct passage *passage, uint32_t segment);

/* At the next key picture: the source's own video; true until told otherwise. */
void passage_bypass(struct passage *passage, bool wants_bypass);

bool passage_is_inserting(const struct passage *passage);

/* The source's own video goes out; false before the first of it. */
bool passage_is_bypassed(const struct passage *passage);
bool passage_is_scrambled(const struct passage *passage);
const struct ts_pids *passage_pids(const struct passage *passage);
bool passage_has_pat(const struct passage *passage);

/*
 * What new pictures may use, from the last second that went in: bits a second that the slots of
 * video and null packets carry, and how long before its decoding time the source sends a picture
 * (27 MHz). False: not a second has gone in yet.
 */
bool passage_room(const struct passage *passage, uint64_t *bits_per_second, int64_t *lead);

void passage_figures_get(const struct passage *passage, struct passage_figures *figures);

#pragma once

#include "overlay/passage.h"

/* What the passage's two sides share: passage.c takes packets in, passage_out.c puts them out. */
enum kind { KIND_OTHER = 0, KIND_VIDEO, KIND_NULL, KIND_PMT };

/* One packet in its slot. pts, dts: as the source has them, -1: none. */
struct slot {
    uint8_t bytes[TS_PACKET_SIZE];
    uint8_t kind;
    bool is_key; /* a key picture begins here */
    bool has_payload;
    bool is_scrambled;
    bool is_break; /* the first of another stream: its counter goes on from nothing */
    uint16_t type_at;
    int64_t time;
    int64_t pts, dts;
    uint32_t segment;
};

struct segment {
    uint32_t number;
    bool is_known;
    struct slot_clock clock;
};

/* A key picture of the source, its time stamp as the source has it. */
struct key {
    uint32_t segment;
    int64_t pts;
};

#define KEY_MAX 64 /* in PASSAGE_DELAY; of more the oldest are forgotten */

struct passage {
    passage_video_fn visit;
    void *ctx;
    struct ts_programme programme;
    struct slot_clock clock;
    struct segment segments[PASSAGE_SEGMENT_MAX];
    struct ts_pes_joiner joiner;
    uint32_t pes_segment; /* of the PES packet that is being joined */
    struct slot *slots;
    uint32_t packet_max;
    uint64_t first, stamped, end; /* numbers of packets: out next, without a time, in next */
    bool is_ended;
    bool is_break_due;
    bool is_scrambled;
    /* What goes out. */
    struct unit_queue units;
    struct ts_retype retype;
    bool is_inserting;
    bool has_begun; /* a video packet is out */
    bool is_late;
    bool wants_bypass;
    uint8_t switches;
    uint8_t counter_offset;   /* of the source's own video packets */
    struct key keys[KEY_MAX]; /* of the source, the newest; their number in all */
    uint64_t key_count;
    int64_t key_out;   /* of the newest key picture of the source that went by, 90 kHz */
    int64_t pts_coded; /* the newest of new pictures, 90 kHz */
    int64_t pts_max;   /* of new pictures that were begun, 90 kHz */
    int64_t unit_time; /* decoding time of the newest picture that was sent, 27 MHz */
    /* Room: of the second before, and of the one that runs. */
    bool has_room;
    uint64_t room_bits;
    int64_t lead;
    int64_t window_begin;
    uint64_t window_slots;
    struct passage_figures figures;
};

static inline struct slot *slot_at(const struct passage *passage, uint64_t number)
{
    return &passage->slots[number % passage->packet_max];
}

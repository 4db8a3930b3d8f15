#include <assert.h>
#include <string.h>

#include "overlay/passage_impl.h"

#define SAME_MAX 2 /* 90 kHz; between a picture's stamp before and after coding */

static void stale_drop(struct passage *passage)
{
    passage->figures.stale++;
    unit_drop(&passage->units);
}

static bool is_same(int64_t a, int64_t b)
{
    return a >= b - SAME_MAX && a <= b + SAME_MAX;
}

/* The key picture at `slot` was coded anew: then it is the first of the queue. */
static bool key_find(struct passage *passage, const struct slot *slot)
{
    int64_t pts = passage_stamp(passage, slot->segment, slot->pts);
    if (pts == PASSAGE_NO_TIME)
        return false;
    for (uint32_t i = 0; i < passage->units.count; i++) {
        const struct unit *unit =
            &passage->units.units[(passage->units.first + i) % UNIT_QUEUE_MAX];
        if (!unit->is_key || !is_same(unit->pts, pts))
            continue;
        while (i-- > 0)
            stale_drop(passage);
        return true;
    }
    return false;
}

static void bypass_begin(struct passage *passage, const struct slot *slot)
{
    while (passage->units.count > 0)
        stale_drop(passage);
    passage->counter_offset = (uint8_t)(passage->units.counter + 1 - (slot->bytes[3] & 15));
    passage->is_inserting = false;
    passage->is_late = false;
    passage->switches++;
    passage->figures.bypasses++;
}

/* Bypass is wanted, and the source's own picture will stand for the new one that comes next. */
static bool is_held(const struct passage *passage, const struct unit *unit)
{
    if (!passage->wants_bypass || !unit->is_key || passage->units.sent > 0)
        return false;
    uint64_t count = passage->key_count < KEY_MAX ? passage->key_count : KEY_MAX;
    for (uint64_t i = 1; i <= count; i++) {
        const struct key *key = &passage->keys[(passage->key_count - i) % KEY_MAX];
        if (is_same(unit->pts, passage_stamp(passage, key->segment, key->pts)))
            return unit->pts > passage->key_out + SAME_MAX;
    }
    return false;
}

/* At a key picture of the source: whose pictures go out from here on. */
static void key_decide(struct passage *passage, const struct slot *slot)
{
    int64_t pts = passage_stamp(passage, slot->segment, slot->pts);
    if (pts != PASSAGE_NO_TIME)
        passage->key_out = pts;
    /* It, or one after it, has gone out anew: the source's would be a second one. */
    bool is_out = pts != PASSAGE_NO_TIME && pts <= passage->pts_max + SAME_MAX;
    /* Coding is behind by the whole delay: better now than when pictures are missing. */
    bool is_behind = pts != PASSAGE_NO_TIME && passage->pts_coded < pts - SAME_MAX;
    bool wants_own = passage->is_late || is_behind || (passage->wants_bypass && !is_out);
    if (passage->is_inserting && wants_own) {
        bypass_begin(passage, slot);
    } else if (!passage->is_inserting && !passage->wants_bypass && key_find(passage, slot)) {
        passage->is_inserting = true;
        passage->switches += passage->has_begun ? 1 : 0;
        passage->unit_time = slot->time;
    }
}

/* The source's own packet; its counter goes on from ours. */
static void own_write(struct passage *passage, const struct slot *slot, uint8_t *packet)
{
    memcpy(packet, slot->bytes, TS_PACKET_SIZE);
    if (slot->is_break)
        passage->counter_offset =
            (uint8_t)(passage->units.counter + (slot->has_payload ? 1 : 0) - (packet[3] & 15));
    uint8_t counter = (uint8_t)(((packet[3] & 15) + passage->counter_offset) & 15);
    packet[3] = (uint8_t)((packet[3] & 0xf0) | counter);
    passage->units.counter = counter;
    while (passage->units.count > 0 &&
           unit_first(&passage->units)->dts * 300 < slot->time - PASSAGE_LATE_MAX)
        stale_drop(passage);
}

static void unit_write(struct passage *passage, const struct slot *slot, uint8_t *packet)
{
    const struct unit *unit = unit_first(&passage->units);
    if (passage->units.sent == 0) {
        passage->figures.late += unit->dts * 300 < slot->time ? 1 : 0;
        passage->unit_time = unit->dts * 300;
        if (unit->pts > passage->pts_max)
            passage->pts_max = unit->pts;
    }
    unit_packet(&passage->units, slot->kind == KIND_VIDEO ? slot->bytes : NULL, packet);
    passage->figures.inserted++;
}

/* A slot for new pictures. */
static void slot_write(struct passage *passage, const struct slot *slot, uint8_t *packet)
{
    const struct unit *unit = unit_first(&passage->units);
    bool has_kept = slot->kind == KIND_VIDEO && (slot->bytes[3] & 0x20) != 0 &&
                    slot->bytes[4] > 0 && (slot->bytes[5] & 0x90) != 0;
    int64_t due = unit == NULL ? passage->unit_time : unit->dts * 300;
    passage->is_late = passage->is_late || due < slot->time - PASSAGE_LATE_MAX;
    if (unit != NULL && (passage->units.sent > 0 || due - slot->time < passage->lead) &&
        !is_held(passage, unit))
        unit_write(passage, slot, packet);
    else if (has_kept)
        unit_packet_empty(&passage->units, passage->programme.pids.video, slot->bytes, packet);
    else
        ts_packet_null(packet);
}

static void pmt_write(struct passage *passage, const struct slot *slot, uint8_t *packet)
{
    struct ts_retype *retype = &passage->retype;
    /* Before the first picture: as it will be, where its new coding is there already. */
    bool is_new = passage->is_inserting ||
                  (!passage->has_begun && !passage->wants_bypass && passage->units.count > 0);
    memcpy(packet, slot->bytes, TS_PACKET_SIZE);
    retype->number = passage->programme.pids.number;
    retype->type_at = slot->type_at;
    retype->from = TS_TYPE_MPEG2;
    retype->to = is_new ? TS_TYPE_H264 : TS_TYPE_MPEG2;
    retype->version_step = slot->type_at > 0 ? passage->switches : 0;
    ts_retype_put(retype, packet);
}

void passage_take(struct passage *passage, uint8_t packet[static TS_PACKET_SIZE])
{
    assert(passage->first < passage->stamped);
    const struct slot *slot = slot_at(passage, passage->first);
    if (slot->kind == KIND_VIDEO && slot->is_key)
        key_decide(passage, slot);
    if (slot->is_scrambled && passage->is_inserting)
        bypass_begin(passage, slot);
    if (slot->kind == KIND_VIDEO && !passage->is_inserting)
        own_write(passage, slot, packet);
    else if (passage->is_inserting && (slot->kind == KIND_VIDEO || slot->kind == KIND_NULL))
        slot_write(passage, slot, packet);
    else if (slot->kind == KIND_PMT)
        pmt_write(passage, slot, packet);
    else
        memcpy(packet, slot->bytes, TS_PACKET_SIZE);
    passage->has_begun = passage->has_begun || slot->kind == KIND_VIDEO;
    passage->figures.packets_out++;
    passage->first++;
}

bool passage_rest(struct passage *passage, uint8_t packet[static TS_PACKET_SIZE])
{
    if (!passage->is_inserting || passage->units.count == 0)
        return false;
    unit_packet(&passage->units, NULL, packet);
    passage->figures.inserted++;
    return true;
}

void passage_bypass(struct passage *passage, bool wants_bypass)
{
    passage->wants_bypass = wants_bypass;
}

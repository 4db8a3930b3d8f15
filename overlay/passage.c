#include <stdlib.h>
#include <string.h>

#include "overlay/passage_impl.h"

#define LEAD_MIN (TS_SECOND * 3 / 10)
#define LEAD_MAX (TS_SECOND * 12 / 10)
#define NEAR_MAX (10 * TS_SECOND_90K) /* of a time stamp and its slot */
#define PAYLOAD_BITS (UINT64_C(184) * 8)

enum status passage_create(uint32_t packet_max, passage_video_fn visit, void *ctx,
                           struct passage **passage, struct fault *fault)
{
    struct passage *made = calloc(1, sizeof *made);
    struct slot *slots = malloc(packet_max * sizeof *slots);
    if (made == NULL || slots == NULL) {
        free(made);
        free(slots);
        return fault_set(fault, STATUS_NOMEM, "", "no memory for a transport stream's packets");
    }
    made->packet_max = packet_max;
    made->visit = visit;
    made->ctx = ctx;
    made->slots = slots;
    made->lead = LEAD_MIN;
    made->window_begin = made->pts_max = made->pts_coded = made->key_out = PASSAGE_NO_TIME;
    ts_programme_init(&made->programme);
    *passage = made;
    return STATUS_OK;
}

void passage_destroy(struct passage *passage)
{
    if (passage == NULL)
        return;
    unit_queue_finish(&passage->units);
    ts_pes_finish(&passage->joiner);
    free(passage->slots);
    free(passage);
}

static void pes_visit(void *ctx, const struct ts_pes *pes)
{
    struct passage *passage = ctx;
    const struct ts_pids *pids = &passage->programme.pids;
    passage->visit(passage->ctx, pes, passage->pes_segment, pids->video_type, pids->video);
}

/* Whether a decoder can begin with the picture that begins in this payload. */
static bool is_key_begin(const uint8_t *bytes, uint32_t size, uint8_t video_type)
{
    for (uint32_t i = 0; i + 3 < size; i++) {
        if (bytes[i] != 0 || bytes[i + 1] != 0 || bytes[i + 2] != 1)
            continue;
        uint8_t code = bytes[i + 3];
        if (video_type == TS_TYPE_MPEG2 ? code == 0xb3 : (code & 31) == 5 || (code & 31) == 7)
            return true;
    }
    return false;
}

static void video_note(struct passage *passage, struct slot *slot, const struct ts_facts *facts)
{
    slot->kind = KIND_VIDEO;
    slot->is_break = passage->is_break_due;
    passage->is_break_due = false;
    slot->has_payload = facts->payload_at < TS_PACKET_SIZE;
    passage->is_scrambled = facts->is_scrambled || (passage->is_scrambled && !slot->has_payload);
    slot->is_scrambled = facts->is_scrambled;
    if (facts->is_scrambled)
        return;
    if (facts->is_start && slot->has_payload) {
        const uint8_t *bytes = slot->bytes + facts->payload_at;
        uint32_t size = TS_PACKET_SIZE - facts->payload_at;
        uint32_t head = ts_pes_read(bytes, size, &slot->pts, &slot->dts);
        slot->is_key = slot->pts >= 0 && (facts->is_random_access ||
                                          is_key_begin(bytes + head, size - head,
                                                       passage->programme.pids.video_type));
        if (slot->is_key)
            passage->keys[passage->key_count++ % KEY_MAX] =
                (struct key){ passage->clock.segment, slot->pts };
    }
    ts_pes_put(&passage->joiner, slot->bytes, facts, pes_visit, passage);
    if (facts->is_start)
        passage->pes_segment = passage->clock.segment;
}

/* Counts what slots could carry, second by second, and how early the source's pictures come. */
static void room_note(struct passage *passage, const struct slot *slot, int64_t dts)
{
    if (passage->window_begin == PASSAGE_NO_TIME)
        passage->window_begin = slot->time;
    passage->window_slots += slot->kind == KIND_VIDEO || slot->kind == KIND_NULL ? 1 : 0;
    if (dts != PASSAGE_NO_TIME && dts * 300 - slot->time > passage->lead)
        passage->lead = dts * 300 - slot->time < LEAD_MAX ? dts * 300 - slot->time : LEAD_MAX;
    int64_t length = slot->time - passage->window_begin;
    if (length < TS_SECOND)
        return;
    passage->room_bits =
        passage->window_slots * PAYLOAD_BITS * (uint64_t)TS_SECOND / (uint64_t)length;
    passage->has_room = true;
    passage->window_begin = slot->time;
    passage->window_slots = 0;
}

static int64_t near_stamp(const struct slot_clock *clock, int64_t pts)
{
    if (pts < 0)
        return PASSAGE_NO_TIME;
    int64_t stamp = slot_clock_stamp(clock, pts), off = stamp - clock->time / 300;
    return off < -NEAR_MAX || off > NEAR_MAX ? PASSAGE_NO_TIME : stamp;
}

/* Gives the packets before `until` their times, by `clock`; without a rate all have its time. */
static void slots_stamp(struct passage *passage, const struct slot_clock *clock, uint64_t until)
{
    for (; passage->stamped < until; passage->stamped++) {
        struct slot *slot = slot_at(passage, passage->stamped);
        slot->time = clock->has_rate ? slot_clock_time(clock, passage->stamped) : clock->time;
        slot->segment = clock->segment;
        room_note(passage, slot, near_stamp(clock, slot->dts));
    }
}

static void pcr_put(struct passage *passage, struct slot *slot, const struct ts_facts *facts)
{
    struct slot_clock before = passage->clock;
    if (before.is_broken)
        slot->bytes[5] |= 0x80; /* discontinuity_indicator; there is a PCR, so there is a field */
    struct slot_clock *clock = &passage->clock;
    enum slot_news news = slot_clock_pcr(clock, passage->end, facts->pcr, facts->is_discontinuity);
    struct segment *segment = &passage->segments[clock->segment % PASSAGE_SEGMENT_MAX];
    *segment = (struct segment){ clock->segment, true, *clock };
    if (news == SLOT_JUMP) {
        passage->figures.jumps++;
        slots_stamp(passage, before.has_rate ? &before : clock, passage->end);
    } else if (news == SLOT_NEXT) {
        slots_stamp(passage, clock, passage->end);
    }
}

bool passage_put(struct passage *passage, const uint8_t packet[static TS_PACKET_SIZE],
                 struct fault *fault)
{
    struct ts_facts facts;
    if (passage->end - passage->first >= passage->packet_max)
        return false;
    if (passage->end - passage->stamped >= PASSAGE_BLIND_MAX) {
        if (!passage->clock.has_rate) {
            fault_set(fault, STATUS_INVALID, "", "no clock in the input: %u packets without a PCR",
                      PASSAGE_BLIND_MAX);
            return false;
        }
        slots_stamp(passage, &passage->clock, passage->end);
    }
    struct slot *slot = slot_at(passage, passage->end);
    *slot = (struct slot){ .pts = -1, .dts = -1, .time = PASSAGE_NO_TIME };
    memcpy(slot->bytes, packet, TS_PACKET_SIZE);
    passage->figures.packets_in++;
    if (!ts_packet_read(packet, &facts)) {
        passage->figures.broken++;
        passage->end++;
        return true;
    }
    if (ts_programme_put(&passage->programme, packet, &facts))
        ts_pes_finish(&passage->joiner);
    const struct ts_pids *pids = &passage->programme.pids;
    if (facts.pcr >= 0 && facts.pid == pids->pcr)
        pcr_put(passage, slot, &facts);
    if (facts.pid == TS_PID_NULL)
        slot->kind = KIND_NULL;
    else if (facts.pid == pids->video)
        video_note(passage, slot, &facts);
    else if (facts.pid == pids->pmt)
        slot->kind = KIND_PMT;
    slot->type_at = pids->video_type == TS_TYPE_MPEG2 ? pids->type_at : 0;
    passage->end++;
    if (facts.pcr >= 0 && facts.pid == pids->pcr && passage->clock.has_rate)
        slots_stamp(passage, &passage->clock, passage->end);
    return true;
}

void passage_break(struct passage *passage)
{
    passage->clock.is_broken = passage->clock.has_pcr;
    passage->is_break_due = true;
    ts_pes_finish(&passage->joiner);
}

const struct slot_clock *passage_clock(const struct passage *passage, uint64_t *next)
{
    *next = passage->end;
    return &passage->clock;
}

void passage_end(struct passage *passage)
{
    ts_pes_end(&passage->joiner, pes_visit, passage);
    if (passage->clock.has_pcr)
        slots_stamp(passage, &passage->clock, passage->end);
    else
        for (; passage->stamped < passage->end; passage->stamped++)
            slot_at(passage, passage->stamped)->time = 0;
    passage->has_room = passage->has_room || passage->window_slots > 0;
    if (passage->room_bits == 0 && passage->window_begin != PASSAGE_NO_TIME) {
        int64_t length = slot_at(passage, passage->end - 1)->time - passage->window_begin;
        passage->room_bits = passage->window_slots * PAYLOAD_BITS * (uint64_t)TS_SECOND /
                             (uint64_t)(length > 0 ? length : TS_SECOND);
    }
    passage->is_ended = true;
}

bool passage_unit(struct passage *passage, struct unit *unit)
{
    passage->figures.units++;
    if (unit->pts > passage->pts_coded)
        passage->pts_coded = unit->pts;
    if (unit_put(&passage->units, unit))
        return true;
    passage->figures.stale++;
    return false;
}

int64_t passage_first(const struct passage *passage)
{
    if (passage->first == passage->stamped)
        return PASSAGE_NO_TIME;
    return slot_at(passage, passage->first)->time;
}

int64_t passage_newest(const struct passage *passage)
{
    if (passage->stamped == 0)
        return PASSAGE_NO_TIME;
    return slot_at(passage, passage->stamped - 1)->time;
}

int64_t passage_stamp(const struct passage *passage, uint32_t segment, int64_t pts)
{
    const struct segment *known = &passage->segments[segment % PASSAGE_SEGMENT_MAX];
    if (!known->is_known || known->number != segment || pts < 0)
        return PASSAGE_NO_TIME;
    return near_stamp(&known->clock, pts);
}

int64_t passage_raw(const struct passage *passage, uint32_t segment)
{
    const struct slot_clock *clock = &passage->segments[segment % PASSAGE_SEGMENT_MAX].clock;
    return ((clock->pcr - clock->time) / 300 % TS_WRAP + TS_WRAP) % TS_WRAP;
}

bool passage_is_inserting(const struct passage *passage)
{
    return passage->is_inserting;
}

bool passage_is_bypassed(const struct passage *passage)
{
    return passage->has_begun && !passage->is_inserting;
}

bool passage_is_scrambled(const struct passage *passage)
{
    return passage->is_scrambled;
}

const struct ts_pids *passage_pids(const struct passage *passage)
{
    return &passage->programme.pids;
}

bool passage_has_pat(const struct passage *passage)
{
    return passage->programme.has_pat;
}

bool passage_room(const struct passage *passage, uint64_t *bits_per_second, int64_t *lead)
{
    *bits_per_second = passage->room_bits;
    *lead = passage->lead;
    return passage->has_room;
}

void passage_figures_get(const struct passage *passage, struct passage_figures *figures)
{
    *figures = passage->figures;
    figures->torn = passage->joiner.torn_total;
}

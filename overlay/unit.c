#include "overlay/unit.h"

#include <assert.h>
#include <bitstream/mpeg/pes.h>
#include <bitstream/mpeg/ts.h>
#include <stdlib.h>
#include <string.h>

#define PCR_SIZE 6
#define AF_PCR 0x10
#define AF_KEPT 0x90 /* discontinuity and PCR */
#define AF_RANDOM_ACCESS 0x40
#define AF_AT TS_HEADER_SIZE

bool unit_put(struct unit_queue *queue, struct unit *unit)
{
    bool has_place = queue->count < UNIT_QUEUE_MAX;
    if (has_place)
        queue->units[(queue->first + queue->count++) % UNIT_QUEUE_MAX] = *unit;
    else
        free(unit->bytes);
    unit->bytes = NULL;
    return has_place;
}

const struct unit *unit_first(const struct unit_queue *queue)
{
    return queue->count == 0 ? NULL : &queue->units[queue->first];
}

void unit_drop(struct unit_queue *queue)
{
    if (queue->count == 0)
        return;
    free(queue->units[queue->first].bytes);
    queue->first = (queue->first + 1) % UNIT_QUEUE_MAX;
    queue->count--;
    queue->sent = 0;
}

void unit_queue_finish(struct unit_queue *queue)
{
    while (queue->count > 0)
        unit_drop(queue);
}

/* The flags and, with one, the PCR that the adaptation field must have. */
static uint8_t kept_flags(const uint8_t *from)
{
    if (from == NULL || !ts_has_adaptation(from) || ts_get_adaptation(from) == 0)
        return 0;
    uint8_t flags = from[AF_AT + 1] & AF_KEPT;
    if ((flags & AF_PCR) != 0 && ts_get_adaptation(from) < 1 + PCR_SIZE)
        flags &= (uint8_t)~AF_PCR;
    return flags;
}

/* Header and an adaptation field of `size` bytes after its length; -1: none. Where it ends. */
static uint32_t head_write(uint8_t *packet, uint16_t pid, uint8_t flags, const uint8_t *from,
                           int32_t size)
{
    memset(packet, 0xff, TS_SIZE);
    ts_init(packet);
    ts_set_pid(packet, pid);
    if (size < 0)
        return TS_HEADER_SIZE;
    packet[3] = 0x20; /* an adaptation field; payload is added by the caller */
    packet[AF_AT] = (uint8_t)size;
    if (size > 0)
        packet[AF_AT + 1] = flags;
    if ((flags & AF_PCR) != 0)
        memcpy(packet + AF_AT + 2, from + AF_AT + 2, PCR_SIZE);
    return AF_AT + 1 + (uint32_t)size;
}

void unit_packet_empty(const struct unit_queue *queue, uint16_t pid, const uint8_t *from,
                       uint8_t packet[static TS_PACKET_SIZE])
{
    head_write(packet, pid, kept_flags(from), from, TS_SIZE - AF_AT - 1);
    ts_set_cc(packet, queue->counter);
}

static uint32_t pes_head_write(const struct unit *unit, uint8_t head[PES_HEADER_SIZE_PTSDTS])
{
    bool has_dts = unit->dts_raw != unit->pts_raw;
    memset(head, 0, PES_HEADER_SIZE_PTSDTS);
    pes_init(head);
    pes_set_streamid(head, unit->stream);
    pes_set_length(head, 0);
    pes_set_headerlength(head, has_dts ? 10 : 5);
    pes_set_dataalignment(head);
    pes_set_pts(head, (uint64_t)unit->pts_raw);
    if (has_dts)
        pes_set_dts(head, (uint64_t)unit->dts_raw);
    return has_dts ? PES_HEADER_SIZE_PTSDTS : PES_HEADER_SIZE_PTS;
}

/* Bytes `at` .. of the PES packet of `unit`, of which `head` is the beginning. */
static void pes_copy(const struct unit *unit, const uint8_t *head, uint32_t head_size, size_t at,
                     uint8_t *out, size_t count)
{
    size_t in_head = at >= head_size ? 0 : head_size - at < count ? head_size - at : count;
    if (in_head > 0)
        memcpy(out, head + at, in_head);
    if (count > in_head)
        memcpy(out + in_head, unit->bytes + (at + in_head - head_size), count - in_head);
}

void unit_packet(struct unit_queue *queue, const uint8_t *from,
                 uint8_t packet[static TS_PACKET_SIZE])
{
    const struct unit *unit = unit_first(queue);
    uint8_t head[PES_HEADER_SIZE_PTSDTS], flags = kept_flags(from);
    assert(unit != NULL);
    uint32_t head_size = pes_head_write(unit, head);
    size_t left = head_size + unit->size - queue->sent;
    bool is_start = queue->sent == 0;
    if (is_start && unit->is_key)
        flags |= AF_RANDOM_ACCESS;
    int32_t field = flags == 0 ? -1 : (flags & AF_PCR) != 0 ? 1 + PCR_SIZE : 1;
    uint32_t room = TS_SIZE - TS_HEADER_SIZE - (uint32_t)(field + 1);
    if (left < room) { /* the rest of the packet is stuffing, in the adaptation field */
        field += (int32_t)(room - left);
        room = (uint32_t)left;
    }
    uint32_t at = head_write(packet, unit->pid, flags, from, field);
    assert(at + room == TS_SIZE);
    pes_copy(unit, head, head_size, queue->sent, packet + at, room);
    queue->counter = (queue->counter + 1) & 15;
    ts_set_payload(packet);
    ts_set_cc(packet, queue->counter);
    if (is_start)
        ts_set_unitstart(packet);
    queue->sent += room;
    if (left == room)
        unit_drop(queue);
}

#include "overlay/ts_retype.h"

#include <bitstream/mpeg/psi.h>

#include "overlay/ts_section.h"

#define VERSION_AT 5
#define VERSION_MASK 0x3e

static bool is_ours(const struct ts_retype *retype)
{
    return retype->head[0] == PMT_TABLE_ID && pmt_get_program(retype->head) == retype->number;
}

/* The byte as it goes out, at `at` of a section; not one of its CRC. */
static uint8_t byte_of(struct ts_retype *retype, uint8_t byte)
{
    if (retype->at < sizeof retype->head)
        retype->head[retype->at] = byte;
    if (retype->at == PSI_HEADER_SIZE - 1)
        retype->size = PSI_HEADER_SIZE + psi_get_length(retype->head);
    if (retype->at == VERSION_AT && is_ours(retype)) {
        uint8_t version = (uint8_t)(((byte & VERSION_MASK) >> 1) + retype->version_step);
        return (uint8_t)((byte & ~VERSION_MASK) | (version << 1 & VERSION_MASK));
    }
    if (retype->at == retype->type_at && retype->at >= PMT_HEADER_SIZE && byte == retype->from &&
        is_ours(retype))
        return retype->to;
    return byte;
}

/* The CRC is linear: what the changes add to it can be put on the old one. */
static void section_byte(struct ts_retype *retype, uint8_t *byte)
{
    if (retype->size > 0 && retype->at + PSI_CRC_SIZE >= retype->size) {
        uint32_t shift = 8 * (retype->size - 1 - retype->at);
        *byte = (uint8_t)(*byte ^ retype->delta >> shift);
    } else {
        uint8_t changed = byte_of(retype, *byte), difference = (uint8_t)(changed ^ *byte);
        *byte = changed;
        retype->delta = ts_crc(retype->delta, &difference, 1);
    }
    retype->at++;
    if (retype->size > 0 && retype->at >= retype->size)
        retype->at = retype->size = retype->delta = 0;
}

void ts_retype_put(struct ts_retype *retype, uint8_t packet[static TS_PACKET_SIZE])
{
    struct ts_facts facts;
    if (!ts_packet_read(packet, &facts) || facts.payload_at >= TS_PACKET_SIZE || facts.is_scrambled)
        return;
    uint32_t at = facts.payload_at;
    if (facts.is_start) {
        uint32_t first = at + 1u + packet[at];
        for (at++; retype->is_begun && at < first && at < TS_PACKET_SIZE; at++)
            section_byte(retype, &packet[at]);
        retype->at = retype->size = retype->delta = 0;
        retype->is_begun = true;
        at = first;
    }
    for (; retype->is_begun && at < TS_PACKET_SIZE; at++) {
        if (retype->at == 0 && packet[at] == 0xff)
            retype->is_begun = false; /* stuffing to the end */
        else
            section_byte(retype, &packet[at]);
    }
}

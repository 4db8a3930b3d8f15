#include "overlay/ts_section.h"

#include <bitstream/mpeg/psi.h>

uint32_t ts_crc(uint32_t crc, const uint8_t *bytes, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++)
        crc = (crc << 8) ^ p_psi_crc_table[(crc >> 24) ^ bytes[i]];
    return crc;
}

/* The size that its header says; 0: not known yet. */
static uint32_t size_said(const struct ts_section *section)
{
    if (section->count < PSI_HEADER_SIZE)
        return 0;
    return PSI_HEADER_SIZE + psi_get_length(section->bytes);
}

/* Takes bytes into the section; how many it took. A whole one is visited and its place empty. */
static uint32_t section_fill(struct ts_section *section, const uint8_t *bytes, uint32_t size,
                             ts_section_fn visit, void *ctx)
{
    uint32_t taken = 0;
    while (taken < size) {
        if (section->count == 0 && bytes[taken] == 0xff) { /* stuffing to the end of the packet */
            section->is_begun = false;
            return size;
        }
        section->bytes[section->count++] = bytes[taken++];
        uint32_t said = size_said(section);
        if (said > TS_SECTION_MAX) {
            section->is_begun = false; /* private ones may be longer; those are not for us */
            section->count = 0;
            return size;
        }
        if (said == 0 || section->count < said)
            continue;
        if (psi_get_syntax(section->bytes) && said >= PSI_HEADER_SIZE_SYNTAX1 + PSI_CRC_SIZE &&
            ts_crc(0xffffffff, section->bytes, said) == 0)
            visit(ctx, section->bytes, said);
        section->count = 0;
    }
    return taken;
}

void ts_section_put(struct ts_section *section, const uint8_t packet[static TS_PACKET_SIZE],
                    const struct ts_facts *facts, ts_section_fn visit, void *ctx)
{
    if (facts->payload_at >= TS_PACKET_SIZE || facts->is_scrambled)
        return;
    if (section->has_counter && facts->counter == section->counter)
        return; /* sent twice */
    if (section->has_counter && facts->counter != ((section->counter + 1) & 15))
        section->is_begun = false;
    section->has_counter = true;
    section->counter = facts->counter;
    const uint8_t *bytes = packet + facts->payload_at;
    uint32_t size = TS_PACKET_SIZE - facts->payload_at;
    if (facts->is_start) {
        uint32_t pointer = bytes[0];
        if (pointer + 1 > size - 1) {
            section->is_begun = false;
            section->count = 0;
            if (pointer + 1 > size)
                return;
        }
        if (section->is_begun)
            section_fill(section, bytes + 1, pointer, visit, ctx);
        section->count = 0;
        section->is_begun = true;
        bytes += 1 + pointer;
        size -= 1 + pointer;
    }
    if (section->is_begun)
        section_fill(section, bytes, size, visit, ctx);
}

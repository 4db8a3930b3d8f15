#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "overlay/ts_packet.h"

/*
 * Joins the sections of one PID (ISO/IEC 13818-1, 2.4.4): those with a CRC, of at most 1,024 bytes,
 * are handed on when whole and right. One that is torn by a lost packet is left out. One thread.
 */
#define TS_SECTION_MAX 1024

struct ts_section {
    uint8_t bytes[TS_SECTION_MAX];
    uint32_t count;
    bool is_begun;
    bool has_counter;
    uint8_t counter;
};

/* A whole section with a right CRC. `section` is borrowed. */
typedef void (*ts_section_fn)(void *ctx, const uint8_t *section, uint32_t size);

/* A packet of the PID; `facts` are its own. */
void ts_section_put(struct ts_section *section, const uint8_t packet[static TS_PACKET_SIZE],
                    const struct ts_facts *facts, ts_section_fn visit, void *ctx);

/* CRC of MPEG-2 sections over `size` bytes, begun with 0xffffffff; over a whole section it is 0. */
uint32_t ts_crc(uint32_t crc, const uint8_t *bytes, uint32_t size);

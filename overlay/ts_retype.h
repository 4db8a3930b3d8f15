#pragma once

#include <stdbool.h>

#include "overlay/ts_packet.h"

/*
 * Writes another stream type into a PMT as it passes, byte by byte: H.264 where the source says
 * MPEG-2 video, and the CRC to go with it. A CRC that was wrong stays wrong. Everything else in
 * the packets stays as it was. One thread.
 *
 * number        of the programme whose PMT it is
 * type_at       where in the section the type stands; 0: nothing is changed
 * from, to      types; a byte at type_at that is not `from` stays
 * version_step  added to the section's version (modulo 32), so that receivers notice a switch
 */
struct ts_retype {
    uint16_t number;
    uint16_t type_at;
    uint8_t from, to;
    uint8_t version_step;
    bool is_begun;
    uint32_t at;    /* in the section */
    uint32_t size;  /* of the section; 0: not known yet */
    uint32_t delta; /* of the CRC so far */
    uint8_t head[5];
};

/* A packet of the PMT's PID, in the order of the stream. */
void ts_retype_put(struct ts_retype *retype, uint8_t packet[static TS_PACKET_SIZE]);

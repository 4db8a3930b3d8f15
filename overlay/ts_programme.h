#pragma once

#include "overlay/ts_section.h"

/*
 * Which PIDs are the programme's: follows PAT and PMT through all their changes. The programme is
 * the first of the PAT that has H.264 or MPEG-2 video, and its first such video. One thread.
 */
#define TS_TYPE_MPEG2 0x02
#define TS_TYPE_H264 0x1b
#define TS_PROGRAMME_MAX                                                                           \
    16 /* of the PAT; those after them are passed through, never inserted in                       \
        */

/* PIDs are TS_PID_INVALID, video_type is 0 while they are not known. */
struct ts_pids {
    uint16_t number; /* of the programme */
    uint16_t pmt;
    uint16_t video;
    uint16_t pcr;
    uint8_t video_type;
    uint16_t type_at; /* where in the PMT's section the type of the video stands */
};

struct ts_programme {
    struct ts_pids pids;
    bool has_pat;
    bool has_pmt; /* of any programme */
    struct ts_section pat;
    uint32_t count;
    uint16_t numbers[TS_PROGRAMME_MAX];
    uint16_t pmts[TS_PROGRAMME_MAX];
    struct ts_section sections[TS_PROGRAMME_MAX];
    uint32_t place; /* of the PMT that a packet belongs to, while it is put */
    bool is_changed;
};

void ts_programme_init(struct ts_programme *programme);

/* Any packet. Whether `pids` are others now. */
bool ts_programme_put(struct ts_programme *programme, const uint8_t packet[static TS_PACKET_SIZE],
                      const struct ts_facts *facts);

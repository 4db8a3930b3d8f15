#pragma once

#include "overlay/slot_clock.h"
#include "overlay/ts_packet.h"
#include "overlay/ts_programme.h"

/*
 * The stand-in: packets that take the place of an input that has stopped, so that the stream goes
 * on at its rate and by its clock: PCRs, the tables that were there last, and null packets, which
 * new pictures go into. Sound and all else is not there.
 *
 * Pure; one thread at a time.
 */
#define STANDIN_TABLE_MAX 4 /* packets of a PAT or PMT; of a longer one the first */

struct standin_table {
    uint8_t packets[STANDIN_TABLE_MAX][TS_PACKET_SIZE];
    uint32_t count;
    uint8_t counter; /* of the newest packet */
};

struct standin {
    struct standin_table pat, pmt;
    uint16_t pmt_pid, pcr_pid;
    uint8_t pcr_counter;
    struct slot_clock clock; /* of the input, as it stopped */
    uint64_t number;         /* of the next packet */
    int64_t pcr_due, tables_due;
    uint32_t table_place; /* of the next packet of the tables; behind the last: none is due */
};

/* A packet of the input, as long as it runs. */
void standin_note(struct standin *standin, const uint8_t packet[static TS_PACKET_SIZE],
                  const struct ts_pids *pids);

/* The input has stopped: `next` is the number of the packet that would have come. False: no rate.
 */
bool standin_begin(struct standin *standin, const struct slot_clock *clock, uint64_t next);

/* The next packet, unless its slot time is after `until`; *time is that. */
bool standin_take(struct standin *standin, int64_t until, int64_t *time,
                  uint8_t packet[static TS_PACKET_SIZE]);

#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * One packet of a transport stream (ISO/IEC 13818-1, 2.4.3.2), read without trusting a length in
 * it. Pure; any thread.
 */
#define TS_PACKET_SIZE 188
#define TS_PID_NULL 0x1fff
#define TS_PID_INVALID 0xffff
#define TS_WRAP (INT64_C(1) << 33)   /* of PTS, DTS and the base of the PCR, 90 kHz */
#define TS_PCR_WRAP (TS_WRAP * 300)  /* of the PCR, 27 MHz */
#define TS_SECOND INT64_C(27000000)  /* of slot times and PCRs */
#define TS_SECOND_90K INT64_C(90000) /* of PTS and DTS */
#define TS_NS(time) ((time)*1000 / 27)

/*
 * payload_at  where the payload begins; TS_PACKET_SIZE: there is none
 * pcr         27 MHz, 0 .. TS_PCR_WRAP - 1; -1: none
 */
struct ts_facts {
    uint16_t pid;
    uint8_t counter;
    uint8_t payload_at;
    bool is_start;
    bool is_scrambled;
    bool is_random_access;
    bool is_discontinuity;
    int64_t pcr;
};

/*
 * False: no packet: sync byte missing, marked as broken, or an adaptation field that is longer than
 * the packet. What is in `facts` then is of no use.
 */
bool ts_packet_read(const uint8_t packet[static TS_PACKET_SIZE], struct ts_facts *facts);

/* b - a of clocks that wrap at `wrap`, the short way round: -wrap / 2 .. wrap / 2 - 1. */
int64_t ts_distance(int64_t a, int64_t b, int64_t wrap);

/* A null packet. */
void ts_packet_null(uint8_t packet[static TS_PACKET_SIZE]);

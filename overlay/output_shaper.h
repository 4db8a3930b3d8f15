#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/model/fault.h"

/*
 * The shaper: makes of a transport stream with one programme and one video, as a multiplexer writes
 * it, one of constant bit rate that is exact to the byte (ISO/IEC 13818-1).
 *
 * Time is cut into slots of one packet each. Slot s begins s × 1504 bits after time 0 and has the
 * PCR that belongs to it, so PCR and byte position cannot disagree. A slot takes what is most
 * urgent: a PCR every 30 ms at most, PAT and PMT every 100 ms (TR 101 290: 40 ms and 500 ms), the
 * next packet of the video, or a null packet. PCRs that come in are replaced; an access unit is
 * held until its DTS is at most SHAPER_LAG_MS ahead of the PCR.
 *
 * Pure: no clock, no I/O, no lock. One thread at a time.
 */
#define TS_PACKET_SIZE 188
#define SHAPER_RATE_KBPS_MIN 1000
#define SHAPER_RATE_KBPS_MAX 100000
#define SHAPER_LAG_MS 600 /* what a decoder shows at time t was put in for t - 600 ms; ≤ 700 */
#define SHAPER_PCR_MS 30
#define SHAPER_PSI_MS 100
#define SHAPER_QUEUE_S 2  /* of packets at the full rate; more is dropped, with what waits */
#define SHAPER_APART_S 10 /* DTS and PCR farther apart than this do not belong together */

/*
 * units           access units begun
 * late_units      of these: begun after their DTS
 * nulls           slots that took a null packet
 * drops           packets left out: the queue was full, or no packets at all (no sync byte)
 * discontinuities said in the stream: slots were left out, or its times jumped
 */
struct shaper_figures {
    uint64_t units;
    uint64_t late_units;
    uint64_t nulls;
    uint64_t drops;
    uint64_t discontinuities;
};

struct shaper;

/*
 * rate_kbps     of everything, SHAPER_RATE_KBPS_MIN .. _MAX
 * time_0_90khz  the DTS, 33 bits, of a frame of time 0; a stream whose DTS does not fit to it is
 *               taken for what it says, and the jump is said
 * *shaper is given. STATUS_NOMEM.
 */
MUST_CHECK enum status shaper_create(uint32_t rate_kbps, uint64_t time_0_90khz,
                                     struct shaper **shaper, struct fault *fault);
void shaper_destroy(struct shaper *shaper);

/* When slot s begins, in ns from time 0; and the first slot that begins at ns (≥ 0) or later. */
int64_t shaper_slot_ns(const struct shaper *shaper, uint64_t slot);
uint64_t shaper_slot_at(const struct shaper *shaper, int64_t ns);

/* The PCR of a slot: 27 MHz, modulo 2^33 × 300. */
uint64_t shaper_slot_pcr(const struct shaper *shaper, uint64_t slot);

/* What the multiplexer wrote; size a multiple of 188. Null packets are left out. */
void shaper_put(struct shaper *shaper, const uint8_t *packets, size_t size);

/* Nothing waits but null packets. */
bool shaper_is_empty(const struct shaper *shaper);

/* The packet of a slot. Slots rise; one that is left out is a discontinuity. */
void shaper_take(struct shaper *shaper, uint64_t slot, uint8_t packet[TS_PACKET_SIZE]);

void shaper_figures_get(const struct shaper *shaper, struct shaper_figures *figures);

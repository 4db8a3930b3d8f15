#include "overlay/output_shaper.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define PACKET_BITS (TS_PACKET_SIZE * 8)
#define PID_PAT 0
#define PID_NULL 0x1fff
#define PID_NONE 0x2000
#define CLOCK_27 27000 /* of 27 MHz a ms */
#define CLOCK_90 90    /* of 90 kHz a ms */
#define TIME_90_MASK ((UINT64_C(1) << 33) - 1)
#define PCR_MODULUS ((UINT64_C(1) << 33) * 300)
#define SECTION_OFFSET 8 /* of the payload's pointer and a section's header */

/* What is in one packet. payload: offset, TS_PACKET_SIZE where there is none. */
struct packet_head {
    uint16_t pid;
    bool is_start;
    bool has_pcr;
    uint32_t payload;
};

struct table {
    uint8_t packet[TS_PACKET_SIZE];
    bool is_known;
    bool is_due;
    uint8_t counter;
};

struct shaper {
    uint32_t rate_kbps;
    uint64_t base_27; /* PCR of slot 0 */
    uint64_t pcr_slots, psi_slots;
    struct table pat, pmt;
    uint16_t pmt_pid, pcr_pid;
    uint8_t video_counter; /* of the newest packet with a payload */
    uint64_t next_slot, pcr_due_slot, psi_due_slot;
    bool is_begun;
    bool is_discontinuous; /* to be said with the next PCR */
    bool is_skipping;      /* packets were dropped: an access unit without its beginning is too */
    uint8_t *queue;        /* a ring of queue_max packets */
    uint32_t queue_max, queue_begin, queue_count;
    struct shaper_figures figures;
};

static uint64_t scaled(uint64_t slot, uint64_t bits_per_unit, uint32_t rate_kbps)
{
    /* slot × bits / rate without overflow, and exact: whole seconds' worth of slots first. */
    return slot / rate_kbps * bits_per_unit + slot % rate_kbps * bits_per_unit / rate_kbps;
}

int64_t shaper_slot_ns(const struct shaper *shaper, uint64_t slot)
{
    return (int64_t)scaled(slot, PACKET_BITS * UINT64_C(1000000), shaper->rate_kbps);
}

uint64_t shaper_slot_at(const struct shaper *shaper, int64_t ns)
{
    assert(ns >= 0);
    const uint64_t round_ns = PACKET_BITS * UINT64_C(1000000); /* rate_kbps slots take so long */
    uint64_t at = (uint64_t)ns;
    uint64_t slot =
        at / round_ns * shaper->rate_kbps + at % round_ns * shaper->rate_kbps / round_ns;
    while (shaper_slot_ns(shaper, slot) < ns)
        slot++;
    return slot;
}

uint64_t shaper_slot_pcr(const struct shaper *shaper, uint64_t slot)
{
    return (shaper->base_27 + scaled(slot, PACKET_BITS * CLOCK_27, shaper->rate_kbps)) %
           PCR_MODULUS;
}

static struct packet_head head_of(const uint8_t *packet)
{
    struct packet_head head = {
        .pid = (uint16_t)((packet[1] & 0x1f) << 8 | packet[2]),
        .is_start = (packet[1] & 0x40) != 0,
        .payload = 4,
    };
    if ((packet[3] & 0x20) != 0) {
        head.payload = 5u + packet[4];
        head.has_pcr = packet[4] >= 7 && (packet[5] & 0x10) != 0;
    }
    if ((packet[3] & 0x10) == 0 || head.payload > TS_PACKET_SIZE)
        head.payload = TS_PACKET_SIZE;
    return head;
}

/* The DTS (or the PTS, where both are one) of a packet that begins a PES packet. False: none. */
static bool dts_read(const uint8_t *packet, uint32_t payload, uint64_t *dts)
{
    const uint8_t *pes = packet + payload;
    if (payload + 14 > TS_PACKET_SIZE || pes[0] != 0 || pes[1] != 0 || pes[2] != 1)
        return false;
    uint8_t flags = pes[7] >> 6;
    if ((flags & 2) == 0 || (flags == 3 && payload + 19 > TS_PACKET_SIZE))
        return false;
    const uint8_t *at = flags == 3 ? pes + 14 : pes + 9;
    *dts = (uint64_t)(at[0] >> 1 & 7) << 30 | (uint64_t)at[1] << 22 | (uint64_t)(at[2] >> 1) << 15 |
           (uint64_t)at[3] << 7 | (uint64_t)at[4] >> 1;
    return true;
}

static void pcr_write(uint8_t *packet, uint64_t pcr, bool is_discontinuous)
{
    uint64_t base = pcr / 300;
    uint32_t extension = (uint32_t)(pcr % 300);
    packet[5] = (uint8_t)((packet[5] & 0x7f) | (is_discontinuous ? 0x80 : 0));
    packet[6] = (uint8_t)(base >> 25);
    packet[7] = (uint8_t)(base >> 17);
    packet[8] = (uint8_t)(base >> 9);
    packet[9] = (uint8_t)(base >> 1);
    packet[10] = (uint8_t)((base & 1) << 7 | 0x7e | extension >> 8);
    packet[11] = (uint8_t)extension;
}

static void counter_write(uint8_t *packet, uint8_t counter)
{
    packet[3] = (uint8_t)((packet[3] & 0xf0) | (counter & 15));
}

enum status shaper_create(uint32_t rate_kbps, uint64_t time_0_90khz, struct shaper **shaper,
                          struct fault *fault)
{
    assert(rate_kbps >= SHAPER_RATE_KBPS_MIN && rate_kbps <= SHAPER_RATE_KBPS_MAX);
    struct shaper *made = calloc(1, sizeof *made);
    uint32_t queue_max = rate_kbps * 1000 / PACKET_BITS * SHAPER_QUEUE_S;
    if (made != NULL)
        made->queue = malloc((size_t)queue_max * TS_PACKET_SIZE);
    if (made == NULL || made->queue == NULL) {
        free(made);
        return fault_set(fault, STATUS_NOMEM, "", "no memory for a transport stream");
    }
    made->rate_kbps = rate_kbps;
    made->queue_max = queue_max;
    made->base_27 =
        ((time_0_90khz & TIME_90_MASK) * 300 + PCR_MODULUS - (uint64_t)SHAPER_LAG_MS * CLOCK_27) %
        PCR_MODULUS;
    made->pcr_slots = (uint64_t)SHAPER_PCR_MS * rate_kbps / PACKET_BITS;
    made->psi_slots = (uint64_t)SHAPER_PSI_MS * rate_kbps / PACKET_BITS;
    made->pmt_pid = made->pcr_pid = PID_NONE;
    *shaper = made;
    return STATUS_OK;
}

void shaper_destroy(struct shaper *shaper)
{
    if (shaper == NULL)
        return;
    free(shaper->queue);
    free(shaper);
}

/* A table that fits into one packet, as those of one programme do; `section` is its first byte. */
static bool table_keep(struct table *table, const uint8_t *packet, const struct packet_head *head,
                       const uint8_t **section)
{
    if (!head->is_start || head->payload + 1u >= TS_PACKET_SIZE)
        return false;
    uint32_t at = head->payload + 1u + packet[head->payload];
    if (at + SECTION_OFFSET + 6 > TS_PACKET_SIZE)
        return false;
    uint32_t end = at + 3u + ((uint32_t)(packet[at + 1] & 15) << 8 | packet[at + 2]);
    if (end > TS_PACKET_SIZE)
        return false;
    memcpy(table->packet, packet, TS_PACKET_SIZE);
    table->is_due = table->is_due || !table->is_known;
    table->is_known = true;
    *section = packet + at;
    return true;
}

static void packet_put(struct shaper *shaper, const uint8_t *packet)
{
    struct packet_head head = head_of(packet);
    const uint8_t *section;
    if (head.pid == PID_NULL)
        return;
    if (head.pid == PID_PAT) {
        /* The first programme; 0 would be the network's table. */
        if (table_keep(&shaper->pat, packet, &head, &section) && (section[8] | section[9]) != 0)
            shaper->pmt_pid = (uint16_t)((section[10] & 0x1f) << 8 | section[11]);
        return;
    }
    if (head.pid == shaper->pmt_pid) {
        if (table_keep(&shaper->pmt, packet, &head, &section))
            shaper->pcr_pid = (uint16_t)((section[8] & 0x1f) << 8 | section[9]);
        return;
    }
    if (shaper->queue_count == shaper->queue_max) {
        shaper->figures.drops += shaper->queue_count;
        shaper->queue_begin = shaper->queue_count = 0;
        shaper->is_discontinuous = true;
        shaper->is_skipping = true;
    }
    shaper->is_skipping = shaper->is_skipping && !head.is_start;
    if (shaper->is_skipping) {
        shaper->figures.drops++;
        return;
    }
    uint32_t at = (shaper->queue_begin + shaper->queue_count) % shaper->queue_max;
    memcpy(shaper->queue + (size_t)at * TS_PACKET_SIZE, packet, TS_PACKET_SIZE);
    shaper->queue_count++;
}

void shaper_put(struct shaper *shaper, const uint8_t *packets, size_t size)
{
    for (size_t at = 0; at + TS_PACKET_SIZE <= size; at += TS_PACKET_SIZE) {
        if (packets[at] == 0x47)
            packet_put(shaper, packets + at);
        else
            shaper->figures.drops++;
    }
}

bool shaper_is_empty(const struct shaper *shaper)
{
    return shaper->queue_count == 0;
}

/* a - b of 33-bit times, signed: right over the wrap. */
static int64_t time_90_difference(uint64_t a, uint64_t b)
{
    uint64_t difference = (a - b) & TIME_90_MASK;
    return difference >> 32 != 0 ? (int64_t)difference - (int64_t)(TIME_90_MASK + 1)
                                 : (int64_t)difference;
}

/*
 * Whether the packet that waits first goes into this slot. The first packet of an access unit
 * settles it for the unit: early ones are held, and where DTS and PCR are of two worlds, the PCR
 * follows.
 */
static bool is_packet_due(struct shaper *shaper, uint64_t slot, const uint8_t *packet)
{
    struct packet_head head = head_of(packet);
    uint64_t dts;
    if (!head.is_start || !dts_read(packet, head.payload, &dts))
        return true;
    int64_t ahead = time_90_difference(dts, shaper_slot_pcr(shaper, slot) / 300);
    if (ahead < -(int64_t)SHAPER_APART_S * 1000 * CLOCK_90 ||
        ahead > (int64_t)SHAPER_APART_S * 1000 * CLOCK_90) {
        int64_t shift = (ahead - (int64_t)SHAPER_LAG_MS * CLOCK_90) * 300;
        shaper->base_27 = (shaper->base_27 + PCR_MODULUS + (uint64_t)shift) % PCR_MODULUS;
        shaper->is_discontinuous = shaper->is_begun;
        return true;
    }
    return ahead <= SHAPER_LAG_MS * CLOCK_90;
}

static void unit_note(struct shaper *shaper, uint64_t slot, const uint8_t *packet,
                      const struct packet_head *head)
{
    uint64_t dts;
    if (!head->is_start || !dts_read(packet, head->payload, &dts))
        return;
    shaper->figures.units++;
    if (time_90_difference(dts, shaper_slot_pcr(shaper, slot) / 300) < 0)
        shaper->figures.late_units++;
}

static void pcr_note(struct shaper *shaper, uint64_t slot, uint8_t *packet)
{
    pcr_write(packet, shaper_slot_pcr(shaper, slot), shaper->is_discontinuous);
    shaper->figures.discontinuities += shaper->is_discontinuous ? 1 : 0;
    shaper->is_discontinuous = false;
    shaper->is_begun = true;
    shaper->pcr_due_slot = slot + shaper->pcr_slots;
}

/* A packet with a PCR and nothing else; without a payload the counter stays. */
static void pcr_packet_make(struct shaper *shaper, uint64_t slot, uint8_t *packet)
{
    memset(packet, 0xff, TS_PACKET_SIZE);
    packet[0] = 0x47;
    packet[1] = (uint8_t)(shaper->pcr_pid >> 8);
    packet[2] = (uint8_t)shaper->pcr_pid;
    packet[3] = 0x20;
    packet[4] = TS_PACKET_SIZE - 5;
    packet[5] = 0x10;
    counter_write(packet, shaper->video_counter);
    pcr_note(shaper, slot, packet);
}

static void table_take(struct table *table, uint8_t *packet)
{
    memcpy(packet, table->packet, TS_PACKET_SIZE);
    counter_write(packet, table->counter++);
    table->is_due = false;
}

static void queue_take(struct shaper *shaper, uint64_t slot, uint8_t *packet)
{
    memcpy(packet, shaper->queue + (size_t)shaper->queue_begin * TS_PACKET_SIZE, TS_PACKET_SIZE);
    shaper->queue_begin = (shaper->queue_begin + 1) % shaper->queue_max;
    shaper->queue_count--;
    struct packet_head head = head_of(packet);
    unit_note(shaper, slot, packet, &head);
    if (head.pid != shaper->pcr_pid)
        return;
    if ((packet[3] & 0x10) != 0)
        shaper->video_counter = (shaper->video_counter + 1) & 15;
    counter_write(packet, shaper->video_counter);
    if (head.has_pcr)
        pcr_note(shaper, slot, packet);
}

static void null_make(uint8_t *packet)
{
    memset(packet, 0xff, TS_PACKET_SIZE);
    packet[0] = 0x47;
    packet[1] = PID_NULL >> 8;
    packet[2] = PID_NULL & 0xff;
    packet[3] = 0x10;
}

void shaper_take(struct shaper *shaper, uint64_t slot, uint8_t packet[TS_PACKET_SIZE])
{
    if (shaper->is_begun && slot != shaper->next_slot)
        shaper->is_discontinuous = true;
    shaper->next_slot = slot + 1;
    if (slot >= shaper->psi_due_slot) {
        shaper->pat.is_due = shaper->pat.is_known;
        shaper->pmt.is_due = shaper->pmt.is_known;
        shaper->psi_due_slot = slot + shaper->psi_slots;
    }
    const uint8_t *first = shaper->queue_count > 0
                               ? shaper->queue + (size_t)shaper->queue_begin * TS_PACKET_SIZE
                               : NULL;
    bool is_first_due = first != NULL && is_packet_due(shaper, slot, first);
    bool needs_pcr =
        shaper->pcr_pid != PID_NONE &&
        (shaper->is_discontinuous || !shaper->is_begun || slot >= shaper->pcr_due_slot);
    if (needs_pcr)
        pcr_packet_make(shaper, slot, packet);
    else if (shaper->pat.is_due)
        table_take(&shaper->pat, packet);
    else if (shaper->pmt.is_due)
        table_take(&shaper->pmt, packet);
    else if (is_first_due)
        queue_take(shaper, slot, packet);
    else
        null_make(packet);
    shaper->figures.nulls += packet[1] == PID_NULL >> 8 && packet[2] == (PID_NULL & 0xff) ? 1 : 0;
}

void shaper_figures_get(const struct shaper *shaper, struct shaper_figures *figures)
{
    *figures = shaper->figures;
}

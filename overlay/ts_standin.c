#include "overlay/ts_standin.h"

#include <bitstream/mpeg/ts.h>
#include <string.h>

#define PCR_EVERY (TS_SECOND * 3 / 100) /* TR 101 290: 40 ms */
#define TABLES_EVERY (TS_SECOND / 10)   /* and 500 ms */
#define PCR_FIELD_SIZE (TS_SIZE - TS_HEADER_SIZE - 1)

static void table_note(struct standin_table *table, const uint8_t *packet,
                       const struct ts_facts *facts)
{
    if (facts->is_start)
        table->count = 0;
    else if (table->count == 0)
        return;
    if (table->count < STANDIN_TABLE_MAX)
        memcpy(table->packets[table->count++], packet, TS_PACKET_SIZE);
    table->counter = facts->counter;
}

void standin_note(struct standin *standin, const uint8_t packet[static TS_PACKET_SIZE],
                  const struct ts_pids *pids)
{
    struct ts_facts facts;
    if (!ts_packet_read(packet, &facts))
        return;
    standin->pmt_pid = pids->pmt;
    standin->pcr_pid = pids->pcr;
    if (facts.pid == 0)
        table_note(&standin->pat, packet, &facts);
    else if (facts.pid == pids->pmt)
        table_note(&standin->pmt, packet, &facts);
    if (facts.pid == pids->pcr)
        standin->pcr_counter = facts.counter;
}

bool standin_begin(struct standin *standin, const struct slot_clock *clock, uint64_t next)
{
    if (!clock->has_rate)
        return false;
    standin->clock = *clock;
    standin->number = next;
    standin->pcr_due = standin->tables_due = slot_clock_time(clock, next);
    standin->table_place = standin->pat.count + standin->pmt.count;
    return true;
}

static void pcr_write(struct standin *standin, int64_t time, uint8_t *packet)
{
    const struct slot_clock *clock = &standin->clock;
    uint64_t pcr = (uint64_t)((clock->pcr + time - clock->time) % TS_PCR_WRAP);
    memset(packet, 0xff, TS_PACKET_SIZE);
    ts_init(packet);
    ts_set_pid(packet, standin->pcr_pid);
    ts_set_cc(packet, standin->pcr_counter);
    ts_set_adaptation(packet, PCR_FIELD_SIZE);
    tsaf_set_pcr(packet, pcr / 300);
    tsaf_set_pcrext(packet, pcr % 300);
}

static void table_write(struct standin *standin, uint8_t *packet)
{
    uint32_t place = standin->table_place++;
    bool is_pat = place < standin->pat.count;
    struct standin_table *table = is_pat ? &standin->pat : &standin->pmt;
    memcpy(packet, table->packets[is_pat ? place : place - standin->pat.count], TS_PACKET_SIZE);
    table->counter = (table->counter + 1) & 15;
    ts_set_cc(packet, table->counter);
}

bool standin_take(struct standin *standin, int64_t until, int64_t *time,
                  uint8_t packet[static TS_PACKET_SIZE])
{
    *time = slot_clock_time(&standin->clock, standin->number);
    if (*time > until)
        return false;
    standin->number++;
    if (*time >= standin->pcr_due) {
        standin->pcr_due = *time + PCR_EVERY;
        pcr_write(standin, *time, packet);
        return true;
    }
    if (*time >= standin->tables_due) {
        standin->tables_due = *time + TABLES_EVERY;
        standin->table_place = 0;
    }
    if (standin->table_place < standin->pat.count + standin->pmt.count)
        table_write(standin, packet);
    else
        ts_packet_null(packet);
    return true;
}

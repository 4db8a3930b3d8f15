#include "overlay/ts_programme.h"

#include <bitstream/mpeg/psi.h>
#include <string.h>

static const struct ts_pids none = { .pmt = TS_PID_INVALID,
                                     .video = TS_PID_INVALID,
                                     .pcr = TS_PID_INVALID };

void ts_programme_init(struct ts_programme *programme)
{
    *programme = (struct ts_programme){ .pids = none };
}

static bool pids_are_same(const struct ts_pids *a, const struct ts_pids *b)
{
    return a->number == b->number && a->pmt == b->pmt && a->video == b->video && a->pcr == b->pcr &&
           a->video_type == b->video_type && a->type_at == b->type_at;
}

static void pids_set(struct ts_programme *programme, const struct ts_pids *pids)
{
    programme->is_changed = programme->is_changed || !pids_are_same(&programme->pids, pids);
    programme->pids = *pids;
}

static bool is_listed(const struct ts_programme *programme, uint16_t number, uint16_t pmt)
{
    for (uint32_t i = 0; i < programme->count; i++) {
        if (programme->numbers[i] == number && programme->pmts[i] == pmt)
            return true;
    }
    return false;
}

static void pat_visit(void *ctx, const uint8_t *section, uint32_t size)
{
    struct ts_programme *programme = ctx;
    if (!pat_validate(section) || !psi_get_current(section))
        return;
    uint16_t numbers[TS_PROGRAMME_MAX], pmts[TS_PROGRAMME_MAX];
    uint32_t count = 0;
    for (uint32_t at = PAT_HEADER_SIZE;
         at + PAT_PROGRAM_SIZE + PSI_CRC_SIZE <= size && count < TS_PROGRAMME_MAX;
         at += PAT_PROGRAM_SIZE) {
        if (patn_get_program(section + at) == 0)
            continue; /* the network information table's */
        numbers[count] = patn_get_program(section + at);
        pmts[count++] = patn_get_pid(section + at);
    }
    programme->has_pat = true;
    if (count == programme->count && memcmp(numbers, programme->numbers, count * 2) == 0 &&
        memcmp(pmts, programme->pmts, count * 2) == 0)
        return;
    programme->count = count;
    memcpy(programme->numbers, numbers, sizeof numbers);
    memcpy(programme->pmts, pmts, sizeof pmts);
    memset(programme->sections, 0, sizeof programme->sections);
    if (!is_listed(programme, programme->pids.number, programme->pids.pmt))
        pids_set(programme, &none);
}

/* The programme's PIDs as its PMT has them; video TS_PID_INVALID: none that we can insert into. */
static struct ts_pids pmt_read(const uint8_t *section, uint32_t size)
{
    struct ts_pids pids = none;
    pids.number = pmt_get_program(section);
    pids.pcr = pmt_get_pcrpid(section);
    uint32_t at = PMT_HEADER_SIZE + pmt_get_desclength(section);
    while (at + PMT_ES_SIZE + PSI_CRC_SIZE <= size) {
        uint8_t type = pmtn_get_streamtype(section + at);
        if (type == TS_TYPE_H264 || type == TS_TYPE_MPEG2) {
            pids.video = pmtn_get_pid(section + at);
            pids.video_type = type;
            pids.type_at = (uint16_t)at;
            break;
        }
        at += PMT_ES_SIZE + pmtn_get_desclength(section + at);
    }
    return pids;
}

static void pmt_visit(void *ctx, const uint8_t *section, uint32_t size)
{
    struct ts_programme *programme = ctx;
    uint32_t place = programme->place;
    if (size < PMT_HEADER_SIZE + PSI_CRC_SIZE || psi_get_tableid(section) != PMT_TABLE_ID ||
        !psi_get_current(section) || pmt_get_program(section) != programme->numbers[place])
        return;
    programme->has_pmt = true;
    struct ts_pids pids = pmt_read(section, size);
    pids.pmt = programme->pmts[place];
    bool is_ours = pids.number == programme->pids.number && pids.pmt == programme->pids.pmt;
    if (pids.video != TS_PID_INVALID && (is_ours || programme->pids.video == TS_PID_INVALID))
        pids_set(programme, &pids);
    else if (pids.video == TS_PID_INVALID && is_ours)
        pids_set(programme, &none);
}

bool ts_programme_put(struct ts_programme *programme, const uint8_t packet[static TS_PACKET_SIZE],
                      const struct ts_facts *facts)
{
    programme->is_changed = false;
    if (facts->pid == PAT_PID)
        ts_section_put(&programme->pat, packet, facts, pat_visit, programme);
    for (uint32_t i = 0; i < programme->count; i++) {
        programme->place = i;
        if (programme->pmts[i] == facts->pid)
            ts_section_put(&programme->sections[i], packet, facts, pmt_visit, programme);
    }
    return programme->is_changed;
}

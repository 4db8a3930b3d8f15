#include "overlay/ts_packet.h"

#include <bitstream/mpeg/ts.h>

_Static_assert(TS_PACKET_SIZE == TS_SIZE, "packets are those of biTStream");

bool ts_packet_read(const uint8_t packet[static TS_PACKET_SIZE], struct ts_facts *facts)
{
    *facts = (struct ts_facts){ .pid = TS_PID_INVALID, .payload_at = TS_SIZE, .pcr = -1 };
    if (!ts_validate(packet) || ts_get_transporterror(packet))
        return false;
    facts->pid = ts_get_pid(packet);
    facts->counter = ts_get_cc(packet);
    facts->is_start = ts_get_unitstart(packet);
    facts->is_scrambled = ts_get_scrambling(packet) != 0;
    uint32_t at = TS_HEADER_SIZE;
    if (ts_has_adaptation(packet)) {
        uint8_t size = ts_get_adaptation(packet);
        if (size > TS_SIZE - TS_HEADER_SIZE - 1)
            return false;
        at += 1u + size;
        if (size > 0) {
            facts->is_discontinuity = tsaf_has_discontinuity(packet);
            facts->is_random_access = tsaf_has_randomaccess(packet);
        }
        if (size >= TS_HEADER_SIZE_PCR - TS_HEADER_SIZE - 1 && tsaf_has_pcr(packet) &&
            tsaf_get_pcrext(packet) < 300)
            facts->pcr = (int64_t)(tsaf_get_pcr(packet) * 300 + tsaf_get_pcrext(packet));
    }
    if (ts_has_payload(packet))
        facts->payload_at = (uint8_t)at;
    return true;
}

int64_t ts_distance(int64_t a, int64_t b, int64_t wrap)
{
    int64_t forward = (b - a) % wrap;
    if (forward < 0)
        forward += wrap;
    return forward < wrap / 2 ? forward : forward - wrap;
}

void ts_packet_null(uint8_t packet[static TS_PACKET_SIZE])
{
    ts_pad(packet);
}

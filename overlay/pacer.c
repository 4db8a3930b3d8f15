#include "overlay/pacer.h"

#include <assert.h>

#include "overlay/ts_packet.h"

#define FAR_NS 500000000 /* from where the clocks were: the source began anew */
#define SLEW 512

void pacer_note(struct pacer *pacer, int64_t newest, int64_t now_ns)
{
    int64_t anchor_ns = now_ns - TS_NS(newest), off_ns = anchor_ns - pacer->anchor_ns;
    if (!pacer->is_anchored || off_ns > FAR_NS || off_ns < -FAR_NS)
        pacer->anchor_ns = anchor_ns;
    else
        pacer->anchor_ns += off_ns / SLEW;
    pacer->is_anchored = true;
}

int64_t pacer_slot(const struct pacer *pacer, int64_t now_ns)
{
    assert(pacer->is_anchored);
    return (now_ns - pacer->anchor_ns) / 1000 * 27;
}

int64_t pacer_due_ns(const struct pacer *pacer, int64_t slot)
{
    assert(pacer->is_anchored);
    return pacer->anchor_ns + PACER_JITTER_NS + TS_NS(pacer->delay) + TS_NS(slot);
}

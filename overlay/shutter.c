#include "overlay/shutter.h"

static void curtain_say(struct shutter *shutter)
{
    atomic_store(&shutter->log, shutter->curtain.log);
    atomic_store(&shutter->programme, shutter->curtain.programme);
    atomic_store(&shutter->is_cleared, shutter->curtain.is_drawn);
}

void shutter_close(struct shutter *shutter, uint64_t log, uint64_t programme)
{
    shutter->curtain = (struct curtain){ .is_drawn = true, .log = log, .programme = programme };
    curtain_say(shutter);
}

bool shutter_tick(struct shutter *shutter, uint64_t log, uint64_t programme)
{
    bool is_panic = atomic_exchange(&shutter->wants_clear, false);
    curtain_tick(&shutter->curtain, is_panic, log, programme);
    shutter->is_clear_due = shutter->is_clear_due || is_panic;
    curtain_say(shutter);
    return shutter->curtain.is_drawn || atomic_load(&shutter->is_stale);
}

void shutter_frame(struct shutter *shutter, uint64_t index, bool is_clear)
{
    atomic_store(&shutter->frame_next, index + 1);
    if (!shutter->is_clear_due || !is_clear)
        return;
    shutter->is_clear_due = false;
    atomic_store(&shutter->clear_frame, index + 1);
}

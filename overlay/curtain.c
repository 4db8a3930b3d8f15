#include "overlay/curtain.h"

void curtain_tick(struct curtain *curtain, bool is_panic, uint64_t log, uint64_t programme)
{
    if (is_panic) {
        *curtain = (struct curtain){ .is_drawn = true, .log = log, .programme = programme };
    } else if (!curtain->is_drawn || log == 0) {
        return;
    } else if (log != curtain->log || programme < curtain->programme) {
        curtain->log = log; /* its sequence begins anew, or is heard for the first time */
        curtain->programme = programme;
    } else if (programme > curtain->programme) {
        curtain->is_drawn = false;
    }
}

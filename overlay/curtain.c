#include "overlay/curtain.h"

void curtain_tick(struct curtain *curtain, bool is_panic, uint64_t programme)
{
    if (is_panic) {
        curtain->programme = programme;
        curtain->is_drawn = true;
    } else if (programme < curtain->programme) {
        curtain->programme = programme; /* another log: its sequence begins anew */
    } else if (curtain->is_drawn && programme > curtain->programme) {
        curtain->is_drawn = false;
    }
}

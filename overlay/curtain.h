#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * The panic's curtain: drawn at once, it stays until something new is taken or cleared, as the
 * sequence of the programme shows. Pure, and needs no network.
 */
struct curtain {
    bool is_drawn;
    uint64_t programme; /* sequence that stays hidden: of the panic, or lower with another log */
};

/* A tick. programme: the sequence that the newest graphic shows, 0 for none. */
void curtain_tick(struct curtain *curtain, bool is_panic, uint64_t programme);

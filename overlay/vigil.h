#pragma once

#include "overlay/graphic.h"
#include "overlay/keeper.h"
#include "overlay/shutter.h"

/*
 * The vigil: watches whether painter and server are there, hides the graphics of a source that is
 * gone for longer than it may (--hold-s, --hold-then clear), and says so. Main thread.
 *
 * hold_s    0: the picture holds for ever
 * is_alone  the painter talks to no server: only its own absence counts
 */
struct vigil {
    struct keeper *keeper;
    struct graphic_exchange *exchange;
    struct shutter *shutter;
    uint32_t hold_s;
    bool is_alone;
    int64_t live_ns; /* when both were last there; set it before the first turn */
    bool was_stale;
    bool was_cleared;
};

/* A turn: keeps the painter, too. False: it cannot start, as keeper_poll() has it; that was said.
 */
bool vigil_poll(struct vigil *vigil, int64_t now_ns);

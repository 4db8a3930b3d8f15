#pragma once

#include <stdatomic.h>

#include "overlay/curtain.h"

/*
 * The shutter: whether graphics are hidden, by a panic or because painter or server is gone, and
 * which frame was the first without them. Between the thread that draws and who asks for it.
 *
 * Threads: what is atomic may be read, and wants_clear and is_stale set, by any; the functions and
 * the rest are the drawing thread's, before it starts its creator's.
 */
struct shutter {
    atomic_bool wants_clear;      /* a panic: taken with the next tick */
    atomic_bool is_stale;         /* the source is gone for too long, its picture is hidden */
    atomic_bool is_cleared;       /* nothing is shown until the next take */
    _Atomic uint64_t frame_next;  /* that goes out next */
    _Atomic uint64_t clear_frame; /* 1 + the first one without graphics after a panic */
    _Atomic uint64_t log;         /* what the curtain hides */
    _Atomic uint64_t programme;
    struct curtain curtain;
    bool is_clear_due; /* a panic came, and no frame without graphics has gone out since */
};

/* As a panic before left it. Before the first tick. */
void shutter_close(struct shutter *shutter, uint64_t log, uint64_t programme);

/* A tick: whether graphics are hidden at it. log and programme as curtain_tick() has them. */
bool shutter_tick(struct shutter *shutter, uint64_t log, uint64_t programme);

/* Frame `index` goes out; is_clear: without graphics in any of its lines. */
void shutter_frame(struct shutter *shutter, uint64_t index, bool is_clear);

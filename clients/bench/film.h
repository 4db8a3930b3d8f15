#pragma once

#include <stdint.h>

#include "clients/bench/child.h"

/*
 * A minping-overlay under test, 1080i25 into a raw output that this process reads: when each frame
 * was read whole and, by the overlay's as-run log, which frame first showed which epoch. One
 * thread, beside a thread of its own that reads.
 */
#define FILM_FRAME_MAX 4096 /* 163 s; later ones are read and not noted */

struct film;

/*
 * Starts the overlay at `overlay_path` on the cores of the calling thread. dir: for its files;
 * kept, like log_path. Errors: STATUS_IO, STATUS_NOMEM. *film is given.
 */
MUST_CHECK enum status film_start(const char *overlay_path, const char *dir, const char *log_path,
                                  const char *desk_url, struct film **film, struct fault *fault);

/* Ends the overlay and reads its as-run log; once. Errors: STATUS_IO. */
MUST_CHECK enum status film_stop(struct film *film, struct fault *fault);

/*
 * When, in ns of CLOCK_MONOTONIC, the first frame whose lower layer shows `epoch` or a later one
 * was read whole; 0: none was. After film_stop().
 */
int64_t film_epoch_ns(const struct film *film, uint64_t epoch);

/* NULL is accepted. */
void film_destroy(struct film *film);

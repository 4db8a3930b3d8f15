#pragma once

#include "overlay/cue.h"
#include "overlay/format.h"
#include "server/model/fault.h"

/*
 * The as-run log: what really went out, as lines of JSON in a file, minping-air(7). The air thread
 * says of each frame what it shows; where that differs from the frame before, a line for each layer
 * goes into a queue, and a thread of its own writes. The air never waits for the disk: what finds
 * the queue full is left out and counted, and the next line says how many are missing.
 *
 * Lines are appended, never changed. They are synced once a second while any come, after a panic at
 * once, and at the end. A file of ASRUN_SIZE_MAX is closed, renamed to FILE.1, .2 … (the first free
 * number) and begun anew; nothing is ever removed.
 *
 * Threads: asrun_frame() on the air thread, open, figures and close on the main thread.
 */
#define ASRUN_QUEUE_MAX 512     /* lines that wait: five layers, a second and more of new figures */
#define ASRUN_SIZE_MAX 67108864 /* bytes: some hours of voting at 25 views a second */
#define ASRUN_PART_MAX 10000    /* FILE.1 .. FILE.9999; after that the file just grows */

struct asrun;

struct asrun_figures {
    uint64_t lines;
    uint64_t lost; /* the queue was full, or the file could not be written */
};

/*
 * What a frame shows.
 *
 * cues        what its graphic shows; read only where nothing is hidden
 * epoch       of its view
 * is_panic    hidden by a panic; is_stale: hidden because painter or server is gone
 * is_settled  it has stood still for a moment now, after a change
 * is_bypass   another's pictures go out, none of those drawn here
 * ahead_ns    until it is seen
 * sum         of its pixels, by asrun_sum(); called where a line needs it
 */
typedef uint64_t (*asrun_sum_fn)(void *ctx);

struct asrun_frame {
    uint64_t index;
    uint64_t epoch;
    const struct cues *cues;
    bool is_panic;
    bool is_stale;
    bool is_settled;
    bool is_bypass;
    int64_t ahead_ns;
    asrun_sum_fn sum;
    void *ctx;
};

uint64_t asrun_sum(const void *bytes, size_t size);

/* path is kept until asrun_close(); *asrun is given. STATUS_IO, STATUS_NOMEM. */
MUST_CHECK enum status asrun_open(const char *path, const struct format *format,
                                  struct asrun **asrun, struct fault *fault);

/* The frame goes out now. Borrows everything for the call. */
void asrun_frame(struct asrun *asrun, const struct asrun_frame *frame);

void asrun_figures_get(struct asrun *asrun, struct asrun_figures *figures);

/* Writes what waits, and that this is the end. frame: how many went out. The air has ended. */
void asrun_end(struct asrun *asrun, uint64_t frame);

/* NULL is accepted. */
void asrun_close(struct asrun *asrun);

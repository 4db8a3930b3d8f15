#pragma once

#include <stdatomic.h>

#include "overlay/asrun.h"
#include "overlay/blend.h"
#include "overlay/format.h"
#include "overlay/graphic.h"
#include "overlay/planes.h"
#include "overlay/shutter.h"

/*
 * The graft: graphics from the painter laid over pictures that come in. The pictures' own times
 * are the ticks; each field has its own, the first one first. Painting is waited for, live 15 ms,
 * so that a field gets the graphic painted for it; a painter that is late or gone is not waited for
 * until it answers again, and its last graphic holds. What is not live waits a minute, in which a
 * painter that ended or hangs is replaced.
 *
 * Threads: what is atomic may be read and set by any; the rest is the coder's thread's.
 */
struct graft_figures {
    uint64_t frames;
    uint64_t graphics;
    uint64_t held; /* ticks that the painter did not answer in time */
    uint64_t convert_ns_sum;
    uint64_t convert_ns_max;
    uint64_t blends;
    uint64_t blend_ns_sum;
    uint64_t blend_ns_max;
};

struct graft {
    const struct format *format;
    struct graphic_exchange *exchange;
    bool is_live; /* times keep to the clock; else they only follow the pictures */
    struct shutter shutter;
    struct asrun *asrun;     /* or NULL; set it before the first picture */
    atomic_bool is_bypassed; /* its pictures do not go out */
    atomic_bool is_ending;   /* nothing is waited for any more */
    struct graft_figures figures;
    struct planes planes;
    uint64_t sequence;
    uint64_t epoch;
    uint64_t programme;
    struct cues cues; /* what the newest graphic shows */
    bool is_new_epoch;
    bool is_settling;      /* something changed, and no settled picture has gone out since */
    uint64_t changed_tick; /* then */
    bool was_bypassed;
    bool is_late;
    bool has_time;
    int64_t pts;     /* of the picture before, 90 kHz */
    int64_t time_ns; /* and its time for the painter, CLOCK_MONOTONIC */
};

/* The other pointers are kept until graft_finish(). STATUS_NOMEM. */
MUST_CHECK enum status graft_init(struct graft *graft, const struct format *format,
                                  struct graphic_exchange *exchange, bool is_live,
                                  struct fault *fault);
void graft_finish(struct graft *graft);

/* As coder_draw_fn. ahead_ns: until the picture is seen. */
bool graft_draw(struct graft *graft, uint64_t number, int64_t pts, int64_t ahead_ns,
                bool is_top_first, const struct picture *under, const struct picture *out);

#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "overlay/asrun.h"
#include "overlay/frame_clock.h"
#include "overlay/graphic.h"
#include "overlay/output.h"
#include "overlay/planes.h"
#include "overlay/shutter.h"
#include "server/model/air_report.h"

/*
 * The air: one thread that, at every tick, asks for the next graphic, takes the newest, blends it
 * and hands the finished frame to the outputs. It waits for nothing but its deadlines.
 *
 * A tick of an interlaced format writes the lines of its field; the frame goes out with the second.
 * Threads: what is atomic may be read and set by the main thread at any time; the rest is the
 * thread's own between air_start() and air_join().
 */

/*
 * graphics     taken from the painter
 * held         ticks, from the first graphic on, that had none painted for them: nothing had
 *              changed, or the painter was late
 * repeated     frames that are the same picture as the one before
 * delays       of epochs shown, with their sum in ms, as in an air_report
 * starved      frames that had to repeat the one before because every buffer was still in use
 */
struct air_figures {
    uint64_t frames;
    uint64_t graphics;
    uint64_t held;
    uint64_t repeated;
    uint64_t starved;
    uint64_t convert_ns_sum;
    uint64_t convert_ns_max;
    uint64_t blends;
    uint64_t blend_ns_sum;
    uint64_t blend_ns_max;
    uint64_t delays[AIR_DELAY_COUNT + 1];
    uint64_t delay_ms_sum;
};

struct air {
    struct video video;
    struct graphic_exchange *exchange;
    struct output **outputs;
    uint32_t output_count;
    struct asrun *asrun; /* set it before air_start(); NULL: none */

    uint64_t frame_max; /* set it before air_start(); 0: until told to stop */

    atomic_bool is_stopping;
    atomic_bool is_ended; /* the thread is done */
    struct shutter shutter;

    struct frame_clock clock;
    struct air_figures figures;
    pthread_mutex_t told_lock;
    struct air_figures told; /* {told_lock} figures, for others to read */
    uint64_t told_late;      /* {told_lock} clock.figures.late_ticks */
    struct planes planes;
    GstBufferPool *pool;
    uint8_t *background;    /* I420, width × height × 3 / 2; NULL with alpha */
    GstBuffer *building;    /* the frame whose second field is still missing */
    GstBuffer *last;        /* the newest whole frame */
    uint64_t sequence;      /* of the newest graphic */
    uint64_t epoch;         /* of the view it shows */
    uint64_t delayed_epoch; /* newest epoch that a frame has shown, of `log` */
    int64_t epoch_ns;       /* of the newest graphic */
    bool is_new_epoch;      /* this tick brought a view other than the tick before */
    uint64_t programme;     /* takes of the programme it shows */

    /* The log of that programme, 0: not known. A curtain may be drawn before air_start(). */
    uint64_t log;
    struct cues cues; /* what the newest graphic shows */

    uint64_t changed_tick; /* of the newest change of what is shown */
    uint32_t stale_fields; /* fields (or frames) of `last` that do not show it yet: 0 .. 2 */
    bool is_hidden;
    bool is_settling; /* it changed, and no settled frame has gone out since */
    pthread_t thread;
    bool is_started;
};

/*
 * Makes planes and buffers; background is taken (NULL with alpha). The other pointers are kept
 * until air_finish(). Errors: STATUS_NOMEM.
 */
MUST_CHECK enum status air_init(struct air *air, const struct video *video,
                                struct graphic_exchange *exchange, struct output **outputs,
                                uint32_t output_count, uint8_t *background, struct fault *fault);

/* Begins with frame 0, a tenth of a second from now. STATUS_NOMEM: no thread. */
MUST_CHECK enum status air_start(struct air *air, struct fault *fault);

/* One tick, without waiting for it: what the thread does after each deadline. */
void air_tick(struct air *air, uint64_t tick);

/* Any thread, while the air runs: its figures as of some frame lately, and its late ticks. */
void air_figures_get(struct air *air, struct air_figures *figures, uint64_t *late_total);

void air_join(struct air *air);
void air_finish(struct air *air);

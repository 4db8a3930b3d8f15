#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "overlay/inserter.h"
#include "overlay/pacer.h"
#include "overlay/ts_standin.h"

/* What the inserter's files share: inserter.c, and inserter_input.c for the input's thread. */
struct inserter {
    struct inserter_options options;
    bool is_live;
    struct graft graft;
    struct coding *coding;
    struct ts_source *source;
    struct ts_sink *sinks[TS_SINK_MAX];
    uint32_t sink_count;
    pthread_mutex_t lock;
    struct passage *passage;         /* {lock} */
    struct pacer pacer;              /* {lock} */
    struct standin standin;          /* {lock} */
    struct inserter_figures figures; /* {lock} */
    struct graft_figures told_graft; /* {lock} as of the newest picture */
    atomic_bool is_stopping;
    atomic_bool is_aborting;
    atomic_bool is_ended;
    atomic_bool is_failed;
    atomic_bool wants_bypass;
    /* The input thread's. */
    int64_t came_ns;         /* when packets came last */
    int64_t opened_ns;       /* when it was last tried to open the source */
    int64_t still;           /* slot time of the newest still */
    atomic_bool is_standing; /* the stand-in goes out */
    bool was_standing, was_inserting, was_scrambled, has_video; /* main: said last */
    pthread_t threads[2];
    uint32_t thread_count;
};

/* For good: says why. */
void inserter_fail(struct inserter *inserter, const struct fault *fault);
bool inserter_is_frame_max(struct inserter *inserter);
void inserter_packets_send(struct inserter *inserter, const uint8_t *packets, uint32_t count);

/* What is not live: puts out what is due by the source's own clock; everything, with is_all. */
void inserter_out_step(struct inserter *inserter, bool is_all);

/* The input's thread; where nothing is live it does all the rest as well. */
void *inserter_input_run(void *ctx);

#pragma once

#include <gst/gst.h>
#include <stdbool.h>
#include <stdint.h>

#include "server/model/fault.h"

/*
 * A live pipeline: an appsrc "in" and what follows it, begun anew when it fails (output_retry.h). A
 * failure is an error on its bus, an end that nobody asked for, or nothing taken for LIVE_STALL_NS
 * while its queue is full.
 *
 * Threads: its own, which makes, watches and clears away the pipeline, so that one that hangs holds
 * up nothing else. live_push() on one thread of the user's, the rest on another.
 */
#define LIVE_STALL_NS INT64_C(5000000000)
#define LIVE_TEXT_SIZE 2048

struct live;

/* Called for every pipeline made, before it starts: its properties. On the caller's or its thread.
 */
typedef void (*live_made_fn)(void *ctx, GstElement *pipeline, GstElement *source);

/*
 * name        as messages call it; copied, 95 bytes at most
 * text        for gst_parse_launch(); at most LIVE_TEXT_SIZE - 1 bytes, copied
 * queue_max   buffers that wait at most
 * latency_ns  after its time a buffer may come; what the clock-bound sinks wait
 */
struct live_options {
    const char *name;
    const char *text;
    uint32_t queue_max;
    int64_t latency_ns;
    live_made_fn made;
    void *ctx;
};

struct live_figures {
    uint64_t restarts;
    bool is_down;
};

/*
 * Makes it and brings it to where devices and files are open. *live is given.
 * STATUS_NOT_FOUND: no such element or property; STATUS_IO: it does not open; STATUS_NOMEM.
 */
MUST_CHECK enum status live_create(const struct live_options *options, struct live **live,
                                   struct fault *fault);

/* The base time of its clock, CLOCK_MONOTONIC; it plays from the first call on. Any thread. */
void live_base_set(struct live *live, int64_t base_ns);

/* Never waits. buffer is taken in any case; false: it is down, or its queue is full. */
bool live_push(struct live *live, GstBuffer *buffer);

/* No buffer comes any more: lets it finish. A pipeline that is down is done. */
void live_end(struct live *live);
bool live_is_done(const struct live *live);

void live_figures_get(const struct live *live, struct live_figures *figures);

/*
 * Stops it; NULL is accepted. False: it hung for 3 s and is left behind, its memory is not freed,
 * and it may still use ctx.
 */
bool live_destroy(struct live *live);

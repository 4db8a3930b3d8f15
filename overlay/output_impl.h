#pragma once

#include <stdatomic.h>

#include "overlay/output.h"

/*
 * For the kinds of outputs: what each provides, and the part they share. Users include output.h.
 *
 * put      clock's thread; counts drops itself and takes its own reference
 * others   main thread
 */
struct output_ops {
    void (*put)(struct output *output, const struct frame *frame);
    void (*poll)(struct output *output, int64_t now_ns);
    void (*end)(struct output *output);
    bool (*is_done)(const struct output *output);
    void (*destroy)(struct output *output);
};

struct output {
    const struct output_ops *ops;
    struct output_target target;
    struct video video;
    char name[96];
    _Atomic uint64_t frames;
    _Atomic uint64_t drops;
    _Atomic uint64_t stills;
    atomic_bool is_failed;
};

MUST_CHECK enum status output_stream_open(const struct output_target *target,
                                          const struct video *video, struct output **output,
                                          struct fault *fault);
MUST_CHECK enum status output_png_open(const struct output_target *target,
                                       const struct video *video, struct output **output,
                                       struct fault *fault);

void output_init(struct output *output, const struct output_ops *ops,
                 const struct output_target *target, const struct video *video);

/* What a pipeline says went wrong, within wait_ns, into `reason`. False: nothing, "unknown". */
bool pipeline_error(GstElement *pipeline, uint64_t wait_ns, char *reason, size_t reason_size);

/* The next sample of its appsink `sink`, given; NULL and `reason` on failure or after wait_ns. */
GstSample *pipeline_pull(GstElement *pipeline, GstElement *sink, uint64_t wait_ns, char *reason,
                         size_t reason_size);

#pragma once

#include <stdatomic.h>

#include "overlay/output.h"

/*
 * For the kinds of outputs: what each provides, and the part they share. Users include output.h.
 *
 * put      clock's thread; counts drops itself and takes its own reference
 * figures  adds what the base does not count; may be NULL
 * others   main thread
 */
struct output_ops {
    void (*put)(struct output *output, const struct frame *frame);
    void (*poll)(struct output *output, int64_t now_ns);
    void (*end)(struct output *output);
    bool (*is_done)(const struct output *output);
    void (*destroy)(struct output *output);
    void (*figures)(const struct output *output, struct output_figures *figures);
};

struct output {
    const struct output_ops *ops;
    struct output_target target;
    struct video video;
    char name[96];
    uint64_t drops_noted; /* main thread, with the next */
    int64_t drops_noted_ns;
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

MUST_CHECK enum status output_net_open(const struct output_target *target,
                                       const struct video *video, struct output **output,
                                       struct fault *fault);
MUST_CHECK enum status output_sink_open(const struct output_target *target,
                                        const struct video *video, struct output **output,
                                        struct fault *fault);

/* decklink: and gst: as a pipeline, at most text_size - 1 bytes. STATUS_INVALID: no such mode. */
#define SINK_TEXT_SIZE 2048
MUST_CHECK enum status output_sink_write(const struct output_target *target,
                                         const struct video *video, char *text, size_t text_size,
                                         struct fault *fault);

void output_init(struct output *output, const struct output_ops *ops,
                 const struct output_target *target, const struct video *video);

/*
 * Says that frames were left out, at most every 5 s. is_down: it has said why already, those of now
 * need no more words. Main thread.
 */
void output_drops_note(struct output *output, int64_t now_ns, bool is_down);

/* The frame's pixels, shared, with this output's own times. Given. */
GstBuffer *output_buffer_make(const struct output *output, const struct frame *frame);

/* What a pipeline says went wrong, within wait_ns, into `reason`. False: nothing, "unknown". */
bool pipeline_error(GstElement *pipeline, uint64_t wait_ns, char *reason, size_t reason_size);

/* The next sample of its appsink `sink`, given; NULL and `reason` on failure or after wait_ns. */
GstSample *pipeline_pull(GstElement *pipeline, GstElement *sink, uint64_t wait_ns, char *reason,
                         size_t reason_size);

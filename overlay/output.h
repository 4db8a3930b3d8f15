#pragma once

#include <gst/gst.h>
#include <stdbool.h>
#include <stdint.h>

#include "overlay/format.h"
#include "server/model/fault.h"

/*
 * Outputs: where frames go. Each is a small pipeline of its own, so that one that fails or is slow
 * touches no other and never the frame clock.
 *
 *   file:FILE.ts|.mp4|.mov  H.264, made by x264enc
 *   raw:FILE                I420 frames, or BGRA with --background alpha, nothing around them
 *   png:DIR, png:FILE.png   stills: when the picture has settled, and every second while it moves
 *
 * Threads: output_put() on the clock's thread, everything else on the main thread.
 */
#define OUTPUT_MAX 8                    /* outputs of one overlay */
#define OUTPUT_QUEUE_S 2                /* seconds of frames that wait for a slow encoder or disk */
#define OUTPUT_QUEUE_SIZE_MAX 335544320 /* bytes that wait, where that is less */

enum output_kind { OUTPUT_INVALID = 0, OUTPUT_FILE, OUTPUT_RAW, OUTPUT_PNG };

/* path is borrowed from the text that was parsed. */
struct output_target {
    enum output_kind kind;
    const char *path;
};

/* What every frame of one overlay is. has_alpha: BGRA, premultiplied unless is_straight. */
struct video {
    const struct format *format;
    bool has_alpha;
    bool is_straight;
};

/*
 * One frame. is_changed: not the same picture as the frame before. is_settled: it has not changed
 * for a moment now, after a change. buffer: borrowed; outputs take references, nobody writes to it.
 */
struct frame {
    GstBuffer *buffer;
    uint64_t index;
    bool is_changed;
    bool is_settled;
};

struct output_figures {
    uint64_t frames; /* taken on */
    uint64_t drops;  /* not: the queue was full, or the output had failed */
    uint64_t stills; /* written; png only */
    bool is_failed;
};

struct output;

/* STATUS_INVALID: no such kind of output, or a name that says no container. */
MUST_CHECK enum status output_parse(const char *text, struct output_target *target,
                                    struct fault *fault);

/* "H.264 in a transport stream" does not hold alpha: STATUS_INVALID. Other reasons: none. */
MUST_CHECK enum status output_check(const struct output_target *target, const struct video *video,
                                    struct fault *fault);

/* Starts it. *output is given. STATUS_IO: cannot be written; STATUS_NOT_FOUND: no such encoder. */
MUST_CHECK enum status output_open(const struct output_target *target, const struct video *video,
                                   struct output **output, struct fault *fault);

/* Never waits. Where the queue is full the frame is left out and counted. */
void output_put(struct output *output, const struct frame *frame);

/* Looks for news of the pipeline: says a failure, or a drop, once. Call it every 100 ms or so. */
void output_poll(struct output *output, int64_t now_ns);

/* No frame comes any more: finish the file. Poll until output_is_done(). */
void output_end(struct output *output);
bool output_is_done(const struct output *output);

void output_figures_get(const struct output *output, struct output_figures *figures);

/* As the command line had it: "file:out.ts". */
const char *output_name(const struct output *output);

/* Frames that may wait in one output. */
uint32_t output_queue_max(const struct video *video);

/* Stops it wherever it is; NULL is accepted. */
void output_destroy(struct output *output);

/* Caps of the frames, given. */
GstCaps *video_caps(const struct video *video);
uint32_t video_frame_size(const struct video *video);

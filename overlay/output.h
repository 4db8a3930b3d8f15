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
 *   file:FILE.ts|.mp4|.mov  H.264, made by x264enc; .mov with alpha: PNG
 *   raw:FILE                I420 frames, or BGRA with --background alpha, nothing around them
 *   png:DIR, png:FILE.png   stills: when the picture has settled, and every second while it moves
 *   udp://, srt://          H.264 in a transport stream of constant bit rate, paced by its PCR
 *   decklink:N              an SDI card, with alpha its key and fill
 *   gst:PIPELINE            what GStreamer has
 *
 * fill: or key: before file:, raw:, udp:, srt:, decklink: or gst: takes the colours or the alpha of
 * frames with alpha, as opaque video.
 *
 * udp, srt, decklink and gst are begun anew when they fail: after 1 s, then after twice as long, at
 * most 30 s (output_retry.h).
 *
 * Threads: output_put() on the clock's thread, everything else on the main thread.
 */
#define OUTPUT_MAX 8                    /* outputs of one overlay */
#define OUTPUT_QUEUE_S 2                /* seconds of frames that wait for a slow encoder or disk */
#define OUTPUT_QUEUE_SIZE_MAX 335544320 /* bytes that wait, where that is less */

enum output_kind {
    OUTPUT_INVALID = 0,
    OUTPUT_FILE,
    OUTPUT_RAW,
    OUTPUT_PNG,
    OUTPUT_UDP,
    OUTPUT_SRT,
    OUTPUT_DECKLINK,
    OUTPUT_GST,
};

enum srt_mode { SRT_INVALID = 0, SRT_CALLER, SRT_LISTENER, SRT_RENDEZVOUS };
enum keyer { KEYER_INVALID = 0, KEYER_OFF, KEYER_INTERNAL, KEYER_EXTERNAL };

/*
 * Where a transport stream goes.
 *
 * host             without brackets; empty: any address of this machine, srt listener only
 * rate_kbps        of the whole stream; 0: by the format
 * ttl, interface   udp to a multicast address; interface empty: the system's choice
 * latency_ms, passphrase_file, stream_id   srt; empty or 0: none, the library's default
 */
struct output_place {
    char host[254];
    char interface[16];
    char passphrase_file[256];
    char stream_id[128];
    uint16_t port;
    uint8_t ttl;
    uint32_t rate_kbps;
    enum srt_mode mode;
    uint32_t latency_ms;
};

/* device: 0 .. 63. keyer: KEYER_INVALID where none was asked for. */
struct output_card {
    uint32_t device;
    enum keyer keyer;
};

/*
 * What one --output asks for. path: what follows "file:" and so on, borrowed from the text that was
 * parsed. At most one of is_fill and is_key.
 */
struct output_target {
    enum output_kind kind;
    bool is_fill;
    bool is_key;
    const char *path;
    struct output_place place;
    struct output_card card;
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
 * base_ns: when frame 0 was due, CLOCK_MONOTONIC; the base time of all pipelines.
 */
struct frame {
    GstBuffer *buffer;
    uint64_t index;
    int64_t base_ns;
    bool is_changed;
    bool is_settled;
};

struct output_figures {
    uint64_t frames;   /* taken on */
    uint64_t drops;    /* not: the queue was full, or the output had failed */
    uint64_t stills;   /* written; png only */
    uint64_t restarts; /* times it was begun anew */
    uint64_t errors;   /* datagrams that could not be sent; udp and srt only */
    uint64_t late;     /* frames that were encoded too late for their time; udp and srt only */
    bool is_failed;
    bool is_retrying; /* it failed, and will be begun anew */
};

struct output;

/* STATUS_INVALID: no such kind of output, or what is missing or wrong in it. */
MUST_CHECK enum status output_parse(const char *text, struct output_target *target,
                                    struct fault *fault);

/* STATUS_INVALID: it cannot do such frames: alpha in H.264, fill without alpha, no such mode. */
MUST_CHECK enum status output_check(const struct output_target *target, const struct video *video,
                                    struct fault *fault);

/*
 * Starts it. *output is given. STATUS_IO: cannot be written or opened, STATUS_BUSY: the port is in
 * use, STATUS_NOT_FOUND: no such encoder, device or host. A peer that is not there yet is no error.
 */
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

/* As the command line had it: "file:out.ts"; cut at 95 bytes, srt and udp without what follows '?'.
 */
const char *output_name(const struct output *output);

/* Frames that may wait in one output. */
uint32_t output_queue_max(const struct video *video);

/* Stops it wherever it is; NULL is accepted. */
void output_destroy(struct output *output);

/* Caps of the frames, given. */
GstCaps *video_caps(const struct video *video);
uint32_t video_frame_size(const struct video *video);

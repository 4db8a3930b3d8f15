#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "overlay/output_chain.h"
#include "overlay/output_impl.h"
#include "overlay/output_live.h"

/*
 * decklink: and gst:, a live pipeline each. Their sinks show each frame at its time of the common
 * clock, LATENCY_FRAMES later: a frame of an interlaced format comes a field after its time.
 */
#define LATENCY_FRAMES 2
#define CARD_QUEUE_MAX 6

struct output_sink {
    struct output base;
    struct live *live;
};

static struct output_sink *sink_of(struct output *output)
{
    return (struct output_sink *)output;
}

/* What decklinkvideosink calls a format; NULL: it has none. */
static const char *mode_of(const struct format *format)
{
    static const struct {
        uint32_t width_px, height_px, rate;
        bool is_interlaced;
        const char *mode;
    } modes[] = {
        { 720, 576, 25, true, "pal" },        { 1280, 720, 50, false, "720p50" },
        { 1920, 1080, 25, true, "1080i50" },  { 1920, 1080, 25, false, "1080p25" },
        { 1920, 1080, 50, false, "1080p50" }, { 3840, 2160, 50, false, "2160p50" },
    };
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        if (modes[i].width_px == format->width_px && modes[i].height_px == format->height_px &&
            modes[i].rate == format->frame_rate && modes[i].is_interlaced == format->is_interlaced)
            return modes[i].mode;
    }
    return NULL;
}

/* Frames with alpha go to the keyer as they are; others as 8-bit 4:2:2. */
static enum status card_write(const struct output_target *target, const struct video *video,
                              const char *source, char *text, size_t text_size, struct fault *fault)
{
    const char *mode = mode_of(video->format);
    if (mode == NULL)
        return fault_set(fault, STATUS_INVALID, "", "decklink:%s: a DeckLink card has no mode %s",
                         target->path, video->format->name);
    bool is_keyed = chain_video(target, video).has_alpha;
    const char *keyer = !is_keyed || target->card.keyer == KEYER_OFF ? "off"
                        : target->card.keyer == KEYER_INTERNAL       ? "internal"
                                                                     : "external";
    snprintf(text, text_size,
             "%s %sdecklinkvideosink name=out device-number=%u mode=%s video-format=%s "
             "keyer-mode=%s keyer-level=255",
             source, is_keyed ? "" : "videoconvert ! video/x-raw,format=UYVY ! ",
             target->card.device, mode, is_keyed ? "8bit-bgra" : "8bit-yuv", keyer);
    return STATUS_OK;
}

enum status output_sink_write(const struct output_target *target, const struct video *video,
                              char *text, size_t text_size, struct fault *fault)
{
    char source[CHAIN_TEXT_SIZE];
    chain_write(target, video, source, sizeof source);
    if (target->kind == OUTPUT_DECKLINK)
        return card_write(target, video, source, text, text_size, fault);
    int wrote = snprintf(text, text_size, "%s %s", source, target->path);
    if (wrote < 0 || (size_t)wrote >= text_size)
        return fault_set(fault, STATUS_LIMIT, "", "the pipeline of 'gst:%.40s…' is too long",
                         target->path);
    return STATUS_OK;
}

static void sink_made(void *ctx, GstElement *pipeline, GstElement *source)
{
    (void)pipeline;
    const struct output_sink *sink = ctx;
    chain_attach(source, &sink->base.target, &sink->base.video);
}

static void sink_put(struct output *output, const struct frame *frame)
{
    struct output_sink *sink = sink_of(output);
    live_base_set(sink->live, frame->base_ns);
    bool is_taken = live_push(sink->live, output_buffer_make(output, frame));
    atomic_fetch_add_explicit(is_taken ? &output->frames : &output->drops, 1, memory_order_relaxed);
}

static void sink_poll(struct output *output, int64_t now_ns)
{
    struct live_figures live;
    live_figures_get(sink_of(output)->live, &live);
    output_drops_note(output, now_ns, live.is_down);
}

static void sink_end(struct output *output)
{
    live_end(sink_of(output)->live);
}

static bool sink_is_done(const struct output *output)
{
    return live_is_done(((const struct output_sink *)output)->live);
}

static void sink_figures(const struct output *output, struct output_figures *figures)
{
    struct live_figures live;
    live_figures_get(((const struct output_sink *)output)->live, &live);
    figures->restarts = live.restarts;
    figures->is_failed = figures->is_retrying = live.is_down;
}

static void sink_destroy(struct output *output)
{
    struct output_sink *sink = sink_of(output);
    if (live_destroy(sink->live))
        free(sink);
}

static const struct output_ops sink_ops = {
    .put = sink_put,
    .poll = sink_poll,
    .end = sink_end,
    .is_done = sink_is_done,
    .destroy = sink_destroy,
    .figures = sink_figures,
};

enum status output_sink_open(const struct output_target *target, const struct video *video,
                             struct output **output, struct fault *fault)
{
    char text[SINK_TEXT_SIZE];
    enum status status = output_sink_write(target, video, text, sizeof text, fault);
    if (status != STATUS_OK)
        return status;
    struct output_sink *sink = calloc(1, sizeof *sink);
    if (sink == NULL)
        return fault_set(fault, STATUS_NOMEM, "", "no memory for an output");
    output_init(&sink->base, &sink_ops, target, video);
    bool is_card = target->kind == OUTPUT_DECKLINK;
    const struct live_options options = {
        .name = sink->base.name,
        .text = text,
        .queue_max = is_card ? CARD_QUEUE_MAX : output_queue_max(video),
        .latency_ns = (int64_t)(LATENCY_FRAMES * GST_SECOND / video->format->frame_rate),
        .made = sink_made,
        .ctx = sink,
    };
    struct fault inner = { 0 };
    status = live_create(&options, &sink->live, &inner);
    if (status == STATUS_OK) {
        *output = &sink->base;
        return STATUS_OK;
    }
    free(sink);
    if (is_card && status == STATUS_IO)
        return fault_set(fault, STATUS_NOT_FOUND, "",
                         "cannot open DeckLink device %u: there is no such card, it is in use, "
                         "does not do %s, or its driver is missing",
                         target->card.device, video->format->name);
    return fault_set(fault, status, "", "%s", inner.text);
}

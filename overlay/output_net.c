#include <gst/app/gstappsink.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "overlay/frame_clock.h"
#include "overlay/output_carrier.h"
#include "overlay/output_chain.h"
#include "overlay/output_impl.h"
#include "overlay/output_live.h"
#include "overlay/output_shaper.h"

/*
 * udp:// and srt://. Three steps, joined by the shaper and its lock: a live pipeline codes and
 * multiplexes; the shaper makes the constant bit rate; a thread takes a datagram of seven packets
 * from it, waits for the absolute time of its first slot, and sends.
 */
#define DATAGRAM_PACKETS 7
#define RATE_KBPS 10000      /* of the whole stream, up to 30 frames a second */
#define RATE_FAST_KBPS 12500 /* above */
#define VIDEO_PER_MILLE 900  /* of the rate; packet heads, PCR and tables take some 40 */
#define BUFFER_MS 400        /* the decoder's; with the coding it stays below SHAPER_LAG_MS */
#define MUX_TIME_90KHZ (UINT64_C(3600) * 90000) /* of time 0, as mpegtsmux has it */
#define LATE_MAX_NS INT64_C(200000000)          /* later than that, slots are left out */
#define WAIT_NS 2000000 /* between two looks whether the first packet is there */

struct output_net {
    struct output base;
    struct live *encoder;
    struct carrier *carrier;
    pthread_mutex_t lock;
    struct shaper *shaper; /* {lock} */
    pthread_t thread;
    bool is_started;
    _Atomic int64_t base_ns;
    atomic_bool is_closing;
    atomic_bool is_done;
};

static struct output_net *net_of(struct output *output)
{
    return (struct output_net *)output;
}

/* On the encoder's thread: what the multiplexer wrote. */
static GstFlowReturn sample_take(GstAppSink *sink, void *ctx)
{
    struct output_net *net = ctx;
    GstSample *sample = gst_app_sink_pull_sample(sink);
    if (sample == NULL)
        return GST_FLOW_EOS;
    GstMapInfo map;
    GstBuffer *buffer = gst_sample_get_buffer(sample);
    if (buffer != NULL && gst_buffer_map(buffer, &map, GST_MAP_READ)) {
        pthread_mutex_lock(&net->lock);
        shaper_put(net->shaper, map.data, map.size);
        pthread_mutex_unlock(&net->lock);
        gst_buffer_unmap(buffer, &map);
    }
    gst_sample_unref(sample);
    return GST_FLOW_OK;
}

static void encoder_made(void *ctx, GstElement *pipeline, GstElement *source)
{
    struct output_net *net = ctx;
    chain_attach(source, &net->base.target, &net->base.video);
    GstElement *sink = gst_bin_get_by_name(GST_BIN(pipeline), "out");
    GstAppSinkCallbacks callbacks = { .new_sample = sample_take };
    gst_app_sink_set_callbacks(GST_APP_SINK(sink), &callbacks, net, NULL);
    gst_object_unref(sink);
}

static bool is_all_coded(struct output_net *net)
{
    bool is_coded = live_is_done(net->encoder);
    pthread_mutex_lock(&net->lock);
    bool is_empty = shaper_is_empty(net->shaper);
    pthread_mutex_unlock(&net->lock);
    return is_coded && is_empty;
}

/* Waits for something to send. False: nothing will come. */
static bool first_await(struct output_net *net)
{
    const struct timespec pause = { .tv_nsec = WAIT_NS };
    while (!atomic_load(&net->is_closing)) {
        pthread_mutex_lock(&net->lock);
        bool is_empty = shaper_is_empty(net->shaper);
        pthread_mutex_unlock(&net->lock);
        if (!is_empty && atomic_load(&net->base_ns) != 0)
            return true;
        if (is_all_coded(net))
            return false;
        nanosleep(&pause, NULL);
    }
    return false;
}

static void datagram_send(struct output_net *net, uint64_t slot, int64_t now_ns)
{
    uint8_t bytes[DATAGRAM_PACKETS * TS_PACKET_SIZE];
    pthread_mutex_lock(&net->lock);
    for (uint64_t i = 0; i < DATAGRAM_PACKETS; i++)
        shaper_take(net->shaper, slot + i, bytes + i * TS_PACKET_SIZE);
    pthread_mutex_unlock(&net->lock);
    carrier_send(net->carrier, bytes, sizeof bytes, now_ns);
}

static void *net_run(void *ctx)
{
    struct output_net *net = ctx;
    (void)frame_clock_raise_priority();
    if (first_await(net)) {
        int64_t base_ns = atomic_load(&net->base_ns);
        uint64_t slot = shaper_slot_at(net->shaper, frame_clock_now_ns() - base_ns);
        while (!atomic_load(&net->is_closing) && !is_all_coded(net)) {
            int64_t due_ns = base_ns + shaper_slot_ns(net->shaper, slot);
            frame_clock_sleep_until(due_ns);
            int64_t now_ns = frame_clock_now_ns();
            if (now_ns - due_ns > LATE_MAX_NS)
                slot = shaper_slot_at(net->shaper, now_ns - base_ns);
            datagram_send(net, slot, now_ns);
            slot += DATAGRAM_PACKETS;
        }
        frame_clock_sleep_until(frame_clock_now_ns() + carrier_linger_ns(net->carrier));
    }
    atomic_store(&net->is_done, true);
    return NULL;
}

static void net_put(struct output *output, const struct frame *frame)
{
    struct output_net *net = net_of(output);
    live_base_set(net->encoder, frame->base_ns);
    if (atomic_load_explicit(&net->base_ns, memory_order_relaxed) == 0)
        atomic_store(&net->base_ns, frame->base_ns);
    bool is_taken = live_push(net->encoder, output_buffer_make(output, frame));
    atomic_fetch_add_explicit(is_taken ? &output->frames : &output->drops, 1, memory_order_relaxed);
}

static void net_poll(struct output *output, int64_t now_ns)
{
    struct live_figures encoder;
    live_figures_get(net_of(output)->encoder, &encoder);
    output_drops_note(output, now_ns, encoder.is_down);
}

static void net_end(struct output *output)
{
    live_end(net_of(output)->encoder);
}

static bool net_is_done(const struct output *output)
{
    return atomic_load(&((const struct output_net *)output)->is_done);
}

static void net_figures(const struct output *output, struct output_figures *figures)
{
    struct output_net *net = (struct output_net *)output;
    struct carrier_figures carrier;
    struct live_figures encoder;
    struct shaper_figures shaper;
    carrier_figures_get(net->carrier, &carrier);
    live_figures_get(net->encoder, &encoder);
    pthread_mutex_lock(&net->lock);
    shaper_figures_get(net->shaper, &shaper);
    pthread_mutex_unlock(&net->lock);
    figures->restarts = carrier.restarts + encoder.restarts;
    figures->errors = carrier.errors;
    figures->late = shaper.late_units;
    figures->is_failed = figures->is_retrying = carrier.is_down || encoder.is_down;
}

static void net_destroy(struct output *output)
{
    struct output_net *net = net_of(output);
    atomic_store(&net->is_closing, true);
    if (net->is_started)
        pthread_join(net->thread, NULL);
    carrier_close(net->carrier);
    if (!live_destroy(net->encoder))
        return; /* it may still use the shaper */
    shaper_destroy(net->shaper);
    pthread_mutex_destroy(&net->lock);
    free(net);
}

static const struct output_ops net_ops = {
    .put = net_put,
    .poll = net_poll,
    .end = net_end,
    .is_done = net_is_done,
    .destroy = net_destroy,
    .figures = net_figures,
};

static enum status encoder_start(struct output_net *net, uint32_t rate_kbps, struct fault *fault)
{
    const struct output *base = &net->base;
    char coded[CHAIN_TEXT_SIZE], text[CHAIN_TEXT_SIZE + 128];
    const struct coder coder = {
        .rate_kbps = rate_kbps * VIDEO_PER_MILLE / 1000,
        .buffer_ms = BUFFER_MS,
        .is_prompt = true,
        .is_aligned = true,
    };
    chain_coded_write(&base->target, &base->video, &coder, coded, sizeof coded);
    snprintf(text, sizeof text, "%s mpegtsmux alignment=7 ! appsink name=out sync=false", coded);
    const struct live_options options = {
        .name = base->name,
        .text = text,
        .queue_max = output_queue_max(&base->video),
        .made = encoder_made,
        .ctx = net,
    };
    return live_create(&options, &net->encoder, fault);
}

enum status output_net_open(const struct output_target *target, const struct video *video,
                            struct output **output, struct fault *fault)
{
    struct output_net *net = calloc(1, sizeof *net);
    if (net == NULL)
        return fault_set(fault, STATUS_NOMEM, "", "no memory for an output");
    output_init(&net->base, &net_ops, target, video);
    pthread_mutex_init(&net->lock, NULL);
    uint32_t rate_kbps = target->place.rate_kbps > 0      ? target->place.rate_kbps
                         : video->format->frame_rate > 30 ? RATE_FAST_KBPS
                                                          : RATE_KBPS;
    enum status status = shaper_create(rate_kbps, MUX_TIME_90KHZ, &net->shaper, fault);
    if (status == STATUS_OK)
        status = carrier_open(target, net->base.name, &net->carrier, fault);
    if (status == STATUS_OK)
        status = encoder_start(net, rate_kbps, fault);
    if (status == STATUS_OK) {
        net->is_started = pthread_create(&net->thread, NULL, net_run, net) == 0;
        if (!net->is_started)
            status = fault_set(fault, STATUS_NOMEM, "", "no thread for '%s'", net->base.name);
    }
    if (status != STATUS_OK) {
        net_destroy(&net->base);
        return status;
    }
    *output = &net->base;
    return STATUS_OK;
}

#include "overlay/output_impl.h"

#include <assert.h>
#include <gst/app/gstappsrc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "overlay/note.h"
#include "overlay/output_chain.h"

/*
 * raw: and file:, an appsrc in front of what writes. The appsrc is its queue and brings its thread.
 * A failed file is not begun anew: what is on the disk stays, and the log says where it ends.
 */
#define ERROR_WAIT_NS (500 * GST_MSECOND)
#define PNG_TEXT "pngenc snapshot=false compression-level=1 !"
#define PCR_INTERVAL 2700 /* of 90 kHz: 30 ms, below the 40 ms of TR 101 290 */

struct output_stream {
    struct output base;
    GstElement *pipeline;
    GstAppSrc *source;
    GstBus *bus;
    uint32_t queue_max;
    bool is_ended;
    bool is_done;
};

static struct output_stream *stream_of(struct output *output)
{
    return (struct output_stream *)output;
}

static void stream_put(struct output *output, const struct frame *frame)
{
    struct output_stream *stream = stream_of(output);
    if (gst_app_src_get_current_level_buffers(stream->source) >= stream->queue_max) {
        atomic_fetch_add_explicit(&output->drops, 1, memory_order_relaxed);
        return;
    }
    GstBuffer *buffer = output_buffer_make(output, frame);
    bool is_taken = gst_app_src_push_buffer(stream->source, buffer) == GST_FLOW_OK;
    atomic_fetch_add_explicit(is_taken ? &output->frames : &output->drops, 1, memory_order_relaxed);
}

static void stream_fail(struct output_stream *stream, GstMessage *message)
{
    GError *error = NULL;
    gst_message_parse_error(message, &error, NULL);
    note_event(NOTE_ERROR, "output '%s' failed after %llu frames and stays off: %s",
               stream->base.name, (unsigned long long)atomic_load(&stream->base.frames),
               error->message);
    g_error_free(error);
    atomic_store(&stream->base.is_failed, true);
    stream->is_done = true;
    gst_element_set_state(stream->pipeline, GST_STATE_NULL);
}

static void stream_poll(struct output *output, int64_t now_ns)
{
    struct output_stream *stream = stream_of(output);
    GstMessage *message;
    while (!stream->is_done && (message = gst_bus_pop_filtered(
                                    stream->bus, GST_MESSAGE_ERROR | GST_MESSAGE_EOS)) != NULL) {
        if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS)
            stream->is_done = true;
        else
            stream_fail(stream, message);
        gst_message_unref(message);
    }
    output_drops_note(output, now_ns, atomic_load(&output->is_failed));
}

static void stream_end(struct output *output)
{
    struct output_stream *stream = stream_of(output);
    if (!stream->is_ended && !stream->is_done)
        gst_app_src_end_of_stream(stream->source);
    stream->is_ended = true;
}

static bool stream_is_done(const struct output *output)
{
    return ((const struct output_stream *)output)->is_done;
}

static void stream_destroy(struct output *output)
{
    struct output_stream *stream = stream_of(output);
    if (stream->pipeline != NULL)
        gst_element_set_state(stream->pipeline, GST_STATE_NULL);
    if (stream->source != NULL)
        gst_object_unref(stream->source);
    if (stream->bus != NULL)
        gst_object_unref(stream->bus);
    if (stream->pipeline != NULL)
        gst_object_unref(stream->pipeline);
    free(stream);
}

static const struct output_ops stream_ops = {
    .put = stream_put,
    .poll = stream_poll,
    .end = stream_end,
    .is_done = stream_is_done,
    .destroy = stream_destroy,
};

static void description_write(const struct output_target *target, const struct video *video,
                              char *text, size_t text_size)
{
    char chain[CHAIN_TEXT_SIZE], mux[96] = "mp4mux";
    const char *end = target->kind == OUTPUT_FILE ? strrchr(target->path, '.') : "";
    if (strcmp(end, ".ts") == 0)
        snprintf(mux, sizeof mux, "mpegtsmux alignment=7 pcr-interval=%d", PCR_INTERVAL);
    else if (strcmp(end, ".mov") == 0)
        snprintf(mux, sizeof mux, "qtmux");
    const struct coder coder = { .rate_kbps = video->format->bitrate_kbps };
    if (target->kind == OUTPUT_FILE && !chain_is_png(target, video))
        chain_coded_write(target, video, &coder, chain, sizeof chain);
    else
        chain_write(target, video, chain, sizeof chain);
    if (target->kind == OUTPUT_RAW)
        snprintf(text, text_size, "%s filesink name=out sync=false", chain);
    else
        snprintf(text, text_size, "%s %s %s ! filesink name=out sync=false", chain,
                 chain_is_png(target, video) ? PNG_TEXT : "", mux);
}

static enum status pipeline_make(struct output_stream *stream, struct fault *fault)
{
    char text[CHAIN_TEXT_SIZE + 256];
    description_write(&stream->base.target, &stream->base.video, text, sizeof text);
    GError *error = NULL;
    stream->pipeline = gst_parse_launch(text, &error);
    if (error != NULL) {
        enum status status = fault_set(fault, STATUS_NOT_FOUND, "", "cannot make output '%s': %s",
                                       stream->base.name, error->message);
        g_error_free(error);
        return status;
    }
    GstElement *source = gst_bin_get_by_name(GST_BIN(stream->pipeline), "in");
    GstElement *sink = gst_bin_get_by_name(GST_BIN(stream->pipeline), "out");
    g_object_set(sink, "location", stream->base.target.path, NULL);
    g_object_set(source, "format", GST_FORMAT_TIME, "block", FALSE, "max-bytes", (guint64)0,
                 "max-buffers", (guint64)stream->queue_max, NULL);
    chain_attach(source, &stream->base.target, &stream->base.video);
    gst_object_unref(sink);
    stream->source = GST_APP_SRC(source);
    stream->bus = gst_element_get_bus(stream->pipeline);
    return STATUS_OK;
}

enum status output_stream_open(const struct output_target *target, const struct video *video,
                               struct output **output, struct fault *fault)
{
    struct output_stream *stream = calloc(1, sizeof *stream);
    if (stream == NULL)
        return fault_set(fault, STATUS_NOMEM, "", "no memory for an output");
    output_init(&stream->base, &stream_ops, target, video);
    stream->queue_max = output_queue_max(video);
    enum status status = pipeline_make(stream, fault);
    if (status == STATUS_OK &&
        gst_element_set_state(stream->pipeline, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE) {
        char reason[160];
        pipeline_error(stream->pipeline, ERROR_WAIT_NS, reason, sizeof reason);
        status = fault_set(fault, STATUS_IO, "", "cannot start output '%s': %s", stream->base.name,
                           reason);
    }
    if (status != STATUS_OK) {
        stream_destroy(&stream->base);
        return status;
    }
    *output = &stream->base;
    return STATUS_OK;
}

#include "overlay/output_impl.h"

#include <assert.h>
#include <gst/app/gstappsrc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "overlay/note.h"

/*
 * raw: and file:, an appsrc in front of what writes. The appsrc is its queue and brings its thread.
 * A failed file is not begun anew: what is on the disk stays, and the log says where it ends.
 */
#define ERROR_WAIT_NS (500 * GST_MSECOND)
#define ENCODER_THREADS 2
#define PCR_INTERVAL 2700       /* of 90 kHz: 30 ms, below the 40 ms of TR 101 290 */
#define DROP_NOTE_NS 5000000000 /* between two lines about drops */

struct output_stream {
    struct output base;
    GstElement *pipeline;
    GstAppSrc *source;
    GstBus *bus;
    uint32_t queue_max;
    bool is_ended;
    bool is_done;
    uint64_t drops_noted;
    int64_t drops_noted_ns;
};

static struct output_stream *stream_of(struct output *output)
{
    return (struct output_stream *)output;
}

static void stream_put(struct output *output, const struct frame *frame)
{
    struct output_stream *stream = stream_of(output);
    uint32_t rate = output->video.format->frame_rate;
    if (gst_app_src_get_current_level_buffers(stream->source) >= stream->queue_max) {
        atomic_fetch_add_explicit(&output->drops, 1, memory_order_relaxed);
        return;
    }
    /* The pixels are shared by all outputs, the times are this one's. */
    GstBuffer *buffer = gst_buffer_copy(frame->buffer);
    GST_BUFFER_PTS(buffer) = frame->index * GST_SECOND / rate;
    GST_BUFFER_DURATION(buffer) = (frame->index + 1) * GST_SECOND / rate - GST_BUFFER_PTS(buffer);
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

static void drops_note(struct output_stream *stream, int64_t now_ns)
{
    uint64_t drops = atomic_load_explicit(&stream->base.drops, memory_order_relaxed);
    bool is_recent = stream->drops_noted > 0 && now_ns - stream->drops_noted_ns < DROP_NOTE_NS;
    if (drops == stream->drops_noted || is_recent || atomic_load(&stream->base.is_failed))
        return;
    note_event(NOTE_WARNING, "output '%s' is too slow: %llu frames left out so far",
               stream->base.name, (unsigned long long)drops);
    stream->drops_noted = drops;
    stream->drops_noted_ns = now_ns;
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
    drops_note(stream, now_ns);
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

static void description_write(const struct output_target *target, const struct format *format,
                              char *text, size_t text_size)
{
    if (target->kind == OUTPUT_RAW) {
        snprintf(text, text_size, "appsrc name=in ! filesink name=out sync=false");
        return;
    }
    bool is_ts = strcmp(strrchr(target->path, '.'), ".ts") == 0;
    bool is_mov = strcmp(strrchr(target->path, '.'), ".mov") == 0;
    char mux[96] = "mp4mux";
    if (is_ts)
        snprintf(mux, sizeof mux, "mpegtsmux alignment=7 pcr-interval=%d", PCR_INTERVAL);
    else if (is_mov)
        snprintf(mux, sizeof mux, "qtmux");
    snprintf(text, text_size,
             "appsrc name=in ! x264enc speed-preset=superfast bitrate=%u key-int-max=%u threads=%d "
             "interlaced=%s ! video/x-h264,profile=high ! h264parse ! %s ! "
             "filesink name=out sync=false",
             format->bitrate_kbps, format->frame_rate, ENCODER_THREADS,
             format->is_interlaced ? "true" : "false", mux);
}

static enum status pipeline_make(struct output_stream *stream, struct fault *fault)
{
    char text[512];
    description_write(&stream->base.target, stream->base.video.format, text, sizeof text);
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
    GstCaps *caps = video_caps(&stream->base.video);
    g_object_set(sink, "location", stream->base.target.path, NULL);
    g_object_set(source, "caps", caps, "format", GST_FORMAT_TIME, "block", FALSE, "max-bytes",
                 (guint64)0, "max-buffers", (guint64)stream->queue_max, NULL);
    gst_caps_unref(caps);
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

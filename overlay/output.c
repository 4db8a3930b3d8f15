#include "overlay/output_impl.h"

#include <gst/app/gstappsink.h>
#include <gst/video/video.h>
#include <stdio.h>
#include <string.h>

#include "overlay/note.h"

#define DROP_NOTE_NS 5000000000          /* between two lines about drops */
#define PULL_SLICE_NS (20 * GST_MSECOND) /* between two looks for an error */

enum status output_open(const struct output_target *target, const struct video *video,
                        struct output **output, struct fault *fault)
{
    switch (target->kind) {
    case OUTPUT_PNG:
        return output_png_open(target, video, output, fault);
    case OUTPUT_UDP:
    case OUTPUT_SRT:
        return output_net_open(target, video, output, fault);
    case OUTPUT_DECKLINK:
    case OUTPUT_GST:
        return output_sink_open(target, video, output, fault);
    default:
        return output_stream_open(target, video, output, fault);
    }
}

void output_init(struct output *output, const struct output_ops *ops,
                 const struct output_target *target, const struct video *video)
{
    static const char *const kinds[] = {
        [OUTPUT_INVALID] = "?", [OUTPUT_FILE] = "file:",         [OUTPUT_RAW] = "raw:",
        [OUTPUT_PNG] = "png:",  [OUTPUT_UDP] = "udp://",         [OUTPUT_SRT] = "srt://",
        [OUTPUT_GST] = "gst:",  [OUTPUT_DECKLINK] = "decklink:",
    };
    output->ops = ops;
    output->target = *target;
    output->video = *video;
    snprintf(output->name, sizeof output->name, "%s%s%s",
             target->is_fill  ? "fill:"
             : target->is_key ? "key:"
                              : "",
             kinds[target->kind], target->path);
    if (target->kind == OUTPUT_UDP || target->kind == OUTPUT_SRT)
        output->name[strcspn(output->name, "?")] = '\0';
}

void output_drops_note(struct output *output, int64_t now_ns, bool is_down)
{
    uint64_t drops = atomic_load_explicit(&output->drops, memory_order_relaxed);
    if (is_down) {
        output->drops_noted = drops;
        output->drops_noted_ns = now_ns;
    }
    bool is_recent = output->drops_noted_ns != 0 && now_ns - output->drops_noted_ns < DROP_NOTE_NS;
    if (drops == output->drops_noted || is_recent)
        return;
    note_event(NOTE_WARNING, "output '%s' is too slow: %llu frames left out so far", output->name,
               (unsigned long long)drops);
    output->drops_noted = drops;
    output->drops_noted_ns = now_ns;
}

GstBuffer *output_buffer_make(const struct output *output, const struct frame *frame)
{
    uint32_t rate = output->video.format->frame_rate;
    GstBuffer *buffer = gst_buffer_copy(frame->buffer);
    GST_BUFFER_PTS(buffer) = frame->index * GST_SECOND / rate;
    GST_BUFFER_DURATION(buffer) = (frame->index + 1) * GST_SECOND / rate - GST_BUFFER_PTS(buffer);
    return buffer;
}

void output_put(struct output *output, const struct frame *frame)
{
    if (atomic_load_explicit(&output->is_failed, memory_order_relaxed)) {
        atomic_fetch_add_explicit(&output->drops, 1, memory_order_relaxed);
        return;
    }
    output->ops->put(output, frame);
}

void output_poll(struct output *output, int64_t now_ns)
{
    output->ops->poll(output, now_ns);
}

void output_end(struct output *output)
{
    output->ops->end(output);
}

bool output_is_done(const struct output *output)
{
    return output->ops->is_done(output);
}

void output_figures_get(const struct output *output, struct output_figures *figures)
{
    figures->frames = atomic_load_explicit(&output->frames, memory_order_relaxed);
    figures->drops = atomic_load_explicit(&output->drops, memory_order_relaxed);
    figures->stills = atomic_load_explicit(&output->stills, memory_order_relaxed);
    figures->restarts = figures->errors = figures->late = 0;
    figures->is_retrying = false;
    figures->is_failed = atomic_load_explicit(&output->is_failed, memory_order_relaxed);
    if (output->ops->figures != NULL)
        output->ops->figures(output, figures);
}

const char *output_name(const struct output *output)
{
    return output->name;
}

uint32_t output_queue_max(const struct video *video)
{
    uint32_t most = OUTPUT_QUEUE_SIZE_MAX / video_frame_size(video);
    uint32_t wanted = OUTPUT_QUEUE_S * video->format->frame_rate;
    return wanted < most ? wanted : most;
}

void output_destroy(struct output *output)
{
    if (output != NULL)
        output->ops->destroy(output);
}

/* What the caps say of the colours; encoders write it into the stream (ITU-T H.273, tables 2-4). */
static GstVideoColorimetry colorimetry_of(enum colour colour)
{
    GstVideoColorimetry colorimetry = { .range = GST_VIDEO_COLOR_RANGE_16_235 };
    if (colour == COLOUR_BT601) {
        colorimetry.matrix = GST_VIDEO_COLOR_MATRIX_BT601;
        colorimetry.transfer = GST_VIDEO_TRANSFER_BT601;
        colorimetry.primaries = GST_VIDEO_COLOR_PRIMARIES_BT470BG;
    } else {
        colorimetry.matrix = GST_VIDEO_COLOR_MATRIX_BT709;
        colorimetry.transfer = GST_VIDEO_TRANSFER_BT709;
        colorimetry.primaries = GST_VIDEO_COLOR_PRIMARIES_BT709;
    }
    return colorimetry;
}

GstCaps *video_caps(const struct video *video)
{
    const struct format *format = video->format;
    GstVideoInfo info;
    gst_video_info_set_interlaced_format(
        &info, video->has_alpha ? GST_VIDEO_FORMAT_BGRA : GST_VIDEO_FORMAT_I420,
        format->is_interlaced ? GST_VIDEO_INTERLACE_MODE_INTERLEAVED
                              : GST_VIDEO_INTERLACE_MODE_PROGRESSIVE,
        format->width_px, format->height_px);
    info.fps_n = (int)format->frame_rate;
    info.fps_d = 1;
    uint32_t pixel_width, pixel_height;
    format_pixel_aspect(format, &pixel_width, &pixel_height);
    info.par_n = (int)pixel_width;
    info.par_d = (int)pixel_height;
    if (format->is_interlaced)
        GST_VIDEO_INFO_FIELD_ORDER(&info) = GST_VIDEO_FIELD_ORDER_TOP_FIELD_FIRST;
    if (!video->has_alpha) {
        info.colorimetry = colorimetry_of(format->colour);
        info.chroma_site = GST_VIDEO_CHROMA_SITE_MPEG2;
    }
    return gst_video_info_to_caps(&info);
}

uint32_t video_frame_size(const struct video *video)
{
    uint32_t pixels = video->format->width_px * video->format->height_px;
    return video->has_alpha ? pixels * 4 : pixels / 2 * 3;
}

bool pipeline_error(GstElement *pipeline, uint64_t wait_ns, char *reason, size_t reason_size)
{
    GstBus *bus = gst_element_get_bus(pipeline);
    GstMessage *message = gst_bus_timed_pop_filtered(bus, wait_ns, GST_MESSAGE_ERROR);
    gst_object_unref(bus);
    snprintf(reason, reason_size, "unknown");
    if (message == NULL)
        return false;
    GError *error = NULL;
    gst_message_parse_error(message, &error, NULL);
    snprintf(reason, reason_size, "%s", error->message);
    g_error_free(error);
    gst_message_unref(message);
    return true;
}

GstSample *pipeline_pull(GstElement *pipeline, GstElement *sink, uint64_t wait_ns, char *reason,
                         size_t reason_size)
{
    for (uint64_t waited_ns = 0; waited_ns < wait_ns; waited_ns += PULL_SLICE_NS) {
        GstSample *sample = gst_app_sink_try_pull_sample(GST_APP_SINK(sink), PULL_SLICE_NS);
        if (sample != NULL)
            return sample;
        if (pipeline_error(pipeline, 0, reason, reason_size))
            return NULL;
        if (gst_app_sink_is_eos(GST_APP_SINK(sink)))
            break;
    }
    snprintf(reason, reason_size, "nothing came");
    return NULL;
}

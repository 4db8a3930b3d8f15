#include "overlay/output_impl.h"

#include <gst/app/gstappsink.h>
#include <gst/video/video.h>
#include <stdio.h>
#include <string.h>

#define PULL_SLICE_NS (20 * GST_MSECOND) /* between two looks for an error */

enum status output_parse(const char *text, struct output_target *target, struct fault *fault)
{
    static const struct {
        const char *prefix;
        enum output_kind kind;
    } kinds[] = { { "file:", OUTPUT_FILE }, { "raw:", OUTPUT_RAW }, { "png:", OUTPUT_PNG } };
    *target = (struct output_target){ 0 };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t size = strlen(kinds[i].prefix);
        if (strncmp(text, kinds[i].prefix, size) == 0) {
            target->kind = kinds[i].kind;
            target->path = text + size;
        }
    }
    if (target->kind == OUTPUT_INVALID)
        return fault_set(fault, STATUS_INVALID, "",
                         "no such output '%s': png:DIR, raw:FILE and file:FILE are there", text);
    if (target->path[0] == '\0')
        return fault_set(fault, STATUS_INVALID, "", "output '%s' names no file", text);
    if (target->kind != OUTPUT_FILE)
        return STATUS_OK;
    const char *dot = strrchr(target->path, '.');
    if (dot != NULL &&
        (strcmp(dot, ".ts") == 0 || strcmp(dot, ".mp4") == 0 || strcmp(dot, ".mov") == 0))
        return STATUS_OK;
    return fault_set(fault, STATUS_INVALID, "", "'%s' must end in .ts, .mp4 or .mov", target->path);
}

enum status output_check(const struct output_target *target, const struct video *video,
                         struct fault *fault)
{
    if (target->kind == OUTPUT_FILE && video->has_alpha)
        return fault_set(fault, STATUS_INVALID, "",
                         "'%s' cannot hold alpha: use raw: or png:, or another --background",
                         target->path);
    return STATUS_OK;
}

enum status output_open(const struct output_target *target, const struct video *video,
                        struct output **output, struct fault *fault)
{
    if (target->kind == OUTPUT_PNG)
        return output_png_open(target, video, output, fault);
    return output_stream_open(target, video, output, fault);
}

void output_init(struct output *output, const struct output_ops *ops,
                 const struct output_target *target, const struct video *video)
{
    static const char *const kinds[] = {
        [OUTPUT_INVALID] = "?",
        [OUTPUT_FILE] = "file",
        [OUTPUT_RAW] = "raw",
        [OUTPUT_PNG] = "png",
    };
    output->ops = ops;
    output->target = *target;
    output->video = *video;
    snprintf(output->name, sizeof output->name, "%s:%s", kinds[target->kind], target->path);
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
    figures->is_failed = atomic_load_explicit(&output->is_failed, memory_order_relaxed);
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

#include "overlay/output_chain.h"

#include <gst/app/gstappsrc.h>
#include <gst/video/video.h>
#include <stdio.h>
#include <string.h>

#include "overlay/vector.h"

#define ENCODER_THREADS 2
#define CONVERTER_THREADS 2
#define CHROMA_NONE 128

enum conversion { CONVERSION_NONE = 0, CONVERSION_KEY, CONVERSION_PNG };

/* Of one appsrc; freed with its probe. */
struct converter {
    enum conversion conversion;
    struct video video;
    GstBufferPool *pool;
};

struct video chain_video(const struct output_target *target, const struct video *video)
{
    struct video out = *video;
    if (target->is_fill || target->is_key)
        out.has_alpha = out.is_straight = false;
    return out;
}

bool chain_is_png(const struct output_target *target, const struct video *video)
{
    return target->kind == OUTPUT_FILE && video->has_alpha && !target->is_fill && !target->is_key;
}

void chain_write(const struct output_target *target, const struct video *video, char *text,
                 size_t text_size)
{
    if (!target->is_fill) {
        snprintf(text, text_size, "appsrc name=in !");
        return;
    }
    struct video out = chain_video(target, video);
    GstCaps *caps = video_caps(&out);
    char *caps_text = gst_caps_to_string(caps);
    snprintf(text, text_size, "appsrc name=in ! videoconvert n-threads=%d ! %s !",
             CONVERTER_THREADS, caps_text);
    g_free(caps_text);
    gst_caps_unref(caps);
}

void chain_coded_write(const struct output_target *target, const struct video *video,
                       const struct coder *coder, char *text, size_t text_size)
{
    const struct format *format = video->format;
    char source[CHAIN_TEXT_SIZE / 2], buffer[40] = "";
    chain_write(target, video, source, sizeof source);
    if (coder->buffer_ms > 0)
        snprintf(buffer, sizeof buffer, "vbv-buf-capacity=%u ", coder->buffer_ms);
    snprintf(text, text_size,
             "%s x264enc speed-preset=superfast bitrate=%u key-int-max=%u threads=%d %s%s"
             "interlaced=%s ! video/x-h264,profile=high ! h264parse%s !",
             source, coder->rate_kbps, format->frame_rate, ENCODER_THREADS, buffer,
             coder->is_prompt ? "bframes=0 " : "", format->is_interlaced ? "true" : "false",
             coder->is_aligned ? " config-interval=-1" : "");
}

static VECTOR void key_run(const uint8_t *restrict bgra, size_t pixel_count, uint8_t *restrict y)
{
    for (size_t i = 0; i < pixel_count; i++) {
        uint32_t full = bgra[4 * i + 3] * 219u + 127u;
        y[i] = (uint8_t)(((full + (full >> 8) + 1) >> 8) + 16); /* full / 255, exactly */
    }
}

void chain_key_convert(const uint8_t *bgra, size_t pixel_count, uint8_t *y)
{
    key_run(bgra, pixel_count, y);
}

void chain_straighten(const uint8_t *bgra, size_t pixel_count, bool is_rgba, uint8_t *out)
{
    for (size_t i = 0; i < pixel_count * 4; i += 4) {
        uint32_t channels[3], alpha = bgra[i + 3];
        for (int channel = 0; channel < 3; channel++) {
            uint32_t value = bgra[i + (size_t)channel];
            if (alpha > 0 && alpha < 255)
                value = (value * 255u + alpha / 2u) / alpha;
            channels[channel] = alpha == 0 ? 0 : value > 255 ? 255 : value;
        }
        out[i] = (uint8_t)channels[is_rgba ? 2 : 0];
        out[i + 1] = (uint8_t)channels[1];
        out[i + 2] = (uint8_t)channels[is_rgba ? 0 : 2];
        out[i + 3] = (uint8_t)alpha;
    }
}

static void rgba_order(const uint8_t *bgra, size_t pixel_count, uint8_t *out)
{
    for (size_t i = 0; i < pixel_count * 4; i += 4) {
        out[i] = bgra[i + 2];
        out[i + 1] = bgra[i + 1];
        out[i + 2] = bgra[i];
        out[i + 3] = bgra[i + 3];
    }
}

static void pixels_convert(const struct converter *converter, const uint8_t *bgra, uint8_t *out)
{
    const struct format *format = converter->video.format;
    size_t count = (size_t)format->width_px * format->height_px;
    if (converter->conversion == CONVERSION_KEY) {
        chain_key_convert(bgra, count, out);
        memset(out + count, CHROMA_NONE, count / 2);
    } else if (converter->video.is_straight) {
        rgba_order(bgra, count, out);
    } else {
        chain_straighten(bgra, count, true, out);
    }
}

/* Puts the converted frame in the place of the one that leaves the appsrc. */
static GstPadProbeReturn frame_convert(GstPad *pad, GstPadProbeInfo *info, void *ctx)
{
    (void)pad;
    struct converter *converter = ctx;
    GstBuffer *from = GST_PAD_PROBE_INFO_BUFFER(info), *to = NULL;
    GstMapInfo in, out;
    if (gst_buffer_pool_acquire_buffer(converter->pool, &to, NULL) != GST_FLOW_OK)
        return GST_PAD_PROBE_DROP;
    if (!gst_buffer_map(from, &in, GST_MAP_READ)) {
        gst_buffer_unref(to);
        return GST_PAD_PROBE_DROP;
    }
    if (gst_buffer_map(to, &out, GST_MAP_WRITE)) {
        pixels_convert(converter, in.data, out.data);
        gst_buffer_unmap(to, &out);
    }
    gst_buffer_unmap(from, &in);
    gst_buffer_copy_into(to, from, GST_BUFFER_COPY_FLAGS | GST_BUFFER_COPY_TIMESTAMPS, 0, -1);
    GST_PAD_PROBE_INFO_DATA(info) = to;
    gst_buffer_unref(from);
    return GST_PAD_PROBE_OK;
}

static void converter_destroy(void *ctx)
{
    struct converter *converter = ctx;
    gst_buffer_pool_set_active(converter->pool, FALSE);
    gst_object_unref(converter->pool);
    g_free(converter);
}

static GstCaps *caps_of(enum conversion conversion, const struct output_target *target,
                        const struct video *video)
{
    struct video out = *video;
    if (conversion == CONVERSION_KEY)
        out = chain_video(target, video);
    GstCaps *caps = video_caps(&out);
    if (conversion == CONVERSION_PNG) {
        caps = gst_caps_make_writable(caps);
        gst_caps_set_simple(caps, "format", G_TYPE_STRING, "RGBA", NULL);
    }
    return caps;
}

void chain_attach(GstElement *source, const struct output_target *target, const struct video *video)
{
    enum conversion conversion = target->is_key                ? CONVERSION_KEY
                                 : chain_is_png(target, video) ? CONVERSION_PNG
                                                               : CONVERSION_NONE;
    GstCaps *caps = caps_of(conversion, target, video);
    g_object_set(source, "caps", caps, NULL);
    struct converter *converter =
        conversion == CONVERSION_NONE ? NULL : g_new0(struct converter, 1);
    if (converter != NULL) {
        struct video out = chain_video(target, video);
        converter->conversion = conversion;
        converter->video = *video;
        converter->pool = gst_buffer_pool_new();
        GstStructure *config = gst_buffer_pool_get_config(converter->pool);
        gst_buffer_pool_config_set_params(config, caps, video_frame_size(&out), 0, 0);
        (void)gst_buffer_pool_set_config(converter->pool, config);
        (void)gst_buffer_pool_set_active(converter->pool, TRUE);
        GstPad *pad = gst_element_get_static_pad(source, "src");
        gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, frame_convert, converter,
                          converter_destroy);
        gst_object_unref(pad);
    }
    gst_caps_unref(caps);
}

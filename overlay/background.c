#include "overlay/background.h"

#include <assert.h>
#include <gst/app/gstappsink.h>
#include <stdlib.h>
#include <string.h>

#include "overlay/blend.h"
#include "overlay/output_impl.h"

#define DECODE_WAIT_NS (20 * GST_SECOND)

static int digit_of(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

enum status background_parse(const char *text, struct background *background, struct fault *fault)
{
    *background = (struct background){ .kind = BACKGROUND_FILE, .path = text };
    if (strcmp(text, "alpha") == 0)
        background->kind = BACKGROUND_ALPHA;
    if (text[0] == '\0')
        return fault_set(fault, STATUS_INVALID, "", "the background is empty");
    if (text[0] != '#')
        return STATUS_OK;
    background->kind = BACKGROUND_COLOUR;
    bool is_colour = strlen(text) == 7;
    for (int i = 1; is_colour && i < 7; i++) {
        is_colour = digit_of(text[i]) >= 0;
        background->colour = background->colour << 4 | (uint32_t)(digit_of(text[i]) & 15);
    }
    return is_colour
               ? STATUS_OK
               : fault_set(fault, STATUS_INVALID, "", "'%s' is no colour: write #rrggbb", text);
}

/* Copies the sample's pixels, made opaque. */
static bool sample_copy(GstSample *sample, uint32_t *pixels, size_t size)
{
    GstMapInfo map;
    GstBuffer *buffer = gst_sample_get_buffer(sample);
    if (buffer == NULL || !gst_buffer_map(buffer, &map, GST_MAP_READ))
        return false;
    bool is_whole = map.size >= size;
    if (is_whole)
        memcpy(pixels, map.data, size);
    gst_buffer_unmap(buffer, &map);
    for (size_t i = 0; is_whole && i < size / 4; i++)
        pixels[i] |= 0xff000000;
    return is_whole;
}

static enum status picture_read(const char *path, const struct format *format, uint32_t *pixels,
                                struct fault *fault)
{
    GError *error = NULL;
    GstElement *pipeline = gst_parse_launch(
        "filesrc name=in ! decodebin ! videoconvert ! videoscale add-borders=false "
        "! videoconvert ! appsink name=out sync=false max-buffers=1",
        &error);
    if (error != NULL) {
        enum status status =
            fault_set(fault, STATUS_NOT_FOUND, "", "cannot read pictures: %s", error->message);
        g_error_free(error);
        if (pipeline != NULL)
            gst_object_unref(pipeline);
        return status;
    }
    GstElement *source = gst_bin_get_by_name(GST_BIN(pipeline), "in");
    GstElement *sink = gst_bin_get_by_name(GST_BIN(pipeline), "out");
    uint32_t pixel_width, pixel_height;
    format_pixel_aspect(format, &pixel_width, &pixel_height);
    GstCaps *caps = gst_caps_new_simple(
        "video/x-raw", "format", G_TYPE_STRING, "BGRx", "width", G_TYPE_INT, (int)format->width_px,
        "height", G_TYPE_INT, (int)format->height_px, "pixel-aspect-ratio", GST_TYPE_FRACTION,
        (int)pixel_width, (int)pixel_height, NULL);
    g_object_set(source, "location", path, NULL);
    g_object_set(sink, "caps", caps, NULL);
    gst_caps_unref(caps);
    char reason[160] = "its size is wrong";
    gst_element_set_state(pipeline, GST_STATE_PLAYING); /* a failure is on its bus */
    GstSample *sample = pipeline_pull(pipeline, sink, DECODE_WAIT_NS, reason, sizeof reason);
    enum status status = STATUS_OK;
    size_t size = (size_t)format->width_px * format->height_px * 4;
    if (sample == NULL || !sample_copy(sample, pixels, size))
        status = fault_set(fault, STATUS_IO, "", "cannot read the picture '%s': %s", path, reason);
    if (sample != NULL)
        gst_sample_unref(sample);
    gst_element_set_state(pipeline, GST_STATE_NULL);
    gst_object_unref(source);
    gst_object_unref(sink);
    gst_object_unref(pipeline);
    return status;
}

enum status background_draw(const struct background *background, const struct format *format,
                            uint8_t *frame, struct fault *fault)
{
    assert(background->kind == BACKGROUND_COLOUR || background->kind == BACKGROUND_FILE);
    uint32_t width = format->width_px, height = format->height_px;
    size_t count = (size_t)width * height;
    struct planes planes = { 0 };
    uint32_t *pixels = malloc(count * sizeof *pixels);
    enum status status = pixels == NULL ? STATUS_NOMEM : STATUS_OK;
    if (status == STATUS_OK)
        status = planes_init(&planes, PLANE_YUV, width, height, format->colour,
                             format->is_interlaced, false);
    if (status != STATUS_OK) {
        free(pixels);
        return fault_set(fault, status, "", "no memory for the background");
    }
    if (background->kind == BACKGROUND_FILE) {
        status = picture_read(background->path, format, pixels, fault);
    } else {
        for (size_t i = 0; i < count; i++)
            pixels[i] = 0xff000000 | background->colour;
    }
    if (status == STATUS_OK) {
        struct rect all = { 0, 0, (int32_t)width, (int32_t)height };
        struct picture out = { frame, frame + count, frame + count / 4 * 5, width, width / 2 };
        planes_convert(&planes, (const uint8_t *)pixels, &all, 1);
        memset(frame, 0, count / 2 * 3);
        blend(&planes, LINES_ALL, width, height, &out, &out);
    }
    planes_finish(&planes);
    free(pixels);
    return status;
}

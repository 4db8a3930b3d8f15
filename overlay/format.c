#include "overlay/format.h"

#include <assert.h>
#include <string.h>

/* clang-format off: a line a format */
static const struct format formats[] = {
    { "1080i25", 1920, 1080, 25, 50, true, 16, 9, COLOUR_BT709, 8000 },
    { "1080p25", 1920, 1080, 25, 25, false, 16, 9, COLOUR_BT709, 8000 },
    { "1080p50", 1920, 1080, 50, 50, false, 16, 9, COLOUR_BT709, 10000 },
    { "720p50", 1280, 720, 50, 50, false, 16, 9, COLOUR_BT709, 10000 },
    { "2160p50", 3840, 2160, 50, 50, false, 16, 9, COLOUR_BT709, 30000 },
    { "576i25", 720, 576, 25, 50, true, 16, 9, COLOUR_BT601, 4000 },
    { "576i25-4x3", 720, 576, 25, 50, true, 4, 3, COLOUR_BT601, 4000 },
};
/* clang-format on */
#define FORMAT_COUNT (sizeof formats / sizeof *formats)

const struct format *format_find(const char *name)
{
    for (size_t i = 0; i < FORMAT_COUNT; i++) {
        if (strcmp(formats[i].name, name) == 0)
            return &formats[i];
    }
    return NULL;
}

const struct format *format_at(uint32_t index)
{
    return index < FORMAT_COUNT ? &formats[index] : NULL;
}

const char *format_names(char buffer[FORMAT_NAMES_SIZE])
{
    size_t used = 0;
    for (size_t i = 0; i < FORMAT_COUNT; i++) {
        size_t size = strlen(formats[i].name);
        assert(used + size + 3 <= FORMAT_NAMES_SIZE);
        if (i > 0) {
            memcpy(buffer + used, ", ", 2);
            used += 2;
        }
        memcpy(buffer + used, formats[i].name, size);
        used += size;
    }
    buffer[used] = '\0';
    return buffer;
}

uint32_t format_canvas_width(const struct format *format)
{
    return CANVAS_HEIGHT_PX * format->aspect_width / format->aspect_height;
}

static uint32_t common_divisor(uint32_t a, uint32_t b)
{
    while (b != 0) {
        uint32_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

void format_pixel_aspect(const struct format *format, uint32_t *width, uint32_t *height)
{
    uint32_t w = format->aspect_width * format->height_px;
    uint32_t h = format->aspect_height * format->width_px;
    uint32_t divisor = common_divisor(w, h);
    *width = w / divisor;
    *height = h / divisor;
}

#include "overlay/logo.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define WHERE "$.logo.file"
#define HEADER_SIZE 24 /* signature, length and name of the first chunk, width, height */

static uint32_t big_endian(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* What the file says of itself: PNG 1.2, 5.2 and 11.2.2. */
static enum status header_check(FILE *file, const char *path, struct fault *fault)
{
    static const unsigned char start[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    unsigned char header[HEADER_SIZE];
    if (fread(header, 1, sizeof(header), file) != sizeof(header) ||
        memcmp(header, start, sizeof(start) - 1) != 0) {
        return fault_set(fault, STATUS_IO, WHERE, "'%s' is no PNG", path);
    }
    uint32_t width = big_endian(header + 16);
    uint32_t height = big_endian(header + 20);
    if (width > THEME_LOGO_SIDE_MAX_PX || height > THEME_LOGO_SIDE_MAX_PX) {
        return fault_set(fault, STATUS_LIMIT, WHERE, "'%s' has %u × %u pixels, over %d a side",
                         path, width, height, THEME_LOGO_SIDE_MAX_PX);
    }
    if (fseek(file, 0, SEEK_END) != 0 || ftell(file) > THEME_LOGO_SIZE_MAX) {
        return fault_set(fault, STATUS_LIMIT, WHERE, "'%s' is larger than %d bytes", path,
                         THEME_LOGO_SIZE_MAX);
    }
    return STATUS_OK;
}

static cairo_status_t bytes_read(void *ctx, unsigned char *bytes, unsigned int size)
{
    return fread(bytes, 1, size, ctx) == size ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_READ_ERROR;
}

/* As large as fits into the box, in its middle; in canvas px until the scale. */
static void picture_put(const struct theme *theme, cairo_surface_t *picture,
                        cairo_surface_t *ground)
{
    double width = cairo_image_surface_get_width(picture);
    double height = cairo_image_surface_get_height(picture);
    double across = theme->logo_width_px / width;
    double down = theme->logo_height_px / height;
    double scale = across < down ? across : down;
    cairo_t *cr = cairo_create(ground);
    cairo_scale(cr, (double)cairo_image_surface_get_width(ground) / theme->width_px,
                (double)cairo_image_surface_get_height(ground) / THEME_HEIGHT_PX);
    cairo_translate(cr, theme->logo_left_px + (theme->logo_width_px - width * scale) / 2,
                    theme->logo_top_px + (theme->logo_height_px - height * scale) / 2);
    cairo_scale(cr, scale, scale);
    cairo_set_source_surface(cr, picture, 0, 0);
    cairo_paint(cr);
    cairo_destroy(cr);
    cairo_surface_flush(ground);
}

enum status logo_draw(const struct theme *theme, cairo_surface_t *ground, struct fault *fault)
{
    const char *path = theme->logo_file;
    if (path[0] == '\0') {
        return STATUS_OK;
    }
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return fault_set(fault, STATUS_IO, WHERE, "cannot open '%s': %s", path, strerror(errno));
    }
    enum status status = header_check(file, path, fault);
    if (status == STATUS_OK) {
        rewind(file);
        cairo_surface_t *picture = cairo_image_surface_create_from_png_stream(bytes_read, file);
        if (cairo_surface_status(picture) == CAIRO_STATUS_SUCCESS) {
            picture_put(theme, picture, ground);
        } else {
            status = fault_set(fault, STATUS_IO, WHERE, "cannot read '%s': %s", path,
                               cairo_status_to_string(cairo_surface_status(picture)));
        }
        cairo_surface_destroy(picture);
    }
    fclose(file);
    return status;
}

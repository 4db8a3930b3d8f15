#include "overlay/logo.h"

#include "overlay/png_file.h"

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
    static const struct png_limits limits = {
        .size_max = THEME_LOGO_SIZE_MAX,
        .side_max_px = THEME_LOGO_SIDE_MAX_PX,
        .pixel_max = UINT64_C(1) * THEME_LOGO_SIDE_MAX_PX * THEME_LOGO_SIDE_MAX_PX,
    };
    cairo_surface_t *picture = NULL;
    enum status status = png_file_read(path, "$.logo.file", &limits, &picture, fault);
    if (status == STATUS_OK) {
        picture_put(theme, picture, ground);
        cairo_surface_destroy(picture);
    }
    return status;
}

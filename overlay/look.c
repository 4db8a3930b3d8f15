#include "overlay/look.h"

#include <stdlib.h>

#include "overlay/scene.h"

/* Words and digits in the sizes of all scenes: the first take is quick. */
static enum status letters_warm(const struct look_options *options, struct look *look)
{
    struct scene_data data = { .theme = &look->theme,
                               .language = look->language,
                               .measure = text_engine_measure,
                               .measure_ctx = paint_text_engine(look->paint) };
    struct scene *scene = calloc(1, sizeof(*scene));
    if (scene == NULL) {
        return STATUS_NOMEM;
    }
    scene_add_warm(scene, &data);
    scene_scale(scene, look->theme.width_px, options->format->width_px, options->format->height_px);
    enum status status = paint_warm(look->paint, scene);
    free(scene);
    return status;
}

enum status look_create(const struct look_options *options, struct look **look, struct fault *fault)
{
    *look = NULL;
    struct look *made = calloc(1, sizeof(*made));
    if (made == NULL) {
        return fault_set(fault, STATUS_NOMEM, "", "no memory for the theme");
    }
    enum status status = theme_load(options->theme_file, &made->theme, fault);
    if (status == STATUS_OK) {
        theme_lay_out(&made->theme, layout_of(options->format));
        made->language =
            options->language != LANGUAGE_INVALID ? options->language : made->theme.language;
        status = paint_create(&made->theme, options->format->width_px, options->format->height_px,
                              &made->paint, fault);
    }
    if (status == STATUS_OK) {
        paint_portraits_set(made->paint, options->portraits);
    }
    if (status == STATUS_OK && !options->is_still && letters_warm(options, made) != STATUS_OK) {
        status = fault_set(fault, STATUS_NOMEM, "", "the theme's letters cannot be made");
    }
    if (status != STATUS_OK) {
        look_destroy(made);
        return status;
    }
    *look = made;
    return STATUS_OK;
}

void look_destroy(struct look *look)
{
    if (look != NULL) {
        paint_destroy(look->paint);
        free(look);
    }
}

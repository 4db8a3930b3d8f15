#pragma once

#include "overlay/format.h"
#include "overlay/paint.h"
#include "overlay/theme.h"

/*
 * A look: a theme laid out for one format, and the brush that draws by it, its letters made ready.
 * Made as a whole, so that a changed theme can be made beside the one on air.
 *
 * Threads: made on any, then used by one at a time.
 */
struct look {
    struct theme theme;
    struct paint *paint;
    enum language language; /* of what is drawn */
};

/*
 * theme_file  borrowed; NULL: the first built-in theme
 * language    LANGUAGE_INVALID: the theme's
 * portraits   borrowed for the look's life; NULL: none
 * is_still    for one picture: no letters are made ready before
 */
struct look_options {
    const char *theme_file;
    const struct format *format;
    enum language language;
    struct portraits *portraits;
    bool is_still;
};

/* *look is given. Errors: those of theme_load() and paint_create(). */
MUST_CHECK enum status look_create(const struct look_options *options, struct look **look,
                                   struct fault *fault);
void look_destroy(struct look *look);

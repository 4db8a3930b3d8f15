#pragma once

#include <cairo.h>

#include "overlay/theme.h"
#include "server/model/fault.h"

/*
 * The theme's logo: a PNG drawn once onto the full-screen ground.
 *
 * Its file may have THEME_LOGO_SIZE_MAX bytes and THEME_LOGO_SIDE_MAX_PX a side; larger ones are
 * refused by what their header says, before anything is decoded.
 */

/*
 * Draws it into the theme's box on `ground`, which shows the whole canvas; nothing where the theme
 * names none. Errors, with $.logo.file: STATUS_IO: no PNG that can be read; STATUS_LIMIT: too
 * large.
 */
MUST_CHECK enum status logo_draw(const struct theme *theme, cairo_surface_t *ground,
                                 struct fault *fault);

#pragma once

#include "overlay/output.h"

/*
 * What stands behind the graphics: a colour, a picture, or nothing where alpha goes out.
 * Made once, before the clock starts.
 */
enum background_kind {
    BACKGROUND_INVALID = 0,
    BACKGROUND_COLOUR,
    BACKGROUND_FILE,
    BACKGROUND_ALPHA
};

/* path is borrowed from the text that was parsed; colour 0xRRGGBB. */
struct background {
    enum background_kind kind;
    uint32_t colour;
    const char *path;
};

/* "#rrggbb", "alpha", or else the name of a picture. STATUS_INVALID: '#' and no colour. */
MUST_CHECK enum status background_parse(const char *text, struct background *background,
                                        struct fault *fault);

/*
 * Draws it into `frame`, I420 of the format's size (width × height × 3 / 2 bytes, no padding), with
 * the same filters as graphics. A picture is scaled to the size; its alpha is ignored.
 * STATUS_IO: the picture cannot be read; STATUS_NOMEM. Not for BACKGROUND_ALPHA.
 */
MUST_CHECK enum status background_draw(const struct background *background,
                                       const struct format *format, uint8_t *frame,
                                       struct fault *fault);

#pragma once

#include <cairo.h>

#include "server/model/fault.h"

/*
 * PNG files from outside: logos and portraits. What is too large is refused by what its header
 * says, before anything is decoded.
 */
struct png_limits {
    long size_max;        /* bytes of the file */
    uint32_t side_max_px; /* width and height */
    uint64_t pixel_max;   /* width × height */
};

/*
 * Reads `path`; *surface is given. where: of the fault. Errors: STATUS_IO: no PNG that can be read;
 * STATUS_LIMIT: too large. Any thread.
 */
MUST_CHECK enum status png_file_read(const char *path, const char *where,
                                     const struct png_limits *limits, cairo_surface_t **surface,
                                     struct fault *fault);

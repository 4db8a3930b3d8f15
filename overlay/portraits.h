#pragma once

#include <cairo.h>

#include "server/model/fault.h"

/*
 * Portraits: a folder of PNG files, CONTEST-ID.png for a subject's or candidate's strap.
 *
 * They are read once, by a thread of their own, so that no picture waits for one; each is cropped
 * to PORTRAIT_WIDTH_PX × PORTRAIT_HEIGHT_PX, from the middle and the top. A file that cannot be
 * read is said once and left out. Beyond PORTRAIT_MAX files, the first by name count.
 *
 * Threads: the painter's, beside the reading one.
 */
#define PORTRAIT_MAX 512           /* 300 kB each */
#define PORTRAIT_FILE_MAX 8388608  /* bytes of a file */
#define PORTRAIT_PIXEL_MAX 4194304 /* of a file: four megapixels */
#define PORTRAIT_WIDTH_PX 240
#define PORTRAIT_HEIGHT_PX 320

struct portraits;

/* dir: kept. Errors: STATUS_IO (no such folder), STATUS_NOMEM. *portraits is given. */
MUST_CHECK enum status portraits_open(const char *dir, struct portraits **portraits,
                                      struct fault *fault);
/* Ends the reading. NULL is accepted. */
void portraits_close(struct portraits *portraits);

/* Waits until all are read. */
void portraits_wait(struct portraits *portraits);

/*
 * Since when, in ns of CLOCK_MONOTONIC, the portrait called `name` ("CONTEST-ID") is there: 0: not
 * yet; -1: there is none, or it cannot be read. portraits: NULL: -1.
 */
int64_t portraits_since_ns(struct portraits *portraits, const char *name);

/* Its picture, borrowed until portraits_close(); NULL: not there. */
cairo_surface_t *portraits_surface(struct portraits *portraits, const char *name);

/*
 * Reads the portrait of DIR/NAME.png and crops it. *surface is given. Errors: those of
 * png_file_read(), with `where`.
 */
MUST_CHECK enum status portrait_read(const char *dir, const char *name, const char *where,
                                     cairo_surface_t **surface, struct fault *fault);

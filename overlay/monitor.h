#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "overlay/format.h"
#include "overlay/graphic.h"
#include "server/model/fault.h"

/*
 * The small picture of a bus, for the desk: what was painted over one colour, scaled to at most
 * MONITOR_WIDTH × MONITOR_HEIGHT pixels with a box filter, as PNG.
 *
 * Where the format is not 16:9 it stands in the middle, black at its sides. The painter's thread
 * only scales what changed, after its graphic is out; a thread of the monitor's own does the rest.
 */
#define MONITOR_WIDTH 480
#define MONITOR_HEIGHT 270
#define MONITOR_GAP_MS 200   /* at least between two pictures */
#define MONITOR_KEEP_MS 4000 /* after so long the same picture is sent again */
#define MONITOR_SIZE_MAX 65536

struct monitor;

/* bytes: of one PNG, size 1 .. MONITOR_SIZE_MAX, borrowed. Called on the monitor's thread. */
typedef void (*monitor_made_fn)(void *ctx, const uint8_t *bytes, size_t size);

/* colour 0xRRGGBB. *monitor is given. STATUS_NOMEM: no memory or no thread. */
MUST_CHECK enum status monitor_create(const struct format *format, uint32_t colour,
                                      monitor_made_fn made, void *ctx, struct monitor **monitor,
                                      struct fault *fault);

/*
 * A picture was painted: canvas as in graphic_publish(), rects what changed since the call before.
 * is_hidden: graphics are off, only the colour is seen. Never waits.
 */
void monitor_show(struct monitor *monitor, const uint8_t *canvas, uint32_t stride_size,
                  const struct rect *rects, uint32_t rect_count, bool is_hidden, int64_t now_ns);

/* Pictures that came out larger than MONITOR_SIZE_MAX, or not at all. */
uint64_t monitor_dropped_total(const struct monitor *monitor);

/* Ends its thread; NULL is accepted. */
void monitor_destroy(struct monitor *monitor);

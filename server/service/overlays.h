#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "server/model/air_report.h"
#include "server/model/event.h"

/*
 * What each connected overlay said of itself last. In memory only, of no use to any count.
 *
 * An overlay says so once a second. One that is connected and silent for OVERLAY_FRESH_MS is not
 * live: nobody shows its figures as if they were of now. Pure: the time is passed in. One thread.
 */
/* Overlays that are kept, OVERLAY_MAX of the protocol; what a further one says is passed over. */
#define OVERLAY_PLACES 16
#define OVERLAY_FRESH_MS 5000

/* conn is kept + 1; 0: the place is free. */
struct overlay {
    uint32_t conn;
    int64_t heard_ms; /* CLOCK_MONOTONIC */
    char post[ID_SIZE];
    struct air_report report;
};

struct overlays {
    struct overlay places[OVERLAY_PLACES];
    uint64_t passed_total; /* reports for which there was no place */
};

/* `report` is copied; it replaces what this connection said before. */
void overlays_put(struct overlays *overlays, uint32_t conn, const char *post,
                  const struct air_report *report, int64_t steady_ms);

/* The connection is gone, and what it said with it. */
void overlays_leave(struct overlays *overlays, uint32_t conn);

/* The overlay at `place`, 0 .. OVERLAY_PLACES - 1, borrowed; NULL: none there that is live. */
const struct overlay *overlays_at(const struct overlays *overlays, uint32_t place,
                                  int64_t steady_ms);

#include "server/service/overlays.h"

#include <stddef.h>
#include <stdio.h>

void overlays_put(struct overlays *overlays, uint32_t conn, const char *post,
                  const struct air_report *report, int64_t steady_ms)
{
    struct overlay *own = NULL;
    struct overlay *empty = NULL;
    for (uint32_t i = 0; i < OVERLAY_PLACES; i++) {
        struct overlay *overlay = &overlays->places[i];
        if (overlay->conn == conn + 1) {
            own = overlay;
        } else if (overlay->conn == 0 && empty == NULL) {
            empty = overlay;
        }
    }
    own = own != NULL ? own : empty;
    if (own == NULL) {
        overlays->passed_total++;
        return;
    }
    own->conn = conn + 1;
    own->heard_ms = steady_ms;
    own->report = *report;
    snprintf(own->post, sizeof(own->post), "%s", post);
}

void overlays_leave(struct overlays *overlays, uint32_t conn)
{
    for (uint32_t i = 0; i < OVERLAY_PLACES; i++) {
        if (overlays->places[i].conn == conn + 1) {
            overlays->places[i] = (struct overlay){ .conn = 0 };
        }
    }
}

const struct overlay *overlays_at(const struct overlays *overlays, uint32_t place,
                                  int64_t steady_ms)
{
    const struct overlay *overlay = &overlays->places[place];
    return overlay->conn != 0 && steady_ms - overlay->heard_ms <= OVERLAY_FRESH_MS ? overlay : NULL;
}

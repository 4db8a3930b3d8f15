#pragma once

#include <stdint.h>

#include "server/model/programme.h"
#include "server/protocol/message.h"
#include "server/service/publisher.h"

/*
 * The small pictures that overlays send of what is on each bus. In memory only; the latest wins,
 * whoever sent it. One that is older than PICTURES_FRESH_MS, or whose overlay is gone, is none.
 * One thread.
 */
#define PICTURES_JOINS 16 /* connections whose parts are joined; those of a further one are lost   \
                           */
#define PICTURES_FRESH_MS 10000

/* blob NULL: none. version rises with every picture. conn: who sent it, + 1. */
struct bus_picture {
    struct blob *blob;
    uint64_t version;
    int64_t heard_ms; /* CLOCK_MONOTONIC */
    uint32_t conn;
};

/* Parts so far of one picture of connection conn - 1; 0: the place is free. bytes: malloc(). */
struct picture_join {
    uint32_t conn;
    enum bus bus;
    uint64_t number;
    uint32_t size;
    uint32_t part_count;
    uint8_t *bytes;
};

struct pictures {
    struct bus_picture buses[BUS_COUNT];
    struct picture_join joins[PICTURES_JOINS];
    uint64_t lost_total; /* parts without a place or without those before them */
};

void pictures_put(struct pictures *pictures, uint32_t conn, const struct picture_part *part,
                  int64_t steady_ms);

/* The connection is gone, and its pictures with it. */
void pictures_leave(struct pictures *pictures, uint32_t conn);

/* The picture of a bus, borrowed; NULL: there is none that is fresh. */
const struct bus_picture *pictures_at(const struct pictures *pictures, enum bus bus,
                                      int64_t steady_ms);

void pictures_finish(struct pictures *pictures);

#include "server/service/pictures.h"

#include <stdlib.h>
#include <string.h>

/* The place where parts of this connection are joined; NULL: all are taken, or no memory. */
static struct picture_join *join_of(struct pictures *pictures, uint32_t conn)
{
    struct picture_join *empty = NULL;
    for (uint32_t i = 0; i < PICTURES_JOINS; i++) {
        struct picture_join *join = &pictures->joins[i];
        if (join->conn == conn + 1) {
            return join;
        }
        if (join->conn == 0 && empty == NULL) {
            empty = join;
        }
    }
    if (empty == NULL) {
        return NULL;
    }
    empty->bytes = malloc(PICTURE_SIZE_MAX);
    empty->conn = empty->bytes != NULL ? conn + 1 : 0;
    empty->part_count = 0;
    return empty->bytes != NULL ? empty : NULL;
}

static void picture_set(struct bus_picture *picture, const struct picture_join *join,
                        int64_t steady_ms)
{
    struct blob *blob = blob_create((const char *)join->bytes, join->size);
    if (blob == NULL) {
        return; /* the one before it stays until it is too old */
    }
    blob_unref(picture->blob);
    picture->blob = blob;
    picture->version++;
    picture->heard_ms = steady_ms;
    picture->conn = join->conn;
}

void pictures_put(struct pictures *pictures, uint32_t conn, const struct picture_part *part,
                  int64_t steady_ms)
{
    struct picture_join *join = join_of(pictures, conn);
    if (join != NULL && part->part == 0) {
        join->bus = part->bus;
        join->number = part->number;
        join->size = part->size;
        join->part_count = 0;
    }
    if (join == NULL || join->part_count != part->part || join->bus != part->bus ||
        join->number != part->number || join->size != part->size) {
        pictures->lost_total++;
        return;
    }
    uint32_t begin = part->part * PICTURE_PART_SIZE;
    memcpy(join->bytes + begin, part->bytes, part->part_size);
    join->part_count++;
    if (begin + part->part_size == join->size) {
        picture_set(&pictures->buses[join->bus], join, steady_ms);
        join->part_count = UINT32_MAX; /* a part that is sent twice begins nothing */
    }
}

static void picture_drop(struct bus_picture *picture)
{
    blob_unref(picture->blob);
    picture->blob = NULL;
    picture->conn = 0;
}

void pictures_leave(struct pictures *pictures, uint32_t conn)
{
    for (uint32_t i = 0; i < PICTURES_JOINS; i++) {
        if (pictures->joins[i].conn == conn + 1) {
            free(pictures->joins[i].bytes);
            pictures->joins[i] = (struct picture_join){ .conn = 0 };
        }
    }
    for (int bus = BUS_INVALID + 1; bus < BUS_COUNT; bus++) {
        if (pictures->buses[bus].conn == conn + 1) {
            picture_drop(&pictures->buses[bus]);
        }
    }
}

const struct bus_picture *pictures_at(const struct pictures *pictures, enum bus bus,
                                      int64_t steady_ms)
{
    const struct bus_picture *picture = &pictures->buses[bus];
    return picture->blob != NULL && steady_ms - picture->heard_ms <= PICTURES_FRESH_MS ? picture
                                                                                       : NULL;
}

void pictures_finish(struct pictures *pictures)
{
    for (uint32_t i = 0; i < PICTURES_JOINS; i++) {
        free(pictures->joins[i].bytes);
    }
    for (int bus = BUS_INVALID + 1; bus < BUS_COUNT; bus++) {
        picture_drop(&pictures->buses[bus]);
    }
}

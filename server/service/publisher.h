#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/core/sitting.h"
#include "server/model/fault.h"
#include "server/model/view.h"

/*
 * The publisher: at most every publish interval one view for each audience, encoded once.
 *
 * Every view comes from core/disclosure. Epochs count what was published to an audience; they are
 * reserved in the log in blocks before one is sent, so that none repeats or falls after a crash. An
 * audience whose view did not change gets none. One thread.
 */
struct publisher;

/*
 * Bytes shared by all who are sent them. Counted references; data[-BLOB_HEADROOM .. -1] may be
 * written by whoever sends (frame headers), data[0 .. size) never changes.
 */
#define BLOB_HEADROOM 32
struct blob {
    uint32_t refs;
    size_t size;
    char *data;
};
struct blob *blob_create(const char *data, size_t size); /* one reference, given; NULL: no memory */
struct blob *blob_ref(struct blob *blob);
void blob_unref(struct blob *blob); /* NULL is accepted */

/*
 * Asks for epochs up to `upto`; publisher_reserved() follows when they are in the log, or found no
 * room there. False: not now; it is asked again at the next tick.
 */
typedef bool (*publisher_reserve_fn)(void *ctx, uint64_t upto);

/* sitting, log_id: kept. `reserve` is called from publisher_tick() only. *publisher is given. */
MUST_CHECK enum status publisher_create(const struct sitting *sitting, const char *log_id,
                                        publisher_reserve_fn reserve, void *ctx,
                                        struct publisher **publisher, struct fault *fault);
void publisher_destroy(struct publisher *publisher);

/*
 * So many are in the log; what was asked for beyond them is not on its way any more, and is asked
 * for again when it is needed.
 */
void publisher_reserved(struct publisher *publisher, uint64_t upto);

/* Something may have changed; the next tick looks. */
void publisher_touch(struct publisher *publisher);

/*
 * Makes and encodes what changed. now_ms: Unix time in ms. Returns the audiences with a new view as
 * bits (1 << audience); 0 when nothing changed or epochs are still being reserved.
 */
uint32_t publisher_tick(struct publisher *publisher, int64_t now_ms);

/* The newest view message of an audience, borrowed; NULL before the first. */
struct blob *publisher_view(const struct publisher *publisher, enum audience audience);
/* Its epoch; 0 before the first. */
uint64_t publisher_epoch(const struct publisher *publisher, enum audience audience);

/*
 * The document of GET /api/v1/view for an audience, of the same epoch as publisher_view();
 * borrowed, made when first asked for. Where a round that is over was counted since that view, a
 * view of it comes first, and the next tick tells of it. NULL before the first view, while the
 * epochs for that are being reserved, or without memory.
 */
struct blob *publisher_document(struct publisher *publisher, enum audience audience,
                                int64_t now_ms);

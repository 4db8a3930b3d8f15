#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "overlay/scene.h"
#include "overlay/scene_motion.h"
#include "server/model/programme.h"
#include "server/model/view.h"

/*
 * The newest of what the server let out: view, words of the event, closed figures by hash,
 * programme. Pure: the time is passed in; no lock here, the painter holds one around it.
 *
 * A view whose words or closed figures are not here yet waits until they are, and the one before
 * it is shown meanwhile, so that a picture never mixes two epochs and never loses a figure that
 * is on its way. After LATEST_WAIT_MS it is shown with what is here.
 */
#define LATEST_CLOSED_MAX                                                                          \
    (2 * SUBJECT_MAX) /* of the newest document, and of the view before it                         \
                       */
#define LATEST_WAIT_MS 3000

struct latest;

enum latest_outcome {
    LATEST_INVALID = 0,
    LATEST_TAKEN,
    LATEST_SAME,     /* the epoch that is here already */
    LATEST_UNSOUND,  /* its sums do not agree: dropped and counted */
    LATEST_BACKWARD, /* an older epoch of the same log: dropped and counted */
    LATEST_NEW_LOG,  /* taken; epochs start anew */
};

/* change_ms: how long bars move, for `motion`. NULL: no memory. */
struct latest *latest_create(int64_t change_ms);
void latest_destroy(struct latest *latest);

/* `view` is copied. */
enum latest_outcome latest_put_view(struct latest *latest, const struct view *view, int64_t now_ns);

/*
 * Takes the words and closed figures out of `document`, and its view when it is newer. What is
 * left in it is still the caller's to finish. Unsound figures, or ones that are not what their
 * hash says, are dropped and counted. Returns what became of the document's view.
 */
enum latest_outcome latest_put_document(struct latest *latest, struct document *document,
                                        int64_t now_ns);

/* Another change_ms, for what is heard from now on. */
void latest_change_ms_set(struct latest *latest, int64_t change_ms);

/* `programme` is copied. */
void latest_put_programme(struct latest *latest, const struct programme *programme);

/* The server said its Unix time, heard at now_ns; 0 says nothing. */
void latest_put_time(struct latest *latest, int64_t unix_ms, int64_t now_ns);

/* The server's Unix time for the picture of now_ns, 0: not known. Once a picture. */
int64_t latest_server_ms(struct latest *latest, int64_t now_ns);

/* When the view that is shown was made, CLOCK_MONOTONIC by the server's clock; 0: not known. */
int64_t latest_view_ns(const struct latest *latest);

/* Brings a waiting view up when it is complete or has waited long enough. Call before drawing. */
void latest_settle(struct latest *latest, int64_t now_ns);

/* Whether the document has to be fetched for the newest view. */
bool latest_is_missing(const struct latest *latest);

/* What scenes draw from: texts, view, closed, closed_hashes, closed_count and motion of `data`. */
void latest_data(const struct latest *latest, struct scene_data *data);

/* NULL before the first one was heard. */
const struct programme *latest_programme(const struct latest *latest);

/* The newest epoch heard, shown or not; 0: none. */
uint64_t latest_epoch(const struct latest *latest);

/* One that could not even be read was dropped. */
void latest_drop(struct latest *latest);

/* Views and figures dropped so far. */
uint64_t latest_dropped_total(const struct latest *latest);

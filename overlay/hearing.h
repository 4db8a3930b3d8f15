#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "overlay/latest.h"
#include "server/model/air_report.h"
#include "server/model/fault.h"
#include "server/model/programme.h"

/*
 * The painter's ear: one thread that keeps the connection to the server, hears views and the
 * programme, fetches documents, and puts all of it into one `latest` behind one lock.
 *
 * It never gives up: what fails is tried again, and said once. Logs by note_event().
 *
 * Threads: create, destroy, lock and unlock on the painter's thread; the rest is its own.
 */
struct hearing;

/*
 * All strings are borrowed until hearing_destroy(). token_file NULL: a viewer without a token.
 * bus: the preview needs an operator's token, the programme an overlay's or a screen's.
 */
struct hearing_options {
    const char *url;
    const char *token_file;
    const char *ca_file;
    enum bus bus;
    int64_t change_ms; /* of latest_create() */
};

/*
 * *hearing is given; its thread runs. Errors: STATUS_INVALID (url, ca_file), STATUS_IO (no thread),
 * STATUS_NOMEM.
 */
MUST_CHECK enum status hearing_create(const struct hearing_options *options,
                                      struct hearing **hearing, struct fault *fault);

/* Stops the thread and waits for it, at most a second: a hung one goes with the process. */
void hearing_destroy(struct hearing *hearing);

/* The latest, borrowed until hearing_unlock(). Hold it only while a scene is built. */
struct latest *hearing_lock(struct hearing *hearing);
void hearing_unlock(struct hearing *hearing);

/*
 * What the overlay says of itself now; copied. The newest is sent once a second, by a connection
 * that says whose it is: not by a viewer's.
 */
void hearing_report(struct hearing *hearing, const struct air_report *report);

/* The small picture of the bus, for the desk; 1 .. PICTURE_SIZE_MAX bytes, copied. Any thread. */
void hearing_picture(struct hearing *hearing, const uint8_t *bytes, size_t size);

/* Whether the server answers at the moment. */
bool hearing_is_connected(const struct hearing *hearing);

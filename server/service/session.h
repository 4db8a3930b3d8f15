#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "server/model/fault.h"
#include "server/service/custody.h"
#include "server/service/overlays.h"
#include "server/service/pictures.h"
#include "server/service/publisher.h"
#include "server/service/room.h"

/*
 * Sessions: who each connection is, what it may send, and what it still has to hear.
 *
 * A fixed table: connection `conn` is place conn of it. It reads messages, checks the role on every
 * one, hands casts and acts to the room, and writes the answers. It knows no socket: bytes go out
 * through `struct wire`. One thread.
 */
struct sessions;

/* How bytes leave. All are called on the loop thread; `conn` is always one that is open. */
struct wire {
    /* Queues one message (copied) for the connection. */
    void (*send)(void *ctx, uint32_t conn, const char *data, size_t size);
    /* Closes after what is queued was sent. `code` as in minping-protocol(7). */
    void (*hang_up)(void *ctx, uint32_t conn, uint16_t code, const char *reason);
    /* A newer view waits: ask sessions_view() when the connection can take it. */
    void (*view_ready)(void *ctx, uint32_t conn);
    void *ctx;
};

struct session_counts {
    uint64_t message_total;
    uint64_t ack_total;
    uint64_t refused_total[REFUSAL_COUNT];
    uint32_t open[ROLE_COUNT]; /* ROLE_INVALID: no hello yet */
};

#define SESSION_HELLO_MS 2000     /* a connection without a hello is closed after this */
#define SESSION_BAD_MESSAGE_MAX 3 /* bad messages before 1008 */
#define SESSION_PENALTY_MS 10000  /* … and how long their sender waits for another welcome */
#define SESSION_SPARE 1024        /* connections without a hello beyond the roll */
#define SESSION_CAST_MS 200       /* TRUST: 5 casts a second of one voter … */
#define SESSION_CAST_BURST 40     /* … after as many at once as a card has items; then `busy` */

/* What the sessions ask of the house; answered by sessions_done() or sessions_refused(). */
struct house {
    void (*backup)(void *ctx, struct sender sender, uint64_t id);
    void *ctx;
};

/* conn_max: places. All but wire and house (copied) are kept. *sessions is given. */
struct session_options {
    const struct event *event;
    const struct custody *custody;
    struct room *room;
    struct publisher *publisher;
    const char *log_id;
    struct wire wire;
    struct house house;
    uint32_t conn_max;
    bool is_disk_unsafe;
};
MUST_CHECK enum status sessions_create(const struct session_options *options,
                                       struct sessions **sessions, struct fault *fault);
void sessions_destroy(struct sessions *sessions);

/* A connection opened in place `conn`; is_desk: on the desk's listener. steady_ms: as in a moment.
 */
void sessions_opened(struct sessions *sessions, uint32_t conn, bool is_desk, int64_t steady_ms);
void sessions_closed(struct sessions *sessions, uint32_t conn);

/*
 * Where it comes from: addresses that say failed hellos are answered at a pace, pace.h. 0, as at
 * first: answered at once.
 */
void sessions_set_address(struct sessions *sessions, uint32_t conn, uint64_t address);

/* Whether it said a valid hello and was not told to go. */
bool sessions_is_known(const struct sessions *sessions, uint32_t conn);

/* Whether its role hears many answers: base stations and posts, not voters and viewers. */
bool sessions_asks_much(const struct sessions *sessions, uint32_t conn);

/* One whole text message, size 1 .. MESSAGE_SIZE_MAX, borrowed. */
void sessions_message(struct sessions *sessions, uint32_t conn, const char *text, size_t size,
                      struct moment now);

/* Closes connections whose hello is overdue, says what was delayed. Call about every 250 ms. */
void sessions_sweep(struct sessions *sessions, int64_t steady_ms);

/* The newest view the connection has not been given, borrowed; NULL: it has it. Marks it given. */
struct blob *sessions_view(struct sessions *sessions, uint32_t conn);

/* Answers from the room; `sessions` as ctx of room_handlers. */
void sessions_acked(void *ctx, struct sender sender, const struct ack *ack);
void sessions_done(void *ctx, struct sender sender, const struct done *done);
void sessions_refused(void *ctx, struct sender sender, const struct refused *refused);
void sessions_round_changed(void *ctx);
void sessions_programme_changed(void *ctx);

/*
 * The roll changed: connections whose credential was revoked end, pads that were there before
 * check-in opened are counted in. steady_ms: as in a moment.
 */
void sessions_roll_changed(struct sessions *sessions, int64_t steady_ms);

/*
 * The log's disk is so from now on: told to the desk, and in each status. `text`: why, for a
 * person; cut where it is too long.
 */
void sessions_storage(struct sessions *sessions, enum storage storage, const char *text);

/* New views for these audiences (bits 1 << audience). */
void sessions_published(struct sessions *sessions, uint32_t audiences);

/* Whether this role hears views. */
bool role_hears_views(enum role role);

const struct session_counts *sessions_counts(const struct sessions *sessions);

/* What the overlays say of themselves. Borrowed. */
const struct overlays *sessions_overlays(const struct sessions *sessions);

/* The small pictures of the buses. Borrowed. */
const struct pictures *sessions_pictures(const struct sessions *sessions);

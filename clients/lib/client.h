#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/model/fault.h"
#include "server/protocol/message.h"

/*
 * The client library: everything in C that talks to minpingd uses it. Many connections on one loop.
 *
 * Connects over ws:// or wss:// (certificate and host name verified), says hello, reconnects with
 * jittered back-off (250 ms doubling to 5 s, each × 0.5 … 1.5), keeps what was cast until it is
 * acknowledged and sends it again after a reconnect, hears views and notices, sends control.
 * Never logs, exits or blocks outside client_loop_run(). It turns the log of libwebsockets off and
 * ignores SIGPIPE for the process; a proxy named by the environment is not used.
 *
 * Threads: everything on the thread that runs the loop, except client_loop_wake().
 */
struct client_loop;
struct client;

/*
 * ca_file     PEM of the authorities to trust for wss://, or NULL for the system's
 * client_max  1 .. 16000 connections this loop may hold at once; the process's limit of open files
 *             (RLIMIT_NOFILE) must have room for them, and bounds the memory of the socket table
 * Errors: STATUS_INVALID (ca_file unreadable), STATUS_NOMEM. *loop is given.
 */
MUST_CHECK enum status client_loop_create(const char *ca_file, uint32_t client_max,
                                          struct client_loop **loop, struct fault *fault);
void client_loop_destroy(struct client_loop *loop); /* after its clients; NULL is accepted */

/* Runs until client_loop_stop() or until_ns of CLOCK_MONOTONIC; 0: once, without waiting. */
void client_loop_run(struct client_loop *loop, int64_t until_ns);
void client_loop_stop(struct client_loop *loop);

/* Any thread: `wake` is soon called once on the loop's thread. */
typedef void (*client_wake_fn)(void *ctx);
void client_loop_on_wake(struct client_loop *loop, client_wake_fn wake, void *ctx);
void client_loop_wake(struct client_loop *loop);

/* Calls `tick` every period_ms (1 .. 60000) on the loop's thread; 0 stops. One for each loop. */
typedef void (*client_tick_fn)(void *ctx);
void client_loop_every(struct client_loop *loop, uint32_t period_ms, client_tick_fn tick,
                       void *ctx);

enum client_state {
    CLIENT_INVALID = 0,
    CLIENT_CONNECTING, /* or waiting to try again */
    CLIENT_READY,      /* welcome was heard */
    CLIENT_REFUSED,    /* bad credential, version or role, or replaced by a newer one: final */
};

/*
 * What a client reports; any may be NULL. All pointers are borrowed for the call. No callback
 * may destroy the client; client_close() is allowed.
 *
 * state      a change of state, or a further try that failed; `fault` says why when it is not READY
 *            (may be NULL)
 * acked      a cast is recorded: an outcome for each card
 *            (also told again, with an id that is known, when a resend is answered)
 * refused    a cast or control was refused for good. Of a cast, busy (after 100 … 400 ms), storage
 *            full (after 300 … 1000 ms), storage (after 1 … 3 s: the server starts anew) and paused
 *            (once the round resumes) are retried here and not told
 * unread     a message of a known type could not be read: `fault` says where. It changed nothing.
 *            One of an unknown type is a newer server's and is passed over
 */
struct client_handlers {
    void (*state)(void *ctx, enum client_state state, const struct fault *fault);
    void (*welcome)(void *ctx, const struct welcome *welcome);
    void (*round)(void *ctx, const struct round_notice *round);
    void (*acked)(void *ctx, const struct ack *ack);
    void (*refused)(void *ctx, const struct refused *refused);
    void (*view)(void *ctx, const struct view *view);
    void (*programme)(void *ctx, const struct programme *programme);
    void (*done)(void *ctx, const struct done *done);
    void (*status)(void *ctx, const struct status_report *status);
    void (*cases)(void *ctx, const struct cases_report *cases);
    void (*unread)(void *ctx, const struct fault *fault);
};

/*
 * url         "ws://host:port" or "wss://host:port" ("http", "https" mean the same); /ws is added
 * role        credential (voters) or token (posts) as it needs; both copied, either may be NULL.
 *             The token of a viewer is used by client_fetch() alone
 * local       local address to connect from ("127.0.0.2"), or NULL
 * handlers, ctx  kept until the client is destroyed
 * Errors: STATUS_INVALID (url), STATUS_FULL (client_max), STATUS_NOMEM. *client is given; it begins
 * to connect in the next client_loop_run().
 */
struct client_options {
    const char *url;
    enum role role;
    const char *credential;
    const char *token;
    const char *local;
};
MUST_CHECK enum status client_create(struct client_loop *loop, const struct client_options *options,
                                     const struct client_handlers *handlers, void *ctx,
                                     struct client **client, struct fault *fault);
void client_destroy(struct client *client);

/*
 * Ends the connection for good and tries no further; its state is then REFUSED, told to nobody.
 * What waits is kept until the client is destroyed. Allowed in a handler, unlike client_destroy().
 */
void client_close(struct client *client);

/* Drops the socket as a failing network would; the client reconnects by itself. For simulations. */
void client_drop(struct client *client);
/* Sends again every cast that is not acknowledged, or the last acknowledged one if none waits. */
void client_resend(struct client *client);

enum client_state client_state(const struct client *client);

/*
 * Casts: kept and resent until acknowledged or refused for good. `cast` is copied; its id is set by
 * the library and returned in *id. A card in flight for the same round is not replaced: both go,
 * in order. Errors: STATUS_FULL (64 casts wait), STATUS_LIMIT (it does not fit a message),
 * STATUS_DENIED (the client was refused or closed), STATUS_NOMEM.
 */
#define CLIENT_CAST_WAIT_MAX 64
MUST_CHECK enum status client_cast(struct client *client, const struct cast *cast, uint64_t *id);

/* Casts that wait for their ack. */
uint32_t client_cast_waiting(const struct client *client);

/*
 * Sends one control message once (not resent after a reconnect: an officer decides that). Its
 * answer comes to `done`, `status` or `refused`; none comes when the connection is lost meanwhile.
 * Errors: STATUS_BUSY (not READY or one under way), STATUS_INVALID (not encodable), STATUS_NOMEM.
 */
MUST_CHECK enum status client_control(struct client *client, const struct control *control,
                                      uint64_t *id);

/*
 * Says what an overlay is doing, once: not kept for a later connection, not answered when it is
 * well. Of two that wait only the newer is sent. Errors: STATUS_BUSY (not READY), STATUS_INVALID
 * (not encodable), STATUS_NOMEM.
 */
MUST_CHECK enum status client_report(struct client *client, const struct air_report *report);

/*
 * Sends the small picture of a bus, a PNG of 1 .. PICTURE_SIZE_MAX bytes, copied; as
 * client_report(). A picture under way goes out whole; of those that wait behind it the newest is
 * sent. Errors: as of client_report().
 */
MUST_CHECK enum status client_picture(struct client *client, enum bus bus, const uint8_t *bytes,
                                      size_t size);

/*
 * GET `path` from the same server, with the client's token as bearer. At most one under way for
 * each client; `fetched` is called once, later: status 200 and the body (borrowed), another HTTP
 * status, or 0 where there was no answer (within 10 s). Body at most DOCUMENT_SIZE_MAX.
 * Errors: STATUS_BUSY (one is under way), STATUS_INVALID (path), STATUS_NOMEM.
 */
typedef void (*client_fetched_fn)(void *ctx, int http_status, const char *body, size_t size);
MUST_CHECK enum status client_fetch(struct client *client, const char *path,
                                    client_fetched_fn fetched, void *ctx);

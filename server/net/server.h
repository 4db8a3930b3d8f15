#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "server/model/event.h"
#include "server/model/fault.h"
#include "server/service/custody.h"
#include "server/service/publisher.h"
#include "server/service/room.h"
#include "server/service/session.h"

/*
 * The network side of minpingd: two listeners, WebSocket connections, the HTTP documents and pages.
 *
 * It carries bytes between sockets and service/session and decides nothing about votes. Threads:
 * everything on the thread that runs the loop.
 */
struct server;

/*
 * loop        runs everything; kept
 * listen_at   "HOST:PORT" for voters and viewers; desk_at for the desk. HOST an address of this
 *             machine ("127.0.0.1", "[::1]", "0.0.0.0"), PORT 0 takes a free one
 * tls_cert, tls_key  PEM files for both listeners, or both NULL
 * The rest: what answers are made of; kept.
 */
struct server_options {
    uv_loop_t *loop;
    const char *listen_at;
    const char *desk_at;
    const char *tls_cert;
    const char *tls_key;
    const struct event *event;
    const struct custody *custody;
    struct room *room;
    struct publisher *publisher;
    struct votelog *log;
    const char *log_id;
    struct house house;
    bool is_disk_unsafe;
};

/*
 * Binds both listeners and makes the tables; accepts nothing before server_start(). Errors:
 * STATUS_INVALID (HOST:PORT malformed, certificate or key unusable), STATUS_BUSY (port in use),
 * STATUS_IO (address not local), STATUS_NOMEM; each fault names the option. *server is given.
 */
MUST_CHECK enum status server_create(const struct server_options *options, struct server **server,
                                     struct fault *fault);

/* Accepts from now on. */
void server_start(struct server *server);

/* "127.0.0.1:8080": where a listener is, as bound. Borrowed. */
const char *server_listen_address(const struct server *server);
const char *server_desk_address(const struct server *server);

struct sessions *server_sessions(struct server *server);

/* Ends who says no hello, pings who is silent, ends who stays so. Call every SERVER_SWEEP_MS. */
#define SERVER_SWEEP_MS 250
void server_sweep(struct server *server);

/* Reads no further message; what is queued still goes out. For a clean stop. */
void server_quiesce(struct server *server);

/* Closes every connection with this code and reason once its queue is sent. */
void server_hang_up_all(struct server *server, uint16_t code, const char *reason);
uint32_t server_connection_count(const struct server *server);

/* Closes what is left, frees. The loop must still run once to let handles go. */
void server_destroy(struct server *server);

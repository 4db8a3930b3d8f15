#pragma once

/* What the files of server/net share. Nobody else includes this. */

#include <libwebsockets.h>

#include "server/net/gate.h"
#include "server/net/guest.h"
#include "server/net/listener.h"
#include "server/net/readers.h"
#include "server/net/server.h"

/*
 * Places and descriptors that the public listener leaves to the desk, and the most strangers there.
 */
#define DESK_PLACES 64u

struct connection;

struct server {
    struct server_options options;
    struct lws_context *context;
    struct lws_vhost *vhosts[2];   /* [is_desk] */
    struct listener *listeners[2]; /* [is_desk] */
    struct gate *gates[2];         /* [is_desk] */
    uint32_t gate_max[2];          /* [is_desk] strangers at most */
    uint32_t known_count[2];       /* [is_desk] guests that said a valid hello */
    struct readers readers;
    struct sessions *sessions;
    struct connection **connections; /* [conn], NULL where free */
    uint32_t *free_conns;            /* a stack of free places */
    uint32_t free_count;
    uint32_t conn_max;
    uint32_t descriptor_max;
    uint32_t conn_count;
    uint32_t swept; /* place where the next slice of the sweep begins */
    uint64_t dropped_slow_total;
    uint64_t shown_out_total; /* strangers that made room */
    bool is_quiet;
};

/* Unix time in ms. */
int64_t server_now_ms(void);
/* CLOCK_MONOTONIC in ms, to a few ms. */
int64_t monotonic_ms(void);

/*
 * Whether a socket came in on the desk's listener. The vhost does not tell: lws picks it anew from
 * the Host header.
 */
static inline bool wsi_is_desk(struct lws *wsi)
{
    const struct guest *guest = guest_of(wsi);
    return guest != NULL && guest->is_desk;
}

/* lws callbacks: protocol "http" (http.c) and "minping.v1" (connection.c). */
int http_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                  size_t size);
int connection_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                        size_t size);
extern const size_t http_user_size;
extern const size_t connection_user_size;

/* The wire of service/session, `ctx` the server. */
void connection_send(void *ctx, uint32_t conn, const char *data, size_t size);
void connection_hang_up(void *ctx, uint32_t conn, uint16_t code, const char *reason);
void connection_view_ready(void *ctx, uint32_t conn);

/* Ends a socket with a reset; the rest follows on a later turn of the loop. */
void wsi_cut(struct lws *wsi);
void connection_cut(struct connection *connection);

/*
 * One slice of the table: pings who was silent for 10 s, cuts off who was for 25 s, or took nothing
 * for 7 s while something waited. Every place is looked at twice a second.
 */
void connection_sweep(struct server *server);

#pragma once

#include <libwebsockets.h>
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "clients/lib/client.h"
#include "clients/lib/endpoint.h"
#include "clients/lib/prng.h"
#include "clients/lib/wheel.h"

/*
 * What the files of the client library share. Nobody else includes it.
 *
 * A wsi names its client by a key (slot and generation), never by a pointer: a client may be
 * destroyed, or be at its next connection, while libwebsockets still closes the last one.
 */
#define LOOP_ENDPOINT_MAX 64              /* servers one loop talks to */
#define LINK_STARTING_MAX 256             /* handshakes at once: under every listen backlog */
#define LINK_HANDSHAKE_TIMEOUT_MS 10000   /* from the first packet to welcome */
#define LINK_PING_MS 10000                /* silence after which we ping */
#define LINK_HANGUP_MS 25000              /* silence after which the connection counts as dead */
#define LINK_RECEIVE_SIZE_MAX (4u << 20)  /* one message: the welcome of a base station of 8,000 */
#define CONTROL_SIZE_MAX MESSAGE_SIZE_MAX /* an act with DETAIL_SIZE bytes of lines, escaped */
#define HELLO_SIZE_MAX 512

/* A cast as it was encoded, kept until it is answered. */
struct cast_wait {
    struct cast_wait *next;
    uint64_t id;
    uint32_t size;
    bool is_sent; /* on this connection, and not refused as busy or paused since */
    char text[];
};

enum link_state {
    LINK_INVALID = 0,
    LINK_NONE,     /* no connection; the next try is at connect_ms */
    LINK_STARTING, /* libwebsockets connects, or we wait for welcome */
    LINK_READY,    /* welcome was heard */
    LINK_OFF,      /* refused for good or closed by its owner */
};

/* Pictures: the one whose parts are being sent, and the one after it. size 0: none. */
struct telling {
    uint64_t number;
    enum bus bus;
    uint32_t size;
    uint32_t part; /* the next to be sent */
    enum bus next_bus;
    uint32_t next_size;
    uint8_t bytes[PICTURE_SIZE_MAX];
    uint8_t next_bytes[PICTURE_SIZE_MAX];
};

/* One GET under way. */
struct fetch {
    struct lws *wsi;
    bool is_started;
    bool is_too_big;
    int http_status;
    uint64_t deadline_ms;
    char *body;
    size_t body_size;
    size_t body_capacity;
    client_fetched_fn fetched;
    void *ctx;
    char path[];
};

struct client {
    struct wheel_node due; /* first: the wheel hands back this node */
    struct client_loop *loop;
    struct endpoint *endpoint;
    const struct client_handlers *handlers;
    void *ctx;
    uint32_t slot;
    enum link_state link;
    struct lws *wsi;
    bool is_connected; /* TCP is */
    bool is_upgraded;  /* the WebSocket is established on wsi */
    bool is_base;
    bool is_hello_sent;
    bool is_paused; /* casts wait for the round to resume */
    bool is_ping_wanted;
    bool is_ping_sent;
    uint32_t attempt; /* tries that failed since the last welcome */
    uint64_t connect_ms;
    uint64_t deadline_ms; /* of the handshake */
    uint64_t heard_ms;    /* the last bytes from the server */
    uint64_t hold_ms;     /* casts wait until then: the server was busy */
    uint64_t next_id;
    struct cast_wait *cast_first;
    struct cast_wait *cast_last;
    struct cast_wait *acked_last; /* the last one acknowledged, for client_resend() */
    uint32_t cast_count;
    bool is_resend_wanted; /* send acked_last once more */
    uint64_t control_id;   /* of the control under way, or 0 */
    uint32_t control_size; /* waits to be sent, or 0 */
    char *control_text;
    uint32_t report_size; /* waits to be sent, or 0 */
    char *report_text;
    struct telling *telling; /* pictures; or NULL: none was ever sent */
    char *receive;           /* fragments of a message, joined */
    size_t receive_size;
    size_t receive_capacity;
    struct fetch *fetch;
    const char *certificate_error; /* static storage; NULL: none was seen */
    char *token;                   /* or NULL */
    char *local;                   /* or NULL */
    uint32_t hello_size;
    char hello[];
};

/* A place of the loop's table. The generations say which connection of which client is meant. */
struct slot {
    struct client *client;
    uint32_t generation;
};

struct client_loop {
    uv_loop_t uv;
    uv_timer_t wheel_timer;
    uv_timer_t tick_timer;
    uv_timer_t until_timer;
    uv_async_t wake_async;
    struct lws_context *context;
    struct wheel wheel;
    struct prng prng;
    uint32_t client_max;
    uint32_t client_count;
    uint32_t starting_count;
    uint32_t orphan_count; /* handles to close; its address marks them */
    const void *bound_wsi; /* the one that is being connected */
    bool is_poke_wanted;   /* libwebsockets must look at its own timers */
    struct endpoint *endpoints;
    uint32_t endpoint_count;
    client_wake_fn wake;
    void *wake_ctx;
    client_tick_fn tick;
    void *tick_ctx;
    char *ca_file;
    uint32_t *free_slots; /* free_count of them */
    uint32_t free_count;
    struct slot *slots;    /* client_max of them */
    struct message heard;  /* what is being handed to a handler */
    struct message spoken; /* what is being encoded */
    unsigned char send_buffer[LWS_PRE + MESSAGE_SIZE_MAX];
};

/* loop.c */
uint64_t loop_now_ms(const struct client_loop *loop);
MUST_CHECK enum status loop_endpoint(struct client_loop *loop, const struct url *url,
                                     struct endpoint **endpoint, struct fault *fault);

/* link.c: the connection of one client. */
extern const struct lws_protocols link_protocols[];
void link_connect(struct client *client);
/* Closes a connection from outside its callbacks; what it still reports finds no client. */
void link_kill(struct client_loop *loop, struct lws *wsi);
/* Leaves the connection there is, at once and without a word to the handlers. */
void link_leave(struct client *client);
/* Sends what may go now, or asks to be called back when the socket takes more. */
void link_flush(struct client *client);
void fetch_connect(struct client *client);

/* orphan.c: libuv handles that failed connections leave behind. */
/* lws_client_connect_via_info(), and nothing left behind when it fails at once. */
struct lws *orphan_connect(struct client_loop *loop, struct lws_client_connect_info *info);
/* `wsi` failed to connect and is still alive: marks its handle. */
void orphan_mark(struct client_loop *loop, struct lws *wsi);
/* Closes what was marked; outside the callbacks of libwebsockets. */
void orphan_sweep(struct client_loop *loop);

/* client.c: what the connection reports. */
void client_on_established(struct client *client);
void client_on_message(struct client *client, const char *text, size_t size);
void client_on_lost(struct client *client, const char *why);
/* Whether something may be sent now. */
bool client_has_text(struct client *client);
/* Copies the next thing to send into buffer[MESSAGE_SIZE_MAX] and counts it as sent. Its size. */
uint32_t client_next_text(struct client *client, char *buffer, bool *is_ping);
void client_due(struct client *client);
void client_schedule(struct client *client);

/* casts.c: what waits for its ack. */
void cast_waits_unsend(struct client *client);
struct cast_wait *cast_wait_find(const struct client *client, uint64_t id);
/* Takes it out of the queue; the caller frees it or keeps it as acked_last. */
void cast_wait_take(struct client *client, struct cast_wait *cast);
void cast_waits_free(struct client *client);

/* report.c: what an overlay says of itself, and its pictures. */
bool report_waits(const struct client *client);
/* Copies it into buffer[MESSAGE_SIZE_MAX] and counts it as sent. Its size. */
uint32_t report_next_text(struct client *client, char *buffer);
/* What waits is not sent any more. */
void report_drop(struct client *client);
void report_free(struct client *client);

/* fetch.c */
void fetch_on_body(struct client *client, const char *bytes, size_t size);
void fetch_on_end(struct client *client, bool is_whole);
void fetch_due(struct client *client, uint64_t now_ms);
void fetch_drop(struct client *client);

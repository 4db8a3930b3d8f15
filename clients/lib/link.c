#include "clients/lib/client_impl.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* A wsi's opaque data: generation, slot, and whether it fetches. */
#define KEY_FETCH 0x80000000u

static void *key_make(uint32_t generation, uint32_t slot, bool is_fetch)
{
    static_assert(sizeof(void *) == sizeof(uint64_t), "keys need 64-bit pointers");
    return (void *)(uintptr_t)(((uint64_t)generation << 32) | slot | (is_fetch ? KEY_FETCH : 0));
}

/* The client whose present connection `wsi` is, or NULL. */
static struct client *key_find(struct lws *wsi, bool *is_fetch)
{
    struct client_loop *loop = lws_context_user(lws_get_context(wsi));
    uint64_t key = (uint64_t)(uintptr_t)lws_get_opaque_user_data(wsi);
    uint32_t index = (uint32_t)key & ~KEY_FETCH;
    *is_fetch = ((uint32_t)key & KEY_FETCH) != 0;
    if (key == 0 || loop == NULL || index >= loop->client_max) {
        return NULL;
    }
    struct client *client = loop->slots[index].client;
    if (client == NULL) {
        return NULL;
    }
    if (*is_fetch) {
        return client->fetch != NULL && client->fetch->wsi == wsi ? client : NULL;
    }
    return loop->slots[index].generation == (uint32_t)(key >> 32) ? client : NULL;
}

void link_kill(struct client_loop *loop, struct lws *wsi)
{
    lws_set_opaque_user_data(wsi, NULL);
    lws_set_timeout(wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
    loop->is_poke_wanted = true;
}

void link_leave(struct client *client)
{
    struct client_loop *loop = client->loop;
    loop->slots[client->slot].generation++;
    if (client->link == LINK_STARTING) {
        loop->starting_count--;
    }
    client->link = LINK_NONE;
    client->is_connected = false;
    client->is_upgraded = false;
    client->is_hello_sent = false;
    client->is_ping_wanted = false;
    client->is_ping_sent = false;
    client->control_id = 0;
    client->control_size = 0;
    report_drop(client);
    client->receive_size = 0;
    cast_waits_unsend(client);
    if (client->wsi != NULL) {
        struct lws *wsi = client->wsi;
        client->wsi = NULL;
        link_kill(loop, wsi);
    }
}

/* What both kinds of connection have in common. */
static void connect_info_init(struct lws_client_connect_info *info, struct client *client)
{
    /* hangup 0: libwebsockets keeps no timer of its own for it (loop.c says why) */
    static const lws_retry_bo_t never = { .secs_since_valid_hangup = 0 };
    const struct url *url = &client->endpoint->url;
    memset(info, 0, sizeof(*info));
    info->context = client->loop->context;
    info->address = client->endpoint->address;
    info->port = url->port;
    info->host = url->authority;
    info->ssl_connection = LCCSCF_HTTP_NO_FOLLOW_REDIRECT | (url->is_tls ? LCCSCF_USE_SSL : 0);
    info->ietf_version_or_minus_one = -1;
    info->iface = client->local;
    info->alpn = "http/1.1";
    info->retry_and_idle_policy = &never;
    client->loop->is_poke_wanted = true; /* its connect time-out */
}

void link_connect(struct client *client)
{
    struct client_loop *loop = client->loop;
    struct lws_client_connect_info info;
    connect_info_init(&info, client);
    info.path = "/ws";
    info.protocol = PROTOCOL_SUBPROTOCOL;
    info.local_protocol_name = PROTOCOL_SUBPROTOCOL;
    uint32_t generation = ++loop->slots[client->slot].generation;
    info.opaque_user_data = key_make(generation, client->slot, false);
    client->link = LINK_STARTING;
    loop->starting_count++;
    client->deadline_ms = loop_now_ms(loop) + LINK_HANDSHAKE_TIMEOUT_MS;
    struct lws *wsi = orphan_connect(loop, &info);
    if (wsi == NULL) {
        endpoint_shut(client->endpoint);
    }
    if (loop->slots[client->slot].generation != generation) {
        return; /* it failed within the call and said so */
    }
    client->wsi = wsi;
    if (wsi == NULL) {
        client_on_lost(client, client->endpoint->error);
    }
}

void fetch_connect(struct client *client)
{
    struct fetch *fetch = client->fetch;
    struct lws_client_connect_info info;
    connect_info_init(&info, client);
    info.path = fetch->path;
    info.method = "GET";
    info.protocol = NULL;
    info.local_protocol_name = "http";
    info.opaque_user_data = key_make(0, client->slot, true);
    info.pwsi = &fetch->wsi; /* set before the first callback, so that key_find() knows it */
    fetch->is_started = true;
    if (orphan_connect(client->loop, &info) == NULL && client->fetch == fetch) {
        fetch->wsi = NULL;
        fetch_on_end(client, false);
    }
}

/*
 * One lws_write of what comes next, directly or in a WRITEABLE callback, and a request to be called
 * back where more waits. Never without need: a round through WRITEABLE costs a third more.
 */
static void link_write(struct client *client)
{
    unsigned char *payload = client->loop->send_buffer + LWS_PRE;
    bool is_ping = false;
    uint32_t size = client_next_text(client, (char *)payload, &is_ping);
    if (size == 0 && !is_ping) {
        return;
    }
    int written = lws_write(client->wsi, payload, size, is_ping ? LWS_WRITE_PING : LWS_WRITE_TEXT);
    if (written < (int)size) {
        /* The socket is gone: its callback tells. */
        shutdown(lws_get_socket_fd(client->wsi), SHUT_RDWR);
    } else if (client_has_text(client)) {
        lws_callback_on_writable(client->wsi);
    }
}

void link_flush(struct client *client)
{
    if (client->wsi == NULL || !client->is_upgraded || !client_has_text(client)) {
        return;
    }
    if (lws_partial_buffered(client->wsi) != 0) {
        lws_callback_on_writable(client->wsi);
    } else {
        link_write(client);
    }
}

/* Joins the fragments of a message; a whole one in one piece is not copied. */
static int link_receive(struct client *client, struct lws *wsi, const char *in, size_t size)
{
    client->heard_ms = loop_now_ms(client->loop);
    client->is_ping_sent = false;
    if (lws_frame_is_binary(wsi)) {
        client_on_lost(client, "the server sent a binary frame");
        return -1;
    }
    bool is_whole = lws_is_final_fragment(wsi) && lws_remaining_packet_payload(wsi) == 0;
    if (is_whole && client->receive_size == 0) {
        client_on_message(client, in, size);
        return 0;
    }
    if (size > LINK_RECEIVE_SIZE_MAX - client->receive_size) {
        client_on_lost(client, "the server sent a message that is too big");
        return -1;
    }
    if (client->receive_size + size > client->receive_capacity) {
        size_t capacity = (client->receive_size + size) * 2;
        char *grown = realloc(client->receive, capacity);
        if (grown == NULL) {
            client_on_lost(client, "no memory for a message");
            return -1;
        }
        client->receive = grown;
        client->receive_capacity = capacity;
    }
    memcpy(client->receive + client->receive_size, in, size);
    client->receive_size += size;
    if (is_whole) {
        /* Taken out first: a handler may close the client, which resets it. */
        char *text = client->receive;
        size_t text_size = client->receive_size;
        client->receive = NULL;
        client->receive_size = 0;
        client->receive_capacity = 0;
        client_on_message(client, text, text_size);
        free(text);
    }
    return 0;
}

/* Why the server closed: the close code and its text, RFC 6455, 5.5.1. */
static void link_peer_closed(struct client *client, const unsigned char *in, size_t size)
{
    char why[160];
    if (size >= 2) {
        size_t text_size = size - 2 < 100 ? size - 2 : 100;
        snprintf(why, sizeof(why), "closed by the server: %d%s%.*s", (in[0] << 8) | in[1],
                 text_size > 0 ? " " : "", (int)text_size, (const char *)in + 2);
        client_on_lost(client, why);
    } else {
        client_on_lost(client, "closed by the server");
    }
}

/*
 * OpenSSL looked at a certificate of the server's chain and did not like it: remembers why, because
 * libwebsockets says no more than that it failed. The verdict stays OpenSSL's.
 */
static void certificate_note(struct lws *wsi, X509_STORE_CTX *chain, bool is_trusted)
{
    bool is_fetch;
    struct client *client = key_find(wsi, &is_fetch);
    if (client != NULL && !is_trusted) {
        client->certificate_error = X509_verify_cert_error_string(X509_STORE_CTX_get_error(chain));
    }
}

/* Why a connection could not be made. */
static void link_failed(struct client *client, const char *why)
{
    char text[160];
    client->wsi = NULL;
    if (!client->is_connected) {
        endpoint_shut(client->endpoint);
        why = client->endpoint->error;
    }
    if (client->certificate_error != NULL) {
        snprintf(text, sizeof(text), "its certificate is not accepted: %s",
                 client->certificate_error);
        client->certificate_error = NULL;
        client_on_lost(client, text);
    } else {
        client_on_lost(client, why != NULL ? why : "connection failed");
    }
}

static int on_link(struct client *client, struct lws *wsi, enum lws_callback_reasons reason,
                   void *in, size_t size)
{
    switch (reason) {
    case LWS_CALLBACK_WSI_CREATE:
        client->is_connected = true;
        return 0;
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        client->wsi = wsi;
        client->is_upgraded = true;
        client_on_established(client);
        return 0;
    case LWS_CALLBACK_CLIENT_RECEIVE:
        return link_receive(client, wsi, in, size);
    case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
        client->heard_ms = loop_now_ms(client->loop);
        client->is_ping_sent = false;
        return 0;
    case LWS_CALLBACK_CLIENT_WRITEABLE:
        link_write(client);
        return 0;
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        client->wsi = NULL; /* libwebsockets closes it by itself, politely */
        lws_set_opaque_user_data(wsi, NULL);
        link_peer_closed(client, in, size);
        return 0;
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        link_failed(client, in);
        return 0;
    case LWS_CALLBACK_CLIENT_CLOSED:
    case LWS_CALLBACK_WSI_DESTROY:
        client->wsi = NULL;
        client_on_lost(client, "connection lost");
        return 0;
    default:
        return 0;
    }
}

static int fetch_read(struct lws *wsi)
{
    char buffer[LWS_PRE + 4096];
    char *start = buffer + LWS_PRE;
    int size = (int)sizeof(buffer) - LWS_PRE;
    return lws_http_client_read(wsi, &start, &size) < 0 ? -1 : 0;
}

static int on_fetch(struct client *client, struct lws *wsi, enum lws_callback_reasons reason,
                    void *in, size_t size)
{
    switch (reason) {
    case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
        if (client->token != NULL) {
            char value[TOKEN_SIZE + 8];
            int length = snprintf(value, sizeof(value), "Bearer %s", client->token);
            unsigned char **at = in;
            return lws_add_http_header_by_token(wsi, WSI_TOKEN_HTTP_AUTHORIZATION,
                                                (const unsigned char *)value, length, at,
                                                *at + size)
                       ? -1
                       : 0;
        }
        return 0;
    case LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP:
        client->fetch->http_status = (int)lws_http_client_http_response(wsi);
        return 0;
    case LWS_CALLBACK_RECEIVE_CLIENT_HTTP:
        return fetch_read(wsi);
    case LWS_CALLBACK_RECEIVE_CLIENT_HTTP_READ:
        fetch_on_body(client, in, size);
        return client->fetch->is_too_big ? -1 : 0;
    case LWS_CALLBACK_COMPLETED_CLIENT_HTTP:
        client->fetch->wsi = NULL;
        fetch_on_end(client, true);
        return -1;
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
    case LWS_CALLBACK_CLOSED_CLIENT_HTTP:
    case LWS_CALLBACK_WSI_DESTROY:
        client->fetch->wsi = NULL;
        fetch_on_end(client, false);
        return 0;
    default:
        return 0;
    }
}

/* The callback of every connection. One that has no client any more is closed where that is asked.
 */
static int on_lws(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                  size_t size)
{
    struct client_loop *loop = lws_context_user(lws_get_context(wsi));
    bool is_fetch = false;
    switch (reason) {
    case LWS_CALLBACK_OPENSSL_PERFORM_SERVER_CERT_VERIFICATION:
        certificate_note(wsi, user, size != 0);
        return 0;
    case LWS_CALLBACK_CLIENT_HTTP_BIND_PROTOCOL:
        loop->bound_wsi = wsi; /* its first callback, within lws_client_connect_via_info() */
        return 0;
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
    case LWS_CALLBACK_CLIENT_RECEIVE:
    case LWS_CALLBACK_CLIENT_WRITEABLE:
    case LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP:
    case LWS_CALLBACK_RECEIVE_CLIENT_HTTP:
    case LWS_CALLBACK_RECEIVE_CLIENT_HTTP_READ:
    case LWS_CALLBACK_COMPLETED_CLIENT_HTTP:
        if (key_find(wsi, &is_fetch) == NULL) {
            return -1;
        }
        break;
    case LWS_CALLBACK_WSI_CREATE: /* the TCP connection is made */
    case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
    case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
    case LWS_CALLBACK_CLIENT_CLOSED:
    case LWS_CALLBACK_CLOSED_CLIENT_HTTP:
    case LWS_CALLBACK_WSI_DESTROY: /* the last word, where none of the others came */
        break;
    default:
        return 0;
    }
    if (reason == LWS_CALLBACK_CLIENT_CONNECTION_ERROR) {
        orphan_mark(loop, wsi);
    }
    struct client *client = key_find(wsi, &is_fetch);
    if (client == NULL) {
        return 0;
    }
    return is_fetch ? on_fetch(client, wsi, reason, in, size)
                    : on_link(client, wsi, reason, in, size);
}

/* rx_buffer_size 4096: with 1024, coalesced small frames stall (measured). No extensions. */
const struct lws_protocols link_protocols[] = {
    { .name = PROTOCOL_SUBPROTOCOL, .callback = on_lws, .rx_buffer_size = 4096 },
    { .name = "http", .callback = on_lws, .rx_buffer_size = 4096 },
    { .name = NULL },
};

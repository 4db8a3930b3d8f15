#include "tests/unit/clients/lib/fake_server.h"

#include <libwebsockets.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#define PEER_MAX 64
#define QUEUE_MAX 64

struct piece {
    size_t size;
    int flags;
    unsigned char bytes[]; /* LWS_PRE, then the text */
};

struct peer {
    struct lws *wsi;
    bool is_closing;
    size_t part_size;
    char part[FAKE_HEARD_SIZE];
    uint32_t queue_count;
    struct piece *queue[QUEUE_MAX];
};

struct fake_server {
    uv_loop_t loop;
    struct lws_context *context;
    uint16_t port;
    uint32_t heard_count;
    uint32_t accepted;
    uint32_t peer_count;
    struct peer *peers[PEER_MAX];
    int http_status;
    char *body;
    char bearer[128];
    char heard[FAKE_HEARD_MAX][FAKE_HEARD_SIZE];
};

static void peer_remove(struct fake_server *server, struct peer *peer)
{
    for (uint32_t i = 0; i < server->peer_count; i++) {
        if (server->peers[i] == peer) {
            server->peer_count--;
            memmove(&server->peers[i], &server->peers[i + 1],
                    (server->peer_count - i) * sizeof(server->peers[0]));
            break;
        }
    }
    for (uint32_t i = 0; i < peer->queue_count; i++) {
        free(peer->queue[i]);
    }
}

static int peer_write(struct lws *wsi, struct peer *peer)
{
    if (peer->queue_count > 0) {
        struct piece *piece = peer->queue[0];
        peer->queue_count--;
        memmove(&peer->queue[0], &peer->queue[1], peer->queue_count * sizeof(peer->queue[0]));
        int written = lws_write(wsi, piece->bytes + LWS_PRE, piece->size,
                                (enum lws_write_protocol)piece->flags);
        bool is_short = written < (int)piece->size;
        free(piece);
        if (is_short) {
            return -1;
        }
    }
    if (peer->queue_count > 0) {
        lws_callback_on_writable(wsi);
        return 0;
    }
    return peer->is_closing ? -1 : 0;
}

static int document_write(struct fake_server *server, struct lws *wsi)
{
    unsigned char buffer[LWS_PRE + 2048];
    unsigned char *start = buffer + LWS_PRE;
    unsigned char *at = start;
    unsigned char *end = buffer + sizeof(buffer);
    server->bearer[0] = '\0';
    lws_hdr_copy(wsi, server->bearer, sizeof(server->bearer), WSI_TOKEN_HTTP_AUTHORIZATION);
    if (server->http_status == 0) {
        return 0;
    }
    size_t size = strlen(server->body);
    if (lws_add_http_common_headers(wsi, (unsigned)server->http_status, "application/json", size,
                                    &at, end) ||
        lws_finalize_write_http_header(wsi, start, &at, end)) {
        return -1;
    }
    unsigned char *body = malloc(LWS_PRE + size + 1);
    memcpy(body + LWS_PRE, server->body, size);
    int written = lws_write(wsi, body + LWS_PRE, size, LWS_WRITE_HTTP_FINAL);
    free(body);
    return written < (int)size || lws_http_transaction_completed(wsi) ? -1 : 0;
}

static int on_lws(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                  size_t size)
{
    struct fake_server *server = lws_context_user(lws_get_context(wsi));
    struct peer *peer = user;
    switch (reason) {
    case LWS_CALLBACK_ESTABLISHED:
        if (server->peer_count == PEER_MAX) {
            return -1;
        }
        memset(peer, 0, sizeof(*peer));
        peer->wsi = wsi;
        server->accepted++;
        server->peers[server->peer_count++] = peer;
        return 0;
    case LWS_CALLBACK_RECEIVE:
        if (server->heard_count < FAKE_HEARD_MAX && peer->part_size + size < FAKE_HEARD_SIZE) {
            /* many at once come cut at the ends of the receive buffer */
            memcpy(peer->part + peer->part_size, in, size);
            peer->part_size += size;
            if (lws_is_final_fragment(wsi) && lws_remaining_packet_payload(wsi) == 0) {
                memcpy(server->heard[server->heard_count], peer->part, peer->part_size);
                server->heard[server->heard_count++][peer->part_size] = '\0';
                peer->part_size = 0;
            }
        }
        return 0;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return peer_write(wsi, peer);
    case LWS_CALLBACK_CLOSED:
        peer_remove(server, peer);
        return 0;
    case LWS_CALLBACK_HTTP:
        return document_write(server, wsi);
    default:
        return 0;
    }
}

static const struct lws_protocols protocols[] = {
    { .name = "minping.v1", .callback = on_lws, .per_session_data_size = sizeof(struct peer) },
    { .name = NULL },
};

struct fake_server *fake_server_create(uint16_t port)
{
    struct fake_server *server = calloc(1, sizeof(*server));
    struct lws_context_creation_info info;
    uv_loop_init(&server->loop);
    void *loops[1] = { &server->loop };
    memset(&info, 0, sizeof(info));
    lws_set_log_level(0, NULL);
    info.options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_DISABLE_IPV6 |
                   LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
    info.foreign_loops = loops;
    info.gid = (gid_t)-1;
    info.uid = (uid_t)-1;
    info.user = server;
    server->context = lws_create_context(&info);
    info.port = port;
    info.iface = "127.0.0.1";
    info.protocols = protocols;
    struct lws_vhost *host =
        server->context != NULL ? lws_create_vhost(server->context, &info) : NULL;
    if (host == NULL) {
        fake_server_destroy(server);
        return NULL;
    }
    server->port = (uint16_t)lws_get_vhost_listen_port(host);
    server->body = strdup("{}");
    server->http_status = 200;
    return server;
}

void fake_server_destroy(struct fake_server *server)
{
    if (server->context != NULL) {
        lws_context_destroy(server->context);
        for (int i = 0; i < 100 && uv_run(&server->loop, UV_RUN_NOWAIT) != 0; i++) {
        }
        lws_context_destroy(server->context);
    }
    uv_loop_close(&server->loop);
    free(server->body);
    free(server);
}

uint16_t fake_server_port(const struct fake_server *server)
{
    return server->port;
}

void fake_server_turn(struct fake_server *server)
{
    uv_run(&server->loop, UV_RUN_NOWAIT);
}

uint32_t fake_server_heard_count(const struct fake_server *server)
{
    return server->heard_count;
}

const char *fake_server_heard(const struct fake_server *server, uint32_t index)
{
    return index < server->heard_count ? server->heard[index] : "";
}

uint32_t fake_server_accepted(const struct fake_server *server)
{
    return server->accepted;
}

uint32_t fake_server_open(const struct fake_server *server)
{
    return server->peer_count;
}

void fake_server_forget(struct fake_server *server)
{
    server->heard_count = 0;
}

void fake_server_send(struct fake_server *server, const char *text, size_t piece_size)
{
    size_t size = strlen(text);
    if (server->peer_count == 0) {
        return;
    }
    struct peer *peer = server->peers[server->peer_count - 1];
    size_t step = piece_size != 0 ? piece_size : size;
    for (size_t at = 0; at < size && peer->queue_count < QUEUE_MAX; at += step) {
        size_t length = size - at < step ? size - at : step;
        struct piece *piece = malloc(sizeof(*piece) + LWS_PRE + length);
        memcpy(piece->bytes + LWS_PRE, text + at, length);
        piece->size = length;
        piece->flags = lws_write_ws_flags(LWS_WRITE_TEXT, at == 0, at + length == size);
        peer->queue[peer->queue_count++] = piece;
    }
    lws_callback_on_writable(peer->wsi);
}

void fake_server_hang_up(struct fake_server *server)
{
    for (uint32_t i = 0; i < server->peer_count; i++) {
        server->peers[i]->is_closing = true;
        lws_callback_on_writable(server->peers[i]->wsi);
    }
}

void fake_server_document(struct fake_server *server, int http_status, const char *body)
{
    free(server->body);
    server->body = strdup(body);
    server->http_status = http_status;
}

const char *fake_server_bearer(const struct fake_server *server)
{
    return server->bearer;
}

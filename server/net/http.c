/*
 * The HTTP side: pages, GET /api/v1/view, health and metrics. GET and HEAD only; no request body is
 * ever read.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/net/assets.h"
#include "server/net/metrics.h"
#include "server/net/server_impl.h"

#define CHUNK_SIZE 16384u
#define HEADER_SIZE 2048
#define BODY_WAIT_S 20 /* for a reader to take the next piece */

static const char csp[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/* The body on its way: a blob (one reference) or static bytes. */
struct http_user {
    struct blob *blob;
    const unsigned char *data;
    size_t size;
    size_t sent;
};

const size_t http_user_size = sizeof(struct http_user);

struct response {
    unsigned status;
    const char *type;
    const char *etag;  /* may be NULL */
    bool has_packed;   /* the answer depends on Accept-Encoding */
    bool is_packed;    /* `data` is gzip */
    bool is_private;   /* for the bearer of a token alone */
    struct blob *blob; /* one reference, taken; or NULL */
    const unsigned char *data;
    size_t size;
};

static int header_add(struct lws *wsi, const char *name, const char *value, unsigned char **at,
                      unsigned char *end)
{
    return lws_add_http_header_by_name(wsi, (const unsigned char *)name,
                                       (const unsigned char *)value, (int)strlen(value), at, end);
}

static bool etag_matches(struct lws *wsi, const char *etag)
{
    char text[128];
    return etag != NULL &&
           lws_hdr_copy(wsi, text, sizeof(text), WSI_TOKEN_HTTP_IF_NONE_MATCH) > 0 &&
           strcmp(text, etag) == 0;
}

static bool takes_gzip(struct lws *wsi)
{
    char text[128];
    return lws_hdr_copy(wsi, text, sizeof(text), WSI_TOKEN_HTTP_ACCEPT_ENCODING) > 0 &&
           strstr(text, "gzip") != NULL && strstr(text, "gzip;q=0") == NULL;
}

static void body_drop(struct lws *wsi, struct http_user *user)
{
    struct guest *guest = guest_of(wsi);
    if (guest != NULL) {
        readers_leave(&guest->server->readers, guest);
    }
    blob_unref(user->blob);
    user->blob = NULL;
    user->data = NULL;
}

/* The answer is out; lws may free `user` without a further word. */
static int completed(struct lws *wsi, struct http_user *user)
{
    body_drop(wsi, user);
    guest_step(guest_of(wsi), GATE_STAGE_IDLE);
    return lws_http_transaction_completed(wsi) != 0 ? -1 : 0;
}

static int respond(struct lws *wsi, struct http_user *user, const struct response *response)
{
    unsigned char buffer[LWS_PRE + HEADER_SIZE];
    unsigned char *start = buffer + LWS_PRE;
    unsigned char *at = start;
    unsigned char *end = buffer + sizeof(buffer) - 1;
    bool is_fresh = response->status == 200 && etag_matches(wsi, response->etag);
    bool is_head = lws_hdr_total_length(wsi, WSI_TOKEN_HEAD_URI) > 0;
    size_t size = is_fresh ? 0 : response->size;
    user->blob = response->blob;
    user->data = response->data;
    user->size = is_head ? 0 : size;
    user->sent = 0;
    if (lws_add_http_header_status(wsi, is_fresh ? 304 : response->status, &at, end) != 0 ||
        (!is_fresh && header_add(wsi, "content-type:", response->type, &at, end) != 0) ||
        (response->etag != NULL && header_add(wsi, "etag:", response->etag, &at, end) != 0) ||
        (response->has_packed && header_add(wsi, "vary:", "accept-encoding", &at, end) != 0) ||
        (response->is_packed && !is_fresh &&
         header_add(wsi, "content-encoding:", "gzip", &at, end) != 0) ||
        (response->is_private && header_add(wsi, "vary:", "authorization", &at, end) != 0) ||
        header_add(wsi, "cache-control:", response->is_private ? "no-store" : "no-cache", &at,
                   end) != 0 ||
        header_add(wsi, "x-content-type-options:", "nosniff", &at, end) != 0 ||
        header_add(wsi, "referrer-policy:", "no-referrer", &at, end) != 0 ||
        header_add(wsi, "content-security-policy:", csp, &at, end) != 0 ||
        lws_add_http_header_content_length(wsi, size, &at, end) != 0 ||
        lws_finalize_write_http_header(wsi, start, &at, end) != 0) {
        return -1;
    }
    if (user->size == 0) {
        return completed(wsi, user);
    }
    lws_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT, BODY_WAIT_S);
    lws_callback_on_writable(wsi);
    return 0;
}

static int respond_text(struct lws *wsi, struct http_user *user, unsigned status, const char *type,
                        const char *text)
{
    struct blob *blob = blob_create(text, strlen(text));
    if (blob == NULL) {
        return -1;
    }
    struct response response = { .status = status,
                                 .type = type,
                                 .blob = blob,
                                 .data = (const unsigned char *)blob->data,
                                 .size = blob->size };
    return respond(wsi, user, &response);
}

static int respond_asset(struct lws *wsi, struct http_user *user, const char *name)
{
    for (const struct asset *asset = assets; asset->name != NULL; asset++) {
        if (strcmp(asset->name, name) == 0) {
            bool is_packed = takes_gzip(wsi);
            struct response response = { .status = 200,
                                         .type = asset->type,
                                         .etag = asset->etag,
                                         .has_packed = true,
                                         .is_packed = is_packed,
                                         .data = is_packed ? asset->packed : asset->data,
                                         .size = is_packed ? asset->packed_size : asset->size };
            return respond(wsi, user, &response);
        }
    }
    return respond_text(wsi, user, 404, "text/plain; charset=utf-8", "not found\n");
}

/* The audience of a request: public, or on the desk that of the post whose token it bears. */
static enum audience request_audience(struct server *server, struct lws *wsi)
{
    char text[128];
    if (!wsi_is_desk(wsi) ||
        lws_hdr_copy(wsi, text, sizeof(text), WSI_TOKEN_HTTP_AUTHORIZATION) <= 0) {
        return AUDIENCE_PUBLIC;
    }
    if (strncmp(text, "Bearer ", 7) != 0) {
        return AUDIENCE_INVALID;
    }
    int32_t post = custody_find_any_post(server->options.custody, text + 7);
    return post < 0 ? AUDIENCE_INVALID : server->options.event->posts[post].audience;
}

static int respond_view(struct server *server, struct lws *wsi, struct http_user *user)
{
    enum audience audience = request_audience(server, wsi);
    if (audience == AUDIENCE_INVALID) {
        return respond_text(wsi, user, 401, "text/plain; charset=utf-8", "unknown token\n");
    }
    struct blob *blob = publisher_document(server->options.publisher, audience, server_now_ms());
    if (blob == NULL) {
        return respond_text(wsi, user, 503, "text/plain; charset=utf-8", "no view yet\n");
    }
    char etag[64];
    /* Epochs are counted for each audience; the public's tag is the plain one. */
    snprintf(etag, sizeof(etag), "\"%s%s%s-%" PRIu64 "\"", server->options.log_id,
             audience == AUDIENCE_PUBLIC ? "" : "-",
             audience == AUDIENCE_PUBLIC ? "" : audience_name(audience),
             publisher_epoch(server->options.publisher, audience));
    if (guest_of(wsi) != NULL) {
        readers_enter(&server->readers, guest_of(wsi), blob);
    }
    struct response response = { .status = 200,
                                 .type = "application/json; charset=utf-8",
                                 .etag = etag,
                                 .is_private = audience != AUDIENCE_PUBLIC,
                                 .blob = blob_ref(blob),
                                 .data = (const unsigned char *)blob->data,
                                 .size = blob->size };
    return respond(wsi, user, &response);
}

static int respond_ready(struct server *server, struct lws *wsi, struct http_user *user)
{
    struct votelog_figures figures;
    votelog_figures(server->options.log, &figures);
    bool is_well = votelog_health(server->options.log, NULL) == STATUS_OK;
    bool is_ready = is_well && !figures.is_full && !server->is_quiet;
    char text[512];
    snprintf(text, sizeof(text), "{\"ready\":%s,\"unsafe_disk\":%s,\"log\":\"%s\"}\n",
             is_ready ? "true" : "false", server->options.is_disk_unsafe ? "true" : "false",
             !is_well          ? "failed"
             : figures.is_full ? "storage full"
                               : "ok");
    return respond_text(wsi, user, is_ready ? 200 : 503, "application/json; charset=utf-8", text);
}

/* Whether the request bears the token of a post that may see the preview: a desk's. */
static bool is_of_desk_post(struct server *server, struct lws *wsi)
{
    char text[128];
    if (lws_hdr_copy(wsi, text, sizeof(text), WSI_TOKEN_HTTP_AUTHORIZATION) <= 0 ||
        strncmp(text, "Bearer ", 7) != 0) {
        return false;
    }
    return custody_find_post(server->options.custody, ROLE_OPERATOR, text + 7) >= 0 ||
           custody_find_post(server->options.custody, ROLE_OFFICER, text + 7) >= 0;
}

static int respond_picture(struct server *server, struct lws *wsi, struct http_user *user)
{
    if (!is_of_desk_post(server, wsi)) {
        return respond_text(wsi, user, 401, "text/plain; charset=utf-8", "unknown token\n");
    }
    char argument[32] = "";
    int size = lws_hdr_copy_fragment(wsi, argument, sizeof(argument), WSI_TOKEN_HTTP_URI_ARGS, 0);
    enum bus bus =
        size > 4 && strncmp(argument, "bus=", 4) == 0 ? bus_parse(argument + 4) : BUS_INVALID;
    if (bus == BUS_INVALID) {
        return respond_text(wsi, user, 400, "text/plain; charset=utf-8",
                            "bus is programme or preview\n");
    }
    const struct bus_picture *picture =
        pictures_at(sessions_pictures(server->sessions), bus, monotonic_ms());
    if (picture == NULL) {
        return respond_text(wsi, user, 503, "text/plain; charset=utf-8", "no picture\n");
    }
    char etag[64];
    /* Versions begin anew with the server; no two pictures are of one moment. */
    snprintf(etag, sizeof(etag), "\"%s-%" PRIu64 "-%" PRId64 "\"", bus_name(bus), picture->version,
             picture->heard_ms);
    struct response response = { .status = 200,
                                 .type = "image/png",
                                 .etag = etag,
                                 .is_private = true,
                                 .blob = blob_ref(picture->blob),
                                 .data = (const unsigned char *)picture->blob->data,
                                 .size = picture->blob->size };
    return respond(wsi, user, &response);
}

static int respond_metrics(struct server *server, struct lws *wsi, struct http_user *user)
{
    char *text = metrics_text(server);
    int result = text == NULL ? -1
                              : respond_text(wsi, user, 200,
                                             "text/plain; version=0.0.4; charset=utf-8", text);
    free(text);
    return result;
}

static int request(struct server *server, struct lws *wsi, struct http_user *user, const char *path)
{
    if (lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI) <= 0 &&
        lws_hdr_total_length(wsi, WSI_TOKEN_HEAD_URI) <= 0) {
        return respond_text(wsi, user, 405, "text/plain; charset=utf-8", "");
    }
    if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) > 0 ||
        lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0) {
        return respond_text(wsi, user, 411, "text/plain; charset=utf-8", "");
    }
    if (strcmp(path, "/") == 0) {
        return respond_asset(wsi, user, "viewer.html");
    }
    if (strcmp(path, "/vote") == 0) {
        return respond_asset(wsi, user, "vote.html");
    }
    if (strncmp(path, "/web/", 5) == 0) {
        return respond_asset(wsi, user, path + 5);
    }
    if (strcmp(path, "/api/v1/view") == 0) {
        return respond_view(server, wsi, user);
    }
    if (strcmp(path, "/healthz") == 0) {
        return respond_text(wsi, user, 200, "text/plain; charset=utf-8", "ok\n");
    }
    if (wsi_is_desk(wsi) && strcmp(path, "/readyz") == 0) {
        return respond_ready(server, wsi, user);
    }
    if (wsi_is_desk(wsi) && strcmp(path, "/api/v1/picture") == 0) {
        return respond_picture(server, wsi, user);
    }
    if (wsi_is_desk(wsi) && strcmp(path, "/metrics") == 0) {
        return respond_metrics(server, wsi, user);
    }
    return respond_text(wsi, user, 404, "text/plain; charset=utf-8", "not found\n");
}

static int body_write(struct lws *wsi, struct http_user *user)
{
    if (user->data == NULL) {
        return 0;
    }
    unsigned char buffer[LWS_PRE + CHUNK_SIZE];
    size_t size = user->size - user->sent;
    if (size > CHUNK_SIZE) {
        size = CHUNK_SIZE;
    }
    memcpy(buffer + LWS_PRE, user->data + user->sent, size);
    user->sent += size;
    bool is_last = user->sent == user->size;
    if (lws_write(wsi, buffer + LWS_PRE, size, is_last ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) <
        (int)size) {
        return -1;
    }
    if (!is_last) {
        lws_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT, BODY_WAIT_S);
        lws_callback_on_writable(wsi);
        return 0;
    }
    return completed(wsi, user);
}

int http_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                  size_t size)
{
    struct server *server = lws_context_user(lws_get_context(wsi));
    switch (reason) {
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE: {
        /* Only "websocket", never h2c. `in` is left alone (CVE-2025-11677). */
        char text[16];
        if (lws_hdr_total_length(wsi, WSI_TOKEN_UPGRADE) != 9 ||
            lws_hdr_copy(wsi, text, sizeof(text), WSI_TOKEN_UPGRADE) != 9 ||
            strcasecmp(text, "websocket") != 0 ||
            lws_hdr_total_length(wsi, WSI_TOKEN_PROTOCOL) <= 0) {
            return -1;
        }
        return 0;
    }
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
        return -1; /* a WebSocket without our subprotocol */
    case LWS_CALLBACK_HTTP:
        body_drop(wsi, user);
        guest_step(guest_of(wsi), GATE_STAGE_DOCUMENT);
        return request(server, wsi, user, in);
    case LWS_CALLBACK_HTTP_BODY:
        return -1;
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return body_write(wsi, user);
    case LWS_CALLBACK_RAW_ADOPT: /* CONNECT makes a raw socket of it: none of ours */
    case LWS_CALLBACK_RAW_RX:
        return -1;
    case LWS_CALLBACK_WSI_DESTROY:
        guest_gone(guest_of(wsi));
        return 0;
    case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
    case LWS_CALLBACK_CLOSED_HTTP:
        if (user != NULL) {
            body_drop(wsi, user);
        }
        return 0;
    default:
        return lws_callback_http_dummy(wsi, reason, user, in, size);
    }
}

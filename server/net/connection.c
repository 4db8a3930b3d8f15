/*
 * WebSocket connections: fragments joined up to the limit, a bounded queue of answers, the newest
 * view after them. Answers are written at once where the socket takes them.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "server/base/log.h"
#include "server/net/connection_impl.h"

static_assert(BLOB_HEADROOM >= LWS_PRE, "views are sent from their blob without a copy");

/* Bytes of answers that wait for a slow peer; more drops it. A base station asks for many. */
#define QUEUE_SIZE_MAX 65536u
#define QUEUE_SIZE_MAX_CROWD 16384u

static const unsigned char ping_payload[4] = { 'p', 'i', 'n', 'g' };

const size_t connection_user_size = sizeof(struct connection);

static struct server *server_of(struct lws *wsi)
{
    return lws_context_user(lws_get_context(wsi));
}

void connection_cut(struct connection *connection)
{
    connection->close_code = CLOSE_KILLED;
    wsi_cut(connection->wsi);
}

/* Before each write. */
static void connection_owe(struct connection *connection)
{
    if (!connection->is_owed) {
        connection->is_owed = true;
        connection->moved_ms = monotonic_ms();
    }
}

/* False: the socket failed and is being closed. */
static bool write_now(struct connection *connection, unsigned char *data, size_t size)
{
    connection_owe(connection);
    int written = lws_write(connection->wsi, data, size, LWS_WRITE_TEXT);
    if (written < 0) {
        connection_cut(connection);
        return false;
    }
    return true;
}

static bool can_write_now(const struct connection *connection)
{
    return connection->first == NULL && !lws_partial_buffered(connection->wsi);
}

void connection_send(void *ctx, uint32_t conn, const char *data, size_t size)
{
    struct server *server = ctx;
    struct connection *connection = server->connections[conn];
    if (connection == NULL || connection->close_code != 0) {
        return;
    }
    if (can_write_now(connection) && size <= 4096) {
        unsigned char buffer[LWS_PRE + 4096];
        memcpy(buffer + LWS_PRE, data, size);
        write_now(connection, buffer + LWS_PRE, size);
        return;
    }
    struct queued *queued = NULL;
    if (connection->queued_size == 0 ||
        connection->queued_size + size <= connection->queue_size_max) {
        queued = malloc(sizeof(*queued) + LWS_PRE + size);
    }
    if (queued == NULL) {
        server->dropped_slow_total++;
        connection_cut(connection);
        return;
    }
    queued->next = NULL;
    queued->size = size;
    memcpy(queued->data + LWS_PRE, data, size);
    if (connection->last != NULL) {
        connection->last->next = queued;
    } else {
        connection->first = queued;
    }
    connection->last = queued;
    connection->queued_size += size;
    lws_callback_on_writable(connection->wsi);
}

void connection_hang_up(void *ctx, uint32_t conn, uint16_t code, const char *reason)
{
    struct server *server = ctx;
    struct connection *connection = server->connections[conn];
    if (connection == NULL || connection->close_code != 0) {
        return;
    }
    connection->close_code = code;
    connection->heard_ms = monotonic_ms();
    snprintf(connection->close_reason, sizeof(connection->close_reason), "%s", reason);
    guest_dismiss(connection->guest);
    lws_callback_on_writable(connection->wsi);
}

static bool view_write(struct server *server, struct connection *connection)
{
    connection->view_waits = false;
    struct blob *blob = sessions_view(server->sessions, connection->conn);
    return blob == NULL || write_now(connection, (unsigned char *)blob->data, blob->size);
}

void connection_view_ready(void *ctx, uint32_t conn)
{
    struct server *server = ctx;
    struct connection *connection = server->connections[conn];
    if (connection == NULL || connection->close_code != 0) {
        return;
    }
    if (can_write_now(connection)) {
        view_write(server, connection);
        return;
    }
    connection->view_waits = true;
    lws_callback_on_writable(connection->wsi);
}

/*
 * Begins the close with its code: lws sends the frame and awaits the answer. Not by returning -1:
 * from a WRITEABLE callback that cuts the socket off without a frame. With a reason set, "sync"
 * only changes the state here and frees nothing.
 */
static void close_begin(struct connection *connection)
{
    connection->is_close_begun = true;
    lws_close_reason(connection->wsi, connection->close_code,
                     (unsigned char *)connection->close_reason, strlen(connection->close_reason));
    lws_set_timeout(connection->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC);
}

/* One message a call, answers before the view; then the close, if one was asked for. */
static int writeable(struct server *server, struct connection *connection)
{
    struct queued *queued = connection->first;
    if (connection->close_code == CLOSE_KILLED) {
        return -1;
    }
    if (queued != NULL) {
        connection->first = queued->next;
        connection->last = queued->next == NULL ? NULL : connection->last;
        connection->queued_size -= queued->size;
        bool is_written = write_now(connection, queued->data + LWS_PRE, queued->size);
        free(queued);
        if (!is_written) {
            return -1;
        }
    } else if (connection->close_code != 0) {
        if (!connection->is_close_begun) {
            close_begin(connection);
        }
        return 0;
    } else if (connection->ping_waits) {
        /* With a payload: lws tells nobody of an empty pong. */
        unsigned char ping[LWS_PRE + sizeof(ping_payload)];
        memcpy(ping + LWS_PRE, ping_payload, sizeof(ping_payload));
        connection_owe(connection);
        connection->ping_waits = false;
        if (lws_write(connection->wsi, ping + LWS_PRE, sizeof(ping_payload), LWS_WRITE_PING) < 0) {
            return -1;
        }
    } else if (connection->view_waits) {
        if (!view_write(server, connection)) {
            return -1;
        }
    }
    if (connection->first != NULL || connection->view_waits || connection->ping_waits ||
        connection->close_code != 0) {
        lws_callback_on_writable(connection->wsi);
    }
    return 0;
}

static int close_with(struct connection *connection, enum lws_close_status code, const char *reason)
{
    struct lws *wsi = connection->wsi;
    connection->close_code = (uint16_t)code; /* nothing more is written after the close frame */
    connection->is_close_begun = true;
    lws_close_reason(wsi, code, (unsigned char *)reason, strlen(reason));
    return -1;
}

static void message_hand(struct server *server, struct connection *connection, const char *text,
                         size_t size)
{
    struct moment now = { .unix_ms = server_now_ms(), .steady_ms = connection->heard_ms };
    sessions_message(server->sessions, connection->conn, text, size, now);
    if (!connection->guest->is_known && sessions_is_known(server->sessions, connection->conn)) {
        guest_welcome(connection->guest);
        if (sessions_asks_much(server->sessions, connection->conn)) {
            connection->queue_size_max = QUEUE_SIZE_MAX;
        }
    }
}

static int receive(struct server *server, struct connection *connection, const char *in,
                   size_t size)
{
    struct lws *wsi = connection->wsi;
    if (connection->close_code != 0) {
        return 0;
    }
    connection->heard_ms = monotonic_ms();
    if (lws_frame_is_binary(wsi)) {
        return close_with(connection, LWS_CLOSE_STATUS_UNACCEPTABLE_OPCODE, "text frames only");
    }
    if (server->is_quiet) {
        return 0;
    }
    bool is_whole = lws_is_final_fragment(wsi) && lws_remaining_packet_payload(wsi) == 0;
    if (is_whole && connection->joined_size == 0) {
        if (size > MESSAGE_SIZE_MAX) {
            return close_with(connection, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, "message too large");
        }
        if (size > 0) {
            message_hand(server, connection, in, size);
        }
        return 0;
    }
    if (connection->joined_size + size > MESSAGE_SIZE_MAX) {
        return close_with(connection, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, "message too large");
    }
    if (connection->joined == NULL) {
        connection->joined = malloc(MESSAGE_SIZE_MAX);
        if (connection->joined == NULL) {
            return -1;
        }
        connection->joined_ms = monotonic_ms();
    }
    memcpy(connection->joined + connection->joined_size, in, size);
    connection->joined_size += size;
    if (is_whole) {
        size_t joined_size = connection->joined_size;
        char *joined = connection->joined;
        connection->joined = NULL;
        connection->joined_size = 0;
        message_hand(server, connection, joined, joined_size);
        free(joined);
    }
    return 0;
}

/* What lws leaves open (TRAPS): subprotocol, version, key, path, origin. 0 lets it in. */
static int upgrade_check(struct lws *wsi)
{
    char origin[256];
    char host[256];
    char text[64];
    if (lws_hdr_copy(wsi, text, sizeof(text), WSI_TOKEN_GET_URI) <= 0 || strcmp(text, "/ws") != 0) {
        return -1;
    }
    if (lws_hdr_copy(wsi, text, sizeof(text), WSI_TOKEN_VERSION) <= 0 || strcmp(text, "13") != 0 ||
        lws_hdr_total_length(wsi, WSI_TOKEN_KEY) != 24 ||
        lws_hdr_total_length(wsi, WSI_TOKEN_PROTOCOL) <= 0) {
        return -1;
    }
    if (lws_hdr_total_length(wsi, WSI_TOKEN_ORIGIN) == 0) {
        return 0; /* a program, not a page: it holds no cookie that a foreign page could ride on */
    }
    if (lws_hdr_copy(wsi, origin, sizeof(origin), WSI_TOKEN_ORIGIN) <= 0 ||
        lws_hdr_copy(wsi, host, sizeof(host), WSI_TOKEN_HOST) <= 0) {
        return -1;
    }
    const char *scheme = lws_is_ssl(wsi) ? "https://" : "http://";
    size_t scheme_size = strlen(scheme);
    return strncmp(origin, scheme, scheme_size) == 0 && strcmp(origin + scheme_size, host) == 0
               ? 0
               : -1;
}

static int established(struct server *server, struct connection *connection, struct lws *wsi)
{
    memset(connection, 0, sizeof(*connection));
    connection->wsi = wsi;
    connection->heard_ms = monotonic_ms();
    connection->queue_size_max = QUEUE_SIZE_MAX_CROWD;
    struct guest *guest = guest_of(wsi);
    if (guest == NULL || guest->is_shown_out) {
        return -1;
    }
    if (server->free_count <= (guest->is_desk ? 0 : DESK_PLACES)) {
        return close_with(connection, (enum lws_close_status)1013, "no place left");
    }
    guest_step(guest, GATE_STAGE_IDLE);
    guest->connection = connection;
    connection->guest = guest;
    connection->conn = server->free_conns[--server->free_count];
    connection->is_open = true;
    server->connections[connection->conn] = connection;
    server->conn_count++;
    sessions_opened(server->sessions, connection->conn, guest->is_desk, monotonic_ms());
    sessions_set_address(server->sessions, connection->conn, guest_address_key(guest));
    return 0;
}

static void closed(struct server *server, struct connection *connection)
{
    if (!connection->is_open) {
        return;
    }
    connection->is_open = false;
    connection->guest->connection = NULL;
    sessions_closed(server->sessions, connection->conn);
    server->connections[connection->conn] = NULL;
    server->free_conns[server->free_count++] = connection->conn;
    server->conn_count--;
    while (connection->first != NULL) {
        struct queued *next = connection->first->next;
        free(connection->first);
        connection->first = next;
    }
    free(connection->joined);
    connection->joined = NULL;
}

int connection_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                        size_t size)
{
    struct connection *connection = user;
    switch (reason) {
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
        return upgrade_check(wsi);
    case LWS_CALLBACK_ESTABLISHED:
        return connection != NULL ? established(server_of(wsi), connection, wsi) : -1;
    case LWS_CALLBACK_RECEIVE:
        return connection->is_open ? receive(server_of(wsi), connection, in, size) : -1;
    case LWS_CALLBACK_RECEIVE_PONG:
        connection->heard_ms = monotonic_ms();
        return 0;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return connection->is_open ? writeable(server_of(wsi), connection) : 0;
    case LWS_CALLBACK_CLOSED:
        if (connection != NULL) { /* lws found no memory for it, and ends what never began */
            closed(server_of(wsi), connection);
        }
        return 0;
    default:
        return 0;
    }
}

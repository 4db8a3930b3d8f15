#include "server/net/server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "server/base/log.h"
#include "server/net/server_impl.h"

#define CONN_SPARE 16384 /* viewers, the desk and those who have not said hello */
/* Log, listeners, loop, files; and what one turn of the loop accepts and lets go (listener.c). */
#define FD_RESERVE 256
#define HANDSHAKE_S 10
#define CLOSE_TURNS 8 /* of the loop, for lws to close its handles */
#define RX_SIZE 4096  /* 1024 stalls on coalesced small frames (TRAPS) */

/*
 * No timer of lws for silence: it keeps all timers in one sorted list, and a hall of 10,000 that
 * came together would have the loop walk it for a second (connection_sweep() pings instead).
 */
static const lws_retry_bo_t no_idle_policy = { .secs_since_valid_ping = 0 };

int64_t server_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void listen_accepted(void *ctx, int fd, const struct sockaddr_storage *peer)
{
    guest_admit(ctx, false, fd, peer);
}

static void desk_accepted(void *ctx, int fd, const struct sockaddr_storage *peer)
{
    guest_admit(ctx, true, fd, peer);
}

static uint32_t descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return 1024;
    }
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    (void)getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur > 1000000 ? 1000000 : (uint32_t)limit.rlim_cur;
}

static enum status gates_create(struct server *server, struct fault *fault)
{
    uint64_t seed = 0;
    if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed)) {
        return fault_set(fault, STATUS_IO, "", "no random bytes: %s", strerror(errno));
    }
    server->gate_max[0] = server->options.event->seat_count + SESSION_SPARE;
    server->gate_max[1] = DESK_PLACES;
    enum status status = gate_create(server->gate_max[0], seed, &server->gates[0], fault);
    return status != STATUS_OK ? status
                               : gate_create(server->gate_max[1], seed, &server->gates[1], fault);
}

static enum status places_create(struct server *server, struct fault *fault)
{
    uint32_t descriptors = descriptor_limit();
    server->descriptor_max = descriptors;
    uint32_t wanted = server->options.event->seat_count + CONN_SPARE;
    uint32_t possible = descriptors > 2 * FD_RESERVE ? descriptors - FD_RESERVE : FD_RESERVE;
    server->conn_max = wanted < possible ? wanted : possible;
    if (possible < server->options.event->seat_count + SESSION_SPARE) {
        log_event(LOG_LEVEL_WARNING,
                  "only %u descriptors for %u seats: raise the limit (ulimit -n)", possible,
                  server->options.event->seat_count);
    }
    server->connections = calloc(server->conn_max, sizeof(*server->connections));
    server->free_conns = calloc(server->conn_max, sizeof(*server->free_conns));
    if (server->connections == NULL || server->free_conns == NULL) {
        return fault_set(fault, STATUS_NOMEM, "", "no memory for %u connections", server->conn_max);
    }
    for (uint32_t i = 0; i < server->conn_max; i++) {
        server->free_conns[server->free_count++] = server->conn_max - 1 - i;
    }
    return gates_create(server, fault);
}

static const struct lws_protocols *protocols(void)
{
    static struct lws_protocols table[3];
    table[0] = (struct lws_protocols){ .name = "http",
                                       .callback = http_callback,
                                       .per_session_data_size = http_user_size };
    table[1] = (struct lws_protocols){ .name = PROTOCOL_SUBPROTOCOL,
                                       .callback = connection_callback,
                                       .per_session_data_size = connection_user_size,
                                       .rx_buffer_size = RX_SIZE };
    table[2] = (struct lws_protocols){ 0 };
    return table;
}

static enum status vhost_create(struct server *server, bool is_desk, struct fault *fault)
{
    struct lws_context_creation_info info = { 0 };
    info.vhost_name = is_desk ? "desk" : "listen";
    info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
    info.protocols = protocols();
    info.alpn = "http/1.1";
    info.keepalive_timeout = 20;
    info.retry_and_idle_policy = &no_idle_policy;
    if (server->options.tls_cert != NULL) {
        info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
        info.ssl_cert_filepath = server->options.tls_cert;
        info.ssl_private_key_filepath = server->options.tls_key;
        info.ssl_options_set = 0x02000000L | 0x04000000L | 0x10000000L; /* no SSLv3, TLS 1.0, 1.1 */
    }
    server->vhosts[is_desk] = lws_create_vhost(server->context, &info);
    if (server->vhosts[is_desk] == NULL) {
        if (server->options.tls_cert != NULL) {
            return fault_set(fault, STATUS_INVALID, "--tls-cert",
                             "certificate '%s' and key '%s' are not usable together",
                             server->options.tls_cert, server->options.tls_key);
        }
        return fault_set(fault, STATUS_NOMEM, "", "no memory for a listener");
    }
    return STATUS_OK;
}

static enum status context_create(struct server *server, struct fault *fault)
{
    void *loops[1] = { server->options.loop };
    struct lws_context_creation_info info = { 0 };
    lws_set_log_level(0, NULL);
    info.port = CONTEXT_PORT_NO_LISTEN;
    info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_LIBUV |
                   LWS_SERVER_OPTION_VALIDATE_UTF8; /* of the context: a vhost's is not read */
    if (server->options.tls_cert != NULL) {
        info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    }
    info.foreign_loops = loops;
    info.user = server;
    info.timeout_secs = HANDSHAKE_S;
    info.fd_limit_per_thread = descriptor_limit();
    server->context = lws_create_context(&info);
    if (server->context == NULL) {
        return fault_set(fault, STATUS_NOMEM, "",
                         "cannot start libwebsockets (is libwebsockets-evlib-uv installed?)");
    }
    enum status status = vhost_create(server, false, fault);
    return status != STATUS_OK ? status : vhost_create(server, true, fault);
}

static enum status tls_check(const struct server_options *options, struct fault *fault)
{
    const char *paths[2] = { options->tls_cert, options->tls_key };
    const char *names[2] = { "--tls-cert", "--tls-key" };
    for (int i = 0; i < 2; i++) {
        if (paths[i] != NULL && access(paths[i], R_OK) != 0) {
            return fault_set(fault, STATUS_INVALID, names[i], "cannot read '%s': %s", paths[i],
                             strerror(errno));
        }
    }
    return STATUS_OK;
}

enum status server_create(const struct server_options *options, struct server **out,
                          struct fault *fault)
{
    *out = NULL;
    struct server *server = calloc(1, sizeof(*server));
    if (server == NULL) {
        return fault_set(fault, STATUS_NOMEM, "", "no memory for the server");
    }
    server->options = *options;
    enum status status = tls_check(options, fault);
    if (status == STATUS_OK) {
        status = listener_open(options->loop, options->listen_at, "--listen", true, listen_accepted,
                               server, &server->listeners[0], fault);
    }
    if (status == STATUS_OK) {
        status = listener_open(options->loop, options->desk_at, "--desk", false, desk_accepted,
                               server, &server->listeners[1], fault);
    }
    if (status == STATUS_OK) {
        status = places_create(server, fault);
    }
    if (status == STATUS_OK) {
        struct session_options session_options = {
            .event = options->event,
            .custody = options->custody,
            .room = options->room,
            .publisher = options->publisher,
            .log_id = options->log_id,
            .house = options->house,
            .wire = { connection_send, connection_hang_up, connection_view_ready, server },
            .conn_max = server->conn_max,
            .is_disk_unsafe = options->is_disk_unsafe,
        };
        status = sessions_create(&session_options, &server->sessions, fault);
    }
    if (status == STATUS_OK) {
        status = context_create(server, fault);
    }
    if (status != STATUS_OK) {
        server_destroy(server);
        return status;
    }
    *out = server;
    return STATUS_OK;
}

void server_start(struct server *server)
{
    listener_start(server->listeners[0]);
    listener_start(server->listeners[1]);
}

struct sessions *server_sessions(struct server *server)
{
    return server->sessions;
}

const char *server_listen_address(const struct server *server)
{
    return listener_address(server->listeners[0]);
}

const char *server_desk_address(const struct server *server)
{
    return listener_address(server->listeners[1]);
}

void server_sweep(struct server *server)
{
    sessions_sweep(server->sessions, monotonic_ms());
    connection_sweep(server);
    guest_sweep(server);
}

void server_quiesce(struct server *server)
{
    server->is_quiet = true;
}

void server_hang_up_all(struct server *server, uint16_t code, const char *reason)
{
    for (uint32_t conn = 0; conn < server->conn_max; conn++) {
        connection_hang_up(server, conn, code, reason);
    }
}

uint32_t server_connection_count(const struct server *server)
{
    return server->conn_count;
}

void server_destroy(struct server *server)
{
    if (server == NULL) {
        return;
    }
    listener_close(server->listeners[0]);
    listener_close(server->listeners[1]);
    if (server->context != NULL) {
        /* Once to close what is open, then, when the loop has let go of it, to free. */
        lws_context_destroy(server->context);
        for (int turn = 0; turn < CLOSE_TURNS; turn++) {
            uv_run(server->options.loop, UV_RUN_NOWAIT);
        }
        lws_context_destroy(server->context);
    }
    sessions_destroy(server->sessions);
    gate_destroy(server->gates[0]);
    gate_destroy(server->gates[1]);
    free(server->connections);
    free(server->free_conns);
    free(server);
}

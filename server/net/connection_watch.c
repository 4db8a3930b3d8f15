/*
 * Who is gone: peers that are silent, that do not answer a close frame, and that take nothing while
 * something waits for them. No timer of lws or the kernel does it: lws keeps all of its timers in
 * one sorted list, and TCP's own wait differs by kernel.
 */
#include "server/net/connection_impl.h"
#include "server/net/sendq.h"

#define SWEEP_PASS_MS 500 /* every place is looked at once in this time */
#define SWEEP_SLICES (SWEEP_PASS_MS / SERVER_SWEEP_MS)
#define CLOSE_WAIT_MS 3000 /* a peer that does not answer its close frame is cut off */
#define PING_MS 10000      /* of silence */
#define SILENCE_MAX_MS (25000 - SWEEP_PASS_MS - SERVER_SWEEP_MS)
/*
 * Gone within 10 s of the last byte read, buffers filled meanwhile. A reader of 1 kB/s on the usual
 * receive buffer takes 4 KB every 4 s: its kernel does not tell of less.
 */
#define STALL_MAX_MS 7000

/*
 * Whether something waits for the peer: here, in lws, or in the kernel. Notes when it took some of
 * what was sent before. That is a sign of life while more waits, for a ping on a slow line waits as
 * well; when nothing does, it may be the kernel of a peer that is dead.
 */
static bool is_waiting(struct connection *connection, int64_t now_ms)
{
    struct sendq sendq;
    if (!sendq_read(lws_get_socket_fd(connection->wsi), &sendq)) {
        return false;
    }
    if (sendq.taken_size != connection->taken_size) {
        connection->taken_size = sendq.taken_size;
        connection->moved_ms = now_ms;
        connection->heard_ms = sendq.is_empty ? connection->heard_ms : now_ms;
    }
    return !sendq.is_empty || connection->first != NULL || connection->view_waits ||
           lws_partial_buffered(connection->wsi) != 0;
}

static void look_at(struct server *server, struct connection *connection, int64_t now_ms)
{
    if (connection->close_code == CLOSE_KILLED) {
        return;
    }
    if (connection->close_code != 0) {
        if (now_ms - connection->heard_ms > CLOSE_WAIT_MS) {
            connection_cut(connection);
        }
        return;
    }
    if (connection->is_owed && !is_waiting(connection, now_ms)) {
        connection->is_owed = false;
    }
    if (connection->is_owed && now_ms - connection->moved_ms > STALL_MAX_MS) {
        server->dropped_slow_total++;
        connection_cut(connection);
        return;
    }
    if (now_ms - connection->heard_ms > SILENCE_MAX_MS) {
        connection_cut(connection);
    } else if (now_ms - connection->heard_ms > PING_MS &&
               now_ms - connection->pinged_ms > PING_MS) {
        connection->pinged_ms = now_ms;
        connection->ping_waits = true;
        lws_callback_on_writable(connection->wsi);
    }
}

void connection_sweep(struct server *server)
{
    int64_t now_ms = monotonic_ms();
    uint32_t slice = server->conn_max / SWEEP_SLICES + 1;
    for (uint32_t i = 0; i < slice; i++) {
        struct connection *connection = server->connections[server->swept];
        server->swept = (server->swept + 1) % server->conn_max;
        if (connection != NULL) {
            look_at(server, connection, now_ms);
        }
    }
}

/*
 * Who is gone: peers that are silent, that do not answer a close frame, that leave a message
 * unfinished, and that take nothing while something waits for them. No timer of lws or the kernel
 * does it: lws keeps all of its timers in one sorted list, and TCP's own wait differs by kernel.
 */
#include "server/net/connection_impl.h"
#include "server/net/sendq.h"

#define SWEEP_PASS_MS 500 /* every place is looked at once in this time */
#define SWEEP_SLICES (SWEEP_PASS_MS / SERVER_SWEEP_MS)
#define CLOSE_WAIT_MS 3000 /* a peer that does not answer its close frame is cut off */
#define PING_MS 10000      /* of silence */
#define JOIN_MAX_MS 20000  /* a message that was begun is whole by then: 16 KiB at 1 kB/s */
#define LOOK_AFTER_MS 2000 /* since a write: most have long been taken, and are not asked for */
#define SILENCE_MAX_MS (25000 - SWEEP_PASS_MS - SERVER_SWEEP_MS)
/*
 * Gone within 10 s of the last byte read, buffers filled meanwhile. A reader of 1 kB/s on the usual
 * receive buffer takes 4 KB every 4 s: its kernel does not tell of less.
 */
#define STALL_MAX_MS 7000

/* Whether something waits for the peer: here, in lws, or in the kernel. */
static bool is_waiting(const struct connection *connection, bool is_sent)
{
    return !is_sent || connection->first != NULL || connection->view_waits ||
           lws_partial_buffered(connection->wsi) != 0;
}

/*
 * Notes when the peer took some of what waits. That is a sign of life while more does, for a ping
 * on a slow line waits as well; when nothing does, it may be the kernel of a peer that is dead.
 */
static void progress_note(struct connection *connection, int64_t now_ms)
{
    int fd = lws_get_socket_fd(connection->wsi);
    bool is_sent = sendq_is_empty(fd);
    if (!is_waiting(connection, is_sent)) {
        connection->is_owed = false;
        connection->was_waiting = false;
        return;
    }
    uint64_t taken_size = sendq_taken_size(fd);
    if (connection->was_waiting && taken_size != connection->taken_size) {
        connection->moved_ms = now_ms;
        connection->heard_ms = is_sent ? connection->heard_ms : now_ms;
    }
    connection->taken_size = taken_size;
    connection->was_waiting = true;
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
    if (connection->is_owed &&
        (connection->was_waiting || now_ms - connection->moved_ms > LOOK_AFTER_MS)) {
        progress_note(connection, now_ms);
    }
    if (connection->is_owed && now_ms - connection->moved_ms > STALL_MAX_MS) {
        server->dropped_slow_total++;
        connection_cut(connection);
        return;
    }
    bool is_half = connection->joined != NULL && now_ms - connection->joined_ms > JOIN_MAX_MS;
    if (is_half || now_ms - connection->heard_ms > SILENCE_MAX_MS) {
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

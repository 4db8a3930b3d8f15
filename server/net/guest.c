#include "server/net/guest.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/net/server_impl.h"

#define SWEEP_SLICES (1000 / SERVER_SWEEP_MS)

static void address_fill(struct gate_address *address, const struct sockaddr_storage *peer)
{
    memset(address, 0, sizeof(*address));
    if (peer->ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)peer;
        memcpy(address->bytes, &in6->sin6_addr, 8); /* one network: a peer has 2^64 of the rest */
    } else if (peer->ss_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)peer;
        address->bytes[10] = address->bytes[11] = 0xff;
        memcpy(address->bytes + 12, &in->sin_addr, 4);
    }
}

void wsi_cut(struct lws *wsi)
{
    static const struct linger reset = { .l_onoff = 1, .l_linger = 0 };
    int fd = lws_get_socket_fd(wsi);
    /* What it did not take goes now, not when the kernel gives it up minutes later. */
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    /* Wakes the loop even when nobody else does: a timer of lws waits for its next event. */
    shutdown(fd, SHUT_RDWR);
    lws_set_timeout(wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
}

static void guest_show_out(struct guest *guest)
{
    guest->is_shown_out = true;
    if (guest->place != GATE_NONE) {
        gate_leave(guest->server->gates[guest->is_desk], guest->place);
        guest->place = GATE_NONE;
    }
    if (guest->connection != NULL) {
        connection_cut(guest->connection);
        return;
    }
    wsi_cut(guest->wsi);
}

/* Whether one more socket fits beside those that are here, strangers and known. */
static bool has_room(const struct server *server, bool is_desk)
{
    uint32_t public_count = gate_count(server->gates[0]) + server->known_count[0];
    uint32_t desk_count = gate_count(server->gates[1]) + server->known_count[1];
    if (gate_count(server->gates[is_desk]) >= server->gate_max[is_desk]) {
        return false;
    }
    return public_count + desk_count < server->conn_max &&
           (is_desk || public_count < server->conn_max - DESK_PLACES);
}

/* Shows strangers out until there is room: of the same listener, for the desk also of the other. */
static bool room_make(struct server *server, bool is_desk)
{
    while (!has_room(server, is_desk)) {
        struct guest *guest = gate_oldest_of_most(server->gates[is_desk]);
        if (guest == NULL && is_desk) {
            guest = gate_oldest_of_most(server->gates[0]);
        }
        if (guest == NULL) {
            return false;
        }
        server->shown_out_total++;
        guest_show_out(guest);
    }
    return true;
}

void guest_admit(struct server *server, bool is_desk, int fd, const struct sockaddr_storage *peer)
{
    struct guest *guest = NULL;
    /* The lowest free number is taken: near the limit only the desk's are left. */
    bool has_descriptor = is_desk || (uint32_t)fd + DESK_PLACES < server->descriptor_max;
    if (has_descriptor && room_make(server, is_desk)) {
        guest = calloc(1, sizeof(*guest));
    }
    if (guest == NULL) {
        close(fd);
        return;
    }
    lws_adoption_type type = LWS_ADOPT_SOCKET | LWS_ADOPT_HTTP;
    if (server->options.tls_cert != NULL) {
        type |= LWS_ADOPT_ALLOW_SSL;
    }
    lws_sock_file_fd_type descriptor = { .sockfd = fd };
    struct lws *wsi =
        lws_adopt_descriptor_vhost(server->vhosts[is_desk], type, descriptor, NULL, NULL);
    if (wsi == NULL) { /* and lws has closed the socket */
        free(guest);
        return;
    }
    *guest = (struct guest){ .server = server, .wsi = wsi, .is_desk = is_desk };
    address_fill(&guest->address, peer);
    guest->place = gate_enter(server->gates[is_desk], &guest->address, guest, monotonic_ms());
    lws_set_opaque_user_data(wsi, guest);
}

struct guest *guest_of(struct lws *wsi)
{
    return lws_get_opaque_user_data(wsi);
}

void guest_step(struct guest *guest, enum gate_stage stage)
{
    if (guest != NULL && guest->place != GATE_NONE) {
        gate_step(guest->server->gates[guest->is_desk], guest->place, stage, monotonic_ms());
    }
}

void guest_welcome(struct guest *guest)
{
    if (guest->place != GATE_NONE) {
        gate_leave(guest->server->gates[guest->is_desk], guest->place);
        guest->place = GATE_NONE;
        guest->is_known = true;
        guest->server->known_count[guest->is_desk]++;
    }
}

void guest_dismiss(struct guest *guest)
{
    struct server *server = guest->server;
    if (!guest->is_known ||
        gate_count(server->gates[guest->is_desk]) >= server->gate_max[guest->is_desk]) {
        return;
    }
    guest->is_known = false;
    server->known_count[guest->is_desk]--;
    guest->place =
        gate_enter(server->gates[guest->is_desk], &guest->address, guest, monotonic_ms());
    guest_step(guest, GATE_STAGE_IDLE); /* its connection sees to the end */
}

void guest_gone(struct guest *guest)
{
    if (guest == NULL) {
        return;
    }
    if (guest->place != GATE_NONE) {
        gate_leave(guest->server->gates[guest->is_desk], guest->place);
    }
    readers_leave(&guest->server->readers, guest);
    if (guest->is_known) {
        guest->server->known_count[guest->is_desk]--;
    }
    free(guest);
}

void guest_sweep(struct server *server)
{
    int64_t now_ms = monotonic_ms();
    for (int is_desk = 0; is_desk < 2; is_desk++) {
        uint32_t looked = 0;
        struct guest *guest;
        while ((guest = gate_overdue(server->gates[is_desk], now_ms,
                                     server->gate_max[is_desk] / SWEEP_SLICES + 1, &looked)) !=
               NULL) {
            guest_show_out(guest);
        }
    }
}

uint64_t guest_address_key(const struct guest *guest)
{
    uint64_t halves[2];
    memcpy(halves, guest->address.bytes, sizeof(halves));
    return (halves[0] ^ halves[1]) | 1; /* one half is constant, and so is the bit in IPv4 */
}

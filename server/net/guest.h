#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "server/net/gate.h"

/*
 * A guest: one socket from accept to its end, whatever it turns into. Guests without standing are
 * strangers and stand at the gate of their listener; when the places are taken a newcomer gets that
 * of a stranger, never that of a guest who said a valid hello.
 *
 * The server keeps it as the opaque data of the socket's wsi. Loop thread only.
 */
struct connection;
struct held;
struct lws;
struct server;

struct guest {
    struct server *server;
    struct lws *wsi;
    struct connection *connection; /* the WebSocket it became, or NULL */
    struct held *held; /* the version of the document it reads, or NULL; then in the list */
    struct guest *reader_before;
    struct guest *reader_after;
    struct gate_address address;
    uint32_t place; /* at the gate, or GATE_NONE */
    bool is_desk;
    bool is_known; /* said a valid hello; counted in server.known_count */
    bool is_shown_out;
};

/* Takes an accepted socket (closed when there is no room); `peer` is its address, borrowed. */
void guest_admit(struct server *server, bool is_desk, int fd, const struct sockaddr_storage *peer);

/* The guest of a socket, or NULL for one that was never admitted. */
struct guest *guest_of(struct lws *wsi);

/* It serves a document, or waits for something. Does nothing to one that is not at the gate. */
void guest_step(struct guest *guest, enum gate_stage stage);

/* It said a valid hello. */
void guest_welcome(struct guest *guest);

/* It was told to go and is a stranger again; where the gate is full it stays what it is. */
void guest_dismiss(struct guest *guest);

/* The socket is no more: frees the guest. NULL is accepted. */
void guest_gone(struct guest *guest);

/* Shows out who is overdue at either gate; every place is looked at once a second. */
void guest_sweep(struct server *server);

/* What tells one address from another, for limits by address; never 0. */
uint64_t guest_address_key(const struct guest *guest);

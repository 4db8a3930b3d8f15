#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A server of minping.v1 that a test plays by hand: it accepts, keeps what it hears, and sends and
 * closes only when it is told to. Single-threaded: fake_server_turn() does what waits.
 */
#define FAKE_HEARD_MAX 256
#define FAKE_HEARD_SIZE 512

struct fake_server;

/* port 0: a free one. NULL: it could not listen. */
struct fake_server *fake_server_create(uint16_t port);
void fake_server_destroy(struct fake_server *server);
uint16_t fake_server_port(const struct fake_server *server);

void fake_server_turn(struct fake_server *server);

/* Messages heard on all connections, in order, and WebSockets accepted so far and open now. */
uint32_t fake_server_heard_count(const struct fake_server *server);
const char *fake_server_heard(const struct fake_server *server, uint32_t index);
uint32_t fake_server_accepted(const struct fake_server *server);
uint32_t fake_server_open(const struct fake_server *server);
void fake_server_forget(struct fake_server *server);

/* Sends a text to the newest connection; in pieces of `piece` bytes where it is not 0. */
void fake_server_send(struct fake_server *server, const char *text, size_t piece);
/* Closes every connection. */
void fake_server_hang_up(struct fake_server *server);

/* What GET answers; 0: it never answers. And the Authorization header of the last GET. */
void fake_server_document(struct fake_server *server, int http_status, const char *body);
const char *fake_server_bearer(const struct fake_server *server);
